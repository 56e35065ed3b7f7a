/* test_kai.c - the placement core inside the engine: schedules worked out by hand, and what must
 * not change them. */
#include <criterion/criterion.h>
#include <gsl/gsl_rng.h>

#include "sim/base/rng.h"
#include "sim/cluster/cluster_file.h"
#include "tests/lib/replay.h"

#define HEADER "job_id,submit_s,duration_s,gpus,queue"

static void assert_schedule(const char *cluster, const char *policy, const char *csv,
                            const char *expected)
{
    struct replay replay;
    replay_init(&replay, cluster);
    replay_read(&replay, csv);
    replay.policy = policy;
    replay.settings.audit = true;
    cr_assert(replay_run(&replay), "%s", replay.err.msg);
    struct text schedule = {0};
    replay_add_schedule(&schedule, &replay);
    cr_assert_str_eq(schedule.bytes, expected, "%s\nfound    %s\nexpected %s", policy,
                     schedule.bytes, expected);
    text_release(&schedule);
    replay_release(&replay);
}

/* Both queues own 4 of 8 GPUs; a has 8 when b comes. */
static const char TWO_QUEUES[] = HEADER "\na1,0,100,4,a\na2,0,100,4,a\nb1,10,50,4,b\n";

Test(kai, reclaims_what_a_queue_is_owed)
{
    assert_schedule("1x8", "kai", TWO_QUEUES, "a1 0-100, a2 0-151*1, b1 11-61");
}

Test(kai, leaves_others_alone_when_reclaim_is_off)
{
    assert_schedule("1x8", "kai:reclaim=false", TWO_QUEUES, "a1 0-100, a2 0-100, b1 100-150");
}

Test(kai, protects_jobs_from_reclaim_for_their_minimum_runtime)
{
    assert_schedule("1x8", "kai:defaultReclaimMinRuntime=30", TWO_QUEUES,
                    "a1 0-100, a2 0-151*1, b1 31-81");
}

Test(kai, makes_the_reclaimer_wait_for_the_grace_period)
{
    assert_schedule("1x8", "kai:grace-period=5", TWO_QUEUES, "a1 0-100, a2 0-155*1, b1 15-65");
}

Test(kai, runs_cycles_at_its_period_only)
{
    assert_schedule("1x8", "kai:schedule-period=20", TWO_QUEUES, "a1 0-100, a2 0-180*1, b1 40-90");
}

Test(kai, begins_work_after_the_bind_latency)
{
    assert_schedule("1x8", "kai:bind-latency=3", HEADER "\nx,0,10,8,a\n", "x 0-13");
}

Test(kai, preempts_inside_a_queue_by_priority)
{
    assert_schedule("1x4", "kai", HEADER ",priority\nlow,0,100,4,a,0\nhigh,5,10,4,a,5\n",
                    "low 0-111*1, high 6-16");
}

Test(kai, starts_a_gang_as_a_whole)
{
    assert_schedule("2x2", "kai", HEADER ",tasks\nx,0,10,1,a,1\ng,1,10,4,a,2\n", "x 0-10, g 10-20");
}

Test(kai, deals_a_free_shape_to_full_nodes)
{
    assert_schedule("3x4", "kai", HEADER "\nx,0,10,10,a\ny,0,10,2,a\nz,0,10,1,a\n",
                    "x 0-10, y 0-10, z 10-20");
}

Test(kai, shrinks_an_elastic_job_before_it_stops_one)
{
    assert_schedule("1x4", "kai", HEADER ",tasks,min_tasks\ne,0,100,4,a,4,1\nb,10,10,2,b,1,1\n",
                    "e 0-105.5, b 11-21");
}

Test(kai, packs_fractions_onto_one_gpu)
{
    assert_schedule("1x2", "kai",
                    "job_id,submit_s,duration_s,gpus,gpu_fraction,queue\n"
                    "f,0,10,0.5,0.5,a\ng,0,10,0.5,0.5,a\nw,0,10,1,,a\n",
                    "f 0-10, g 0-10, w 0-10");
}

Test(kai, keeps_jobs_that_cannot_be_preempted_inside_the_quota)
{
    assert_schedule("1x4", "kai:quotas=equal",
                    HEADER ",preemptible\nx,0,10,3,a,false\ny,0,10,2,b,false\n",
                    "x pending, y 0-10");
}

Test(kai, sees_no_whole_gpus_on_nodes_that_offer_instances)
{
    static const char JSON[] = "{\"pools\": [{\"name\": \"mig\", \"nodes\": 1, \"gpus\": 1, "
                               "\"gpu_memory_mib\": 81920, \"mig\": [\"1g.10gb\"]}, {\"name\": "
                               "\"whole\", \"nodes\": 1, \"gpus\": 2}]}";
    struct replay replay;
    char bytes[sizeof(JSON)];
    replay_init(&replay, "1x2");
    cluster_release_all(&replay.cluster);
    memcpy(bytes, JSON, sizeof(JSON));
    struct file file = {.bytes = bytes, .length = sizeof(JSON) - 1};
    cr_assert(cluster_from_json(&file, &replay.cluster, &replay.err), "%s", replay.err.msg);
    replay_read(&replay, HEADER "\nx,0,10,1,a\ny,0,10,1,a\n");
    replay.policy = "kai";
    cr_assert(replay_run(&replay), "%s", replay.err.msg);
    struct text schedule = {0};
    replay_add_schedule(&schedule, &replay);
    cr_assert_str_eq(schedule.bytes, "x 0-10, y 0-10", "%s", schedule.bytes);
    text_release(&schedule);
    replay_release(&replay);
}

Test(kai, refuses_a_window_of_too_many_samples)
{
    struct replay replay;
    replay_init(&replay, "1x4");
    replay_read(&replay, TWO_QUEUES);
    replay.policy = "kai:usage=true,windowSize=inf";
    cr_assert(!replay_run(&replay));
    cr_assert(strstr(replay.err.msg, "windowSize") != NULL, "%s", replay.err.msg);
    replay_release(&replay);
}

Test(kai, refuses_a_queue_that_the_cluster_does_not_name)
{
    struct replay replay;
    replay_init(&replay, "1x4");
    replay_read(&replay, TWO_QUEUES);
    struct queue_spec only = {.name = "a", .parent = QUEUE_NO_PARENT, .gpu = {0, -1, 1}};
    vec_push(&replay.cluster.queues, only);
    replay.policy = "kai";
    cr_assert(!replay_run(&replay));
    cr_assert(strstr(replay.err.msg, "queue 'b'") != NULL, "%s", replay.err.msg);
    replay_release(&replay);
}

/* -- what must not matter -------------------------------------------------------------------- */

static uint32_t draw(gsl_rng *random, uint32_t least, uint32_t most)
{
    return least + (uint32_t)gsl_rng_uniform_int(random, most - least + 1);
}

/* Jobs of three queues on 3 nodes of 4 GPUs: whole GPUs, fractions, gangs, elastic ones. */
static void draw_csv(struct text *csv, gsl_rng *random)
{
    static const char *const FRACTIONS[] = {"0.25", "0.3", "0.5", "0.7"};
    text_add(csv, "job_id,submit_s,duration_s,gpus,gpu_fraction,queue,tasks,min_tasks,priority,"
                  "preemptible\n");
    uint32_t submit_s = 0;
    for (uint32_t i = 0; i < 25; i++) {
        submit_s += i == 0 ? 0 : draw(random, 0, 4);
        uint32_t tasks = draw(random, 1, 3);
        uint32_t least = draw(random, 1, tasks);
        uint32_t each = draw(random, 1, 4);
        uint32_t queue = draw(random, 0, 2);
        uint32_t duration_s = draw(random, 1, 30);
        uint32_t priority = draw(random, 0, 1) * 10;
        const char *fixed = draw(random, 0, 7) == 0 ? "false" : "true";
        if (draw(random, 0, 2) == 0) {
            const char *fraction = FRACTIONS[draw(random, 0, 3)];
            text_addf(csv, "j%u,%u,%u,%s,%s,q%u,,,%u,%s\n", i, submit_s, duration_s, fraction,
                      fraction, queue, priority, fixed);
        } else {
            text_addf(csv, "j%u,%u,%u,%u,,q%u,%u,%u,%u,%s\n", i, submit_s, duration_s, tasks * each,
                      queue, tasks, least, priority, fixed);
        }
    }
}

static uint64_t fingerprint_of(const char *csv, const char *policy)
{
    struct replay replay;
    replay_init(&replay, "3x4");
    replay_read(&replay, csv);
    replay.policy = policy;
    replay.settings.audit = true;
    replay.settings.horizon_us = 500 * SECOND_US;
    cr_assert(replay_run(&replay), "%s\n%s", replay.err.msg, csv);
    uint64_t fingerprint = replay.result.fingerprint;
    replay_release(&replay);
    return fingerprint;
}

static void assert_same_decisions(const char *settings, const char *other)
{
    gsl_rng *random = rng_new(1, settings, 0);
    for (uint32_t i = 0; i < 60; i++) {
        struct text csv = {0};
        struct text plain = {0};
        struct text changed = {0};
        draw_csv(&csv, random);
        text_addf(&plain, "kai:%s", settings);
        text_addf(&changed, "kai:%s,%s", settings, other);
        cr_assert_eq(fingerprint_of(csv.bytes, plain.bytes),
                     fingerprint_of(csv.bytes, changed.bytes), "%s\n%s", changed.bytes, csv.bytes);
        text_release(&csv);
        text_release(&plain);
        text_release(&changed);
    }
    gsl_rng_free(random);
}

Test(kai, decides_the_same_with_a_core_made_anew_every_cycle)
{
    assert_same_decisions("grace-period=3", "rebuild=true");
    assert_same_decisions("usage=true,queryResolution=2,fetchInterval=4,windowSize=60",
                          "rebuild=true");
}

Test(kai, decides_the_same_without_leaving_cycles_out)
{
    assert_same_decisions("defaultReclaimMinRuntime=7", "skip-idle-cycles=false");
    assert_same_decisions("grace-period=3,quotas=demand", "skip-idle-cycles=false");
    assert_same_decisions("usage=true,queryResolution=2,fetchInterval=4,windowSize=60",
                          "skip-idle-cycles=false");
}
