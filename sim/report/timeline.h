/*
 * timeline.h - timeline.csv, written while the run goes on.
 *
 * One row an instant at which any of its columns changed, and one at the end; or one row every so
 * often. A row shows the state after everything that happened at its time.
 */
#ifndef REPORT_TIMELINE_H
#define REPORT_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/file.h"
#include "sim/report/fold.h"

struct timeline {
    struct out_file file;
    int64_t sample_us; /* 0: at every change */
    int64_t total_milli;
    bool has_fragmentation; /* two more columns */
    int64_t next_us;        /* of sampling: the time of the next row */
    int64_t last_us;        /* of the last row; -1 before it */
    struct fold_state last; /* what it showed */
};

/* `timeline` says sample_us, total_milli and has_fragmentation; the rest is set here. */
bool timeline_open(struct timeline *timeline, const char *path, struct err *err);

/* The state held from the instant `from_us` up to but without `until_us`. */
void timeline_add(struct timeline *timeline, int64_t from_us, int64_t until_us,
                  const struct fold_state *state);

/* The state at the end of the run. */
void timeline_end(struct timeline *timeline, int64_t end_us, const struct fold_state *state);

#endif
