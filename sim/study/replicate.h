/*
 * replicate.h - the workloads of a study: the trace at hand, or others of its kind.
 *
 * Replication r of a study is a function of (study's seed, r) and of nothing else, so all policies
 * meet the same jobs, and at another load the same jobs come closer together.
 */
#ifndef STUDY_REPLICATE_H
#define STUDY_REPLICATE_H

#include "sim/generate/generate.h"
#include "sim/transform/resample.h"
#include "sim/transform/shake.h"

enum replicate_kind {
    REPLICATE_NONE,     /* the trace as it is: runs differ in their seed only */
    REPLICATE_SESSIONS, /* sessions of users drawn anew */
    REPLICATE_DAYS,     /* blocks of days drawn anew */
    REPLICATE_SHAKE,    /* noise on submits and durations */
    REPLICATE_MODEL,    /* generated */
};

struct replicate {
    enum replicate_kind kind;
    uint64_t seed;
    int64_t gap_us;            /* of sessions */
    struct resample_days days; /* its seed is not used */
    struct shake shake;        /* nor is this one's */
    const struct generate_model *model;
    struct generate_options options; /* of the model; at its own rate */
    const struct workload *base;     /* the trace; of a model: any of its workloads */
};

/* The seed of replication r: for its workload and for the random parts of its runs. */
uint64_t replicate_seed(uint64_t seed, uint32_t replication);

/* Makes replication r with submits `factor` times as dense as in the trace (or as the model has
 * them). *out is the caller's, and nothing is in it on failure. O(jobs log jobs). */
bool replicate_make(const struct replicate *replicate, uint32_t replication, double factor,
                    struct workload *out, struct err *err);

#endif
