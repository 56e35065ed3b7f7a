/*
 * quota_files.h - the answer to a study of quotas: sentences and a table for a terminal, files, a
 * page. README.md describes them.
 */
#ifndef PLAN_QUOTA_FILES_H
#define PLAN_QUOTA_FILES_H

#include <jansson.h>

#include "sim/plan/quotas.h"
#include "sim/report/draw.h"

/* Who is worst off now, what would be better and by how much, who gains and who loses. */
void quota_add_answer(struct text *out, const struct plan_quotas_answer *answer);

/* That, and a row a queue. */
void quota_add_table(struct text *out, const struct plan_quotas_answer *answer);

/* A new object with all of it. */
json_t *quota_json(const struct plan_quotas_answer *answer);

/* A row a queue. */
void quota_add_csv(struct text *out, const struct plan_quotas_answer *answer);

/* The study's cluster with what was found, for `berth run --cluster`. */
void quota_add_cluster(struct text *out, const struct plan_quotas_answer *answer);

void quota_add_page(struct text *out, const struct plan_quotas_answer *answer,
                    const json_t *settings, const struct figure_files *files);

#endif
