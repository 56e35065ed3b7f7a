/*
 * candidate.h - what could be bought: numbers of nodes and a policy; its cluster and its price.
 */
#ifndef PLAN_CANDIDATE_H
#define PLAN_CANDIDATE_H

#include "sim/base/text.h"
#include "sim/cluster/cluster.h"
#include "sim/plan/study.h"

struct plan_candidate {
    int64_t nodes[PLAN_MOST_POOLS];   /* by pool of the study */
    uint32_t policy;                  /* of the study */
    const struct queue_share *shares; /* GPUs of every queue of the cluster; NULL: as they are.
                                         Equal ones are the same array. */
    int64_t micro_per_hour; /* millionths of the currency: of what is paid for in any case;
                               of one that was run, all of it */
    double gpus;            /* with all nodes there */
    double power_w;         /* with all GPUs idle; of one that was run, its mean; 0: not known */
    double spend;           /* what is to be least: micro_per_hour, gpus or power_w */
};

typedef VEC(struct plan_candidate) plan_candidates;

/* Fills study->prices from its cluster; false with *err filled when that is not as it should be. */
bool plan_prices_read(struct plan_study *study, struct err *err);

/* All of them that are within the budget, by (spend, policy, nodes). False with *err filled when a
 * pool or the cluster as a whole is not as it should be, or nothing is within the budget. */
bool plan_candidates_make(const struct plan_study *study, plan_candidates *out, struct err *err);

/* One that need not be in the list. */
struct plan_candidate plan_candidate_of(const struct plan_study *study, const int64_t *nodes,
                                        uint32_t policy);

/* After micro_per_hour or power_w became known by runs. */
void plan_candidate_set_spend(const struct plan_study *study, struct plan_candidate *candidate);

/* The JSON of its cluster; freed by the caller with free(). */
char *plan_candidate_json(const struct plan_study *study, const struct plan_candidate *candidate);

/* Its cluster: the study's, with so many nodes in each pool and without the pools that have none.
 * The caller releases it with cluster_release_all. */
bool plan_candidate_cluster(const struct plan_study *study, const struct plan_candidate *candidate,
                            struct cluster *out, struct err *err);

/* "12 x h100, 4 x l40s, fifo", appended. */
void plan_candidate_add_words(struct text *out, const struct plan_study *study,
                              const struct plan_candidate *candidate);

/* Has a as many nodes as b in every pool, or more, under the same policy? */
bool plan_candidate_covers(const struct plan_study *study, const struct plan_candidate *a,
                           const struct plan_candidate *b);

/* -- money ------------------------------------------------------------------------------------ */

/* One pool's part of the bill. */
struct plan_charge {
    const struct plan_price *price;
    double nodes; /* there in the mean */
};

typedef VEC(struct plan_charge) plan_ledger;

/* By pool of the cluster, in its order; pools without nodes are left out. `there`: the mean number
 * of nodes of every metered pool, by their order. */
void plan_ledger_make(const struct plan_study *study, const struct plan_candidate *candidate,
                      const double there[PLAN_MOST_METERED], plan_ledger *out);

#endif
