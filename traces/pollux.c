/*
 * pollux.c - workloads of the Pollux simulator, with its application profiles as work
 * (profiles=FOLDER). Sia's workloads look the same and are found to be of this format; name `sia`
 * for its profiles.
 */
#include <stddef.h>

#include "sim/workload/profile_jobs.h"
#include "sim/workload/trace_format.h"

struct pollux_params {
    struct view profiles;
    int64_t node_gpus;
};

static const struct param_spec pollux_params[] = {
    {.name = "profiles",
     .type = PARAM_TEXT,
     .offset = offsetof(struct pollux_params, profiles),
     .dflt = "",
     .help = "the folder of application profiles, for durations"},
    {.name = "node_gpus",
     .type = PARAM_I64,
     .offset = offsetof(struct pollux_params, node_gpus),
     .dflt = "4",
     .min = 1,
     .max = 9,
     .help = "GPUs of a node on which a job's replicas are packed, for durations"},
    {0},
};

static bool pollux_read(const void *params, struct file *file, struct workload *out,
                        struct err *err)
{
    const struct pollux_params *given = params;
    struct profile_jobs settings = {given->profiles, {"", 0}, (uint32_t)given->node_gpus};
    return profile_jobs_read(&settings, file, out, err);
}

extern const struct trace_format trace_format_pollux;
const struct trace_format trace_format_pollux = {
    .name = "pollux",
    .help = "workloads of the Pollux simulator, with its application profiles",
    .params_size = sizeof(struct pollux_params),
    .params = pollux_params,
    .detect = profile_jobs_detect,
    .read = pollux_read,
};
