/*
 * in_file.h - a file read piece by piece, unpacked, in memory that does not grow with it.
 *
 * For readers that go over an input more than once without keeping it. What is wrong with a file is
 * not told here: file_read (file.h) reads the same files and says so.
 */
#ifndef BASE_IN_FILE_H
#define BASE_IN_FILE_H

#include <stdbool.h>

#include "sim/base/text.h"

struct in_file;

/* Opens a regular file, plain, gzip or zstd; NULL when it is none or cannot be read. Closed with
 * in_file_free, which takes NULL too. */
struct in_file *in_file_open(const char *path);
void in_file_free(struct in_file *file);

enum in_file_result {
    IN_FILE_MORE, /* some bytes were appended, maybe none */
    IN_FILE_END,  /* there is nothing left */
    IN_FILE_BAD,  /* it cannot be read or unpacked, has a NUL byte, unpacks to too much (guard.h) */
};

/* Appends the next bytes of the content, a quarter of a megabyte at the most. */
enum in_file_result in_file_read(struct in_file *file, struct text *out);

#endif
