/* test_json_array.c - elements of a long JSON array come one by one, with their lines. */
#include <criterion/criterion.h>

#include "sim/base/json_array.h"

static void expect_problem(const char *text, int elements, int64_t line, const char *message)
{
    struct json_array array = json_array_of(view_of(text));
    struct err err = {0};
    json_t *value = NULL;
    int count = 0;
    while ((value = json_array_next(&array, &err)) != NULL) {
        json_decref(value);
        count++;
    }
    cr_expect_eq(count, elements, "%s", text);
    cr_expect_eq(err.line, line, "%s: line %d", text, (int)err.line);
    cr_expect_str_eq(err.msg, message, "%s: %s", text, err.msg);
}

Test(json_array, elements_come_in_order_with_their_lines)
{
    static const char text[] = " [ {\"a\": \"]}\\\"[\"},\r\n\n[1,\n2] , {} ]\n";
    struct json_array array = json_array_of(view_of(text));
    struct err err = {0};
    json_t *value = json_array_next(&array, &err);
    cr_assert_str_eq(json_string_value(json_object_get(value, "a")), "]}\"[");
    cr_assert_eq(array.element_line, 1);
    json_decref(value);
    value = json_array_next(&array, &err);
    cr_assert_eq(json_array_size(value), 2);
    cr_assert_eq(array.element_line, 3);
    json_decref(value);
    value = json_array_next(&array, &err);
    cr_assert(json_is_object(value));
    cr_assert_eq(array.element_line, 4);
    json_decref(value);
    cr_assert_null(json_array_next(&array, &err));
    cr_assert_eq(err.code, ERR_NONE);
    cr_assert_null(json_array_next(&array, &err), "the end stays the end");
    cr_assert_eq(err.code, ERR_NONE);
}

Test(json_array, an_empty_array_has_no_elements)
{
    expect_problem("[ \n]", 0, 0, "");
}

Test(json_array, what_is_no_array_is_refused_at_its_line)
{
    expect_problem("", 0, 1, "found '', expected '[', the start of a JSON array");
    expect_problem("{}", 0, 1, "found '{', expected '[', the start of a JSON array");
    expect_problem("[", 0, 1, "found '', expected an object");
    expect_problem("[{}\n{}]", 1, 2, "found '{', expected ',' or ']' behind an element");
    expect_problem("[{},\n]", 1, 2, "found ']', expected an object");
    expect_problem("[{},\n1]", 1, 2, "found '1', expected an object");
    expect_problem("[{}]\n[", 1, 2, "found '[', expected nothing behind the array");
    expect_problem("[{\"a\": \"\\", 0, 1, "the JSON that starts here is never closed");
    expect_problem("[{},\n{\n]}]", 1, 3,
                   "not valid JSON (column 1): string or '}' expected near ']'");
}
