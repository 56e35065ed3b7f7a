/* suppose.c - see suppose.h. */
#include "sim/plan/suppose.h"

static bool always(const struct plan_study *study, const struct plan_bench *bench, uint32_t policy)
{
    (void)study;
    (void)bench;
    (void)policy;
    return true;
}

static bool if_it_grows(const struct plan_study *study, const struct plan_bench *bench,
                        uint32_t policy)
{
    (void)bench;
    (void)policy;
    bool grows = study->growth < 0 || study->growth > 0 || study->rules.count > 0;
    return grows && study->years >= 1;
}

static bool if_it_fails(const struct plan_study *study, const struct plan_bench *bench,
                        uint32_t policy)
{
    (void)study;
    (void)policy;
    const struct supply_spec *supply = plan_bench_input(bench)->settings->supply;
    return supply != NULL && supply->failure_count > 0;
}

static bool if_estimates_matter(const struct plan_study *study, const struct plan_bench *bench,
                                uint32_t policy)
{
    (void)study;
    return (plan_bench_input(bench)->policies[policy].ops->flags & SCHED_NEEDS_ESTIMATES) != 0;
}

const struct supposition suppositions[] = {
    {"demand", {"10 % less demand", 0.9, 1, 0, 1, WORLD_ESTIMATES_AS_TOLD}, always},
    {"demand", {"10 % more demand", 1.1, 1, 0, 1, WORLD_ESTIMATES_AS_TOLD}, always},
    {"growth", {"growth -1 year", 1, 1, -1, 1, WORLD_ESTIMATES_AS_TOLD}, if_it_grows},
    {"growth", {"growth +1 year", 1, 1, 1, 1, WORLD_ESTIMATES_AS_TOLD}, if_it_grows},
    {"durations", {"jobs 10 % shorter", 1, 0.9, 0, 1, WORLD_ESTIMATES_AS_TOLD}, always},
    {"durations", {"jobs 10 % longer", 1, 1.1, 0, 1, WORLD_ESTIMATES_AS_TOLD}, always},
    {"failures", {"half the failures", 1, 1, 0, 0.5, WORLD_ESTIMATES_AS_TOLD}, if_it_fails},
    {"failures", {"twice the failures", 1, 1, 0, 2, WORLD_ESTIMATES_AS_TOLD}, if_it_fails},
    {"estimates", {"exact estimates", 1, 1, 0, 1, WORLD_ESTIMATES_EXACT}, if_estimates_matter},
    {"estimates", {"rough estimates", 1, 1, 0, 1, WORLD_ESTIMATES_ROUGH}, if_estimates_matter},
};

const size_t supposition_count = sizeof(suppositions) / sizeof(suppositions[0]);
