/* in_file.c - see in_file.h. */
#include "sim/base/in_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#include "sim/base/check.h"
#include "sim/base/guard.h"
#include "sim/base/mem.h"

enum { PIECE = 1 << 18, MAGIC = 4 };

enum packing { PLAIN, GZIP, ZSTD };

struct in_file {
    int fd;
    enum packing packing;
    size_t packed_bytes;   /* of the whole file */
    size_t unpacked_bytes; /* so far */
    bool is_complete;      /* the archive may end here */
    bool is_full;          /* the unpacker may hold back more than it gave */
    z_stream gzip;
    ZSTD_DCtx *zstd;
    size_t from, to; /* of `in`: what was read and not yet unpacked */
    char in[PIECE];
    char out[PIECE];
};

/* Reads on into `in`, which is empty; false when it cannot. */
static bool fill(struct in_file *file)
{
    ssize_t got = 0;
    do {
        got = read(file->fd, file->in, PIECE);
    } while (got < 0 && errno == EINTR);
    file->from = 0;
    file->to = got > 0 ? (size_t)got : 0;
    return got >= 0;
}

static enum packing packing_of(const struct in_file *file)
{
    size_t length = file->to;
    if (length >= 2 && memcmp(file->in, "\x1f\x8b", 2) == 0) {
        return GZIP;
    }
    return length >= MAGIC && memcmp(file->in, "\x28\xb5\x2f\xfd", MAGIC) == 0 ? ZSTD : PLAIN;
}

struct in_file *in_file_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0) {
        return NULL;
    }
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        (void)close(fd);
        return NULL;
    }
    struct in_file *file = mem_alloc(1, sizeof(*file));
    file->fd = fd;
    file->packed_bytes = (size_t)info.st_size;
    if (!fill(file)) {
        in_file_free(file);
        return NULL;
    }
    file->packing = packing_of(file);
    if (file->packing == GZIP) {
        CHECK(inflateInit2(&file->gzip, 15 + 16) == Z_OK);
    } else if (file->packing == ZSTD) {
        file->zstd = ZSTD_createDCtx();
        CHECK(file->zstd != NULL);
    }
    return file;
}

void in_file_free(struct in_file *file)
{
    if (file == NULL) {
        return;
    }
    if (file->packing == GZIP) {
        (void)inflateEnd(&file->gzip);
    }
    (void)ZSTD_freeDCtx(file->zstd);
    (void)close(file->fd);
    free(file);
}

/* Unpacks from `in` to `out`; how many bytes came, or -1. Members follow each other as one text. */
static ssize_t unpack_gzip(struct in_file *file)
{
    if (file->is_complete) {
        (void)inflateReset(&file->gzip);
    }
    file->gzip.next_in = (const Bytef *)file->in + file->from;
    file->gzip.avail_in = (uInt)(file->to - file->from);
    file->gzip.next_out = (Bytef *)file->out;
    file->gzip.avail_out = PIECE;
    int code = inflate(&file->gzip, Z_NO_FLUSH);
    file->from = file->to - file->gzip.avail_in;
    file->is_complete = code == Z_STREAM_END;
    file->is_full = file->gzip.avail_out == 0 && !file->is_complete;
    return code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR
               ? PIECE - (ssize_t)file->gzip.avail_out
               : -1;
}

static ssize_t unpack_zstd(struct in_file *file)
{
    ZSTD_inBuffer in = {file->in, file->to, file->from};
    ZSTD_outBuffer out = {file->out, PIECE, 0};
    size_t code = ZSTD_decompressStream(file->zstd, &out, &in);
    file->from = in.pos;
    file->is_complete = code == 0;
    file->is_full = out.pos == out.size && !file->is_complete;
    return ZSTD_isError(code) ? -1 : (ssize_t)out.pos;
}

enum in_file_result in_file_read(struct in_file *file, struct text *out)
{
    if (file->from == file->to && !file->is_full && !fill(file)) {
        return IN_FILE_BAD;
    }
    if (file->from == file->to && !file->is_full) {
        return file->packing == PLAIN || file->is_complete ? IN_FILE_END : IN_FILE_BAD;
    }
    const char *bytes = file->out;
    ssize_t count = 0;
    if (file->packing == PLAIN) {
        bytes = file->in + file->from;
        count = (ssize_t)(file->to - file->from);
        file->from = file->to;
    } else {
        count = file->packing == GZIP ? unpack_gzip(file) : unpack_zstd(file);
    }
    if (count < 0 || memchr(bytes, '\0', (size_t)count) != NULL) {
        return IN_FILE_BAD;
    }
    file->unpacked_bytes += (size_t)count;
    text_add_bytes(out, bytes, (size_t)count);
    bool is_bomb = file->packing != PLAIN && file->unpacked_bytes > GUARD_ANY_RATIO &&
                   file->unpacked_bytes / GUARD_MOST_RATIO > file->packed_bytes;
    return is_bomb ? IN_FILE_BAD : IN_FILE_MORE;
}
