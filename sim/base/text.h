/*
 * text.h - text that is being built.
 *
 * All zeros is an empty text. The bytes are always followed by a NUL once anything was added.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdint.h>

#include "sim/base/view.h"

struct text {
    char *bytes;
    size_t length;
    size_t capacity;
};

/* Frees the bytes; the text is empty and usable afterwards. */
void text_release(struct text *text);
void text_clear(struct text *text);

void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_add_char(struct text *text, char c);
void text_add_i64(struct text *text, int64_t value);
void text_addf(struct text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Microseconds as decimal seconds, exact, without trailing zeros: 1500000 gives "1.5". */
void text_add_seconds(struct text *text, int64_t us);

/* Thousandths as a decimal number, exact, without trailing zeros: 2500 gives "2.5". */
void text_add_milli(struct text *text, int64_t milli);

/* A field of a CSV row: quoted as RFC 4180 says when it has to be. */
void text_add_csv(struct text *text, const char *string);

/* A string between quotes as JSON writes it. The bytes must be UTF-8; others become '?'. */
void text_add_json(struct text *text, const char *string);

/* `string` with the five characters that mean something in HTML written as entities. */
void text_add_html(struct text *text, const char *string);

#endif
