/*
 * files.h - the answer to a study as files: plan.json, candidates.csv, ledger.csv, sensitivity.csv,
 * and the page. README.md describes them.
 */
#ifndef PLAN_FILES_H
#define PLAN_FILES_H

#include <jansson.h>

#include "sim/plan/solve.h"
#include "sim/report/draw.h"

/* A new object: the answer, levels, neighbours, variants. */
json_t *plan_json(const struct plan_answer *answer);

/* Everything that was run as the demand is: one row a candidate, in the order of what they cost. */
void plan_add_candidates_csv(struct text *out, const struct plan_answer *answer);

/* pool,nodes,hours,price_per_node_hour,amount and a last row with the sum: to the cent. */
void plan_add_ledger_csv(struct text *out, const struct plan_answer *answer);

void plan_add_sensitivity_csv(struct text *out, const struct plan_answer *answer);

/* The page. */
void plan_add_page(struct text *out, const struct plan_answer *answer, const json_t *settings,
                   const struct figure_files *files);

#endif
