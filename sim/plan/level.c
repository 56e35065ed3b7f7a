/* level.c - see level.h. */
#include "sim/plan/level.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "sim/base/check.h"
#include "sim/report/human.h"
#include "sim/study/metric.h"

enum { NOT_STARTED = -1, REJECTED = -2, HOUR_S = 3600 };

bool level_wants_more(const struct plan_level *level)
{
    return level->kind == LEVEL_SHARE_WAIT || level->kind == LEVEL_SHARE_SLOWDOWN ||
           level->at_least;
}

double level_goal(const struct plan_level *level)
{
    bool is_share = level->kind == LEVEL_SHARE_WAIT || level->kind == LEVEL_SHARE_SLOWDOWN;
    return is_share ? level->share : level->bound;
}

static void add_jobs(struct text *out, const struct level_jobs *jobs)
{
    if (jobs->queue != NULL) {
        text_addf(out, " of queue %s", jobs->queue);
    }
    if (jobs->user != NULL) {
        text_addf(out, " of user %s", jobs->user);
    }
    if (jobs->gpus_at_least > 0 && jobs->gpus_at_most > 0) {
        text_addf(out, " with %g to %g GPUs", jobs->gpus_at_least, jobs->gpus_at_most);
    } else if (jobs->gpus_at_most > 0) {
        text_addf(out, " up to %g GPU%s", jobs->gpus_at_most, jobs->gpus_at_most > 1 ? "s" : "");
    } else if (jobs->gpus_at_least > 0) {
        text_addf(out, " from %g GPUs on", jobs->gpus_at_least);
    }
}

void level_add_words(struct text *out, const struct plan_level *level)
{
    switch (level->kind) {
    case LEVEL_SHARE_WAIT:
    case LEVEL_SHARE_SLOWDOWN:
        text_addf(out, "%g %% of jobs", level->share * 100);
        add_jobs(out, &level->jobs);
        if (level->kind == LEVEL_SHARE_WAIT) {
            text_add(out, " wait at most ");
            human_add_duration(out, level->bound);
        } else {
            text_addf(out, " are slowed down at most %g times", level->bound);
        }
        break;
    case LEVEL_MEAN_WAIT:
        text_add(out, "jobs");
        add_jobs(out, &level->jobs);
        text_add(out, " wait at most ");
        human_add_duration(out, level->bound);
        text_add(out, " in the mean");
        break;
    case LEVEL_MEAN_SLOWDOWN:
        text_add(out, "jobs");
        add_jobs(out, &level->jobs);
        text_addf(out, " are slowed down at most %g times in the mean", level->bound);
        break;
    case LEVEL_METRIC:
        text_addf(out, "%s at %s %g", metrics[level->metric].name,
                  level->at_least ? "least" : "most", level->bound);
        break;
    }
}

void level_add_key(struct text *out, const struct plan_level *level)
{
    bool is_share = level->kind == LEVEL_SHARE_WAIT || level->kind == LEVEL_SHARE_SLOWDOWN;
    text_addf(out, "%d %u %.17g %.17g %.17g %zu:%s %zu:%s\n", (int)level->kind, level->metric,
              is_share ? level->bound : 0, level->jobs.gpus_at_least, level->jobs.gpus_at_most,
              level->jobs.queue == NULL ? 0 : strlen(level->jobs.queue) + 1,
              level->jobs.queue == NULL ? "" : level->jobs.queue,
              level->jobs.user == NULL ? 0 : strlen(level->jobs.user) + 1,
              level->jobs.user == NULL ? "" : level->jobs.user);
}

bool level_jobs_cover(const struct level_jobs *jobs, const struct workload *workload, uint32_t job)
{
    const struct job *facts = &workload->jobs.items[job];
    double gpus = (double)workload_shape_gpu_milli(workload, facts->shape) / 1000;
    const char *queue = names_get(&workload->queues, facts->queue);
    queue = queue[0] == '\0' ? "default" : queue; /* as policies call it */
    return (jobs->queue == NULL || strcmp(queue, jobs->queue) == 0) &&
           (jobs->user == NULL ||
            strcmp(names_get(&workload->users, facts->user), jobs->user) == 0) &&
           gpus >= jobs->gpus_at_least && (jobs->gpus_at_most <= 0 || gpus <= jobs->gpus_at_most);
}

/* -- measuring ------------------------------------------------------------------------------- */

static int64_t bound_us(const struct plan_level *level)
{
    return level->bound < 1e12 ? llround(level->bound * 1e6) : INT64_MAX / 4;
}

void level_meter_init(struct level_meter *meter, const struct workload *workload,
                      const struct plan_level *levels, uint32_t count, int64_t warmup_us)
{
    enum { USUAL_TAU_US = 10000000 };
    *meter = (struct level_meter){
        .workload = workload,
        .levels = levels,
        .count = count,
        .warmup_us = warmup_us,
        .tau_us = USUAL_TAU_US,
        .wait_us = mem_alloc(workload->jobs.count, sizeof(int64_t)),
        .complete_us = mem_alloc(workload->jobs.count, sizeof(int64_t)),
    };
    for (size_t i = 0; i < workload->jobs.count; i++) {
        meter->wait_us[i] = NOT_STARTED;
        meter->complete_us[i] = NOT_STARTED;
    }
    for (uint32_t i = 0; i < count; i++) {
        int64_t own_us = bound_us(&levels[i]);
        if (levels[i].kind == LEVEL_SHARE_WAIT && own_us > meter->longest_us) {
            meter->longest_us = own_us;
        }
        for (uint32_t job = 0; job < workload->jobs.count; job++) {
            meter->covered[i] += workload->jobs.items[job].submit_us >= warmup_us &&
                                         level_jobs_cover(&levels[i].jobs, workload, job)
                                     ? 1
                                     : 0;
        }
    }
}

void level_meter_release(struct level_meter *meter)
{
    free(meter->wait_us);
    free(meter->complete_us);
}

/* By far: the run may miss the goal several times over, so that a mean over replications with
 * others that keep it is not decided by where this one was stopped. */
static bool is_hopeless(const struct plan_level *level, double missed, double covered)
{
    if (level->kind == LEVEL_SHARE_WAIT) {
        return missed > (3 * (1 - level->share) + 0.05) * covered;
    }
    return level->kind == LEVEL_MEAN_WAIT && missed > 3 * level->bound * covered + 60 * covered;
}

static void note_missed(struct level_meter *meter, uint32_t level, double missed)
{
    meter->missed[level] += missed;
    if (is_hopeless(&meter->levels[level], meter->missed[level], meter->covered[level])) {
        meter->hopeless = 1;
    }
}

/* Jobs whose longest bound has passed: who has not started within a level's bound has missed it. */
static void count_missed(struct level_meter *meter)
{
    const struct workload *workload = meter->workload;
    while (meter->next_due < workload->jobs.count) {
        uint32_t job = meter->next_due;
        if (workload->jobs.items[job].submit_us + meter->longest_us >= meter->now_us) {
            return;
        }
        meter->next_due++;
        for (uint32_t i = 0; i < meter->count; i++) {
            const struct plan_level *level = &meter->levels[i];
            bool started = meter->wait_us[job] >= 0 && meter->wait_us[job] <= bound_us(level);
            if (level->kind == LEVEL_SHARE_WAIT && !started &&
                workload->jobs.items[job].submit_us >= meter->warmup_us &&
                level_jobs_cover(&level->jobs, workload, job)) {
                note_missed(meter, i, 1);
            }
        }
    }
}

static void add_wait(struct level_meter *meter, uint32_t job)
{
    for (uint32_t i = 0; i < meter->count; i++) {
        const struct plan_level *level = &meter->levels[i];
        if (level->kind == LEVEL_MEAN_WAIT &&
            meter->workload->jobs.items[job].submit_us >= meter->warmup_us &&
            level_jobs_cover(&level->jobs, meter->workload, job)) {
            note_missed(meter, i, (double)meter->wait_us[job] / 1e6);
        }
    }
}

static void record(void *self, const struct log_record *record)
{
    struct level_meter *meter = self;
    meter->now_us = record->time_us;
    count_missed(meter);
    if (meter->asked_for != NULL && atomic_load(meter->asked_for) == 0) {
        meter->hopeless = 1;
    }
    if (record->job == LOG_NO_JOB) {
        return;
    }
    int64_t since_us = record->time_us - meter->workload->jobs.items[record->job].submit_us;
    if (record->kind == LOG_START && meter->wait_us[record->job] == NOT_STARTED) {
        meter->wait_us[record->job] = since_us;
        add_wait(meter, record->job);
    } else if (record->kind == LOG_REJECT) {
        meter->wait_us[record->job] = REJECTED;
    } else if (record->kind == LOG_FINISH) {
        meter->complete_us[record->job] = since_us;
    }
}

struct log_sink level_meter_sink(struct level_meter *meter)
{
    return (struct log_sink){meter, record};
}

/* How long the job waited, or has waited until the end; -1 when it can never run. */
static double wait_s(const struct level_meter *meter, uint32_t job)
{
    int64_t wait_us = meter->wait_us[job];
    if (wait_us == NOT_STARTED) {
        wait_us = meter->now_us - meter->workload->jobs.items[job].submit_us;
    }
    return wait_us == REJECTED ? -1 : (double)wait_us / 1e6;
}

/* Completion time over duration, each at least tau; of a job without an end -1. */
static double slowdown(const struct level_meter *meter, uint32_t job)
{
    int64_t complete_us = meter->complete_us[job];
    int64_t duration_us = meter->workload->jobs.items[job].duration_us;
    int64_t least_us = duration_us > meter->tau_us ? duration_us : meter->tau_us;
    if (complete_us < 0) {
        return -1;
    }
    return complete_us > least_us ? (double)complete_us / (double)least_us : 1;
}

static bool is_within(const struct level_meter *meter, const struct plan_level *level, uint32_t job)
{
    if (level->kind == LEVEL_SHARE_WAIT) {
        return meter->wait_us[job] >= 0 && meter->wait_us[job] <= bound_us(level);
    }
    double value = slowdown(meter, job);
    return value >= 0 && value <= level->bound;
}

static void add_job(const struct level_meter *meter, const struct plan_level *level, uint32_t job,
                    struct level_sum *sum)
{
    double value = 0;
    switch (level->kind) {
    case LEVEL_SHARE_WAIT:
    case LEVEL_SHARE_SLOWDOWN:
        sum->top += is_within(meter, level, job) ? 1 : 0;
        sum->bottom += 1;
        return;
    case LEVEL_MEAN_WAIT:
        value = wait_s(meter, job);
        break;
    case LEVEL_MEAN_SLOWDOWN:
        value = slowdown(meter, job);
        break;
    case LEVEL_METRIC:
        return;
    }
    /* A mean has no place for a job that never runs: it makes the mean infinite. */
    sum->top += value >= 0 ? value : (double)INFINITY;
    sum->bottom += 1;
}

void level_meter_take_best(const struct level_meter *meter, struct level_sum *sums)
{
    for (uint32_t i = 0; i < meter->count; i++) {
        sums[i] = (struct level_sum){0, 0};
        if (meter->levels[i].kind == LEVEL_SHARE_WAIT) {
            sums[i] = (struct level_sum){meter->covered[i] - meter->missed[i], meter->covered[i]};
        } else if (meter->levels[i].kind == LEVEL_MEAN_WAIT) {
            sums[i] = (struct level_sum){meter->missed[i], meter->covered[i]};
        }
    }
}

void level_meter_take(const struct level_meter *meter, struct level_sum *sums)
{
    for (uint32_t i = 0; i < meter->count; i++) {
        sums[i] = (struct level_sum){0, 0};
        for (uint32_t job = 0; job < meter->workload->jobs.count; job++) {
            if (meter->workload->jobs.items[job].submit_us >= meter->warmup_us &&
                level_jobs_cover(&meter->levels[i].jobs, meter->workload, job)) {
                add_job(meter, &meter->levels[i], job, &sums[i]);
            }
        }
    }
}

void level_meter_hours(const struct level_meter *meter, uint32_t number, double hours[LEVEL_HOURS])
{
    const struct plan_level *level = &meter->levels[number];
    const struct workload *workload = meter->workload;
    int64_t clock_us = workload->epoch_us + workload->clock_offset_us;
    for (uint32_t job = 0; job < workload->jobs.count; job++) {
        int64_t submit_us = workload->jobs.items[job].submit_us;
        if (submit_us < meter->warmup_us || !level_jobs_cover(&level->jobs, workload, job)) {
            continue;
        }
        int64_t hour = (clock_us + submit_us) / 1000000 / HOUR_S % LEVEL_HOURS;
        double waited = wait_s(meter, job);
        bool is_share = level->kind == LEVEL_SHARE_WAIT || level->kind == LEVEL_SHARE_SLOWDOWN;
        hours[(hour + LEVEL_HOURS) % LEVEL_HOURS] += is_share     ? !is_within(meter, level, job)
                                                     : waited > 0 ? waited
                                                                  : 0;
    }
}

/* -- judging --------------------------------------------------------------------------------- */

/* Standard error of top / bottom, by the residuals of the ratio. */
static double ratio_error(const struct level_sum *sums, size_t count, double ratio, double bottom)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++) {
        double residual = sums[i].top - ratio * sums[i].bottom;
        squares += residual * residual;
    }
    double mean = bottom / (double)count;
    return sqrt(squares / ((double)count - 1) / (double)count) / mean;
}

struct level_estimate level_judge(const struct plan_level *level, const struct level_sum *sums,
                                  size_t count, double confidence)
{
    double top = 0;
    double bottom = 0;
    for (size_t i = 0; i < count; i++) {
        top += sums[i].top;
        bottom += sums[i].bottom;
    }
    struct level_estimate out = {.verdict = LEVEL_KEPT};
    if (bottom <= 0) {
        return out;
    }
    double sign = level_wants_more(level) ? 1 : -1;
    out.value = top / bottom;
    out.low = out.value;
    out.high = out.value;
    if (!(out.value >= -(double)INFINITY && out.value < (double)INFINITY)) {
        out.margin = -(double)INFINITY;
        out.verdict = LEVEL_BROKEN;
        return out;
    }
    out.margin = sign * (out.value - level_goal(level));
    double half = 0;
    if (count > 1) {
        half = gsl_cdf_tdist_Pinv(confidence, (double)count - 1) *
               ratio_error(sums, count, out.value, bottom);
    }
    out.low = out.value - half;
    out.high = out.value + half;
    out.verdict = out.margin >= half   ? LEVEL_KEPT
                  : out.margin < -half ? LEVEL_BROKEN
                                       : LEVEL_UNCLEAR;
    if (out.verdict == LEVEL_UNCLEAR && count == 1) {
        out.verdict = out.margin >= 0 ? LEVEL_KEPT : LEVEL_BROKEN;
    }
    return out;
}
