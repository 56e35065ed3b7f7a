/* test_sharing.c - jobs that share a GPU work slower while they do. */
#include <criterion/criterion.h>

#include "world.h"

static void expect_log(const char *jobs, const char *const *lines)
{
    struct world world;
    world_init(&world, "1x1", jobs);
    world.policy = &greedy_policy;
    world.settings.audit = true;
    world.settings.sharing_ppm = 500000;
    cr_assert(world_run(&world), "%s", world.err.msg);
    for (; *lines != NULL; lines++) {
        cr_assert_neq(strstr(world.log.bytes, *lines), NULL, "%s", world.log.bytes);
    }
    world_release(&world);
}

/* Alone until 4, then at half the speed beside b, whose 3 s take 6; at 10 a has 3 s left. */
Test(sharing, slows_down_both_while_it_lasts)
{
    static const char *const lines[] = {"10 finish b", "13 finish a", NULL};
    expect_log("a,0,10,0.5,,\nb,4,3,0.5,,\n", lines);
}

/* A quarter of the speed with two others. a and b make 1 s until 4, and 1.5 s beside each other. */
Test(sharing, is_worse_with_more)
{
    static const char *const lines[] = {"4 finish c", "7 finish a", "7 finish b", NULL};
    expect_log("a,0,2.5,0.25,,\nb,0,2.5,0.25,,\nc,0,1,0.25,,\n", lines);
}

Test(sharing, leaves_whole_gpus_alone)
{
    static const char *const lines[] = {"10 finish a", "20 finish b", NULL};
    expect_log("a,0,10,1,,\nb,0,10,1,,\n", lines);
}
