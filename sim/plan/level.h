/*
 * level.h - service levels: what a candidate has to keep, and whether its runs show that it does.
 *
 * A level is about waits or bounded slowdowns of some jobs - a share of them within a bound, or
 * their mean - or about a metric of the whole run. A run gives it a pair (top, bottom) whose sums
 * over replications make a ratio: jobs within the bound over jobs, seconds waited over jobs, the
 * metric over 1. A job that was rejected, or that still waits at the end, is not within any bound.
 */
#ifndef PLAN_LEVEL_H
#define PLAN_LEVEL_H

#include <signal.h>
#include <stdatomic.h>

#include "sim/log.h"
#include "sim/report/numbers.h"
#include "sim/workload/workload.h"

enum level_kind {
    LEVEL_SHARE_WAIT, /* share of jobs that wait at most `bound` seconds until they first start */
    LEVEL_SHARE_SLOWDOWN, /* share of jobs with a bounded slowdown of at most `bound` */
    LEVEL_MEAN_WAIT,
    LEVEL_MEAN_SLOWDOWN,
    LEVEL_METRIC, /* of sim/study/metric.h */
};

struct level_jobs { /* which jobs; all zeros: all */
    const char *queue;
    const char *user;
    double gpus_at_least;
    double gpus_at_most; /* 0: any */
};

struct plan_level {
    const char *name;
    enum level_kind kind;
    struct level_jobs jobs;
    uint32_t metric; /* of LEVEL_METRIC */
    double share;    /* of the kinds with shares: so many of the jobs at least */
    double bound;    /* seconds, a slowdown, or the metric's unit */
    bool at_least;   /* of metrics: the bound is a floor */
};

enum { LEVEL_MOST = 32, LEVEL_HOURS = 24 };

/* What a run says of a level. */
struct level_sum {
    double top;
    double bottom;
};

/* Is larger better? Of shares and floors. */
bool level_wants_more(const struct plan_level *level);

/* What the ratio is held against: the share, or the bound. */
double level_goal(const struct plan_level *level);

/* "95 % of jobs of queue a up to 8 GPUs wait at most 30.0 min", appended. */
void level_add_words(struct text *out, const struct plan_level *level);

/* What a run's sums depend on, appended as a line: not the name, nor what is only judged. */
void level_add_key(struct text *out, const struct plan_level *level);

/* Is the job one of those meant? */
bool level_jobs_cover(const struct level_jobs *jobs, const struct workload *workload, uint32_t job);

/* -- measuring: a log sink -------------------------------------------------------------------- */

struct level_meter {
    const struct workload *workload;
    const struct plan_level *levels;
    uint32_t count;
    int64_t warmup_us; /* jobs submitted before count for nothing */
    int64_t tau_us;    /* of the bounded slowdown */
    int64_t now_us;
    int64_t *wait_us;     /* by job: until its first start; -1: none so far; -2: rejected */
    int64_t *complete_us; /* by job: completion time, or -1 */
    /* Is there any hope left? Kept up for levels on waits. */
    uint32_t next_due;  /* jobs before it have waited as long as the longest bound, or started */
    int64_t longest_us; /* bound of levels with shares of waits */
    double missed[LEVEL_MOST];  /* by level: jobs over the bound, or seconds waited */
    double covered[LEVEL_MOST]; /* by level: jobs meant */
    sig_atomic_t hopeless;      /* some level is broken in this run by far, whatever comes */
    /* Set by the caller: once it is 0 the run is as good as hopeless. NULL: it never is. */
    const atomic_size_t *asked_for;
};

/* The workload and the levels must outlive the meter. Released with level_meter_release. */
void level_meter_init(struct level_meter *meter, const struct workload *workload,
                      const struct plan_level *levels, uint32_t count, int64_t warmup_us);
void level_meter_release(struct level_meter *meter);
struct log_sink level_meter_sink(struct level_meter *meter);

/* After a run that was stopped because it was hopeless: what the levels could have become at best;
 * a bottom of 0 where that is not known. */
void level_meter_take_best(const struct level_meter *meter, struct level_sum *sums);

/* After the run: fills sums[count] for all levels but those of kind LEVEL_METRIC. O(jobs * levels).
 */
void level_meter_take(const struct level_meter *meter, struct level_sum *sums);

/* Jobs of a level that missed its bound, by the hour of day of their submit; of a level on means,
 * seconds waited. `offset_us`: of the workload's clock. */
void level_meter_hours(const struct level_meter *meter, uint32_t level, double hours[LEVEL_HOURS]);

/* -- judging ---------------------------------------------------------------------------------- */

enum level_verdict { LEVEL_UNCLEAR, LEVEL_KEPT, LEVEL_BROKEN };

struct level_estimate {
    double value; /* the ratio */
    double low;   /* one-sided bounds at the confidence asked for */
    double high;
    double margin; /* how far it is on the good side of the goal; negative: on the bad side */
    enum level_verdict verdict;
};

/* From the sums of `count` replications: LEVEL_KEPT or LEVEL_BROKEN when the bound at `confidence`
 * says so (ratio estimator, Student's t; Law, section 9.4 and Cochran, section 6.4), else
 * LEVEL_UNCLEAR. With a single replication, which is the demand as it is, no luck is spoken of. No
 * job covered: kept. */
struct level_estimate level_judge(const struct plan_level *level, const struct level_sum *sums,
                                  size_t count, double confidence);

#endif
