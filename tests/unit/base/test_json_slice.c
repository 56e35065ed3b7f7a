/* test_json_slice.c - members of large objects and arrays, one by one. */
#include <criterion/criterion.h>

#include "sim/base/json_slice.h"

static struct json_slice whole(const char *text)
{
    return (struct json_slice){{text, strlen(text)}, 1};
}

Test(json_slice, members_of_an_object_with_their_lines)
{
    struct json_slices slices;
    struct json_slice value;
    struct view key;
    struct err err = {0};
    cr_assert(json_slices_open(&slices,
                               whole(" {\"a\": [1, {\"]\": \"}\\\"\"}],\n\n\"b\\\"\":-1.5e3 ,\"c\":"
                                     "\n{}, \"d\":\"x\\\\\" ,\"e\":null}\n "),
                               '{', &err));
    static const char *const keys[] = {"a", "b\\\"", "c", "d", "e"};
    static const char *const values[] = {"[1, {\"]\": \"}\\\"\"}]", "-1.5e3", "{}", "\"x\\\\\"",
                                         "null"};
    static const int64_t lines[] = {1, 3, 4, 4, 4};
    for (size_t i = 0; i < 5; i++) {
        cr_assert(json_slices_next(&slices, &key, &value, &err), "%s", err.msg);
        cr_expect(view_is(key, keys[i]), "%.*s", VIEW_ARG(key));
        cr_expect(view_is(value.text, values[i]), "%.*s", VIEW_ARG(value.text));
        cr_expect_eq(value.line, lines[i]);
    }
    cr_assert_not(json_slices_next(&slices, &key, &value, &err));
    cr_assert_eq(err.code, ERR_NONE);
}

Test(json_slice, members_of_an_array)
{
    struct json_slices slices;
    struct json_slice value;
    struct err err = {0};
    cr_assert(json_slices_open(&slices, whole("[1,[2,3]\n,{\"a\":\n4}]"), '[', &err));
    int count = 0;
    while (json_slices_next(&slices, NULL, &value, &err)) {
        json_t *parsed = json_slice_parse(value, &err);
        cr_assert_not_null(parsed);
        json_decref(parsed);
        count++;
    }
    cr_assert_eq(err.code, ERR_NONE);
    cr_assert_eq(count, 3);
    cr_assert_eq(slices.line, 3);
    cr_assert(json_slices_open(&slices, whole("[]"), '[', &err));
    cr_assert_not(json_slices_next(&slices, NULL, &value, &err));
    cr_assert_eq(err.code, ERR_NONE);
}

static void expect_broken(const char *text, int64_t line, const char *message)
{
    struct json_slices slices;
    struct json_slice value;
    struct view key;
    struct err err = {0};
    if (json_slices_open(&slices, whole(text), text[0] == '[' ? '[' : '{', &err)) {
        while (json_slices_next(&slices, &key, &value, &err)) {
            json_t *parsed = json_slice_parse(value, &err);
            if (parsed == NULL) {
                break;
            }
            json_decref(parsed);
        }
    }
    cr_expect_str_eq(err.msg, message);
    cr_expect_eq(err.line, line, "%s: line %d", text, (int)err.line);
}

Test(json_slice, what_is_broken_is_said_with_its_line)
{
    expect_broken("", 1, "found the end, expected an object");
    expect_broken("[1", 1, "not valid JSON: found the end, expected ',' or ']'");
    expect_broken("[1 2]", 1, "not valid JSON: found '2', expected ',' or ']'");
    expect_broken("[1,]", 1, "not valid JSON: found ']', expected a value");
    expect_broken("[,]", 1, "not valid JSON: found ',', expected a value");
    expect_broken("[1}", 1, "not valid JSON: found '}', expected ',' or ']'");
    expect_broken("[1]\n x", 2, "not valid JSON: found 'x', expected nothing behind the value");
    expect_broken("[\n[1", 2, "not valid JSON: found the end, expected the end of the value");
    expect_broken("[\n\"a", 2, "not valid JSON: found the end, expected the end of the value");
    expect_broken("{a:1}", 1, "not valid JSON: found 'a', expected a key in quotes");
    expect_broken("{\"a\" 1}", 1, "not valid JSON: found '1', expected ':'");
    expect_broken("{\"a\":}", 1, "not valid JSON: found '}', expected a value");
    expect_broken("{\"a\":1,}", 1, "not valid JSON: found '}', expected a key in quotes");
    expect_broken("[1,\n{\"a\":\nx}]", 3, "not valid JSON: invalid token near 'x'");
    expect_broken("[1,\n[}]", 2, "not valid JSON: unexpected token near '}'");
}
