/* test_guard.c - what is refused while it arrives, and what only looks like it. */
#include <criterion/criterion.h>

#include "sim/base/guard.h"
#include "sim/base/mem.h"

enum { PIECE = 1 << 18 };

/* Shows a text of `length` bytes, in pieces. */
static bool look(char *bytes, size_t length, struct err *err)
{
    struct guard guard = {0};
    bool ok = true;
    for (size_t shown = 0; ok && shown < length;) {
        shown = length - shown < PIECE ? length : shown + PIECE;
        ok = guard_look(&guard, (struct view){bytes, shown}, "t", err);
    }
    return ok;
}

static char *letters(size_t length)
{
    char *bytes = mem_alloc(length + 1, 1);
    memset(bytes, 'a', length);
    return bytes;
}

Test(guard, refuses_a_line_that_never_ends_by_its_number)
{
    size_t length = 2 * GUARD_LONGEST_LINE;
    char *bytes = letters(length);
    struct err err = {0};
    cr_assert_not(look(bytes, length, &err));
    cr_expect_str_eq(err.msg, "t:1: a line of more than 4194304 bytes; expected rows");
    bytes[100] = '\n';
    bytes[PIECE] = '\n';
    cr_assert_not(look(bytes, length, &err));
    cr_expect_str_eq(err.msg, "t:3: a line of more than 4194304 bytes; expected rows");
    bytes[GUARD_LONGEST_LINE] = '\n';
    cr_expect(look(bytes, length, &err), "%s", err.msg);
    free(bytes);
}

Test(guard, lets_json_come_as_one_line)
{
    size_t length = 2 * GUARD_LONGEST_LINE;
    char *bytes = letters(length);
    struct err err = {0};
    memcpy(bytes, "\n {", 3);
    cr_expect(look(bytes, length, &err), "%s", err.msg);
    memcpy(bytes, "\n\n[", 3);
    cr_expect(look(bytes, length, &err), "%s", err.msg);
    memcpy(bytes, "\na{", 3);
    cr_expect_not(look(bytes, length, &err));
    struct guard guard = {.is_begun = true, .is_json = true};
    guard.seen = GUARD_LONGEST_JSON;
    char *longest = letters(GUARD_LONGEST_JSON + 1);
    cr_expect_not(guard_look(&guard, (struct view){longest, GUARD_LONGEST_JSON + 1}, "t", &err));
    free(longest);
    free(bytes);
}

Test(guard, refuses_a_zero_byte_by_its_place)
{
    struct err err = {0};
    char bytes[] = "ab\0cd";
    cr_assert_not(look(bytes, 5, &err));
    cr_expect_str_eq(err.msg, "t: byte 3 is NUL; expected a text file");
}

Test(guard, refuses_archives_that_unpack_to_a_multiple)
{
    struct err err = {0};
    cr_expect(guard_ratio(1, GUARD_ANY_RATIO, "t", &err));
    cr_expect(guard_ratio(1 << 20, (size_t)100 << 20, "t", &err));
    cr_expect_not(guard_ratio((1 << 20) - 1, (size_t)100 << 20, "t", &err));
    cr_expect_not_null(strstr(err.msg, "unpacks to more than 100 times its size"));
}
