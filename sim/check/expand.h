/*
 * expand.h - the compact form of large cases: an item {"count": n, "item": X} of nodes, jobs and
 * tasks stands for n copies of X, numbered from 0.
 *
 * In the texts of X, {i} is the number, {i%K} its remainder, {i/K} its quotient, {i:04} pads with
 * zeros; {"cycle": [...]} is the element at the number, over and over.
 */
#ifndef CHECK_EXPAND_H
#define CHECK_EXPAND_H

#include <jansson.h>

#include "sim/base/err.h"

/* A copy of a case in the plain form; the caller calls json_decref. NULL with *err when a count or
 * a pattern makes no sense. At most a million items each. O(size of the result). */
json_t *case_expand(const json_t *document, struct err *err);

#endif
