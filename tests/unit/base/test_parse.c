/* test_parse.c - numbers and dates from text: whole, exact, or refused. */
#include <float.h>
#include <math.h>

#include <criterion/criterion.h>

#include "sim/base/parse.h"

static const int64_t UNTOUCHED = -777;

static void scaled_is(const char *text, int64_t scale, int64_t expected)
{
    int64_t value = UNTOUCHED;
    enum parse_result result = parse_scaled(view_of(text), scale, &value);
    cr_assert_eq(result, PARSE_OK, "'%s' %s", text, parse_problem(result));
    cr_assert_eq(value, expected, "'%s' gave %ld", text, (long)value);
}

static void scaled_fails(const char *text, int64_t scale, enum parse_result expected)
{
    int64_t value = UNTOUCHED;
    enum parse_result result = parse_scaled(view_of(text), scale, &value);
    cr_assert_eq(result, expected, "'%s' gave %d and %ld", text, (int)result, (long)value);
    cr_assert_eq(value, UNTOUCHED, "'%s' changed the output", text);
}

static void i64_is(const char *text, int64_t expected)
{
    int64_t value = UNTOUCHED;
    enum parse_result result = parse_i64(view_of(text), &value);
    cr_assert_eq(result, PARSE_OK, "'%s' %s", text, parse_problem(result));
    cr_assert_eq(value, expected, "'%s' gave %ld", text, (long)value);
}

static void i64_fails(const char *text, enum parse_result expected)
{
    int64_t value = UNTOUCHED;
    enum parse_result result = parse_i64(view_of(text), &value);
    cr_assert_eq(result, expected, "'%s' gave %d and %ld", text, (int)result, (long)value);
    cr_assert_eq(value, UNTOUCHED, "'%s' changed the output", text);
}

Test(parse, whole_numbers)
{
    i64_is("0", 0);
    i64_is("-0", 0);
    i64_is("+17", 17);
    i64_is("  42\t\r", 42);
    i64_is("007", 7);
    i64_is("12.0", 12);
    i64_is("12.", 12);
    i64_is("-12.000", -12);
    i64_is("1e3", 1000);
    i64_is("1.2e1", 12);
    i64_is("120E-1", 12);
    i64_is("0000000000000000000000000000012", 12);
}

/* What is behind the last place that counts rounds by its first digit, half away from zero. */
Test(parse, digits_beyond_the_last_place_round_and_are_not_exact)
{
    scaled_is("0.0000005", 1000000, 1);
    scaled_is("-0.0000005", 1000000, -1);
    scaled_is("0.00000049999999999999999999", 1000000, 0);
    scaled_is("25.408055555555556", 1000000, 25408056);
    scaled_is("1.99999999999999999999999", 1000000, 2000000);
    scaled_is("123456789012.1234565", 1000000, 123456789012123457);
    i64_is("12.000000000000000000000000", 12);
    i64_fails("12.0000000000000000000000001", PARSE_NOT_NUMBER);
    i64_fails("12.5", PARSE_NOT_NUMBER);
    scaled_fails("1.5000000000x", 1000000, PARSE_NOT_NUMBER);
    scaled_fails("1.5.", 1000000, PARSE_NOT_NUMBER);
    scaled_fails(".", 1000000, PARSE_NOT_NUMBER);
    scaled_fails("-", 1000000, PARSE_NOT_NUMBER);
}

Test(parse, the_borders_of_int64)
{
    i64_is("9223372036854775807", INT64_MAX);
    i64_is("-9223372036854775808", INT64_MIN);
    i64_is("9223372036854775807.000", INT64_MAX);
    i64_fails("9223372036854775808", PARSE_TOO_LARGE);
    i64_fails("-9223372036854775809", PARSE_TOO_LARGE);
    i64_fails("18446744073709551617", PARSE_TOO_LARGE);
    i64_fails("100000000000000000000000000", PARSE_TOO_LARGE);
    i64_fails("1e19", PARSE_TOO_LARGE);
    i64_fails("1e999999999999999999999", PARSE_TOO_LARGE);
    i64_is("0e999999999999999999999", 0);
    i64_is("9223372036854775807e0", INT64_MAX);
    i64_is("999999999999999999", 999999999999999999);
    i64_is("-99999999999999999", -99999999999999999);
}

Test(parse, what_is_no_whole_number_is_refused)
{
    i64_fails("", PARSE_EMPTY);
    i64_fails("  \t", PARSE_EMPTY);
    static const char *const BAD[] = {
        "x",    "-",     "+",    ".",      "-.",    "1x",  "1 2", "--1",  "+-1",
        "0x10", "1,000", "1.5",  "1.2.3",  "e5",    "1e",  "1e+", "1e5x", "nan",
        "inf",  "NaN",   "-inf", "1.0e-1", "15e-1", "1_0", "0.9", "1e-1", "\xEF\xBC\x91"};
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        i64_fails(BAD[i], PARSE_NOT_NUMBER);
    }
    int64_t value = UNTOUCHED;
    cr_assert_eq(parse_i64((struct view){"1\0002", 3}, &value), PARSE_NOT_NUMBER);
    cr_assert_eq(parse_i64((struct view){NULL, 0}, &value), PARSE_EMPTY);
}

Test(parse, only_the_view_is_read)
{
    int64_t value = 0;
    cr_assert_eq(parse_i64((struct view){"12345", 2}, &value), PARSE_OK);
    cr_assert_eq(value, 12);
    cr_assert_eq(parse_i64((struct view){"1e5", 1}, &value), PARSE_OK);
    cr_assert_eq(value, 1);
}

Test(parse, scaled_numbers_are_exact)
{
    scaled_is("0.1", 1000000, 100000);
    scaled_is(".1", 1000000, 100000);
    scaled_is("1.5", 1000000, 1500000);
    scaled_is("-1.5", 1000000, -1500000);
    scaled_is("0.3", 10, 3);
    scaled_is("1234567890.123456", 1000000, 1234567890123456);
    scaled_is("9007199254740993", 1, 9007199254740993);
    scaled_is("4503599627370.497537", 1000000, 4503599627370497537);
    scaled_is("100", 1000, 100000);
}

/* An exponent behind decimals once lost the decimals' share of the scale. */
Test(parse, exponents_count_as_if_written_out)
{
    scaled_is("1.5e3", 1000000, 1500000000);
    scaled_is("1.25e-2", 1000000, 12500);
    scaled_is("2.5E+1", 1000, 25000);
    scaled_is("5e-7", 1000000, 1);
    scaled_is("4.9e-7", 1000000, 0);
    scaled_is("-5e-7", 1000000, -1);
    scaled_is("1e-400", 1000000, 0);
    scaled_is("123456789012345678901234567890e-20", 1, 1234567890);
    scaled_is("0.00000000000000000000012345e22", 1000000, 1234500);
}

Test(parse, rounding_is_half_away_from_zero)
{
    scaled_is("0.0000005", 1000000, 1);
    scaled_is("0.00000049999999999999999999999", 1000000, 0);
    scaled_is("-0.0000005", 1000000, -1);
    scaled_is("1.0000015", 1000000, 1000002);
    scaled_is("2.5", 1, 3);
    scaled_is("-2.5", 1, -3);
    scaled_is("2.49999999999999999999999999999999", 1, 2);
    scaled_is("1.9999999999999999", 1000000, 2000000);
    scaled_is("0.05e1", 1, 1);
}

Test(parse, the_borders_of_scaled_numbers)
{
    scaled_is("9223372036854.775807", 1000000, INT64_MAX);
    scaled_is("-9223372036854.775808", 1000000, INT64_MIN);
    scaled_is("9223372036854.7758074", 1000000, INT64_MAX);
    scaled_fails("9223372036854.7758075", 1000000, PARSE_TOO_LARGE);
    scaled_fails("9223372036854.775808", 1000000, PARSE_TOO_LARGE);
    scaled_fails("9223372036855", 1000000, PARSE_TOO_LARGE);
    scaled_fails("-9223372036855", 1000000, PARSE_TOO_LARGE);
    scaled_fails("1e13", 1000000, PARSE_TOO_LARGE);
    scaled_is("9.2e18", 1, 9200000000000000000);
    scaled_fails("", 1000, PARSE_EMPTY);
    scaled_fails("1.5s", 1000, PARSE_NOT_NUMBER);
    scaled_fails("nan", 1000, PARSE_NOT_NUMBER);
}

Test(parse, seconds_are_microseconds)
{
    int64_t us = 0;
    cr_assert_eq(parse_seconds_us(view_of("86400.25"), &us), PARSE_OK);
    cr_assert_eq(us, 86400250000);
}

static void f64_is(const char *text, double expected)
{
    double value = -777;
    cr_assert_eq(parse_f64(view_of(text), &value), PARSE_OK, "'%s'", text);
    cr_assert(!(value < expected) && !(value > expected), "'%s' gave %.17g", text, value);
}

Test(parse, finite_doubles)
{
    f64_is("0.1", 0.1);
    f64_is(" -2.5e-3 ", -0.0025);
    f64_is("1e308", 1e308);
    f64_is("1.7976931348623157e308", DBL_MAX);
    f64_is("4.9406564584124654e-324", 4.9406564584124654e-324);
    f64_is("1e-400", 0);
    f64_is("0.1000000000000000055511151231257827021181583404541015625", 0.1);
}

Test(parse, what_is_no_finite_double_is_refused)
{
    double value = -777;
    cr_assert_eq(parse_f64(view_of(""), &value), PARSE_EMPTY);
    cr_assert_eq(parse_f64(view_of("1e309"), &value), PARSE_TOO_LARGE);
    cr_assert_eq(parse_f64(view_of("-1e309"), &value), PARSE_TOO_LARGE);
    static const char *const BAD[] = {"nan",  "inf", "infinity", "0x1p3", "1e",  "e",
                                      "1.5x", ".",   "-",        "1 2",   "1..2"};
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        cr_assert_eq(parse_f64(view_of(BAD[i]), &value), PARSE_NOT_NUMBER, "'%s'", BAD[i]);
    }
    cr_assert_eq(parse_f64((struct view){"1\0002", 3}, &value), PARSE_NOT_NUMBER);
    cr_assert(value < -776);
}

static void date_is(const char *text, int64_t expected_us)
{
    int64_t us = UNTOUCHED;
    cr_assert_eq(parse_datetime_us(view_of(text), &us), PARSE_OK, "'%s'", text);
    cr_assert_eq(us, expected_us, "'%s' gave %ld", text, (long)us);
}

/* The expected values are those of `date -u -d ... +%s`. */
Test(parse, dates_count_from_1970_without_zone)
{
    date_is("1970-01-01 00:00:00", 0);
    date_is("1970-01-01T00:00:01", 1000000);
    date_is("2017-10-07 01:09:42", 1507338582000000);
    date_is("2000-02-29 12:00:00", 951825600000000);
    date_is("2020-03-01 00:00:00.25", 1583020800250000);
    date_is("1969-12-31 23:59:59", -1000000);
    date_is("1900-03-01 00:00:00", -2203891200000000);
    date_is("2100-03-01 00:00:00", 4107542400000000);
    date_is("2400-02-29 23:59:59", INT64_C(13574649599000000));
    date_is("2016-12-31 23:59:60", 1483228800000000);
    date_is("9999-12-31 23:59:59", 253402300799000000);
    date_is("0001-01-01 00:00:00", -62135596800000000);
}

Test(parse, every_day_of_four_centuries_follows_the_day_before)
{
    int64_t days = 0;
    char text[64];
    static const int LENGTHS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int year = 1970; year < 2370; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            int length = LENGTHS[month - 1] + (month == 2 && leap ? 1 : 0);
            for (int day = 1; day <= length; day++, days++) {
                (void)snprintf(text, sizeof(text), "%04d-%02d-%02d 00:00:00", year, month, day);
                date_is(text, days * 86400 * 1000000);
            }
            int64_t us = UNTOUCHED;
            (void)snprintf(text, sizeof(text), "%04d-%02d-%02d 00:00:00", year, month, length + 1);
            cr_assert_eq(parse_datetime_us(view_of(text), &us), PARSE_NOT_NUMBER, "'%s'", text);
        }
    }
}

Test(parse, what_is_no_date_is_refused)
{
    int64_t us = UNTOUCHED;
    cr_assert_eq(parse_datetime_us(view_of(" "), &us), PARSE_EMPTY);
    static const char *const BAD[] = {
        "2020-01-01",           "2020-13-01 00:00:00",       "2020-00-01 00:00:00",
        "2020-01-00 00:00:00",  "2020-01-32 00:00:00",       "2021-02-29 00:00:00",
        "1900-02-29 00:00:00",  "2020-04-31 00:00:00",       "2020-01-01 24:00:00",
        "2020-01-01 00:60:00",  "2020-01-01 00:00:61",       "2020/01/01 00:00:00",
        "2020-01-01x00:00:00",  "2020-01-01 00:00:0x",       "2020-01-01 00:00:1e1",
        "2020-01-01 00:00:00Z", "2020-01-01 00:00:00+01:00", "None",
        "-020-01-01 00:00:00",  "2020-01-01 00:00:000"};
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        cr_assert_eq(parse_datetime_us(view_of(BAD[i]), &us), PARSE_NOT_NUMBER, "'%s'", BAD[i]);
    }
    cr_assert_eq(us, UNTOUCHED);
}

Test(parse, problems_have_words)
{
    cr_assert_str_eq(parse_problem(PARSE_EMPTY), "is empty");
    cr_assert_str_eq(parse_problem(PARSE_NOT_NUMBER), "is not a number");
    cr_assert_str_eq(parse_problem(PARSE_TOO_LARGE), "is too large");
    cr_assert_str_eq(parse_problem(PARSE_OK), "is fine");
}
