/*
 * srsf - shortest remaining service first, preemptive, by estimates.
 *
 * What is left of a job is its estimate at the time of its submission less the time it has run,
 * times GPUs (key=gpu_remaining) or not (key=remaining). One that outlives its estimate is expected
 * to run once more as long as it has run. All jobs, running and waiting, are ordered by it, of
 * equal ones those who run first, then by submit order, and packed anew from there (lib/repack.h).
 * hysteresis: a waiting job goes before a running one only if it has less left by more than so many
 * seconds.
 *
 * Good: what srtf does, without the truth: --estimates user, lastk:N or noisy:SIGMA say how well it
 * is guessed, and oracle gives srtf. Bad: preempts often; a job that outlives its estimate is
 * thrown back behind others each time.
 */
#include "policies/lib/repack.h"
#include "sim/base/arith.h"
#include "sim/sched.h"

enum srsf_key { KEY_GPU_REMAINING, KEY_REMAINING };

struct srsf_params {
    int key; /* enum srsf_key */
    int64_t hysteresis_us;
};

static const struct param_spec params[] = {
    {.name = "key",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct srsf_params, key),
     .dflt = "gpu_remaining",
     .choices = "gpu_remaining|remaining",
     .help = "what is short: the time thought to be left times GPUs, or that time"},
    {.name = "hysteresis",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct srsf_params, hysteresis_us),
     .dflt = "0",
     .min = 0,
     .max = 1e9,
     .help = "seconds by which a job must be shorter to replace a running one"},
    {.name = NULL},
};

struct srsf {
    struct srsf_params params;
    struct repack repack;
    int64_t *estimates_us; /* by job: when it was submitted */
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can go wrong */
    struct srsf *srsf = state;
    srsf->params = *(const struct srsf_params *)values;
    srsf->estimates_us = mem_alloc(sched_job_count(ctx), sizeof(*srsf->estimates_us));
    repack_init(&srsf->repack, ctx);
    return true;
}

static void release(void *state)
{
    struct srsf *srsf = state;
    free(srsf->estimates_us);
    repack_release(&srsf->repack);
}

static int64_t left_us(const struct srsf *srsf, const struct sched_ctx *ctx, uint32_t job)
{
    int64_t ran_us = sched_ran_us(ctx, job);
    int64_t whole_us = srsf->estimates_us[job];
    while (whole_us <= ran_us) {
        whole_us = time_add_us(whole_us, whole_us);
    }
    return whole_us - ran_us;
}

static int64_t key_of(const struct srsf *srsf, const struct sched_ctx *ctx, uint32_t job,
                      int64_t time_us)
{
    return srsf->params.key == KEY_REMAINING
               ? time_us
               : mul_div_floor(time_us, sched_job(ctx, job).gpu_milli, 1);
}

static void wait_in_line(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct srsf *srsf = state;
    struct shape_queue_place place = {key_of(srsf, ctx, job, left_us(srsf, ctx, job)), 1};
    repack_wait(&srsf->repack, ctx, job, place);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct srsf *srsf = state;
    srsf->estimates_us[job] = sched_job(ctx, job).estimate_us;
    wait_in_line(srsf, ctx, job);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* everything needed is known here */
    repack_finish(&((struct srsf *)state)->repack, job);
}

static int64_t running_key(const void *state, const struct sched_ctx *ctx, uint32_t job)
{
    const struct srsf *srsf = state;
    int64_t time_us = left_us(srsf, ctx, job) - srsf->params.hysteresis_us;
    return key_of(srsf, ctx, job, time_us > 0 ? time_us : 0);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    static const struct repack_terms terms = {running_key, wait_in_line,
                                              "others are thought to have less left",
                                              "among those thought to have the least left"};
    struct repack *repack = &((struct srsf *)state)->repack;
    if (repack->waiting.count > 0 && !repack_pass(repack, ctx, &terms, state)) {
        repack_fill(repack, ctx, "a job with less left finds no room");
    }
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_NO_IDLE, NULL},
    {SCHED_LAW_TIME_SCALE, "hysteresis=0"},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_srsf;
const struct sched_ops sched_policy_srsf = {
    .name = "srsf",
    .help = "shortest remaining service first, preemptive, by estimates",
    .source = "Gu et al., NSDI'19 (SRSF); HeliosArtifact (SRTF), with estimates for the truth",
    .flags = SCHED_PREEMPTS | SCHED_NEEDS_ESTIMATES,
    .state_size = sizeof(struct srsf),
    .params_size = sizeof(struct srsf_params),
    .params = params,
    .laws = laws,
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
