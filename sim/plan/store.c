/* store.c - see store.h. */
#include "sim/plan/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/check.h"
#include "sim/base/names.h"
#include "sim/base/text.h"
#include "sim/base/vec.h"

enum { KEY_LENGTH = DIGEST_TEXT - 1, MOST_NUMBERS = 4096 };

struct numbers {
    double *values;
    size_t count;
};

struct plan_store {
    char *path; /* NULL: in memory only */
    int fd;
    struct names keys;
    VEC(struct numbers) runs; /* by number of the key */
    size_t found;
};

static void keep(struct plan_store *store, struct view key, const double *numbers, size_t count)
{
    bool is_new = false;
    uint32_t number = names_add(&store->keys, key, &is_new);
    if (is_new) {
        struct numbers run = {mem_alloc(count, sizeof(double)), count};
        memcpy(run.values, numbers, count * sizeof(double));
        vec_push(&store->runs, run);
        CHECK(number + 1 == store->runs.count);
    }
}

/* -- lines ----------------------------------------------------------------------------------- */

/* "KEY HEX HEX ... =DIGEST": numbers as the bits they are, so that nothing is rounded. */
static void add_line(struct text *out, const char *key, const double *numbers, size_t count)
{
    size_t first = out->length;
    text_add(out, key);
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = 0;
        memcpy(&bits, &numbers[i], sizeof(bits));
        text_addf(out, " %" PRIx64, bits);
    }
    char digest[DIGEST_TEXT];
    digest_bytes(out->bytes + first, out->length - first, digest);
    text_addf(out, " =%s\n", digest);
}

/* Takes in a line; false: it is not one of ours, or not whole. */
static bool take_line(struct plan_store *store, struct view line)
{
    const char *mark = memchr(line.at, '=', line.length);
    char digest[DIGEST_TEXT];
    if (mark == NULL || mark == line.at || (size_t)(line.at + line.length - mark) != DIGEST_TEXT) {
        return false;
    }
    digest_bytes(line.at, (size_t)(mark - line.at) - 1, digest);
    if (memcmp(mark + 1, digest, DIGEST_TEXT - 1) != 0 || mark - line.at <= KEY_LENGTH) {
        return false;
    }
    double numbers[MOST_NUMBERS];
    size_t count = 0;
    const char *at = line.at + KEY_LENGTH;
    while (*at == ' ' && at + 1 < mark && count < MOST_NUMBERS) {
        char *end = NULL;
        uint64_t bits = strtoull(at + 1, &end, 16);
        memcpy(&numbers[count++], &bits, sizeof(bits));
        at = end;
    }
    keep(store, (struct view){line.at, KEY_LENGTH}, numbers, count);
    return true;
}

/* -- the file -------------------------------------------------------------------------------- */

static bool refuse(const struct plan_store *store, const char *what, struct err *err)
{
    return err_set(err, ERR_IO, 0, "%s: cannot be %s: %s", store->path, what, strerror(errno));
}

static bool read_all(struct plan_store *store, struct text *out, struct err *err)
{
    char bytes[65536];
    ssize_t got = read(store->fd, bytes, sizeof(bytes));
    while (got > 0 || (got < 0 && errno == EINTR)) {
        text_add_bytes(out, bytes, got > 0 ? (size_t)got : 0);
        got = read(store->fd, bytes, sizeof(bytes));
    }
    return got == 0 || refuse(store, "read", err);
}

/* What is there; what a kill left of a last line is cut off. */
static bool take_up(struct plan_store *store, struct err *err)
{
    struct text text = {0};
    if (!read_all(store, &text, err)) {
        text_release(&text);
        return false;
    }
    size_t whole = 0;
    size_t lines = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] == '\n') {
            (void)take_line(store, (struct view){text.bytes + whole, i - whole});
            whole = i + 1;
            lines++;
        }
    }
    bool foreign = lines > 0 && store->runs.count == 0;
    text_release(&text);
    store->found = store->runs.count;
    if (foreign) {
        return err_set(err, ERR_FORMAT, 0,
                       "%s: has %zu lines and no run in them; name another file", store->path,
                       lines);
    }
    return (ftruncate(store->fd, (off_t)whole) == 0 && lseek(store->fd, 0, SEEK_END) >= 0) ||
           refuse(store, "written", err);
}

static bool open_file(struct plan_store *store, struct err *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    store->fd = open(store->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (store->fd < 0) {
        return refuse(store, "opened", err);
    }
    if (fcntl(store->fd, F_SETLK, &whole) != 0) {
        return err_set(err, ERR_IO, 0, "%s: another berth writes it", store->path);
    }
    return take_up(store, err);
}

struct plan_store *plan_store_open(const char *path, struct err *err)
{
    struct plan_store *store = mem_alloc(1, sizeof(*store));
    store->fd = -1;
    if (path != NULL) {
        store->path = mem_copy_text(path, strlen(path));
        if (!open_file(store, err)) {
            plan_store_close(store);
            return NULL;
        }
    }
    return store;
}

void plan_store_close(struct plan_store *store)
{
    if (store == NULL) {
        return;
    }
    if (store->fd >= 0) {
        (void)close(store->fd);
    }
    for (size_t i = 0; i < store->runs.count; i++) {
        free(store->runs.items[i].values);
    }
    vec_release(&store->runs);
    names_release(&store->keys);
    free(store->path);
    free(store);
}

const double *plan_store_find(const struct plan_store *store, const char *key, size_t count)
{
    uint32_t number = names_find(&store->keys, view_of(key));
    return number == NAMES_NONE || store->runs.items[number].count != count
               ? NULL
               : store->runs.items[number].values;
}

static bool write_all(const struct plan_store *store, const struct text *text, struct err *err)
{
    size_t done = 0;
    while (done < text->length) {
        ssize_t wrote = write(store->fd, text->bytes + done, text->length - done);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return refuse(store, "written", err);
        }
        done += (size_t)wrote;
    }
    return true;
}

bool plan_store_add(struct plan_store *store, const char *key, const double *numbers, size_t count,
                    struct err *err)
{
    CHECK(count <= MOST_NUMBERS && strlen(key) == KEY_LENGTH);
    keep(store, view_of(key), numbers, count);
    if (store->fd < 0) {
        return true;
    }
    struct text line = {0};
    add_line(&line, key, numbers, count);
    bool ok = write_all(store, &line, err);
    text_release(&line);
    return ok;
}

size_t plan_store_found(const struct plan_store *store)
{
    return store->found;
}
