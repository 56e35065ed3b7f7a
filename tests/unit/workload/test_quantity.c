/* test_quantity.c - amounts of Kubernetes. */
#include <criterion/criterion.h>

#include "sim/workload/quantity.h"

static int64_t milli_of(const char *text)
{
    int64_t value = -1;
    return quantity_milli(view_of(text), &value) ? value : -1;
}

static int64_t mib_of(const char *text)
{
    int64_t value = -1;
    return quantity_mib(view_of(text), &value) ? value : -1;
}

Test(quantity, suffixes_of_two_and_of_ten)
{
    cr_expect_eq(milli_of("96"), 96000);
    cr_expect_eq(milli_of("95500m"), 95500);
    cr_expect_eq(milli_of("0.5m"), 1);
    cr_expect_eq(milli_of("1.5"), 1500);
    cr_expect_eq(milli_of("2k"), 2000000);
    cr_expect_eq(mib_of("1056Gi"), 1081344);
    cr_expect_eq(mib_of("263856332Ki"), 257672);
    cr_expect_eq(mib_of("1.5Ti"), 1572864);
    cr_expect_eq(mib_of("1G"), 953);
    cr_expect_eq(mib_of("16e9"), 15258);
    cr_expect_eq(mib_of("1048576"), 1);
}

Test(quantity, other_texts_are_none)
{
    static const char *const bad[] = {"",      "Gi",  "m",   "-1",
                                      "1 000", "1Zi", "nan", "99999999999999P"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_expect_eq(milli_of(bad[i]), -1, "%s", bad[i]);
    }
    cr_expect_eq(mib_of("1x"), -1);
}
