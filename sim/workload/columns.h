/*
 * columns.h - rows of a CSV whose header names the columns: checked fields for importers.
 *
 * An importer declares the columns it knows; the header binds them, in any order. Every complaint
 * names the line, the column, what was found and what was expected.
 */
#ifndef WORKLOAD_COLUMNS_H
#define WORKLOAD_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/csv.h"
#include "sim/base/file.h"

enum { COLUMNS_MOST = 40 };

struct column {
    const char *name;
    bool required; /* the header must have it */
};

struct columns {
    struct csv csv;
    const struct column *specs;
    uint32_t header_count;    /* fields of the header; every row has as many */
    int16_t at[COLUMNS_MOST]; /* by spec: its field, or -1 */
};

/* How a number is read: times `scale` (a power of ten), within min and max after scaling. */
struct number_kind {
    int64_t scale;
    bool whole; /* decimals other than zeros are refused */
    int64_t min;
    int64_t max;
    const char *expected; /* for messages: "seconds, 0 or more" */
};

extern const struct number_kind number_count;  /* 0 to 2^24 */
extern const struct number_kind number_time;   /* seconds of any sign, to microseconds */
extern const struct number_kind number_span;   /* seconds, 0 or more, to microseconds */
extern const struct number_kind number_gpus;   /* GPUs, to milli-GPUs */
extern const struct number_kind number_milli;  /* CPUs, to milli-CPUs */
extern const struct number_kind number_amount; /* whole milli-CPUs or MiB */
extern const struct number_kind number_any;    /* whole, any sign */

/* Reads the header (after lines that start with '#', which are passed over) and binds the columns;
 * `specs` ends with a NULL name and lives as long as *columns. A missing required column, one named
 * twice, or an unknown one (unless they are ignored) is an error. */
bool columns_open(struct columns *columns, struct file *file, const struct column *specs,
                  bool ignore_unknown, struct err *err);

/* How a table is written other than as RFC 4180 says. */
struct columns_style {
    char separator;
    bool unquoted; /* a quote means nothing */
    bool ignore_unknown;
};
bool columns_open_styled(struct columns *columns, struct file *file, const struct column *specs,
                         struct columns_style style, struct err *err);

/* The next row; false at the end (err->code is ERR_NONE) or when it is malformed. */
bool columns_next(struct columns *columns, struct err *err);

/* Does the first line of `head` (after '#' lines) name all columns of the NULL-ended list? */
bool columns_detect(struct view head, const char *const *names);

/* The same of a table whose separator is another. */
bool columns_detect_separated(struct view head, char separator, const char *const *names);

static inline int64_t columns_line(const struct columns *columns)
{
    return columns->csv.line;
}

/* The trimmed text of a column; empty when the file has no such column. */
static inline struct view columns_text(const struct columns *columns, uint32_t column)
{
    int at = columns->at[column];
    return at < 0 ? (struct view){"", 0} : view_trim(columns->csv.fields[at]);
}

static inline bool columns_has(const struct columns *columns, uint32_t column)
{
    return columns_text(columns, column).length > 0;
}

/* The number in a column, which must not be empty. */
bool columns_number(const struct columns *columns, uint32_t column, const struct number_kind *kind,
                    int64_t *out, struct err *err);

/* The same; an empty or missing column leaves *out as it is. */
bool columns_optional(const struct columns *columns, uint32_t column,
                      const struct number_kind *kind, int64_t *out, struct err *err);

/* A local date and time, "2017-10-09 07:01:55", in microseconds since 1970, zone ignored. */
bool columns_datetime(const struct columns *columns, uint32_t column, int64_t *out,
                      struct err *err);

/* Fills *err: the column is what it is, expected `expected`. Returns false. */
bool columns_refuse(const struct columns *columns, uint32_t column, const char *expected,
                    struct err *err);

#endif
