/*
 * judge.h - an account of a run kept from its log alone, in the slowest and plainest way: who holds
 * what of which GPU. It shares nothing with the engine but the meaning of a grant.
 */
#ifndef TESTS_STORM_JUDGE_H
#define TESTS_STORM_JUDGE_H

#include "account.h"
#include "queues.h"
#include "sim/log.h"
#include "sim/workload/workload.h"

enum { JUDGE_MOST_JOBS = 32, JUDGE_MOST_NODES = 16, JUDGE_MOST_GRANTS = 16 };

enum judge_state { JUDGE_ABSENT, JUDGE_PENDING, JUDGE_RUNNING, JUDGE_DONE, JUDGE_REJECTED };

struct judge_job {
    enum judge_state state;
    struct grant grants[JUDGE_MOST_GRANTS];
    uint32_t grant_count;
    int64_t pending_us;  /* since when it waits, if it does */
    int64_t asked_milli; /* of GPUs, as the log says when it is submitted */
    struct account account;
};

/* What the judge has to know of a run beside its log. */
struct judge_terms {
    struct account_terms costs;
    bool clips;                     /* requests were cut to what there is */
    bool changes;                   /* nodes come and go */
    bool parts;                     /* every queue runs alone on its part of the cluster */
    const struct kai_settings *kai; /* NULL: another policy */
};

struct judge {
    const struct workload *workload;
    const struct cluster *cluster; /* capacities only */
    struct judge_terms terms;
    int64_t now_us;
    bool ended;
    bool changed; /* somebody got something at this instant */
    struct judge_job jobs[JUDGE_MOST_JOBS];
    uint64_t away_nodes[JUDGE_MOST_NODES]; /* not 0: the node is away */
    uint64_t away_gpus[JUDGE_MOST_NODES];  /* bit i: GPU i is broken */
    struct queues queues;
    char broken[200]; /* the first thing that cannot be; "" */
};

void judge_init(struct judge *judge, const struct workload *workload, const struct cluster *cluster,
                const struct judge_terms *terms);
struct log_sink judge_sink(struct judge *judge);

/* After the run: every job has an end, unless the run was cut off or the policy may leave some
 * (`may_wait`). */
void judge_end(struct judge *judge, bool may_wait);

/* Is the GPU model of the node among those that jobs of this shape take ("A100|T4")? */
bool judge_takes_model(const struct workload *workload, const struct cluster *cluster,
                       const struct shape *shape, uint32_t node);

/* Keeps the first thing that does not hold. */
void judge_require(struct judge *judge, bool holds, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
