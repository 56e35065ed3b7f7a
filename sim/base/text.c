/* text.c - see text.h. */
#include "sim/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

enum { I64_DIGITS = 20 }; /* "-9223372036854775808" */

void text_release(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

void text_clear(struct text *text)
{
    text->length = 0;
    if (text->bytes != NULL) {
        text->bytes[0] = '\0';
    }
}

/* Room for `more` bytes and the NUL. */
static char *text_room(struct text *text, size_t more)
{
    size_t wanted = text->length + more + 1;
    if (wanted > text->capacity) {
        text->bytes = mem_grow(text->bytes, &text->capacity, wanted, 1);
    }
    return text->bytes + text->length;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
    char *at = text_room(text, length);
    if (length > 0) {
        memcpy(at, bytes, length);
    }
    at[length] = '\0';
    text->length += length;
}

void text_add(struct text *text, const char *string)
{
    text_add_bytes(text, string, strlen(string));
}

void text_add_char(struct text *text, char c)
{
    text_add_bytes(text, &c, 1);
}

/* Writes the digits of `value` so that they end before `end`; returns where they start. */
static char *digits_before(char *end, uint64_t value)
{
    do {
        *--end = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return end;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
}

void text_add_i64(struct text *text, int64_t value)
{
    char buffer[I64_DIGITS + 1];
    char *end = buffer + sizeof(buffer);
    char *start = digits_before(end, magnitude(value));
    if (value < 0) {
        *--start = '-';
    }
    text_add_bytes(text, start, (size_t)(end - start));
}

/* value / 10^decimals, exact, without trailing zeros. */
static void add_decimal(struct text *text, int64_t value, unsigned decimals, uint64_t unit)
{
    char buffer[I64_DIGITS + 2];
    char *end = buffer + sizeof(buffer);
    uint64_t whole = magnitude(value) / unit;
    uint64_t part = magnitude(value) % unit;
    char *start = end;
    if (part > 0) {
        while (part % 10 == 0) {
            part /= 10;
            decimals--;
        }
        for (unsigned i = 0; i < decimals; i++) {
            *--start = (char)('0' + part % 10);
            part /= 10;
        }
        *--start = '.';
    }
    start = digits_before(start, whole);
    if (value < 0) {
        *--start = '-';
    }
    text_add_bytes(text, start, (size_t)(end - start));
}

void text_add_seconds(struct text *text, int64_t us)
{
    add_decimal(text, us, 6, 1000000);
}

void text_add_milli(struct text *text, int64_t milli)
{
    add_decimal(text, milli, 3, 1000);
}

void text_addf(struct text *text, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    CHECK(length >= 0);
    char *at = text_room(text, (size_t)length);
    (void)vsnprintf(at, (size_t)length + 1, fmt, again);
    va_end(again);
    text->length += (size_t)length;
}

void text_add_csv(struct text *text, const char *string)
{
    if (strpbrk(string, ",\"\r\n") == NULL) {
        text_add(text, string);
        return;
    }
    text_add_char(text, '"');
    for (const char *c = string; *c != '\0'; c++) {
        if (*c == '"') {
            text_add_char(text, '"');
        }
        text_add_char(text, *c);
    }
    text_add_char(text, '"');
}

/* The length of the well-formed UTF-8 sequence at `s`, or 0. Overlong forms and surrogates are not
 * well-formed (Unicode 15, table 3-7). */
static size_t utf8_length(const unsigned char *s)
{
    size_t length = s[0] < 0x80                    ? 1
                    : s[0] >= 0xC2 && s[0] <= 0xDF ? 2
                    : s[0] >= 0xE0 && s[0] <= 0xEF ? 3
                    : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4
                                                   : 0;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    bool outside = (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF4 && s[1] > 0x8F);
    return length > 1 && (overlong || outside) ? 0 : length;
}

void text_add_json(struct text *text, const char *string)
{
    text_add_char(text, '"');
    for (const unsigned char *s = (const unsigned char *)string; *s != '\0';) {
        size_t length = utf8_length(s);
        if (length == 0) {
            text_add_char(text, '?');
            s++;
        } else if (*s == '"' || *s == '\\') {
            text_add_char(text, '\\');
            text_add_char(text, (char)*s++);
        } else if (*s < 0x20) {
            text_addf(text, "\\u%04x", *s++);
        } else {
            text_add_bytes(text, (const char *)s, length);
            s += length;
        }
    }
    text_add_char(text, '"');
}

void text_add_html(struct text *text, const char *string)
{
    for (const char *c = string; *c != '\0'; c++) {
        switch (*c) {
        case '&':
            text_add(text, "&amp;");
            break;
        case '<':
            text_add(text, "&lt;");
            break;
        case '>':
            text_add(text, "&gt;");
            break;
        case '"':
            text_add(text, "&quot;");
            break;
        case '\'':
            text_add(text, "&#39;");
            break;
        default:
            text_add_char(text, *c);
        }
    }
}
