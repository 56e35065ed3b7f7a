/*
 * solve.h - the whole answer to a study: what to buy, what binds, what would change it.
 */
#ifndef PLAN_SOLVE_H
#define PLAN_SOLVE_H

#include "sim/plan/race.h"

/* The answer under another supposition. */
struct plan_variant {
    const char *kind; /* of a supposition (suppose.h), "policy", "without level" */
    const char *name; /* what is otherwise */
    uint32_t level;   /* of "without level" */
    bool found;
    struct plan_candidate candidate; /* if found */
};

/* One step more, or less, of one pool. */
struct plan_neighbour {
    uint32_t pool; /* of the study */
    bool is_more;
    const struct plan_tried *tried;
};

/* What a queueing formula says beside the runs; zeros: it has nothing to say. */
struct plan_formula {
    double work_gpus;   /* GPUs that would be busy all the time if none were ever idle */
    double mean_wait_s; /* at the answer, by Allen and Cunneen for M/G/c with a server for every
                           mean job: no gangs, no fragments, no order but the first */
    double servers;
};

struct plan_answer {
    const struct plan_study *study;
    struct plan_bench *bench;
    plan_candidates candidates;
    bool found;
    struct plan_candidate best; /* if found; else the one that comes nearest */
    const struct plan_tried *tried;
    size_t ties;        /* of a race */
    bool lawless;       /* somewhere more nodes were found to be worse */
    size_t searched;    /* candidates with runs of their own, for the answer itself */
    size_t search_runs; /* for the answer itself */
    bool reaches;       /* if not found: `beyond` would keep the levels */
    struct plan_candidate beyond;
    VEC(struct plan_variant) variants;
    VEC(struct plan_neighbour) neighbours;
    struct plan_look look; /* at the cheaper neighbour, or at the best itself */
    bool looks_below;
    struct plan_formula formula;
};

/* Solves a study. Everything given must outlive the answer, which is released with
 * plan_answer_release, in any case. */
bool plan_solve(const struct plan_study *study, struct plan_bench *bench, struct plan_answer *out,
                struct err *err);
void plan_answer_release(struct plan_answer *answer);

/* Does this level bind: do fewer nodes break it? */
bool plan_binds(const struct plan_answer *answer, uint32_t level);

#endif
