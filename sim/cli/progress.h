/*
 * progress.h - one line on the terminal that tells how far a run is and how long it may still take.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/engine/engine.h"

struct progress {
    bool shown; /* only when stderr is a terminal and nobody asked for silence */
    int64_t started_us;
    int64_t printed_us;
};

/* Microseconds of a clock that never goes back; for progress and timing only, never for results. */
int64_t progress_clock_us(void);

void progress_init(struct progress *progress, bool quiet);

/* For engine_input.progress, with the progress as `self`: shows a line at most five times a second;
 * never stops the run. The estimate takes the share of jobs ended for the share of work done. */
bool progress_show(void *self, const struct engine_progress *state);

/* For grid_plan.progress: so many of so many runs are done. */
bool progress_show_runs(void *self, size_t done, size_t total);

/* Wipes the line. */
void progress_end(struct progress *progress);

#endif
