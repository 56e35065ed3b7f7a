/*
 * shares.h - what a policy with fair shares says queues are owed, over time and in sums.
 *
 * shares.csv has a row for every change that the policy tells (LOG_SHARE); it is not written when
 * nothing is told. The share error of a queue is the mean of |GPUs held - fair share| over the time
 * after the warm-up in which anybody waits: when nobody does, nobody is owed more.
 */
#ifndef REPORT_SHARES_H
#define REPORT_SHARES_H

#include "sim/base/file.h"
#include "sim/report/fold.h"
#include "sim/report/profile.h"

enum {
    SHARES_DRAWN = 64,    /* queues with values over time: the first told that have jobs */
    SHARES_BUCKETS = 500, /* of each */
};

enum shares_series { SHARES_DESERVED, SHARES_FAIR, SHARES_USAGE, SHARES_SERIES_COUNT };

struct shares_queue {
    uint32_t queue;    /* number in the workload, or NAMES_NONE: a parent, which holds no jobs */
    double fair_share; /* as last told */
    double fair_gpu_us, held_gpu_us, error_gpu_us; /* while anybody waits */
    uint32_t evictions;                            /* of its jobs */
    uint32_t reclaims;                             /* of these, for jobs of other queues */
    uint32_t claims;            /* evictions from other queues for jobs of this one */
    double lost_gpu_us;         /* work that evictions lost */
    double reclaim_lost_gpu_us; /* of this, by reclaims */
    /* Over time, when the page wants it; in GPUs, usage as that part of the cluster. */
    struct profile profile; /* no buckets: it is not kept */
    double values[SHARES_SERIES_COUNT];
    int64_t since_us; /* when they last changed */
};

struct shares {
    struct names names; /* of queues, in the order of the first telling */
    VEC(struct shares_queue) queues;
    struct out_file file;
    bool has_file;
    bool has_profiles; /* set before the first record: keep values over time */
    uint32_t drawn;    /* queues that have them */
    double waiting_us; /* time in which anybody waited */
};

void shares_release(struct shares *shares);

/* The state of `fold` held from `from_us` to `until_us`. */
void shares_add_time(struct shares *shares, const struct fold *fold, int64_t from_us,
                     int64_t until_us);

/* Takes a record, before the fold does. False: the file at `path` (NULL: none is wanted) cannot be
 * opened. */
bool shares_add(struct shares *shares, const struct fold *fold, const struct log_record *record,
                const char *path, struct err *err);

/* To be called once, after the last record: values over time last until its time. */
void shares_end(struct shares *shares, int64_t end_us);

/* The mean of |GPUs held - fair share| while anybody waited. */
double shares_error_gpus(const struct shares *shares, const struct shares_queue *queue);

/* Fills order[] with the queues that have jobs, those that held most first (equal ones in the order
 * of the first telling); returns how many. Room for all queues is needed. */
uint32_t shares_rank(const struct shares *shares, uint32_t *order);

/* fairness.csv: the sums, a row a queue. */
void shares_add_sums(struct text *out, const struct shares *shares);

/* The same for people, a line for each of the `most` queues that held most; nothing when nothing
 * was told. */
void shares_print(struct text *out, const struct shares *shares, uint32_t most);

#endif
