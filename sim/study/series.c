/* series.c - see series.h. */
#include "sim/study/series.h"

#include <math.h>

#include "sim/base/check.h"

enum { WAITS_A_DECADE = 8, SLOWDOWNS_A_DECADE = 10 };

double series_wait_bound_s(uint32_t bin)
{
    return bin == 0 ? 0 : pow(10, (double)(bin - 1) / WAITS_A_DECADE);
}

double series_slowdown_bound(uint32_t bin)
{
    return pow(10, (double)bin / SLOWDOWNS_A_DECADE);
}

/* The first bin whose bound is not below the value. */
static uint32_t bin_of(double value, double (*bound)(uint32_t bin))
{
    uint32_t low = 0;
    uint32_t high = SERIES_BINS - 1;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (bound(middle) >= value) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

void series_cumulate(const uint32_t *bins, double *shares)
{
    double count = 0;
    for (uint32_t i = 0; i < SERIES_BINS; i++) {
        count += bins[i];
    }
    double sum = 0;
    for (uint32_t i = 0; i < SERIES_BINS; i++) {
        sum += bins[i];
        shares[i] = count > 0 ? sum / count : (double)NAN;
    }
}

void series_init(struct series *series, const struct workload *workload,
                 const struct series_options *options)
{
    size_t jobs = workload->jobs.count;
    *series = (struct series){.workload = workload, .options = *options};
    /* One more microsecond, so that the last submit lies in the last step. */
    series->step_us = workload->jobs.items[jobs - 1].submit_us / SERIES_STEPS + 1;
    bitset_init(&series->started, (uint32_t)jobs);
}

void series_release(struct series *series)
{
    bitset_release(&series->started);
}

/* Adds what is pending to the steps between now and `until_us`. */
static void advance(struct series *series, int64_t until_us)
{
    while (series->now_us < until_us) {
        int64_t step = series->now_us / series->step_us;
        if (step >= SERIES_STEPS) {
            series->now_us = until_us;
            return;
        }
        int64_t end_us = (step + 1) * series->step_us;
        end_us = end_us < until_us ? end_us : until_us;
        series->backlog[step] += (double)series->pending_milli *
                                 ((double)(end_us - series->now_us) / (double)series->step_us);
        series->now_us = end_us;
    }
}

static int64_t asked(const struct series *series, uint32_t job)
{
    uint32_t shape = series->workload->jobs.items[job].shape;
    int64_t milli = workload_shape_gpu_milli(series->workload, shape);
    return milli > 0 ? milli : 1;
}

static void note_finish(struct series *series, uint32_t number)
{
    const struct job *job = &series->workload->jobs.items[number];
    if (job->submit_us < series->options.warmup_us) {
        return;
    }
    int64_t least_us = series->options.tau_us;
    least_us = job->duration_us > least_us ? job->duration_us : least_us;
    double slowdown = (double)(series->now_us - job->submit_us) / (double)least_us;
    series->slowdown_bins[bin_of(slowdown, series_slowdown_bound)]++;
}

static void note_start(struct series *series, uint32_t job)
{
    if (bitset_has(&series->started, job)) {
        return;
    }
    bitset_add(&series->started, job);
    int64_t submit_us = series->workload->jobs.items[job].submit_us;
    int64_t step = submit_us / series->step_us;
    CHECK(step < SERIES_STEPS);
    series->wait_us[step] += (double)(series->now_us - submit_us);
    series->waits[step]++;
    if (submit_us >= series->options.warmup_us) {
        double wait_s = (double)(series->now_us - submit_us) / 1e6;
        series->wait_bins[bin_of(wait_s, series_wait_bound_s)]++;
    }
}

static void record(void *self, const struct log_record *record)
{
    struct series *series = self;
    advance(series, record->time_us);
    if (record->kind == LOG_SUBMIT || record->kind == LOG_PREEMPT ||
        record->kind == LOG_INTERRUPT) {
        series->pending_milli += asked(series, record->job);
    } else if (record->kind == LOG_START) {
        series->pending_milli -= asked(series, record->job);
        note_start(series, record->job);
    } else if (record->kind == LOG_FINISH) {
        note_finish(series, record->job);
    }
}

struct log_sink series_sink(struct series *series)
{
    return (struct log_sink){series, record};
}
