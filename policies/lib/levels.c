/* levels.c - see levels.h. */
#include "policies/lib/levels.h"

#include <inttypes.h>

#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/base/parse.h"

bool levels_read_limits(struct levels_rules *rules, struct view text, const char *policy,
                        struct err *err)
{
    struct view rest = text;
    while (rest.at != NULL) {
        struct view word = view_cut(rest, '/', &rest);
        int64_t limit_us = 0;
        if (parse_seconds_us(word, &limit_us) != PARSE_OK || limit_us <= 0 ||
            limit_us > INT64_MAX / LEVELS_GPU_MILLI) {
            return err_set(err, ERR_USAGE, 0, "%s: limits has '%.*s', expected seconds above 0",
                           policy, VIEW_ARG(word));
        }
        if (rules->queues + 1 >= LEVELS_MOST) {
            return err_set(err, ERR_USAGE, 0, "%s: limits has more than %d", policy,
                           LEVELS_MOST - 1);
        }
        if (rules->queues > 0 && limit_us <= rules->limits_us[rules->queues - 1]) {
            return err_set(err, ERR_USAGE, 0, "%s: limits do not rise at '%.*s'", policy,
                           VIEW_ARG(word));
        }
        rules->limits_us[rules->queues++] = limit_us;
    }
    rules->queues++;
    return true;
}

void levels_init(struct levels *levels, const struct sched_ctx *ctx,
                 const struct levels_rules *rules)
{
    *levels = (struct levels){.rules = *rules, .wake_us = -1, .last_submitted = SCHED_NO_JOB};
    levels->jobs = mem_alloc(sched_job_count(ctx), sizeof(*levels->jobs));
    repack_init(&levels->repack, ctx);
}

void levels_release(struct levels *levels)
{
    repack_release(&levels->repack);
    heap_release(&levels->starving);
    vec_release(&levels->demoted);
    free(levels->jobs);
}

/* -- order ----------------------------------------------------------------------------------- */

/* What counts against the limit: microseconds, or milli-GPU microseconds. */
static int64_t service_of(const struct levels *levels, const struct sched_ctx *ctx, uint32_t job)
{
    int64_t service = levels->rules.service == LEVELS_TIME ? sched_ran_us(ctx, job)
                                                           : sched_attained_milli_us(ctx, job);
    return service - levels->jobs[job].forgotten;
}

/* A queue's number, and within it the index, largest first. Doubles that are not negative are in
 * the order of their bits; of 63 the last 8 are left off to make room for the queue. */
static int64_t key_of(const struct levels *levels, const struct sched_ctx *ctx, uint32_t job)
{
    const struct levels_rules *rules = &levels->rules;
    int64_t rank = 0;
    if (rules->index != NULL) {
        double unit = rules->service == LEVELS_TIME ? 1e6 : 1e9;
        double index = rules->index(rules->self, (double)service_of(levels, ctx, job) / unit);
        CHECK(index >= 0);
        int64_t bits = 0;
        memcpy(&bits, &index, sizeof(bits));
        rank = (INT64_MAX >> 8) - (bits >> 8);
    }
    return (int64_t)levels->jobs[job].queue << 56 | rank;
}

/* LEVELS_SUBMIT: (submit time, who runs first, since when), as one number. */
static int64_t submit_tie(const struct levels_job *state, bool runs, int64_t sequence)
{
    CHECK(sequence < INT64_C(1) << 30);
    return (int64_t)state->same_submit << 31 | (runs ? 0 : INT64_C(1) << 30) | sequence;
}

static bool is_kept(const struct levels *levels)
{
    return levels->rules.order == LEVELS_KEPT && levels->rules.index == NULL;
}

static void wait_in_line(struct levels *levels, const struct sched_ctx *ctx, uint32_t job,
                         int64_t place)
{
    struct levels_job *state = &levels->jobs[job];
    bool kept = is_kept(levels);
    state->place = place;
    struct shape_queue_place at = {key_of(levels, ctx, job),
                                   kept ? place : submit_tie(state, false, place)};
    repack_wait(&levels->repack, ctx, job, at);
}

/* LEVELS_KEPT: those who run stand at the front of their list, in the order of the walk before, but
 * for those who have just come to its end. */
static int64_t tie_of_running(const struct levels *levels, const struct repack_runner *runner)
{
    const struct levels_job *state = &levels->jobs[runner->job];
    if (!is_kept(levels)) {
        return submit_tie(state, true, (int64_t)runner->sequence);
    }
    return state->is_demoted ? state->place : INT64_MIN / 2 + runner->position;
}

static void order_running(struct levels *levels, const struct sched_ctx *ctx)
{
    for (size_t i = 0; i < levels->repack.running.count; i++) {
        struct repack_runner *runner = &levels->repack.running.items[i];
        runner->key = key_of(levels, ctx, runner->job);
        runner->tie = tie_of_running(levels, runner);
    }
}

/* -- up and down ----------------------------------------------------------------------------- */

static int64_t limit_of(const struct levels *levels, uint32_t queue)
{
    int64_t limit = levels->rules.limits_us[queue];
    limit *= levels->rules.service == LEVELS_TIME ? 1 : LEVELS_GPU_MILLI;
    return levels->rules.at == LEVELS_EXCEEDED ? limit + 1 : limit;
}

static int compare_jobs(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Running jobs that have had enough go to the end of the next queue, in submit order: one queue a
 * look, or with LEVELS_EXACT as many as it takes. */
static void demote(struct levels *levels, const struct sched_ctx *ctx)
{
    bool exact = levels->rules.demote == LEVELS_EXACT;
    vec_clear(&levels->demoted);
    for (size_t i = 0; i < levels->repack.running.count; i++) {
        uint32_t job = levels->repack.running.items[i].job;
        struct levels_job *state = &levels->jobs[job];
        int64_t service = service_of(levels, ctx, job);
        uint32_t before = state->queue;
        while (state->queue + 1 < levels->rules.queues &&
               service >= limit_of(levels, state->queue) && (state->queue == before || exact)) {
            state->queue++;
        }
        state->is_demoted = state->queue != before;
        if (state->is_demoted) {
            vec_push(&levels->demoted, job);
        }
    }
    if (levels->demoted.count > 1) {
        qsort(levels->demoted.items, levels->demoted.count, sizeof(*levels->demoted.items),
              compare_jobs);
    }
    for (size_t i = 0; i < levels->demoted.count; i++) {
        levels->jobs[levels->demoted.items[i]].place = levels->tail++;
    }
}

/* When a preempted job has waited too long. */
static void note_starving(struct levels *levels, const struct sched_ctx *ctx, uint32_t job)
{
    const struct levels_job *state = &levels->jobs[job];
    double patience_us =
        levels->rules.starve * (double)(sched_ran_us(ctx, job) - state->forgotten_us);
    if (patience_us <= 0 || patience_us > 1e18 || state->queue == 0) {
        return;
    }
    int64_t due_us = time_add_us(sched_now_us(ctx), (int64_t)patience_us);
    if (heap_contains(&levels->starving, job)) {
        heap_remove(&levels->starving, job);
    }
    heap_push(&levels->starving, job, due_us);
}

static void promote(struct levels *levels, struct sched_ctx *ctx)
{
    while (heap_count(&levels->starving) > 0 &&
           heap_top(&levels->starving).key <= sched_now_us(ctx)) {
        uint32_t job = heap_pop(&levels->starving).id;
        struct levels_job *state = &levels->jobs[job];
        if (!levels->repack.waiting.entries[job].waits) {
            continue; /* it has been started since */
        }
        state->forgotten += service_of(levels, ctx, job);
        state->forgotten_us = sched_ran_us(ctx, job);
        state->queue = 0;
        shape_queue_remove(&levels->repack.waiting, job);
        wait_in_line(levels, ctx, job, levels->tail++);
    }
}

/* -- passes ---------------------------------------------------------------------------------- */

void levels_submit(struct levels *levels, struct sched_ctx *ctx, uint32_t job)
{
    uint32_t last = levels->last_submitted;
    bool same =
        last != SCHED_NO_JOB && sched_job(ctx, last).submit_us == sched_job(ctx, job).submit_us;
    levels->jobs[job].same_submit = same ? levels->jobs[last].same_submit : job;
    levels->last_submitted = job;
    levels->something_happened = true;
    wait_in_line(levels, ctx, job, levels->tail++);
}

void levels_finish(struct levels *levels, uint32_t job)
{
    levels->something_happened = true;
    repack_finish(&levels->repack, job);
}

/* In how long the running job is to be looked at for its queue's limit. */
static int64_t look_after_us(const struct levels *levels, const struct sched_ctx *ctx,
                             const struct repack_runner *runner)
{
    const struct levels_job *state = &levels->jobs[runner->job];
    bool by_time = levels->rules.service == LEVELS_TIME;
    int64_t milli = by_time ? 1 : runner->gpu_milli;
    if (state->queue + 1 >= levels->rules.queues || milli == 0) {
        return PARAM_NEVER_US;
    }
    if (levels->rules.demote == LEVELS_EXACT) {
        int64_t more = limit_of(levels, state->queue) - service_of(levels, ctx, runner->job);
        return more <= 0 ? 1 : mul_div_ceil(more, 1, milli);
    }
    int64_t ran_us = sched_ran_us(ctx, runner->job) - state->forgotten_us;
    int64_t more_us = levels->rules.limits_us[state->queue] - ran_us;
    more_us = by_time || more_us < 0 ? more_us : mul_div_floor(more_us, LEVELS_GPU_MILLI, milli);
    more_us -= more_us % LEVELS_SECOND_US;
    return more_us < LEVELS_SECOND_US ? LEVELS_SECOND_US : more_us;
}

static void ask_to_be_woken(struct levels *levels, struct sched_ctx *ctx)
{
    int64_t now_us = sched_now_us(ctx);
    int64_t next_us = PARAM_NEVER_US;
    for (size_t i = 0; i < levels->repack.running.count; i++) {
        int64_t look_us =
            time_add_us(now_us, look_after_us(levels, ctx, &levels->repack.running.items[i]));
        next_us = look_us < next_us ? look_us : next_us;
    }
    if (heap_count(&levels->starving) > 0 && heap_top(&levels->starving).key < next_us) {
        next_us = heap_top(&levels->starving).key;
    }
    if (next_us != PARAM_NEVER_US && next_us != levels->wake_us) {
        sched_wake_at(ctx, next_us);
    }
    levels->wake_us = next_us;
}

/* Back into their lists: in front of all others who wait there, but at the end for those who were
 * demoted in this very pass. */
static void put_back(struct levels *levels, struct sched_ctx *ctx)
{
    size_t count = levels->repack.stopped.count;
    levels->front -= (int64_t)count;
    for (size_t i = 0; i < count; i++) {
        uint32_t job = levels->repack.stopped.items[i].job;
        const struct levels_job *state = &levels->jobs[job];
        int64_t place = !is_kept(levels)    ? levels->tail++
                        : state->is_demoted ? state->place
                                            : levels->front + (int64_t)i;
        wait_in_line(levels, ctx, job, place);
        note_starving(levels, ctx, job);
    }
}

void levels_decide(struct levels *levels, struct sched_ctx *ctx)
{
    bool is_woken = levels->wake_us >= 0 && sched_now_us(ctx) >= levels->wake_us;
    if (!levels->something_happened && !is_woken) {
        return; /* an alarm that another one has replaced */
    }
    levels->something_happened = false;
    promote(levels, ctx);
    demote(levels, ctx);
    order_running(levels, ctx);
    repack_choose(&levels->repack, ctx);
    repack_preempt(&levels->repack, ctx, "others have had less service");
    put_back(levels, ctx);
    if (!repack_start(&levels->repack, ctx, "among those with the least service") &&
        levels->rules.fill) {
        repack_fill(&levels->repack, ctx, "a job with less service finds no room");
    }
    ask_to_be_woken(levels, ctx);
}

void levels_reorder(struct levels *levels, struct sched_ctx *ctx)
{
    for (uint32_t job = 0; job < sched_job_count(ctx); job++) {
        if (levels->repack.waiting.entries[job].waits) {
            shape_queue_remove(&levels->repack.waiting, job);
            wait_in_line(levels, ctx, job, levels->jobs[job].place);
        }
    }
}
