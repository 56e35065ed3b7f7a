/*
 * las - least attained service first, preemptive, in rounds.
 *
 * Service is what a job has had so far: GPUs times time (service=gpu_time) or time (service=time).
 * While somebody waits, every `round` seconds all jobs, running and waiting, are ordered by it, of
 * equal ones those first who run, and packed anew from there (lib/repack.h). Between rounds waiting
 * jobs start in that order where there is room, and nobody is stopped. round=0 packs anew at every
 * pass.
 *
 * Good: needs to know nothing; short jobs finish early, as new ones come first. Bad: jobs of equal
 * service take turns for ever, so rounds must be long against what a preemption costs; large jobs
 * of much service starve while new ones keep coming. tiresias does the same with few steps.
 */
#include "policies/lib/repack.h"
#include "sim/sched.h"

enum las_service { SERVICE_GPU_TIME, SERVICE_TIME };

struct las_params {
    int service; /* enum las_service */
    int64_t round_us;
};

static const struct param_spec params[] = {
    {.name = "service",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct las_params, service),
     .dflt = "gpu_time",
     .choices = "gpu_time|time",
     .help = "what a job has had: GPUs times time, or time"},
    {.name = "round",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct las_params, round_us),
     .dflt = "360",
     .min = 0,
     .max = 1e9,
     .help = "seconds between passes that stop somebody; 0: every pass may"},
    {.name = NULL},
};

struct las {
    struct las_params params;
    struct repack repack;
    int64_t next_round_us; /* asked for, or -1 */
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can go wrong */
    struct las *las = state;
    las->params = *(const struct las_params *)values;
    las->next_round_us = -1;
    repack_init(&las->repack, ctx);
    return true;
}

static void release(void *state)
{
    repack_release(&((struct las *)state)->repack);
}

static int64_t service_of(const void *state, const struct sched_ctx *ctx, uint32_t job)
{
    const struct las *las = state;
    return las->params.service == SERVICE_TIME ? sched_ran_us(ctx, job)
                                               : sched_attained_milli_us(ctx, job);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct las *las = state;
    struct shape_queue_place place = {service_of(las, ctx, job), 1};
    repack_wait(&las->repack, ctx, job, place);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* everything needed is known here */
    repack_finish(&((struct las *)state)->repack, job);
}

/* Rounds count from when somebody began to wait. */
static void ask_for_round(struct las *las, struct sched_ctx *ctx)
{
    if (las->params.round_us > 0 && las->next_round_us < 0 && las->repack.waiting.count > 0) {
        las->next_round_us = sched_now_us(ctx) + las->params.round_us;
        sched_wake_at(ctx, las->next_round_us);
    }
}

static void decide(void *state, struct sched_ctx *ctx)
{
    /* Waiting jobs have tie 1: of equal ones, those who run go on. */
    static const struct repack_terms terms = {service_of, submit, "others have had less service",
                                              "among those with the least service"};
    struct las *las = state;
    bool due = las->next_round_us >= 0 && sched_now_us(ctx) >= las->next_round_us;
    las->next_round_us = due ? -1 : las->next_round_us;
    if (las->repack.waiting.count > 0) {
        if (due || las->params.round_us == 0) {
            (void)repack_pass(&las->repack, ctx, &terms, las); /* others are tried below */
        }
        repack_fill(&las->repack, ctx, "there is room before the next round");
    }
    ask_for_round(las, ctx);
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_NO_IDLE, NULL},
    {SCHED_LAW_TIME_SCALE, "round=0"},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_las;
const struct sched_ops sched_policy_las = {
    .name = "las",
    .help = "least attained service first, preemptive, in rounds",
    .source = "Nuyens and Wierman 2008; Gu et al., NSDI'19 (LAS, 2D-LAS)",
    .flags = SCHED_PREEMPTS,
    .state_size = sizeof(struct las),
    .params_size = sizeof(struct las_params),
    .params = params,
    .laws = laws,
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
