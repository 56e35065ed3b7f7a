/* test_csv.c - rows of comma-separated text. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "sim/base/csv.h"
#include "sim/base/mem.h"

/* A copy that is exactly as long as the text, so that the sanitizers see a byte read too much. */
struct input {
    char *bytes;
    struct csv csv;
};

static struct input *input_new(const char *text, size_t length, char separator)
{
    struct input *input = mem_alloc(1, sizeof(*input));
    input->bytes = malloc(length > 0 ? length : 1);
    memcpy(input->bytes, text, length);
    csv_init(&input->csv, input->bytes, length, separator);
    return input;
}

static void input_free(struct input *input)
{
    free(input->bytes);
    free(input);
}

/* Reads a row and compares its fields, joined with '|'. */
static void row_is(struct input *input, int64_t line, const char *expected)
{
    struct err err = {0};
    cr_assert(csv_next(&input->csv, &err), "%s", err.msg);
    char joined[1000] = "";
    size_t length = 0;
    for (uint32_t i = 0; i < input->csv.count; i++) {
        struct view field = input->csv.fields[i];
        length += (size_t)snprintf(joined + length, sizeof(joined) - length, "%s%.*s",
                                   i == 0 ? "" : "|", (int)field.length, field.at);
    }
    cr_assert_str_eq(joined, expected, "line %ld: '%s'", (long)line, joined);
    cr_assert_eq(input->csv.line, line, "line %ld", (long)input->csv.line);
}

static void at_end(struct input *input)
{
    struct err err = {.code = ERR_IO};
    cr_assert(!csv_next(&input->csv, &err));
    cr_assert_eq(err.code, ERR_NONE, "%s", err.msg);
}

static void row_fails(struct input *input, int64_t line, const char *message)
{
    struct err err = {0};
    cr_assert(!csv_next(&input->csv, &err));
    cr_assert_eq(err.code, ERR_FORMAT);
    cr_assert_eq(err.line, line, "line %ld", (long)err.line);
    cr_assert_not_null(strstr(err.msg, message), "'%s'", err.msg);
}

Test(csv, plain_rows)
{
    struct input *in = input_new("a,b,c\n1,,3\n,,\n", 14, ',');
    row_is(in, 1, "a|b|c");
    row_is(in, 2, "1||3");
    row_is(in, 3, "||");
    at_end(in);
    at_end(in);
    input_free(in);
}

Test(csv, the_last_line_may_end_without_a_newline)
{
    struct input *in = input_new("a,b\n1,2", 7, ',');
    row_is(in, 1, "a|b");
    row_is(in, 2, "1|2");
    at_end(in);
    input_free(in);
    in = input_new("a,", 2, ',');
    row_is(in, 1, "a|");
    at_end(in);
    input_free(in);
    in = input_new("\"q\"", 3, ',');
    row_is(in, 1, "q");
    at_end(in);
    input_free(in);
}

Test(csv, crlf_and_empty_lines)
{
    const char *text = "a,b\r\n\r\n1,2\r\n\n\n\"x\",\"y\"\r\n\"z\",\r";
    struct input *in = input_new(text, strlen(text), ',');
    row_is(in, 1, "a|b");
    row_is(in, 3, "1|2");
    row_is(in, 6, "x|y");
    row_is(in, 7, "z|");
    at_end(in);
    input_free(in);
}

Test(csv, quotes_protect_separators_quotes_and_newlines)
{
    const char *text =
        "\"a,b\",\"say \"\"hi\"\"\",\"\"\n\"two\nlines\nthree\",x\nnext,\"\n\"\nlast,1\n";
    struct input *in = input_new(text, strlen(text), ',');
    row_is(in, 1, "a,b|say \"hi\"|");
    row_is(in, 2, "two\nlines\nthree|x");
    row_is(in, 5, "next|\n");
    row_is(in, 7, "last|1");
    at_end(in);
    input_free(in);
}

Test(csv, a_quote_inside_a_plain_field_is_a_character)
{
    struct input *in = input_new("5\" disk,b\n", 10, ',');
    row_is(in, 1, "5\" disk|b");
    input_free(in);
}

Test(csv, a_byte_order_mark_is_passed_over)
{
    struct input *in = input_new("\xEF\xBB\xBFjob_id,b\n", 12, ',');
    row_is(in, 1, "job_id|b");
    cr_assert_eq(csv_column(&in->csv, "job_id"), 0);
    input_free(in);
}

Test(csv, tabs_separate_when_asked)
{
    struct input *in = input_new("a,b\tc\n", 6, '\t');
    row_is(in, 1, "a,b|c");
    input_free(in);
}

Test(csv, columns_are_found_by_their_exact_name)
{
    struct input *in = input_new("job_id,submit_s,job\n", 20, ',');
    row_is(in, 1, "job_id|submit_s|job");
    cr_assert_eq(csv_column(&in->csv, "job"), 2);
    cr_assert_eq(csv_column(&in->csv, "submit"), -1);
    cr_assert_eq(csv_column(&in->csv, ""), -1);
    input_free(in);
}

Test(csv, nothing_at_all_is_the_end)
{
    struct csv csv;
    struct err err = {0};
    csv_init(&csv, NULL, 0, ',');
    cr_assert(!csv_next(&csv, &err));
    cr_assert_eq(err.code, ERR_NONE);
    static const char *const EMPTY[] = {"", "\n", "\r\n\n\r\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF\n"};
    for (size_t i = 0; i < sizeof(EMPTY) / sizeof(EMPTY[0]); i++) {
        struct input *in = input_new(EMPTY[i], strlen(EMPTY[i]), ',');
        at_end(in);
        input_free(in);
    }
}

Test(csv, an_open_quote_is_an_error_of_its_row)
{
    const char *text = "a,b\n1,\"open\n2,3\n";
    struct input *in = input_new(text, strlen(text), ',');
    row_is(in, 1, "a|b");
    row_fails(in, 2, "never closed");
    input_free(in);
    in = input_new("\"", 1, ',');
    row_fails(in, 1, "never closed");
    input_free(in);
    in = input_new("\"\"\"", 3, ',');
    row_fails(in, 1, "never closed");
    input_free(in);
}

Test(csv, text_behind_a_closing_quote_is_an_error)
{
    struct input *in = input_new("\"a\"b,c\n", 7, ',');
    row_fails(in, 1, "followed by 'b'");
    input_free(in);
    in = input_new("\"a\"\rb\n", 6, ',');
    row_fails(in, 1, "followed by '?'");
    input_free(in);
    in = input_new("\"a\"\0b\n", 6, ',');
    row_fails(in, 1, "followed by '?'; expected");
    input_free(in);
}

Test(csv, a_row_of_too_many_fields_is_an_error)
{
    char text[CSV_MOST_FIELDS + 10];
    memset(text, ',', sizeof(text));
    struct input *in = input_new(text, CSV_MOST_FIELDS - 1, ',');
    struct err err = {0};
    cr_assert(csv_next(&in->csv, &err));
    cr_assert_eq(in->csv.count, CSV_MOST_FIELDS);
    input_free(in);
    in = input_new(text, CSV_MOST_FIELDS, ',');
    row_fails(in, 1, "more than 256 fields");
    input_free(in);
}

Test(csv, a_quote_means_nothing_where_the_writer_never_quotes)
{
    char text[] = "a|\"b\n\"|c\"d\"\n";
    struct csv csv;
    struct err err = {0};
    csv_init(&csv, text, strlen(text), '|');
    csv.unquoted = true;
    cr_assert(csv_next(&csv, &err));
    cr_assert_eq(csv.count, 2);
    cr_expect(view_is(csv.fields[1], "\"b"));
    cr_assert(csv_next(&csv, &err));
    cr_expect(view_is(csv.fields[0], "\""));
    cr_expect(view_is(csv.fields[1], "c\"d\""));
}
