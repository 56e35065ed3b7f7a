/*
 * slow_lists.h - preemptive policies as the simulator of Tiresias' authors keeps them: in lists
 * that are sorted anew, or moved between, at every event, second by second.
 *
 * GPUs are one number, times whole seconds, no job is of no duration, jobs are preemptible.
 */
#ifndef TESTS_CONTRACT_SLOW_LISTS_H
#define TESTS_CONTRACT_SLOW_LISTS_H

#include "slow.h"

enum lists_policy {
    LISTS_SHORTEST,     /* one list, stably sorted by what is left */
    LISTS_SHORTEST_GPU, /* by that times GPUs */
    LISTS_DLAS,         /* three queues, left after 3 and 8 seconds */
    LISTS_DLAS_GPU,     /* after 3 and 8 GPU-seconds, as far as anybody looks */
};

void slow_lists_run(const struct world *world, enum lists_policy policy, struct slow_result *out);

#endif
