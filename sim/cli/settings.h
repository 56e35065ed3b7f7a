/*
 * settings.h - the settings of a run that belong to the model, from the command line and to JSON.
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include <jansson.h>

#include "sim/cli/options.h"
#include "sim/engine/engine.h"

/* The options behind the settings, for the option tables of commands that run. */
#define SETTINGS_OPTIONS                                                                           \
    {"--pass", "WHEN", "instant", "when the policy is asked: instant, event, or period:SECONDS",   \
     false},                                                                                       \
        {"--tie", "FIRST", "finish", "what comes first at one instant: finish or submit", false},  \
        {"--cost", "COSTS", NULL,                                                                  \
         "in seconds: checkpoint=S|young|daly,save=S,restore=S,start=S,finish=S,preempt=S@GPUS/S " \
         "[0: free]",                                                                              \
         false},                                                                                   \
        {"--slowdown", "FACTORS", NULL,                                                            \
         "parts of a job's speed when spread or sharing: nodes=F,domains=F,sharing=F [1]", false}, \
        {"--horizon", "SECONDS", "inf", "end of the run in simulated time", false},                \
        {"--oversize", "WHAT", "reject", "jobs larger than the cluster: reject or clip", false},   \
        {"--estimates", "FROM", "user",                                                            \
         "durations that policies are told: user, oracle, noisy:SIGMA, lastk:N", false},           \
        {"--failures", "LAWS", NULL,                                                               \
         "what fails: node=mtbf:720h,repair:4h[,shape:0.7];rack=...;gpu=...", false},              \
        {"--failure-log", "FILE", NULL,                                                            \
         "outages to replay: CSV time_s,node,kind,until_s; kind: node, gpu0 or a level", false},   \
        {"--isolate", "LABEL", NULL,                                                               \
         "every queue alone on the nodes that carry its name under this label", false},            \
        {"--seed", "N", "1", "of everything random", false},                                       \
    {                                                                                              \
        "--audit", NULL, NULL, "check the whole state after every instant (slow)", false           \
    }

/* Reads them; errors say what was found and what was expected. Released with settings_release. */
bool settings_read(const struct cli_args *args, struct engine_settings *out, struct err *err);
void settings_release(struct engine_settings *settings);

/* A new object with every setting, as users write them; the caller owns it. */
json_t *settings_json(const struct engine_settings *settings);

#endif
