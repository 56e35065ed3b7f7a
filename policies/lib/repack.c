/* repack.c - see repack.h. */
#include "policies/lib/repack.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/check.h"

void repack_init(struct repack *repack, const struct sched_ctx *ctx)
{
    *repack = (struct repack){0};
    shape_queue_init(&repack->waiting, sched_job_count(ctx), sched_shape_count(ctx));
}

void repack_release(struct repack *repack)
{
    shape_queue_release(&repack->waiting);
    vec_release(&repack->running);
    vec_release(&repack->chosen);
    vec_release(&repack->stopped);
}

void repack_wait(struct repack *repack, const struct sched_ctx *ctx, uint32_t job,
                 struct shape_queue_place place)
{
    shape_queue_add_at(&repack->waiting, job, sched_job(ctx, job).shape, place);
}

void repack_finish(struct repack *repack, uint32_t job)
{
    size_t i = 0;
    while (repack->running.items[i].job != job) {
        i++;
        CHECK(i < repack->running.count);
    }
    /* Order is kept, because it makes the next sort cheap. */
    repack->running.count--;
    memmove(&repack->running.items[i], &repack->running.items[i + 1],
            (repack->running.count - i) * sizeof(*repack->running.items));
}

static int compare(const void *a, const void *b)
{
    const struct repack_runner *x = a;
    const struct repack_runner *y = b;
    if (x->is_fixed != y->is_fixed) {
        return x->is_fixed ? -1 : 1;
    }
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    if (x->tie != y->tie) {
        return x->tie < y->tie ? -1 : 1;
    }
    return x->job < y->job ? -1 : 1;
}

/* Keys change little from pass to pass: who stayed is nearly in order, followed by who was started.
 * Moves of one by one are therefore few; if they are not, the whole is sorted. */
static void sort_running(struct repack *repack)
{
    struct repack_runner *runners = repack->running.items;
    size_t count = repack->running.count;
    size_t moves = 0;
    for (size_t i = 1; i < count && moves <= 8 * count; i++) {
        struct repack_runner runner = runners[i];
        size_t to = i;
        while (to > 0 && compare(&runner, &runners[to - 1]) < 0) {
            runners[to] = runners[to - 1];
            to--;
        }
        runners[to] = runner;
        moves += i - to;
    }
    if (moves > 8 * count) {
        qsort(runners, count, sizeof(*runners), compare);
    }
}

static bool runner_is_next(const struct repack_runner *runner,
                           const struct shape_queue_entry *entry, uint32_t job)
{
    if (runner->is_fixed || runner->key != entry->key) {
        return runner->is_fixed || runner->key < entry->key;
    }
    return runner->tie != entry->tie ? runner->tie < entry->tie : runner->job < job;
}

/* Takes the job out of the queue. */
static void choose(struct repack *repack, uint32_t job)
{
    const struct shape_queue_entry *entry = &repack->waiting.entries[job];
    struct repack_chosen chosen = {
        .place = {entry->key, entry->tie},
        .position = repack->positions++,
        .job = job,
    };
    shape_queue_take(&repack->waiting, job);
    vec_push(&repack->chosen, chosen);
}

/* A waiting job beyond the quota takes its whole shape out of the walk: quotas only shrink. */
void repack_choose(struct repack *repack, struct sched_ctx *ctx)
{
    struct shape_queue *waiting = &repack->waiting;
    sort_running(repack);
    vec_clear(&repack->chosen);
    repack->positions = 0;
    int64_t quota_milli = sched_cluster(ctx)->gpu_milli;
    size_t next = 0;
    uint32_t job = shape_queue_first(waiting);
    while (next < repack->running.count || job != SHAPE_QUEUE_NONE) {
        struct repack_runner *runner =
            next < repack->running.count ? &repack->running.items[next] : NULL;
        if (job == SHAPE_QUEUE_NONE ||
            (runner != NULL && runner_is_next(runner, &waiting->entries[job], job))) {
            CHECK(runner != NULL);
            runner->position = repack->positions++;
            runner->stays = runner->is_fixed || runner->gpu_milli <= quota_milli;
            quota_milli -= runner->stays ? runner->gpu_milli : 0;
            next++;
            continue;
        }
        int64_t need_milli = sched_job(ctx, job).gpu_milli;
        if (need_milli <= quota_milli) {
            quota_milli -= need_milli;
            choose(repack, job);
        } else {
            shape_queue_block(waiting, job);
        }
        job = shape_queue_first(waiting);
    }
    shape_queue_unblock(waiting);
}

void repack_preempt(struct repack *repack, struct sched_ctx *ctx, const char *because)
{
    sched_because(ctx, because);
    vec_clear(&repack->stopped);
    size_t kept = 0;
    for (size_t i = 0; i < repack->running.count; i++) {
        struct repack_runner runner = repack->running.items[i];
        if (runner.stays) {
            repack->running.items[kept++] = runner;
        } else {
            sched_preempt(ctx, runner.job);
            struct repack_stopped stopped = {runner.job, runner.position};
            vec_push(&repack->stopped, stopped);
        }
    }
    repack->running.count = kept;
}

static bool start(struct repack *repack, struct sched_ctx *ctx, uint32_t job, uint32_t position)
{
    int64_t free_before_milli = sched_cluster(ctx)->free_gpu_milli;
    if (!sched_start(ctx, job)) {
        return false;
    }
    struct repack_runner runner = {
        .gpu_milli = free_before_milli - sched_cluster(ctx)->free_gpu_milli,
        .sequence = repack->starts++,
        .position = position,
        .job = job,
        .is_fixed = !sched_job(ctx, job).preemptible,
        .stays = true,
    };
    vec_push(&repack->running, runner);
    return true;
}

bool repack_start(struct repack *repack, struct sched_ctx *ctx, const char *because)
{
    sched_because(ctx, because);
    bool all_started = true;
    for (size_t i = 0; i < repack->chosen.count; i++) {
        struct repack_chosen chosen = repack->chosen.items[i];
        if (!start(repack, ctx, chosen.job, chosen.position)) {
            all_started = false;
            repack_wait(repack, ctx, chosen.job, chosen.place);
        }
    }
    return all_started;
}

bool repack_pass(struct repack *repack, struct sched_ctx *ctx, const struct repack_terms *terms,
                 void *state)
{
    for (size_t i = 0; i < repack->running.count; i++) {
        struct repack_runner *runner = &repack->running.items[i];
        runner->key = terms->key(state, ctx, runner->job);
        runner->tie = 0;
    }
    repack_choose(repack, ctx);
    repack_preempt(repack, ctx, terms->why_stopped);
    for (size_t i = 0; i < repack->stopped.count; i++) {
        terms->wait(state, ctx, repack->stopped.items[i].job);
    }
    return repack_start(repack, ctx, terms->why_started);
}

void repack_fill(struct repack *repack, struct sched_ctx *ctx, const char *because)
{
    sched_because(ctx, because);
    uint32_t job = shape_queue_first(&repack->waiting);
    while (job != SHAPE_QUEUE_NONE) {
        if (start(repack, ctx, job, repack->positions)) {
            repack->positions++;
            shape_queue_take(&repack->waiting, job);
        } else {
            shape_queue_block(&repack->waiting, job);
        }
        job = shape_queue_first(&repack->waiting);
    }
    shape_queue_unblock(&repack->waiting);
}
