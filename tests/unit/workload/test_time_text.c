/* test_time_text.c - dates and spans that have one meaning, and those that have two. */
#include <criterion/criterion.h>

#include "sim/workload/time_text.h"

static const int64_t unix_us = INT64_C(1507532515000000); /* 2017-10-09 07:01:55 */

static void expect_date(const char *text, int64_t us)
{
    int64_t found = 0;
    cr_expect(time_text_date(view_of(text), &found), "refused: %s", text);
    cr_expect_eq(found, us, "%s is %lld", text, (long long)found);
}

static void expect_no_date(const char *text)
{
    int64_t found = 77;
    cr_expect_not(time_text_date(view_of(text), &found), "read: %s", text);
    cr_expect_eq(found, 77);
}

static void expect_span(const char *text, int64_t us)
{
    int64_t found = 0;
    cr_expect(time_text_span(view_of(text), &found), "refused: %s", text);
    cr_expect_eq(found, us, "%s is %lld", text, (long long)found);
}

static void expect_no_span(const char *text)
{
    int64_t found = 77;
    cr_expect_not(time_text_span(view_of(text), &found), "read: %s", text);
    cr_expect_eq(found, 77);
}

Test(time_text, dates_from_year_to_second_are_read)
{
    expect_date("2017-10-09 07:01:55", unix_us);
    expect_date(" 2017/10/09T07:01:55Z ", unix_us);
    expect_date("2017-10-09 07:01:55.25 UTC", unix_us + 250000);
    expect_date("2017-10-09 15:01:55+08:00", unix_us);
    expect_date("2017-10-09 02:31:55-0430", unix_us);
    expect_date("2017-10-09 09:01:55.5+02", unix_us + 500000);
}

Test(time_text, other_dates_are_refused)
{
    expect_no_date("");
    expect_no_date("09/10/2017 07:01:55");
    expect_no_date("2017-10-09");
    expect_no_date("2017-10-09 07:01");
    expect_no_date("2017-13-09 07:01:55");
    expect_no_date("2017-10-09 07:01:55 CET");
    expect_no_date("2017-10-09 07:01:55+99:00");
    expect_no_date("2017-10-09 07:01:55+08:00x");
    expect_no_date("2017-10-09 07:01:55.123456789012345678901234567890");
}

Test(time_text, spans_of_three_fields_are_read)
{
    expect_span("00:00:00", 0);
    expect_span("12:30:05", INT64_C(45005000000));
    expect_span("99:59:59.5", INT64_C(359999500000));
    expect_span("2-01:00:00", INT64_C(176400000000));
    expect_span("1-1:02:03", INT64_C(90123000000));
}

Test(time_text, other_spans_are_refused)
{
    expect_no_span("");
    expect_no_span("12:30");
    expect_no_span("-1:00:00");
    expect_no_span("-1-01:00:00");
    expect_no_span("1-24:00:00");
    expect_no_span("00:60:00");
    expect_no_span("00:00:60");
    expect_no_span("00:00:5");
    expect_no_span("00:00:1e1");
    expect_no_span("99999999999-00:00:00");
    expect_no_span("UNLIMITED");
}
