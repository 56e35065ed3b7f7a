/* world.c - see world.h. */
#include "world.h"

#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"
#include "sim/workload/trace_format.h"

struct greedy {
    VEC(uint32_t) pending;
};

static void greedy_submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct greedy *greedy = state;
    cr_assert_eq(sched_job_state(ctx, job), SCHED_PENDING);
    vec_push(&greedy->pending, job);
}

static void greedy_decide(void *state, struct sched_ctx *ctx)
{
    struct greedy *greedy = state;
    size_t kept = 0;
    for (size_t i = 0; i < greedy->pending.count; i++) {
        if (!sched_start(ctx, greedy->pending.items[i])) {
            greedy->pending.items[kept++] = greedy->pending.items[i];
        }
    }
    greedy->pending.count = kept;
}

static void greedy_release(void *state)
{
    struct greedy *greedy = state;
    vec_release(&greedy->pending);
}

const struct sched_ops greedy_policy = {
    .name = "greedy",
    .state_size = sizeof(struct greedy),
    .submit = greedy_submit,
    .decide = greedy_decide,
    .release = greedy_release,
};

static void read_jobs(struct world *world, const char *jobs)
{
    struct text csv = {0};
    text_add(&csv, "job_id,submit_s,duration_s,gpus,tasks,min_tasks\n");
    text_add(&csv, jobs);
    struct file file = {.bytes = csv.bytes, .length = csv.length};
    const struct trace_format *native = trace_format_find("native");
    cr_assert_not_null(native);
    char params[64] = {0};
    cr_assert_leq(native->params_size, sizeof(params));
    cr_assert(param_read(native->params, "native", view_of(""), params, &world->err));
    workload_init(&world->workload);
    cr_assert(native->read(params, &file, &world->workload, &world->err), "%s", world->err.msg);
    cr_assert(workload_finish(&world->workload, &world->err), "%s", world->err.msg);
    text_release(&csv);
}

void world_init(struct world *world, const char *cluster, const char *jobs)
{
    *world = (struct world){.policy = &greedy_policy};
    engine_settings_init(&world->settings);
    cr_assert(cluster_from_short_form(cluster, &world->cluster, &world->err), "%s", world->err.msg);
    read_jobs(world, jobs);
}

void world_init_json(struct world *world, const char *cluster, const char *jobs)
{
    *world = (struct world){.policy = &greedy_policy};
    engine_settings_init(&world->settings);
    struct text json = {0};
    text_add(&json, cluster);
    struct file file = {.bytes = json.bytes, .length = json.length};
    cr_assert(cluster_from_json(&file, &world->cluster, &world->err), "%s", world->err.msg);
    text_release(&json);
    read_jobs(world, jobs);
}

void world_release(struct world *world)
{
    workload_release(&world->workload);
    cluster_release_all(&world->cluster);
    text_release(&world->log);
}

static const char *const KIND_NAMES[] = {
    [LOG_SUBMIT] = "submit",       [LOG_REJECT] = "reject",   [LOG_START] = "start",
    [LOG_FINISH] = "finish",       [LOG_PREEMPT] = "preempt", [LOG_RESIZE] = "resize",
    [LOG_MIGRATE] = "migrate",     [LOG_SHARE] = "share",     [LOG_END] = "end",
    [LOG_INTERRUPT] = "interrupt", [LOG_AWAY] = "away",       [LOG_BACK] = "back",
};

static void record(void *self, const struct log_record *record)
{
    struct world *world = self;
    text_add_seconds(&world->log, record->time_us);
    text_addf(&world->log, " %s", KIND_NAMES[record->kind]);
    if (record->job != LOG_NO_JOB) {
        text_addf(&world->log, " %s", workload_job_id(&world->workload, record->job));
    }
    for (uint32_t i = 0; i < record->grant_count; i++) {
        text_addf(&world->log, " %u:", record->grants[i].node);
        text_add_milli(&world->log, record->grants[i].gpu_milli);
    }
    if (record->supply != NULL) {
        text_addf(&world->log, " %u", record->supply->node);
        if (record->supply->gpu != LOG_WHOLE_NODE) {
            text_addf(&world->log, ".%u", record->supply->gpu);
        }
    }
    if (record->lost_us > 0) {
        text_add(&world->log, " lost ");
        text_add_seconds(&world->log, record->lost_us);
    }
    text_add_char(&world->log, '\n');
}

bool world_run(struct world *world)
{
    const struct place_ops *place = place_find("first");
    cr_assert_not_null(place);
    struct log_sink sink = {world, record};
    struct engine_input input = {
        .settings = &world->settings,
        .workload = &world->workload,
        .cluster = &world->cluster,
        .policy = world->policy,
        .place = place,
        .sinks = &sink,
        .sink_count = 1,
    };
    world->settings.audit = true;
    return engine_run(&input, &world->result, &world->err);
}
