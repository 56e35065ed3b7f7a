/* test_journal.c - the file from which an interrupted run goes on, when somebody else wrote in it.
 */
#include <stdio.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/base/digest.h"
#include "sim/cli/journal.h"

static char place[] = "/tmp/berth-journal-XXXXXX";

static void make_place(void)
{
    cr_assert_not_null(mkdtemp(place));
    cr_assert_eq(chdir(place), 0);
}

static void remove_place(void)
{
    (void)remove("out.checkpoint");
    cr_assert_eq(rmdir(place), 0);
}

TestSuite(journal, .init = make_place, .fini = remove_place);

/* Behind the first record, one of this kind without values, with the digest that belongs to it. */
static void append_empty_record(int64_t kind)
{
    int64_t words[1024];
    FILE *file = fopen("out.checkpoint", "r+b");
    cr_assert_not_null(file);
    size_t count = fread(words, sizeof(*words), 1021, file);
    cr_assert(count > 3 && count < 1021);
    words[count] = kind;
    words[count + 1] = 0;
    struct digest *digest = digest_new();
    digest_add_i64(digest, words, count - 1);
    digest_add_i64(digest, words + count, 2);
    uint64_t value = digest_value(digest);
    memcpy(&words[count + 2], &value, sizeof(value));
    digest_free(digest);
    cr_assert_eq(fseek(file, 0, SEEK_SET), 0);
    cr_assert_eq(fwrite(words, sizeof(*words), count + 3, file), count + 3);
    cr_assert_eq(fclose(file), 0);
}

Test(journal, a_mark_without_values_is_left_out)
{
    enum { KIND_MARK = 3 };
    struct err err = {0};
    json_t *run = json_pack("{s:i}", "seed", 1);
    struct journal_terms terms = {.folder = "out", .run = run};
    journal_close(journal_open(&terms, &err), false);
    append_empty_record(KIND_MARK);

    terms.resume = true;
    struct journal *journal = journal_open(&terms, &err);
    cr_assert_not_null(journal, "%s", err.msg);
    cr_assert(journal_resumes(journal));
    const struct engine_journal *calls = journal_for_engine(journal);
    cr_assert(calls->is_due(calls->self));
    cr_assert(calls->mark(calls->self, 5, 7, &err), "%s", err.msg);
    journal_close(journal, true);
    json_decref(run);
}
