/*
 * sia.c - workloads of the Sia simulator: Pollux' table, with profiles for several types of GPU.
 * The header is that of Pollux, so the format is not found out; it has to be named.
 */
#include <stddef.h>

#include "sim/workload/profile_jobs.h"
#include "sim/workload/trace_format.h"

struct sia_params {
    struct view profiles;
    struct view kind;
    int64_t node_gpus;
};

static const struct param_spec sia_params[] = {
    {.name = "profiles",
     .type = PARAM_TEXT,
     .offset = offsetof(struct sia_params, profiles),
     .dflt = "",
     .help = "the folder of application profiles, for durations"},
    {.name = "gpu",
     .type = PARAM_TEXT,
     .offset = offsetof(struct sia_params, kind),
     .dflt = "aws",
     .help = "the type of GPU whose profiles are used: aws, dgx, dgx-ext, quad, rtx, azure"},
    {.name = "node_gpus",
     .type = PARAM_I64,
     .offset = offsetof(struct sia_params, node_gpus),
     .dflt = "4",
     .min = 1,
     .max = 9,
     .help = "GPUs of a node on which a job's replicas are packed, for durations"},
    {0},
};

static bool sia_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    const struct sia_params *given = params;
    struct profile_jobs settings = {given->profiles, given->kind, (uint32_t)given->node_gpus};
    return profile_jobs_read(&settings, file, out, err);
}

extern const struct trace_format trace_format_sia;
const struct trace_format trace_format_sia = {
    .name = "sia",
    .help = "workloads of the Sia simulator, with its profiles by type of GPU; must be named",
    .params_size = sizeof(struct sia_params),
    .params = sia_params,
    .read = sia_read,
};
