/*
 * finish_time.h - finish-time fairness: how much later jobs ended than they would have, had their
 * queue been alone on its share of the cluster (rho; Mahajan et al., "Themis", NSDI 2020).
 */
#ifndef REPORT_FINISH_TIME_H
#define REPORT_FINISH_TIME_H

#include <jansson.h>

#include "sim/report/fold.h"
#include "sim/report/numbers.h"

struct finish_time {
    struct report_spread rho; /* of measured jobs that completed here and alone */
    double unfair;            /* the share of them with rho above 1 */
    uint32_t without;         /* completed here, and not alone */
    double incentive;         /* sharing incentive: the least over queues of (mean completion time
                                 alone over mean completion time here); at least 1: sharing pays for
                                 everybody; 0: no queue has such jobs */
    uint32_t incentive_queue; /* the queue with the least */
};

/* `alone_us`: completion time of each job alone, TIME_UNKNOWN for none. O(jobs). */
void finish_time_measure(const struct fold *fold, const int64_t *alone_us, struct finish_time *out);

/* A new object. */
json_t *finish_time_json(const struct finish_time *finish, const struct fold *fold);

/* A line for the terminal. */
void finish_time_print(struct text *out, const struct finish_time *finish);

#endif
