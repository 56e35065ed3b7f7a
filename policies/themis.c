/*
 * themis - finish-time fairness with leases, greedily.
 *
 * GPUs are leased for a round. At its end every job has rho: the time from its submission to its
 * end if it ran on from now, over the time it would take alone on its share of the cluster (its
 * work, longer by as much as it asks for more than GPUs / jobs). The jobs with the greatest rho get
 * the next leases, while they fit.
 *
 * This is the greedy filter of the source, as simulators have it, without its auction: nobody bids,
 * so nobody can lie, and placement does not enter rho.
 *
 * Good: nobody ends much later than on a share of his own. Bad: needs to know the work of jobs; the
 * worst off go first even when they hardly gain; jobs are stopped every few minutes.
 */
#include "policies/lib/rounds.h"
#include "sim/sched.h"

struct themis_params {
    int64_t lease_us;
};

static const struct param_spec params[] = {
    {.name = "lease",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct themis_params, lease_us),
     .dflt = "600",
     .min = 1,
     .max = 1e9,
     .help = "how long a lease is"},
    {0},
};

struct themis {
    struct rounds rounds;
};

/* Equal times since the reset of every round leave x alone to decide: here it is rho, on the types
 * on which the job can run. */
static void set_rho(void *owner, struct rounds *rounds, struct sched_ctx *ctx)
{
    (void)owner; /* the rounds have all it needs */
    double jobs = (double)rounds->jobs.count;
    double gpu_milli = (double)sched_cluster(ctx)->gpu_milli;
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        const struct rounds_job *job = &rounds->jobs.items[i];
        double crowding = gpu_milli > 0 ? (double)job->size_milli * jobs / gpu_milli : 1;
        double work_us = (double)sched_duration_us(ctx, job->job);
        double alone_us = work_us * (crowding > 1 ? crowding : 1);
        double age_us = (double)(sched_now_us(ctx) - sched_job(ctx, job->job).submit_us);
        double shared_us = age_us + (double)sched_remaining_us(ctx, job->job);
        for (uint32_t k = 0; k < rounds->type_count; k++) {
            rounds_cells(rounds, i)[k].x = alone_us > 0 ? shared_us / alone_us : 1;
        }
    }
}

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can fail */
    const struct themis_params *wanted = values;
    struct rounds_settings settings = {.round_us = wanted->lease_us, .every_round = true};
    rounds_init(&((struct themis *)state)->rounds, settings, ctx);
    return true;
}

static void release(void *state)
{
    rounds_release(&((struct themis *)state)->rounds);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* nothing to ask yet */
    rounds_submit(&((struct themis *)state)->rounds, job);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    rounds_finish(&((struct themis *)state)->rounds, ctx, job);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    rounds_decide(&((struct themis *)state)->rounds, ctx, set_rho, NULL);
}

extern const struct sched_ops sched_policy_themis;
const struct sched_ops sched_policy_themis = {
    .name = "themis",
    .help = "leases to the jobs that end latest compared with a share of their own (no auction)",
    .source = "Mahajan et al., Themis: Fair and Efficient GPU Cluster Scheduling, NSDI 2020",
    .flags = SCHED_PREEMPTS | SCHED_ORACLE,
    .state_size = sizeof(struct themis),
    .params_size = sizeof(struct themis_params),
    .params = params,
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
