/* scale.c - see scale.h. */
#include "sim/transform/scale.h"

#include <math.h>

#include <gsl/gsl_randist.h>

#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/transform/rebuild.h"

static const int64_t day_us = (int64_t)86400 * 1000000;

/* GPU time of a job; 0 when it tells no duration. */
static double work_of(const struct workload *workload, const struct job *job)
{
    double gpu_milli = (double)workload_shape_gpu_milli(workload, job->shape);
    return job->duration_us == TIME_UNKNOWN ? 0 : gpu_milli * (double)job->duration_us;
}

static int64_t span_of(const struct workload *workload)
{
    CHECK(workload->jobs.count > 0);
    return workload->jobs.items[workload->jobs.count - 1].submit_us;
}

double scale_work(const struct workload *workload, double sum)
{
    for (size_t i = 0; i < workload->jobs.count; i++) {
        sum += work_of(workload, &workload->jobs.items[i]);
    }
    return sum;
}

double scale_load_of(double work, int64_t span_us, double gpus)
{
    double capacity = gpus * 1000 * (double)span_us;
    return capacity > 0 ? work / capacity : 0;
}

double scale_offered_load(const struct workload *workload, double gpus)
{
    return scale_load_of(scale_work(workload, 0), span_of(workload), gpus);
}

bool scale_arrivals(struct workload *workload, double factor, struct err *err)
{
    CHECK(factor > 0);
    if ((double)span_of(workload) / factor > (double)WORKLOAD_MOST_US / 2) {
        return err_set(err, ERR_USAGE, 0, "a submit time would be beyond 36,000 years");
    }
    for (size_t i = 0; i < workload->jobs.count; i++) {
        int64_t *submit_us = &workload->jobs.items[i].submit_us;
        *submit_us = llround((double)*submit_us / factor);
    }
    return true;
}

/* -- users ----------------------------------------------------------------------------------- */

void scale_crowd_release(struct scale_crowd *crowd)
{
    names_release(&crowd->users);
    vec_release(&crowd->work);
    vec_release(&crowd->jobs);
    vec_release(&crowd->copies);
    *crowd = (struct scale_crowd){0};
}

static uint32_t crowd_number(struct scale_crowd *crowd, const char *user)
{
    bool is_new = false;
    uint32_t number = names_add(&crowd->users, view_of(user), &is_new);
    if (is_new) {
        vec_push(&crowd->work, 0.0);
        vec_push(&crowd->jobs, 0.0);
        vec_push(&crowd->copies, 0U);
    }
    return number;
}

void scale_crowd_add(struct scale_crowd *crowd, const struct workload *piece)
{
    /* Users by number first, so that the order of rows decides also where jobs were sorted since.
     */
    uint32_t count = names_count(&piece->users);
    uint32_t *numbers = mem_alloc(count, sizeof(*numbers));
    for (uint32_t i = 0; i < count; i++) {
        numbers[i] = crowd_number(crowd, names_get(&piece->users, i));
    }
    for (size_t i = 0; i < piece->jobs.count; i++) {
        const struct job *job = &piece->jobs.items[i];
        double work = work_of(piece, job);
        crowd->work.items[numbers[job->user]] += work;
        crowd->work_sum += work;
        crowd->jobs.items[numbers[job->user]] += 1;
        crowd->job_count += 1;
    }
    free(numbers);
}

/* Sets the copies; the factor that is reached. */
static double choose(struct scale_crowd *crowd, double factor, uint64_t seed)
{
    bool has_work = crowd->work_sum > 0;
    const double *weights = has_work ? crowd->work.items : crowd->jobs.items;
    double sum = has_work ? crowd->work_sum : crowd->job_count;
    uint32_t *copies = crowd->copies.items;
    uint32_t count = names_count(&crowd->users);
    uint32_t whole = (uint32_t)floor(factor);
    uint32_t *order = mem_alloc(count, sizeof(*order));
    for (uint32_t i = 0; i < count; i++) {
        copies[i] = whole;
        order[i] = i;
    }
    gsl_rng *stream = rng_new(seed, "scale users", 0);
    gsl_ran_shuffle(stream, order, count, sizeof(*order));
    gsl_rng_free(stream);
    double missing = (factor - (double)whole) * sum;
    double added = 0;
    uint32_t best = count; /* of those that are too much: the nearest to what is missing */
    for (uint32_t i = 0; i < count; i++) {
        double weight = weights[order[i]];
        if (added + weight <= missing) {
            copies[order[i]]++;
            added += weight;
        } else if (best == count || weight < weights[best]) {
            best = order[i];
        }
    }
    if (best < count && added + weights[best] - missing < missing - added) {
        copies[best]++;
        added += weights[best];
    }
    free(order);
    return (double)whole + added / sum;
}

bool scale_crowd_choose(struct scale_crowd *crowd, const struct scale_users *scale, struct err *err)
{
    CHECK(scale->factor > 0 && scale->tolerance >= 0);
    if (names_count(&crowd->users) == 1 && names_get(&crowd->users, 0)[0] == '\0') {
        return err_set(err, ERR_USAGE, 0,
                       "the trace names no users, expected some to choose from (by arrivals it "
                       "can be scaled)");
    }
    if (scale->factor * crowd->job_count > 2.0 * WORKLOAD_MOST_JOBS) {
        return err_set(err, ERR_USAGE, 0, "more than %d jobs", WORKLOAD_MOST_JOBS);
    }
    double reached = choose(crowd, scale->factor, scale->seed);
    return fabs(reached - scale->factor) <= scale->tolerance * scale->factor ||
           err_set(err, ERR_USAGE, 0,
                   "whole users of this seed give a factor of %.4g, asked for was %.4g (another "
                   "seed, a higher tolerance, or by arrivals)",
                   reached, scale->factor);
}

void scale_crowd_thin(const struct scale_crowd *crowd, struct workload *piece)
{
    uint32_t count = names_count(&piece->users);
    bool *stays = mem_alloc(count, sizeof(*stays));
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = names_find(&crowd->users, view_of(names_get(&piece->users, i)));
        CHECK(number != NAMES_NONE && crowd->copies.items[number] <= 1);
        stays[i] = crowd->copies.items[number] == 1;
    }
    size_t kept = 0;
    for (size_t i = 0; i < piece->jobs.count; i++) {
        if (stays[piece->jobs.items[i].user]) {
            piece->jobs.items[kept++] = piece->jobs.items[i];
        }
    }
    piece->jobs.count = kept;
    free(stays);
}

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
    const struct scale_users *scale;
    const struct scale_crowd *crowd;
    const struct workload *from;
    struct workload *out;
    struct rebuild_ids ids;
    struct text user;
    int64_t period_us;
};

static bool add_copies(struct copying *copying, const struct job *job, struct job_draft *draft,
                       struct err *err)
{
    const struct workload *from = copying->from;
    for (uint32_t copy = 0; copy < copying->crowd->copies.items[job->user]; copy++) {
        rebuild_draft(from, job, draft);
        draft->id = rebuild_ids_next(&copying->ids, from, job, copying->out);
        draft->user = copy_name(from, job->user, copy, &copying->user);
        int64_t moved_us =
            job->submit_us + move_of(copying->scale->seed, job->user, copy, copying->period_us);
        moved_us = moved_us >= copying->period_us ? moved_us - copying->period_us : moved_us;
        if (!rebuild_moved(from->epoch_us, moved_us, &draft->submit_us, err) ||
            !workload_add(copying->out, draft, 0, err)) {
            return false;
        }
    }
    return true;
}

static bool copy_jobs(const struct scale_users *scale, const struct scale_crowd *crowd,
                      const struct workload *from, struct workload *out, struct err *err)
{
    /* Whole steps, so that what goes round the end stays at its hour and weekday. */
    int64_t step_us = step_of(span_of(from));
    struct copying copying = {
        .scale = scale,
        .crowd = crowd,
        .from = from,
        .out = out,
        .period_us = (span_of(from) / step_us + 1) * step_us,
    };
    rebuild_begin(out, from);
    rebuild_ids_init(&copying.ids, from);
    struct job_draft draft;
    job_draft_init(&draft);
    bool ok = true;
    for (size_t i = 0; ok && i < from->jobs.count; i++) {
        ok = add_copies(&copying, &from->jobs.items[i], &draft, err);
    }
    rebuild_ids_release(&copying.ids);
    text_release(&copying.user);
    ok = ok && workload_finish(out, err);
    if (!ok) {
        workload_release(out);
    }
    return ok;
}

bool scale_by_users(const struct scale_users *scale, const struct workload *from,
                    struct workload *out, struct err *err)
{
    struct scale_crowd crowd = {0};
    scale_crowd_add(&crowd, from);
    bool ok = scale_crowd_choose(&crowd, scale, err) && copy_jobs(scale, &crowd, from, out, err);
    scale_crowd_release(&crowd);
    return ok;
}
