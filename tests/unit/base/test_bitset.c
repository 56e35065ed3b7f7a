/* test_bitset.c - sets of small numbers, against an array of bool. */
#include <signal.h>
#include <stdlib.h>

#include <criterion/criterion.h>
#include <gsl/gsl_rng.h>

#include "sim/base/bitset.h"
#include "sim/base/mem.h"
#include "sim/base/rng.h"

/* Sizes at and around the borders of words and of summary words. */
static const uint32_t SIZES[] = {1,    2,    63,   64,   65,   127,    128,    129,
                                 4095, 4096, 4097, 8191, 8192, 262143, 262144, 262145};
enum { SIZE_COUNT = sizeof(SIZES) / sizeof(SIZES[0]) };

static uint32_t slow_next(const bool *model, uint32_t size, uint32_t from)
{
    for (uint32_t i = from; i < size; i++) {
        if (model[i]) {
            return i;
        }
    }
    return BITSET_END;
}

/* A random member, half of the time one next to the border of a word. */
static uint32_t draw_member(gsl_rng *rng, uint32_t size)
{
    uint32_t member = (uint32_t)gsl_rng_uniform_int(rng, size);
    unsigned long border = gsl_rng_uniform_int(rng, 4);
    if (border == 0) {
        member = member / 64 * 64;
    } else if (border == 1 && member / 64 * 64 + 63 < size) {
        member = member / 64 * 64 + 63;
    }
    return member;
}

static void random_walk(uint32_t size, uint64_t seed)
{
    gsl_rng *rng = rng_new(seed, "bitset-test", size);
    struct bitset set;
    bitset_init(&set, size);
    bool *model = mem_alloc(size, sizeof(*model));
    uint32_t count = 0;
    for (int step = 0; step < 3000; step++) {
        uint32_t member = draw_member(rng, size);
        if (gsl_rng_uniform_int(rng, 2) == 0) {
            count += model[member] ? 0 : 1;
            model[member] = true;
            bitset_add(&set, member);
        } else {
            count -= model[member] ? 1 : 0;
            model[member] = false;
            bitset_remove(&set, member);
        }
        cr_assert_eq(bitset_has(&set, member), model[member]);
        cr_assert_eq(set.count, count);
        uint32_t from = draw_member(rng, size);
        if (step % 8 == 0) {
            cr_assert_eq(bitset_next(&set, from), slow_next(model, size, from),
                         "size %u seed %lu from %u", size, (unsigned long)seed, from);
        }
    }
    for (uint32_t i = bitset_next(&set, 0); i != BITSET_END; i = bitset_next(&set, i + 1)) {
        cr_assert(model[i]);
        count--;
    }
    cr_assert_eq(count, 0, "next visits every member");
    free(model);
    bitset_release(&set);
    gsl_rng_free(rng);
}

Test(bitset, agrees_with_an_array_over_random_operations)
{
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        random_walk(SIZES[i], 1);
        random_walk(SIZES[i], 2);
    }
}

Test(bitset, every_pair_of_members_of_a_small_set_is_found)
{
    enum { SIZE = 200 };
    struct bitset set;
    bitset_init(&set, SIZE);
    for (uint32_t a = 0; a < SIZE; a++) {
        for (uint32_t b = a; b < SIZE; b++) {
            bitset_add(&set, a);
            bitset_add(&set, b);
            cr_assert_eq(set.count, a == b ? 1 : 2);
            cr_assert_eq(bitset_next(&set, 0), a);
            cr_assert_eq(bitset_next(&set, a), a);
            cr_assert_eq(bitset_next(&set, a + 1), a == b ? BITSET_END : b);
            cr_assert_eq(bitset_next(&set, b + 1), BITSET_END);
            bitset_remove(&set, a);
            bitset_remove(&set, b);
        }
    }
    cr_assert_eq(bitset_next(&set, 0), BITSET_END);
    bitset_release(&set);
}

Test(bitset, the_largest_size_works_at_both_ends)
{
    struct bitset set;
    bitset_init(&set, 1U << 24);
    cr_assert_eq(bitset_next(&set, 0), BITSET_END);
    bitset_add(&set, (1U << 24) - 1);
    cr_assert_eq(bitset_next(&set, 0), (1U << 24) - 1);
    bitset_add(&set, 0);
    cr_assert_eq(bitset_next(&set, 0), 0);
    cr_assert_eq(bitset_next(&set, 1), (1U << 24) - 1);
    cr_assert_eq(bitset_next(&set, UINT32_MAX), BITSET_END);
    bitset_release(&set);
}

Test(bitset, adding_and_removing_twice_changes_nothing)
{
    struct bitset set;
    bitset_init(&set, 100);
    bitset_add(&set, 64);
    bitset_add(&set, 64);
    cr_assert_eq(set.count, 1);
    bitset_remove(&set, 64);
    bitset_remove(&set, 64);
    cr_assert_eq(set.count, 0);
    bitset_release(&set);
}

Test(bitset, an_empty_range_has_no_members)
{
    struct bitset set;
    bitset_init(&set, 0);
    cr_assert_eq(bitset_next(&set, 0), BITSET_END);
    bitset_release(&set);
}

Test(bitset, a_member_outside_is_a_failed_check, .signal = SIGABRT)
{
    struct bitset set;
    bitset_init(&set, 100);
    bitset_add(&set, 100);
}
