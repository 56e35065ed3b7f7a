/* test_err.c - error values: filling, cutting, naming the place. */
#include <string.h>

#include <criterion/criterion.h>

#include "sim/base/err.h"

Test(err, set_fills_every_field_and_returns_false)
{
    struct err err = {0};
    cr_assert(!err_set(&err, ERR_FORMAT, 7, "found %d, expected %s", 3, "four"));
    cr_assert_eq(err.code, ERR_FORMAT);
    cr_assert_eq(err.line, 7);
    cr_assert_str_eq(err.msg, "found 3, expected four");
}

Test(err, control_characters_of_the_input_do_not_reach_the_terminal)
{
    struct err err = {0};
    (void)err_set(&err, ERR_FORMAT, 1, "found '%s'", "\x1b[31mred\n\x7f\tend");
    cr_assert_str_eq(err.msg, "found '?[31mred???end'");
}

Test(err, text_beyond_ascii_is_kept)
{
    struct err err = {0};
    (void)err_set(&err, ERR_FORMAT, 1, "found '%s'", "Zürich");
    cr_assert_str_eq(err.msg, "found 'Zürich'");
}

Test(err, locate_names_file_and_line)
{
    struct err err = {0};
    (void)err_set(&err, ERR_FORMAT, 12, "is empty");
    cr_assert(!err_locate(&err, "a/b.csv"));
    cr_assert_str_eq(err.msg, "a/b.csv:12: is empty");
}

Test(err, locate_without_a_line_names_the_file_only)
{
    struct err err = {0};
    (void)err_set(&err, ERR_IO, 0, "is empty");
    (void)err_locate(&err, "b.csv");
    cr_assert_str_eq(err.msg, "b.csv: is empty");
}

Test(err, messages_too_long_are_cut_and_stay_terminated)
{
    char longer[2000];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    struct err err = {0};
    (void)err_set(&err, ERR_FORMAT, 9, "%s", longer);
    cr_assert_eq(strlen(err.msg), sizeof(err.msg) - 1);
    (void)err_locate(&err, longer);
    cr_assert_eq(strlen(err.msg), sizeof(err.msg) - 1);
    /* At most 120 bytes of the file's name, so that the problem is still seen. */
    cr_assert_eq(strncmp(err.msg + 120, ":9: xxx", 7), 0);
}
