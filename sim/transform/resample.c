/* resample.c - see resample.h. */
#include "sim/transform/resample.h"

#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/transform/rebuild.h"

static const int64_t day_us = (int64_t)86400 * 1000000;

/* What adding drawn jobs takes. */
struct drawing {
    const struct workload *from;
    struct workload *out;
    struct rebuild_ids ids;
    struct job_draft draft;
};

static void drawing_begin(struct drawing *drawing, const struct workload *from,
                          struct workload *out)
{
    *drawing = (struct drawing){.from = from, .out = out};
    rebuild_begin(out, from);
    rebuild_ids_init(&drawing->ids, from);
    job_draft_init(&drawing->draft);
}

/* Adds one more copy of a job, `moved_us` later than it was. */
static bool drawing_add(struct drawing *drawing, uint32_t number, int64_t moved_us, struct err *err)
{
    const struct workload *from = drawing->from;
    const struct job *job = &from->jobs.items[number];
    rebuild_draft(from, job, &drawing->draft);
    drawing->draft.id = rebuild_ids_next(&drawing->ids, from, job, drawing->out);
    int64_t submit_us = drawing->draft.submit_us;
    return rebuild_moved(submit_us, moved_us, &drawing->draft.submit_us, err) &&
           workload_add(drawing->out, &drawing->draft, 0, err);
}

static bool drawing_end(struct drawing *drawing, bool ok, struct err *err)
{
    rebuild_ids_release(&drawing->ids);
    ok = ok && workload_finish(drawing->out, err);
    if (!ok) {
        workload_release(drawing->out);
    }
    return ok;
}

/* A number below `count`, from one draw; the stream's 32 bits are scaled, not divided with a rest.
 */
static size_t draw_below(gsl_rng *stream, size_t count)
{
    double part = gsl_rng_uniform(stream);
    size_t drawn = (size_t)(part * (double)count);
    return drawn < count ? drawn : count - 1;
}

/* -- sessions -------------------------------------------------------------------------------- */

/* Jobs by user, in order of submit time, and where sessions begin in that list. */
struct sessions {
    uint32_t *jobs;
    uint32_t *user_starts; /* by user, in `jobs`; one more at the end */
    VEC(uint32_t) starts;  /* in `jobs`, ascending */
    uint32_t *firsts;      /* by user, in `starts`; one more at the end */
};

static void sessions_init(struct sessions *sessions, const struct workload *from, int64_t gap_us)
{
    uint32_t users = names_count(&from->users);
    uint32_t count = (uint32_t)from->jobs.count;
    *sessions = (struct sessions){
        .jobs = mem_alloc(count, sizeof(*sessions->jobs)),
        .user_starts = mem_alloc(users + 2, sizeof(*sessions->user_starts)),
        .firsts = mem_alloc(users + 1, sizeof(*sessions->firsts)),
    };
    /* Counted one place further on, the starts are in place when all jobs have been put down. */
    uint32_t *next = sessions->user_starts + 1;
    for (uint32_t i = 0; i < count; i++) {
        next[from->jobs.items[i].user + 1]++;
    }
    for (uint32_t user = 0; user < users; user++) {
        next[user + 1] += next[user];
    }
    for (uint32_t i = 0; i < count; i++) {
        sessions->jobs[next[from->jobs.items[i].user]++] = i;
    }
    for (uint32_t user = 0; user < users; user++) {
        sessions->firsts[user] = (uint32_t)sessions->starts.count;
        for (uint32_t i = sessions->user_starts[user]; i < sessions->user_starts[user + 1]; i++) {
            const struct job *jobs = from->jobs.items;
            if (i == sessions->user_starts[user] ||
                jobs[sessions->jobs[i]].submit_us - jobs[sessions->jobs[i - 1]].submit_us >=
                    gap_us) {
                vec_push(&sessions->starts, i);
            }
        }
    }
    sessions->firsts[users] = (uint32_t)sessions->starts.count;
    vec_push(&sessions->starts, count);
}

static void sessions_release(struct sessions *sessions)
{
    free(sessions->jobs);
    free(sessions->user_starts);
    free(sessions->firsts);
    vec_release(&sessions->starts);
}

static bool add_user(struct drawing *drawing, const struct sessions *sessions, uint32_t user,
                     gsl_rng *stream, struct err *err)
{
    const struct job *jobs = drawing->from->jobs.items;
    uint32_t first = sessions->firsts[user];
    uint32_t count = sessions->firsts[user + 1] - first;
    bool ok = true;
    for (uint32_t slot = 0; ok && slot < count; slot++) {
        const uint32_t *drawn = &sessions->starts.items[first + draw_below(stream, count)];
        int64_t start_us = jobs[sessions->jobs[sessions->starts.items[first + slot]]].submit_us;
        int64_t moved_us = start_us - jobs[sessions->jobs[drawn[0]]].submit_us;
        for (uint32_t i = drawn[0]; ok && i < drawn[1]; i++) {
            ok = drawing_add(drawing, sessions->jobs[i], moved_us, err);
        }
    }
    return ok;
}

bool resample_sessions(const struct workload *from, int64_t gap_us, uint64_t seed,
                       struct workload *out, struct err *err)
{
    CHECK(gap_us > 0);
    struct sessions sessions;
    struct drawing drawing;
    sessions_init(&sessions, from, gap_us);
    drawing_begin(&drawing, from, out);
    bool ok = true;
    for (uint32_t user = 0; ok && user < names_count(&from->users); user++) {
        gsl_rng *stream = rng_new(seed, "sessions", user);
        ok = add_user(&drawing, &sessions, user, stream, err);
        gsl_rng_free(stream);
    }
    sessions_release(&sessions);
    return drawing_end(&drawing, ok, err);
}

/* -- days ------------------------------------------------------------------------------------ */

/* Blocks of days; block i has the jobs from starts[i] to starts[i + 1]. */
struct blocks {
    int64_t first_day; /* since the trace's zero; days are whole in its own clock */
    int64_t days;      /* of one block */
    size_t count;
    VEC(uint32_t) starts;
};

static int64_t floor_day(int64_t time_us)
{
    return time_us / day_us - (time_us % day_us < 0 ? 1 : 0);
}

static bool blocks_init(struct blocks *blocks, const struct workload *from, int64_t days,
                        struct err *err)
{
    enum { MOST_BLOCKS = 1 << 20 };
    uint32_t jobs = (uint32_t)from->jobs.count;
    int64_t first_day = floor_day(from->epoch_us);
    int64_t last_day = floor_day(from->epoch_us + from->jobs.items[jobs - 1].submit_us);
    *blocks = (struct blocks){.first_day = first_day, .days = days};
    int64_t count = (last_day - first_day) / days + 1;
    if (count > MOST_BLOCKS) {
        return err_set(err, ERR_USAGE, 0, "%lld blocks of days, expected at most %d",
                       (long long)count, MOST_BLOCKS);
    }
    blocks->count = (size_t)count;
    uint32_t job = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t start_us = (first_day + i * days) * day_us - from->epoch_us;
        while (job < jobs && from->jobs.items[job].submit_us < start_us) {
            job++;
        }
        vec_push(&blocks->starts, job);
    }
    vec_push(&blocks->starts, jobs);
    return true;
}

/* The block whose jobs are put into block `slot`. Blocks that start on the same weekday are
 * `stride` apart: 7 / gcd(7, days). */
static size_t draw_block(gsl_rng *stream, const struct blocks *blocks, size_t slot,
                         bool keeps_weekday)
{
    size_t stride = !keeps_weekday || blocks->days % 7 == 0 ? 1 : 7;
    size_t first = slot % stride;
    size_t candidates = (blocks->count - first + stride - 1) / stride;
    return first + stride * draw_below(stream, candidates);
}

bool resample_by_days(const struct resample_days *settings, const struct workload *from,
                      struct workload *out, struct err *err)
{
    CHECK(settings->days > 0);
    struct blocks blocks;
    if (!blocks_init(&blocks, from, settings->days, err)) {
        return false;
    }
    struct drawing drawing;
    drawing_begin(&drawing, from, out);
    gsl_rng *stream = rng_new(settings->seed, "days", 0);
    bool ok = true;
    for (size_t slot = 0; ok && slot < blocks.count; slot++) {
        size_t drawn = draw_block(stream, &blocks, slot, settings->keeps_weekday);
        int64_t moved_us = ((int64_t)slot - (int64_t)drawn) * blocks.days * day_us;
        for (uint32_t i = blocks.starts.items[drawn]; ok && i < blocks.starts.items[drawn + 1];
             i++) {
            ok = drawing_add(&drawing, i, moved_us, err);
        }
    }
    gsl_rng_free(stream);
    vec_release(&blocks.starts);
    return drawing_end(&drawing, ok, err);
}
