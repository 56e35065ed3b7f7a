/*
 * compare.h - rounds against recorded rounds: the first difference, in words.
 *
 * Equal means: the same events in order, the same task states, node amounts, queue shares and
 * total, numbers within 1.5e-6. Shared GPUs are compared as a partition over the whole case. Where
 * an evicted task was is not compared, because records differ in it (the task's state in the round
 * before tells it); evictions of one batch that follow each other are a set.
 */
#ifndef CHECK_COMPARE_H
#define CHECK_COMPARE_H

#include <jansson.h>

#include "sim/base/text.h"

/* Appends the first difference of the rounds `got` to the rounds of a trace entry (`rounds`, or any
 * of its `variants`); nothing when they are equal. Parts that the record leaves out are not
 * compared. Both are left as they are. O(size). */
void compare_rounds(const json_t *got, const json_t *recorded, struct text *difference);

/* The first difference of two values, with the path to it; nothing when they are equal. Objects are
 * compared by the keys of both. */
void compare_values(const json_t *got, const json_t *expected, const char *path,
                    struct text *difference);

#endif
