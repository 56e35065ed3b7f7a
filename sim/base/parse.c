/* parse.c - see parse.h. */
#include "sim/base/parse.h"

#include <math.h>
#include <stdlib.h>

#include "sim/base/check.h"

enum { LONGEST_NUMBER = 64 }; /* characters; the longest double that anyone writes has fewer */

const char *parse_problem(enum parse_result result)
{
    switch (result) {
    case PARSE_OK:
        return "is fine";
    case PARSE_EMPTY:
        return "is empty";
    case PARSE_NOT_NUMBER:
        return "is not a number";
    case PARSE_TOO_LARGE:
        return "is too large";
    }
    CHECK_NEVER("a parse_result of this enum");
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Appends a digit to a non-negative *value; false when it does not fit. */
static bool append_digit(int64_t *value, char c)
{
    int digit = c - '0';
    if (*value > (INT64_MAX - digit) / 10) {
        return false;
    }
    *value = *value * 10 + digit;
    return true;
}

/* Numbers with an exponent go through a double: exact enough for what people write by hand. */
static enum parse_result parse_with_exponent(struct view v, int64_t scale, int64_t *out)
{
    double value = 0;
    enum parse_result result = parse_f64(v, &value);
    if (result != PARSE_OK) {
        return result;
    }
    double scaled = round(value * (double)scale);
    if (!(fabs(scaled) < 9.2e18)) {
        return PARSE_TOO_LARGE;
    }
    *out = (int64_t)scaled;
    return PARSE_OK;
}

enum parse_result parse_scaled(struct view v, int64_t scale, int64_t *out)
{
    CHECK(scale >= 1 && out != NULL);
    v = view_trim(v);
    if (v.length == 0) {
        return PARSE_EMPTY;
    }
    size_t i = v.at[0] == '-' || v.at[0] == '+' ? 1 : 0;
    int64_t value = 0;
    size_t digits = 0;
    for (; i < v.length && is_digit(v.at[i]); i++, digits++) {
        if (!append_digit(&value, v.at[i])) {
            return PARSE_TOO_LARGE;
        }
    }
    bool half_or_more = false;
    if (i < v.length && v.at[i] == '.') {
        i++;
        bool rounding_seen = false;
        for (; i < v.length && is_digit(v.at[i]); i++, digits++) {
            if (scale > 1) {
                scale /= 10;
                if (!append_digit(&value, v.at[i])) {
                    return PARSE_TOO_LARGE;
                }
            } else if (!rounding_seen) {
                rounding_seen = true;
                half_or_more = v.at[i] >= '5';
            }
        }
    }
    if (digits == 0) {
        return PARSE_NOT_NUMBER;
    }
    if (i < v.length) {
        bool exponent = v.at[i] == 'e' || v.at[i] == 'E';
        return exponent ? parse_with_exponent(v, scale, out) : PARSE_NOT_NUMBER;
    }
    if (value > (INT64_MAX - 1) / scale) {
        return PARSE_TOO_LARGE;
    }
    value = value * scale + (half_or_more ? 1 : 0);
    *out = v.at[0] == '-' ? -value : value;
    return PARSE_OK;
}

enum parse_result parse_i64(struct view v, int64_t *out)
{
    CHECK(out != NULL);
    v = view_trim(v);
    const char *dot = v.length > 0 ? memchr(v.at, '.', v.length) : NULL;
    if (dot != NULL) {
        for (const char *c = dot + 1; c < v.at + v.length; c++) {
            if (*c != '0') {
                return PARSE_NOT_NUMBER;
            }
        }
    }
    return parse_scaled(v, 1, out);
}

enum parse_result parse_seconds_us(struct view v, int64_t *out)
{
    return parse_scaled(v, 1000000, out);
}

enum parse_result parse_f64(struct view v, double *out)
{
    CHECK(out != NULL);
    v = view_trim(v);
    if (v.length == 0) {
        return PARSE_EMPTY;
    }
    if (v.length >= LONGEST_NUMBER) {
        return PARSE_NOT_NUMBER;
    }
    for (size_t i = 0; i < v.length; i++) {
        /* No hexadecimal, no "nan", no "inf": strtod would take them. */
        if (!is_digit(v.at[i]) && strchr("+-.eE", v.at[i]) == NULL) {
            return PARSE_NOT_NUMBER;
        }
    }
    char text[LONGEST_NUMBER];
    memcpy(text, v.at, v.length);
    text[v.length] = '\0';
    char *end = NULL;
    double value = strtod(text, &end);
    if (end != text + v.length) {
        return PARSE_NOT_NUMBER;
    }
    if (!isfinite(value)) {
        return PARSE_TOO_LARGE;
    }
    *out = value;
    return PARSE_OK;
}

/* Exactly `count` digits at v.at[from]. */
static bool fixed_digits(struct view v, size_t from, size_t count, int64_t *out)
{
    int64_t value = 0;
    for (size_t i = from; i < from + count; i++) {
        if (i >= v.length || !is_digit(v.at[i])) {
            return false;
        }
        value = value * 10 + (v.at[i] - '0');
    }
    *out = value;
    return true;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar (H. Hinnant, "chrono-compatible
 * low-level date algorithms", days_from_civil). */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2 ? 1 : 0;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

enum parse_result parse_datetime_us(struct view v, int64_t *out)
{
    CHECK(out != NULL);
    v = view_trim(v);
    if (v.length == 0) {
        return PARSE_EMPTY;
    }
    int64_t year = 0;
    int64_t month = 0;
    int64_t day = 0;
    int64_t hour = 0;
    int64_t minute = 0;
    if (v.length < 19 || v.at[4] != '-' || v.at[7] != '-' || (v.at[10] != ' ' && v.at[10] != 'T') ||
        v.at[13] != ':' || v.at[16] != ':' || !fixed_digits(v, 0, 4, &year) ||
        !fixed_digits(v, 5, 2, &month) || !fixed_digits(v, 8, 2, &day) ||
        !fixed_digits(v, 11, 2, &hour) || !fixed_digits(v, 14, 2, &minute)) {
        return PARSE_NOT_NUMBER;
    }
    int64_t second_us = 0;
    if (!is_digit(v.at[17]) ||
        parse_seconds_us((struct view){v.at + 17, v.length - 17}, &second_us) != PARSE_OK) {
        return PARSE_NOT_NUMBER;
    }
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
        second_us >= 61000000) {
        return PARSE_NOT_NUMBER;
    }
    int64_t seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60;
    *out = seconds * 1000000 + second_us;
    return PARSE_OK;
}
