/* test_causes.c - each cause where it is known by construction, and sums that are exact. */
#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"
#include "sim/generate/generate.h"
#include "sim/report/causes.h"
#include "tests/lib/replay.h"

static const char head[] = "job_id,submit_s,duration_s,gpus,tasks,gpu_model,queue,cpus,"
                           "required_topology\n";

struct watched {
    struct replay replay;
    struct causes causes;
};

static void record(void *self, const struct log_record *record)
{
    causes_add(self, record);
}

static void watch_init(struct watched *watched, const char *cluster)
{
    replay_init(&watched->replay, cluster);
    watched->replay.settings.causes = true;
}

/* The same on a cluster in JSON. */
static void watch_init_json(struct watched *watched, const char *json)
{
    struct err err = {0};
    watch_init(watched, "1x1");
    struct text bytes = {0};
    text_add(&bytes, json);
    struct file file = {.bytes = bytes.bytes, .length = bytes.length};
    cluster_release_all(&watched->replay.cluster);
    cr_assert(cluster_from_json(&file, &watched->replay.cluster, &err), "%s", err.msg);
    text_release(&bytes);
}

static void run(struct watched *watched)
{
    causes_init(&watched->causes, &watched->replay.workload, watched->replay.cluster.gpu_milli);
    watched->replay.extra = (struct log_sink){&watched->causes, record};
    cr_assert(replay_run(&watched->replay), "%s", watched->replay.err.msg);
    causes_end(&watched->causes);
}

static void read_rows(struct watched *watched, const char *rows)
{
    struct text csv = {0};
    text_add(&csv, head);
    text_add(&csv, rows);
    replay_read(&watched->replay, csv.bytes);
    text_release(&csv);
}

static void release(struct watched *watched)
{
    causes_release(&watched->causes);
    replay_release(&watched->replay);
}

/* The job waited so many seconds, all of them for this. */
static void expect(const struct watched *watched, uint32_t job, enum wait_cause cause, int64_t s)
{
    cr_expect_eq(causes_of_job_us(&watched->causes, job), s * SECOND_US, "job %u waited %f s", job,
                 (double)causes_of_job_us(&watched->causes, job) / 1e6);
    cr_expect_eq(watched->causes.by_job[job][cause], s * SECOND_US, "job %u: %s", job,
                 wait_cause_name(cause));
}

Test(causes, a_full_cluster_is_no_room_and_the_strict_order_is_order)
{
    struct watched watched;
    watch_init(&watched, "1x4");
    read_rows(&watched, "a,0,100,3,,,x,,\n"
                        "b,0,10,4,,,y,,\n"
                        "c,20,10,1,,,z,,\n");
    run(&watched);
    expect(&watched, 1, WAIT_ROOM, 100);
    /* One GPU is free until b gets all. */
    cr_expect_eq(watched.causes.by_job[2][WAIT_ORDER], 80 * SECOND_US);
    cr_expect_eq(watched.causes.by_job[2][WAIT_ROOM], 10 * SECOND_US);
    cr_expect_eq(causes_of_job_us(&watched.causes, 2), 90 * SECOND_US);
    release(&watched);
}

Test(causes, the_holder_is_who_holds_most_and_in_the_order_who_waits_longest)
{
    struct watched watched;
    watch_init(&watched, "1x4");
    read_rows(&watched, "a,0,100,3,,,x,,\n"
                        "b,0,10,4,,,y,,\n"
                        "c,20,10,1,,,z,,\n");
    run(&watched);
    /* b waits 100 s for x; c waits 80 s behind b and 10 s for the room that b holds. */
    cr_expect_eq((int64_t)watched.causes.by_holder[0][WAIT_ROOM].job_us, 100 * SECOND_US);
    cr_expect_eq((int64_t)watched.causes.by_holder[1][WAIT_ORDER].job_us, 80 * SECOND_US);
    cr_expect_eq((int64_t)watched.causes.by_holder[1][WAIT_ROOM].job_us, 10 * SECOND_US);
    cr_expect_eq((int64_t)watched.causes.by_queue[2][WAIT_ROOM].job_us, 10 * SECOND_US);
    release(&watched);
}

Test(causes, free_gpus_on_two_nodes_are_pieces_for_one_task_and_a_part_for_a_gang)
{
    struct watched watched;
    watch_init(&watched, "2x4");
    watched.replay.place = "worst";
    watched.replay.policy = "fifo:mode=skip";
    /* a and b take three GPUs of each node: two are left, one on each. */
    read_rows(&watched, "a,0,100,3,1,,x,,\n"
                        "b,0,100,3,1,,x,,\n"
                        "task,10,10,2,1,,x,,\n"
                        "gang,10,10,4,2,,x,,\n");
    run(&watched);
    expect(&watched, 2, WAIT_FRAGMENTED, 90);
    /* The gang wants two tasks of two GPUs: four, and two are free. */
    expect(&watched, 3, WAIT_ROOM, 90);
    release(&watched);
}

Test(causes, room_for_some_tasks_of_a_gang_only)
{
    struct watched watched;
    watch_init(&watched, "3x4");
    watched.replay.place = "worst";
    /* Left: 4, 1, 1. A gang of two tasks of three finds room for one of them. */
    read_rows(&watched, "a,0,100,3,1,,x,,\n"
                        "b,0,100,3,1,,x,,\n"
                        "gang,10,10,6,2,,x,,\n");
    run(&watched);
    expect(&watched, 2, WAIT_GANG, 90);
    release(&watched);
}

Test(causes, the_other_model_has_room)
{
    struct watched watched;
    watch_init_json(&watched, "{\"pools\": [{\"name\": \"a\", \"nodes\": 1, \"gpus\": 2, "
                              "\"gpu_model\": \"A100\"}, {\"name\": \"b\", \"nodes\": 1, "
                              "\"gpus\": 4, \"gpu_model\": \"T4\"}]}");
    read_rows(&watched, "a,0,100,2,,A100,x,,\n"
                        "b,0,10,1,,A100,x,,\n");
    run(&watched);
    expect(&watched, 1, WAIT_MODEL, 100);
    release(&watched);
}

Test(causes, room_but_not_within_one_rack)
{
    struct watched watched;
    watch_init_json(
        &watched, "{\"topology\": [\"rack\"], \"pools\": ["
                  "{\"name\": \"a\", \"nodes\": 1, \"gpus\": 4, \"labels\": {\"rack\": \"r1\"}},"
                  "{\"name\": \"b\", \"nodes\": 1, \"gpus\": 4, \"labels\": {\"rack\": \"r1\"}},"
                  "{\"name\": \"c\", \"nodes\": 1, \"gpus\": 4, \"labels\": {\"rack\": \"r2\"}},"
                  "{\"name\": \"d\", \"nodes\": 1, \"gpus\": 4, \"labels\": {\"rack\": \"r2\"}}]}");
    watched.replay.place = "first";
    /* Two jobs fill a and c; two nodes are idle, in different racks. */
    read_rows(&watched, "a,0,100,4,1,,x,,\n"
                        "fill,0,50,4,1,,x,,\n"
                        "c,0,100,4,1,,x,,\n"
                        "gang,60,10,8,2,,x,,rack\n");
    run(&watched);
    expect(&watched, 3, WAIT_TOPOLOGY, 40);
    release(&watched);
}

Test(causes, cpus_that_are_missing_beside_free_gpus_leave_pieces)
{
    struct watched watched;
    watch_init_json(&watched, "{\"pools\": [{\"name\": \"a\", \"nodes\": 1, \"gpus\": 4, "
                              "\"cpus\": 8}]}");
    read_rows(&watched, "a,0,100,1,,,x,8,\n"
                        "b,0,10,1,,,x,1,\n"
                        "cpu,0,10,0,,,x,1,\n");
    run(&watched);
    expect(&watched, 1, WAIT_FRAGMENTED, 100);
    expect(&watched, 2, WAIT_ROOM, 100);
    release(&watched);
}

Test(causes, the_next_turn_of_the_scheduler)
{
    struct watched watched;
    watch_init(&watched, "1x4");
    watched.replay.settings.pass = PASS_PERIOD;
    watched.replay.settings.pass_period_us = 60 * SECOND_US;
    read_rows(&watched, "a,0,100,2,,,x,,\n"
                        "b,10,10,1,,,x,,\n");
    run(&watched);
    expect(&watched, 1, WAIT_PERIOD, 50);
    release(&watched);
}

Test(causes, limits_and_fair_shares_of_queues)
{
    struct watched watched;
    watch_init_json(&watched,
                    "{\"pools\": [{\"name\": \"a\", \"nodes\": 1, \"gpus\": 8}], \"queues\": ["
                    "{\"name\": \"x\", \"gpu\": {\"quota\": 2, \"limit\": 2, \"weight\": 1}},"
                    "{\"name\": \"y\", \"gpu\": {\"quota\": 6, \"limit\": -1, \"weight\": 1}}]}");
    watched.replay.policy = "kai";
    read_rows(&watched, "a,0,100,2,,,x,,\n"
                        "limit,0,10,1,,,x,,\n"
                        "c,0,50,6,,,y,,\n"
                        "share,0,10,6,,,y,,\n");
    run(&watched);
    cr_expect_geq(watched.causes.by_job[1][WAIT_LIMIT], 95 * SECOND_US);
    cr_expect_geq(watched.causes.by_job[3][WAIT_SHARE], 45 * SECOND_US);
    release(&watched);
}

Test(causes, a_job_that_never_starts_waits_to_the_end)
{
    struct watched watched;
    watch_init(&watched, "1x4");
    watched.replay.settings.horizon_us = 70 * SECOND_US;
    read_rows(&watched, "a,0,100,4,,,x,,\n"
                        "b,20,10,1,,,x,,\n"
                        "late,80,10,1,,,x,,\n");
    run(&watched);
    expect(&watched, 1, WAIT_ROOM, 50);
    release(&watched);
}

Test(causes, every_queue_on_its_own_nodes_has_causes_of_its_own)
{
    struct watched watched;
    watch_init_json(&watched, "{\"pools\": ["
                              "{\"name\": \"a\", \"nodes\": 1, \"gpus\": 2, "
                              "\"labels\": {\"team\": \"x\"}},"
                              "{\"name\": \"b\", \"nodes\": 2, \"gpus\": 2, "
                              "\"labels\": {\"team\": \"y\"}}]}");
    watched.replay.settings.isolate = "team";
    watched.replay.place = "worst";
    /* The same shape waits for room in x, and for pieces in y. */
    read_rows(&watched, "a,0,100,1,1,,x,,\n"
                        "b,0,100,1,1,,x,,\n"
                        "c,0,100,1,1,,y,,\n"
                        "d,0,100,1,1,,y,,\n"
                        "e,10,10,2,1,,x,,\n"
                        "f,10,10,2,1,,y,,\n");
    run(&watched);
    expect(&watched, 4, WAIT_ROOM, 90);
    expect(&watched, 5, WAIT_FRAGMENTED, 90);
    release(&watched);
}

Test(causes, idle_gpus_are_charged_to_what_the_oldest_waits_for)
{
    struct watched watched;
    watch_init(&watched, "1x4");
    read_rows(&watched, "a,0,100,3,,,x,,\n"
                        "b,20,10,4,,,y,,\n");
    run(&watched);
    /* One GPU idle: 20 s with nobody pending, 80 s while b waits for room; then b has all. */
    cr_expect_eq((int64_t)watched.causes.idle[WAIT_CAUSE_COUNT], 1000 * 20 * SECOND_US);
    cr_expect_eq((int64_t)watched.causes.idle[WAIT_ROOM], 1000 * 80 * SECOND_US);
    release(&watched);
}

/* -- every policy ---------------------------------------------------------------------------- */

struct pending {
    struct causes causes;
    const struct workload *workload;
    int64_t *us; /* by job, by its own reckoning; while pending minus the time it became so */
    bool *is_pending;
    int64_t now_us;
};

static void add_up(void *self, const struct log_record *record)
{
    struct pending *pending = self;
    causes_add(&pending->causes, record);
    pending->now_us = record->time_us;
    if (record->kind == LOG_SUBMIT || record->kind == LOG_PREEMPT) {
        pending->us[record->job] -= record->time_us;
        pending->is_pending[record->job] = true;
    } else if (record->kind == LOG_START) {
        pending->us[record->job] += record->time_us;
        pending->is_pending[record->job] = false;
    }
}

static wide sum_of(const struct causes_sum *sums, size_t count)
{
    wide sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += sums[i].job_us;
    }
    return sum;
}

static void expect_exact(const struct pending *pending, const char *policy)
{
    const struct causes *causes = &pending->causes;
    size_t queues = names_count(&pending->workload->queues);
    wide all = 0;
    for (uint32_t i = 0; i < pending->workload->jobs.count; i++) {
        int64_t us = pending->us[i] + (pending->is_pending[i] ? pending->now_us : 0);
        cr_assert_eq(causes_of_job_us(causes, i), us, "%s: job %u", policy, i);
        for (int k = 0; k < WAIT_CAUSE_COUNT; k++) {
            cr_assert_geq(causes->by_job[i][k], 0);
        }
        all += (wide)(uint64_t)us;
    }
    cr_assert(sum_of(causes->total, WAIT_CAUSE_COUNT) == all, "%s", policy);
    cr_assert(sum_of(causes->by_queue[0], queues * WAIT_CAUSE_COUNT) == all);
    cr_assert(sum_of(causes->by_holder[0], (queues + 1) * WAIT_CAUSE_COUNT) == all);
    cr_assert(sum_of(causes->by_size[0], (size_t)SIZE_CLASS_COUNT * WAIT_CAUSE_COUNT) == all);
    cr_assert(sum_of(causes->hours.items, causes->hours.count) == all);
}

static uint64_t run_generated(const struct sched_ops *policy, const char *place, bool causes)
{
    struct replay replay;
    struct generate_model model;
    struct err err = {0};
    struct generate_options options = {.jobs = 250};
    replay_init(&replay, "5x8");
    cr_assert(generate_model_read(view_of(generate_preset_find("users")), &model, &err));
    workload_release(&replay.workload);
    cr_assert(generate_workload(&model, 3, &options, &replay.workload, &err));
    size_t jobs = replay.workload.jobs.count;
    struct pending pending = {.workload = &replay.workload,
                              .us = mem_alloc(jobs, sizeof(int64_t)),
                              .is_pending = mem_alloc(jobs, sizeof(bool))};
    replay.policy = policy->name;
    replay.place = place;
    replay.settings.estimates = ESTIMATES_ORACLE;
    replay.settings.causes = causes;
    /* null never ends anything, and others take years for it. */
    replay.settings.horizon_us = replay.workload.jobs.items[jobs - 1].submit_us;
    causes_init(&pending.causes, &replay.workload, replay.cluster.gpu_milli);
    replay.extra = (struct log_sink){&pending, add_up};
    cr_assert(replay_run(&replay), "%s: %s", policy->name, replay.err.msg);
    causes_end(&pending.causes);
    expect_exact(&pending, policy->name);
    uint64_t fingerprint = replay.result.fingerprint;
    causes_release(&pending.causes);
    free(pending.us);
    free(pending.is_pending);
    generate_model_release(&model);
    replay_release(&replay);
    return fingerprint;
}

/* Asking why changes nothing, and every microsecond has its cause. */
Test(causes, sums_are_exact_and_decisions_the_same_under_every_policy, .timeout = 120)
{
    static const char *const places[] = {"consolidate", "random", "best"};
    for (size_t i = 0; sched_policies[i] != NULL; i++) {
        const char *place = places[i % 3];
        uint64_t without = run_generated(sched_policies[i], place, false);
        uint64_t with = run_generated(sched_policies[i], place, true);
        cr_assert_eq(without, with, "%s", sched_policies[i]->name);
    }
}
