/*
 * srtf - shortest remaining time first, preemptive, with true durations.
 *
 * A pass orders all jobs, running and waiting, by the work that is left (key=remaining) or by that
 * times GPUs (key=gpu_remaining), and walks down with a quota of all GPUs: whoever fits into what
 * is left of it shall run, others are passed over. Running jobs that shall not are preempted, then
 * waiting jobs that shall are started, in order. When the placement rule finds no room for one of
 * these (fragments, CPU), whoever else fits is started in its stead, in order.
 *
 * hysteresis: a waiting job goes before a running one only if it has less left by more than so many
 * seconds; at 0, equal ones do not replace each other. It should be about what a preemption costs,
 * else SRTF thrashes. Jobs that are not preemptible keep their GPUs ahead of everybody.
 *
 * Good: the least mean completion time, as a lower bound to hold others against. Bad: needs the
 * truth, starves long jobs, preempts often.
 *
 * Cost of a pass with somebody waiting: O(r log r) for r running jobs, plus the shapes that wait.
 */
#include "policies/lib/shape_queue.h"
#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/sched.h"

enum srtf_key { KEY_REMAINING, KEY_GPU_REMAINING };

struct srtf_params {
    int key; /* enum srtf_key */
    int64_t hysteresis_us;
};

static const struct param_spec params[] = {
    {.name = "key",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct srtf_params, key),
     .dflt = "remaining",
     .choices = "remaining|gpu_remaining",
     .help = "what is short: the work left, or the work left times GPUs"},
    {.name = "hysteresis",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct srtf_params, hysteresis_us),
     .dflt = "0",
     .min = 0,
     .max = 1e9,
     .help = "seconds of work by which a job must be shorter to replace a running one"},
    {.name = NULL},
};

struct runner {
    int64_t key;
    int64_t gpu_milli; /* held */
    uint32_t job;
    bool stays;
};

struct srtf {
    struct srtf_params params;
    struct shape_queue waiting;
    VEC(struct runner) running;
    VEC(uint32_t) chosen; /* waiting jobs that shall run, in order; of one pass */
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can go wrong */
    struct srtf *srtf = state;
    srtf->params = *(const struct srtf_params *)values;
    shape_queue_init(&srtf->waiting, sched_job_count(ctx), sched_shape_count(ctx));
    return true;
}

static void release(void *state)
{
    struct srtf *srtf = state;
    shape_queue_release(&srtf->waiting);
    vec_release(&srtf->running);
    vec_release(&srtf->chosen);
}

static int64_t key_of(const struct srtf *srtf, int64_t remaining_us, int64_t gpu_milli)
{
    return srtf->params.key == KEY_REMAINING ? remaining_us
                                             : mul_div_floor(remaining_us, gpu_milli, 1);
}

static void wait_in_line(struct srtf *srtf, struct sched_ctx *ctx, uint32_t job)
{
    struct sched_job facts = sched_job(ctx, job);
    int64_t key = key_of(srtf, sched_remaining_us(ctx, job), facts.gpu_milli);
    shape_queue_add(&srtf->waiting, job, facts.shape, key);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    wait_in_line(state, ctx, job);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* everything needed is known here */
    struct srtf *srtf = state;
    size_t i = 0;
    while (srtf->running.items[i].job != job) {
        i++;
        CHECK(i < srtf->running.count);
    }
    srtf->running.items[i] = vec_pop(&srtf->running);
}

static int compare_runners(const void *a, const void *b)
{
    const struct runner *x = a;
    const struct runner *y = b;
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x->job < y->job ? -1 : 1;
}

/* Orders who runs by what each has left, less the hysteresis. */
static void order_running(struct srtf *srtf, struct sched_ctx *ctx)
{
    for (size_t i = 0; i < srtf->running.count; i++) {
        struct runner *runner = &srtf->running.items[i];
        struct sched_job facts = sched_job(ctx, runner->job);
        int64_t left_us = sched_remaining_us(ctx, runner->job) - srtf->params.hysteresis_us;
        runner->key = key_of(srtf, left_us > 0 ? left_us : 0, facts.gpu_milli);
        if (!facts.preemptible) {
            runner->key = INT64_MIN;
        }
    }
    if (srtf->running.count > 1) {
        qsort(srtf->running.items, srtf->running.count, sizeof(*srtf->running.items),
              compare_runners);
    }
}

/* The walk with a quota over running and waiting jobs in one order; on equal keys who runs comes
 * first. A waiting job beyond the quota takes its whole shape out of the walk: quotas only shrink.
 */
static void choose(struct srtf *srtf, struct sched_ctx *ctx)
{
    int64_t quota_milli = sched_cluster(ctx)->gpu_milli;
    size_t next = 0;
    uint32_t job = shape_queue_first(&srtf->waiting);
    while (next < srtf->running.count || job != SHAPE_QUEUE_NONE) {
        if (next < srtf->running.count &&
            (job == SHAPE_QUEUE_NONE ||
             srtf->running.items[next].key <= srtf->waiting.entries[job].key)) {
            struct runner *runner = &srtf->running.items[next++];
            runner->stays = runner->gpu_milli <= quota_milli;
            quota_milli -= runner->stays ? runner->gpu_milli : 0;
            continue;
        }
        int64_t need_milli = sched_job(ctx, job).gpu_milli;
        if (need_milli <= quota_milli) {
            quota_milli -= need_milli;
            shape_queue_take(&srtf->waiting, job);
            vec_push(&srtf->chosen, job);
        } else {
            shape_queue_block(&srtf->waiting, job);
        }
        job = shape_queue_first(&srtf->waiting);
    }
    shape_queue_unblock(&srtf->waiting);
}

static void preempt_others(struct srtf *srtf, struct sched_ctx *ctx)
{
    sched_because(ctx, "others have less work left");
    size_t kept = 0;
    for (size_t i = 0; i < srtf->running.count; i++) {
        struct runner runner = srtf->running.items[i];
        if (runner.stays) {
            srtf->running.items[kept++] = runner;
        } else {
            sched_preempt(ctx, runner.job);
            wait_in_line(srtf, ctx, runner.job);
        }
    }
    srtf->running.count = kept;
}

static bool start(struct srtf *srtf, struct sched_ctx *ctx, uint32_t job)
{
    int64_t free_before_milli = sched_cluster(ctx)->free_gpu_milli;
    if (!sched_start(ctx, job)) {
        return false;
    }
    struct runner runner = {
        .gpu_milli = free_before_milli - sched_cluster(ctx)->free_gpu_milli,
        .job = job,
    };
    vec_push(&srtf->running, runner);
    return true;
}

/* Starts who fits into the room that chosen jobs could not use. */
static void fill_up(struct srtf *srtf, struct sched_ctx *ctx)
{
    sched_because(ctx, "a job with less work left finds no room");
    uint32_t job = shape_queue_first(&srtf->waiting);
    while (job != SHAPE_QUEUE_NONE) {
        if (start(srtf, ctx, job)) {
            shape_queue_take(&srtf->waiting, job);
        } else {
            shape_queue_block(&srtf->waiting, job);
        }
        job = shape_queue_first(&srtf->waiting);
    }
    shape_queue_unblock(&srtf->waiting);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct srtf *srtf = state;
    if (srtf->waiting.count == 0) {
        return;
    }
    vec_clear(&srtf->chosen);
    order_running(srtf, ctx);
    choose(srtf, ctx);
    preempt_others(srtf, ctx);
    sched_because(ctx, "among those with the least work left");
    bool all_started = true;
    for (size_t i = 0; i < srtf->chosen.count; i++) {
        if (!start(srtf, ctx, srtf->chosen.items[i])) {
            all_started = false;
            wait_in_line(srtf, ctx, srtf->chosen.items[i]);
        }
    }
    if (!all_started) {
        fill_up(srtf, ctx);
    }
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_NO_IDLE, NULL},
    {SCHED_LAW_TIME_SCALE, "hysteresis=0"},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_srtf;
const struct sched_ops sched_policy_srtf = {
    .name = "srtf",
    .help = "shortest remaining time first, preemptive, knows true durations",
    .source = "HeliosArtifact (SRTF); Tiresias simulator (shortest, shortest-gpu)",
    .flags = SCHED_ORACLE | SCHED_PREEMPTS,
    .state_size = sizeof(struct srtf),
    .params_size = sizeof(struct srtf_params),
    .params = params,
    .laws = laws,
    .validated = "Tiresias shortest, shortest-gpu: results/schedules",
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
