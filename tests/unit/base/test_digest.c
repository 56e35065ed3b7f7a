/* test_digest.c - digests equal those that libxxhash and xxhsum define. */
#include <criterion/criterion.h>

#include "sim/base/digest.h"

Test(digest, of_no_bytes_is_the_published_value)
{
    char text[DIGEST_TEXT];
    digest_bytes("", 0, text);
    cr_assert_str_eq(text, "99aa06d3014798d86001c324468d497f");
}

Test(digest, in_pieces_equals_the_whole)
{
    struct digest *whole = digest_new();
    struct digest *pieces = digest_new();
    char bytes[5000];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (char)(i * 31);
    }
    digest_add(whole, bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i += 100) {
        digest_add(pieces, bytes + i, 100);
        (void)digest_value(pieces);
    }
    cr_assert_eq(digest_value(whole), digest_value(pieces));
    digest_free(whole);
    digest_free(pieces);
    digest_free(NULL);
}

Test(digest, of_nothing_is_the_published_64_bit_value)
{
    struct digest *digest = digest_new();
    cr_assert_eq(digest_value(digest), UINT64_C(0x2D06800538D394C2));
    digest_free(digest);
}

Test(digest, integers_count_as_little_endian_bytes)
{
    struct digest *numbers = digest_new();
    struct digest *bytes = digest_new();
    const int64_t values[2] = {0x0807060504030201, -2};
    const unsigned char same[16] = {1,    2,    3,    4,    5,    6,    7,    8,
                                    0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    digest_add_i64(numbers, values, 2);
    digest_add(bytes, same, sizeof(same));
    cr_assert_eq(digest_value(numbers), digest_value(bytes));
    digest_free(numbers);
    digest_free(bytes);
}

Test(digest, one_changed_bit_changes_it)
{
    char a[DIGEST_TEXT];
    char b[DIGEST_TEXT];
    digest_bytes("abc", 3, a);
    digest_bytes("abb", 3, b);
    cr_assert_str_neq(a, b);
    cr_assert_str_eq(a, "06b05ab6733a618578af5f94892f3950", "as xxhsum -H2 prints for abc");
}
