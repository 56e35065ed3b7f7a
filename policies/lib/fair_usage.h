/*
 * fair_usage.h - how much GPU time every user of every queue has had lately, and what that makes of
 * its share: Slurm's fair-share factors.
 *
 * The tree has two levels: queues, with their GPU weights as shares, and in each the users that
 * have jobs there, with equal shares; a user in two queues stands in both. Usage decays
 * continuously: a GPU-second counts half after `half_life`.
 */
#ifndef POLICIES_LIB_FAIR_USAGE_H
#define POLICIES_LIB_FAIR_USAGE_H

#include "sim/base/vec.h"
#include "sim/sched.h"

struct fair_leaf {
    uint32_t queue;
    uint32_t user;
    double usage; /* milli-GPU microseconds, as of at_us */
    int64_t at_us;
    int64_t held_milli;
    double factor; /* of the last fair_usage_classic or fair_usage_tree: 0 to 1, the higher the more
                      is owed */
};

struct fair_queue {
    double share; /* of all queues that have jobs: they add up to 1 */
    double usage; /* of its leaves, as of the last factors */
    uint32_t leaf_count;
};

struct fair_usage {
    VEC(struct fair_leaf) leaves; /* by queue and user */
    uint32_t *leaf_of;            /* by job */
    int64_t *held_milli;          /* by job, while it runs */
    struct fair_queue *queues;
    uint32_t queue_count;
    double rate; /* of decay, a microsecond; 0: none */
};

/* half_life_us 0: usage never decays. */
void fair_usage_init(struct fair_usage *usage, const struct sched_ctx *ctx, int64_t half_life_us);
void fair_usage_release(struct fair_usage *usage);

void fair_usage_start(struct fair_usage *usage, const struct sched_ctx *ctx, uint32_t job);
void fair_usage_finish(struct fair_usage *usage, const struct sched_ctx *ctx, uint32_t job);

/* 2^(-(effective usage / share) / dampening), where a user's effective usage takes part in that of
 * its queue (Slurm before Fair Tree; priority/multifactor with NO_FAIR_TREE). */
void fair_usage_classic(struct fair_usage *usage, int64_t now_us, double dampening);

/* Fair Tree: queues in order of share / usage, then the users in each by the same; the factor is
 * the place counted from the end over the number of users. Queues that are equal are merged, users
 * that are equal have one place. O(leaves log leaves). */
void fair_usage_tree(struct fair_usage *usage, int64_t now_us);

static inline double fair_usage_factor(const struct fair_usage *usage, uint32_t job)
{
    return usage->leaves.items[usage->leaf_of[job]].factor;
}

#endif
