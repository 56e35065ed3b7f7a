/*
 * fifo - first in, first out.
 *
 * mode=strict starts jobs in submit order and stops at the first that finds no room, so that nobody
 * is ever overtaken. mode=skip goes on down the list: whoever finds room starts, in submit order.
 *
 * Good: strict is the fairest in order and the easiest to predict; skip keeps the GPUs busy. Bad:
 * strict leaves GPUs idle behind one large job; skip can starve that job for as long as small ones
 * keep coming. The two differ by large factors on GPU traces, and papers call both FIFO.
 *
 * Cost of a pass: strict, the jobs it starts; skip, besides them the distinct shapes that wait.
 */
#include "policies/lib/shape_queue.h"
#include "sim/base/vec.h"
#include "sim/sched.h"

enum fifo_mode { MODE_STRICT, MODE_SKIP };

struct fifo_params {
    int mode; /* enum fifo_mode */
};

static const struct param_spec params[] = {
    {.name = "mode",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct fifo_params, mode),
     .dflt = "strict",
     .choices = "strict|skip",
     .help = "what follows a job that finds no room: nobody, or the next"},
    {.name = NULL},
};

struct fifo {
    enum fifo_mode mode;
    /* Of strict: everybody who was submitted; those before `next` have started. */
    VEC(uint32_t) jobs;
    size_t next;
    struct shape_queue shapes; /* of skip */
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can go wrong */
    struct fifo *fifo = state;
    fifo->mode = (enum fifo_mode)((const struct fifo_params *)values)->mode;
    if (fifo->mode == MODE_SKIP) {
        shape_queue_init(&fifo->shapes, sched_job_count(ctx), sched_shape_count(ctx));
    }
    return true;
}

static void release(void *state)
{
    struct fifo *fifo = state;
    vec_release(&fifo->jobs);
    shape_queue_release(&fifo->shapes);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct fifo *fifo = state;
    if (fifo->mode == MODE_STRICT) {
        vec_push(&fifo->jobs, job);
    } else {
        /* Equal keys: the order is that of the jobs' numbers, which is submit order. */
        shape_queue_add(&fifo->shapes, job, sched_job(ctx, job).shape, 0);
    }
}

/* It keeps its place: those before it have started, those after it wait behind it. */
static void interrupt(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct fifo *fifo = state;
    submit(state, ctx, job);
    if (fifo->mode == MODE_STRICT) {
        size_t at = fifo->jobs.count - 1;
        for (; at > fifo->next && fifo->jobs.items[at - 1] > job; at--) {
            fifo->jobs.items[at] = fifo->jobs.items[at - 1];
        }
        fifo->jobs.items[at] = job;
    }
}

static void start_in_order(struct fifo *fifo, struct sched_ctx *ctx)
{
    while (fifo->next < fifo->jobs.count && sched_start(ctx, fifo->jobs.items[fifo->next])) {
        fifo->next++;
    }
    if (fifo->next == fifo->jobs.count) {
        vec_clear(&fifo->jobs);
        fifo->next = 0;
    }
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct fifo *fifo = state;
    if (fifo->mode == MODE_STRICT) {
        start_in_order(fifo, ctx);
    } else {
        shape_queue_start(&fifo->shapes, ctx);
    }
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_SUBMIT_ORDER, "mode=strict"},
    {SCHED_LAW_NO_IDLE, "mode=skip"},
    {SCHED_LAW_TIME_SCALE, NULL},
    {SCHED_LAW_HEAD_FIRST, "mode=strict"},
    {SCHED_LAW_NO_DELAY, "mode=strict"},
    {SCHED_LAW_SPARE_NODES, NULL},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_fifo;
const struct sched_ops sched_policy_fifo = {
    .name = "fifo",
    .help = "first in, first out; strict, or passing over jobs that find no room",
    .source = "Tiresias simulator (fifo, fjf); HeliosArtifact (strict); PAI simulator (skip)",
    .state_size = sizeof(struct fifo),
    .params_size = sizeof(struct fifo_params),
    .params = params,
    .laws = laws,
    .validated =
        "Tiresias fifo (strict) and fjf (skip); pyss FCFS (--pass event --tie submit); PAI FIFO "
        "(mode=skip --oversize clip): results/schedules",
    .init = init,
    .release = release,
    .submit = submit,
    .interrupt = interrupt,
    .decide = decide,
};
