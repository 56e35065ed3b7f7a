/* test_names.c - names as small numbers. */
#include <signal.h>
#include <stdio.h>

#include <criterion/criterion.h>

#include "sim/base/names.h"

Test(names, are_numbered_in_the_order_of_adding)
{
    struct names names = {0};
    bool is_new = false;
    cr_assert_eq(names_add(&names, view_of("b"), &is_new), 0);
    cr_assert(is_new);
    cr_assert_eq(names_add(&names, view_of("a"), NULL), 1);
    cr_assert_eq(names_add(&names, view_of("b"), &is_new), 0);
    cr_assert(!is_new);
    cr_assert_eq(names_add(&names, view_of("c"), NULL), 2);
    cr_assert_eq(names_count(&names), 3);
    cr_assert_str_eq(names_get(&names, 1), "a");
    names_release(&names);
    cr_assert_eq(names_count(&names), 0);
}

Test(names, find_does_not_add)
{
    struct names names = {0};
    cr_assert_eq(names_find(&names, view_of("x")), NAMES_NONE);
    (void)names_add(&names, view_of("x"), NULL);
    cr_assert_eq(names_find(&names, view_of("x")), 0);
    cr_assert_eq(names_find(&names, view_of("y")), NAMES_NONE);
    cr_assert_eq(names_count(&names), 1);
    names_release(&names);
}

Test(names, the_empty_name_is_a_name)
{
    struct names names = {0};
    cr_assert_eq(names_add(&names, (struct view){NULL, 0}, NULL), 0);
    cr_assert_eq(names_add(&names, view_of(""), NULL), 0);
    cr_assert_eq(names_find(&names, (struct view){NULL, 0}), 0);
    cr_assert_str_eq(names_get(&names, 0), "");
    names_release(&names);
}

Test(names, are_compared_whole)
{
    struct names names = {0};
    (void)names_add(&names, view_of("node-1"), NULL);
    cr_assert_eq(names_find(&names, (struct view){"node-12", 6}), 0);
    cr_assert_eq(names_find(&names, view_of("node-12")), NAMES_NONE);
    cr_assert_eq(names_find(&names, view_of("node-")), NAMES_NONE);
    names_release(&names);
}

Test(names, many_keep_their_numbers_while_the_table_grows)
{
    struct names names = {0};
    enum { MANY = 20000 };
    char word[32];
    for (uint32_t i = 0; i < MANY; i++) {
        (void)snprintf(word, sizeof(word), "user-%u", i * 7919U);
        cr_assert_eq(names_add(&names, view_of(word), NULL), i);
    }
    const char *first = names_get(&names, 0);
    for (uint32_t i = 0; i < MANY; i++) {
        (void)snprintf(word, sizeof(word), "user-%u", i * 7919U);
        cr_assert_eq(names_find(&names, view_of(word)), i);
        cr_assert_str_eq(names_get(&names, i), word);
    }
    cr_assert_eq(names_get(&names, 0), first, "the texts do not move");
    names_release(&names);
}

Test(names, a_number_that_was_never_given_is_a_failed_check, .signal = SIGABRT)
{
    struct names names = {0};
    (void)names_get(&names, 0);
}

/* Names are kept without a table as long as they ascend; what comes next must not matter. */
Test(names, ascending_names_are_found_before_and_after_the_order_breaks)
{
    struct names names = {0};
    bool is_new = false;
    char word[32];
    enum { MANY = 300 };
    for (uint32_t i = 0; i < MANY; i++) {
        (void)snprintf(word, sizeof(word), "%u", i * 2);
        cr_assert_eq(names_add(&names, view_of(word), &is_new), i);
        cr_assert(is_new);
    }
    cr_assert_eq(names_add(&names, view_of("598"), &is_new), MANY - 1);
    cr_assert(!is_new, "the newest name again");
    cr_assert_eq(names_find(&names, view_of("0")), 0);
    cr_assert_eq(names_find(&names, view_of("100")), 50);
    cr_assert_eq(names_find(&names, view_of("598")), MANY - 1);
    cr_assert_eq(names_find(&names, view_of("101")), NAMES_NONE);
    cr_assert_eq(names_find(&names, view_of("")), NAMES_NONE);
    cr_assert_eq(names_add(&names, view_of("100"), &is_new), 50);
    cr_assert(!is_new, "an older name again, which is out of order");
    cr_assert_eq(names_add(&names, view_of("7"), &is_new), MANY);
    cr_assert(is_new);
    for (uint32_t i = 0; i < MANY; i++) {
        (void)snprintf(word, sizeof(word), "%u", i * 2);
        cr_assert_eq(names_find(&names, view_of(word)), i);
    }
    cr_assert_eq(names_find(&names, view_of("7")), MANY);
    cr_assert_eq(names_find(&names, view_of("101")), NAMES_NONE);
    names_release(&names);
}
