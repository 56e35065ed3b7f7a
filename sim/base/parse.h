/*
 * parse.h - numbers from text, whole fields only.
 *
 * Every function reads the whole view (blanks around it are ignored) or fails with a reason and
 * leaves *out untouched. The reason does not name the place: the caller knows the line and column.
 */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/view.h"

enum parse_result {
    PARSE_OK,
    PARSE_EMPTY,      /* nothing there */
    PARSE_NOT_NUMBER, /* other characters, NaN, infinity */
    PARSE_TOO_LARGE,  /* does not fit the result */
};

/* What to say of a result that is not PARSE_OK: "is empty", "is not a number", "is too large". */
const char *parse_problem(enum parse_result result);

/* A decimal integer with an optional sign; "12.0" and "1.2e1" count as 12 (several traces write it
 * so), "12.5" is not a number here. */
enum parse_result parse_i64(struct view v, int64_t *out);

/* A decimal number, with an exponent or without, times `scale`, rounded half away from zero. Exact:
 * parse_scaled("0.1", 1000000) is 100000. `scale` is a power of ten, 1 to 10^18. */
enum parse_result parse_scaled(struct view v, int64_t scale, int64_t *out);

/* Decimal seconds to microseconds: parse_scaled with 10^6. */
enum parse_result parse_seconds_us(struct view v, int64_t *out);

/* A finite double. */
enum parse_result parse_f64(struct view v, double *out);

/* `YYYY-MM-DD HH:MM:SS` (a 'T' may stand for the space; decimals of a second are read) to
 * microseconds since 1970-01-01 00:00:00, counted without any time zone. */
enum parse_result parse_datetime_us(struct view v, int64_t *out);

#endif
