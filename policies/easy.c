/*
 * easy - EASY backfilling: first in, first out, with one reservation.
 *
 * Jobs start in submit order while they find room. The first that finds none, the head, gets a
 * reservation: running jobs end when their estimates say; the shadow time is the earliest end at
 * which the head fits, and extra is what is free then beyond its need. A later job may start now if
 * it finds room and either ends by the shadow time or needs no more than extra, which it then uses
 * up. The reservation is computed once a pass: a backfilled job moves neither the shadow time nor
 * what is left of extra, so computing it again after each would give the same.
 *
 * order=fcfs tries later jobs in submit order; order=shortest by estimate (EASY-SJBF). Perfect
 * estimates are the run's `--estimates oracle`. A job that outlives its estimate is expected to run
 * once more as long as it has run so far; this is noticed at the next pass.
 *
 * ask=if_new_fits leaves out a pass before which nothing happened but submissions of jobs for which
 * there are not enough GPUs now. It differs from ask=always only where a pass may come between two
 * events of one instant, and is there to reproduce published schedules.
 *
 * Good: busy GPUs without starving large jobs; needs only rough estimates. Bad: only the head is
 * protected, everybody else can be delayed by those behind.
 *
 * GPUs are counted in total. On several nodes, with gangs, CPU limits or several models that is a
 * necessary condition only: starting still goes through the placement rule, which may say no, and
 * the shadow time is then early. A head for which there are enough GPUs but no place gets the next
 * expected end as its shadow time and no extra: whoever is backfilled has ended by then, so the
 * head is never worse off than without backfilling, as far as estimates are right.
 *
 * An elastic job counts with the GPUs of its minimum.
 *
 * Cost of a pass: the running jobs up to the shadow time, plus the candidates; blocks of the
 * backlog in which nobody qualifies are stepped over.
 */
#include "policies/lib/backlog.h"
#include "policies/lib/running.h"
#include "sim/base/arith.h"
#include "sim/sched.h"

enum easy_order { ORDER_FCFS, ORDER_SHORTEST };
enum easy_ask { ASK_ALWAYS, ASK_IF_NEW_FITS };

struct easy_params {
    int order; /* enum easy_order */
    int ask;   /* enum easy_ask */
};

static const struct param_spec params[] = {
    {.name = "order",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct easy_params, order),
     .dflt = "fcfs",
     .choices = "fcfs|shortest",
     .help = "in which order later jobs are tried: as submitted, or by estimate"},
    {.name = "ask",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct easy_params, ask),
     .dflt = "always",
     .choices = "always|if_new_fits",
     .help = "after submissions only: always look, or only if a new job could start"},
    {.name = NULL},
};

struct candidate {
    int64_t estimate_us;
    size_t position; /* in the backlog */
};

struct easy {
    struct easy_params params;
    struct backlog backlog;
    struct running running;
    VEC(struct candidate) candidates; /* kept between passes for its memory */
    /* Since the last pass: the least need among the jobs submitted, and did a job finish? */
    int64_t least_new_milli; /* INT64_MAX when none was submitted */
    bool finished;
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can go wrong */
    struct easy *easy = state;
    easy->params = *(const struct easy_params *)values;
    easy->least_new_milli = INT64_MAX;
    running_init(&easy->running, sched_job_count(ctx));
    return true;
}

static void release(void *state)
{
    struct easy *easy = state;
    backlog_release(&easy->backlog);
    running_release(&easy->running);
    vec_release(&easy->candidates);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct easy *easy = state;
    struct sched_job facts = sched_job(ctx, job);
    struct backlog_job waiting = {
        .gpu_milli = mul_div_floor(facts.gpu_milli, facts.min_tasks, facts.tasks),
        .estimate_us = facts.estimate_us,
        .job = job,
    };
    backlog_add(&easy->backlog, waiting);
    if (waiting.gpu_milli < easy->least_new_milli) {
        easy->least_new_milli = waiting.gpu_milli;
    }
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* everything needed is known here */
    struct easy *easy = state;
    bool found = false; /* not there when it gave back its GPUs ahead of its turn */
    (void)running_remove(&easy->running, job, &found);
    easy->finished = true;
}

static void start_heads(struct easy *easy, struct sched_ctx *ctx)
{
    sched_because(ctx, "first in the queue");
    size_t head = backlog_first(&easy->backlog);
    while (head != BACKLOG_END) {
        const struct backlog_job *job = &easy->backlog.jobs.items[head];
        if (job->gpu_milli > sched_cluster(ctx)->free_gpu_milli ||
            !running_start(&easy->running, ctx, job->job, job->estimate_us)) {
            return;
        }
        backlog_remove(&easy->backlog, head);
        head = backlog_first(&easy->backlog);
    }
}

/* What may start beside the head's reservation: see the top of the file. */
static struct backlog_want reserve(const struct easy *easy, const struct sched_ctx *ctx,
                                   int64_t need_milli)
{
    int64_t now_us = sched_now_us(ctx);
    int64_t free_milli = sched_cluster(ctx)->free_gpu_milli;
    struct backlog_want want = {.free_milli = free_milli, .limit_us = INT64_MAX};
    size_t count = easy->running.jobs.count;
    const struct running_job *jobs = easy->running.jobs.items;
    if (need_milli <= free_milli) {
        if (count > 0) {
            want.limit_us = jobs[0].end_us - now_us;
        }
        return want;
    }
    size_t i = 0;
    for (; i < count && free_milli < need_milli; i++) {
        free_milli += jobs[i].gpu_milli;
        want.limit_us = jobs[i].end_us - now_us;
    }
    for (; i < count && jobs[i].end_us - now_us == want.limit_us; i++) {
        free_milli += jobs[i].gpu_milli;
    }
    want.extra_milli = free_milli < need_milli ? 0 : free_milli - need_milli;
    return want;
}

/* Tries one job that qualifies; it leaves the backlog if it starts. */
static void try_backfill(struct easy *easy, struct sched_ctx *ctx, size_t position,
                         struct backlog_want *want)
{
    struct backlog_job job = easy->backlog.jobs.items[position];
    if (!running_start(&easy->running, ctx, job.job, job.estimate_us)) {
        return;
    }
    backlog_remove(&easy->backlog, position);
    if (job.estimate_us > want->limit_us) {
        want->extra_milli -= job.gpu_milli;
    }
    want->free_milli = sched_cluster(ctx)->free_gpu_milli;
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
    if (x->estimate_us != y->estimate_us) {
        return x->estimate_us < y->estimate_us ? -1 : 1;
    }
    return x->position < y->position ? -1 : 1;
}

/* Who does not qualify before the first start does not after it either: what is free and extra only
 * shrink. So the candidates can be collected and sorted ahead. */
static void backfill_shortest(struct easy *easy, struct sched_ctx *ctx, size_t head,
                              struct backlog_want want)
{
    vec_clear(&easy->candidates);
    size_t at = backlog_next(&easy->backlog, head + 1, want);
    for (; at != BACKLOG_END; at = backlog_next(&easy->backlog, at + 1, want)) {
        struct candidate candidate = {easy->backlog.jobs.items[at].estimate_us, at};
        vec_push(&easy->candidates, candidate);
    }
    if (easy->candidates.count == 0) {
        return;
    }
    qsort(easy->candidates.items, easy->candidates.count, sizeof(*easy->candidates.items),
          compare_candidates);
    for (size_t i = 0; i < easy->candidates.count; i++) {
        at = easy->candidates.items[i].position;
        if (backlog_qualifies(&easy->backlog, at, want)) {
            try_backfill(easy, ctx, at, &want);
        }
    }
}

static void backfill(struct easy *easy, struct sched_ctx *ctx)
{
    size_t head = backlog_first(&easy->backlog);
    if (head == BACKLOG_END || easy->backlog.count < 2) {
        return;
    }
    sched_because(ctx, "backfilled beside the reservation of the first in the queue");
    struct backlog_want want = reserve(easy, ctx, easy->backlog.jobs.items[head].gpu_milli);
    if (easy->params.order == ORDER_SHORTEST) {
        backfill_shortest(easy, ctx, head, want);
        return;
    }
    size_t at = backlog_next(&easy->backlog, head + 1, want);
    for (; at != BACKLOG_END; at = backlog_next(&easy->backlog, at + 1, want)) {
        try_backfill(easy, ctx, at, &want);
    }
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct easy *easy = state;
    (void)running_settle(&easy->running, ctx); /* reservations are computed anew in any case */
    bool hopeless = !easy->finished && easy->least_new_milli < INT64_MAX &&
                    easy->least_new_milli > sched_cluster(ctx)->free_gpu_milli;
    easy->finished = false;
    easy->least_new_milli = INT64_MAX;
    if (hopeless && easy->params.ask == ASK_IF_NEW_FITS) {
        return;
    }
    start_heads(easy, ctx);
    backfill(easy, ctx);
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_TIME_SCALE, NULL},
    {SCHED_LAW_HEAD_FIRST, NULL},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_easy;
const struct sched_ops sched_policy_easy = {
    .name = "easy",
    .help = "EASY backfilling: in submit order, later jobs around one reservation",
    .source = "Lifka 1995; Mu'alem and Feitelson 2001; pyss",
    .flags = SCHED_NEEDS_ESTIMATES,
    .state_size = sizeof(struct easy),
    .params_size = sizeof(struct easy_params),
    .params = params,
    .laws = laws,
    .validated = "pyss easy, easysjbf, perfecteasy (--pass event --tie submit): results/schedules",
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
