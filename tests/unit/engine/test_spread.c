/* test_spread.c - jobs over several nodes and domains work slower, as the run's settings say. */
#include <criterion/criterion.h>

#include "world.h"

/* Two jobs of 10 s; `a` needs both nodes, `b` runs after it on one. */
static void expect_end(int64_t over_nodes_ppm, int64_t over_domains_ppm, int64_t end_us)
{
    struct world world;
    world_init(&world, "2x2", "a,0,10,4,,\nb,0,10,2,,\n");
    world.policy = &greedy_policy;
    world.settings.audit = true;
    world.settings.over_nodes_ppm = over_nodes_ppm;
    world.settings.over_domains_ppm = over_domains_ppm;
    cr_assert(world_run(&world), "%s", world.err.msg);
    cr_assert_eq(world.result.end_us, end_us, "%s", world.log.bytes);
    world_release(&world);
}

Test(spread, costs_nothing_by_default)
{
    expect_end(0, 0, 20 * SECOND_US);
}

/* 10 s at half the speed, then 10 s at full speed. */
Test(spread, slows_down_over_nodes)
{
    expect_end(500000, 0, 30 * SECOND_US);
}

/* A cluster without levels has no domains to be spread over. */
Test(spread, needs_a_level_for_domains)
{
    expect_end(0, 500000, 20 * SECOND_US);
}
