/*
 * conservative - conservative backfilling: everybody has a reservation.
 *
 * A job gets, when it is submitted, the earliest time at which its GPUs are planned to be free for
 * as long as its estimate says, given all running jobs and all reservations made before. It starts
 * at that time or earlier: when a job ends, each reservation in submit order is taken out of the
 * plan and put back at the earliest time, which is never later than before (compression).
 *
 * Good: as far as estimates are right, nobody is ever delayed by whoever came later, and every job
 * can be told a start time that will be kept. Bad: fewer backfilled jobs than EASY; a pass after an
 * end costs waiting jobs times steps of the plan.
 *
 * GPUs are counted in total, as in easy.c. Promises break only where the world is not what was
 * planned: a job outlives its estimate (it is then expected to run once more as long), or the
 * placement rule finds no room for a job whose time has come (it then waits for the next expected
 * end). Everything is then planned anew in submit order.
 *
 * An elastic job counts with the GPUs of its minimum until it runs.
 */
#include "policies/lib/profile.h"
#include "policies/lib/running.h"
#include "sim/base/arith.h"
#include "sim/sched.h"

struct waiter {
    int64_t start_us; /* reserved, or FREE_PROFILE_NEVER */
    int64_t estimate_us;
    int64_t gpu_milli;
    int64_t not_before_us; /* of one planning: it found no place although it should fit */
    uint32_t job;
};

struct conservative {
    VEC(struct waiter) waiting; /* in submit order; the last `new_count` have no reservation yet */
    size_t new_count;
    struct running running;
    struct free_profile plan; /* what running jobs and reservations leave */
    bool finished;            /* a job did since the last pass */
    bool holes;               /* there may be room for compression */
    int64_t wake_us;          /* the last time asked for */
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)values; /* there are none */
    (void)err;    /* nothing can go wrong */
    struct conservative *conservative = state;
    running_init(&conservative->running, sched_job_count(ctx));
    free_profile_reset(&conservative->plan, sched_now_us(ctx), sched_cluster(ctx)->free_gpu_milli);
    conservative->wake_us = -1;
    return true;
}

static void release(void *state)
{
    struct conservative *conservative = state;
    vec_release(&conservative->waiting);
    running_release(&conservative->running);
    free_profile_release(&conservative->plan);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct conservative *conservative = state;
    struct sched_job facts = sched_job(ctx, job);
    struct waiter waiter = {
        .start_us = FREE_PROFILE_NEVER,
        .estimate_us = facts.estimate_us,
        .gpu_milli = mul_div_floor(facts.gpu_milli, facts.min_tasks, facts.tasks),
        .job = job,
    };
    vec_push(&conservative->waiting, waiter);
    conservative->new_count++;
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct conservative *conservative = state;
    int64_t now_us = sched_now_us(ctx);
    conservative->finished = true;
    bool found = false; /* not there when it gave back its GPUs ahead of its turn */
    struct running_job ended = running_remove(&conservative->running, job, &found);
    if (found && ended.end_us > now_us) {
        free_profile_add(&conservative->plan, now_us, ended.end_us, ended.gpu_milli);
        conservative->holes = true;
    }
}

static void reserve(struct free_profile *plan, struct waiter *waiter, int64_t from_us)
{
    waiter->start_us = free_profile_find(plan, from_us, waiter->estimate_us, waiter->gpu_milli);
    free_profile_add(plan, waiter->start_us, time_add_us(waiter->start_us, waiter->estimate_us),
                     -waiter->gpu_milli);
}

static void cancel(struct free_profile *plan, const struct waiter *waiter, int64_t from_us)
{
    free_profile_add(plan, waiter->start_us > from_us ? waiter->start_us : from_us,
                     time_add_us(waiter->start_us, waiter->estimate_us), waiter->gpu_milli);
}

/* One compression may open a hole for a job that it has looked at before, so the next end
 * compresses again until nothing moves. */
static void move_forward(struct conservative *conservative, int64_t now_us)
{
    conservative->holes = false;
    size_t planned = conservative->waiting.count - conservative->new_count;
    for (size_t i = 0; i < planned; i++) {
        struct waiter *waiter = &conservative->waiting.items[i];
        int64_t before_us = waiter->start_us;
        cancel(&conservative->plan, waiter, now_us);
        reserve(&conservative->plan, waiter, now_us);
        conservative->holes = conservative->holes || waiter->start_us != before_us;
    }
}

static void reserve_new(struct conservative *conservative, int64_t now_us)
{
    size_t count = conservative->waiting.count;
    for (size_t i = count - conservative->new_count; i < count; i++) {
        reserve(&conservative->plan, &conservative->waiting.items[i], now_us);
    }
    conservative->new_count = 0;
}

/* Makes the plan again from what is running and free now. */
static void plan_anew(struct conservative *conservative, const struct sched_ctx *ctx)
{
    int64_t now_us = sched_now_us(ctx);
    free_profile_reset(&conservative->plan, now_us, sched_cluster(ctx)->free_gpu_milli);
    for (size_t i = 0; i < conservative->running.jobs.count; i++) {
        const struct running_job *job = &conservative->running.jobs.items[i];
        free_profile_add(&conservative->plan, job->end_us, FREE_PROFILE_NEVER, job->gpu_milli);
    }
    for (size_t i = 0; i < conservative->waiting.count; i++) {
        struct waiter *waiter = &conservative->waiting.items[i];
        int64_t from_us = waiter->not_before_us > now_us ? waiter->not_before_us : now_us;
        reserve(&conservative->plan, waiter, from_us);
    }
    conservative->new_count = 0;
    conservative->holes = false;
}

/* Starts jobs whose time has come. False: not all went as planned, so the plan has to be made anew.
 * A pass can be late (--pass period), an elastic job can get more than its minimum, and a job can
 * find no place. */
static bool start_due(struct conservative *conservative, struct sched_ctx *ctx)
{
    int64_t now_us = sched_now_us(ctx);
    const struct cluster *cluster = sched_cluster(ctx);
    bool as_planned = true;
    size_t kept = 0;
    sched_because(ctx, "its reserved time has come");
    for (size_t i = 0; i < conservative->waiting.count; i++) {
        struct waiter waiter = conservative->waiting.items[i];
        if (waiter.start_us > now_us) {
            conservative->waiting.items[kept++] = waiter;
            continue;
        }
        int64_t planned_milli = cluster->free_gpu_milli - waiter.gpu_milli;
        if (running_start(&conservative->running, ctx, waiter.job, waiter.estimate_us)) {
            as_planned =
                as_planned && waiter.start_us == now_us && cluster->free_gpu_milli == planned_milli;
            continue;
        }
        as_planned = false;
        waiter.not_before_us = conservative->running.jobs.count > 0
                                   ? conservative->running.jobs.items[0].end_us
                                   : FREE_PROFILE_NEVER;
        conservative->waiting.items[kept++] = waiter;
    }
    conservative->waiting.count = kept;
    return as_planned;
}

/* Reservations can lie at times at which nothing else happens. */
static void wake_for_next(struct conservative *conservative, struct sched_ctx *ctx)
{
    int64_t next_us = FREE_PROFILE_NEVER;
    for (size_t i = 0; i < conservative->waiting.count; i++) {
        struct waiter *waiter = &conservative->waiting.items[i];
        waiter->not_before_us = 0;
        next_us = waiter->start_us < next_us ? waiter->start_us : next_us;
    }
    if (next_us != FREE_PROFILE_NEVER && next_us != conservative->wake_us) {
        conservative->wake_us = next_us;
        sched_wake_at(ctx, next_us);
    }
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct conservative *conservative = state;
    int64_t now_us = sched_now_us(ctx);
    free_profile_forget(&conservative->plan, now_us);
    if (running_settle(&conservative->running, ctx) > 0) {
        plan_anew(conservative, ctx);
    } else {
        if (conservative->finished && conservative->holes) {
            move_forward(conservative, now_us);
        }
        reserve_new(conservative, now_us);
    }
    conservative->finished = false;
    while (!start_due(conservative, ctx)) {
        plan_anew(conservative, ctx);
    }
    wake_for_next(conservative, ctx);
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_TIME_SCALE, NULL},
    {SCHED_LAW_HEAD_FIRST, NULL},
    {SCHED_LAW_NO_DELAY, NULL},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_conservative;
const struct sched_ops sched_policy_conservative = {
    .name = "conservative",
    .help = "conservative backfilling: every job has a reservation that is never put off",
    .source = "Mu'alem and Feitelson 2001; pyss",
    .flags = SCHED_NEEDS_ESTIMATES,
    .state_size = sizeof(struct conservative),
    .laws = laws,
    .validated = "pyss cons (--pass event --tie submit): results/schedules",
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
