/* test_engine.c - the time line of a run, settings and the cost of stopping. */
#include <criterion/criterion.h>

#include "world.h"

static void expect_log(const char *cluster, const char *jobs, const char *log)
{
    struct world world;
    world_init(&world, cluster, jobs);
    cr_assert(world_run(&world), "%s", world.err.msg);
    cr_assert_str_eq(world.log.bytes, log);
    world_release(&world);
}

Test(engine, replays_jobs_one_after_the_other)
{
    expect_log("1x2", "a,0,10,2,,\nb,1,5,2,,\n",
               "0 submit a\n0 start a 0:2\n1 submit b\n10 finish a 0:2\n10 start b 0:2\n"
               "15 finish b 0:2\n15 end\n");
}

Test(engine, starts_at_the_instant_of_the_finish_before_it)
{
    expect_log("1x1", "a,0,10,1,,\nb,10,1,1,,\n",
               "0 submit a\n0 start a 0:1\n10 finish a 0:1\n10 submit b\n10 start b 0:1\n"
               "11 finish b 0:1\n11 end\n");
}

Test(engine, runs_jobs_of_no_duration_within_an_instant)
{
    expect_log("1x1", "a,0,0,1,,\nb,0,0,1,,\n",
               "0 submit a\n0 submit b\n0 start a 0:1\n0 finish a 0:1\n0 start b 0:1\n"
               "0 finish b 0:1\n0 end\n");
}

Test(engine, keeps_the_first_submit_as_time_zero)
{
    expect_log("1x1", "a,1000.5,1,1,,\n", "0 submit a\n0 start a 0:1\n1 finish a 0:1\n1 end\n");
}

Test(engine, rejects_a_job_larger_than_the_cluster_and_goes_on)
{
    expect_log("2x4", "big,0,10,9,,\nsmall,0,1,1,,\n",
               "0 reject big\n0 submit small\n0 start small 0:1\n1 finish small 0:1\n1 end\n");
}

Test(engine, rejects_a_task_larger_than_any_node)
{
    expect_log("2x4", "a,0,10,5,1,\n", "0 reject a\n0 end\n");
}

Test(engine, clips_a_job_larger_than_the_cluster_when_told)
{
    struct world world;
    world_init(&world, "2x4", "big,0,10,9,,\n");
    world.settings.oversize = OVERSIZE_CLIP;
    cr_assert(world_run(&world));
    cr_assert_str_eq(world.log.bytes,
                     "0 submit big\n0 start big 0:4 1:4\n10 finish big 0:4 1:4\n10 end\n");
    world_release(&world);
}

Test(engine, clips_no_job_to_no_gpus)
{
    struct world world;
    world_init_json(&world, "{\"pools\": [{\"name\": \"n\", \"nodes\": 2, \"gpus\": 0}]}",
                    "free,0,10,4,,\ntasks,0,10,4,2,\n");
    world.settings.oversize = OVERSIZE_CLIP;
    cr_assert(world_run(&world));
    cr_assert_str_eq(world.log.bytes, "0 reject free\n0 reject tasks\n0 end\n");
    world_release(&world);
}

Test(engine, places_a_gang_whole_or_not_at_all)
{
    expect_log("2x4", "a,0,10,6,1,\nb,0,10,6,2,\nc,0,4,3,1,\n",
               "0 reject a\n0 submit b\n0 submit c\n0 start b 0:3 1:3\n"
               "10 finish b 0:3 1:3\n10 start c 0:3\n14 finish c 0:3\n14 end\n");
}

Test(engine, ends_at_the_horizon)
{
    struct world world;
    world_init(&world, "1x1", "a,0,10,1,,\nb,0,10,1,,\n");
    world.settings.horizon_us = 15 * SECOND_US;
    cr_assert(world_run(&world));
    cr_assert_str_eq(world.log.bytes, "0 submit a\n0 submit b\n0 start a 0:1\n10 finish a 0:1\n"
                                      "10 start b 0:1\n15 end\n");
    cr_assert_eq(world.result.end_us, 15 * SECOND_US);
    world_release(&world);
}

Test(engine, asks_at_multiples_of_the_period)
{
    struct world world;
    world_init(&world, "1x1", "a,0,10,1,,\nb,3,10,1,,\n");
    world.settings.pass = PASS_PERIOD;
    world.settings.pass_period_us = 4 * SECOND_US;
    cr_assert(world_run(&world));
    cr_assert_str_eq(world.log.bytes,
                     "0 submit a\n0 start a 0:1\n3 submit b\n10 finish a 0:1\n12 start b 0:1\n"
                     "22 finish b 0:1\n24 end\n");
    world_release(&world);
}

Test(engine, asks_after_every_event_when_told)
{
    struct world world;
    world_init(&world, "1x2", "a,0,5,1,,\nb,0,5,1,,\n");
    world.settings.pass = PASS_EVENT;
    cr_assert(world_run(&world));
    cr_assert_str_eq(world.log.bytes, "0 submit a\n0 start a 0:1\n0 submit b\n0 start b 0:1\n"
                                      "5 finish a 0:1\n5 finish b 0:1\n5 end\n");
    cr_assert_eq(world.result.passes, 4);
    world_release(&world);
}

Test(engine, applies_submits_first_when_told)
{
    struct world world;
    world_init(&world, "1x1", "a,0,5,1,,\nb,5,5,1,,\n");
    world.settings.tie = TIE_SUBMIT;
    cr_assert(world_run(&world));
    cr_assert_str_eq(world.log.bytes, "0 submit a\n0 start a 0:1\n5 submit b\n5 finish a 0:1\n"
                                      "5 start b 0:1\n10 finish b 0:1\n10 end\n");
    world_release(&world);
}

Test(engine, adds_start_latency_to_every_start)
{
    struct world world;
    world_init(&world, "1x1", "a,0,5,1,,\n");
    world.settings.start_us = 2 * SECOND_US;
    cr_assert(world_run(&world));
    cr_assert_str_eq(world.log.bytes, "0 submit a\n0 start a 0:1\n7 finish a 0:1\n7 end\n");
    world_release(&world);
}

Test(engine, gives_equal_fingerprints_to_equal_runs_only)
{
    uint64_t fingerprints[3];
    const char *const jobs[] = {"a,0,5,1,,\nb,0,6,1,,\n", "a,0,5,1,,\nb,0,6,1,,\n",
                                "a,0,6,1,,\nb,0,5,1,,\n"};
    for (size_t i = 0; i < 3; i++) {
        struct world world;
        world_init(&world, "1x2", jobs[i]);
        cr_assert(world_run(&world));
        fingerprints[i] = world.result.fingerprint;
        world_release(&world);
    }
    cr_assert_eq(fingerprints[0], fingerprints[1]);
    cr_assert_neq(fingerprints[0], fingerprints[2]);
}
