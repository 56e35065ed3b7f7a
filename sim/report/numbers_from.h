/*
 * numbers_from.h - the numbers of a finished run from what was folded.
 */
#ifndef REPORT_NUMBERS_FROM_H
#define REPORT_NUMBERS_FROM_H

#include "sim/report/fold.h"
#include "sim/report/numbers.h"

/* Computes all numbers; the fold must have seen LOG_END and outlive them (names are its own). They
 * are released with numbers_release. O(jobs). */
void numbers_init(struct report_numbers *numbers, const struct fold *fold, int64_t tau_us);
void numbers_release(struct report_numbers *numbers);

#endif
