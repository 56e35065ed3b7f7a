/*
 * slow.h - the policies written down second by second, without any of the structures that make them
 * fast: what the real ones are compared with.
 *
 * GPUs are one number (`count` placement), times whole seconds, one pass an instant after its
 * finishes and submissions. Estimates must not be below durations.
 */
#ifndef TESTS_CONTRACT_SLOW_H
#define TESTS_CONTRACT_SLOW_H

#include "worlds.h"

enum slow_policy {
    SLOW_FIFO_STRICT,
    SLOW_FIFO_SKIP,
    SLOW_SJF_STRICT,
    SLOW_SJF_SKIP,
    SLOW_EASY,
    SLOW_EASY_SHORTEST,
    SLOW_CONSERVATIVE,
    SLOW_SRTF,
    SLOW_SRSF, /* the same by remaining time times GPUs */
    SLOW_SMALLEST,
};

struct slow_result {
    uint32_t start_s[WORLD_MOST_JOBS]; /* the first */
    uint32_t end_s[WORLD_MOST_JOBS];
    /* EASY: the shadow time of the job when it first was the head, by estimates. Conservative: what
     * it was told when it was submitted. UINT32_MAX: none was made. */
    uint32_t promise_s[WORLD_MOST_JOBS];
};

void slow_run(const struct world *world, enum slow_policy policy, struct slow_result *out);

#endif
