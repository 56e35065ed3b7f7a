/*
 * generate.c - see generate.h.
 *
 * For a load, rates are tried: each try draws the arrivals, sizes and durations of all jobs,
 * nothing else. The load rises with the rate, so the rate is bracketed and then found by regula
 * falsi in logarithms; for renewal arrivals load is proportional to rate and the second try is
 * right.
 */
#include "sim/generate/generate.h"

#include <math.h>
#include <stdio.h>

#include "sim/base/check.h"
#include "sim/generate/jobs.h"

struct generator {
    const struct generate_model *model;
    struct generate_options options;
    uint64_t seed;
    double rate;
    struct arrivals arrivals;
    struct jobs jobs;
    uint64_t made;
    char id[24];
};

/* -- the load ---------------------------------------------------------------------------------- */

enum { MOST_TRIES = 40, MOST_LOAD_JOBS = 100000000, MOST_LOG_RATE = 46 };

/* How far from the wanted load is near enough; the last submit moves by whole jobs. */
static const double near_enough = 1e-4;

/* Where load jumps with the rate, because a large job comes in, the nearest side of the jump is
 * taken; a logarithm further off than this is no such load. */
static const double far_off = 0.05;

/* The offered load at a rate. */
static bool measure_load(const struct generator *generator, double rate, double *out,
                         struct err *err)
{
    const struct generate_options *options = &generator->options;
    struct arrivals arrivals;
    struct arrival arrival;
    bool ok = arrivals_init(&arrivals, generator->model, generator->seed, rate, err);
    double work = 0; /* milli-GPUs times microseconds */
    int64_t first_us = 0;
    int64_t last_us = 0;
    uint64_t most = options->jobs > 0 ? options->jobs : MOST_LOAD_JOBS;
    for (uint64_t i = 0; ok && i < most; i++) {
        if (!arrivals_next(&arrivals, &arrival) ||
            (options->span_us > 0 && arrival.submit_us >= options->span_us)) {
            break;
        }
        struct job_work job = jobs_work(&generator->jobs, &arrival);
        arrivals_job_runs(&arrivals, &arrival, (double)job.duration_us / 1e6);
        const struct job_size *size = &generator->jobs.sizes.list.items[job.size];
        work += (double)size->gpu_milli * (double)job.duration_us;
        first_us = i == 0 ? arrival.submit_us : first_us;
        last_us = arrival.submit_us;
    }
    arrivals_release(&arrivals);
    double span_us = options->span_us > 0 ? (double)options->span_us : (double)(last_us - first_us);
    *out = span_us > 0 ? work / ((double)options->gpu_milli * span_us) : HUGE_VAL;
    return ok;
}

/* A rate and how far its load is from the wanted one, both as logarithms. */
struct
try {
    double log_rate;
    double off;
};

static bool try_rate(const struct generator *generator, double log_rate, struct try *out,
                     struct err *err)
{
    double load = 0;
    if (!measure_load(generator, exp(log_rate), &load, err)) {
        return false;
    }
    *out = (struct try){log_rate, log(fmax(load, 1e-300) / generator->options.load)};
    return true;
}

static bool no_such_load(const struct generator *generator, const struct try *nearest,
                         struct err *err)
{
    return err_set(
        err, ERR_FORMAT, 0,
        "no rate of arrivals offers a load of %.6g: at %.3g times the model's rate it is "
        "%.6g",
        generator->options.load, exp(nearest->log_rate),
        generator->options.load * exp(nearest->off));
}

/* The next rate to try, given the bracket; false when there is none worth it. */
static bool next_rate(const struct try *low, const struct try *high, const struct try *at,
                      int tries, double *out)
{
    if (isfinite(low->off) && isfinite(high->off)) {
        /* Regula falsi in turn with halving, which also gets past jumps. */
        double share = tries % 3 == 2 ? 0.5 : low->off / (low->off - high->off);
        *out = low->log_rate + (high->log_rate - low->log_rate) * share;
        return high->log_rate - low->log_rate > 1e-7;
    }
    /* As if load were proportional to rate, and ever a little more. */
    double step = fmin(fmax(-at->off * (tries > 2 ? 1.5 : 1), -8), 8);
    step = fabs(step) > 1e-3 ? step : copysign(1e-3, step);
    *out = at->log_rate + step;
    return fabs(*out) < MOST_LOG_RATE;
}

static bool find_rate(struct generator *generator, struct err *err)
{
    struct try low = {-MOST_LOG_RATE, -HUGE_VAL};
    struct try high = {MOST_LOG_RATE, HUGE_VAL};
    struct try at;
    struct try best = {0, HUGE_VAL};
    double log_rate = 0;
    for (int i = 0; i < MOST_TRIES; i++) {
        if (!try_rate(generator, log_rate, &at, err)) {
            return false;
        }
        best = fabs(at.off) < fabs(best.off) ? at : best;
        if (at.off < 0) {
            low = at;
        } else {
            high = at;
        }
        if (fabs(at.off) < near_enough || !next_rate(&low, &high, &at, i, &log_rate)) {
            break;
        }
    }
    generator->rate = exp(best.log_rate);
    return fabs(best.off) < far_off || no_such_load(generator, &best, err);
}

/* ---------------------------------------------------------------------------------------------- */

struct generator *generator_open(const struct generate_model *model, uint64_t seed,
                                 const struct generate_options *options, struct err *err)
{
    CHECK((options->jobs > 0) != (options->span_us > 0));
    CHECK(options->load <= 0 || options->gpu_milli > 0);
    struct generator *generator = mem_alloc(1, sizeof(*generator));
    generator->model = model;
    generator->options = *options;
    generator->seed = seed;
    generator->rate = 1;
    if (!jobs_init(&generator->jobs, model, seed, err)) {
        jobs_release(&generator->jobs);
        free(generator);
        return NULL;
    }
    bool ok = (options->load <= 0 || find_rate(generator, err)) &&
              arrivals_init(&generator->arrivals, model, seed, generator->rate, err);
    if (!ok) {
        generator_close(generator);
        return NULL;
    }
    return generator;
}

void generator_close(struct generator *generator)
{
    if (generator->arrivals.draws.stream != NULL) {
        arrivals_release(&generator->arrivals);
    }
    jobs_release(&generator->jobs);
    free(generator);
}

bool generator_next(struct generator *generator, struct job_draft *draft, struct err *err)
{
    struct arrival arrival;
    const struct generate_options *options = &generator->options;
    err->code = ERR_NONE;
    if (options->jobs > 0 && generator->made >= options->jobs) {
        return false;
    }
    bool is_possible = arrivals_next(&generator->arrivals, &arrival);
    if (options->span_us > 0 && arrival.submit_us >= options->span_us) {
        return false;
    }
    if (!is_possible || generator->made >= WORKLOAD_MOST_JOBS) {
        return err_set(err, ERR_FORMAT, 0,
                       "job %llu would be submitted %.3g days after the start, or is one too many",
                       (unsigned long long)generator->made + 1,
                       (double)arrival.submit_us / 1e6 / 86400);
    }
    struct job_work work = jobs_work(&generator->jobs, &arrival);
    arrivals_job_runs(&generator->arrivals, &arrival, (double)work.duration_us / 1e6);
    jobs_describe(&generator->jobs, &arrival, work, draft);
    generator->made++;
    int length =
        snprintf(generator->id, sizeof(generator->id), "%llu", (unsigned long long)generator->made);
    draft->id = (struct view){generator->id, (size_t)length};
    return true;
}

double generator_rate(const struct generator *generator)
{
    return generator->rate;
}

bool generator_examples(const struct generator *generator, struct workload *out, struct err *err)
{
    workload_init(out);
    struct job_draft draft;
    bool ok = true;
    uint32_t count = (uint32_t)generator->jobs.sizes.list.count;
    uint32_t kinds = generator->model->sizes.elastic_chance > 0 ? 2 : 1;
    for (uint32_t i = 0; ok && i < count * kinds; i++) {
        char id[16];
        int length = snprintf(id, sizeof(id), "%u", i + 1);
        jobs_example(&generator->jobs, i / kinds, i % kinds == 1, &draft);
        draft.submit_us = 0;
        draft.id = (struct view){id, (size_t)length};
        ok = workload_add(out, &draft, 0, err);
    }
    ok = ok && workload_finish(out, err);
    if (!ok) {
        workload_release(out);
    }
    return ok;
}

static bool add_all(struct generator *generator, struct workload *out, struct err *err)
{
    struct job_draft draft;
    while (generator_next(generator, &draft, err)) {
        if (!workload_add(out, &draft, 0, err)) {
            return false;
        }
    }
    return err->code == ERR_NONE && workload_finish(out, err);
}

bool generate_workload(const struct generate_model *model, uint64_t seed,
                       const struct generate_options *options, struct workload *out,
                       struct err *err)
{
    struct generator *generator = generator_open(model, seed, options, err);
    if (generator == NULL) {
        return false;
    }
    workload_init(out);
    bool ok = add_all(generator, out, err);
    out->format = "native";
    if (ok && options->load > 0) {
        workload_note(out, "arrivals at %.6g times the model's rate, for a load of %.6g",
                      generator->rate, options->load);
    }
    generator_close(generator);
    if (!ok) {
        workload_release(out);
    }
    return ok;
}
