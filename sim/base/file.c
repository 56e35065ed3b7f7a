/* file.c - see file.h. */
#include "sim/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#    include <linux/fs.h>
#endif
#include <zlib.h>
#include <zstd.h>

#include "sim/base/check.h"
#include "sim/base/guard.h"
#include "sim/base/mem.h"
#include "sim/base/tar.h"

#ifdef RENAME_EXCHANGE
/* Of the C library since glibc 2.28, whose header shows it with its own extensions only. */
extern int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
#endif

enum { WRITE_AT_LEAST = 1 << 18, READ_AT_ONCE = 1 << 18 };

/* So much of a plain file is looked at before room is made for the rest of it. */
#define READ_FIRST ((size_t)16 << 20)

void file_release(struct file *file)
{
    free(file->bytes);
    *file = (struct file){0};
}

static bool starts_with(struct view v, const char *magic, size_t length)
{
    return v.length >= length && memcmp(v.at, magic, length) == 0;
}

static bool is_gzip(struct view v)
{
    return starts_with(v, "\x1f\x8b", 2);
}

static bool is_zstd(struct view v)
{
    return starts_with(v, "\x28\xb5\x2f\xfd", 4);
}

static bool too_large(const char *name, size_t most_bytes, struct err *err)
{
    return err_set(err, ERR_FORMAT, 0, "%s: more than %zu bytes of content; expected fewer", name,
                   most_bytes);
}

/* -- unpacking ------------------------------------------------------------------------------- */

/* Is what came out of an archive of `packed` bytes so far something to go on with? */
static bool unpacked_is_fine(struct guard *guard, size_t packed, const struct text *text,
                             const char *name, size_t most_bytes, struct err *err)
{
    struct view view = {text->bytes, text->length};
    return (text->length <= most_bytes || too_large(name, most_bytes, err)) &&
           guard_ratio(packed, text->length, name, err) && guard_look(guard, view, name, err);
}

/* Several gzip members may follow each other; they are one text (RFC 1952, section 2.2). */
static bool unpack_gzip(struct view packed, const char *name, size_t most_bytes, struct text *out,
                        struct err *err)
{
    z_stream stream = {0};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) {
        return err_set(err, ERR_IO, 0, "%s: zlib cannot start", name);
    }
    const char *problem = NULL;
    const char *end = packed.at + packed.length;
    const char *at = packed.at;
    char *buffer = mem_alloc(READ_AT_ONCE, 1);
    int code = Z_OK;
    struct guard guard = {0};
    bool ok = true;
    while (ok && problem == NULL && (code != Z_STREAM_END || at < end)) {
        if (code == Z_STREAM_END) {
            (void)inflateReset(&stream);
        }
        size_t left = (size_t)(end - at);
        uInt piece = left > INT32_MAX ? INT32_MAX : (uInt)left;
        stream.next_in = (const Bytef *)at;
        stream.avail_in = piece;
        stream.next_out = (Bytef *)buffer;
        stream.avail_out = READ_AT_ONCE;
        code = inflate(&stream, Z_NO_FLUSH);
        at += piece - stream.avail_in;
        text_add_bytes(out, buffer, READ_AT_ONCE - stream.avail_out);
        if (code == Z_BUF_ERROR || (code == Z_OK && at == end && stream.avail_out > 0)) {
            problem = "the gzip data end too early";
        } else if (code != Z_OK && code != Z_STREAM_END) {
            problem = "not valid gzip data";
        } else {
            ok = unpacked_is_fine(&guard, packed.length, out, name, most_bytes, err);
        }
    }
    free(buffer);
    (void)inflateEnd(&stream);
    return ok && (problem == NULL || err_set(err, ERR_FORMAT, 0, "%s: %s", name, problem));
}

static bool unpack_zstd(struct view packed, const char *name, size_t most_bytes, struct text *out,
                        struct err *err)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    CHECK(context != NULL);
    char *buffer = mem_alloc(READ_AT_ONCE, 1);
    ZSTD_inBuffer in = {packed.at, packed.length, 0};
    size_t code = 1;
    bool full = false;
    struct guard guard = {0};
    bool ok = true;
    while (ok && !ZSTD_isError(code) && (in.pos < in.size || full)) {
        ZSTD_outBuffer piece = {buffer, READ_AT_ONCE, 0};
        code = ZSTD_decompressStream(context, &piece, &in);
        /* At the end of a frame nothing is kept back, and asking on would begin another frame. */
        full = piece.pos == piece.size && code != 0;
        text_add_bytes(out, buffer, piece.pos);
        ok = unpacked_is_fine(&guard, packed.length, out, name, most_bytes, err);
    }
    free(buffer);
    (void)ZSTD_freeDCtx(context);
    if (!ok) {
        return false;
    }
    if (ZSTD_isError(code)) {
        return err_set(err, ERR_FORMAT, 0, "%s: not valid zstd data (%s)", name,
                       ZSTD_getErrorName(code));
    }
    return code == 0 || err_set(err, ERR_FORMAT, 0, "%s: the zstd data end too early", name);
}

/* Makes of a tar archive its only file; any other text stays as it is. */
static bool unpack_tar(struct text *text, const char *name, struct err *err)
{
    struct guard guard = {0};
    if (!tar_detect((struct view){text->bytes, text->length})) {
        return true;
    }
    return tar_keep_file(text, name, err) &&
           guard_look(&guard, (struct view){text->bytes, text->length}, name, err);
}

/* Takes over the bytes of `raw` when they are plain text, else unpacks and frees them. */
static bool unpack(struct text *raw, const char *name, size_t most_bytes, struct file *out,
                   struct err *err)
{
    struct text plain = {0};
    struct view packed = {raw->bytes, raw->length};
    bool ok = true;
    if (is_gzip(packed)) {
        ok = unpack_gzip(packed, name, most_bytes, &plain, err);
    } else if (is_zstd(packed)) {
        ok = unpack_zstd(packed, name, most_bytes, &plain, err);
    } else {
        struct guard guard = {0};
        plain = *raw;
        *raw = (struct text){0};
        ok = (plain.length <= most_bytes || too_large(name, most_bytes, err)) &&
             guard_look(&guard, packed, name, err);
    }
    text_release(raw);
    if (!ok) {
        text_release(&plain);
        return false;
    }
    text_add_bytes(&plain, "", 0);
    if (!unpack_tar(&plain, name, err)) {
        text_release(&plain);
        return false;
    }
    out->bytes = plain.bytes;
    out->length = plain.length;
    digest_bytes(out->bytes, out->length, out->digest);
    return true;
}

bool file_unpack(const void *bytes, size_t length, const char *name, size_t most_bytes,
                 struct file *out, struct err *err)
{
    struct text raw = {0};
    text_add_bytes(&raw, bytes, length);
    return unpack(&raw, name, most_bytes, out, err);
}

/* -- reading --------------------------------------------------------------------------------- */

/* Room for the next piece, with a byte for the NUL to spare; for all that is expected at once when
 * there is none left. Returns how much. */
static size_t make_room(struct text *out, size_t expected)
{
    if (out->capacity - out->length < 2) {
        size_t wanted = out->length + READ_AT_ONCE + 1;
        wanted = wanted < expected + 2 ? expected + 2 : wanted;
        out->bytes = mem_grow(out->bytes, &out->capacity, wanted, 1);
    }
    size_t room = out->capacity - out->length - 1;
    return room < READ_AT_ONCE ? room : READ_AT_ONCE;
}

static bool read_fd(int fd, const char *name, size_t most_bytes, struct text *out, struct err *err)
{
    struct stat info;
    bool known = fstat(fd, &info) == 0;
    if (known && S_ISDIR(info.st_mode)) {
        return err_set(err, ERR_FORMAT, 0, "%s: is a folder; expected a file", name);
    }
    size_t expected = known && info.st_size > 0 ? (size_t)info.st_size : 0;
    if (expected > most_bytes) {
        return too_large(name, most_bytes, err);
    }
    /* One byte more than expected, so that the end is seen without growing; one for the NUL. */
    size_t first = expected < READ_FIRST ? expected : READ_FIRST;
    out->bytes = mem_grow(out->bytes, &out->capacity, first + 2, 1);
    struct guard guard = {0};
    for (;;) {
        size_t room = make_room(out, expected);
        ssize_t got = read(fd, out->bytes + out->length, room);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return err_set(err, ERR_IO, 0, "%s: %s", name, strerror(errno));
        }
        if (got == 0) {
            return true;
        }
        out->length += (size_t)got;
        if (out->length > most_bytes) {
            return too_large(name, most_bytes, err);
        }
        /* Archives are looked at when they are unpacked; the first bytes tell which. */
        struct view view = {out->bytes, out->length};
        bool is_plain = view.length >= 4 && !is_gzip(view) && !is_zstd(view);
        if (is_plain && !guard_look(&guard, view, name, err)) {
            return false;
        }
    }
}

bool file_read(const char *path, size_t most_bytes, struct file *out, struct err *err)
{
    CHECK(path != NULL && out != NULL);
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return err_set(err, ERR_USAGE, 0, "%s: cannot be read: %s", path, strerror(errno));
    }
    struct text raw = {0};
    bool ok = read_fd(fd, standard ? "standard input" : path, most_bytes, &raw, err);
    if (!standard) {
        (void)close(fd);
    }
    if (!ok) {
        text_release(&raw);
        return false;
    }
    return unpack(&raw, standard ? "standard input" : path, most_bytes, out, err);
}

/* -- writing --------------------------------------------------------------------------------- */

/* `a` and `b` one behind the other, freed by the caller. */
static char *joined(const char *a, const char *b)
{
    struct text text = {0};
    text_add(&text, a);
    text_add(&text, b);
    return text.bytes;
}

bool out_file_open(struct out_file *out, const char *path, struct err *err)
{
    *out = (struct out_file){.path = joined(path, ""), .temporary = joined(path, ".tmp")};
    out->fd = open(out->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out->fd < 0) {
        (void)err_set(err, ERR_IO, 0, "%s: cannot be written: %s", path, strerror(errno));
        free(out->path);
        free(out->temporary);
        return false;
    }
    return true;
}

void out_file_open_stdout(struct out_file *out)
{
    *out = (struct out_file){.path = joined("standard output", ""), .fd = STDOUT_FILENO};
}

static void write_all(struct out_file *out)
{
    size_t done = 0;
    while (done < out->text.length && out->problem == 0) {
        ssize_t wrote = write(out->fd, out->text.bytes + done, out->text.length - done);
        if (wrote >= 0) {
            done += (size_t)wrote;
        } else if (errno != EINTR) {
            out->problem = errno;
        }
    }
    text_clear(&out->text);
}

void out_file_flush_if_large(struct out_file *out)
{
    if (out->text.length >= WRITE_AT_LEAST) {
        write_all(out);
    }
}

static void out_file_forget(struct out_file *out)
{
    text_release(&out->text);
    free(out->path);
    free(out->temporary);
    *out = (struct out_file){.fd = -1};
}

bool out_file_close(struct out_file *out, struct err *err)
{
    write_all(out);
    int problem = out->problem;
    bool named = out->temporary != NULL;
    if (named && close(out->fd) != 0 && problem == 0) {
        problem = errno;
    }
    if (named && problem == 0 && rename(out->temporary, out->path) != 0) {
        problem = errno;
    }
    if (problem != 0) {
        (void)err_set(err, ERR_IO, 0, "%s: cannot be written: %s", out->path, strerror(problem));
    }
    if (named && problem != 0) {
        (void)unlink(out->temporary);
    }
    out_file_forget(out);
    return problem == 0;
}

void out_file_abandon(struct out_file *out)
{
    if (out->temporary != NULL) {
        (void)close(out->fd);
        (void)unlink(out->temporary);
    }
    out_file_forget(out);
}

bool file_write(const char *path, struct view content, struct err *err)
{
    struct out_file out;
    if (!out_file_open(&out, path, err)) {
        return false;
    }
    text_add_bytes(&out.text, content.at, content.length);
    return out_file_close(&out, err);
}

/* -- folders --------------------------------------------------------------------------------- */

bool file_remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return false;
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    (void)closedir(folder);
    return rmdir(path) == 0;
}

/* One with a file run.json and no folders in it: what remove_folder removes entirely. */
static bool is_results_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return false;
    }
    bool marked = false;
    bool nested = false;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        marked = marked || strcmp(entry->d_name, "run.json") == 0;
        nested = nested || fstatat(dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
                 S_ISDIR(info.st_mode);
    }
    (void)closedir(folder);
    return marked && !nested;
}

/* May a results folder get this name? A link is refused, because renaming would hit the link and
 * removing what it points to. */
static bool may_be_named(const char *path, struct err *err)
{
    struct stat info;
    if (path[0] == '\0') {
        return err_set(err, ERR_USAGE, 0, "the name of the results folder is empty");
    }
    if (lstat(path, &info) != 0) {
        return errno == ENOENT ||
               err_set(err, ERR_USAGE, 0, "%s: cannot be made: %s", path, strerror(errno));
    }
    const char *last = strrchr(path, '/');
    last = last == NULL ? path : last + 1;
    bool dots = strcmp(last, ".") == 0 || strcmp(last, "..") == 0;
    return (S_ISDIR(info.st_mode) && !dots && is_results_folder(path)) ||
           err_set(err, ERR_USAGE, 0, "%s: exists and is not a results folder; expected a new name",
                   path);
}

enum { MOST_LEFTOVERS = 1000 };

/* A new empty folder beside `path`. Its name has the process in it, and a number that is raised
 * while the name is taken: a run that was killed leaves its unfinished folder behind, and in
 * containers all runs have the same process number. NULL with errno set when it cannot be made. */
static char *make_unfinished(const char *path)
{
    for (int i = 0; i < MOST_LEFTOVERS; i++) {
        struct text name = {0};
        text_addf(&name, "%s.partial-%ld-%d", path, (long)getpid(), i);
        if (mkdir(name.bytes, 0777) == 0) {
            return name.bytes;
        }
        int problem = errno;
        text_release(&name);
        errno = problem;
        if (problem != EEXIST) {
            break;
        }
    }
    return NULL;
}

bool out_folder_open(struct out_folder *out, const char *path, struct err *err)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') {
        length--;
    }
    char *plain = mem_copy_text(path, length);
    if (!may_be_named(plain, err)) {
        free(plain);
        return false;
    }
    char *temporary = make_unfinished(plain);
    if (temporary == NULL) {
        (void)err_set(err, ERR_IO, 0, "%s: cannot be made: %s", plain, strerror(errno));
        free(plain);
        return false;
    }
    *out = (struct out_folder){plain, temporary};
    return true;
}

char *out_folder_file(const struct out_folder *out, const char *name)
{
    struct text text = {0};
    text_addf(&text, "%s/%s", out->temporary, name);
    return text.bytes;
}

static void out_folder_forget(struct out_folder *out)
{
    free(out->path);
    free(out->temporary);
    *out = (struct out_folder){0};
}

/* Two folders swap their names in one step, so that at no moment one of the names is missing. False
 * with errno set where the system or the file system cannot. */
static bool swap_names(const char *a, const char *b)
{
#ifdef RENAME_EXCHANGE
    return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) == 0;
#else
    (void)a;
    (void)b;
    errno = ENOSYS;
    return false;
#endif
}

/* For where names cannot be swapped: who is killed between the two steps leaves both folders whole,
 * the old one with ".old" behind the name of the unfinished one. */
static bool replace_in_two_steps(const struct out_folder *out)
{
    char *aside = joined(out->temporary, ".old");
    bool moved = rename(out->path, aside) == 0;
    bool ok = moved && rename(out->temporary, out->path) == 0;
    int problem = errno;
    if (moved) {
        (void)(ok ? file_remove_folder(aside) : rename(aside, out->path) == 0);
    }
    free(aside);
    errno = problem;
    return ok;
}

bool out_folder_close(struct out_folder *out, struct err *err)
{
    bool ok = false;
    if (!is_results_folder(out->path)) {
        ok = rename(out->temporary, out->path) == 0;
    } else if (swap_names(out->temporary, out->path)) {
        ok = true;
        (void)file_remove_folder(out->temporary); /* the old one has this name now */
    } else {
        ok = replace_in_two_steps(out);
    }
    if (!ok) {
        (void)err_set(err, ERR_IO, 0, "%s: cannot be named: %s", out->path, strerror(errno));
        (void)file_remove_folder(out->temporary);
    }
    out_folder_forget(out);
    return ok;
}

void out_folder_abandon(struct out_folder *out)
{
    (void)file_remove_folder(out->temporary);
    out_folder_forget(out);
}
