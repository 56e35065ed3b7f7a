/* numbers_more.c - who waited too long, waits by priority, and what GPU time went into; see
 * numbers_from.h. */
#include <stdlib.h>

#include "sim/base/check.h"
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

struct ranked {
    int32_t priority;
    uint64_t key;
};

/* Highest priority first, then by wait; equal ones are equal in everything that counts. */
static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    if (x->priority != y->priority) {
        return x->priority > y->priority ? -1 : 1;
    }
    return x->key < y->key ? -1 : x->key > y->key;
}

static void spread_priorities(struct report_numbers *numbers, const struct fold *fold)
{
    VEC(struct ranked) waits = {0};
    VEC(uint64_t) keys = {0};
    for (uint32_t i = 0; i < fold->workload->jobs.count; i++) {
        if (is_there(fold, i) && fold->jobs[i].start_us != TIME_UNKNOWN) {
            struct ranked wait = {fold->workload->jobs.items[i].priority,
                                  (uint64_t)wait_so_far_us(fold, i)};
            vec_push(&waits, wait);
        }
    }
    if (waits.count > 0) {
        qsort(waits.items, waits.count, sizeof(struct ranked), compare_ranked);
    }
    for (size_t i = 0; i < waits.count; i++) {
        vec_push(&keys, waits.items[i].key);
        bool is_last =
            i + 1 == waits.count || waits.items[i + 1].priority != waits.items[i].priority;
        if (is_last) {
            struct report_priority entry = {waits.items[i].priority,
                                            spread_of_us(keys.items, keys.count)};
            vec_push(&numbers->wait_by_priority, entry);
            vec_clear(&keys);
        }
    }
    vec_release(&waits);
    vec_release(&keys);
}

static bool has_priorities(const struct fold *fold)
{
    for (size_t i = 1; i < fold->workload->jobs.count; i++) {
        if (fold->workload->jobs.items[i].priority != fold->workload->jobs.items[0].priority) {
            return true;
        }
    }
    return false;
}

void numbers_add_waits(struct report_numbers *numbers, const struct fold *fold)
{
    if (has_priorities(fold)) {
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
    double capacity = (double)wide_product(fold->cluster->gpu_milli, fold->now_us);
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
