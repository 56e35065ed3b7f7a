/* test_speeds.c - which GPU models a class of jobs may ask for; speeds of classes of work. */
#include <criterion/criterion.h>

#include "sim/cluster/catalogue.h"
#include "sim/workload/work_speeds.h"

static uint32_t add_class(struct speeds *speeds)
{
    uint32_t number = speeds_add(speeds, view_of("c"), 8);
    speeds_tell(speeds, view_of("A"), 8);
    speeds_tell(speeds, view_of("B"), 0);
    speeds_tell(speeds, view_of("C"), 0.5);
    return number;
}

/* What `asked` becomes; "fine" when it may stay. */
static void expect(const char *asked, const char *wanted)
{
    struct speeds speeds = {0};
    struct text models = {0};
    uint32_t number = add_class(&speeds);
    bool fine = speeds_suit(&speeds, number, view_of(asked), &models);
    cr_assert_eq(fine, strcmp(wanted, "fine") == 0, "%s", asked);
    cr_assert(!fine || models.length == 0, "%s", asked);
    cr_assert(fine || view_is((struct view){models.bytes, models.length}, wanted), "%s", asked);
    text_release(&models);
    speeds_release(&speeds);
}

Test(speeds, a_class_asks_for_the_models_on_which_it_can_work)
{
    expect("", "A|C");
    expect("A", "fine");
    expect("D|A", "fine");
    expect("B|D|C", "D|C");
    expect("B", "");
}

Test(speeds, a_class_of_work_has_the_ratios_of_the_catalogue)
{
    struct speeds speeds = {0};
    uint32_t dense = 0;
    uint32_t again = 0;
    uint32_t other = 0;
    cr_assert_eq(work_speeds_class(&speeds, view_of("training_dense"), &dense), WORK_SPEEDS_OK);
    cr_assert_eq(work_speeds_class(&speeds, view_of("training_dense"), &again), WORK_SPEEDS_OK);
    cr_assert_eq(work_speeds_class(&speeds, view_of("hpc_fp64@V100"), &other), WORK_SPEEDS_OK);
    cr_assert_eq(dense, again);
    cr_assert_neq(dense, other);
    cr_assert_float_eq(speeds_reference(&speeds, dense), 1, 1e-15);
    cr_assert_float_eq(speeds_on(&speeds, dense, CATALOGUE_BASE_GPU), 1, 1e-15);
    cr_assert_float_eq(speeds_on(&speeds, dense, "H100"), 989.4 / 312, 1e-12);
    cr_assert_float_eq(speeds_on(&speeds, dense, "H100-SXM"), 989.4 / 312, 1e-12);
    cr_assert_float_eq(speeds_on(&speeds, dense, "MI300X/CPX"), 1307.4 / 312 / 8, 1e-12);
    cr_assert_float_eq(speeds_on(&speeds, dense, "a stranger"), 1, 1e-15);
    cr_assert_float_eq(speeds_reference(&speeds, other), 7.8 / 19.5, 1e-12);
    cr_assert_float_eq(speeds_on(&speeds, other, "A100-40GB"), 1, 1e-12);
    cr_assert_float_eq(speeds_on(&speeds, other, "Gaudi-2"), 0, 0);
    cr_assert_eq(work_speeds_class(&speeds, view_of("dense"), &dense), WORK_SPEEDS_NO_CLASS);
    cr_assert_eq(work_speeds_class(&speeds, view_of("inference@X"), &dense), WORK_SPEEDS_NO_MODEL);
    speeds_release(&speeds);
}
