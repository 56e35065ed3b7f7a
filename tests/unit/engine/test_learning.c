/* test_learning.c - what the engine tells a placement rule that learns. */
#include <criterion/criterion.h>

#include "sim/base/text.h"
#include "sim/cluster/cluster_file.h"
#include "tests/lib/replay.h"

struct spy_params {
    struct text *log;
    bool foresees;
};

struct spy {
    struct text *log;
};

static bool init(void *state, const void *params, const struct cluster *cluster, uint64_t seed,
                 struct err *err)
{
    (void)cluster;
    (void)seed;
    (void)err;
    ((struct spy *)state)->log = ((const struct spy_params *)params)->log;
    return true;
}

static bool foresees(const void *params)
{
    return ((const struct spy_params *)params)->foresees;
}

static void learn(void *state, const struct place_demand *demand)
{
    text_addf(((struct spy *)state)->log, "%ux%u%s ", demand->tasks, demand->request->gpu_count,
              demand->is_free ? " free" : "");
}

static void begin(void *state, const struct cluster *cluster, const struct place_gang *gang)
{
    (void)cluster;
    text_addf(((struct spy *)state)->log, "begin %ux%u ", gang->demands[0].tasks,
              gang->demands[0].request->gpu_count);
}

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    text_add(((struct spy *)state)->log, "pick ");
    return cluster_first_fit(cluster, request, filter, 0);
}

static const struct place_ops spy_rule = {
    .name = "spy",
    .help = "tells what it is told",
    .source = "this test",
    .state_size = sizeof(struct spy),
    .params_size = sizeof(struct spy_params),
    .init = init,
    .foresees = foresees,
    .learn = learn,
    .begin = begin,
    .pick = pick,
};

static void expect_told(bool ahead, const char *expected)
{
    struct replay replay;
    struct text log = {0};
    struct spy_params params = {&log, ahead};
    struct err err = {0};
    char fifo[64] = {0};
    const struct sched_ops *policy = sched_find("fifo");
    cr_assert(param_read(policy->params, "fifo", view_of(""), fifo, &err));
    replay_init(&replay, "2x2");
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,tasks\n"
                         "a,0,10,2,2\nb,5,10,9,9\nc,6,10,1,\n");
    struct engine_input input = {
        .settings = &replay.settings,
        .workload = &replay.workload,
        .cluster = &replay.cluster,
        .policy = policy,
        .policy_params = fifo,
        .place = &spy_rule,
        .place_params = &params,
    };
    struct engine_result result;
    cr_assert(engine_run(&input, &result, &err), "%s", err.msg);
    cr_assert_str_eq(log.bytes, expected, "%s", log.bytes);
    text_release(&log);
    replay_release(&replay);
}

/* A shape is judged on the empty cluster at its first submit and placed after; b asks for too much
 * and is learned all the same. */
Test(learning, a_rule_is_told_of_each_job_when_it_is_submitted)
{
    expect_told(false, "2x1 begin 2x1 pick pick begin 2x1 pick pick "
                       "9x1 "
                       "1x1 free begin 1x1 pick begin 1x1 pick ");
}

Test(learning, a_rule_that_foresees_is_told_of_all_before_the_start)
{
    expect_told(true, "2x1 9x1 1x1 free begin 2x1 pick pick begin 2x1 pick pick "
                      "begin 1x1 pick begin 1x1 pick ");
}
