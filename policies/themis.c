/*
 * themis - finish-time fairness with leases.
 *
 * GPUs are leased for a round. At its end every job has rho: the time from its submission to its
 * end if it ran on from now, over the time it would take alone on its share of the cluster (its
 * work, longer by as much as it asks for more than GPUs / jobs).
 *
 * mode=greedy: the jobs with the greatest rho get the next leases, while they fit. This is the
 * filter of the source, as simulators have it: nobody bids, so nobody can lie.
 *
 * mode=auction: the part 1 - filter of the jobs with the greatest rho bid for all GPUs. A job that
 * wins has its rho, one that loses has it a round later; values are 1 / rho, so a bid is the
 * logarithm of the factor between them. Winners are those with the greatest product of values (by
 * partial allocation, lib/auction.h), and each keeps a part of its prize. A gang cannot be cut, so
 * the part is kept as a credit: it adds up from win to win, and a job runs when it has 1, at the
 * cost of 1. What is left over goes to the others by rho. Every job is its own application, and
 * placement does not enter rho.
 *
 * Good: nobody ends much later than on a share of his own; with the auction, telling the truth
 * about one's work is best. Bad: needs to know the work of jobs; greedily, the worst off go first
 * even when they hardly gain; jobs are stopped every few minutes.
 */
#include <math.h>

#include "policies/lib/auction.h"
#include "policies/lib/rounds.h"
#include "sim/base/mem.h"
#include "sim/sched.h"

enum { MOST_BIDDERS = 64 };

/* Above every rho: winners go before all others. */
static const double WINNER = 1e15;

struct themis_params {
    int mode; /* 0 greedy, 1 auction */
    double filter;
    int64_t lease_us;
};

static const struct param_spec params[] = {
    {.name = "mode",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct themis_params, mode),
     .dflt = "greedy",
     .choices = "greedy|auction",
     .help = "leases by rho alone, or by an auction among the jobs with the greatest"},
    {.name = "filter",
     .type = PARAM_F64,
     .offset = offsetof(struct themis_params, filter),
     .dflt = "0.8",
     .min = 0,
     .max = 1,
     .help = "mode=auction: the part of the jobs that may not bid, those with the least rho"},
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
    bool auction;
    double filter;
    double lease_us;
    VEC(double) credits; /* by job */
};

struct candidate {
    double rho;
    double rho_later; /* if it gets no lease now */
    uint32_t at;      /* in rounds->jobs */
};

/* Greatest rho first, then in submit order. */
static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
    if (x->rho > y->rho || x->rho < y->rho) {
        return x->rho > y->rho ? -1 : 1;
    }
    return x->at < y->at ? -1 : x->at > y->at ? 1 : 0;
}

static struct candidate candidate_of(const struct themis *themis, struct sched_ctx *ctx, size_t at)
{
    const struct rounds_job *job = &themis->rounds.jobs.items[at];
    double jobs = (double)themis->rounds.jobs.count;
    double gpu_milli = (double)sched_cluster(ctx)->gpu_milli;
    double crowding = gpu_milli > 0 ? (double)job->size_milli * jobs / gpu_milli : 1;
    double work_us = (double)sched_duration_us(ctx, job->job);
    double alone_us = work_us * (crowding > 1 ? crowding : 1);
    double age_us = (double)(sched_now_us(ctx) - sched_job(ctx, job->job).submit_us);
    double shared_us = age_us + (double)sched_remaining_us(ctx, job->job);
    struct candidate candidate = {.rho = 1, .rho_later = 1, .at = (uint32_t)at};
    if (alone_us > 0) {
        candidate.rho = shared_us / alone_us;
        candidate.rho_later = (shared_us + themis->lease_us) / alone_us;
    }
    return candidate;
}

static double *credit_of(struct themis *themis, uint32_t job)
{
    while (themis->credits.count <= job) {
        vec_push(&themis->credits, 0.0);
    }
    return &themis->credits.items[job];
}

/* Lets the first of the sorted candidates bid, and marks those who run by what they won. */
static void hold_auction(struct themis *themis, struct candidate *sorted, const struct cluster *all)
{
    size_t jobs = themis->rounds.jobs.count;
    size_t bidders = (size_t)ceil((1 - themis->filter) * (double)jobs);
    bidders = bidders < 1 ? 1 : bidders > MOST_BIDDERS ? MOST_BIDDERS : bidders;
    int64_t gpus = all->gpu_milli / 1000;
    gpus = gpus > AUCTION_MOST_GPUS ? AUCTION_MOST_GPUS : gpus;
    struct auction_bid bids[MOST_BIDDERS] = {0};
    uint32_t count = 0;
    for (size_t i = 0; i < bidders && i < jobs; i++) {
        int64_t size = (themis->rounds.jobs.items[sorted[i].at].size_milli + 999) / 1000;
        double log_gain = sorted[i].rho > 0 ? log(sorted[i].rho_later / sorted[i].rho) : 0;
        bids[count++] = (struct auction_bid){
            .gpus = size > gpus ? (uint32_t)gpus + 1 : (uint32_t)size,
            .log_gain = log_gain > 0 ? log_gain : 0,
        };
    }
    auction_hold(bids, count, (uint32_t)gpus);
    for (uint32_t i = 0; i < count; i++) {
        double *credit = credit_of(themis, themis->rounds.jobs.items[sorted[i].at].job);
        *credit += bids[i].keeps;
        if (bids[i].wins && *credit >= 1 - 1e-9) {
            *credit -= 1;
            sorted[i].rho += WINNER;
        }
    }
}

/* Equal times since the reset of every round leave x alone to decide: here it is rho, on the types
 * on which the job can run. */
static void set_rho(void *owner, struct rounds *rounds, struct sched_ctx *ctx)
{
    struct themis *themis = owner;
    size_t jobs = rounds->jobs.count;
    struct candidate *candidates = mem_alloc(jobs + 1, sizeof(*candidates));
    for (size_t i = 0; i < jobs; i++) {
        candidates[i] = candidate_of(themis, ctx, i);
    }
    if (themis->auction) {
        qsort(candidates, jobs, sizeof(*candidates), compare_candidates);
        hold_auction(themis, candidates, sched_cluster(ctx));
    }
    for (size_t i = 0; i < jobs; i++) {
        for (uint32_t k = 0; k < rounds->type_count; k++) {
            rounds_cells(rounds, candidates[i].at)[k].x = candidates[i].rho;
        }
    }
    free(candidates);
}

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can fail */
    const struct themis_params *wanted = values;
    struct rounds_settings settings = {.round_us = wanted->lease_us, .every_round = true};
    struct themis *themis = state;
    themis->auction = wanted->mode != 0;
    themis->filter = wanted->filter;
    themis->lease_us = (double)wanted->lease_us;
    rounds_init(&themis->rounds, settings, ctx);
    return true;
}

static void release(void *state)
{
    rounds_release(&((struct themis *)state)->rounds);
    vec_release(&((struct themis *)state)->credits);
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
    rounds_decide(&((struct themis *)state)->rounds, ctx, set_rho, state);
}

extern const struct sched_ops sched_policy_themis;
const struct sched_ops sched_policy_themis = {
    .name = "themis",
    .help = "leases to the jobs that end latest compared with a share of their own, or by auction",
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
