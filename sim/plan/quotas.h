/*
 * quotas.h - quotas, limits and weights by which the worst-off queue loses least, on the cluster as
 * it is.
 *
 * The loss of a queue in a replication is the mean wait or mean bounded slowdown of its jobs, or
 * the share of them that waits longer than a bound; what is to be least is the mean over
 * replications of the loss of the worst-off queue (or of the mean over queues). From the present
 * entitlements the search goes downhill: moves of GPUs of quota from one queue to another under the
 * same parent, higher and lower weights, tighter and wider limits are run on the same
 * replications, those that are worse than the best by the paired difference drop out, and the best
 * is taken if it is likely to be better than what is there; where none is, moves become smaller.
 *
 * Who searches for the least of noisy figures finds luck as well. So what was found is held against
 * the present once more on as many replications that the search never saw.
 */
#ifndef PLAN_QUOTAS_H
#define PLAN_QUOTAS_H

#include "sim/plan/trial.h"
#include "sim/study/stats.h"

/* A queue's loss: as it is now, as found, and the difference, on the new replications. */
struct quota_loss {
    struct stats_estimate now;
    struct stats_estimate found;
    struct stats_estimate difference; /* found minus now; below 0: the queue gains */
};

struct plan_quotas_answer {
    const struct plan_study *study;
    struct plan_bench *bench;
    VEC(struct queue_share *) made; /* entitlements that were tried */
    struct plan_candidate now;      /* its shares are not NULL */
    struct plan_candidate found;    /* equal to `now` when nothing better was found */
    size_t taken;                   /* moves on the way */
    size_t tried;                   /* entitlements that were run */
    bool any_effect;                /* some move changed some loss */
    VEC(struct quota_loss) losses;  /* by queue that may change */
    struct quota_loss objective;    /* what was to be least */
    bool keeps_levels;              /* on the new replications, as far as they tell */
};

/* Everything given must outlive the answer, which is released with plan_quotas_release, in any
 * case. False with *err filled when a run failed. */
bool plan_quotas_solve(const struct plan_study *study, struct plan_bench *bench,
                       struct plan_quotas_answer *out, struct err *err);
void plan_quotas_release(struct plan_quotas_answer *answer);

/* Is it better than now, with the confidence of the study? */
bool plan_quotas_helps(const struct plan_quotas_answer *answer);

#endif
