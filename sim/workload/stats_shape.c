/* stats_shape.c - how a trace is distributed: submits over hours and days, durations and sizes in
 * bins, and what in it is odd; see stats.h. */
#include <math.h>

#include "sim/base/check.h"
#include "sim/workload/stats.h"

static const int64_t second_us = 1000000;
static const int64_t hour_us = (int64_t)3600 * 1000000;
static const int64_t day_us = (int64_t)86400 * 1000000;

/* -- submits --------------------------------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

/* 0 is Monday; day 0 is a Thursday. */
static int weekday_of(int64_t day)
{
    int64_t since_monday = (day + 3) % 7;
    return (int)(since_monday < 0 ? since_monday + 7 : since_monday);
}

void stats_measure_arrivals(const struct workload *workload, struct stats_arrivals *out)
{
    const int64_t dated_us = (int64_t)20 * 365 * day_us;
    size_t count = workload->jobs.count;
    double squares = 0;
    const int64_t zero_us = workload->epoch_us + workload->clock_offset_us;
    *out = (struct stats_arrivals){.is_dated = zero_us >= dated_us};
    double mean_us =
        count > 1 ? (double)workload->jobs.items[count - 1].submit_us / (double)(count - 1) : 0;
    for (size_t i = 0; i < count; i++) {
        int64_t submit_us = workload->jobs.items[i].submit_us;
        int64_t clock_us = zero_us + submit_us;
        int64_t day = floor_div(clock_us, day_us);
        int weekday = out->is_dated ? weekday_of(day) : weekday_of(day - 3);
        out->by_hour[(clock_us - day * day_us) / hour_us]++;
        out->by_weekday[weekday]++;
        if (i > 0) {
            int64_t gap_us = submit_us - workload->jobs.items[i - 1].submit_us;
            double off = (double)gap_us - mean_us;
            squares += off * off;
            out->at_once += gap_us == 0 ? 1 : 0;
            out->longest_gap_us = gap_us > out->longest_gap_us ? gap_us : out->longest_gap_us;
        }
    }
    out->mean_gap_s = mean_us / 1e6;
    if (mean_us > 0) {
        out->gap_variation = sqrt(squares / (double)(count - 1)) / mean_us;
    }
}

/* -- bins ------------------------------------------------------------------------------------ */

struct bin_kind {
    int64_t below; /* seconds, or milli-GPUs; the last bin has no bound */
    const char *name;
};

static const struct bin_kind duration_bins[STATS_DURATION_BINS] = {
    {1, "under 1 s"},      {10, "1 to 10 s"},       {60, "10 s to 1 min"},
    {600, "1 to 10 min"},  {3600, "10 min to 1 h"}, {21600, "1 to 6 h"},
    {86400, "6 h to 1 d"}, {604800, "1 to 7 d"},    {INT64_MAX, "7 d and more"},
};

static const struct bin_kind size_bins[STATS_SIZE_BINS] = {
    {1, "none"},      {1000, "part of 1"},
    {2000, "1"},      {3000, "2"},
    {5000, "3-4"},    {9000, "5-8"},
    {17000, "9-16"},  {33000, "17-32"},
    {65000, "33-64"}, {INT64_MAX, "more than 64"},
};

const char *stats_duration_bin_name(int bin)
{
    CHECK(bin >= 0 && bin < STATS_DURATION_BINS);
    return duration_bins[bin].name;
}

const char *stats_size_bin_name(int bin)
{
    CHECK(bin >= 0 && bin < STATS_SIZE_BINS);
    return size_bins[bin].name;
}

static int bin_of(const struct bin_kind *kinds, int count, int64_t value)
{
    int bin = 0;
    while (bin < count - 1 && value >= kinds[bin].below) {
        bin++;
    }
    return bin;
}

void stats_measure_bins(const struct workload *workload, struct stats *out)
{
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        int64_t gpu_milli = workload_shape_gpu_milli(workload, job->shape);
        bool is_told = job->duration_us != TIME_UNKNOWN;
        double hours = is_told ? (double)gpu_milli * (double)job->duration_us / 3.6e12 : 0;
        struct stats_bin *size = &out->size_bins[bin_of(size_bins, STATS_SIZE_BINS, gpu_milli)];
        size->jobs++;
        size->gpu_hours += hours;
        if (is_told) {
            int bin = bin_of(duration_bins, STATS_DURATION_BINS, job->duration_us / second_us);
            out->duration_bins[bin].jobs++;
            out->duration_bins[bin].gpu_hours += hours;
        }
    }
}

/* -- suspicions ------------------------------------------------------------------------------ */

const char *stats_suspicion_text(enum stats_suspicion suspicion)
{
    static const char *const texts[SUSPICION_COUNT] = {
        [SUSPECT_NO_DURATION] = "tell no duration and cannot be replayed",
        [SUSPECT_ZERO_DURATION] = "last 0 seconds",
        [SUSPECT_LONG] = "last more than 30 days",
        [SUSPECT_EXCEEDED] = "run longer than estimated",
        [SUSPECT_NO_REQUEST] = "ask for no GPU, CPU or memory",
        [SUSPECT_TWIN] = "equal the job before them: submit, user, request and duration",
        [SUSPECT_AFTER_GAP] = "come after a week or more without a submit",
    };
    CHECK((unsigned)suspicion < SUSPICION_COUNT);
    return texts[suspicion];
}

/* Does the job ask for nothing at all? */
static bool asks_nothing(const struct workload *workload, uint32_t shape)
{
    const struct shape *s = &workload->shapes.items[shape];
    for (uint32_t i = 0; i < s->group_count; i++) {
        const struct request *request = &workload->groups.items[s->first_group + i].request;
        if (request->kind != GPU_NONE || request->cpu_milli > 0 || request->memory_mib > 0) {
            return false;
        }
    }
    return true;
}

void stats_measure_suspects(const struct workload *workload, struct stats *out)
{
    const struct job *jobs = workload->jobs.items;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &jobs[i];
        const struct job *last = i > 0 ? &jobs[i - 1] : NULL;
        bool is_told = job->duration_us != TIME_UNKNOWN;
        const bool holds[SUSPICION_COUNT] = {
            [SUSPECT_NO_DURATION] = !is_told,
            [SUSPECT_ZERO_DURATION] = job->duration_us == 0,
            [SUSPECT_LONG] = is_told && job->duration_us > 30 * day_us,
            [SUSPECT_EXCEEDED] =
                is_told && job->estimate_us != TIME_UNKNOWN && job->duration_us > job->estimate_us,
            [SUSPECT_NO_REQUEST] = asks_nothing(workload, job->shape),
            [SUSPECT_TWIN] = last != NULL && is_told && last->submit_us == job->submit_us &&
                             last->user == job->user && last->shape == job->shape &&
                             last->duration_us == job->duration_us,
            [SUSPECT_AFTER_GAP] = last != NULL && job->submit_us - last->submit_us >= 7 * day_us,
        };
        for (int k = 0; k < SUSPICION_COUNT; k++) {
            struct stats_suspect *suspect = &out->suspects[k];
            if (holds[k] && suspect->jobs++ == 0) {
                suspect->first_job = (uint32_t)i;
            }
        }
    }
}
