/*
 * race.h - the candidate with the least of a metric, within a budget.
 *
 * Of candidates that others cover under the same policy nothing is expected; the rest run on the
 * same replications, and who is worse than the best so far by the paired difference (Student, with
 * the level divided by the number of rivals and of looks) drops out. Replications so go where they
 * decide. Who breaks a service level drops out as well.
 */
#ifndef PLAN_RACE_H
#define PLAN_RACE_H

#include "sim/plan/search.h"

/* Like search_run. *ties: rivals that all replications could not tell from the best. */
bool race_run(struct search *search, struct plan_bench *bench, const struct plan_study *study,
              const plan_candidates *candidates, const struct search_terms *terms, size_t *ties,
              struct err *err);

#endif
