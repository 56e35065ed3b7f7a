/* scale.c - see scale.h. */
#include "sim/transform/scale.h"

#include <math.h>

#include <gsl/gsl_randist.h>

#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/transform/copies.h"

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

static bool copy_jobs(const struct scale_users *scale, const struct scale_crowd *crowd,
                      const struct workload *from, struct workload *out, struct err *err)
{
    uint32_t *counts = mem_alloc(from->jobs.count, sizeof(*counts));
    for (size_t i = 0; i < from->jobs.count; i++) {
        counts[i] = crowd->copies.items[from->jobs.items[i].user];
    }
    bool ok = copies_make(from, counts, scale->seed, out, err);
    free(counts);
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
