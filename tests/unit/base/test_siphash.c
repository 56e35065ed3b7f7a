/* test_siphash.c - the value that the paper gives, and keys that matter. */
#include <criterion/criterion.h>

#include "sim/base/siphash.h"

/* Appendix A of the paper: key bytes 00 to 0f, message bytes 00 to 0e. */
Test(siphash, gives_the_value_of_the_paper)
{
    struct siphash_key key = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
    char message[15];
    for (int i = 0; i < 15; i++) {
        message[i] = (char)i;
    }
    cr_expect_eq(siphash(key, (struct view){message, 15}), UINT64_C(0xa129ca6149be45e5));
}

Test(siphash, depends_on_every_byte_of_key_and_text)
{
    struct siphash_key key = siphash_key_of(view_of("key"));
    uint64_t value = siphash(key, view_of("name of 16 bytes"));
    cr_expect_eq(siphash(key, view_of("name of 16 bytes")), value);
    cr_expect_neq(siphash(key, view_of("name of 16 byte")), value);
    cr_expect_neq(siphash(key, view_of("Name of 16 bytes")), value);
    cr_expect_neq(siphash(siphash_key_of(view_of("Key")), view_of("name of 16 bytes")), value);
    cr_expect_neq(siphash(key, view_of("")), siphash(key, (struct view){"\0", 1}));
}
