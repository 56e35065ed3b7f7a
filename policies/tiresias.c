/*
 * tiresias - discretised two-dimensional least attained service.
 *
 * Jobs start in the first of a few queues and move down when the service they have had reaches the
 * queue's limit: GPUs times time, or time (service=). Queues are walked in order and all jobs
 * packed anew from there (lib/levels.h says how). starve=K lets a job that has waited K times as
 * long as it has run since go back to the first queue, with its service forgotten.
 *
 * Good: needs to know nothing, stops jobs seldom, and short or small jobs hardly wait. Bad: a few
 * limits for all workloads; long jobs wait for everybody younger.
 */
#include "policies/lib/levels.h"

struct tiresias_params {
    struct view limits;
    struct levels_rules rules; /* filled but for the limits */
};

static const struct param_spec params[] = {
    {.name = "limits",
     .type = PARAM_TEXT,
     .offset = offsetof(struct tiresias_params, limits),
     .dflt = "3250/7200",
     .help = "rising seconds (or GPU-seconds) of service at which a job leaves a queue"},
    {.name = "service",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct tiresias_params, rules.service),
     .dflt = "gpu_time",
     .choices = "gpu_time|time",
     .help = "what a job has had: GPUs times time, or time"},
    {.name = "order",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct tiresias_params, rules.order),
     .dflt = "kept",
     .choices = "kept|submit",
     .help = "within a queue: a list with running jobs in front, or by submit time"},
    {.name = "demote",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct tiresias_params, rules.demote),
     .dflt = "exact",
     .choices = "exact|code",
     .help = "when a job leaves a queue: at its limit, or when the authors' simulator looks"},
    {.name = "at",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct tiresias_params, rules.at),
     .dflt = "reached",
     .choices = "reached|exceeded",
     .help = "whether the limit itself belongs to the next queue or to this one"},
    {.name = "starve",
     .type = PARAM_F64,
     .offset = offsetof(struct tiresias_params, rules.starve),
     .dflt = "0",
     .min = 0,
     .max = 1e6,
     .help = "back to the first queue after so many times its running time; 0: never"},
    {.name = "fill",
     .type = PARAM_BOOL,
     .offset = offsetof(struct tiresias_params, rules.fill),
     .dflt = "true",
     .help = "start others in the room of a job that finds no place"},
    {.name = NULL},
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    const struct tiresias_params *settings = values;
    struct levels_rules rules = settings->rules;
    rules.queues = 0;
    rules.index = NULL;
    if (!levels_read_limits(&rules, settings->limits, "tiresias", err)) {
        return false;
    }
    levels_init(state, ctx, &rules);
    return true;
}

static void release(void *state)
{
    levels_release(state);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    levels_submit(state, ctx, job);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* everything needed is known here */
    levels_finish(state, job);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    levels_decide(state, ctx);
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_NO_IDLE, "fill=true"},
    {SCHED_LAW_LEVELS, "service=gpu_time,demote=exact,at=reached,starve=0"},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_tiresias;
const struct sched_ops sched_policy_tiresias = {
    .name = "tiresias",
    .help = "least attained service in a few steps, preemptive (2D-LAS)",
    .source = "Gu et al., NSDI'19; SymbioticLab/Tiresias (dlas, dlas-gpu); Lucid (Tiresias)",
    .flags = SCHED_PREEMPTS,
    .state_size = sizeof(struct levels),
    .params_size = sizeof(struct tiresias_params),
    .params = params,
    .laws = laws,
    .validated =
        "Tiresias dlas (service=time), dlas-gpu (demote=code); Lucid (limits=18000,order=submit,"
        "at=exceeded,fill=false --pass period:60 --isolate vc): results/schedules",
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
