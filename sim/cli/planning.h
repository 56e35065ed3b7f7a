/*
 * planning.h - a study of capacity from its file: demand, policies and settings read, the store of
 * finished runs opened, ready to be solved.
 */
#ifndef CLI_PLANNING_H
#define CLI_PLANNING_H

#include "sim/cli/chosen.h"
#include "sim/cli/cli.h"
#include "sim/cli/demand.h"
#include "sim/cli/progress.h"
#include "sim/cli/settings.h"
#include "sim/cli/trace_input.h"
#include "sim/plan/trial.h"

struct planning {
    const char *source; /* of the study, as the user named it */
    struct plan_study study;
    struct cli_args demand_args;   /* made of the study's demand */
    struct cli_args settings_args; /* and of its settings */
    struct names texts;            /* of both */
    struct engine_settings settings;
    struct demand demand;
    bool has_demand;
    VEC(struct chosen_policy) chosen;
    VEC(struct chosen_place) places;
    VEC(struct grid_policy) policies;
    VEC(struct generate_model) models; /* of new projects */
    struct text identity;
    struct plan_store *store;
    struct plan_bench *bench;
    struct progress progress;
};

/* Options of commands that plan, besides what is written. */
#define PLANNING_OPTIONS                                                                           \
    {"--trace", "FILE", NULL, "the demand's trace, instead of the one the study names", false},    \
        {"--memory", "FILE", NULL,                                                                 \
         "finished runs, kept for the next question [FOLDER.runs with --out]", false},             \
        {"--threads", "N", NULL, "runs at a time [one a processor]; the result is the same",       \
         false},                                                                                   \
    {                                                                                              \
        "--quiet", NULL, NULL, "no progress on standard error; the answer stays", false            \
    }

/* Reads the study that the last word of the command line names. On success released with
 * planning_release; nothing is left on failure. *out stays where it is. */
bool planning_read(const struct cli_args *args, enum plan_kind kind, struct planning *out,
                   struct err *err);
void planning_release(struct planning *planning);

/* What the results depend on, as a new object: run.json. */
json_t *planning_json(const struct planning *planning);

#endif
