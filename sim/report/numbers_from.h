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

/* Fills order[0 .. count - 1] with the first `count` queues of the list by GPU-hours, the largest
 * first; equal ones by number. O(count^2) at worst, O(count) when they come in order. */
void numbers_rank_queues(const struct report_numbers *numbers, uint32_t *order, uint32_t count);

/* Pieces of numbers_init: waits by priority and over thresholds, after the waits by size are there;
 * what GPU time went into. O(jobs log jobs) where priorities differ, else O(jobs). */
void numbers_add_waits(struct report_numbers *numbers, const struct fold *fold);
void numbers_add_goodput(struct report_numbers *numbers, const struct fold *fold);

#endif
