/*
 * outcome.h - the words that traces use for how a job ended.
 */
#ifndef WORKLOAD_OUTCOME_H
#define WORKLOAD_OUTCOME_H

#include "sim/base/view.h"
#include "sim/workload/workload.h"

/* The outcome that a word of some trace stands for, capitals or not: "Pass", "COMPLETED",
 * "canceled". An unknown or empty word gives OUTCOME_UNKNOWN; *known (may be NULL) tells whether
 * the word has a meaning. */
enum job_outcome outcome_of_word(struct view word, bool *known);

/* The word of the native CSV. */
const char *outcome_word(enum job_outcome outcome);

#endif
