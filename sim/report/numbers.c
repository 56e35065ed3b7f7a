/* numbers.c - see numbers.h and numbers_from.h. */
#include "sim/report/numbers.h"

#include <stdlib.h>

#include "sim/base/check.h"
#include "sim/report/measure.h"
#include "sim/report/numbers_from.h"
#include "sim/report/spread.h"

const char *size_class_name(enum size_class size)
{
    static const char *const names[SIZE_CLASS_COUNT] = {"0",   "<1",   "1",     "2-4",
                                                        "5-8", "9-16", "17-64", ">64"};
    CHECK((unsigned)size < SIZE_CLASS_COUNT);
    return names[size];
}

enum size_class size_class_of(int64_t gpu_milli)
{
    if (gpu_milli <= 0) {
        return SIZE_NONE;
    }
    if (gpu_milli < 1000) {
        return SIZE_PART;
    }
    static const int64_t most_milli[] = {1000, 4000, 8000, 16000, 64000};
    enum size_class size = SIZE_ONE;
    while (size < SIZE_LARGER && gpu_milli > most_milli[size - SIZE_ONE]) {
        size++;
    }
    return size;
}

static void count_job(struct report_counts *counts, enum fold_phase phase)
{
    switch (phase) {
    case PHASE_ABSENT:
        return;
    case PHASE_PENDING:
        counts->pending++;
        break;
    case PHASE_RUNNING:
        counts->running++;
        break;
    case PHASE_COMPLETED:
        counts->completed++;
        break;
    case PHASE_REJECTED:
        counts->rejected++;
        break;
    }
    counts->submitted++;
}

static void check_counts(const struct report_counts *counts)
{
    CHECK(counts->submitted ==
          counts->completed + counts->running + counts->pending + counts->rejected);
}

/* What needs one look at every job. */
static void count_jobs(struct report_numbers *numbers, const struct fold *fold)
{
    int64_t last_us = 0;
    for (uint32_t i = 0; i < fold->workload->jobs.count; i++) {
        const struct fold_job *job = &fold->jobs[i];
        enum fold_phase phase = (enum fold_phase)job->phase;
        if (phase == PHASE_ABSENT) {
            numbers->not_submitted++;
            continue;
        }
        count_job(&numbers->counts, phase);
        count_job(&numbers->queues.items[fold->workload->jobs.items[i].queue].counts, phase);
        numbers->measured += fold_is_measured(fold, i);
        numbers->preempted_jobs += job->preemptions > 0;
        if (phase == PHASE_COMPLETED && job->since_us > last_us) {
            last_us = job->since_us;
        }
        if (phase == PHASE_REJECTED) {
            numbers->reasons.items[job->reason].count++;
        }
    }
    numbers->makespan_s = (double)last_us / 1e6;
    check_counts(&numbers->counts);
}

/* Mean waits in which a job counts as many times as it has GPUs, or GPU time. */
static void weigh_waits(struct report_numbers *numbers, const struct fold *fold)
{
    wide gpus = 0;
    wide gpu_waits = 0;
    double times = 0;
    double time_waits = 0;
    for (uint32_t i = 0; i < fold->workload->jobs.count; i++) {
        const struct fold_job *job = &fold->jobs[i];
        const struct job *told = &fold->workload->jobs.items[i];
        if (!fold_is_measured(fold, i) || job->start_us == TIME_UNKNOWN) {
            continue;
        }
        int64_t wait_us = job->start_us - told->submit_us;
        gpus += (uint64_t)job->asked_milli;
        gpu_waits += wide_product(job->asked_milli, wait_us);
        if (told->duration_us > 0) {
            double gpu_time = (double)job->asked_milli * (double)told->duration_us;
            times += gpu_time;
            time_waits += gpu_time * (double)wait_us;
        }
    }
    numbers->wait_by_gpus_s = gpus > 0 ? (double)gpu_waits / (double)gpus / 1e6 : 0;
    numbers->wait_by_gpu_time_s = times > 0 ? time_waits / times / 1e6 : 0;
}

static struct report_spread spread_all(const struct fold *fold, enum measure measure,
                                       int64_t tau_us)
{
    struct measured measured;
    measured_init(&measured, fold, measure, GROUP_ALL, tau_us);
    size_t count = 0;
    const uint64_t *keys = measured_group(&measured, 0, &count);
    bool ratios = measure >= MEASURE_SLOWDOWN;
    struct report_spread spread =
        ratios ? spread_of_ratios(keys, count) : spread_of_us(keys, count);
    measured_release(&measured);
    return spread;
}

static void spread_groups(struct report_numbers *numbers, const struct fold *fold)
{
    struct measured measured;
    size_t count = 0;
    measured_init(&measured, fold, MEASURE_WAIT, GROUP_SIZE, 0);
    for (uint32_t i = 0; i < measured.group_count; i++) {
        const uint64_t *keys = measured_group(&measured, i, &count);
        numbers->wait_by_size[i] = spread_of_us(keys, count);
    }
    measured_release(&measured);
    measured_init(&measured, fold, MEASURE_WAIT, GROUP_QUEUE, 0);
    for (uint32_t i = 0; i < measured.group_count; i++) {
        const uint64_t *keys = measured_group(&measured, i, &count);
        numbers->queues.items[i].wait = spread_of_us(keys, count);
    }
    measured_release(&measured);
}

/* The queues of the workload, then those of the cluster that no job names. */
static void list_queues(struct report_numbers *numbers, const struct fold *fold)
{
    const struct names *named = &fold->workload->queues;
    double all_hours = wide_gpu_hours(fold->milli_us);
    for (uint32_t i = 0; i < names_count(named); i++) {
        double hours = wide_gpu_hours(fold->queues[i].milli_us);
        struct report_queue queue = {
            .name = names_get(named, i),
            .gpu_hours = hours,
            .share = all_hours > 0 ? hours / all_hours : 0,
            .spec = QUEUE_NO_PARENT,
        };
        vec_push(&numbers->queues, queue);
    }
    for (uint32_t i = 0; i < fold->cluster->queues.count; i++) {
        const char *name = fold->cluster->queues.items[i].name;
        uint32_t number = names_find(named, view_of(name));
        if (number != NAMES_NONE) {
            numbers->queues.items[number].spec = i;
        } else {
            struct report_queue queue = {.name = name, .spec = i};
            vec_push(&numbers->queues, queue);
        }
    }
}

/* Most frequent first; no reason is there twice, so the order is total. */
static int compare_reasons(const void *a, const void *b)
{
    const struct report_reason *x = a;
    const struct report_reason *y = b;
    if (x->count != y->count) {
        return x->count > y->count ? -1 : 1;
    }
    return strcmp(x->text, y->text);
}

void numbers_init(struct report_numbers *numbers, const struct fold *fold, int64_t tau_us)
{
    CHECK(fold->ended && tau_us > 0);
    int64_t span_us = fold->now_us > fold->warmup_us ? fold->now_us - fold->warmup_us : 0;
    double capacity =
        wide_gpu_hours(wide_product(fold->all_gpu_milli, span_us) - fold->away_milli_us);
    double allocated = wide_gpu_hours(fold->milli_us);
    *numbers = (struct report_numbers){
        .warmup_s = (double)fold->warmup_us / 1e6,
        .end_s = (double)fold->now_us / 1e6,
        .tau_s = (double)tau_us / 1e6,
        .capacity_gpu_hours = capacity,
        .allocated_gpu_hours = allocated,
        .allocation_ratio = capacity > 0 ? allocated / capacity : 0,
        .preemptions = fold->preemptions,
        .interruptions = fold->interruptions,
        .migrations = fold->migrations,
        .resizes = fold->resizes,
        .lost_gpu_hours = wide_gpu_hours(fold->lost_milli_us),
    };
    for (uint32_t i = 0; i < names_count(&fold->reasons); i++) {
        struct report_reason reason = {.text = names_get(&fold->reasons, i)};
        vec_push(&numbers->reasons, reason);
    }
    list_queues(numbers, fold);
    count_jobs(numbers, fold);
    if (numbers->reasons.count > 0) {
        qsort(numbers->reasons.items, numbers->reasons.count, sizeof(struct report_reason),
              compare_reasons);
    }
    numbers->wait = spread_all(fold, MEASURE_WAIT, 0);
    numbers->wait_censored = spread_all(fold, MEASURE_WAIT_CENSORED, 0);
    numbers->queueing = spread_all(fold, MEASURE_QUEUEING, 0);
    numbers->completion = spread_all(fold, MEASURE_COMPLETION, 0);
    numbers->slowdown = spread_all(fold, MEASURE_SLOWDOWN, 0);
    numbers->bounded_slowdown = spread_all(fold, MEASURE_BOUNDED_SLOWDOWN, tau_us);
    numbers->gpu_slowdown = spread_all(fold, MEASURE_GPU_SLOWDOWN, tau_us);
    spread_groups(numbers, fold);
    weigh_waits(numbers, fold);
    numbers_add_waits(numbers, fold);
    numbers_add_goodput(numbers, fold);
}

void numbers_release(struct report_numbers *numbers)
{
    vec_release(&numbers->queues);
    vec_release(&numbers->reasons);
    vec_release(&numbers->wait_by_priority);
}

void numbers_rank_queues(const struct report_numbers *numbers, uint32_t *order, uint32_t count)
{
    CHECK(count <= numbers->queues.count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = i;
        double hours = numbers->queues.items[i].gpu_hours;
        while (at > 0 && numbers->queues.items[order[at - 1]].gpu_hours < hours) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
}
