/* test_text.c - text that is being built, and its escapes. */
#include <string.h>

#include <criterion/criterion.h>

#include "sim/base/text.h"

Test(text, grows_and_stays_terminated)
{
    struct text text = {0};
    for (int i = 0; i < 10000; i++) {
        text_add_char(&text, (char)('a' + i % 26));
        cr_assert_eq(text.bytes[text.length], '\0');
    }
    cr_assert_eq(text.length, 10000);
    cr_assert_eq(strlen(text.bytes), 10000);
    text_release(&text);
    cr_assert_null(text.bytes);
    text_add(&text, "again");
    cr_assert_str_eq(text.bytes, "again");
    text_release(&text);
}

Test(text, a_cleared_text_is_empty_as_a_string_too)
{
    struct text text = {0};
    text_clear(&text);
    text_add(&text, "old");
    text_clear(&text);
    cr_assert_eq(text.length, 0);
    cr_assert_str_eq(text.bytes, "");
    text_add(&text, "new");
    cr_assert_str_eq(text.bytes, "new");
    text_release(&text);
}

Test(text, formats_of_any_length)
{
    struct text text = {0};
    char longer[5000];
    memset(longer, 'y', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    text_addf(&text, "<%s|%d>", longer, -5);
    cr_assert_eq(text.length, 5004);
    cr_assert_str_eq(text.bytes + 5000, "|-5>");
    text_release(&text);
}

static void i64_reads(int64_t value, const char *expected)
{
    struct text text = {0};
    text_add_i64(&text, value);
    cr_assert_str_eq(text.bytes, expected);
    text_release(&text);
}

Test(text, integers_to_their_borders)
{
    i64_reads(0, "0");
    i64_reads(-1, "-1");
    i64_reads(10, "10");
    i64_reads(INT64_MAX, "9223372036854775807");
    i64_reads(INT64_MIN, "-9223372036854775808");
}

static void seconds_read(int64_t us, const char *expected)
{
    struct text text = {0};
    text_add_seconds(&text, us);
    cr_assert_str_eq(text.bytes, expected);
    text_release(&text);
}

Test(text, seconds_are_exact_without_trailing_zeros)
{
    seconds_read(0, "0");
    seconds_read(1, "0.000001");
    seconds_read(-1, "-0.000001");
    seconds_read(1500000, "1.5");
    seconds_read(10000000, "10");
    seconds_read(1000001, "1.000001");
    seconds_read(100, "0.0001");
    seconds_read(-60050000, "-60.05");
    seconds_read(INT64_MAX, "9223372036854.775807");
    seconds_read(INT64_MIN, "-9223372036854.775808");
}

Test(text, thousandths_are_exact)
{
    struct text text = {0};
    text_add_milli(&text, 2500);
    text_add_char(&text, ' ');
    text_add_milli(&text, 7);
    text_add_char(&text, ' ');
    text_add_milli(&text, -250);
    text_add_char(&text, ' ');
    text_add_milli(&text, 8000);
    cr_assert_str_eq(text.bytes, "2.5 0.007 -0.25 8");
    text_release(&text);
}

static void csv_reads(const char *string, const char *expected)
{
    struct text text = {0};
    text_add_csv(&text, string);
    text_add_bytes(&text, "", 0);
    cr_assert_str_eq(text.bytes, expected);
    text_release(&text);
}

Test(text, csv_fields_are_quoted_when_they_must_be)
{
    csv_reads("", "");
    csv_reads("plain text", "plain text");
    csv_reads("a,b", "\"a,b\"");
    csv_reads("say \"hi\"", "\"say \"\"hi\"\"\"");
    csv_reads("two\nlines", "\"two\nlines\"");
    csv_reads("cr\r", "\"cr\r\"");
    csv_reads("Zürich;'x'", "Zürich;'x'");
}

static void json_reads(const char *string, const char *expected)
{
    struct text text = {0};
    text_add_json(&text, string);
    cr_assert_str_eq(text.bytes, expected, "got %s", text.bytes);
    text_release(&text);
}

Test(text, json_strings_escape_what_json_says)
{
    json_reads("", "\"\"");
    json_reads("a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
    json_reads("\n\t\x01\x1f", "\"\\u000a\\u0009\\u0001\\u001f\"");
    json_reads("\x7f", "\"\x7f\"");
    json_reads("Zürich 東京 \xF0\x9F\x9A\xA2", "\"Zürich 東京 \xF0\x9F\x9A\xA2\"");
}

/* The borders of Unicode 15, table 3-7. */
Test(text, bytes_that_are_not_utf8_become_question_marks)
{
    json_reads("a\xFFz", "\"a?z\"");
    json_reads("\x80", "\"?\"");
    json_reads("\xC0\x80", "\"??\"");
    json_reads("\xC1\xBF", "\"??\"");
    json_reads("\xC2\x80", "\"\xC2\x80\"");
    json_reads("\xC3", "\"?\"");
    json_reads("\xC3(", "\"?(\"");
    json_reads("\xE0\x9F\xBF", "\"???\"");
    json_reads("\xE0\xA0\x80", "\"\xE0\xA0\x80\"");
    json_reads("\xED\x9F\xBF", "\"\xED\x9F\xBF\"");
    json_reads("\xED\xA0\x80", "\"???\"");
    json_reads("\xEF\xBF", "\"??\"");
    json_reads("\xF0\x8F\xBF\xBF", "\"????\"");
    json_reads("\xF0\x90\x80\x80", "\"\xF0\x90\x80\x80\"");
    json_reads("\xF4\x8F\xBF\xBF", "\"\xF4\x8F\xBF\xBF\"");
    json_reads("\xF4\x90\x80\x80", "\"????\"");
    json_reads("\xF5\x80\x80\x80", "\"????\"");
    json_reads("\xF0\x9F\x9A", "\"???\"");
}

Test(text, html_escapes_the_five_characters)
{
    struct text text = {0};
    text_add_html(&text, "<a href=\"x\">Tom & 'Jo'</a> ü");
    cr_assert_str_eq(text.bytes, "&lt;a href=&quot;x&quot;&gt;Tom &amp; &#39;Jo&#39;&lt;/a&gt; ü");
    text_release(&text);
}
