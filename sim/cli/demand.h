/*
 * demand.h - the jobs of a study: a trace or a model, and how replications are made of it.
 */
#ifndef CLI_DEMAND_H
#define CLI_DEMAND_H

#include <jansson.h>

#include "sim/cli/options.h"
#include "sim/study/replicate.h"

struct demand {
    const char *trace;        /* as the user named it, or the model */
    struct workload workload; /* the trace; of a model, its first replication */
    struct generate_model model;
    bool has_model;
    struct replicate replicate; /* points into all of the above */
};

/* Options by which a demand is named, besides --trace and those of trace_input.h. */
#define DEMAND_MODEL_OPTIONS                                                                       \
    {"--model", "MODEL", NULL, "instead of a trace: a model of 'berth trace generate'", false},    \
        {"--jobs", "N", NULL, "of the model: so many a replication [10000]", false},               \
        {"--days", "D", NULL, "of the model: those submitted in so many days", false},             \
    {                                                                                              \
        "--set", "KEY=VALUE", NULL, "of the model: one parameter", true                            \
    }
#define DEMAND_REPLICATE_OPTION                                                                    \
    {                                                                                              \
        "--replicate", "HOW", NULL,                                                                \
            "sessions[:gap=S], days[:block=N,weekday=BOOL], shake[:arrivals=S,durations=SHARE], "  \
            "none [sessions of users; days without users]",                                        \
            false                                                                                  \
    }

/* Reads it. `is_single`: there will be one replication, which is the trace as it is unless the user
 * says otherwise. *out stays where it is; released with demand_release; nothing is left on failure.
 */
bool demand_read(const struct cli_args *args, uint64_t seed, bool is_single, struct demand *out,
                 struct err *err);
void demand_release(struct demand *demand);

/* New objects: what the results depend on. */
json_t *demand_replicate_json(const struct demand *demand);
json_t *demand_workload_json(const struct demand *demand);

#endif
