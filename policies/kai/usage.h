/*
 * usage.h - what queues used in the past, in simulated time, for time-based fair share.
 *
 * What jobs hold is sampled every queryResolution; a queue's usage is the weighted sum of its
 * samples in the window over that of the cluster's capacity. A sample weighs half as much a
 * half-life later. Cycles see the values of the last multiple of fetchInterval; before the first
 * one, usage is 0.
 */
#ifndef KAI_USAGE_H
#define KAI_USAGE_H

#include "policies/kai/world.h"

struct kai_held { /* milli-CPUs, MiB, milli-GPUs, as in enum core_resource */
    int64_t amounts[CORE_RESOURCE_COUNT];
};

struct kai_past {
    struct kai_held held; /* now */
    double sums[CORE_RESOURCE_COUNT];
    double fetched[CORE_RESOURCE_COUNT];
};

struct kai_usage {
    const struct kai_settings *settings;
    const struct kai_world *world;
    int64_t capacity[CORE_RESOURCE_COUNT]; /* UNLIMITED: nothing is a share of it */
    struct kai_past *pasts;                /* by queue of the world */
    struct kai_held *jobs;                 /* what each job counts for now */
    struct kai_held *ring;                 /* the samples of the window, queue by queue */
    size_t ring_length;                    /* samples a window has */
    size_t sample_count;                   /* taken since the start of the window */
    double weight;                         /* sum over the samples that count */
    double decay, window_decay;            /* of a sample after one more, and after a window */
    int64_t next_sample_us;
    int64_t last_fetch; /* multiple of fetchInterval */
    uint64_t fetches;
};

bool kai_usage_init(struct kai_usage *usage, const struct kai_world *world,
                    const struct sched_ctx *ctx, struct err *err);
void kai_usage_release(struct kai_usage *usage);

/* Takes the samples up to now with what is held; to be called before anything changes. */
void kai_usage_advance(struct kai_usage *usage, int64_t now_us);

/* The job holds this from now on (count 0: nothing). */
void kai_usage_hold(struct kai_usage *usage, const struct sched_ctx *ctx, uint32_t job,
                    const struct grant *grants, uint32_t count);

/* Tells the core the fetched values. */
void kai_usage_tell(const struct kai_usage *usage, struct core *core);

#endif
