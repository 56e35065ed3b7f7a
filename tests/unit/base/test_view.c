/* test_view.c - pieces of text. */
#include <criterion/criterion.h>

#include "sim/base/view.h"

Test(view, is_compares_whole)
{
    cr_assert(view_is(view_of("abc"), "abc"));
    cr_assert(!view_is(view_of("abc"), "ab"));
    cr_assert(!view_is(view_of("ab"), "abc"));
    cr_assert(view_is((struct view){NULL, 0}, ""));
    cr_assert(!view_is((struct view){"a\0b", 3}, "a"));
}

Test(view, trim_takes_blanks_at_both_ends_only)
{
    cr_assert(view_is(view_trim(view_of(" \t a b \r")), "a b"));
    cr_assert(view_is(view_trim(view_of(" \t\r ")), ""));
    cr_assert(view_is(view_trim((struct view){NULL, 0}), ""));
}

Test(view, cut_splits_at_the_first_separator)
{
    struct view rest;
    cr_assert(view_is(view_cut(view_of("a:b:c"), ':', &rest), "a"));
    cr_assert(view_is(rest, "b:c"));
    cr_assert(view_is(view_cut(rest, ':', &rest), "b"));
    cr_assert(view_is(view_cut(rest, ':', &rest), "c"));
    cr_assert_null(rest.at);
    cr_assert_eq(rest.length, 0);
}

Test(view, cut_tells_an_empty_rest_from_none)
{
    struct view rest;
    cr_assert(view_is(view_cut(view_of("a="), '=', &rest), "a"));
    cr_assert_not_null(rest.at);
    cr_assert_eq(rest.length, 0);
    cr_assert(view_is(view_cut((struct view){NULL, 0}, '=', &rest), ""));
    cr_assert_null(rest.at);
}
