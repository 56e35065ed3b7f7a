/*
 * replay.h - one run from its command line to its results folder: what `berth run` does, and what
 * other commands do more than once.
 */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include "sim/cli/chosen.h"
#include "sim/cli/cli.h"
#include "sim/cli/settings.h"
#include "sim/cli/trace_input.h"
#include "sim/engine/engine.h"
#include "sim/report/report.h"

/* What differs between the runs of one command line. */
struct replay_choice {
    const char *policy; /* NAME[:key=value,...] */
    const char *place;
    const char *out;       /* a results folder; NULL: none */
    bool counterfactual;   /* also run it without each cause of waiting; with causes only */
    int64_t checkpoint_us; /* keep what makes an interrupted run go on, at least so often; 0: no */
    bool resume;           /* go on from there; with checkpoint_us only */
    struct report_options report;
};

/* The options that say what is run and how, for the option table of a command; policies, rules and
 * what is written come on top. */
#define REPLAY_INPUT_OPTIONS                                                                       \
    {"--trace", "FILE", NULL, "the workload; '-' reads stdin; .gz and .zst as they are", false},   \
        TRACE_INPUT_OPTIONS,                                                                       \
    {                                                                                              \
        "--cluster", "CLUSTER", NULL, "a JSON file, a node list, or NxG: N nodes of G GPUs", false \
    }
#define REPLAY_SETTINGS_OPTIONS                                                                    \
    SETTINGS_OPTIONS,                                                                              \
    {                                                                                              \
        "--quiet", NULL, NULL, "no progress on standard error; the answer stays", false            \
    }

/* Everything a run is made of. */
struct replay {
    struct replay_choice choice;
    const char *trace;
    const char *trace_settings; /* of its format; may be NULL */
    const char *cluster_source;
    struct engine_settings settings;
    struct chosen_policy policy;
    struct chosen_place place;
    struct workload workload;
    struct cluster cluster;
    int64_t started_us;
    bool is_partial; /* of the last run: it was interrupted, and what was known is reported */
    struct journal *journal; /* of the run that goes on; NULL: none */
};

/* Reads what the command line and `choice` name: trace, cluster, policy, rule, settings. The texts
 * of both have to outlive *replay, which the caller releases with replay_release. */
bool replay_prepare(const struct cli_args *args, const struct replay_choice *choice,
                    struct replay *replay, struct err *err);
void replay_release(struct replay *replay);

/* Runs it and fills the results folder, whole or not at all; appends the table that people read to
 * *table, which may be NULL. */
bool replay_run(struct replay *replay, bool quiet, struct text *table, struct err *err);

/* The same without folder and table: the closed report, freed by the caller with report_free; NULL
 * with *err filled when it failed. */
struct report *replay_run_quietly(struct replay *replay, bool quiet, struct err *err);

#endif
