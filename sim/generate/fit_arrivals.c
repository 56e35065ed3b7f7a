/* fit_arrivals.c - the profile of the rate and the interarrival times of a trace; see fit.h. */
#include <math.h>

#include "sim/generate/family_fit.h"
#include "sim/generate/fit_parts.h"
#include "sim/generate/ks.h"
#include "sim/generate/rate_clock.h"

enum { HOURS_A_DAY = 24, HOURS_A_WEEK = 168, DAYS_FOR_DAY = 3, DAYS_FOR_WEEK = 28 };

static const double hour_s = 3600;
static const double us_per_s = 1e6;

/* Seconds since a Monday 00:00 in the trace's own time: 1970 began on a Thursday. */
static double since_monday_s(const struct workload *workload)
{
    double week_s = HOURS_A_WEEK * hour_s;
    double clock_us = (double)(workload->epoch_us + workload->clock_offset_us);
    double since_s = clock_us / us_per_s + 3 * HOURS_A_DAY * hour_s;
    return since_s - floor(since_s / week_s) * week_s;
}

static double span_s_of(const struct workload *workload)
{
    return (double)workload->jobs.items[workload->jobs.count - 1].submit_us / us_per_s;
}

/* Jobs submitted in each hour of the profile, and how long the trace saw that hour. */
struct hours {
    double jobs[HOURS_A_WEEK];
    double seen_s[HOURS_A_WEEK];
    double roots[HOURS_A_WEEK]; /* of the jobs of single whole hours, and those jobs */
    double squares[HOURS_A_WEEK];
    double samples[HOURS_A_WEEK];
    uint32_t count;
};

static void add_hour(struct hours *hours, uint32_t hour, double seen_s, double jobs)
{
    hours->jobs[hour] += jobs;
    hours->seen_s[hour] += seen_s;
    if (seen_s >= hour_s) {
        hours->roots[hour] += sqrt(jobs);
        hours->squares[hour] += jobs;
        hours->samples[hour] += 1;
    }
}

/* Walks over the trace hour by hour on the clock. */
static void count_hours(const struct workload *workload, uint32_t count, struct hours *hours)
{
    *hours = (struct hours){.count = count};
    double start_s = since_monday_s(workload);
    double end_s = start_s + span_s_of(workload);
    size_t job = 0;
    for (double at_s = start_s; at_s < end_s;) {
        double next_s = fmin((floor(at_s / hour_s) + 1) * hour_s, end_s);
        double jobs = 0;
        while (job < workload->jobs.count &&
               start_s + (double)workload->jobs.items[job].submit_us / us_per_s < next_s) {
            job++;
            jobs++;
        }
        uint32_t hour = (uint32_t)fmod(floor(at_s / hour_s), count);
        add_hour(hours, hour, next_s - at_s, jobs);
        at_s = next_s;
    }
}

/* Do the hours of the profile differ by more than the same hour does from day to day? Analysis of
 * variance over whole hours, of the roots of counts, whose spread depends little on their size: F
 * more than four standard deviations above 1. */
static bool hours_differ(const struct hours *hours)
{
    double all = 0;
    double samples = 0;
    double within = 0;
    double between = 0;
    for (uint32_t i = 0; i < hours->count; i++) {
        all += hours->roots[i];
        samples += hours->samples[i];
    }
    double mean = all / fmax(samples, 1);
    for (uint32_t i = 0; i < hours->count; i++) {
        double n = hours->samples[i];
        double own = n > 0 ? hours->roots[i] / n : mean;
        within += fmax(hours->squares[i] - n * own * own, 0);
        between += n * (own - mean) * (own - mean);
    }
    double between_free = hours->count - 1.0;
    double within_free = samples - hours->count;
    if (!(within_free > 0) || !(within > 0)) {
        return false;
    }
    double f = between / between_free / (within / within_free);
    return f > 1 + 4 * sqrt(2 / between_free + 2 / within_free);
}

static void fit_profile(const struct workload *workload, const struct fit_options *options,
                        struct model_arrivals *out, struct fit_report *report)
{
    struct hours hours;
    double days = span_s_of(workload) / hour_s / HOURS_A_DAY;
    uint32_t count = days >= DAYS_FOR_WEEK ? HOURS_A_WEEK : HOURS_A_DAY;
    if (options->profile == FIT_PROFILE_DAY || options->profile == FIT_PROFILE_WEEK) {
        count = options->profile == FIT_PROFILE_WEEK ? HOURS_A_WEEK : HOURS_A_DAY;
    }
    count_hours(workload, count, &hours);
    if (options->profile == FIT_PROFILE_FLAT ||
        (options->profile == FIT_PROFILE_AUTO && (days < DAYS_FOR_DAY || !hours_differ(&hours)))) {
        fit_note(report, "the rate of arrivals is constant in the model");
        return;
    }
    double span_s = span_s_of(workload);
    double mean = (double)workload->jobs.count / span_s;
    for (uint32_t i = 0; i < count; i++) {
        double weight = hours.seen_s[i] > 0 ? hours.jobs[i] / hours.seen_s[i] / mean : 1;
        vec_push(&out->profile.weights, weight);
    }
    out->profile.period_s = count * hour_s;
    out->start_s = fmod(since_monday_s(workload), out->profile.period_s);
}

/* Interarrival times on the clock of the profile. */
static double *stretched(const struct workload *workload, const struct model_arrivals *arrivals,
                         size_t *count)
{
    struct rate_clock clock;
    double *steps = mem_alloc(workload->jobs.count, sizeof(*steps));
    rate_clock_init(&clock, &arrivals->profile, arrivals->start_s);
    double before = 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        double op = rate_clock_op_of(&clock, (double)workload->jobs.items[i].submit_us / us_per_s);
        if (i > 0) {
            steps[i - 1] = fmax(op - before, 0);
        }
        before = op;
    }
    rate_clock_release(&clock);
    *count = workload->jobs.count - 1;
    return steps;
}

bool fit_arrivals(const struct workload *workload, const struct fit_options *options,
                  struct model_arrivals *out, struct fit_report *report, struct err *err)
{
    if (span_s_of(workload) <= 0) {
        return err_set(err, ERR_FORMAT, 0,
                       "all jobs are submitted at one time: there is no rate to be fitted");
    }
    fit_profile(workload, options, out, report);
    out->round_s = fit_resolution_s(workload, true);
    size_t count = 0;
    double *steps = stretched(workload, out, &count);
    struct distribution fitted;
    bool ok = fit_distribution(steps, count, out->round_s, options->interarrival, options, &fitted);
    free(steps);
    if (!ok) {
        return err_set(err, ERR_FORMAT, 0, "the interarrival times cannot be %s",
                       options->interarrival < FAMILY_COUNT
                           ? distribution_family_name(options->interarrival)
                           : "of any family");
    }
    distribution_release(&out->interarrival);
    out->interarrival = fitted;
    return true;
}
