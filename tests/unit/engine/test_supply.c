/* Nodes and GPUs that go away and come back: who stops, who starts again where, and when. */
#include <criterion/criterion.h>

#include "sim/engine/supply.h"
#include "world.h"

/* Node `node` of a cluster "NxG" is called node-<node>, or node when it is the only one. */
static void add_outage(struct world *world, struct supply_spec *spec, int64_t from_s,
                       int64_t until_s, uint32_t node, uint32_t gpu)
{
    bool whole = gpu == LOG_WHOLE_NODE;
    const char *name = world->cluster.nodes.items[node].name;
    struct supply_outage outage = {
        .from_us = from_s * SECOND_US,
        .until_us = until_s < 0 ? PARAM_NEVER_US : until_s * SECOND_US,
        .unit = whole ? SUPPLY_NODES : SUPPLY_GPUS,
        .name = names_add(&spec->names, view_of(name), NULL),
        .gpu = gpu,
    };
    vec_push(&spec->outages, outage);
}

static void run_world(struct world *world, struct supply_spec *spec)
{
    world->settings.supply = spec;
    cr_assert(world_run(world), "%s", world->err.msg);
    cr_assert_eq(world->cluster.away_gpu_milli, 0, "the cluster is whole again after the run");
    vec_release(&spec->outages);
    names_release(&spec->names);
}

Test(supply, a_job_on_a_failed_node_stops_and_starts_anew_elsewhere)
{
    struct world world;
    struct supply_spec spec = {0};
    world_init(&world, "2x8", "a,0,100,8,,\nb,0,10,8,,\n");
    add_outage(&world, &spec, 40, 200, 0, LOG_WHOLE_NODE);
    run_world(&world, &spec);
    cr_assert_str_eq(world.log.bytes,
                     "0 submit a\n0 submit b\n0 start a 0:8\n0 start b 1:8\n10 finish b 1:8\n"
                     "40 interrupt a 0:8\n40 away 0\n40 start a 1:8\n100 finish a 1:8\n"
                     "100 end\n");
    world_release(&world);
}

Test(supply, work_since_the_last_checkpoint_is_lost_and_restoring_takes_time)
{
    struct world world;
    struct supply_spec spec = {0};
    world_init(&world, "1x8", "a,0,100,8,,\n");
    world.settings.checkpoint_us = 15 * SECOND_US;
    world.settings.restore_us = 5 * SECOND_US;
    world.settings.start_us = 1 * SECOND_US;
    add_outage(&world, &spec, 41, 50, 0, LOG_WHOLE_NODE);
    run_world(&world, &spec);
    /* 40 s of work by 41, 30 kept; from 50: 6 s of latency and 70 of work. */
    cr_assert_str_eq(world.log.bytes,
                     "0 submit a\n0 start a 0:8\n41 interrupt a 0:8 lost 10\n41 away 0\n"
                     "50 back 0\n50 start a 0:8\n126 finish a 0:8\n126 end\n");
    world_release(&world);
}

Test(supply, a_gang_stops_whole_when_one_of_its_nodes_fails)
{
    struct world world;
    struct supply_spec spec = {0};
    world_init(&world, "3x4", "a,0,100,8,2,\nb,0,20,4,1,\n");
    add_outage(&world, &spec, 10, -1, 1, LOG_WHOLE_NODE);
    run_world(&world, &spec);
    cr_assert_str_eq(world.log.bytes, "0 submit a\n0 submit b\n0 start a 0:4 1:4\n0 start b 2:4\n"
                                      "10 interrupt a 0:4 1:4\n10 away 1\n20 finish b 2:4\n"
                                      "20 start a 0:4 2:4\n110 finish a 0:4 2:4\n110 end\n");
    world_release(&world);
}

Test(supply, a_broken_gpu_stops_those_on_it_only)
{
    struct world world;
    struct supply_spec spec = {0};
    world_init(&world, "1x4", "a,0,100,1,,\nb,0,100,1,,\nc,1,10,3,,\n");
    add_outage(&world, &spec, 5, 50, 0, 1);
    run_world(&world, &spec);
    cr_assert_str_eq(world.log.bytes,
                     "0 submit a\n0 submit b\n0 start a 0:1\n0 start b 0:1\n1 submit c\n"
                     "5 interrupt b 0:1\n5 away 0.1\n5 start b 0:1\n50 back 0.1\n"
                     "100 finish a 0:1\n100 finish b 0:1\n100 start c 0:3\n110 finish c 0:3\n"
                     "110 end\n");
    world_release(&world);
}

Test(supply, a_node_is_away_from_the_first_cause_to_the_end_of_the_last)
{
    struct world world;
    struct supply_spec spec = {0};
    world_init(&world, "1x4", "a,0,10,4,,\nb,12,10,4,,\n");
    add_outage(&world, &spec, 11, 20, 0, LOG_WHOLE_NODE);
    add_outage(&world, &spec, 15, 30, 0, LOG_WHOLE_NODE);
    add_outage(&world, &spec, 14, 35, 0, 2);
    run_world(&world, &spec);
    cr_assert_str_eq(world.log.bytes,
                     "0 submit a\n0 start a 0:4\n10 finish a 0:4\n11 away 0\n12 submit b\n"
                     "30 back 0\n30 away 0.2\n35 back 0.2\n35 start b 0:4\n45 finish b 0:4\n"
                     "45 end\n");
    world_release(&world);
}

Test(supply, a_finish_comes_before_a_failure_and_a_repair_before_both_submit_and_pass)
{
    struct world world;
    struct supply_spec spec = {0};
    world_init(&world, "1x4", "a,0,10,4,,\nb,20,10,4,,\n");
    add_outage(&world, &spec, 10, 20, 0, LOG_WHOLE_NODE);
    add_outage(&world, &spec, 20, 25, 0, 0);
    run_world(&world, &spec);
    cr_assert_str_eq(world.log.bytes,
                     "0 submit a\n0 start a 0:4\n10 finish a 0:4\n10 away 0\n20 back 0\n"
                     "20 away 0.0\n20 submit b\n25 back 0.0\n25 start b 0:4\n35 finish b 0:4\n"
                     "35 end\n");
    world_release(&world);
}

Test(supply, who_waits_for_a_node_that_never_comes_back_stays_pending)
{
    struct world world;
    struct supply_spec spec = {.failure_count = 1};
    world_init(&world, "2x4", "a,0,10,8,2,\n");
    add_outage(&world, &spec, 0, -1, 1, LOG_WHOLE_NODE);
    spec.failures[0] =
        (struct supply_failures){SUPPLY_NODES, 0, {86400e6, 3600e6, 1}}; /* for ever */
    run_world(&world, &spec);
    cr_assert_leq(world.result.end_us, 366 * 86400 * SECOND_US);
    cr_assert_not_null(strstr(world.log.bytes, "submit a"));
    cr_assert_null(strstr(world.log.bytes, "start a"));
    world_release(&world);
}

Test(supply, who_never_fits_even_when_all_is_there_is_rejected)
{
    struct world world;
    struct supply_spec spec = {0};
    world_init(&world, "2x4", "a,0,10,8,2,\nb,0,10,9,,\n");
    add_outage(&world, &spec, 0, 100, 1, LOG_WHOLE_NODE);
    run_world(&world, &spec);
    cr_assert_str_eq(world.log.bytes,
                     "0 away 1\n0 submit a\n0 reject b\n100 back 1\n100 start a 0:4 1:4\n"
                     "110 finish a 0:4 1:4\n110 end\n");
    world_release(&world);
}

Test(supply, equal_seeds_give_equal_failures_and_others_do_not)
{
    uint64_t fingerprints[3] = {0};
    for (int i = 0; i < 3; i++) {
        struct world world;
        struct supply_spec spec = {.failure_count = 2};
        world_init(&world, "4x2", "a,0,100000,8,4,\nb,5,50000,2,,\n");
        spec.failures[0] = (struct supply_failures){SUPPLY_NODES, 0, {40000e6, 100e6, 0.7}};
        spec.failures[1] = (struct supply_failures){SUPPLY_GPUS, 0, {80000e6, 100e6, 1}};
        world.settings.seed = i == 2 ? 8 : 7;
        world.settings.checkpoint_us = SECOND_US;
        run_world(&world, &spec);
        fingerprints[i] = world.result.fingerprint;
        cr_assert_not_null(strstr(world.log.bytes, "interrupt"));
        world_release(&world);
    }
    cr_assert_eq(fingerprints[0], fingerprints[1]);
    cr_assert_neq(fingerprints[0], fingerprints[2]);
}

struct told {
    VEC(enum wait_cause) causes;
};

static void note_cause(void *self, const struct log_record *record)
{
    struct told *told = self;
    if (record->kind == LOG_CAUSE) {
        vec_push(&told->causes, record->waits->cause);
    }
}

Test(supply, who_would_find_room_if_all_were_there_waits_for_the_failure)
{
    struct world world;
    struct supply_spec spec = {0};
    struct told told = {0};
    world_init(&world, "2x4", "a,0,100,4,,\nb,20,10,4,,\n");
    add_outage(&world, &spec, 10, 50, 1, LOG_WHOLE_NODE);
    world.settings.supply = &spec;
    world.settings.causes = true;
    struct log_sink sink = {&told, note_cause};
    struct engine_input input = {
        .settings = &world.settings,
        .workload = &world.workload,
        .cluster = &world.cluster,
        .policy = world.policy,
        .place = place_find("first"),
        .sinks = &sink,
        .sink_count = 1,
    };
    cr_assert(engine_run(&input, &world.result, &world.err), "%s", world.err.msg);
    cr_assert_eq(told.causes.count, 1);
    cr_assert_eq(told.causes.items[0], WAIT_FAILURE);
    vec_release(&told.causes);
    vec_release(&spec.outages);
    names_release(&spec.names);
    world_release(&world);
}
