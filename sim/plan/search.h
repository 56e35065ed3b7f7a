/*
 * search.h - the cheapest candidate that keeps every level, in few runs.
 *
 * Candidates are ordered by what they cost. One that breaks a level is taken to say so of all that
 * have no more nodes in any pool under the same policy; one that keeps all levels, of all dearer
 * ones that they need not be looked at. Each step tries the candidate whose answer settles most
 * others, whichever it is: on one pool that is bisection. A candidate is run on few replications
 * first, and on more while they do not tell; what is reported was run on all of them.
 *
 * That more nodes are no worse is not a law: schedules have anomalies. So the neighbours of the
 * answer with a step less in one pool are run themselves; where one of them keeps the levels
 * against the law, nothing is taken from others any more under that policy.
 */
#ifndef PLAN_SEARCH_H
#define PLAN_SEARCH_H

#include "sim/plan/trial.h"

#define SEARCH_NONE SIZE_MAX

enum search_state { SEARCH_UNKNOWN, SEARCH_KEEPS, SEARCH_BREAKS };

#define SEARCH_NO_LEVEL   UINT32_MAX
#define SEARCH_ANY_POLICY UINT32_MAX

/* What is asked besides the study. */
struct search_terms {
    struct plan_world world;
    uint32_t without; /* this level need not be kept; SEARCH_NO_LEVEL: all are */
    uint32_t policy;  /* only candidates with it; SEARCH_ANY_POLICY */
};

struct search {
    struct plan_bench *bench;
    const struct plan_study *study;
    const plan_candidates *candidates;
    struct search_terms terms;
    double *spend;  /* by candidate, of those that were run: by their runs */
    uint8_t *state; /* by candidate: as its own runs say, enum search_state */
    bool *is_full;  /* by candidate: after all replications */
    bool *lawless;  /* by policy: more nodes were found to be worse */
    size_t best;    /* the answer, or SEARCH_NONE */
    size_t tried;   /* candidates with runs of their own */
};

/* Nothing tried yet; search_run begins with it. */
void search_init(struct search *search, struct plan_bench *bench, const struct plan_study *study,
                 const plan_candidates *candidates, const struct search_terms *terms);

/* Finds the answer. `candidates` and the bench must outlive the search. False with *err filled when
 * a run failed. Released with search_release, in any case. */
bool search_run(struct search *search, struct plan_bench *bench, const struct plan_study *study,
                const plan_candidates *candidates, const struct search_terms *terms,
                struct err *err);
void search_release(struct search *search);

/* Does it keep every level (but `without`), as far as its replications tell? */
enum search_state search_judge(const struct plan_bench *bench, const struct plan_study *study,
                               const struct plan_tried *tried, double confidence, uint32_t without);

/* The candidate with exactly these nodes, or SEARCH_NONE. */
size_t search_find(const struct plan_study *study, const plan_candidates *candidates,
                   const struct plan_candidate *wanted);

#endif
