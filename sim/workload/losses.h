/*
 * losses.h - what a format of few columns cannot hold of a workload, counted and said.
 */
#ifndef WORKLOAD_LOSSES_H
#define WORKLOAD_LOSSES_H

#include "sim/workload/workload.h"

/* What some formats have no place for; the counts are jobs that need it. */
enum loss {
    LOSS_SHARES,  /* a part of a GPU, GPU memory, a MIG instance */
    LOSS_GANGS,   /* tasks that are placed one by one, or GPUs that must be on one node */
    LOSS_ELASTIC, /* fewer tasks will do */
    LOSS_CPUS,    /* CPUs or memory */
    LOSS_MODELS,  /* wanted GPU models */
    LOSS_LEVELS,  /* required or preferred topology */
    LOSS_PRIORITY,
    LOSS_PREEMPTIBLE,
    LOSS_CHECKPOINT,
    LOSS_SPEEDS,  /* other speeds on other GPU models */
    LOSS_BATCHES, /* batch sizes that change; no format holds them */
    LOSS_COUNT,
};

struct losses {
    uint64_t jobs[LOSS_COUNT];
};

/* O(jobs). */
void losses_count(const struct workload *workload, struct losses *out);

/* Adds a sentence to `notes` for each of them that some job needs; `target` names the format. */
void losses_say(const struct losses *losses, const char *target, struct names *notes);

/* The one loss of the native CSV. O(jobs). */
void losses_say_batches(const struct workload *workload, struct names *notes);

/* Formats a note, like workload_note. */
void losses_note(struct names *notes, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Whole GPUs that hold what a shape asks for: parts of GPUs are added up and rounded up. */
int64_t losses_whole_gpus(const struct workload *workload, uint32_t shape);

/* Submit times as a format without negative ones is given them: what to add to job.submit_us. The
 * trace's own times where none is negative, else those since the first submit, which is noted. */
int64_t losses_epoch_us(const struct workload *workload, const char *target, struct names *notes);

#endif
