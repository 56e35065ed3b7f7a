/* numbers_more.c - who waited too long, waits by priority, and what GPU time went into; see
 * numbers_from.h. */
#include "sim/base/check.h"
#include "sim/report/measure.h"
#include "sim/report/numbers_from.h"
#include "sim/report/spread.h"

enum { STARVED_TIMES = 10 };

static const int64_t waited_us[WAITED_COUNT] = {60000000, 600000000, 3600000000, 86400000000};

/* Until the first start, or the end of the run. */
static int64_t wait_so_far_us(const struct fold *fold, uint32_t number)
{
    const struct fold_job *job = &fold->jobs[number];
    int64_t until_us = job->start_us != TIME_UNKNOWN ? job->start_us : fold->now_us;
    return until_us - fold->workload->jobs.items[number].submit_us;
}

static bool is_there(const struct fold *fold, uint32_t number)
{
    uint8_t phase = fold->jobs[number].phase;
    return fold_is_measured(fold, number) && phase != PHASE_ABSENT && phase != PHASE_REJECTED;
}

static void spread_priorities(struct report_numbers *numbers, const struct fold *fold)
{
    struct measured measured;
    measured_init(&measured, fold, MEASURE_WAIT, GROUP_PRIORITY, 0);
    for (uint32_t i = 0; i < measured.group_count; i++) {
        size_t count = 0;
        const uint64_t *keys = measured_group(&measured, i, &count);
        struct report_priority entry = {fold->priorities.items[i], spread_of_us(keys, count)};
        if (count > 0) {
            vec_push(&numbers->wait_by_priority, entry);
        }
    }
    measured_release(&measured);
}

void numbers_add_waits(struct report_numbers *numbers, const struct fold *fold)
{
    if (fold->priorities.count > 1) {
        spread_priorities(numbers, fold);
    }
    numbers->oldest_pending_s = (double)fold->oldest_us / 1e6;
    for (uint32_t i = 0; i < fold->workload->jobs.count; i++) {
        if (!is_there(fold, i)) {
            continue;
        }
        int64_t wait_us = wait_so_far_us(fold, i);
        enum size_class size = size_class_of(fold->jobs[i].asked_milli);
        double median_us = numbers->wait_by_size[size].p50 * 1e6;
        for (int k = 0; k < WAITED_COUNT; k++) {
            numbers->waited[k] += wait_us > waited_us[k];
        }
        numbers->starved +=
            (double)wait_us > STARVED_TIMES * median_us && wait_us > waited_us[2] ? 1 : 0;
    }
}

/* Work done at reference speed, times the GPUs asked for; what runs at the end counts as if it had
 * worked at that speed. */
static double useful_milli_us(const struct fold *fold)
{
    double sum = 0;
    for (uint32_t i = 0; i < fold->workload->jobs.count; i++) {
        const struct fold_job *job = &fold->jobs[i];
        if (job->phase == PHASE_COMPLETED) {
            sum += (double)fold->workload->jobs.items[i].duration_us * (double)job->asked_milli;
        } else if (job->phase == PHASE_RUNNING || job->phase == PHASE_PENDING) {
            sum += (double)(fold_ran_us(fold, i) - job->lost_us) * (double)job->asked_milli;
        }
    }
    return sum;
}

void numbers_add_goodput(struct report_numbers *numbers, const struct fold *fold)
{
    struct report_goodput *out = &numbers->goodput;
    double capacity =
        (double)(wide_product(fold->all_gpu_milli, fold->now_us) - fold->run_away_milli_us);
    double allocated = (double)fold->run_milli_us;
    double wasted = (double)fold->lost_milli_us + (double)fold->overhead_milli_us;
    out->overhead_gpu_hours = wide_gpu_hours(fold->overhead_milli_us);
    if (!(capacity > 0 && allocated > 0)) {
        return;
    }
    out->allocated = allocated / capacity;
    out->kept = wasted < allocated ? 1 - wasted / allocated : 0;
    out->speed = out->kept > 0 ? useful_milli_us(fold) / (allocated - wasted) : 0;
    out->goodput = out->allocated * out->kept * out->speed;
}
