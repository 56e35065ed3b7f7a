/*
 * rebuild.h - what every transform needs: a job as a draft again, ids for copies, order restored.
 */
#ifndef TRANSFORM_REBUILD_H
#define TRANSFORM_REBUILD_H

#include "sim/workload/workload.h"

/* Fills *draft with what `job` is, with its submit time in the trace's own base. Its names live in
 * `from`. Adding it to another workload gives an equal job. */
void rebuild_draft(const struct workload *from, const struct job *job, struct job_draft *draft);

/* Takes over what is true of the trace as a whole: format, digest, notes. */
void rebuild_begin(struct workload *out, const struct workload *from);

/* To be called after submit times were changed or jobs taken out: jobs by submit time again (equal
 * times keep their order), the first at 0, the epoch moved accordingly. Names that no job has any
 * more stay in their tables. An error when no job is left. O(jobs). */
bool rebuild_order(struct workload *workload, struct err *err);

/* Ids for jobs that occur several times: the first keeps its id, others are "ID~2", "ID~3" and so
 * on, passing over what is taken. */
struct rebuild_ids {
    uint32_t *copies; /* by number of the id in the source: how many were made */
    struct text text;
};
void rebuild_ids_init(struct rebuild_ids *ids, const struct workload *from);
void rebuild_ids_release(struct rebuild_ids *ids);

/* The id for one more copy of `job`, free in both workloads unless it is the first copy; lives
 * until the next call. Amortised O(length). */
struct view rebuild_ids_next(struct rebuild_ids *ids, const struct workload *from,
                             const struct job *job, const struct workload *out);

/* A time moved by `by_us`; false with *err filled when it is beyond what a workload holds. */
bool rebuild_moved(int64_t time_us, int64_t by_us, int64_t *out, struct err *err);

#endif
