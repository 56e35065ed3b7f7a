/* watch.c - see watch.h. */
#include "watch.h"

#include "sim/base/check.h"

void watch_init(struct watch *watch, const struct world *world)
{
    *watch = (struct watch){.world = world};
    CHECK(world->nodes <= WATCH_MOST_NODES && world->gpus_a_node <= WATCH_MOST_GPUS);
}

static void break_law(struct watch *watch, const char *law)
{
    watch->broken = watch->broken == NULL ? law : watch->broken;
}

static const char *text_of(enum sched_law law)
{
    return sched_law_text(law);
}

/* GPUs on which nobody is; what is held beyond a GPU breaks a law. */
static uint32_t count_idle(struct watch *watch)
{
    uint32_t idle = 0;
    for (uint32_t i = 0; i < watch->world->nodes * watch->world->gpus_a_node; i++) {
        int64_t held_milli = 0;
        for (uint32_t job = 0; job < watch->world->count; job++) {
            held_milli +=
                watch->jobs[job]
                    .gpu_milli[i / watch->world->gpus_a_node][i % watch->world->gpus_a_node];
        }
        if (held_milli > 1000) {
            break_law(watch, "no GPU gives more than it has");
        }
        idle += held_milli == 0 ? 1 : 0;
    }
    return idle;
}

static int64_t held_by_tenant(const struct watch *watch, uint32_t tenant)
{
    int64_t held_milli = 0;
    for (uint32_t i = 0; i < watch->world->count; i++) {
        held_milli += watch->world->jobs[i].tenant == tenant ? watch->jobs[i].held_milli : 0;
    }
    return held_milli;
}

/* -- service and its limits ------------------------------------------------------------------ */

static int64_t service_at(const struct watch *watch, uint32_t job, int64_t time_us)
{
    const struct watch_job *state = &watch->jobs[job];
    return state->service_milli_us + state->held_milli * (time_us - state->since_us);
}

static uint32_t level_at(const struct watch *watch, uint32_t job, int64_t time_us)
{
    uint32_t level = 0;
    while (level < watch->limit_count &&
           service_at(watch, job, time_us) >= watch->limits_s[level] * SECOND_US * 1000) {
        level++;
    }
    return level;
}

/* Whoever waits must not fit into what those leave who have passed no more limits. */
static void judge_levels(struct watch *watch, int64_t time_us)
{
    int64_t total_milli = (int64_t)watch->world->nodes * watch->world->gpus_a_node * 1000;
    for (uint32_t i = 0; i < watch->world->count; i++) {
        if (!watch->jobs[i].waits) {
            continue;
        }
        uint32_t level = level_at(watch, i, time_us);
        int64_t left_milli = total_milli - (int64_t)watch->world->jobs[i].gpus * 1000;
        for (uint32_t j = 0; j < watch->world->count; j++) {
            bool before = watch->jobs[j].held_milli > 0 && level_at(watch, j, time_us) <= level;
            left_milli -= before ? watch->jobs[j].held_milli : 0;
        }
        if (left_milli >= 0) {
            break_law(watch, text_of(SCHED_LAW_LEVELS));
        }
    }
}

/* -- instants -------------------------------------------------------------------------------- */

/* With --pass event a job may start in the place of one that ends at the same instant but has not
 * had its turn, so amounts are judged when the instant is over. */
static void judge_instant(struct watch *watch, int64_t next_us)
{
    uint32_t idle = count_idle(watch);
    for (uint32_t i = 0; i < watch->world->count; i++) {
        const struct world_job *job = &watch->world->jobs[i];
        bool fits = job->tasks == 0 && !job->is_half && job->gpus <= idle;
        if (watch_judges(watch, SCHED_LAW_NO_IDLE) && watch->jobs[i].waits && fits) {
            break_law(watch, text_of(SCHED_LAW_NO_IDLE));
        }
    }
    for (uint32_t i = 0; watch_judges(watch, SCHED_LAW_QUEUE_LIMITS) && i < WORLD_TENANTS; i++) {
        if (held_by_tenant(watch, i) > (int64_t)watch->world->limits[i] * 1000) {
            break_law(watch, text_of(SCHED_LAW_QUEUE_LIMITS));
        }
    }
    if (watch_judges(watch, SCHED_LAW_LEVELS)) {
        judge_levels(watch, watch->now_us);
        if (next_us > watch->now_us) {
            judge_levels(watch, next_us - 1); /* a limit passed in between wants a pass too */
        }
    }
}

/* -- records --------------------------------------------------------------------------------- */

static void settle(struct watch *watch, uint32_t job)
{
    struct watch_job *state = &watch->jobs[job];
    state->service_milli_us = service_at(watch, job, watch->now_us);
    state->since_us = watch->now_us;
}

static void let_go(struct watch *watch, uint32_t job)
{
    settle(watch, job);
    memset(watch->jobs[job].gpu_milli, 0, sizeof(watch->jobs[job].gpu_milli));
    watch->jobs[job].held_milli = 0;
}

/* What the job holds is what the record says, on each GPU. */
static void hold(struct watch *watch, const struct log_record *record)
{
    struct watch_job *state = &watch->jobs[record->job];
    let_go(watch, record->job);
    for (uint32_t i = 0; i < record->grant_count; i++) {
        const struct grant *grant = &record->grants[i];
        uint32_t devices = (uint32_t)__builtin_popcountll(grant->gpus);
        for (uint32_t gpu = 0; gpu < WATCH_MOST_GPUS; gpu++) {
            bool has = (grant->gpus >> gpu & 1) != 0;
            state->gpu_milli[grant->node][gpu] += has ? grant->gpu_milli / devices : 0;
        }
        state->held_milli += grant->gpu_milli;
    }
}

/* Everything the job asks for, of an elastic one at least the least, and each task whole on one
 * node. */
static bool is_whole(const struct world_job *job, const struct log_record *record)
{
    int64_t milli = job->is_half ? 500 : (int64_t)job->gpus * 1000;
    int64_t granted_milli = 0;
    bool whole = true;
    for (uint32_t i = 0; i < record->grant_count; i++) {
        granted_milli += record->grants[i].gpu_milli;
        whole = whole && (job->tasks == 0 || record->grants[i].gpu_milli == milli / job->tasks);
    }
    if (job->min_tasks > 0) {
        return whole && record->grant_count >= job->min_tasks && record->grant_count <= job->tasks;
    }
    return whole && granted_milli == milli &&
           (job->tasks == 0 || record->grant_count == job->tasks);
}

/* Before a job of a tenant starts, no tenant that waits with a job that fits may have less. */
static void judge_turn(struct watch *watch, uint32_t job)
{
    uint32_t idle = count_idle(watch);
    int64_t held_milli = held_by_tenant(watch, watch->world->jobs[job].tenant);
    for (uint32_t i = 0; i < watch->world->count; i++) {
        const struct world_job *other = &watch->world->jobs[i];
        if (watch->jobs[i].waits && other->gpus <= idle &&
            held_by_tenant(watch, other->tenant) < held_milli) {
            break_law(watch, text_of(SCHED_LAW_FAIR_TURNS));
        }
    }
}

static void note_start(struct watch *watch, const struct log_record *record)
{
    if (!watch->jobs[record->job].waits) {
        break_law(watch, "only who waits starts");
    }
    if (!is_whole(&watch->world->jobs[record->job], record)) {
        break_law(watch, "a gang starts with all its tasks");
    }
    if (watch_judges(watch, SCHED_LAW_SUBMIT_ORDER) && record->job < watch->last_started) {
        break_law(watch, text_of(SCHED_LAW_SUBMIT_ORDER));
    }
    if (watch_judges(watch, SCHED_LAW_FAIR_TURNS)) {
        judge_turn(watch, record->job);
    }
    watch->last_started = record->job;
    watch->jobs[record->job].waits = false;
    hold(watch, record);
}

static void record(void *self, const struct log_record *record)
{
    struct watch *watch = self;
    if (record->time_us != watch->now_us || record->kind == LOG_END) {
        judge_instant(watch, record->time_us);
    }
    if (record->time_us < watch->now_us) {
        break_law(watch, "time goes on");
    }
    watch->now_us = record->time_us;
    switch (record->kind) {
    case LOG_SUBMIT:
        watch->submitted++;
        watch->jobs[record->job].waits = true;
        break;
    case LOG_REJECT:
        watch->submitted++;
        watch->rejected++;
        break;
    case LOG_START:
        note_start(watch, record);
        break;
    case LOG_FINISH:
        watch->finished++;
        let_go(watch, record->job);
        break;
    case LOG_PREEMPT:
    case LOG_INTERRUPT:
        watch->jobs[record->job].waits = true;
        let_go(watch, record->job);
        break;
    case LOG_RESIZE:
    case LOG_MIGRATE:
        hold(watch, record);
        break;
    case LOG_SHARE:
    case LOG_STEP:
    case LOG_CAUSE:
    case LOG_AWAY:
    case LOG_BACK:
    case LOG_END:
        break;
    }
}

struct log_sink watch_sink(struct watch *watch)
{
    return (struct log_sink){watch, record};
}
