/* backlog.c - see backlog.h. */
#include "policies/lib/backlog.h"

#include "sim/base/check.h"

enum { BLOCK = 64 };

void backlog_release(struct backlog *backlog)
{
    vec_release(&backlog->jobs);
    vec_release(&backlog->blocks);
}

static void append(struct backlog *backlog, struct backlog_job job)
{
    if (backlog->jobs.count % BLOCK == 0) {
        struct backlog_block empty = {INT64_MAX, INT64_MAX};
        vec_push(&backlog->blocks, empty);
    }
    struct backlog_block *block = &backlog->blocks.items[backlog->blocks.count - 1];
    if (job.gpu_milli < block->least_gpu_milli) {
        block->least_gpu_milli = job.gpu_milli;
    }
    if (job.estimate_us < block->least_estimate_us) {
        block->least_estimate_us = job.estimate_us;
    }
    vec_push(&backlog->jobs, job);
}

static void move_together(struct backlog *backlog)
{
    size_t end = backlog->jobs.count;
    vec_clear(&backlog->jobs);
    vec_clear(&backlog->blocks);
    for (size_t i = backlog->first; i < end; i++) {
        struct backlog_job job = backlog->jobs.items[i];
        if (job.gpu_milli != BACKLOG_GONE) {
            append(backlog, job);
        }
    }
    backlog->first = 0;
    CHECK(backlog->jobs.count == backlog->count);
}

void backlog_add(struct backlog *backlog, struct backlog_job job)
{
    CHECK(job.gpu_milli < BACKLOG_GONE);
    if (backlog->jobs.count >= BLOCK && backlog->count < backlog->jobs.count / 2) {
        move_together(backlog);
    }
    append(backlog, job);
    backlog->count++;
}

size_t backlog_first(struct backlog *backlog)
{
    if (backlog->count == 0) {
        return BACKLOG_END;
    }
    while (backlog->jobs.items[backlog->first].gpu_milli == BACKLOG_GONE) {
        backlog->first++;
    }
    return backlog->first;
}

static bool qualifies(int64_t gpu_milli, int64_t estimate_us, const struct backlog_want *want)
{
    return gpu_milli <= want->free_milli &&
           (estimate_us <= want->limit_us || gpu_milli <= want->extra_milli);
}

size_t backlog_next(const struct backlog *backlog, size_t from, struct backlog_want want)
{
    size_t at = from;
    while (at < backlog->jobs.count) {
        const struct backlog_block *block = &backlog->blocks.items[at / BLOCK];
        size_t end = (at / BLOCK + 1) * BLOCK;
        if (qualifies(block->least_gpu_milli, block->least_estimate_us, &want)) {
            size_t stop = end < backlog->jobs.count ? end : backlog->jobs.count;
            for (; at < stop; at++) {
                const struct backlog_job *job = &backlog->jobs.items[at];
                if (qualifies(job->gpu_milli, job->estimate_us, &want)) {
                    return at;
                }
            }
        }
        at = end;
    }
    return BACKLOG_END;
}

bool backlog_qualifies(const struct backlog *backlog, size_t position, struct backlog_want want)
{
    CHECK(position < backlog->jobs.count);
    const struct backlog_job *job = &backlog->jobs.items[position];
    return qualifies(job->gpu_milli, job->estimate_us, &want);
}

static void summarise(struct backlog *backlog, size_t block)
{
    size_t end = (block + 1) * BLOCK;
    struct backlog_block least = {INT64_MAX, INT64_MAX};
    for (size_t i = block * BLOCK; i < end && i < backlog->jobs.count; i++) {
        const struct backlog_job *job = &backlog->jobs.items[i];
        if (job->gpu_milli == BACKLOG_GONE) {
            continue;
        }
        if (job->gpu_milli < least.least_gpu_milli) {
            least.least_gpu_milli = job->gpu_milli;
        }
        if (job->estimate_us < least.least_estimate_us) {
            least.least_estimate_us = job->estimate_us;
        }
    }
    backlog->blocks.items[block] = least;
}

void backlog_remove(struct backlog *backlog, size_t position)
{
    CHECK(position < backlog->jobs.count);
    struct backlog_job *job = &backlog->jobs.items[position];
    CHECK(job->gpu_milli != BACKLOG_GONE);
    job->gpu_milli = BACKLOG_GONE;
    backlog->count--;
    summarise(backlog, position / BLOCK);
}
