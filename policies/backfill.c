/*
 * backfill - priority order with Slurm's two passes and its limits.
 *
 * Waiting jobs are ordered by the trace's priority, highest first, and submit order, or by submit
 * order alone. The *main pass* comes whenever something happens: it goes down the list and starts
 * jobs until one finds no room; with partitions=queue that holds back its own queue only. It looks
 * at `depth` jobs.
 *
 * The *backfill pass* comes at the earliest `interval` seconds after the one before, if anything
 * has happened since or an estimate has run out. It makes a plan of the milli-GPUs that running
 * jobs leave by their estimates, goes down the list, and starts a job if it fits from now on for as
 * long as its estimate says, without touching what was planned for others before it; else it plans
 * the job in at the earliest time, if that lies within `window` seconds and the job has waited
 * `min_age` seconds. Lengths are rounded up to `resolution`. It looks at `test` jobs, at most
 * `user` of one user and `partition` of one queue, and starts at most `start`. The limits are
 * counts, not time spent, so that a run gives the same on every machine.
 *
 * Good: what most clusters run; plans for many jobs, not one as EASY. Bad: what is not tested is
 * neither planned for nor backfilled, so results depend on the limits; plans are forgotten after
 * each pass and a reservation can be put off by jobs of higher priority that come later.
 *
 * GPUs are counted in total, as in easy.c; a job that has GPUs enough but no place is planned in at
 * the next expected end. A job that outlives its estimate is expected to run once more as long.
 */
#include "policies/lib/profile.h"
#include "policies/lib/running.h"
#include "sim/base/arith.h"
#include "sim/sched.h"

enum backfill_order { ORDER_PRIORITY, ORDER_SUBMIT };
enum backfill_partitions { PARTITIONS_ONE, PARTITIONS_QUEUE };

struct backfill_params {
    int order;      /* enum backfill_order */
    int partitions; /* enum backfill_partitions */
    int64_t depth;
    int64_t interval_us;
    int64_t resolution_us;
    int64_t window_us;
    int64_t min_age_us;
    int64_t test;
    int64_t user;
    int64_t partition;
    int64_t start;
};

#define LIMIT(field, default, text)                                                                \
    {                                                                                              \
        .name = #field, .type = PARAM_I64, .offset = offsetof(struct backfill_params, field),      \
        .dflt = (default), .min = 0, .max = 1e9, .help = (text)                                    \
    }

static const struct param_spec params[] = {
    {.name = "order",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct backfill_params, order),
     .dflt = "priority",
     .choices = "priority|submit",
     .help = "who comes first: the highest priority and then by submit order, or that alone"},
    {.name = "partitions",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct backfill_params, partitions),
     .dflt = "one",
     .choices = "one|queue",
     .help = "whom a job without room holds back in the main pass: everybody, or its queue"},
    LIMIT(depth, "100", "jobs that the main pass looks at (default_queue_depth); 0: all"),
    {.name = "interval",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct backfill_params, interval_us),
     .dflt = "30",
     .min = 0,
     .max = 1e9,
     .help = "least seconds between backfill passes (bf_interval)"},
    {.name = "resolution",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct backfill_params, resolution_us),
     .dflt = "60",
     .min = 0,
     .max = 1e9,
     .help = "seconds to whose multiples lengths are rounded up (bf_resolution); 0: not"},
    {.name = "window",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct backfill_params, window_us),
     .dflt = "86400",
     .min = 0,
     .max = 1e9,
     .help = "seconds ahead that are planned for (bf_window)"},
    {.name = "min_age",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct backfill_params, min_age_us),
     .dflt = "0",
     .min = 0,
     .max = 1e9,
     .help = "seconds a job waits before it is planned for (bf_min_age_reserve)"},
    LIMIT(test, "500", "jobs that a backfill pass looks at (bf_max_job_test); 0: all"),
    LIMIT(user, "0", "of these, of one user (bf_max_job_user); 0: all"),
    LIMIT(partition, "0", "of these, of one queue (bf_max_job_part); 0: all"),
    LIMIT(start, "0", "jobs that a backfill pass starts (bf_max_job_start); 0: all"),
    {.name = NULL},
};

struct waiter {
    int64_t urgency; /* priority, highest first */
    int64_t gpu_milli;
    int64_t estimate_us;
    int64_t submit_us;
    uint32_t job;
    uint32_t user;
    uint32_t queue;
    bool started; /* in this pass: to be taken out */
};

struct backfill {
    struct backfill_params params;
    VEC(struct waiter) waiting; /* in order */
    struct running running;
    struct free_profile plan; /* of one backfill pass */
    uint32_t *by_user;        /* tested in this pass */
    uint32_t *by_queue;
    bool *blocked; /* queues, in this main pass */
    uint32_t user_count;
    uint32_t queue_count;
    int64_t last_us; /* of the last backfill pass, or -1 */
    int64_t wake_us; /* asked for, or -1 */
    bool something_happened;
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can go wrong */
    struct backfill *backfill = state;
    backfill->params = *(const struct backfill_params *)values;
    backfill->user_count = sched_user_count(ctx);
    backfill->queue_count = sched_queue_count(ctx);
    backfill->by_user = mem_alloc(backfill->user_count, sizeof(*backfill->by_user));
    backfill->by_queue = mem_alloc(backfill->queue_count, sizeof(*backfill->by_queue));
    backfill->blocked = mem_alloc(backfill->queue_count, sizeof(*backfill->blocked));
    backfill->last_us = -1;
    backfill->wake_us = -1;
    running_init(&backfill->running, sched_job_count(ctx));
    return true;
}

static void release(void *state)
{
    struct backfill *backfill = state;
    free(backfill->by_user);
    free(backfill->by_queue);
    free(backfill->blocked);
    vec_release(&backfill->waiting);
    running_release(&backfill->running);
    free_profile_release(&backfill->plan);
}

static bool goes_before(const struct waiter *a, const struct waiter *b)
{
    return a->urgency != b->urgency ? a->urgency > b->urgency : a->job < b->job;
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct backfill *backfill = state;
    struct sched_job facts = sched_job(ctx, job);
    struct waiter waiter = {
        .urgency = backfill->params.order == ORDER_PRIORITY ? facts.priority : 0,
        .gpu_milli = mul_div_floor(facts.gpu_milli, facts.min_tasks, facts.tasks),
        .estimate_us = facts.estimate_us,
        .submit_us = facts.submit_us,
        .job = job,
        .user = facts.user,
        .queue = facts.queue,
    };
    vec_push(&backfill->waiting, waiter);
    struct waiter *waiters = backfill->waiting.items;
    size_t at = backfill->waiting.count - 1;
    while (at > 0 && goes_before(&waiter, &waiters[at - 1])) {
        waiters[at] = waiters[at - 1];
        at--;
    }
    waiters[at] = waiter;
    backfill->something_happened = true;
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* everything needed is known here */
    struct backfill *backfill = state;
    bool found = false; /* not there when it gave back its GPUs ahead of its turn */
    (void)running_remove(&backfill->running, job, &found);
    backfill->something_happened = true;
}

/* Takes out who was started. */
static void close_ranks(struct backfill *backfill)
{
    size_t kept = 0;
    for (size_t i = 0; i < backfill->waiting.count; i++) {
        if (!backfill->waiting.items[i].started) {
            backfill->waiting.items[kept++] = backfill->waiting.items[i];
        }
    }
    backfill->waiting.count = kept;
}

static bool start(struct backfill *backfill, struct sched_ctx *ctx, struct waiter *waiter)
{
    waiter->started = running_start(&backfill->running, ctx, waiter->job, waiter->estimate_us);
    return waiter->started;
}

static bool is_over(int64_t count, int64_t limit)
{
    return limit > 0 && count >= limit;
}

/* -- the main pass --------------------------------------------------------------------------- */

static void main_pass(struct backfill *backfill, struct sched_ctx *ctx)
{
    bool by_queue = backfill->params.partitions == PARTITIONS_QUEUE;
    uint32_t open = by_queue ? backfill->queue_count : 1;
    bool any_started = false;
    memset(backfill->blocked, 0, backfill->queue_count * sizeof(*backfill->blocked));
    sched_because(ctx, "next in order");
    for (size_t i = 0;
         i < backfill->waiting.count && open > 0 && !is_over((int64_t)i, backfill->params.depth);
         i++) {
        struct waiter *waiter = &backfill->waiting.items[i];
        bool *blocked = &backfill->blocked[by_queue ? waiter->queue : 0];
        if (*blocked) {
            continue;
        }
        if (start(backfill, ctx, waiter)) {
            any_started = true;
        } else {
            *blocked = true;
            open--;
        }
    }
    if (any_started) {
        close_ranks(backfill);
    }
}

/* -- the backfill pass ----------------------------------------------------------------------- */

static int64_t rounded_up(const struct backfill *backfill, int64_t length_us)
{
    int64_t slot_us = backfill->params.resolution_us;
    int64_t over_us = slot_us == 0 ? 0 : length_us % slot_us;
    return over_us == 0 ? length_us : time_add_us(length_us, slot_us - over_us);
}

static void plan_running(struct backfill *backfill, const struct sched_ctx *ctx)
{
    int64_t now_us = sched_now_us(ctx);
    free_profile_reset(&backfill->plan, now_us, sched_cluster(ctx)->free_gpu_milli);
    for (size_t i = 0; i < backfill->running.jobs.count; i++) {
        const struct running_job *job = &backfill->running.jobs.items[i];
        int64_t end_us = time_add_us(now_us, rounded_up(backfill, job->end_us - now_us));
        free_profile_add(&backfill->plan, end_us, FREE_PROFILE_NEVER, job->gpu_milli);
    }
}

/* Starts the job or plans it in. True: it was started. */
static bool start_or_plan(struct backfill *backfill, struct sched_ctx *ctx, struct waiter *waiter)
{
    int64_t now_us = sched_now_us(ctx);
    int64_t length_us = rounded_up(backfill, waiter->estimate_us);
    int64_t at_us = free_profile_find(&backfill->plan, now_us, length_us, waiter->gpu_milli);
    int64_t free_before_milli = sched_cluster(ctx)->free_gpu_milli;
    if (at_us == now_us && start(backfill, ctx, waiter)) {
        int64_t held_milli = free_before_milli - sched_cluster(ctx)->free_gpu_milli;
        free_profile_add(&backfill->plan, now_us, time_add_us(now_us, length_us), -held_milli);
        return true;
    }
    if (at_us == now_us && backfill->running.jobs.count > 0) {
        int64_t end_us = backfill->running.jobs.items[0].end_us;
        at_us = free_profile_find(&backfill->plan,
                                  time_add_us(now_us, rounded_up(backfill, end_us - now_us)),
                                  length_us, waiter->gpu_milli);
    }
    bool old_enough = now_us - waiter->submit_us >= backfill->params.min_age_us;
    if (old_enough && at_us > now_us && at_us - now_us <= backfill->params.window_us) {
        free_profile_add(&backfill->plan, at_us, time_add_us(at_us, length_us), -waiter->gpu_milli);
    }
    return false;
}

static void backfill_pass(struct backfill *backfill, struct sched_ctx *ctx)
{
    const struct backfill_params *limits = &backfill->params;
    int64_t tested = 0;
    int64_t started = 0;
    memset(backfill->by_user, 0, backfill->user_count * sizeof(*backfill->by_user));
    memset(backfill->by_queue, 0, backfill->queue_count * sizeof(*backfill->by_queue));
    plan_running(backfill, ctx);
    sched_because(ctx, "fits in front of what is planned for others");
    for (size_t i = 0; i < backfill->waiting.count && !is_over(tested, limits->test) &&
                       !is_over(started, limits->start);
         i++) {
        struct waiter *waiter = &backfill->waiting.items[i];
        if (is_over(backfill->by_user[waiter->user], limits->user) ||
            is_over(backfill->by_queue[waiter->queue], limits->partition)) {
            continue;
        }
        tested++;
        backfill->by_user[waiter->user]++;
        backfill->by_queue[waiter->queue]++;
        started += start_or_plan(backfill, ctx, waiter) ? 1 : 0;
    }
    if (started > 0) {
        close_ranks(backfill);
    }
}

/* The next backfill pass is due when the interval is over and something has happened, or the next
 * estimate runs out. */
static void ask_for_backfill(struct backfill *backfill, struct sched_ctx *ctx)
{
    if (backfill->waiting.count == 0) {
        return;
    }
    int64_t next_us = time_add_us(backfill->last_us, backfill->params.interval_us);
    if (!backfill->something_happened) {
        if (backfill->running.jobs.count == 0) {
            return;
        }
        int64_t end_us = backfill->running.jobs.items[0].end_us;
        next_us = end_us > next_us ? end_us : next_us;
    }
    if (next_us != backfill->wake_us && next_us != FREE_PROFILE_NEVER) {
        backfill->wake_us = next_us;
        sched_wake_at(ctx, next_us);
    }
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct backfill *backfill = state;
    int64_t now_us = sched_now_us(ctx);
    backfill->something_happened =
        running_settle(&backfill->running, ctx) > 0 || backfill->something_happened;
    main_pass(backfill, ctx);
    bool due = backfill->last_us < 0 ||
               now_us >= time_add_us(backfill->last_us, backfill->params.interval_us);
    if (due && backfill->something_happened && backfill->waiting.count > 0) {
        backfill->last_us = now_us;
        backfill->something_happened = false;
        backfill_pass(backfill, ctx);
    }
    ask_for_backfill(backfill, ctx);
}

static const struct sched_promise laws[] = {
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_backfill;
const struct sched_ops sched_policy_backfill = {
    .name = "backfill",
    .help = "priority order with Slurm's main and backfill passes, limited in counts",
    .source = "Slurm (sched/backfill, SchedulerParameters)",
    .flags = SCHED_NEEDS_ESTIMATES,
    .state_size = sizeof(struct backfill),
    .params_size = sizeof(struct backfill_params),
    .params = params,
    .laws = laws,
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
