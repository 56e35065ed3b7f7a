/*
 * compare.h - is policy B better than policy A, for whom, and is it more than luck?
 *
 *     compare_init -> compare_run -> compare_judge -> compare_add_table, compare_json, ...
 *                  -> compare_release
 *
 * Policies meet the same replications, so what is judged is the difference within each of them; its
 * interval is that of independent differences. The practice is that of Law, "Simulation Modeling
 * and Analysis", chapters 9 to 11; the corrections are Holm's.
 */
#ifndef STUDY_COMPARE_H
#define STUDY_COMPARE_H

#include <jansson.h>

#include "sim/study/grid.h"
#include "sim/study/stats.h"
#include "sim/study/steady.h"

enum { COMPARE_LEAST_SEQUENTIAL = 10, COMPARE_BATCH = 10, COMPARE_PILOTS = 5 };

struct compare_settings {
    uint32_t metric;       /* the primary one: the verdicts are about it */
    uint32_t replications; /* so many, or at most so many when there is a precision */
    double precision;    /* stop when every half-width is within this share of its mean; 0: never */
    double level;        /* of the intervals: 0.95 */
    bool warmup_by_mser; /* find the warm-up of each load by MSER-5 on pilot runs */
    bool is_window;      /* what happens in this window of time is what is asked for: no steady
                            state is wanted */
    uint64_t seed;
};

/* What the runs say of one load. */
struct compare_load {
    double factor;
    double offered; /* mean over the replications */
    int64_t warmup_us;
    bool warmup_found; /* by MSER-5; else as it was given */
    bool is_short;     /* MSER-5 found no warm-up: the runs are too short */
};

enum verdict {
    VERDICT_BETTER,
    VERDICT_WORSE,
    VERDICT_EQUAL,       /* no replication differs */
    VERDICT_CANNOT_TELL, /* `needed` tells how many replications might */
    VERDICT_NO_INTERVAL, /* fewer than two replications to compare */
    VERDICT_UNSTEADY,    /* a mean over an overloaded run has no meaning */
    VERDICT_STEADIER,    /* the same, of the first policy only */
    VERDICT_CENSORED,    /* policies completed different sets of jobs */
};

/* One policy at one load. */
struct compare_policy {
    struct stats_estimate *columns; /* by column; absolute values */
    struct steady_growth growth;    /* of the GPUs pending */
    bool is_unsteady;
    uint64_t censored; /* over all replications */
    uint64_t rejected;
    /* Against the first policy; of the first itself all zeros. */
    struct stats_estimate *differences; /* by column: its value minus that of the first */
    double *corrected;                  /* by column: p after Holm, see compare_judge */
    double correlation;                 /* of the primary metric with that of the first */
    uint32_t wins, losses;              /* replications in which the primary metric was better */
    double sign_p;
    enum verdict verdict;
    uint32_t needed; /* replications in all, for VERDICT_CANNOT_TELL */
};

struct compare {
    const struct grid_plan *plan;
    struct compare_settings settings;
    struct grid grid;
    int64_t *warmup_us; /* by load; the plan of the grid points here */
    struct grid_plan own_plan;
    struct compare_load *loads;
    struct compare_policy *policies; /* load by load */
    bool reached_precision;
};

/* The plan and what it names must outlive the comparison; its warmup_us (one a load) is what holds
 * where no other is found. Released with compare_release. */
void compare_init(struct compare *compare, const struct grid_plan *plan,
                  const struct compare_settings *settings);
void compare_release(struct compare *compare);

/* Makes the runs: pilots when a warm-up is wanted, then replications, in batches when there is a
 * precision. */
bool compare_run(struct compare *compare, struct err *err);

/* Fills loads and policies. Primary metric: Holm over all policies and loads. Every other column:
 * Holm over the groups of that policy and load for groups, none for metrics, which are told with
 * their intervals only. */
void compare_judge(struct compare *compare);

static inline const struct compare_policy *compare_at(const struct compare *compare, uint32_t load,
                                                      uint32_t policy)
{
    return &compare->policies[load * compare->plan->policy_count + policy];
}

/* The verdict on a policy as a sentence, without a final dot. */
void compare_add_verdict(struct text *out, const struct compare *compare, uint32_t load,
                         uint32_t policy);

/* Whom it serves better or worse: one clause a group that surely differs; nothing when none. */
void compare_add_groups(struct text *out, const struct compare *compare, uint32_t load,
                        uint32_t policy);

/* What has to be known to read the numbers: warm-up, censoring, overload, short runs. One line
 * each, every one ending in a newline. */
void compare_add_remarks(struct text *out, const struct compare *compare, uint32_t load);

/* The table for the terminal. */
void compare_add_table(struct text *out, const struct compare *compare);

/* compare.json without the settings: a new object. */
json_t *compare_json(const struct compare *compare);

/* One row a policy, load, replication and column; and one a policy, load and column. */
void compare_add_replications_csv(struct text *out, const struct compare *compare);
void compare_add_estimates_csv(struct text *out, const struct compare *compare);

#endif
