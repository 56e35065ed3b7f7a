/*
 * tiresias - discretised two-dimensional least attained service.
 *
 * Jobs start in the first of a few queues and move down when the service they have had reaches the
 * queue's limit: GPUs times time, or time (service=). Queues are walked in order, each from its
 * front, and all jobs packed anew from there (lib/repack.h). starve=K lets a job that has waited K
 * times as long as it has run since go back to the first queue, with its service forgotten.
 *
 * order=kept: a queue is a list to whose end jobs come, with those who run moved to the front after
 * every pass, as in the authors' simulator. order=submit: by submit time; of equal ones those who
 * run first, in the order of their starts, then the others in the order in which they began to wait
 * (Lucid's version).
 *
 * demote=exact moves a job at the instant at which it reaches a limit. demote=code is what the
 * authors' simulator does: a job is looked at when anything happens, and for its sake after (limit
 * - seconds run) / GPUs more seconds, although the seconds run have not been multiplied by GPUs;
 * one that holds several is demoted late.
 *
 * Good: needs to know nothing, stops jobs seldom, and short or small jobs hardly wait. Bad: a few
 * limits for all workloads; long jobs wait for everybody younger.
 */
#include <inttypes.h>

#include "policies/lib/repack.h"
#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/base/heap.h"
#include "sim/base/parse.h"
#include "sim/sched.h"

enum { MOST_QUEUES = 16, SECOND_US = 1000000, GPU_MILLI = 1000 };
enum tiresias_service { SERVICE_GPU_TIME, SERVICE_TIME };
enum tiresias_order { ORDER_KEPT, ORDER_SUBMIT };
enum tiresias_demote { DEMOTE_EXACT, DEMOTE_CODE };
enum tiresias_limit { LIMIT_REACHED, LIMIT_EXCEEDED };

struct tiresias_params {
    struct view limits;
    int service; /* enum tiresias_service */
    int order;   /* enum tiresias_order */
    int demote;  /* enum tiresias_demote */
    int at;      /* enum tiresias_limit */
    double starve;
    bool fill;
};

static const struct param_spec params[] = {
    {.name = "limits",
     .type = PARAM_TEXT,
     .offset = offsetof(struct tiresias_params, limits),
     .dflt = "3250/7200",
     .help = "rising seconds (or GPU-seconds) of service at which a job leaves a queue"},
    {.name = "service",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct tiresias_params, service),
     .dflt = "gpu_time",
     .choices = "gpu_time|time",
     .help = "what a job has had: GPUs times time, or time"},
    {.name = "order",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct tiresias_params, order),
     .dflt = "kept",
     .choices = "kept|submit",
     .help = "within a queue: a list with running jobs in front, or by submit time"},
    {.name = "demote",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct tiresias_params, demote),
     .dflt = "exact",
     .choices = "exact|code",
     .help = "when a job leaves a queue: at its limit, or when the authors' simulator looks"},
    {.name = "at",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct tiresias_params, at),
     .dflt = "reached",
     .choices = "reached|exceeded",
     .help = "whether the limit itself belongs to the next queue or to this one"},
    {.name = "starve",
     .type = PARAM_F64,
     .offset = offsetof(struct tiresias_params, starve),
     .dflt = "0",
     .min = 0,
     .max = 1e6,
     .help = "back to the first queue after so many times its running time; 0: never"},
    {.name = "fill",
     .type = PARAM_BOOL,
     .offset = offsetof(struct tiresias_params, fill),
     .dflt = "true",
     .help = "start others in the room of a job that finds no place"},
    {.name = NULL},
};

struct tiresias_job {
    int64_t forgotten;    /* service, and */
    int64_t forgotten_us; /* time run, before it came back to the first queue */
    int64_t place;        /* in its queue's list while it waits or has just been demoted */
    uint32_t queue;
    uint32_t same_submit; /* the first job submitted at the same time */
    bool is_demoted;      /* in this pass */
};

struct tiresias {
    struct tiresias_params params;
    int64_t limits_us[MOST_QUEUES]; /* seconds, or GPU-seconds */
    uint32_t queues;                /* one more than limits */
    struct repack repack;
    struct tiresias_job *jobs;
    VEC(uint32_t) demoted; /* of one pass */
    struct heap starving;  /* who was preempted, by when it goes back to the first queue */
    int64_t tail;          /* the next place at the end of a list */
    int64_t front;         /* the last place given out at the front of one */
    int64_t wake_us;       /* asked for, or -1 */
    uint32_t last_submitted;
    bool something_happened;
};

/* Rising whole or decimal seconds, separated by slashes. */
static bool read_limits(struct tiresias *tiresias, struct err *err)
{
    struct view rest = tiresias->params.limits;
    while (rest.at != NULL) {
        struct view text = view_cut(rest, '/', &rest);
        int64_t limit_us = 0;
        if (parse_seconds_us(text, &limit_us) != PARSE_OK || limit_us <= 0 ||
            limit_us > INT64_MAX / GPU_MILLI) {
            return err_set(err, ERR_USAGE, 0,
                           "tiresias: limits has '%.*s', expected seconds above 0", VIEW_ARG(text));
        }
        if (tiresias->queues + 1 >= MOST_QUEUES) {
            return err_set(err, ERR_USAGE, 0, "tiresias: more than %d limits", MOST_QUEUES - 1);
        }
        if (tiresias->queues > 0 && limit_us <= tiresias->limits_us[tiresias->queues - 1]) {
            return err_set(err, ERR_USAGE, 0, "tiresias: limits do not rise at '%.*s'",
                           VIEW_ARG(text));
        }
        tiresias->limits_us[tiresias->queues++] = limit_us;
    }
    tiresias->queues++;
    return true;
}

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    struct tiresias *tiresias = state;
    tiresias->params = *(const struct tiresias_params *)values;
    if (!read_limits(tiresias, err)) {
        return false;
    }
    tiresias->wake_us = -1;
    tiresias->last_submitted = SCHED_NO_JOB;
    tiresias->jobs = mem_alloc(sched_job_count(ctx), sizeof(*tiresias->jobs));
    repack_init(&tiresias->repack, ctx);
    return true;
}

static void release(void *state)
{
    struct tiresias *tiresias = state;
    repack_release(&tiresias->repack);
    heap_release(&tiresias->starving);
    vec_release(&tiresias->demoted);
    free(tiresias->jobs);
}

/* -- order ----------------------------------------------------------------------------------- */

/* order=submit: (submit time, who runs first, since when), as one number. */
static int64_t submit_tie(const struct tiresias_job *state, bool runs, int64_t sequence)
{
    CHECK(sequence < INT64_C(1) << 30);
    return (int64_t)state->same_submit << 31 | (runs ? 0 : INT64_C(1) << 30) | sequence;
}

static void wait_in_line(struct tiresias *tiresias, struct sched_ctx *ctx, uint32_t job,
                         int64_t place)
{
    struct tiresias_job *state = &tiresias->jobs[job];
    bool kept = tiresias->params.order == ORDER_KEPT;
    state->place = place;
    struct shape_queue_place at = {state->queue, kept ? place : submit_tie(state, false, place)};
    repack_wait(&tiresias->repack, ctx, job, at);
}

/* order=kept: those who run stand at the front of their list, in the order of the walk before, but
 * for those who have just come to its end. */
static int64_t tie_of_running(const struct tiresias *tiresias, const struct repack_runner *runner)
{
    const struct tiresias_job *state = &tiresias->jobs[runner->job];
    if (tiresias->params.order == ORDER_SUBMIT) {
        return submit_tie(state, true, (int64_t)runner->sequence);
    }
    return state->is_demoted ? state->place : INT64_MIN / 2 + runner->position;
}

static void order_running(struct tiresias *tiresias)
{
    for (size_t i = 0; i < tiresias->repack.running.count; i++) {
        struct repack_runner *runner = &tiresias->repack.running.items[i];
        runner->key = tiresias->jobs[runner->job].queue;
        runner->tie = tie_of_running(tiresias, runner);
    }
}

/* -- up and down ----------------------------------------------------------------------------- */

/* What a running job would have to have for the next queue, and has. */
static int64_t service_of(const struct tiresias *tiresias, const struct sched_ctx *ctx,
                          uint32_t job)
{
    int64_t service = tiresias->params.service == SERVICE_TIME ? sched_ran_us(ctx, job)
                                                               : sched_attained_milli_us(ctx, job);
    return service - tiresias->jobs[job].forgotten;
}

static int64_t limit_of(const struct tiresias *tiresias, uint32_t queue)
{
    int64_t limit = tiresias->limits_us[queue];
    limit *= tiresias->params.service == SERVICE_TIME ? 1 : GPU_MILLI;
    return tiresias->params.at == LIMIT_EXCEEDED ? limit + 1 : limit;
}

static int compare_jobs(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Running jobs that have had enough go to the end of the next queue, in submit order: one queue a
 * look, or with demote=exact as many as it takes. */
static void demote(struct tiresias *tiresias, const struct sched_ctx *ctx)
{
    bool exact = tiresias->params.demote == DEMOTE_EXACT;
    vec_clear(&tiresias->demoted);
    for (size_t i = 0; i < tiresias->repack.running.count; i++) {
        uint32_t job = tiresias->repack.running.items[i].job;
        struct tiresias_job *state = &tiresias->jobs[job];
        int64_t service = service_of(tiresias, ctx, job);
        uint32_t before = state->queue;
        while (state->queue + 1 < tiresias->queues && service >= limit_of(tiresias, state->queue) &&
               (state->queue == before || exact)) {
            state->queue++;
        }
        state->is_demoted = state->queue != before;
        if (state->is_demoted) {
            vec_push(&tiresias->demoted, job);
        }
    }
    if (tiresias->demoted.count > 1) {
        qsort(tiresias->demoted.items, tiresias->demoted.count, sizeof(*tiresias->demoted.items),
              compare_jobs);
    }
    for (size_t i = 0; i < tiresias->demoted.count; i++) {
        tiresias->jobs[tiresias->demoted.items[i]].place = tiresias->tail++;
    }
}

/* When a preempted job has waited too long. */
static void note_starving(struct tiresias *tiresias, const struct sched_ctx *ctx, uint32_t job)
{
    const struct tiresias_job *state = &tiresias->jobs[job];
    double patience_us =
        tiresias->params.starve * (double)(sched_ran_us(ctx, job) - state->forgotten_us);
    if (patience_us <= 0 || patience_us > 1e18 || state->queue == 0) {
        return;
    }
    int64_t due_us = time_add_us(sched_now_us(ctx), (int64_t)patience_us);
    if (heap_contains(&tiresias->starving, job)) {
        heap_remove(&tiresias->starving, job);
    }
    heap_push(&tiresias->starving, job, due_us);
}

static void promote(struct tiresias *tiresias, struct sched_ctx *ctx)
{
    while (heap_count(&tiresias->starving) > 0 &&
           heap_top(&tiresias->starving).key <= sched_now_us(ctx)) {
        uint32_t job = heap_pop(&tiresias->starving).id;
        struct tiresias_job *state = &tiresias->jobs[job];
        if (!tiresias->repack.waiting.entries[job].waits) {
            continue; /* it has been started since */
        }
        state->forgotten += service_of(tiresias, ctx, job);
        state->forgotten_us = sched_ran_us(ctx, job);
        state->queue = 0;
        shape_queue_remove(&tiresias->repack.waiting, job);
        wait_in_line(tiresias, ctx, job, tiresias->tail++);
    }
}

/* -- passes ---------------------------------------------------------------------------------- */

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct tiresias *tiresias = state;
    uint32_t last = tiresias->last_submitted;
    bool same =
        last != SCHED_NO_JOB && sched_job(ctx, last).submit_us == sched_job(ctx, job).submit_us;
    tiresias->jobs[job].same_submit = same ? tiresias->jobs[last].same_submit : job;
    tiresias->last_submitted = job;
    tiresias->something_happened = true;
    wait_in_line(tiresias, ctx, job, tiresias->tail++);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* everything needed is known here */
    struct tiresias *tiresias = state;
    tiresias->something_happened = true;
    repack_finish(&tiresias->repack, job);
}

/* In how long the running job is to be looked at for its queue's limit. */
static int64_t look_after_us(const struct tiresias *tiresias, const struct sched_ctx *ctx,
                             const struct repack_runner *runner)
{
    const struct tiresias_job *state = &tiresias->jobs[runner->job];
    bool by_time = tiresias->params.service == SERVICE_TIME;
    int64_t milli = by_time ? 1 : runner->gpu_milli;
    if (state->queue + 1 >= tiresias->queues || milli == 0) {
        return PARAM_NEVER_US;
    }
    if (tiresias->params.demote == DEMOTE_EXACT) {
        int64_t more = limit_of(tiresias, state->queue) - service_of(tiresias, ctx, runner->job);
        return more <= 0 ? 1 : mul_div_ceil(more, 1, milli);
    }
    int64_t ran_us = sched_ran_us(ctx, runner->job) - state->forgotten_us;
    int64_t more_us = tiresias->limits_us[state->queue] - ran_us;
    more_us = by_time || more_us < 0 ? more_us : mul_div_floor(more_us, GPU_MILLI, milli);
    more_us -= more_us % SECOND_US;
    return more_us < SECOND_US ? SECOND_US : more_us;
}

static void ask_to_be_woken(struct tiresias *tiresias, struct sched_ctx *ctx)
{
    int64_t now_us = sched_now_us(ctx);
    int64_t next_us = PARAM_NEVER_US;
    for (size_t i = 0; i < tiresias->repack.running.count; i++) {
        int64_t look_us =
            time_add_us(now_us, look_after_us(tiresias, ctx, &tiresias->repack.running.items[i]));
        next_us = look_us < next_us ? look_us : next_us;
    }
    if (heap_count(&tiresias->starving) > 0 && heap_top(&tiresias->starving).key < next_us) {
        next_us = heap_top(&tiresias->starving).key;
    }
    if (next_us != PARAM_NEVER_US && next_us != tiresias->wake_us) {
        sched_wake_at(ctx, next_us);
    }
    tiresias->wake_us = next_us;
}

/* Back into their lists: in front of all others who wait there, but at the end for those who were
 * demoted in this very pass. */
static void put_back(struct tiresias *tiresias, struct sched_ctx *ctx)
{
    size_t count = tiresias->repack.stopped.count;
    tiresias->front -= (int64_t)count;
    for (size_t i = 0; i < count; i++) {
        uint32_t job = tiresias->repack.stopped.items[i].job;
        const struct tiresias_job *state = &tiresias->jobs[job];
        int64_t place = tiresias->params.order == ORDER_SUBMIT ? tiresias->tail++
                        : state->is_demoted                    ? state->place
                                                               : tiresias->front + (int64_t)i;
        wait_in_line(tiresias, ctx, job, place);
        note_starving(tiresias, ctx, job);
    }
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct tiresias *tiresias = state;
    bool is_woken = tiresias->wake_us >= 0 && sched_now_us(ctx) >= tiresias->wake_us;
    if (!tiresias->something_happened && !is_woken) {
        return; /* an alarm that another one has replaced */
    }
    tiresias->something_happened = false;
    promote(tiresias, ctx);
    demote(tiresias, ctx);
    order_running(tiresias);
    repack_choose(&tiresias->repack, ctx);
    repack_preempt(&tiresias->repack, ctx, "others have had less service");
    put_back(tiresias, ctx);
    if (!repack_start(&tiresias->repack, ctx, "among those with the least service") &&
        tiresias->params.fill) {
        repack_fill(&tiresias->repack, ctx, "a job with less service finds no room");
    }
    ask_to_be_woken(tiresias, ctx);
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_NO_IDLE, "fill=true"},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_tiresias;
const struct sched_ops sched_policy_tiresias = {
    .name = "tiresias",
    .help = "least attained service in a few steps, preemptive (2D-LAS)",
    .source = "Gu et al., NSDI'19; SymbioticLab/Tiresias (dlas, dlas-gpu); Lucid (Tiresias)",
    .flags = SCHED_PREEMPTS,
    .state_size = sizeof(struct tiresias),
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
