/*
 * csv.h - comma-separated text (RFC 4180), row by row, without copying.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/err.h"
#include "sim/base/view.h"

enum { CSV_MOST_FIELDS = 256 };

struct csv {
    char *at;       /* what is still to be read */
    char *end;      /* one past the last byte of the text */
    char separator; /* ',', '\t', ';' or '|' */
    bool unquoted;  /* a quote means nothing: set it after csv_init, before the first row */
    int64_t line;   /* of the row just read, from 1 */
    int64_t newlines;
    uint32_t count; /* fields of the row just read */
    struct view fields[CSV_MOST_FIELDS];
};

/* Starts at the first byte of `length` bytes at `text`, which must be writable (a quoted field is
 * unquoted where it stands) and live as long as the fields are used. A byte order mark is passed
 * over. */
void csv_init(struct csv *csv, char *text, size_t length, char separator);

/* Reads the next row that is not empty; false at the end (err->code is ERR_NONE) or when the row
 * is malformed (err is filled; the line is the first of the row). Lines end in LF or CRLF, the
 * last one may end without. Cost: the row's length. */
bool csv_next(struct csv *csv, struct err *err);

/* The column with this name in the row just read (a header), or -1. */
int csv_column(const struct csv *csv, const char *name);

#endif
