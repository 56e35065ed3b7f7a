/*
 * estimates.c - how long a job is thought to take, by the run's setting.
 *
 * user: what the trace says the user asked for. oracle: the truth. noisy: the truth times
 * exp(N(0, sigma)), one draw a job from its own stream. lastk: the mean duration of the user's last
 * k finished jobs; before the first has finished, what the user asked for, else one hour.
 */
#include <math.h>

#include <gsl/gsl_randist.h>

#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/engine/run.h"

#define FIRST_GUESS_US (INT64_C(3600) * 1000000)

/* The last durations of one user, a ring. */
struct history {
    int64_t sum_us;
    uint32_t count;
    uint32_t next;
};

struct estimator {
    const struct workload *workload;
    enum estimates kind;
    double sigma;
    uint64_t seed;
    uint32_t last_k;
    struct history *histories; /* by user */
    int64_t *durations_us;     /* last_k of each user */
};

struct estimator *estimator_new(const struct engine_settings *settings,
                                const struct workload *workload)
{
    struct estimator *estimator = mem_alloc(1, sizeof(*estimator));
    estimator->workload = workload;
    estimator->kind = settings->estimates;
    estimator->sigma = settings->noise_sigma;
    estimator->seed = settings->seed;
    if (settings->estimates == ESTIMATES_LASTK) {
        CHECK(settings->last_k >= 1 && settings->last_k <= 1000);
        estimator->last_k = (uint32_t)settings->last_k;
        uint32_t users = names_count(&workload->users);
        estimator->histories = mem_alloc(users, sizeof(*estimator->histories));
        estimator->durations_us =
            mem_alloc((size_t)users * estimator->last_k, sizeof(*estimator->durations_us));
    }
    return estimator;
}

void estimator_free(struct estimator *estimator)
{
    if (estimator != NULL) {
        free(estimator->histories);
        free(estimator->durations_us);
        free(estimator);
    }
}

static int64_t noisy_us(const struct estimator *estimator, uint32_t job, int64_t duration_us)
{
    gsl_rng *stream = rng_new(estimator->seed, "estimate", job);
    double noise = gsl_ran_gaussian(stream, estimator->sigma);
    gsl_rng_free(stream);
    double estimate = (double)duration_us * exp(noise);
    return estimate < 9e18 ? (int64_t)estimate : INT64_MAX;
}

static int64_t user_us(const struct job *job)
{
    return job->estimate_us == TIME_UNKNOWN ? SCHED_NO_ESTIMATE : job->estimate_us;
}

static int64_t last_k_us(const struct estimator *estimator, const struct job *job)
{
    const struct history *history = &estimator->histories[job->user];
    if (history->count > 0) {
        return history->sum_us / history->count;
    }
    int64_t asked_us = user_us(job);
    return asked_us == SCHED_NO_ESTIMATE ? FIRST_GUESS_US : asked_us;
}

int64_t estimator_estimate_us(const struct estimator *estimator, uint32_t job)
{
    const struct job *facts = &estimator->workload->jobs.items[job];
    int64_t estimate_us = 0;
    switch (estimator->kind) {
    case ESTIMATES_USER:
        estimate_us = user_us(facts);
        break;
    case ESTIMATES_ORACLE:
        estimate_us = facts->duration_us;
        break;
    case ESTIMATES_NOISY:
        estimate_us = noisy_us(estimator, job, facts->duration_us);
        break;
    case ESTIMATES_LASTK:
        estimate_us = last_k_us(estimator, facts);
        break;
    }
    if (estimate_us == SCHED_NO_ESTIMATE) {
        return SCHED_NO_ESTIMATE;
    }
    return estimate_us < 1 ? 1 : estimate_us;
}

void estimator_learn(struct estimator *estimator, uint32_t job)
{
    if (estimator->kind != ESTIMATES_LASTK) {
        return;
    }
    const struct job *facts = &estimator->workload->jobs.items[job];
    struct history *history = &estimator->histories[facts->user];
    int64_t *ring = estimator->durations_us + (size_t)facts->user * estimator->last_k;
    if (history->count == estimator->last_k) {
        history->sum_us -= ring[history->next];
    } else {
        history->count++;
    }
    ring[history->next] = facts->duration_us;
    history->sum_us += facts->duration_us;
    history->next = (history->next + 1) % estimator->last_k;
}
