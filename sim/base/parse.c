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

/* A decimal number taken apart: the digits of v.at[start .. end), among which a point may stand,
 * times ten to the power of `exponent`. */
struct decimal {
    bool negative;
    size_t start;
    size_t end;
    int64_t whole_digits; /* before the point */
    int64_t exponent;
};

/* The decimal exponent that starts at v.at[i], behind the 'e'. Anything beyond 9,999 is 9,999: far
 * outside every result either way. */
static bool scan_exponent(struct view v, size_t i, int64_t *out)
{
    bool negative = i < v.length && v.at[i] == '-';
    i += i < v.length && (v.at[i] == '-' || v.at[i] == '+') ? 1 : 0;
    if (i == v.length) {
        return false;
    }
    int64_t value = 0;
    for (; i < v.length; i++) {
        if (!is_digit(v.at[i])) {
            return false;
        }
        value = value < 1000 ? value * 10 + (v.at[i] - '0') : 9999;
    }
    *out = negative ? -value : value;
    return true;
}

static bool scan_decimal(struct view v, struct decimal *out)
{
    size_t i = v.at[0] == '-' || v.at[0] == '+' ? 1 : 0;
    *out = (struct decimal){.negative = v.at[0] == '-', .start = i};
    bool point = false;
    size_t digits = 0;
    for (; i < v.length && (is_digit(v.at[i]) || (v.at[i] == '.' && !point)); i++) {
        point = point || v.at[i] == '.';
        digits += v.at[i] == '.' ? 0 : 1;
        out->whole_digits += point ? 0 : 1;
    }
    out->end = i;
    bool exponent = i < v.length && (v.at[i] == 'e' || v.at[i] == 'E');
    return digits > 0 && (exponent ? scan_exponent(v, i + 1, &out->exponent) : i == v.length);
}

/* The digits of `d` as an integer after its point was moved `shift` places to the right, rounded
 * half away from zero; *exact tells whether nothing was cut off. Exact at any length: a half is
 * told by the first digit behind the point. */
static enum parse_result round_decimal(struct view v, const struct decimal *d, int64_t shift,
                                       int64_t *out, bool *exact)
{
    uint64_t most = (uint64_t)INT64_MAX + (d->negative ? 1 : 0);
    int64_t left = d->whole_digits + d->exponent + shift; /* digits before the moved point */
    uint64_t value = 0;
    uint64_t carry = 0;
    *exact = true;
    for (size_t i = d->start; i < d->end; i++) {
        if (v.at[i] == '.') {
            continue;
        }
        uint64_t digit = (uint64_t)(v.at[i] - '0');
        if (left > 0) {
            if (value > (most - digit) / 10) {
                return PARSE_TOO_LARGE;
            }
            value = value * 10 + digit;
        } else {
            carry = left == 0 && digit >= 5 ? 1 : carry;
            *exact = *exact && digit == 0;
        }
        left--;
    }
    for (; left > 0 && value > 0; left--) {
        if (value > most / 10) {
            return PARSE_TOO_LARGE;
        }
        value *= 10;
    }
    if (value > most - carry) {
        return PARSE_TOO_LARGE;
    }
    value += carry;
    *out = d->negative ? (int64_t)((uint64_t)0 - value) : (int64_t)value;
    return PARSE_OK;
}

enum { SURE_DIGITS = 18 }; /* as many always fit an int64_t */

/* Every number of a usual trace: no exponent, at most 18 digits that count, and any behind those,
 * which are rounded away. False: not one of these, which says nothing about whether it is a number.
 */
static bool parse_short(struct view v, int64_t scale, int64_t *out, bool *exact)
{
    size_t start = v.at[0] == '-' ? 1 : 0;
    size_t i = start;
    uint64_t value = 0; /* may wrap, and is not used then */
    for (; i < v.length && is_digit(v.at[i]); i++) {
        value = value * 10 + (uint64_t)(v.at[i] - '0');
    }
    size_t digits = i - start; /* that count */
    bool any = digits > 0;
    uint64_t carry = 0;
    if (i < v.length && v.at[i] == '.') {
        for (i++; i < v.length && is_digit(v.at[i]) && scale > 1; i++) {
            value = value * 10 + (uint64_t)(v.at[i] - '0');
            scale /= 10;
            digits++;
        }
        any = any || digits > 0;
        carry = any && i < v.length && v.at[i] >= '5' && v.at[i] <= '9' ? 1 : 0;
        for (; any && i < v.length && is_digit(v.at[i]); i++) {
            *exact = *exact && v.at[i] == '0';
        }
    }
    int64_t size = (int64_t)(value + carry);
    if (i < v.length || !any || digits > SURE_DIGITS ||
        __builtin_mul_overflow(size, scale, &size)) {
        return false;
    }
    *out = v.at[0] == '-' ? -size : size;
    return true;
}

static enum parse_result parse_decimal(struct view v, int64_t scale, int64_t *out, bool *exact)
{
    CHECK(scale >= 1 && out != NULL);
    v = view_trim(v);
    if (v.length == 0) {
        return PARSE_EMPTY;
    }
    *exact = true;
    if (parse_short(v, scale, out, exact)) {
        return PARSE_OK;
    }
    *exact = true;
    struct decimal decimal;
    if (!scan_decimal(v, &decimal)) {
        return PARSE_NOT_NUMBER;
    }
    int64_t shift = 0;
    for (; scale > 1; scale /= 10) {
        CHECK(scale % 10 == 0);
        shift++;
    }
    return round_decimal(v, &decimal, shift, out, exact);
}

enum parse_result parse_scaled(struct view v, int64_t scale, int64_t *out)
{
    bool exact = false;
    return parse_decimal(v, scale, out, &exact);
}

enum parse_result parse_i64(struct view v, int64_t *out)
{
    bool exact = false;
    int64_t value = 0;
    enum parse_result result = parse_decimal(v, 1, &value, &exact);
    if (result != PARSE_OK) {
        return result;
    }
    if (!exact) {
        return PARSE_NOT_NUMBER;
    }
    *out = value;
    return PARSE_OK;
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

static int64_t days_in_month(int64_t year, int64_t month)
{
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month == 2) {
        return leap ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
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
    int64_t second = 0;
    int64_t second_us = 0;
    if (!fixed_digits(v, 17, 2, &second) || (v.length > 19 && v.at[19] != '.') ||
        memchr(v.at, 'e', v.length) != NULL || memchr(v.at, 'E', v.length) != NULL ||
        parse_seconds_us((struct view){v.at + 17, v.length - 17}, &second_us) != PARSE_OK) {
        return PARSE_NOT_NUMBER;
    }
    /* 60 is a leap second; the count goes on from there as if there was none. */
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
        minute > 59 || second > 60) {
        return PARSE_NOT_NUMBER;
    }
    int64_t seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60;
    *out = seconds * 1000000 + second_us;
    return PARSE_OK;
}
