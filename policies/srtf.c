/*
 * srtf - shortest remaining time first, preemptive, with true durations.
 *
 * A pass orders all jobs, running and waiting, by the work that is left (key=remaining) or by that
 * times GPUs (key=gpu_remaining), and walks down with a quota of all GPUs (lib/repack.h): whoever
 * fits into what is left of it shall run, others are passed over. When the placement rule finds no
 * room for one of these (fragments, CPU), whoever else fits is started in its stead, in order,
 * unless fill=false.
 *
 * hysteresis: a waiting job goes before a running one only if it has less left by more than so many
 * seconds. It should be about what a preemption costs, else SRTF thrashes.
 *
 * tie: who goes first of two with equal keys. running: who runs goes on, then submit order; the
 * least preemptions. previous: in the order of the pass before, the newly submitted last (a list
 * that is kept and sorted anew, as in the Tiresias simulator). waiting: who waits, in the order in
 * which they began to, then who runs, in the order of their starts (HeliosArtifact).
 *
 * Good: the least mean completion time, as a lower bound to hold others against. Bad: needs the
 * truth, starves long jobs, preempts often.
 */
#include "policies/lib/repack.h"
#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/sched.h"

enum srtf_key { KEY_REMAINING, KEY_GPU_REMAINING };
enum srtf_tie { TIE_RUNNING, TIE_PREVIOUS, TIE_WAITING };

struct srtf_params {
    int key; /* enum srtf_key */
    int tie; /* enum srtf_tie */
    int64_t hysteresis_us;
    bool fill;
};

static const struct param_spec params[] = {
    {.name = "key",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct srtf_params, key),
     .dflt = "remaining",
     .choices = "remaining|gpu_remaining",
     .help = "what is short: the work left, or the work left times GPUs"},
    {.name = "tie",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct srtf_params, tie),
     .dflt = "running",
     .choices = "running|previous|waiting",
     .help = "who goes first of two with equal keys: who runs, as in the pass before, who waits"},
    {.name = "hysteresis",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct srtf_params, hysteresis_us),
     .dflt = "0",
     .min = 0,
     .max = 1e9,
     .help = "seconds of work by which a job must be shorter to replace a running one"},
    {.name = "fill",
     .type = PARAM_BOOL,
     .offset = offsetof(struct srtf_params, fill),
     .dflt = "true",
     .help = "start others in the room of a job that finds no place"},
    {.name = NULL},
};

struct srtf {
    struct srtf_params params;
    struct repack repack;
    int64_t passes;
    int64_t waits; /* how often a job began to wait */
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can go wrong */
    struct srtf *srtf = state;
    srtf->params = *(const struct srtf_params *)values;
    repack_init(&srtf->repack, ctx);
    return true;
}

static void release(void *state)
{
    repack_release(&((struct srtf *)state)->repack);
}

static int64_t key_of(const struct srtf *srtf, int64_t remaining_us, int64_t gpu_milli)
{
    return srtf->params.key == KEY_REMAINING ? remaining_us
                                             : mul_div_floor(remaining_us, gpu_milli, 1);
}

/*
 * tie=previous. The key of a waiting job stands still, that of a running one sinks, so whoever
 * waits with the key that a running job has now stood before it in the pass before, unless
 * submitted just now; of two who wait, the one whose key stands still for longer; of two whose keys
 * came to rest in one pass, the order of that pass. All of this is the order of
 *
 *     (pass in which the key came to rest, submitted then, position in the walk before)
 *
 * where keys of running jobs come to rest in this very pass.
 */
static int64_t rest_tie(int64_t pass, bool is_new, uint32_t position)
{
    CHECK(pass < INT64_C(1) << 30);
    return pass << 33 | (is_new ? INT64_C(1) << 32 : 0) | position;
}

static void wait_in_line(struct srtf *srtf, struct sched_ctx *ctx, uint32_t job, int64_t tie)
{
    int64_t gpu_milli = sched_job(ctx, job).gpu_milli;
    int64_t key = key_of(srtf, sched_remaining_us(ctx, job), gpu_milli);
    repack_wait(&srtf->repack, ctx, job, (struct shape_queue_place){key, tie});
}

static int64_t tie_of_waiting(struct srtf *srtf, bool is_new, uint32_t position)
{
    switch ((enum srtf_tie)srtf->params.tie) {
    case TIE_RUNNING:
        return 1;
    case TIE_PREVIOUS:
        return rest_tie(is_new ? srtf->passes + 1 : srtf->passes, is_new, position);
    case TIE_WAITING:
        return srtf->waits++;
    }
    CHECK_NEVER("a tie of the enum");
}

static int64_t tie_of_running(const struct srtf *srtf, const struct repack_runner *runner)
{
    switch ((enum srtf_tie)srtf->params.tie) {
    case TIE_RUNNING:
        return 0;
    case TIE_PREVIOUS:
        return rest_tie(srtf->passes, false, runner->position);
    case TIE_WAITING:
        return INT64_MAX / 2 + (int64_t)runner->sequence;
    }
    CHECK_NEVER("a tie of the enum");
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct srtf *srtf = state;
    wait_in_line(srtf, ctx, job, tie_of_waiting(srtf, true, 0));
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* everything needed is known here */
    repack_finish(&((struct srtf *)state)->repack, job);
}

/* Orders who runs by what each has left, less the hysteresis. */
static void order_running(struct srtf *srtf, struct sched_ctx *ctx)
{
    for (size_t i = 0; i < srtf->repack.running.count; i++) {
        struct repack_runner *runner = &srtf->repack.running.items[i];
        int64_t left_us = sched_remaining_us(ctx, runner->job) - srtf->params.hysteresis_us;
        int64_t gpu_milli = sched_job(ctx, runner->job).gpu_milli;
        runner->key = key_of(srtf, left_us > 0 ? left_us : 0, gpu_milli);
        runner->tie = tie_of_running(srtf, runner);
    }
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct srtf *srtf = state;
    srtf->passes++;
    if (srtf->repack.waiting.count == 0 && srtf->params.tie != TIE_PREVIOUS) {
        return;
    }
    order_running(srtf, ctx);
    repack_choose(&srtf->repack, ctx);
    repack_preempt(&srtf->repack, ctx, "others have less work left");
    for (size_t i = 0; i < srtf->repack.stopped.count; i++) {
        struct repack_stopped stopped = srtf->repack.stopped.items[i];
        wait_in_line(srtf, ctx, stopped.job, tie_of_waiting(srtf, false, stopped.position));
    }
    if (!repack_start(&srtf->repack, ctx, "among those with the least work left") &&
        srtf->params.fill) {
        repack_fill(&srtf->repack, ctx, "a job with less work left finds no room");
    }
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_NO_IDLE, "fill=true"},
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
    .validated = "Tiresias shortest, shortest-gpu (tie=previous); HeliosArtifact SRTF (tie=waiting,"
                 "fill=false --cost finish=1,preempt=7@1/30@8/60 --isolate vc): results/schedules",
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
