/*
 * study_parts.h - parts of the reader of studies that have files of their own.
 */
#ifndef PLAN_STUDY_PARTS_H
#define PLAN_STUDY_PARTS_H

#include "sim/plan/study.h"

/* Which jobs are meant; `object` NULL: all. */
bool study_read_jobs(const json_t *object, const char *path, struct level_jobs *jobs,
                     struct err *err);

/* How the demand changes: scenarios, growth, projects. */
bool study_read_demand(struct plan_study *study, struct err *err);

/* What the catalogue says of pools with node types: power, blocks of nodes, months of contracts.
 * After plan_prices_read, which it completes. */
bool study_read_terms(struct plan_study *study, struct err *err);

/* What of the queues may change; after all other parts. Adds a level for the loss of every queue
 * that may. */
bool study_read_quotas(struct plan_study *study, struct err *err);

#endif
