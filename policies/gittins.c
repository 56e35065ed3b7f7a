/*
 * gittins - Gittins index by what jobs needed in the past, in the queues of Tiresias.
 *
 * Like tiresias, but within a queue jobs are ordered by their index (lib/gittins_index.h), largest
 * first: the chance to end within `ahead` more seconds of service, for what that costs, among jobs
 * of the past that needed more than this one has had. history=FILE tells the services of the past,
 * in seconds or GPU-seconds, a number a line; without it they are learned from the jobs that end,
 * and taken in whenever their number has grown by a tenth.
 *
 * index=code is what the simulator of Tiresias' authors computes; demote=code likewise.
 *
 * Good: the least mean completion time that can be had without knowing durations, if the past is
 * like the future. Bad: it seldom is; a job that outlives all others has index 0 and comes last.
 */
#include "policies/lib/gittins_index.h"
#include "policies/lib/levels.h"

enum gittins_formula { FORMULA_EXACT, FORMULA_CODE };

struct gittins_params {
    struct view limits;
    struct view history;
    double ahead_s;
    int formula;               /* enum gittins_formula */
    struct levels_rules rules; /* filled but for the limits and the index */
};

static const struct param_spec params[] = {
    {.name = "history",
     .type = PARAM_TEXT,
     .offset = offsetof(struct gittins_params, history),
     .dflt = "",
     .help = "file with the services of past jobs, a number a line; none: learned in the run"},
    {.name = "ahead",
     .type = PARAM_F64,
     .offset = offsetof(struct gittins_params, ahead_s),
     .dflt = "3250",
     .min = 1e-6,
     .max = 1e12,
     .help = "seconds (or GPU-seconds) of service to look ahead"},
    {.name = "index",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct gittins_params, formula),
     .dflt = "exact",
     .choices = "exact|code",
     .help = "the definition, or what the authors' simulator computes"},
    {.name = "limits",
     .type = PARAM_TEXT,
     .offset = offsetof(struct gittins_params, limits),
     .dflt = "3250/7200",
     .help = "rising seconds (or GPU-seconds) of service at which a job leaves a queue"},
    {.name = "service",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct gittins_params, rules.service),
     .dflt = "gpu_time",
     .choices = "gpu_time|time",
     .help = "what a job has had: GPUs times time, or time"},
    {.name = "demote",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct gittins_params, rules.demote),
     .dflt = "exact",
     .choices = "exact|code",
     .help = "when a job leaves a queue: at its limit, or when the authors' simulator looks"},
    {.name = NULL},
};

struct gittins {
    struct levels levels;
    struct gittins_index index;
    enum gittins_formula formula;
    bool learns;
    double ahead_s;
    VEC(double) learned; /* services of jobs that ended, not yet in the index */
};

static double index_of(void *self, double service_s)
{
    const struct gittins *gittins = self;
    return gittins->formula == FORMULA_CODE ? gittins_index_of_code(&gittins->index, service_s)
                                            : gittins_index_of(&gittins->index, service_s);
}

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    const struct gittins_params *settings = values;
    struct gittins *gittins = state;
    struct levels_rules rules = settings->rules;
    rules.queues = 0;
    rules.fill = true;
    rules.index = index_of;
    rules.self = gittins;
    gittins->formula = (enum gittins_formula)settings->formula;
    gittins->learns = settings->history.length == 0;
    gittins->ahead_s = settings->ahead_s;
    if (!levels_read_limits(&rules, settings->limits, "gittins", err)) {
        return false;
    }
    if (!gittins->learns && !gittins_index_read(&gittins->index, settings->history, err)) {
        gittins_index_release(&gittins->index);
        return false;
    }
    gittins_index_build(&gittins->index, settings->ahead_s);
    levels_init(&gittins->levels, ctx, &rules);
    return true;
}

static void release(void *state)
{
    struct gittins *gittins = state;
    levels_release(&gittins->levels);
    gittins_index_release(&gittins->index);
    vec_release(&gittins->learned);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    levels_submit(&((struct gittins *)state)->levels, ctx, job);
}

/* It needs more than it has had: nothing is learned from it. */
static void interrupt(void *state, struct sched_ctx *ctx, uint32_t job)
{
    levels_finish(&((struct gittins *)state)->levels, job);
    submit(state, ctx, job);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct gittins *gittins = state;
    levels_finish(&gittins->levels, job);
    if (gittins->learns) {
        double service_s = gittins->levels.rules.service == LEVELS_TIME
                               ? (double)sched_ran_us(ctx, job) / 1e6
                               : (double)sched_attained_milli_us(ctx, job) / 1e9;
        if (service_s > 0) { /* who needed nothing tells nothing about those who need more */
            vec_push(&gittins->learned, service_s);
        }
    }
}

static void learn(struct gittins *gittins, struct sched_ctx *ctx)
{
    size_t known = gittins->index.services.count;
    if (gittins->learned.count <= known / 10) {
        return;
    }
    for (size_t i = 0; i < gittins->learned.count; i++) {
        vec_push(&gittins->index.services, gittins->learned.items[i]);
    }
    vec_clear(&gittins->learned);
    gittins_index_build(&gittins->index, gittins->ahead_s);
    levels_reorder(&gittins->levels, ctx);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct gittins *gittins = state;
    learn(gittins, ctx);
    levels_decide(&gittins->levels, ctx);
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_NO_IDLE, NULL},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_gittins;
const struct sched_ops sched_policy_gittins = {
    .name = "gittins",
    .help = "largest Gittins index first, by what jobs needed in the past; preemptive",
    .source = "Gittins 1979; Gu et al., NSDI'19; SymbioticLab/Tiresias (dlas-gpu-gittins)",
    .flags = SCHED_PREEMPTS,
    .state_size = sizeof(struct gittins),
    .params_size = sizeof(struct gittins_params),
    .params = params,
    .laws = laws,
    .validated = "Tiresias dlas-gpu-gittins (index=code,demote=code,history=FILE): "
                 "results/schedules",
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .interrupt = interrupt,
    .decide = decide,
};
