/*
 * words.h - the answer to a study as sentences and tables for a terminal.
 */
#ifndef PLAN_WORDS_H
#define PLAN_WORDS_H

#include "sim/plan/solve.h"

/* The answer in two sentences: what to buy, what it costs, what it keeps, what binds. Of a study
 * without an answer: which level is missed, by how much, and what would keep it. */
void plan_add_answer(struct text *out, const struct plan_answer *answer);

/* The whole answer: that, the levels, the neighbours, what would change it. */
void plan_add_table(struct text *out, const struct plan_answer *answer);

/* "USD 12.50 an hour, USD 109,500 in 8,760 hours", appended. */
void plan_add_money(struct text *out, const struct plan_study *study, int64_t micro_per_hour);

/* A level's value in its unit, and what a variant gives against the answer ("2 x a more, ..."). */
void plan_add_level_value(struct text *out, const struct plan_level *level, double value);
void plan_add_variant(struct text *out, const struct plan_answer *answer,
                      const struct plan_variant *variant);

#endif
