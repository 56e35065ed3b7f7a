/*
 * sizes.h - the sizes of a model as one table of shapes with shares.
 */
#ifndef GENERATE_SIZES_H
#define GENERATE_SIZES_H

#include "sim/base/vec.h"
#include "sim/generate/model.h"

/* A shape that jobs may have. */
struct job_size {
    double weight;
    double below; /* share of all jobs with earlier sizes in the table */
    int64_t gpu_milli;
    uint32_t tasks; /* 0: a free shape */
    uint32_t min_tasks;
    int64_t cpu_milli; /* of the job */
    int64_t memory_mib;
    const char *gpu_model; /* "" for any; lives in the model */
    uint32_t class;        /* of the model; UINT32_MAX when its sizes are no table */
};

struct job_sizes {
    VEC(struct job_size)
    list; /* by size, then in the order of the model: a higher draw is a larger
             job */
};

void job_sizes_init(struct job_sizes *sizes, const struct model_sizes *model);
void job_sizes_release(struct job_sizes *sizes);

/* The size for a uniform value from 0 to 1. O(log sizes). */
uint32_t job_sizes_at(const struct job_sizes *sizes, double u);

#endif
