/*
 * row.h - rows of numbers, millions of them, straight into the text of a file.
 *
 * A row is begun with room for all its fields, its fields are put one behind the other without
 * asking for room again, and it is ended. text.h asks at every field, which costs more than the
 * digits; elsewhere text.h is the better choice.
 */
#ifndef REPORT_ROW_H
#define REPORT_ROW_H

#include <stdint.h>
#include <string.h>

#include "sim/base/file.h"
#include "sim/base/mem.h"

enum { ROW_NUMBER = 21 }; /* the most that a number takes, with its separator */

/* Where the next row starts; at least `bytes` may be put there. */
static inline char *row_begin(struct text *text, size_t bytes)
{
    if (text->capacity - text->length <= bytes) {
        text->bytes = mem_grow(text->bytes, &text->capacity, text->length + bytes + 1, 1);
    }
    return text->bytes + text->length;
}

/* `at` is one past the last byte put. */
static inline void row_end(struct out_file *file, char *at)
{
    *at++ = '\n';
    file->text.length = (size_t)(at - file->text.bytes);
    out_file_flush_if_large(file);
}

static inline char *row_put_u64(char *at, uint64_t value)
{
    char digits[20];
    char *start = digits + sizeof(digits);
    do {
        *--start = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    size_t length = (size_t)(digits + sizeof(digits) - start);
    memcpy(at, start, length);
    return at + length;
}

/* value / 10^decimals, exact, without trailing zeros; `unit` is 10^decimals. The value is not
 * negative: times are since the first submit, amounts are amounts. Inlined with constants, so the
 * divisions are multiplications. */
static inline char *row_put_decimal(char *at, int64_t value, unsigned decimals, uint64_t unit)
{
    uint64_t part = (uint64_t)value % unit;
    at = row_put_u64(at, (uint64_t)value / unit);
    if (part == 0) {
        return at;
    }
    *at++ = '.';
    for (unsigned i = decimals; i > 0; i--) {
        at[i - 1] = (char)('0' + part % 10);
        part /= 10;
    }
    at += decimals;
    while (at[-1] == '0') {
        at--;
    }
    return at;
}

static inline char *row_put_seconds(char *at, int64_t us)
{
    return row_put_decimal(at, us, 6, 1000000);
}

static inline char *row_put_milli(char *at, int64_t milli)
{
    return row_put_decimal(at, milli, 3, 1000);
}

static inline char *row_put_comma(char *at)
{
    *at = ',';
    return at + 1;
}

#endif
