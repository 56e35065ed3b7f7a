/*
 * judge.h - an account of a run kept from its log alone, in the slowest and plainest way: who holds
 * what of which GPU. It shares nothing with the engine but the meaning of a grant.
 */
#ifndef TESTS_STORM_JUDGE_H
#define TESTS_STORM_JUDGE_H

#include "sim/log.h"
#include "sim/workload/workload.h"

enum { JUDGE_MOST_JOBS = 64, JUDGE_MOST_NODES = 64, JUDGE_MOST_GRANTS = 64 };

enum judge_state { JUDGE_ABSENT, JUDGE_PENDING, JUDGE_RUNNING, JUDGE_DONE, JUDGE_REJECTED };

struct judge_job {
    enum judge_state state;
    struct grant grants[JUDGE_MOST_GRANTS];
    uint32_t grant_count;
    int64_t since_us;
    int64_t ran_us; /* less the work that was lost */
};

struct judge {
    const struct workload *workload;
    const struct cluster *cluster; /* capacities only */
    bool
        is_exact; /* no costs, no clipping: a job runs for its duration, no shorter and no longer */
    int64_t now_us;
    bool ended;
    bool changed; /* somebody got something at this instant */
    struct judge_job jobs[JUDGE_MOST_JOBS];
    char broken[200]; /* the first thing that cannot be; "" */
};

void judge_init(struct judge *judge, const struct workload *workload, const struct cluster *cluster,
                bool is_exact);
struct log_sink judge_sink(struct judge *judge);

/* After the run: every job has an end, unless the run was cut off or the policy may leave some
 * (`may_wait`). */
void judge_end(struct judge *judge, bool may_wait);

#endif
