/* test_speeds.c - which GPU models a class of jobs may ask for. */
#include <criterion/criterion.h>

#include "sim/workload/speeds.h"

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
