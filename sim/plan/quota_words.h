/*
 * quota_words.h - losses, entitlements and verdicts in words, for the files of an answer.
 */
#ifndef PLAN_QUOTA_WORDS_H
#define PLAN_QUOTA_WORDS_H

#include "sim/plan/quotas.h"

enum quota_verdict { QUOTA_GAINS, QUOTA_LOSES, QUOTA_UNCLEAR };

/* Does the interval of the difference say so? */
enum quota_verdict quota_verdict_of(const struct quota_loss *loss);
const char *quota_verdict_name(enum quota_verdict verdict);

/* A loss in its unit; what losses are called; GPUs, "none" for -1. */
void quota_add_loss(struct text *out, const struct plan_study *study, double loss);
void quota_add_loss_name(struct text *out, const struct plan_study *study);
void quota_add_amount(struct text *out, double amount);

#endif
