/*
 * file.h - whole files in, whole files out.
 *
 * Input is plain text, gzip or zstd, told apart by its first bytes, from a path or from standard
 * input ("-"); a tar archive of one file is read as that file. Output is written beside its final
 * name and renamed when it is complete, so nothing half-written ever carries the name a user asked
 * for.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/digest.h"
#include "sim/base/err.h"
#include "sim/base/text.h"

/* What an unpacked input may have at most, unless the caller says otherwise: a small archive that
 * unpacks to more than this is taken for an attack or an accident. */
#define FILE_MOST_BYTES ((size_t)8 << 30)

struct file {
    char *bytes; /* unpacked, with a NUL behind them */
    size_t length;
    char digest[DIGEST_TEXT]; /* of the unpacked bytes */
    const char *path; /* the caller's, where the text was read from; NULL: from memory. Formats of
                         several tables look for the others beside it. */
};

/* Reads `path`, or standard input for "-", unpacking it. At most `most_bytes` of unpacked content.
 * What no input of ours can be is refused while it arrives (guard.h): a NUL byte, a line of
 * megabytes, an archive that unpacks to a hundred times its size. On success the caller frees with
 * file_release. Errors name the file. Cost: linear. */
bool file_read(const char *path, size_t most_bytes, struct file *out, struct err *err);
void file_release(struct file *file);

/* Unpacks `length` bytes that were read already; `name` is for messages. */
bool file_unpack(const void *bytes, size_t length, const char *name, size_t most_bytes,
                 struct file *out, struct err *err);

/* A file being written: text is added to `text` and goes to disk in large pieces. */
struct out_file {
    struct text text;
    int fd;
    int problem; /* errno of the first write that was refused, else 0; said at the end */
    char *path;
    char *temporary; /* NULL: standard output */
};

/* The same for standard output, of which nothing can be taken back. */
void out_file_open_stdout(struct out_file *out);

/* Opens `path`.tmp for writing. Each out_file_open that succeeds is followed by exactly one
 * out_file_close or out_file_abandon. */
bool out_file_open(struct out_file *out, const char *path, struct err *err);

/* To be called now and then, between additions: writes when enough text has come together. */
void out_file_flush_if_large(struct out_file *out);

/* Writes the rest, and gives the file its name. */
bool out_file_close(struct out_file *out, struct err *err);

/* Removes what was written. */
void out_file_abandon(struct out_file *out);

/* Writes a whole file at once, beside and then renamed. */
bool file_write(const char *path, struct view content, struct err *err);

/* Removes a folder and the files in it; false when it is not there, or stays because of a
 * folder in it. */
bool file_remove_folder(const char *path);

/* A folder being filled, under a name of its own until it is complete. */
struct out_folder {
    char *path;      /* the final name */
    char *temporary; /* where the files are written meanwhile */
};

/* Makes an empty folder beside `path`. `path` must not exist, or be a results folder: one with a
 * file run.json in it and no folders. That one is replaced, with all its files, by
 * out_folder_close. */
bool out_folder_open(struct out_folder *out, const char *path, struct err *err);

/* The path of `name` in the unfinished folder; freed by the caller with free(). */
char *out_folder_file(const struct out_folder *out, const char *name);

/* Gives the folder its name. On failure it is removed like in out_folder_abandon, and a folder that
 * it was to replace is there as before. */
bool out_folder_close(struct out_folder *out, struct err *err);

/* Removes the unfinished folder and the files in it. */
void out_folder_abandon(struct out_folder *out);

#endif
