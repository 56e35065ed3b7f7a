/* slurm_passes.c - see slurm_passes.h. */
#include "policies/lib/slurm_passes.h"

#include "sim/base/arith.h"

void slurm_passes_init(struct slurm_passes *passes, const struct sched_ctx *ctx,
                       const struct slurm_limits *limits)
{
    passes->limits = *limits;
    passes->user_count = sched_user_count(ctx);
    passes->queue_count = sched_queue_count(ctx);
    passes->by_user = mem_alloc(passes->user_count, sizeof(*passes->by_user));
    passes->by_queue = mem_alloc(passes->queue_count, sizeof(*passes->by_queue));
    passes->blocked = mem_alloc(passes->queue_count, sizeof(*passes->blocked));
    passes->last_us = -1;
    passes->wake_us = -1;
    running_init(&passes->running, sched_job_count(ctx));
}

void slurm_passes_release(struct slurm_passes *passes)
{
    free(passes->by_user);
    free(passes->by_queue);
    free(passes->blocked);
    vec_release(&passes->waiting);
    vec_release(&passes->started);
    running_release(&passes->running);
    free_profile_release(&passes->plan);
}

static bool goes_before(const struct slurm_waiter *a, const struct slurm_waiter *b)
{
    return a->urgency != b->urgency ? a->urgency > b->urgency : a->job < b->job;
}

void slurm_passes_submit(struct slurm_passes *passes, const struct sched_ctx *ctx, uint32_t job,
                         int64_t urgency)
{
    struct sched_job facts = sched_job(ctx, job);
    struct slurm_waiter waiter = {
        .urgency = urgency,
        .gpu_milli = mul_div_floor(facts.gpu_milli, facts.min_tasks, facts.tasks),
        .estimate_us = facts.estimate_us,
        .submit_us = facts.submit_us,
        .job = job,
        .user = facts.user,
        .queue = facts.queue,
    };
    vec_push(&passes->waiting, waiter);
    struct slurm_waiter *waiters = passes->waiting.items;
    size_t at = passes->waiting.count - 1;
    while (at > 0 && goes_before(&waiter, &waiters[at - 1])) {
        waiters[at] = waiters[at - 1];
        at--;
    }
    waiters[at] = waiter;
    passes->something_happened = true;
}

void slurm_passes_finish(struct slurm_passes *passes, uint32_t job)
{
    bool found = false; /* not there when it gave back its GPUs ahead of its turn */
    (void)running_remove(&passes->running, job, &found);
    passes->something_happened = true;
}

static int compare_waiters(const void *a, const void *b)
{
    return goes_before(a, b) ? -1 : 1;
}

void slurm_passes_sort(struct slurm_passes *passes)
{
    bool sorted = true;
    for (size_t i = 1; i < passes->waiting.count && sorted; i++) {
        sorted = goes_before(&passes->waiting.items[i - 1], &passes->waiting.items[i]);
    }
    if (!sorted) {
        qsort(passes->waiting.items, passes->waiting.count, sizeof(*passes->waiting.items),
              compare_waiters);
        passes->something_happened = true; /* plans were made in another order */
    }
}

/* Takes out who was started. */
static void close_ranks(struct slurm_passes *passes)
{
    size_t kept = 0;
    for (size_t i = 0; i < passes->waiting.count; i++) {
        if (!passes->waiting.items[i].started) {
            passes->waiting.items[kept++] = passes->waiting.items[i];
        }
    }
    passes->waiting.count = kept;
}

static bool start(struct slurm_passes *passes, struct sched_ctx *ctx, struct slurm_waiter *waiter)
{
    waiter->started = running_start(&passes->running, ctx, waiter->job, waiter->estimate_us);
    if (waiter->started) {
        vec_push(&passes->started, waiter->job);
    }
    return waiter->started;
}

static bool is_over(int64_t count, int64_t limit)
{
    return limit > 0 && count >= limit;
}

/* -- the main pass --------------------------------------------------------------------------- */

static void main_pass(struct slurm_passes *passes, struct sched_ctx *ctx)
{
    bool by_queue = passes->limits.partitions == 1;
    uint32_t open = by_queue ? passes->queue_count : 1;
    bool any_started = false;
    memset(passes->blocked, 0, passes->queue_count * sizeof(*passes->blocked));
    sched_because(ctx, "next in order");
    for (size_t i = 0;
         i < passes->waiting.count && open > 0 && !is_over((int64_t)i, passes->limits.depth); i++) {
        struct slurm_waiter *waiter = &passes->waiting.items[i];
        bool *blocked = &passes->blocked[by_queue ? waiter->queue : 0];
        if (*blocked) {
            continue;
        }
        if (start(passes, ctx, waiter)) {
            any_started = true;
        } else {
            *blocked = true;
            open--;
        }
    }
    if (any_started) {
        close_ranks(passes);
    }
}

/* -- the backfill pass ----------------------------------------------------------------------- */

static int64_t rounded_up(const struct slurm_passes *passes, int64_t length_us)
{
    int64_t slot_us = passes->limits.resolution_us;
    int64_t over_us = slot_us == 0 ? 0 : length_us % slot_us;
    return over_us == 0 ? length_us : time_add_us(length_us, slot_us - over_us);
}

static void plan_running(struct slurm_passes *passes, const struct sched_ctx *ctx)
{
    int64_t now_us = sched_now_us(ctx);
    free_profile_reset(&passes->plan, now_us, sched_cluster(ctx)->free_gpu_milli);
    for (size_t i = 0; i < passes->running.jobs.count; i++) {
        const struct running_job *job = &passes->running.jobs.items[i];
        int64_t end_us = time_add_us(now_us, rounded_up(passes, job->end_us - now_us));
        free_profile_add(&passes->plan, end_us, FREE_PROFILE_NEVER, job->gpu_milli);
    }
}

/* Starts the job or plans it in. True: it was started. */
static bool start_or_plan(struct slurm_passes *passes, struct sched_ctx *ctx,
                          struct slurm_waiter *waiter)
{
    int64_t now_us = sched_now_us(ctx);
    int64_t length_us = rounded_up(passes, waiter->estimate_us);
    int64_t at_us = free_profile_find(&passes->plan, now_us, length_us, waiter->gpu_milli);
    int64_t free_before_milli = sched_cluster(ctx)->free_gpu_milli;
    if (at_us == now_us && start(passes, ctx, waiter)) {
        int64_t held_milli = free_before_milli - sched_cluster(ctx)->free_gpu_milli;
        free_profile_add(&passes->plan, now_us, time_add_us(now_us, length_us), -held_milli);
        return true;
    }
    if (at_us == now_us && passes->running.jobs.count > 0) {
        int64_t end_us = passes->running.jobs.items[0].end_us;
        at_us = free_profile_find(&passes->plan,
                                  time_add_us(now_us, rounded_up(passes, end_us - now_us)),
                                  length_us, waiter->gpu_milli);
    }
    bool old_enough = now_us - waiter->submit_us >= passes->limits.min_age_us;
    if (old_enough && at_us > now_us && at_us - now_us <= passes->limits.window_us) {
        free_profile_add(&passes->plan, at_us, time_add_us(at_us, length_us), -waiter->gpu_milli);
    }
    return false;
}

static void backfill_pass(struct slurm_passes *passes, struct sched_ctx *ctx)
{
    const struct slurm_limits *limits = &passes->limits;
    int64_t tested = 0;
    int64_t started = 0;
    memset(passes->by_user, 0, passes->user_count * sizeof(*passes->by_user));
    memset(passes->by_queue, 0, passes->queue_count * sizeof(*passes->by_queue));
    plan_running(passes, ctx);
    sched_because(ctx, "fits in front of what is planned for others");
    for (size_t i = 0; i < passes->waiting.count && !is_over(tested, limits->test) &&
                       !is_over(started, limits->start);
         i++) {
        struct slurm_waiter *waiter = &passes->waiting.items[i];
        if (is_over(passes->by_user[waiter->user], limits->user) ||
            is_over(passes->by_queue[waiter->queue], limits->partition)) {
            continue;
        }
        tested++;
        passes->by_user[waiter->user]++;
        passes->by_queue[waiter->queue]++;
        started += start_or_plan(passes, ctx, waiter) ? 1 : 0;
    }
    if (started > 0) {
        close_ranks(passes);
    }
}

/* The next backfill pass is due when the interval is over and something has happened, or the next
 * estimate runs out. */
static void ask_for_backfill(struct slurm_passes *passes, struct sched_ctx *ctx)
{
    if (passes->waiting.count == 0) {
        return;
    }
    int64_t next_us = time_add_us(passes->last_us, passes->limits.interval_us);
    if (!passes->something_happened) {
        if (passes->running.jobs.count == 0) {
            return;
        }
        int64_t end_us = passes->running.jobs.items[0].end_us;
        next_us = end_us > next_us ? end_us : next_us;
    }
    if (next_us != passes->wake_us && next_us != FREE_PROFILE_NEVER) {
        passes->wake_us = next_us;
        sched_wake_at(ctx, next_us);
    }
}

void slurm_passes_decide(struct slurm_passes *passes, struct sched_ctx *ctx)
{
    vec_clear(&passes->started);
    int64_t now_us = sched_now_us(ctx);
    passes->something_happened =
        running_settle(&passes->running, ctx) > 0 || passes->something_happened;
    main_pass(passes, ctx);
    bool due =
        passes->last_us < 0 || now_us >= time_add_us(passes->last_us, passes->limits.interval_us);
    if (due && passes->something_happened && passes->waiting.count > 0) {
        passes->last_us = now_us;
        passes->something_happened = false;
        backfill_pass(passes, ctx);
    }
    ask_for_backfill(passes, ctx);
}
