/*
 * sjf - shortest job first, without preemption.
 *
 * Waiting jobs are ordered by their estimate (key=duration) or by estimate times GPUs
 * (key=gpu_time); equal ones by submit order. mode=strict stops at the first that finds no room,
 * mode=skip goes on.
 *
 * Good: the least mean waiting time that can be had without preemption, when estimates are right.
 * Bad: long jobs starve under steady load; with poor estimates the order means little. It is as
 * good as the run's --estimates: `oracle` gives the textbook policy.
 *
 * Cost of a pass: strict, O(log waiting) a started job; skip, besides that the distinct shapes that
 * wait.
 */
#include "policies/lib/shape_queue.h"
#include "sim/base/arith.h"
#include "sim/base/heap.h"
#include "sim/sched.h"

enum sjf_mode { MODE_STRICT, MODE_SKIP };
enum sjf_key { KEY_DURATION, KEY_GPU_TIME };

struct sjf_params {
    int mode; /* enum sjf_mode */
    int key;  /* enum sjf_key */
};

static const struct param_spec params[] = {
    {.name = "mode",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct sjf_params, mode),
     .dflt = "strict",
     .choices = "strict|skip",
     .help = "what follows a job that finds no room: nobody, or the next"},
    {.name = "key",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct sjf_params, key),
     .dflt = "duration",
     .choices = "duration|gpu_time",
     .help = "what is short: the estimate, or the estimate times GPUs"},
    {.name = NULL},
};

struct sjf {
    struct sjf_params params;
    struct heap jobs;          /* of strict: who waits */
    struct shape_queue shapes; /* of skip */
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can go wrong */
    struct sjf *sjf = state;
    sjf->params = *(const struct sjf_params *)values;
    if (sjf->params.mode == MODE_SKIP) {
        shape_queue_init(&sjf->shapes, sched_job_count(ctx), sched_shape_count(ctx));
    }
    return true;
}

static void release(void *state)
{
    struct sjf *sjf = state;
    heap_release(&sjf->jobs);
    shape_queue_release(&sjf->shapes);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct sjf *sjf = state;
    struct sched_job facts = sched_job(ctx, job);
    int64_t key = facts.estimate_us;
    if (sjf->params.key == KEY_GPU_TIME) {
        key = mul_div_floor(facts.estimate_us, facts.gpu_milli, 1);
    }
    if (sjf->params.mode == MODE_STRICT) {
        heap_push(&sjf->jobs, job, key);
    } else {
        shape_queue_add(&sjf->shapes, job, facts.shape, key);
    }
}

static void start_in_order(struct sjf *sjf, struct sched_ctx *ctx)
{
    while (heap_count(&sjf->jobs) > 0 && sched_start(ctx, heap_top(&sjf->jobs).id)) {
        (void)heap_pop(&sjf->jobs);
    }
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct sjf *sjf = state;
    if (sjf->params.mode == MODE_STRICT) {
        start_in_order(sjf, ctx);
    } else {
        shape_queue_start(&sjf->shapes, ctx);
    }
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_NO_IDLE, "mode=skip"},
    {SCHED_LAW_TIME_SCALE, NULL},
    {SCHED_LAW_SPARE_NODES, NULL},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_sjf;
const struct sched_ops sched_policy_sjf = {
    .name = "sjf",
    .help = "shortest estimate first, not preemptive; strict, or passing over who finds no room",
    .source = "HeliosArtifact (strict); PAI simulator (skip)",
    .flags = SCHED_NEEDS_ESTIMATES,
    .state_size = sizeof(struct sjf),
    .params_size = sizeof(struct sjf_params),
    .params = params,
    .laws = laws,
    .validated = "PAI SJF, SJU (mode=skip --oversize clip), HeliosArtifact SJF (--isolate vc): "
                 "results/schedules",
    .init = init,
    .release = release,
    .submit = submit,
    .decide = decide,
};
