/*
 * slurm_jobs.h - rows of Slurm's accounting on their way to jobs: attempts of one job and parts of
 * a heterogeneous one come together.
 */
#ifndef WORKLOAD_SLURM_JOBS_H
#define WORKLOAD_SLURM_JOBS_H

#include "sim/base/arena.h"
#include "sim/base/names.h"
#include "sim/workload/workload.h"

/* What becomes of several rows of one id, attempts of a job that was requeued. */
enum slurm_attempts {
    SLURM_ATTEMPTS_LAST, /* the last one, since the first submit */
    SLURM_ATTEMPTS_SUM,  /* likewise, with the durations of all */
    SLURM_ATTEMPTS_EACH, /* a job each: "123", "123#2", ... */
};

/* A job as far as it was read. Its texts lie in the file, or in the arena. */
struct slurm_job {
    int64_t line;
    struct view id, user, queue, models;
    int64_t submit_us;
    int64_t duration_us; /* or TIME_UNKNOWN, like the estimate */
    int64_t estimate_us;
    int64_t gpus;
    int64_t cpu_milli;
    int64_t memory_mib;
    int64_t nodes;
    struct mig_profile mig;  /* 0 slices: whole GPUs */
    uint32_t later_attempts; /* that became jobs of their own */
    uint8_t outcome;
    bool is_part; /* of a heterogeneous job that another row stands for: to be passed over */
};

struct slurm_jobs {
    enum slurm_attempts attempts;
    VEC(struct slurm_job) list; /* in the order of the first row of each */
    struct names ids;           /* as the file writes them; a job has its id's number */
    struct arena arena;
    uint64_t attempt_count; /* rows beyond the first of their id */
    uint64_t part_count;    /* parts beyond the first of their job */
};

void slurm_jobs_release(struct slurm_jobs *jobs);

/* Adds a row. Amortised O(length of the id). */
void slurm_jobs_add(struct slurm_jobs *jobs, const struct slurm_job *row);

/* To be called once after the last row: "123+0" and "123+1" become "123", which asks for the sum of
 * both. */
void slurm_jobs_merge_parts(struct slurm_jobs *jobs);

/* Sets what the job asks for. GPUs are a free shape, or with `by_nodes` a gang of a task a node
 * where that comes out even; MIG instances always are tasks. */
void slurm_job_set_shape(const struct slurm_job *job, bool by_nodes, struct job_draft *draft);

#endif
