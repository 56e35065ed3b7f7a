/*
 * fuzz_journal.c - the file from which an interrupted run goes on: records of any kind and length
 * with the digests that belong to them, then any bytes. It is taken up to its first record that is
 * not whole, and an engine that goes on with it sees results or an error; what it adds is found
 * again. Nobody says that berth wrote it.
 *
 * Bytes: 'R' or not (does it begin with this run?), then for each record kind, count of values (8
 * at most) and values of a byte each; 255 for the kind ends them, and the rest is put behind.
 */
#include <stdint.h>

#include "fuzz_folder.h"
#include "sim/base/digest.h"
#include "sim/cli/journal.h"
#include "sim/cli/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_VALUES = 8, END = 255, MOST_INSTANTS = 40, MOST_BEGIN = 1024 };

/* Takes the place of the one that reads the whole program: that takes long. */
bool program_digest(uint64_t *value, struct err *err)
{
    (void)err;
    *value = 7;
    return true;
}

static uint8_t take(const uint8_t **at, const uint8_t *end)
{
    return *at < end ? *(*at)++ : END;
}

static void add_words(struct text *out, struct digest *digest, const int64_t *words, size_t count)
{
    digest_add_i64(digest, words, count);
    uint64_t value = digest_value(digest);
    text_add_bytes(out, (const char *)words, count * sizeof(*words));
    text_add_bytes(out, (const char *)&value, sizeof(value));
}

/* `begin`: the first record of a file of this run. */
static void make_file(const uint8_t *data, size_t size, struct view begin, struct text *out)
{
    const uint8_t *end = data + size;
    struct digest *digest = digest_new();
    if (take(&data, end) == 'R') {
        size_t count = begin.length / sizeof(int64_t) - 1;
        int64_t *words = mem_alloc(count, sizeof(*words));
        memcpy(words, begin.at, count * sizeof(*words));
        add_words(out, digest, words, count);
        free(words);
    }
    for (uint8_t kind = take(&data, end); kind != END; kind = take(&data, end)) {
        int64_t words[2 + MOST_VALUES] = {kind, take(&data, end) % (MOST_VALUES + 1)};
        for (int64_t i = 0; i < words[1]; i++) {
            words[2 + i] = take(&data, end);
        }
        add_words(out, digest, words, 2 + (size_t)words[1]);
    }
    text_add_bytes(out, (const char *)data, (size_t)(end - data));
    digest_free(digest);
}

/* Like an engine: asks for results, and after every instant whether a mark is due. False when the
 * journal says that this is another run. */
static bool go_on(struct journal *journal, uint32_t instants)
{
    const struct engine_journal *calls = journal_for_engine(journal);
    struct err err = {0};
    for (uint32_t i = 0; i < instants; i++) {
        const int64_t *values = NULL;
        size_t count = 0;
        int64_t sum = 0;
        if (i % 3 == 1 && calls->recall(calls->self, &values, &count)) {
            for (size_t k = 0; k < count; k++) {
                sum ^= values[k];
            }
        } else if (i % 3 == 1) {
            sum = i;
            calls->remember(calls->self, &sum, 1);
        }
        if (calls->is_due(calls->self) && !calls->mark(calls->self, i + 1, i * 5, &err)) {
            CHECK(err.code == ERR_IO && err.msg[0] != '\0');
            return false;
        }
    }
    return true;
}

static void put_file(const char *folder, const uint8_t *data, size_t size)
{
    char begin[MOST_BEGIN];
    char *path = fuzz_folder_path(folder, "out.checkpoint");
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    size_t length = fread(begin, 1, sizeof(begin), file);
    CHECK(length > 0 && length < sizeof(begin) && fclose(file) == 0);
    struct text made = {0};
    make_file(data, size, (struct view){begin, length}, &made);
    fuzz_folder_put(folder, "out.checkpoint", (struct view){made.bytes, made.length});
    text_release(&made);
    free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *folder = fuzz_folder_make();
    char *name = fuzz_folder_path(folder, "out");
    json_t *run = json_pack("{s:i}", "seed", 1);
    struct err err = {0};
    struct journal_terms terms = {.folder = name, .run = run, .every_us = 0};
    struct journal *journal = journal_open(&terms, &err);
    CHECK(journal != NULL && !journal_resumes(journal));
    journal_close(journal, false);
    put_file(folder, data, size);

    terms.resume = true;
    journal = journal_open(&terms, &err);
    if (journal == NULL) {
        CHECK(err.code == ERR_USAGE && err.msg[0] != '\0');
    } else {
        bool whole = go_on(journal, MOST_INSTANTS);
        journal_close(journal, false);
        journal = journal_open(&terms, &err);
        CHECK(journal != NULL && journal_resumes(journal));
        CHECK(go_on(journal, MOST_INSTANTS) == whole);
        journal_close(journal, true);
    }
    json_decref(run);
    free(name);
    fuzz_folder_remove(folder);
    return 0;
}
