/*
 * batch_plan.h - jobs that change their batch size while they train: which sizes a job goes
 * through, and when it changes from one to the next.
 *
 * A change keeps the job's epochs: at a checkpoint the epochs done and the epochs in all are
 * carried over to the new size, an epoch that was begun counting as done, as the simulator of
 * Shockwave (NSDI 2023) has it. So the steps in all and the steps done both change, and with the
 * size the job's speed.
 *
 * Two rules decide. GNS (gradient noise scale): the size doubles, one doubling a checkpoint, from
 * given epochs on. Accordion: the largest size outside of critical epochs, the first size inside.
 * What is decided at one checkpoint is done at the next, as in the source.
 */
#ifndef WORKLOAD_BATCH_PLAN_H
#define WORKLOAD_BATCH_PLAN_H

#include <stdbool.h>
#include <stdint.h>

enum {
    BATCH_MOST_LEVELS = 8,
    BATCH_MOST_EPOCHS = 8,
};

enum batch_rule {
    BATCH_GNS,       /* epochs[i]: from here on one size more */
    BATCH_ACCORDION, /* epochs[2i] to before epochs[2i + 1]: critical */
};

/* One batch size. */
struct batch_level {
    uint32_t speed_class;
    uint32_t batch;
    int64_t epoch_steps; /* more than 0 */
};

struct batch_plan {
    enum batch_rule rule;
    uint32_t level_count; /* the first is the one the job begins with */
    uint32_t epoch_count;
    int64_t period; /* critical epochs come again every so many; 0: never */
    struct batch_level levels[BATCH_MOST_LEVELS];
    int64_t epochs[BATCH_MOST_EPOCHS]; /* rising */
};

/* Where a job is. */
struct batch_state {
    uint32_t level;
    uint32_t next_level; /* from the next checkpoint on */
    int64_t total_steps;
    int64_t done_steps;
};

/* A checkpoint: the change decided at the last one is done, and the next is decided. */
void batch_plan_checkpoint(const struct batch_plan *plan, struct batch_state *state);

#endif
