/* test_mig.c - names and geometry of MIG instances. */
#include <criterion/criterion.h>

#include "sim/cluster/mig.h"

static struct mig_profile profile(uint16_t compute_slices, uint16_t memory_gb)
{
    return (struct mig_profile){compute_slices, memory_gb};
}

Test(mig, names_are_read_whole)
{
    struct mig_profile found = {0};
    cr_assert(mig_profile_parse(view_of("3g.40gb"), &found));
    cr_assert_eq(found.compute_slices, 3);
    cr_assert_eq(found.memory_gb, 40);
    static const char *const WRONG[] = {"",        "3g",       "3g.",      "3g.gb",   "g.40gb",
                                        "8g.40gb", "0g.40gb",  "3g.0gb",   "3g40gb",  "3g.40gbx",
                                        " 3g.5gb", "-1g.10gb", "3g.40 gb", "3G.40GB", "3g.99999gb"};
    for (size_t i = 0; i < sizeof(WRONG) / sizeof(*WRONG); i++) {
        cr_assert_not(mig_profile_parse(view_of(WRONG[i]), &found), "'%s'", WRONG[i]);
    }
    cr_assert_eq(found.memory_gb, 40, "an error leaves the output alone");
    cr_assert_not(mig_profile_parse((struct view){"3g.40gb", 6}, &found), "reads beyond the view");
    struct text text = {0};
    mig_profile_add_name(&text, found);
    cr_assert_str_eq(text.bytes, "3g.40gb");
    text_release(&text);
}

Test(mig, memory_slices_follow_from_the_memory_of_the_gpu)
{
    /* Names and sizes as NVIDIA's guide lists them for A30, A100, H100, H200, B200. */
    static const struct {
        int64_t gpu_mib;
        struct mig_profile profile;
        uint32_t slices;
    } CASES[] = {
        {24576, {1, 6}, 2},    {24576, {2, 12}, 4},   {24576, {4, 24}, 8},  {40960, {1, 5}, 1},
        {40960, {1, 10}, 2},   {40960, {3, 20}, 4},   {40960, {7, 40}, 8},  {81920, {1, 10}, 1},
        {81920, {2, 20}, 2},   {81920, {4, 40}, 4},   {81920, {7, 80}, 8},  {81559, {3, 40}, 4},
        {144384, {1, 18}, 1},  {144384, {1, 35}, 2},  {144384, {3, 71}, 4}, {144384, {7, 141}, 8},
        {184320, {1, 23}, 1},  {184320, {2, 45}, 2},  {184320, {4, 90}, 4}, {184320, {7, 180}, 8},
        {81920, {3, 30}, 0},   {81920, {7, 160}, 0},  {81920, {3, 10}, 0},  {0, {1, 10}, 0},
        {1000000, {1, 10}, 0}, {81920, {1, 9999}, 0},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
        cr_assert_eq(mig_memory_slices(CASES[i].profile, CASES[i].gpu_mib), CASES[i].slices,
                     "case %zu", i);
    }
}

Test(mig, instances_start_where_the_hardware_lets_them)
{
    /* All starts of an instance on an idle GPU, found by blocking every other place. */
    static const struct {
        uint32_t slices, compute;
        uint8_t starts; /* bit i: may start at i */
    } CASES[] = {
        {1, 1, 0x7f}, {2, 1, 0x55}, {2, 2, 0x15}, {4, 3, 0x11}, {4, 4, 0x01}, {8, 7, 0x01},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
        uint8_t found = 0;
        for (uint32_t start = 0; start + CASES[i].slices <= 8; start++) {
            uint8_t others = (uint8_t)~mig_slice_mask(CASES[i].slices, start);
            if (mig_find_start(others, CASES[i].slices, CASES[i].compute) == start) {
                found |= (uint8_t)(1U << start);
            }
        }
        cr_assert_eq(found, CASES[i].starts, "case %zu: %#x", i, found);
    }
}

Test(mig, the_highest_place_goes_first_and_leaves_the_low_ones)
{
    cr_assert_eq(mig_find_start(0, 1, 1), 6);
    cr_assert_eq(mig_find_start(0x40, 1, 1), 5);
    cr_assert_eq(mig_find_start(0, 4, 3), 4);
    cr_assert_eq(mig_find_start(0xf0, 4, 3), 0);
    cr_assert_eq(mig_find_start(0xf0, 4, 4), 0);
    cr_assert_eq(mig_find_start(0x01, 4, 4), MIG_NO_START);
    cr_assert_eq(mig_find_start(0x80, 8, 7), MIG_NO_START);
    cr_assert_eq(mig_find_start(0x7f, 1, 1), MIG_NO_START, "slice 7 has no compute");
}

Test(mig, compute_counts_in_sevenths)
{
    cr_assert_eq(mig_gpu_milli(profile(1, 10)), 142);
    cr_assert_eq(mig_gpu_milli(profile(2, 20)), 285);
    cr_assert_eq(mig_gpu_milli(profile(3, 40)), 428);
    cr_assert_eq(mig_gpu_milli(profile(4, 40)), 571);
    cr_assert_eq(mig_gpu_milli(profile(7, 80)), 1000);
}
