/* journal.c - see journal.h. */
#include "sim/cli/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/check.h"
#include "sim/base/digest.h"
#include "sim/base/text.h"
#include "sim/base/vec.h"
#include "sim/cli/program.h"
#include "sim/cli/progress.h"

/* A record: kind, count of values, values, digest of everything up to here. */
enum { KIND_RUN = 1, KIND_RESULT = 2, KIND_MARK = 3 };
enum { HEAD_WORDS = 2, FRAME_WORDS = 3, MARK_VALUES = 3, RUN_WORDS = 3 };

#define MAGIC INT64_C(0x6a68747265620001) /* "berthj", version 1 */

struct journal {
    char *path;
    int fd;
    int64_t every_us;
    int64_t due_us;  /* by the clock, when the next mark is made */
    int64_t *words;  /* of the file that is gone on with: */
    size_t valid;    /* so many are whole records */
    size_t at;       /* the next record; at == valid: all was recalled */
    int64_t instant; /* instants so far */
    bool is_lost;    /* recalled something out of turn: this is another run */
    bool resumes;
    struct digest *digest;
    VEC(int64_t) pending; /* records not written yet */
    struct engine_journal for_engine;
};

/* -- the file -------------------------------------------------------------------------------- */

static uint64_t frame_digest(struct journal *journal, const int64_t *words, size_t count)
{
    digest_add_i64(journal->digest, words, count);
    return digest_value(journal->digest);
}

static void append(struct journal *journal, int64_t kind, const int64_t *values, size_t count)
{
    size_t first = journal->pending.count;
    vec_push(&journal->pending, kind);
    vec_push(&journal->pending, (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        vec_push(&journal->pending, values[i]);
    }
    uint64_t digest = frame_digest(journal, journal->pending.items + first, HEAD_WORDS + count);
    int64_t bits = 0;
    memcpy(&bits, &digest, sizeof(bits));
    vec_push(&journal->pending, bits);
}

/* To the disk, not only to the system. */
static bool write_pending(struct journal *journal, struct err *err)
{
    const char *bytes = (const char *)journal->pending.items;
    size_t left = journal->pending.count * sizeof(int64_t);
    while (left > 0) {
        ssize_t wrote = write(journal->fd, bytes, left);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return err_set(err, ERR_IO, 0, "%s: cannot be written: %s", journal->path,
                           strerror(errno));
        }
        bytes += wrote;
        left -= (size_t)wrote;
    }
    vec_clear(&journal->pending);
    if (fdatasync(journal->fd) != 0) {
        return err_set(err, ERR_IO, 0, "%s: cannot be written: %s", journal->path, strerror(errno));
    }
    return true;
}

/* -- what is there already ------------------------------------------------------------------- */

static bool read_words(struct journal *journal, size_t *count, struct err *err)
{
    struct stat about;
    if (fstat(journal->fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        return err_set(err, ERR_IO, 0, "%s: is no file", journal->path);
    }
    *count = (size_t)about.st_size / sizeof(int64_t);
    journal->words = mem_alloc(*count + 1, sizeof(int64_t));
    char *to = (char *)journal->words;
    size_t left = *count * sizeof(int64_t);
    while (left > 0) {
        ssize_t got = read(journal->fd, to, left);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return err_set(err, ERR_IO, 0, "%s: cannot be read: %s", journal->path,
                           strerror(errno));
        }
        to += got;
        left -= (size_t)got;
    }
    return true;
}

/* The length of the record at `at`, or 0: it is cut, or not as it was written. */
static size_t record_words(struct journal *journal, size_t at, size_t count)
{
    const int64_t *words = journal->words + at;
    size_t left = count - at;
    if (left < FRAME_WORDS || words[1] < 0 || (uint64_t)words[1] > left - FRAME_WORDS) {
        return 0;
    }
    size_t values = (size_t)words[1];
    if (words[0] == KIND_MARK && values != MARK_VALUES) {
        return 0;
    }
    uint64_t digest = frame_digest(journal, words, HEAD_WORDS + values);
    return memcmp(&digest, &words[HEAD_WORDS + values], sizeof(digest)) == 0 ? FRAME_WORDS + values
                                                                             : 0;
}

/* The digest has taken in what is left out: it is made anew from what stays. */
static void digest_anew(struct journal *journal)
{
    digest_free(journal->digest);
    journal->digest = digest_new();
    size_t at = 0;
    while (at < journal->valid) {
        size_t values = (size_t)journal->words[at + 1];
        (void)frame_digest(journal, journal->words + at, HEAD_WORDS + values);
        at += FRAME_WORDS + values;
    }
}

static void find_valid(struct journal *journal, size_t count)
{
    size_t next = record_words(journal, 0, count);
    while (next > 0) {
        journal->valid += next;
        next = record_words(journal, journal->valid, count);
    }
    digest_anew(journal);
}

/* What is run and by which program, in whole words: magic number, digest of the program, length of
 * the text, text. */
static bool describe(const struct journal_terms *terms, int64_t **words, size_t *count,
                     struct err *err)
{
    uint64_t program = 0;
    if (!program_digest(&program, err)) {
        return false;
    }
    char *run = json_dumps(terms->run, JSON_SORT_KEYS);
    CHECK(run != NULL);
    size_t length = strlen(run);
    *count = RUN_WORDS + (length + 7) / 8;
    *words = mem_alloc(*count, sizeof(int64_t));
    (*words)[0] = MAGIC;
    memcpy(&(*words)[1], &program, sizeof(program));
    (*words)[2] = (int64_t)length;
    memcpy(*words + RUN_WORDS, run, length);
    free(run);
    return true;
}

/* Is the first record what this run would write? */
static bool is_same_run(const struct journal *journal, const int64_t *words, size_t count)
{
    return journal->words[0] == KIND_RUN && journal->words[1] == (int64_t)count &&
           memcmp(journal->words + HEAD_WORDS, words, count * sizeof(*words)) == 0;
}

static bool is_same_program(const struct journal *journal, const int64_t *words)
{
    return journal->words[0] == KIND_RUN && journal->words[1] >= RUN_WORDS &&
           memcmp(journal->words + HEAD_WORDS, words, 2 * sizeof(*words)) == 0;
}

/* Goes on with what is there, or with nothing. */
static bool take_up(struct journal *journal, const int64_t *words, size_t count, struct err *err)
{
    size_t found = 0;
    if (!read_words(journal, &found, err)) {
        return false;
    }
    find_valid(journal, found);
    if (journal->valid > 0 && !is_same_run(journal, words, count)) {
        return err_set(err, ERR_USAGE, 0,
                       "%s: is the checkpoint of another run%s; without --resume it is replaced",
                       journal->path,
                       is_same_program(journal, words) ? "" : ", or of another build of berth");
    }
    if (journal->valid > 0) {
        journal->at = FRAME_WORDS + count;
        journal->resumes = true;
    }
    return true;
}

/* -- for the engine -------------------------------------------------------------------------- */

static bool recalls(const struct journal *journal, int64_t kind)
{
    return journal->at < journal->valid && journal->words[journal->at] == kind;
}

static bool recall(void *self, const int64_t **values, size_t *count)
{
    struct journal *journal = self;
    if (!recalls(journal, KIND_RESULT)) {
        journal->is_lost = journal->is_lost || journal->at < journal->valid;
        return false;
    }
    *count = (size_t)journal->words[journal->at + 1];
    *values = journal->words + journal->at + HEAD_WORDS;
    journal->at += FRAME_WORDS + *count;
    return true;
}

static void remember(void *self, const int64_t *values, size_t count)
{
    struct journal *journal = self;
    if (!journal->is_lost) {
        append(journal, KIND_RESULT, values, count);
    }
}

static bool is_due(void *self)
{
    struct journal *journal = self;
    journal->instant++;
    if (journal->is_lost) {
        return true;
    }
    if (journal->at < journal->valid) {
        return recalls(journal, KIND_MARK) &&
               journal->words[journal->at + HEAD_WORDS] <= journal->instant;
    }
    return progress_clock_us() >= journal->due_us;
}

static bool mark(void *self, int64_t now_us, uint64_t fingerprint, struct err *err)
{
    struct journal *journal = self;
    int64_t values[MARK_VALUES] = {journal->instant, now_us, 0};
    memcpy(&values[2], &fingerprint, sizeof(fingerprint));
    if (journal->is_lost || journal->at < journal->valid) {
        if (journal->is_lost ||
            memcmp(journal->words + journal->at + HEAD_WORDS, values, sizeof(values)) != 0) {
            return err_set(err, ERR_IO, 0,
                           "%s: what was decided before does not come up again; run it anew, "
                           "without --resume",
                           journal->path);
        }
        journal->at += FRAME_WORDS + MARK_VALUES;
        return true;
    }
    append(journal, KIND_MARK, values, MARK_VALUES);
    journal->due_us = progress_clock_us() + journal->every_us;
    return write_pending(journal, err);
}

/* -- opening and closing --------------------------------------------------------------------- */

static void journal_free(struct journal *journal)
{
    if (journal->fd >= 0) {
        (void)close(journal->fd); /* gives back the lock as well */
    }
    digest_free(journal->digest);
    vec_release(&journal->pending);
    free(journal->words);
    free(journal->path);
    free(journal);
}

static bool lock(struct journal *journal, struct err *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    journal->fd = open(journal->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (journal->fd < 0) {
        return err_set(err, ERR_IO, 0, "%s: cannot be opened: %s", journal->path, strerror(errno));
    }
    return fcntl(journal->fd, F_SETLK, &whole) == 0 ||
           err_set(err, ERR_IO, 0, "%s: another berth writes it", journal->path);
}

static bool begin(struct journal *journal, const struct journal_terms *terms, struct err *err)
{
    int64_t *words = NULL;
    size_t count = 0;
    if (!lock(journal, err) || !describe(terms, &words, &count, err)) {
        return false;
    }
    bool ok = !terms->resume || take_up(journal, words, count, err);
    off_t keeps = (off_t)(journal->valid * sizeof(int64_t));
    if (ok && (ftruncate(journal->fd, keeps) != 0 || lseek(journal->fd, keeps, SEEK_SET) < 0)) {
        ok = err_set(err, ERR_IO, 0, "%s: cannot be written: %s", journal->path, strerror(errno));
    }
    if (ok && journal->valid == 0) {
        append(journal, KIND_RUN, words, count);
        ok = write_pending(journal, err);
    }
    free(words);
    return ok;
}

struct journal *journal_open(const struct journal_terms *terms, struct err *err)
{
    size_t length = strlen(terms->folder);
    while (length > 1 && terms->folder[length - 1] == '/') {
        length--;
    }
    struct text path = {0};
    text_addf(&path, "%.*s.checkpoint", (int)length, terms->folder);
    struct journal *journal = mem_alloc(1, sizeof(*journal));
    *journal = (struct journal){
        .path = path.bytes,
        .fd = -1,
        .every_us = terms->every_us,
        .due_us = progress_clock_us() + terms->every_us,
        .digest = digest_new(),
        .for_engine = {journal, recall, remember, is_due, mark},
    };
    if (!begin(journal, terms, err)) {
        journal_free(journal);
        return NULL;
    }
    return journal;
}

bool journal_resumes(const struct journal *journal)
{
    return journal->resumes;
}

const struct engine_journal *journal_for_engine(struct journal *journal)
{
    return &journal->for_engine;
}

void journal_close(struct journal *journal, bool complete)
{
    if (journal == NULL) {
        return;
    }
    struct err nobody = {0};
    if (complete) {
        (void)unlink(journal->path);
    } else if (!journal->is_lost) {
        (void)write_pending(journal, &nobody);
    }
    journal_free(journal);
}
