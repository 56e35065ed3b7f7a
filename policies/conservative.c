/*
 * conservative - backfilling in which every waiting job has a reservation.
 *
 * A job that is submitted gets the earliest time at which it fits beside everything that runs or is
 * reserved, for as long as its estimate says. When a job ends, its remaining time becomes free and,
 * in submit order, each waiting job gives up its reservation and takes the earliest one there is
 * now, which is never later. A job starts when its reservation comes.
 *
 * A job that outlives its estimate is expected to run once more as long as it has run; all
 * reservations are then made anew, in submit order, and may be later: no policy can keep a promise
 * that rests on a wrong estimate. Where GPUs are free but the placement rule finds no place
 * (several nodes, gangs, CPU limits), the job waits for the next time at which something is
 * expected to end.
 *
 * Good: nobody is delayed by those behind, so every user can be told a latest start. Bad: fewer
 * jobs move forward than under EASY, and a pass costs waiting jobs times steps of the profile.
 *
 * Cost of a pass after a finish: O(waiting jobs x steps); after a submit: O(steps).
 */
#include "policies/lib/profile.h"
#include "policies/lib/running.h"
#include "sim/base/arith.h"
#include "sim/sched.h"

struct reservation {
    int64_t start_us;
    int64_t estimate_us;
    int64_t gpu_milli;
    uint32_t job;
};

struct conservative {
    struct free_profile profile;
    struct running running;
    VEC(struct reservation) waiting;  /* in submit order */
    VEC(struct reservation) new_jobs; /* submitted since the last pass; no reservation yet */
    bool something_ended;             /* since the last pass */
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)values; /* there are no parameters */
    (void)err;    /* nothing can go wrong */
    struct conservative *policy = state;
    running_init(&policy->running, sched_job_count(ctx));
    free_profile_init(&policy->profile, 0, sched_cluster(ctx)->gpu_milli);
    return true;
}

static void release(void *state)
{
    struct conservative *policy = state;
    free_profile_release(&policy->profile);
    running_release(&policy->running);
    vec_release(&policy->waiting);
    vec_release(&policy->new_jobs);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct conservative *policy = state;
    struct sched_job facts = sched_job(ctx, job);
    struct reservation reservation = {0, facts.estimate_us, facts.gpu_milli, job};
    vec_push(&policy->new_jobs, reservation);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct conservative *policy = state;
    policy->something_ended = true;
    bool found = false; /* not there when it gave back its GPUs ahead of its turn */
    struct running_job ended = running_remove(&policy->running, job, &found);
    if (found) {
        free_profile_add(&policy->profile, sched_now_us(ctx), ended.end_us, ended.gpu_milli);
    }
}

static void occupy(struct conservative *policy, const struct reservation *job, int64_t sign)
{
    int64_t end_us = time_add_us(job->start_us, job->estimate_us);
    free_profile_add(&policy->profile, job->start_us, end_us, -sign * job->gpu_milli);
}

static void reserve(struct conservative *policy, struct reservation *job, int64_t from_us)
{
    job->start_us = free_profile_find(&policy->profile, from_us, job->estimate_us, job->gpu_milli);
    occupy(policy, job, 1);
}

/* Every waiting job takes the earliest time there is now. */
static void move_forward(struct conservative *policy, int64_t now_us)
{
    for (size_t i = 0; i < policy->waiting.count; i++) {
        struct reservation *job = &policy->waiting.items[i];
        occupy(policy, job, -1);
        reserve(policy, job, now_us);
    }
}

/* Forgets all reservations and makes them anew from what runs. */
static void plan_anew(struct conservative *policy, const struct sched_ctx *ctx)
{
    int64_t now_us = sched_now_us(ctx);
    free_profile_init(&policy->profile, now_us, sched_cluster(ctx)->gpu_milli);
    for (size_t i = 0; i < policy->running.jobs.count; i++) {
        const struct running_job *job = &policy->running.jobs.items[i];
        free_profile_add(&policy->profile, now_us, job->end_us, -job->gpu_milli);
    }
    for (size_t i = 0; i < policy->waiting.count; i++) {
        reserve(policy, &policy->waiting.items[i], now_us);
    }
}

static void reserve_new_jobs(struct conservative *policy, int64_t now_us)
{
    for (size_t i = 0; i < policy->new_jobs.count; i++) {
        struct reservation job = policy->new_jobs.items[i];
        reserve(policy, &job, now_us);
        vec_push(&policy->waiting, job);
    }
    vec_clear(&policy->new_jobs);
}

/* There are GPUs but no place: try again when something is expected to end. */
static void put_off(struct conservative *policy, struct sched_ctx *ctx, struct reservation *job)
{
    int64_t now_us = sched_now_us(ctx);
    int64_t later_us = policy->running.jobs.count > 0 ? policy->running.jobs.items[0].end_us
                                                      : time_add_us(now_us, job->estimate_us);
    occupy(policy, job, -1);
    reserve(policy, job, later_us);
    sched_wake_at(ctx, job->start_us);
}

static void start_due(struct conservative *policy, struct sched_ctx *ctx)
{
    size_t kept = 0;
    sched_because(ctx, "its reservation has come");
    for (size_t i = 0; i < policy->waiting.count; i++) {
        struct reservation *job = &policy->waiting.items[i];
        bool due = job->start_us <= sched_now_us(ctx);
        if (due && running_start(&policy->running, ctx, job->job, job->estimate_us)) {
            continue;
        }
        if (due) {
            put_off(policy, ctx, job);
        }
        policy->waiting.items[kept++] = *job;
    }
    policy->waiting.count = kept;
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct conservative *policy = state;
    int64_t now_us = sched_now_us(ctx);
    free_profile_advance(&policy->profile, now_us);
    if (running_settle(&policy->running, ctx) > 0) {
        plan_anew(policy, ctx);
    } else if (policy->something_ended) {
        move_forward(policy, now_us);
    }
    policy->something_ended = false;
    reserve_new_jobs(policy, now_us);
    start_due(policy, ctx);
}

extern const struct sched_ops sched_policy_conservative;
const struct sched_ops sched_policy_conservative = {
    .name = "conservative",
    .help = "backfilling in which every waiting job has a reservation",
    .source = "Mu'alem and Feitelson 2001; pyss",
    .flags = SCHED_NEEDS_ESTIMATES,
    .state_size = sizeof(struct conservative),
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
