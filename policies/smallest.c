/*
 * smallest - fewest GPUs first, preemptive.
 *
 * A pass orders all jobs, running and waiting, by the GPUs they ask for, equal ones by submit
 * order, and packs them anew from there (lib/repack.h): a small job that comes stops a large one.
 *
 * Good: needs to know nothing; small jobs, of which there are most, hardly wait. Bad: width is not
 * length: a small job that runs for a week goes before everybody, and large ones starve.
 *
 * The Tiresias simulator calls this sjf, smallest job first.
 */
#include "policies/lib/repack.h"
#include "sim/sched.h"

struct smallest {
    struct repack repack;
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)values; /* there are no parameters */
    (void)err;    /* nothing can go wrong */
    repack_init(&((struct smallest *)state)->repack, ctx);
    return true;
}

static void release(void *state)
{
    repack_release(&((struct smallest *)state)->repack);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct smallest *smallest = state;
    struct shape_queue_place place = {sched_job(ctx, job).gpu_milli, 0};
    repack_wait(&smallest->repack, ctx, job, place);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* everything needed is known here */
    repack_finish(&((struct smallest *)state)->repack, job);
}

static int64_t size_of(const void *state, const struct sched_ctx *ctx, uint32_t job)
{
    (void)state; /* sizes do not change */
    return sched_job(ctx, job).gpu_milli;
}

static void decide(void *state, struct sched_ctx *ctx)
{
    static const struct repack_terms terms = {size_of, submit, "others are smaller",
                                              "among the smallest"};
    struct repack *repack = &((struct smallest *)state)->repack;
    if (repack->waiting.count > 0 && !repack_pass(repack, ctx, &terms, state)) {
        repack_fill(repack, ctx, "a smaller job finds no room");
    }
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_NO_IDLE, NULL},
    {SCHED_LAW_TIME_SCALE, NULL},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_smallest;
const struct sched_ops sched_policy_smallest = {
    .name = "smallest",
    .help = "fewest GPUs first, preemptive",
    .source = "Tiresias simulator (sjf)",
    .flags = SCHED_PREEMPTS,
    .state_size = sizeof(struct smallest),
    .laws = laws,
    .validated = "Tiresias sjf: results/schedules",
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
