/*
 * scale.h - more or less load from the same jobs: closer together, or more or fewer users.
 *
 * No job is ever changed in size or duration: that would be another workload, with other best
 * policies (Feitelson, "Workload Modeling", section 9.6).
 */
#ifndef TRANSFORM_SCALE_H
#define TRANSFORM_SCALE_H

#include "sim/workload/workload.h"

/* GPU time asked for over the GPU time that `gpus` GPUs have from first to last submit; 0 when
 * there is no time between them. */
double scale_offered_load(const struct workload *workload, double gpus);

/* GPU time of the jobs, added to `sum` in their order; jobs without durations have none. */
double scale_work(const struct workload *workload, double sum);

/* The load that so much work (of scale_work) is over a span of submits. */
double scale_load_of(double work, int64_t span_us, double gpus);

/* Divides the times between submits by `factor` (above 0), in place. The load is `factor` times
 * what it was, and the daily cycle that much shorter. O(jobs). */
bool scale_arrivals(struct workload *workload, double factor, struct err *err);

/* How users are chosen and copied. */
struct scale_users {
    double factor;    /* above 0: that much of the GPU time */
    double tolerance; /* the factor reached may differ by this share of it, else an error */
    uint64_t seed;
};

/* Makes *out of `from` with fewer users (factor below 1) or with copies of users. The daily and the
 * weekly cycle stay: a copy is moved by whole weeks, round the end of the trace to its beginning
 * (by whole days, or by any time, in a trace of less than two weeks, or two days). Copies of user U
 * are called "U+1", "U+2". Which users: a random order, each that still fits into the GPU time
 * asked for, and the least of the others if that comes nearer (the number of jobs instead of GPU
 * time, in a trace without durations). *out is finished;
 * nothing in it on failure. O(jobs). */
bool scale_by_users(const struct scale_users *scale, const struct workload *from,
                    struct workload *out, struct err *err);

/* The users of a trace, and how many copies of each there will be. For a trace that comes piece by
 * piece: all zeros before the first, scale_crowd_add for each, then scale_crowd_choose. */
struct scale_crowd {
    struct names users;
    VEC(double) work; /* GPU time by user; jobs of a user when no job tells any */
    VEC(double) jobs;
    double work_sum;
    double job_count;
    VEC(uint32_t) copies;
};
void scale_crowd_release(struct scale_crowd *crowd);
void scale_crowd_add(struct scale_crowd *crowd, const struct workload *piece);
bool scale_crowd_choose(struct scale_crowd *crowd, const struct scale_users *scale,
                        struct err *err);

/* Takes out the jobs of users without a copy, in place; no user may have two. O(jobs). */
void scale_crowd_thin(const struct scale_crowd *crowd, struct workload *piece);

#endif
