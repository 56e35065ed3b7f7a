/*
 * comparing.h - what a comparison needs from the command line: policies, loads, replications.
 */
#ifndef CLI_COMPARING_H
#define CLI_COMPARING_H

#include "sim/cli/chosen.h"
#include "sim/cli/cli.h"
#include "sim/cli/demand.h"
#include "sim/cli/settings.h"
#include "sim/cli/trace_input.h"
#include "sim/study/compare.h"

/* Everything a comparison is made of. */
struct changed; /* changes.c */

struct comparing {
    const char *source; /* of the cluster */
    struct engine_settings settings;
    struct report_options report;
    struct compare_settings compare;
    struct demand demand;
    bool has_demand;
    struct cluster cluster;
    bool has_cluster;
    VEC(struct chosen_policy) chosen;
    VEC(struct chosen_place) places; /* one a policy */
    VEC(struct grid_policy) policies;
    VEC(double) factors;
    VEC(int64_t) warmup_us;               /* one a load */
    VEC(char *) texts;                    /* pieces of the command line cut out of it, and labels */
    VEC(struct engine_settings *) varied; /* of variants */
    VEC(struct changed *) changed;        /* what the words of a what-if change */
    int64_t threads;
    struct grid_plan plan; /* points into all of the above */
};

/* Options of commands that compare, besides --trace, --model and what is written. */
#define COMPARING_OPTIONS                                                                          \
    {"--policy", "NAME", NULL,                                                                     \
     "NAME[:key=value,...][@PLACE[:...]], the first one is the base; give two or more", true},     \
        {"--vary", "SETTING=VALUE", NULL,                                                          \
         "the first policy also with another pass=, tie=, cost=, horizon=, oversize= or "          \
         "estimates=: how much depends on it?",                                                    \
         true},                                                                                    \
        {"--place", "NAME", "consolidate", "placement of policies that name none", false},         \
        {"--load", "LIST", NULL, "offered loads, as in 0.7,0.9; 1 is all GPU time", false},        \
        {"--factor", "LIST", NULL, "times the load that there is, as in 0.8,1,1.2", false},        \
        {"--replications", "N", "20", "workloads to try each policy on", false},                   \
        {"--precision", "SHARE", NULL,                                                             \
         "stop before that when every interval is within so much of its mean: 0.02", false},       \
        DEMAND_REPLICATE_OPTION,                                                                   \
        {"--metric", "NAME", "mean_wait_s", "what the verdict is about", false},                   \
        {"--level", "SHARE", "0.95", "how sure an interval is", false},                            \
        {"--warmup", "SECONDS", "mser",                                                            \
         "jobs submitted earlier count in no statistic; mser finds it", false},                    \
        {"--window", NULL, NULL,                                                                   \
         "the trace's time is what is asked about, from empty cluster to last job: no warm-up, "   \
         "no steady state wanted",                                                                 \
         false},                                                                                   \
        {"--tau", "SECONDS", "10", "least duration in the bounded slowdown", false},               \
    {                                                                                              \
        "--threads", "N", NULL, "runs at a time [one a processor]; the result is the same", false  \
    }
/* Reads it all. On success released with comparing_release; on failure nothing is left. */
bool comparing_read(const struct cli_args *args, struct comparing *out, struct err *err);
void comparing_release(struct comparing *comparing);

/* For changes.h: adds a policy to the comparison; reads a setting of runs ("cost=restore=60") into
 * settings that the comparison owns; keeps a text. */
bool comparing_add_policy(const char *text, const char *dflt_place, struct comparing *out,
                          struct err *err);
bool comparing_read_setting(const struct cli_args *args, const char *text, struct comparing *out,
                            struct engine_settings **settings, struct err *err);
const char *comparing_keep(struct comparing *out, const char *bytes, size_t length);

/* What the results depend on, as a new object: run.json. */
json_t *comparing_json(const struct comparing *comparing);

#endif
