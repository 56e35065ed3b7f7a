/* copies.c - see copies.h. */
#include "sim/transform/copies.h"

#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/transform/rebuild.h"

static const int64_t day_us = (int64_t)86400 * 1000000;

/* The cycle that copies keep: a week, a day, or none. */
static int64_t step_of(int64_t span_us)
{
    if (span_us >= 14 * day_us) {
        return 7 * day_us;
    }
    return span_us >= 2 * day_us ? day_us : 1;
}

/* How far copy number `copy` of a user is moved: a random number of whole steps in the period. */
static int64_t move_of(uint64_t seed, uint32_t user, uint32_t copy, int64_t period_us)
{
    int64_t step_us = step_of(period_us);
    if (copy == 0 || period_us <= step_us) {
        return 0;
    }
    gsl_rng *stream = rng_new(seed, "move user", (uint64_t)user << 32 | copy);
    double part = gsl_rng_uniform(stream);
    gsl_rng_free(stream);
    int64_t steps = period_us / step_us;
    int64_t drawn = 1 + (int64_t)(part * (double)(steps - 1));
    return drawn * step_us;
}

/* "U+1" for the first copy, with more '+' where such a user exists. */
static struct view copy_name(const struct workload *from, uint32_t user, uint32_t copy,
                             struct text *text)
{
    text_clear(text);
    text_add(text, names_get(&from->users, user));
    struct view name = {text->bytes, text->length};
    size_t own = text->length;
    for (uint32_t signs = 1; copy > 0; signs++) {
        text->length = own;
        for (uint32_t i = 0; i < signs; i++) {
            text_add_char(text, '+');
        }
        text_addf(text, "%u", copy);
        name = (struct view){text->bytes, text->length};
        if (names_find(&from->users, name) == NAMES_NONE) {
            break;
        }
    }
    return name;
}

/* What adding the copies of a job takes. */
struct copying {
    const struct workload *from;
    const uint32_t *counts; /* by job */
    uint64_t seed;
    struct workload *out;
    struct rebuild_ids ids;
    struct text user;
    int64_t period_us;
};

static bool add_copies(struct copying *copying, size_t number, struct job_draft *draft,
                       struct err *err)
{
    const struct workload *from = copying->from;
    const struct job *job = &from->jobs.items[number];
    for (uint32_t copy = 0; copy < copying->counts[number]; copy++) {
        rebuild_draft(from, job, draft);
        draft->id = rebuild_ids_next(&copying->ids, from, job, copying->out);
        draft->user = copy_name(from, job->user, copy, &copying->user);
        int64_t moved_us =
            job->submit_us + move_of(copying->seed, job->user, copy, copying->period_us);
        moved_us = moved_us >= copying->period_us ? moved_us - copying->period_us : moved_us;
        if (!rebuild_moved(from->epoch_us, moved_us, &draft->submit_us, err) ||
            !workload_add(copying->out, draft, 0, err)) {
            return false;
        }
    }
    return true;
}

bool copies_make(const struct workload *from, const uint32_t *counts, uint64_t seed,
                 struct workload *out, struct err *err)
{
    /* Whole steps, so that what goes round the end stays at its hour and weekday. */
    CHECK(from->jobs.count > 0);
    int64_t last_submit_us = from->jobs.items[from->jobs.count - 1].submit_us;
    int64_t step_us = step_of(last_submit_us);
    struct copying copying = {
        .from = from,
        .counts = counts,
        .seed = seed,
        .out = out,
        .period_us = (last_submit_us / step_us + 1) * step_us,
    };
    rebuild_begin(out, from);
    rebuild_ids_init(&copying.ids, from);
    struct job_draft draft;
    job_draft_init(&draft);
    bool ok = true;
    for (size_t i = 0; ok && i < from->jobs.count; i++) {
        ok = add_copies(&copying, i, &draft, err);
    }
    rebuild_ids_release(&copying.ids);
    text_release(&copying.user);
    ok = ok && workload_finish(out, err);
    if (!ok) {
        workload_release(out);
    }
    return ok;
}
