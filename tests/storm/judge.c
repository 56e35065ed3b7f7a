/* judge.c - see judge.h. */
#include "judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void judge_init(struct judge *judge, const struct workload *workload, const struct cluster *cluster,
                bool is_exact)
{
    *judge = (struct judge){.workload = workload, .cluster = cluster, .is_exact = is_exact};
}

__attribute__((format(printf, 3, 4))) static void require(struct judge *judge, bool holds,
                                                          const char *fmt, ...)
{
    if (holds || judge->broken[0] != '\0') {
        return;
    }
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(judge->broken, sizeof(judge->broken), fmt, args);
    va_end(args);
}

/* Is anything given twice? Every running job's grants, added up from nothing. */
static void add_up(struct judge *judge)
{
    int64_t gpu[JUDGE_MOST_NODES][NODE_MOST_GPUS] = {{0}};
    int64_t milli[JUDGE_MOST_NODES] = {0};
    int64_t cpu[JUDGE_MOST_NODES] = {0};
    int64_t memory[JUDGE_MOST_NODES] = {0};
    for (uint32_t job = 0; job < judge->workload->jobs.count; job++) {
        const struct judge_job *state = &judge->jobs[job];
        for (uint32_t i = 0; i < state->grant_count; i++) {
            const struct grant *grant = &state->grants[i];
            uint32_t count = 0;
            for (uint32_t g = 0; g < NODE_MOST_GPUS; g++) {
                count += grant->gpus >> g & 1;
            }
            for (uint32_t g = 0; count > 0 && g < NODE_MOST_GPUS; g++) {
                gpu[grant->node][g] += (grant->gpus >> g & 1) != 0 ? grant->gpu_milli / count : 0;
            }
            milli[grant->node] += grant->gpu_milli;
            cpu[grant->node] += grant->cpu_milli;
            memory[grant->node] += grant->memory_mib;
        }
    }
    for (uint32_t node = 0; node < judge->cluster->nodes.count; node++) {
        const struct pool *pool = cluster_pool(judge->cluster, node);
        require(judge, milli[node] <= INT64_C(1000) * pool->gpu_count,
                "node %" PRIu32 " gives %" PRId64 " of its milli-GPUs", node, milli[node]);
        require(judge, pool->cpu_milli == UNLIMITED || cpu[node] <= pool->cpu_milli,
                "node %" PRIu32 " gives more CPUs than it has", node);
        require(judge, pool->memory_mib == UNLIMITED || memory[node] <= pool->memory_mib,
                "node %" PRIu32 " gives more memory than it has", node);
        for (uint32_t g = 0; g < NODE_MOST_GPUS && pool->mig_profile_count == 0; g++) {
            int64_t most = g < pool->gpu_count ? 1000 : 0;
            require(judge, gpu[node][g] <= most,
                    "GPU %" PRIu32 " of node %" PRIu32 " gives %" PRId64, g, node, gpu[node][g]);
        }
    }
}

/* Whole gangs: every group between its minimum and all, a free shape with all its GPUs. */
static void check_gang(struct judge *judge, uint32_t job)
{
    const struct judge_job *state = &judge->jobs[job];
    const struct shape *shape =
        &judge->workload->shapes.items[judge->workload->jobs.items[job].shape];
    for (uint32_t group = 0; group < shape->group_count; group++) {
        const struct task_group *tasks = &judge->workload->groups.items[shape->first_group + group];
        uint32_t held = 0;
        int64_t milli = 0;
        for (uint32_t i = 0; i < state->grant_count; i++) {
            held += state->grants[i].group == group;
            milli += state->grants[i].group == group ? state->grants[i].gpu_milli : 0;
        }
        bool splits = shape->is_free && tasks->request.kind == GPU_WHOLE;
        require(judge, splits || (held >= tasks->min_count && held <= tasks->count),
                "job %" PRIu32 " holds %" PRIu32 " tasks of a group of %" PRIu32, job, held,
                tasks->count);
        require(judge,
                !splits || !judge->is_exact || milli == INT64_C(1000) * tasks->request.gpu_count,
                "job %" PRIu32 " holds %" PRId64 " milli-GPUs", job, milli);
    }
}

static void take(struct judge *judge, const struct log_record *record)
{
    struct judge_job *state = &judge->jobs[record->job];
    require(judge, record->grant_count <= JUDGE_MOST_GRANTS, "too many grants for this judge");
    state->grant_count =
        record->grant_count < JUDGE_MOST_GRANTS ? record->grant_count : JUDGE_MOST_GRANTS;
    for (uint32_t i = 0; i < state->grant_count; i++) {
        state->grants[i] = record->grants[i];
    }
    check_gang(judge, record->job);
    judge->changed = true;
}

static void become(struct judge *judge, uint32_t job, enum judge_state from, enum judge_state to)
{
    require(judge, judge->jobs[job].state == from,
            "job %" PRIu32 " goes from state %d to %d, expected from %d", job,
            (int)judge->jobs[job].state, (int)to, (int)from);
    judge->jobs[job].state = to;
}

static void stop(struct judge *judge, uint32_t job)
{
    struct judge_job *state = &judge->jobs[job];
    state->ran_us += judge->now_us - state->since_us;
    state->grant_count = 0;
}

static bool has_fixed_rate(const struct judge *judge, uint32_t job)
{
    uint32_t shape = judge->workload->jobs.items[job].shape;
    return workload_shape_tasks(judge->workload, shape) ==
           workload_shape_min_tasks(judge->workload, shape);
}

static void finish(struct judge *judge, uint32_t job)
{
    become(judge, job, JUDGE_RUNNING, JUDGE_DONE);
    stop(judge, job);
    int64_t duration_us = judge->workload->jobs.items[job].duration_us;
    require(judge,
            !judge->is_exact || !has_fixed_rate(judge, job) ||
                judge->jobs[job].ran_us == duration_us,
            "job %" PRIu32 " ran for %" PRId64 " us instead of %" PRId64, job,
            judge->jobs[job].ran_us, duration_us);
}

static void record(void *self, const struct log_record *record)
{
    struct judge *judge = self;
    require(judge, record->time_us >= judge->now_us, "time goes back");
    /* With --pass event a job may start before the end of another at this instant had its turn. */
    if (judge->changed && record->time_us > judge->now_us) {
        judge->changed = false;
        add_up(judge);
    }
    require(judge, !judge->ended, "something comes after the end");
    judge->now_us = record->time_us;
    uint32_t job = record->job;
    switch (record->kind) {
    case LOG_SUBMIT:
    case LOG_REJECT:
        become(judge, job, JUDGE_ABSENT,
               record->kind == LOG_SUBMIT ? JUDGE_PENDING : JUDGE_REJECTED);
        require(judge, judge->workload->jobs.items[job].submit_us == judge->now_us,
                "job %" PRIu32 " is not submitted at its time", job);
        return;
    case LOG_START:
        become(judge, job, JUDGE_PENDING, JUDGE_RUNNING);
        judge->jobs[job].since_us = judge->now_us;
        take(judge, record);
        return;
    case LOG_FINISH:
        finish(judge, job);
        return;
    case LOG_PREEMPT:
        become(judge, job, JUDGE_RUNNING, JUDGE_PENDING);
        require(judge, judge->workload->jobs.items[job].preemptible,
                "job %" PRIu32 " cannot be preempted and was", job);
        stop(judge, job);
        judge->jobs[job].ran_us -= record->lost_us;
        return;
    case LOG_INTERRUPT:
        become(judge, job, JUDGE_RUNNING, JUDGE_PENDING);
        stop(judge, job);
        judge->jobs[job].ran_us -= record->lost_us;
        return;
    case LOG_RESIZE:
    case LOG_MIGRATE:
        require(judge, judge->jobs[job].state == JUDGE_RUNNING, "job %" PRIu32 " does not run",
                job);
        take(judge, record);
        return;
    case LOG_END:
        judge->ended = true;
        return;
    case LOG_SHARE:
    case LOG_STEP:
    case LOG_CAUSE:
    case LOG_AWAY:
    case LOG_BACK:
        return;
    }
}

struct log_sink judge_sink(struct judge *judge)
{
    return (struct log_sink){judge, record};
}

void judge_end(struct judge *judge, bool may_wait)
{
    require(judge, judge->ended, "the run has no end");
    for (uint32_t job = 0; job < judge->workload->jobs.count && !may_wait; job++) {
        enum judge_state state = judge->jobs[job].state;
        require(judge, state == JUDGE_DONE || state == JUDGE_REJECTED,
                "job %" PRIu32 " is left in state %d", job, (int)state);
    }
}
