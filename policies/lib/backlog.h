/*
 * backlog.h - jobs waiting in the order in which they came, with a fast answer to "which is the
 * next that could be backfilled?".
 *
 * The array is cut into blocks that know the smallest need and the shortest estimate among their
 * jobs: a block in which nobody can qualify is stepped over whole.
 */
#ifndef POLICIES_LIB_BACKLOG_H
#define POLICIES_LIB_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/vec.h"

#define BACKLOG_END SIZE_MAX

struct backlog_job {
    int64_t gpu_milli; /* BACKLOG_GONE once it was removed */
    int64_t estimate_us;
    uint32_t job;
};

#define BACKLOG_GONE INT64_MAX

struct backlog_block {
    int64_t least_gpu_milli;
    int64_t least_estimate_us;
};

struct backlog {
    VEC(struct backlog_job) jobs;
    VEC(struct backlog_block) blocks;
    size_t first; /* nobody waits before it */
    size_t count; /* jobs waiting */
};

/* Who qualifies: needs at most `free_milli`, and either ends within `limit_us` or needs at most
 * `extra_milli`. */
struct backlog_want {
    int64_t free_milli;
    int64_t limit_us;
    int64_t extra_milli;
};

void backlog_release(struct backlog *backlog);

/* Appends a job. Moves the others together when most places are empty: positions are not valid
 * afterwards. */
void backlog_add(struct backlog *backlog, struct backlog_job job);

/* The position of the job that came first, or BACKLOG_END. */
size_t backlog_first(struct backlog *backlog);

/* The position of the first job at or after `from` that qualifies, or BACKLOG_END. */
size_t backlog_next(const struct backlog *backlog, size_t from, struct backlog_want want);

/* Does the job at this position qualify? */
bool backlog_qualifies(const struct backlog *backlog, size_t position, struct backlog_want want);

void backlog_remove(struct backlog *backlog, size_t position);

#endif
