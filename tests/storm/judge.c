/* judge.c - see judge.h. */
#include "judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "sim/base/check.h"

void judge_init(struct judge *judge, const struct workload *workload, const struct cluster *cluster,
                const struct judge_terms *terms)
{
    CHECK(workload->jobs.count <= JUDGE_MOST_JOBS && cluster->nodes.count <= JUDGE_MOST_NODES);
    *judge = (struct judge){.workload = workload, .cluster = cluster, .terms = *terms};
    for (uint32_t job = 0; job < workload->jobs.count; job++) {
        const struct job *facts = &workload->jobs.items[job];
        account_init(&judge->jobs[job].account, facts->duration_us,
                     workload_shape_tasks(workload, facts->shape));
    }
    queues_init(judge, terms->parts || terms->changes ? NULL : terms->kai);
}

void judge_require(struct judge *judge, bool holds, const char *fmt, ...)
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
            judge_require(judge,
                          judge->away_nodes[grant->node] == 0 &&
                              (judge->away_gpus[grant->node] & grant->gpus) == 0,
                          "job %" PRIu32 " holds what is away", job);
            uint32_t count = 0;
            for (uint32_t g = 0; g < NODE_MOST_GPUS; g++) {
                count += (grant->gpus >> g & 1) != 0 ? 1 : 0;
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
        judge_require(judge, milli[node] <= INT64_C(1000) * pool->gpu_count,
                      "node %" PRIu32 " gives %" PRId64 " of its milli-GPUs", node, milli[node]);
        judge_require(judge, pool->cpu_milli == UNLIMITED || cpu[node] <= pool->cpu_milli,
                      "node %" PRIu32 " gives more CPUs than it has", node);
        judge_require(judge, pool->memory_mib == UNLIMITED || memory[node] <= pool->memory_mib,
                      "node %" PRIu32 " gives more memory than it has", node);
        for (uint32_t g = 0; g < NODE_MOST_GPUS && pool->mig_profile_count == 0; g++) {
            int64_t most = g < pool->gpu_count ? 1000 : 0;
            judge_require(judge, gpu[node][g] <= most,
                          "GPU %" PRIu32 " of node %" PRIu32 " gives %" PRId64, g, node,
                          gpu[node][g]);
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
        judge_require(judge, splits || (held >= tasks->min_count && held <= tasks->count),
                      "job %" PRIu32 " holds %" PRIu32 " tasks of a group of %" PRIu32, job, held,
                      tasks->count);
        judge_require(judge,
                      !splits || judge->terms.clips ||
                          milli == INT64_C(1000) * tasks->request.gpu_count,
                      "job %" PRIu32 " holds %" PRId64 " milli-GPUs", job, milli);
    }
}

bool judge_takes_model(const struct workload *workload, const struct cluster *cluster,
                       const struct shape *shape, uint32_t node)
{
    uint32_t model = cluster_pool(cluster, node)->model;
    if (shape->models == NAMES_NONE) {
        return true;
    }
    struct view rest = view_of(names_get(&workload->models, shape->models));
    while (rest.at != NULL && model != NAMES_NONE) {
        struct view word = view_cut(rest, '|', &rest);
        if (view_is(word, names_get(&cluster->models, model))) {
            return true;
        }
    }
    return false;
}

/* Every part on GPUs of a model that will do, all parts in one domain of a required level. */
static void check_places(struct judge *judge, uint32_t job)
{
    const struct judge_job *state = &judge->jobs[job];
    const struct shape *shape =
        &judge->workload->shapes.items[judge->workload->jobs.items[job].shape];
    for (uint32_t i = 0; i < state->grant_count; i++) {
        judge_require(
            judge, judge_takes_model(judge->workload, judge->cluster, shape, state->grants[i].node),
            "job %" PRIu32 " is on a GPU of a model it does not take", job);
    }
    const struct kai_settings *kai = judge->terms.kai;
    bool confined = kai == NULL || kai->plugin_on[KAI_PLUGIN_TOPOLOGY];
    if (shape->required_level == NAMES_NONE || state->grant_count == 0 || !confined) {
        return;
    }
    const char *label = names_get(&judge->workload->levels, shape->required_level);
    const struct level *level = &judge->cluster->levels[cluster_find_level(judge->cluster, label)];
    uint32_t domain = level->domain_of_node[state->grants[0].node];
    for (uint32_t i = 0; i < state->grant_count; i++) {
        judge_require(
            judge, domain != DOMAIN_NONE && level->domain_of_node[state->grants[i].node] == domain,
            "job %" PRIu32 " is not in one %s", job, label);
    }
}

static void take(struct judge *judge, const struct log_record *record)
{
    struct judge_job *state = &judge->jobs[record->job];
    judge_require(judge, record->grant_count <= JUDGE_MOST_GRANTS,
                  "too many grants for this judge");
    state->grant_count =
        record->grant_count < JUDGE_MOST_GRANTS ? record->grant_count : JUDGE_MOST_GRANTS;
    for (uint32_t i = 0; i < state->grant_count; i++) {
        state->grants[i] = record->grants[i];
    }
    check_gang(judge, record->job);
    check_places(judge, record->job);
    judge->changed = true;
}

/* Of a free shape the parts are one task. */
static uint32_t tasks_of(const struct judge *judge, const struct log_record *record)
{
    uint32_t shape = judge->workload->jobs.items[record->job].shape;
    return judge->workload->shapes.items[shape].is_free ? 1 : record->grant_count;
}

static void become(struct judge *judge, uint32_t job, enum judge_state from, enum judge_state to)
{
    judge_require(judge, judge->jobs[job].state == from,
                  "job %" PRIu32 " goes from state %d to %d, expected from %d", job,
                  (int)judge->jobs[job].state, (int)to, (int)from);
    judge->jobs[job].state = to;
}

static void finish(struct judge *judge, const struct log_record *record)
{
    become(judge, record->job, JUDGE_RUNNING, JUDGE_DONE);
    struct judge_job *state = &judge->jobs[record->job];
    int64_t misses_us = account_misses_us(&state->account, judge->now_us);
    state->grant_count = 0;
    judge_require(judge, misses_us <= 0, "job %" PRIu32 " ends %" PRId64 " us too early",
                  record->job, misses_us);
    judge_require(judge, misses_us >= 0 || judge->terms.costs.leases,
                  "job %" PRIu32 " ends %" PRId64 " us late", record->job, -misses_us);
    judge_require(
        judge, judge->terms.costs.leases || record->overhead_us == state->account.overhead_us,
        "job %" PRIu32 " is said to have waited %" PRId64 " us for its work, expected %" PRId64,
        record->job, record->overhead_us, state->account.overhead_us);
}

static void stop(struct judge *judge, const struct log_record *record,
                 const struct account_terms *terms)
{
    become(judge, record->job, JUDGE_RUNNING, JUDGE_PENDING);
    struct judge_job *state = &judge->jobs[record->job];
    const struct job *job = &judge->workload->jobs.items[record->job];
    int64_t interval_us = job->checkpoint_us != TIME_UNKNOWN
                              ? job->checkpoint_us
                              : judge->terms.costs.settings->checkpoint_us;
    bool good = account_stop(&state->account, terms, judge->now_us, interval_us, record);
    judge_require(judge, good, "job %" PRIu32 " cannot lose %" PRId64 " us of work", record->job,
                  record->lost_us);
    state->grant_count = 0;
    state->pending_us = judge->now_us;
}

static void preempt(struct judge *judge, const struct log_record *record)
{
    judge_require(judge, judge->workload->jobs.items[record->job].preemptible,
                  "job %" PRIu32 " cannot be preempted and was", record->job);
    stop(judge, record, &judge->terms.costs);
}

/* It did not stand still before, or nobody knows since when. */
static void interrupt(struct judge *judge, const struct log_record *record)
{
    struct account_terms terms = judge->terms.costs;
    terms.grace_us = 0;
    stop(judge, record, &terms);
}

static uint64_t *away_of(struct judge *judge, const struct log_supply *supply, uint64_t *bits)
{
    *bits = supply->gpu == LOG_WHOLE_NODE ? UINT64_MAX : UINT64_C(1) << supply->gpu;
    return supply->gpu == LOG_WHOLE_NODE ? &judge->away_nodes[supply->node]
                                         : &judge->away_gpus[supply->node];
}

static void go(struct judge *judge, const struct log_supply *supply)
{
    uint64_t bits = 0;
    uint64_t *away = away_of(judge, supply, &bits);
    judge_require(judge, (*away & bits) == 0, "node %" PRIu32 " goes away twice", supply->node);
    *away |= bits;
    judge->changed = true;
}

static void come(struct judge *judge, const struct log_supply *supply)
{
    uint64_t bits = 0;
    uint64_t *away = away_of(judge, supply, &bits);
    judge_require(judge, (*away & bits) == bits, "node %" PRIu32 " is back and was not away",
                  supply->node);
    *away &= ~bits;
}

static void end_instant(struct judge *judge)
{
    if (judge->changed) {
        judge->changed = false;
        add_up(judge);
    }
    queues_end_instant(judge);
}

static void submit(struct judge *judge, const struct log_record *record)
{
    become(judge, record->job, JUDGE_ABSENT,
           record->kind == LOG_SUBMIT ? JUDGE_PENDING : JUDGE_REJECTED);
    judge->jobs[record->job].pending_us = judge->now_us;
    judge->jobs[record->job].asked_milli = record->gpu_milli;
    judge_require(judge, judge->workload->jobs.items[record->job].submit_us == judge->now_us,
                  "job %" PRIu32 " is not submitted at its time", record->job);
}

static void record(void *self, const struct log_record *record)
{
    struct judge *judge = self;
    judge_require(judge, record->time_us >= judge->now_us, "time goes back");
    /* With --pass event a job may start before the end of another at this instant had its turn. */
    if (record->time_us > judge->now_us || record->kind == LOG_END) {
        end_instant(judge);
    }
    judge_require(judge, !judge->ended, "something comes after the end");
    judge->now_us = record->time_us;
    queues_see(judge, record);
    switch (record->kind) {
    case LOG_SUBMIT:
    case LOG_REJECT:
        submit(judge, record);
        return;
    case LOG_START:
        become(judge, record->job, JUDGE_PENDING, JUDGE_RUNNING);
        account_start(&judge->jobs[record->job].account, &judge->terms.costs, judge->now_us,
                      tasks_of(judge, record));
        take(judge, record);
        return;
    case LOG_FINISH:
        finish(judge, record);
        return;
    case LOG_PREEMPT:
        preempt(judge, record);
        return;
    case LOG_INTERRUPT:
        interrupt(judge, record);
        return;
    case LOG_RESIZE:
    case LOG_MIGRATE:
        judge_require(judge, judge->jobs[record->job].state == JUDGE_RUNNING,
                      "job %" PRIu32 " does not run", record->job);
        account_resize(&judge->jobs[record->job].account, judge->now_us, tasks_of(judge, record));
        take(judge, record);
        return;
    case LOG_END:
        judge->ended = true;
        return;
    case LOG_SHARE:
    case LOG_STEP:
    case LOG_CAUSE:
        return;
    case LOG_AWAY:
        go(judge, record->supply);
        return;
    case LOG_BACK:
        come(judge, record->supply);
        return;
    }
}

struct log_sink judge_sink(struct judge *judge)
{
    return (struct log_sink){judge, record};
}

void judge_end(struct judge *judge, bool may_wait)
{
    judge_require(judge, judge->ended, "the run has no end");
    for (uint32_t job = 0; job < judge->workload->jobs.count && !may_wait; job++) {
        enum judge_state state = judge->jobs[job].state;
        judge_require(judge, state == JUDGE_DONE || state == JUDGE_REJECTED,
                      "job %" PRIu32 " is left in state %d", job, (int)state);
    }
}
