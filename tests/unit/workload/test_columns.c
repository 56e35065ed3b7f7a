/* test_columns.c - headers bind columns in any order; fields are checked. */
#include <criterion/criterion.h>

#include "sim/base/mem.h"
#include "sim/workload/columns.h"
#include "sim/workload/outcome.h"

enum { NAME, COUNT, NOTE };

static const struct column specs[] = {
    [NAME] = {"name", true},
    [COUNT] = {"count", true},
    [NOTE] = {"note", false},
    {NULL, false},
};

Test(columns, are_bound_by_the_header_in_any_order)
{
    char text[] = "\xef\xbb\xbf# a remark, \"not a row\n count ,name\r\n 7 ,  x y \r\n\r\n8.0,z";
    struct file file = {.bytes = text, .length = strlen(text)};
    struct columns row;
    struct err err = {0};
    int64_t count = 0;
    cr_assert(columns_open(&row, &file, specs, false, &err), "%s", err.msg);
    cr_assert(columns_next(&row, &err));
    cr_expect_eq(columns_line(&row), 3);
    cr_expect(view_is(columns_text(&row, NAME), "x y"));
    cr_assert(columns_number(&row, COUNT, &number_count, &count, &err));
    cr_expect_eq(count, 7);
    cr_expect_not(columns_has(&row, NOTE));
    cr_assert(columns_next(&row, &err));
    cr_expect_eq(columns_line(&row), 5);
    cr_assert(columns_number(&row, COUNT, &number_count, &count, &err));
    cr_expect_eq(count, 8);
    cr_expect_not(columns_next(&row, &err));
    cr_expect_eq(err.code, ERR_NONE);
}

Test(columns, an_optional_number_that_is_empty_stays)
{
    char text[] = "name,count,note\na,,1.5\n";
    struct file file = {.bytes = text, .length = strlen(text)};
    struct columns row;
    struct err err = {0};
    int64_t value = 42;
    cr_assert(columns_open(&row, &file, specs, false, &err), "%s", err.msg);
    cr_assert(columns_next(&row, &err));
    cr_expect(columns_optional(&row, COUNT, &number_count, &value, &err));
    cr_expect_eq(value, 42);
    cr_expect(columns_optional(&row, NOTE, &number_span, &value, &err));
    cr_expect_eq(value, 1500000);
    cr_expect_not(columns_number(&row, COUNT, &number_count, &value, &err));
    cr_expect_str_eq(err.msg, "column 'count' is '', expected a whole number from 0 to 16777216");
}

Test(columns, are_detected_by_their_names)
{
    static const char *const names[] = {"b", "a", NULL};
    cr_expect(columns_detect(view_of("#x\na,\"b\",c\n1,2,3"), names));
    cr_expect_not(columns_detect(view_of("a,c\n"), names));
    cr_expect_not(columns_detect(view_of(""), names));
}

Test(columns, words_for_outcomes_are_known_in_any_case)
{
    bool known = false;
    cr_expect_eq(outcome_of_word(view_of("PASS"), &known), OUTCOME_COMPLETED);
    cr_expect(known);
    cr_expect_eq(outcome_of_word(view_of("Canceled"), NULL), OUTCOME_CANCELLED);
    cr_expect_eq(outcome_of_word(view_of("passed"), &known), OUTCOME_UNKNOWN);
    cr_expect_not(known);
    for (int i = 0; i <= OUTCOME_UNFINISHED; i++) {
        const char *word = outcome_word((enum job_outcome)i);
        cr_expect_eq(outcome_of_word(view_of(word), NULL), (enum job_outcome)i);
    }
}
