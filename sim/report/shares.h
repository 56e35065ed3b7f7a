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

struct shares_queue {
    uint32_t queue;    /* number in the workload, or NAMES_NONE: a parent, which holds no jobs */
    double fair_share; /* as last told */
    double fair_gpu_us, held_gpu_us, error_gpu_us; /* while anybody waits */
    uint32_t evictions;                            /* of its jobs */
    uint32_t reclaims;                             /* of these, for jobs of other queues */
    double lost_gpu_us;                            /* their work that was lost */
};

struct shares {
    struct names names; /* of queues, in the order of the first telling */
    VEC(struct shares_queue) queues;
    struct out_file file;
    bool has_file;
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

/* fairness.csv: the sums, a row a queue. */
void shares_add_sums(struct text *out, const struct shares *shares);

/* The same for people, a line for each of the `most` queues that held most; nothing when nothing
 * was told. */
void shares_print(struct text *out, const struct shares *shares, uint32_t most);

#endif
