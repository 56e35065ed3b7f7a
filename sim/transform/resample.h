/*
 * resample.h - another trace that could have been: sessions of users, or blocks of days, drawn with
 * replacement from the trace at hand.
 *
 * Many such traces give the spread of a result over workloads of the same kind (a bootstrap; users
 * after Zakay and Feitelson, "Workload resampling for performance evaluation of parallel job
 * schedulers", 2014).
 */
#ifndef TRANSFORM_RESAMPLE_H
#define TRANSFORM_RESAMPLE_H

#include "sim/workload/workload.h"

/* A session is a run of jobs of one user in which each is submitted less than `gap_us` after the
 * one before. Every session's start stays, and what happens in it is drawn from all sessions of
 * that user: users keep their hours, and jobs that belong together stay together, with the times
 * between them. *out is finished; nothing in it on failure. O(jobs log jobs). */
bool resample_sessions(const struct workload *from, int64_t gap_us, uint64_t seed,
                       struct workload *out, struct err *err);

struct resample_days {
    int64_t days;       /* of a block, at least 1; counted from the midnight before the start */
    bool keeps_weekday; /* a block is replaced by one that starts on the same weekday */
    uint64_t seed;
};

/* The trace's time is cut into blocks; each is filled with the jobs of a block that is drawn. */
bool resample_by_days(const struct resample_days *settings, const struct workload *from,
                      struct workload *out, struct err *err);

#endif
