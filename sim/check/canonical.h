/*
 * canonical.h - recorded rounds in a form in which equal decisions are equal values.
 */
#ifndef CHECK_CANONICAL_H
#define CHECK_CANONICAL_H

#include <jansson.h>

/* A copy of a list of rounds: shared GPUs that the scheduler made ("new1", ...) are named by where
 * they occur in all rounds, lists of GPUs are sorted, evictions are without the place of the task,
 * and those that follow each other in a batch are in the order of task names. The caller calls
 * json_decref. O(size log size). */
json_t *canonical_rounds(const json_t *rounds);

#endif
