/*
 * qssf - quasi-shortest service first, without preemption.
 *
 * Waiting jobs are ordered by predicted GPU time, equal ones by GPUs and then submit order; the
 * first that finds no room lets nobody pass. predict=estimate takes the run's estimate times GPUs
 * (--estimates lastk:N is a history of the user); predict=priority takes the trace's priority
 * column, highest first, for predictions that another program has made.
 *
 * passes=two is what HeliosArtifact does: predictions are asked for only while some job waits that
 * is not new. New ones are ordered by GPUs, and if any of them stays, a second pass in the order of
 * predictions follows a second later.
 *
 * Good: near SJF without knowing durations, as users repeat their jobs. Bad: wide long jobs starve;
 * one job that finds no place blocks all.
 */
#include "sim/base/arith.h"
#include "sim/base/heap.h"
#include "sim/sched.h"

enum { SECOND_US = 1000000 };
enum qssf_predict { PREDICT_ESTIMATE, PREDICT_PRIORITY };
enum qssf_passes { PASSES_PLAIN, PASSES_TWO };

struct qssf_params {
    int predict; /* enum qssf_predict */
    int passes;  /* enum qssf_passes */
};

static const struct param_spec params[] = {
    {.name = "predict",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct qssf_params, predict),
     .dflt = "estimate",
     .choices = "estimate|priority",
     .help = "GPU time by the run's estimate, or the order of the trace's priorities"},
    {.name = "passes",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct qssf_params, passes),
     .dflt = "plain",
     .choices = "plain|two",
     .help = "always by prediction, or new jobs by GPUs first as in HeliosArtifact"},
    {.name = NULL},
};

struct qssf {
    struct qssf_params params;
    struct heap waiting;  /* by prediction, of those that are not new */
    struct heap arriving; /* by GPUs: new since the last pass; of passes=two */
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    struct qssf *qssf = state;
    qssf->params = *(const struct qssf_params *)values;
    (void)ctx; /* jobs are looked at when they come */
    (void)err; /* nothing can go wrong */
    return true;
}

static void release(void *state)
{
    struct qssf *qssf = state;
    heap_release(&qssf->waiting);
    heap_release(&qssf->arriving);
}

static void predict(struct qssf *qssf, const struct sched_ctx *ctx, uint32_t job)
{
    struct sched_job facts = sched_job(ctx, job);
    int64_t key = qssf->params.predict == PREDICT_PRIORITY
                      ? -(int64_t)facts.priority
                      : mul_div_floor(facts.estimate_us, facts.gpu_milli, 1);
    heap_push_tied(&qssf->waiting, job, key, facts.gpu_milli);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct qssf *qssf = state;
    if (qssf->params.passes == PASSES_PLAIN) {
        predict(qssf, ctx, job);
    } else {
        heap_push(&qssf->arriving, job, sched_job(ctx, job).gpu_milli);
    }
}

static void start_in_order(struct heap *jobs, struct sched_ctx *ctx)
{
    while (heap_count(jobs) > 0 && sched_start(ctx, heap_top(jobs).id)) {
        (void)heap_pop(jobs);
    }
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct qssf *qssf = state;
    bool all_new = heap_count(&qssf->waiting) == 0;
    if (all_new) {
        start_in_order(&qssf->arriving, ctx);
    }
    bool second = all_new && heap_count(&qssf->arriving) > 0;
    while (heap_count(&qssf->arriving) > 0) {
        predict(qssf, ctx, heap_pop(&qssf->arriving).id);
    }
    if (!all_new) {
        start_in_order(&qssf->waiting, ctx);
    }
    if (second) {
        sched_wake_at(ctx, sched_now_us(ctx) + SECOND_US);
    }
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_TIME_SCALE, "passes=plain"},
    {SCHED_LAW_SPARE_NODES, NULL},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_qssf;
const struct sched_ops sched_policy_qssf = {
    .name = "qssf",
    .help = "least predicted GPU time first, not preemptive, strict",
    .source = "Hu et al., SC'21; HeliosArtifact (QSSF)",
    .flags = SCHED_NEEDS_ESTIMATES,
    .state_size = sizeof(struct qssf),
    .params_size = sizeof(struct qssf_params),
    .params = params,
    .laws = laws,
    .validated = "HeliosArtifact QSSF (predict=priority,passes=two --isolate vc --place "
                 "consolidate:strict=true): results/schedules",
    .init = init,
    .release = release,
    .submit = submit,
    .decide = decide,
};
