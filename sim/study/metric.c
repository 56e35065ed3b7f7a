/* metric.c - see metric.h. */
#include "sim/study/metric.h"

#include <math.h>

#include "sim/report/causes.h"

#define NONE ((double)NAN) /* the run has no such value */

static double of_spread(const struct report_spread *spread, double value)
{
    return spread->count > 0 ? value : NONE;
}

static double mean_wait(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return of_spread(&numbers->wait, numbers->wait.mean);
}

static double p50_wait(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return of_spread(&numbers->wait, numbers->wait.p50);
}

static double p95_wait(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return of_spread(&numbers->wait, numbers->wait.p95);
}

static double p99_wait(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return of_spread(&numbers->wait, numbers->wait.p99);
}

static double wait_by_gpus(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return of_spread(&numbers->wait, numbers->wait_by_gpus_s);
}

static double wait_by_gpu_time(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return of_spread(&numbers->wait, numbers->wait_by_gpu_time_s);
}

static double mean_wait_censored(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return of_spread(&numbers->wait_censored, numbers->wait_censored.mean);
}

static double mean_queueing(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return of_spread(&numbers->queueing, numbers->queueing.mean);
}

static double mean_completion(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return of_spread(&numbers->completion, numbers->completion.mean);
}

static double p95_completion(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return of_spread(&numbers->completion, numbers->completion.p95);
}

static double mean_bounded_slowdown(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return of_spread(&numbers->bounded_slowdown, numbers->bounded_slowdown.mean);
}

static double p95_bounded_slowdown(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return of_spread(&numbers->bounded_slowdown, numbers->bounded_slowdown.p95);
}

static double makespan(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return numbers->counts.completed > 0 ? numbers->makespan_s : NONE;
}

static double allocation_ratio(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return numbers->capacity_gpu_hours > 0 ? numbers->allocation_ratio : NONE;
}

/* Of the queues that had jobs to measure. */
static double worst_queue_wait(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    double worst = NONE;
    for (size_t i = 0; i < numbers->queues.count; i++) {
        const struct report_spread *wait = &numbers->queues.items[i].wait;
        if (wait->count > 0) {
            worst = fmax(worst, wait->mean); /* fmax passes over it */
        }
    }
    return worst;
}

static double share_jain(const struct metric_source *from)
{
    return from->equity->tenants > 1 ? from->equity->jain : NONE;
}

static double share_error(const struct metric_source *from)
{
    return from->equity->error_gpus[1];
}

static double service_lag(const struct metric_source *from)
{
    return from->equity->most_owed_gpu_hours;
}

static double preemptions(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return numbers->preemptions;
}

static double lost_gpu_hours(const struct metric_source *from)
{
    const struct report_numbers *numbers = from->numbers;
    return numbers->lost_gpu_hours;
}

const struct metric metrics[] = {
    {"mean_wait_s", "mean wait until the first start", METRIC_LOWER, true, false, mean_wait},
    {"p50_wait_s", "median wait", METRIC_LOWER, false, false, p50_wait},
    {"p95_wait_s", "95th percentile of the wait", METRIC_LOWER, false, false, p95_wait},
    {"p99_wait_s", "99th percentile of the wait", METRIC_LOWER, false, false, p99_wait},
    {"mean_wait_by_gpus_s", "mean wait, jobs weighted with their GPUs", METRIC_LOWER, false, false,
     wait_by_gpus},
    {"mean_wait_by_gpu_time_s", "mean wait, jobs weighted with GPUs times duration", METRIC_LOWER,
     false, false, wait_by_gpu_time},
    {"mean_wait_until_end_s", "mean wait, jobs that never started counted until the end",
     METRIC_LOWER, true, false, mean_wait_censored},
    {"mean_queueing_s", "mean time not running, after preemptions too", METRIC_LOWER, true, true,
     mean_queueing},
    {"mean_jct_s", "mean completion time", METRIC_LOWER, true, true, mean_completion},
    {"p95_jct_s", "95th percentile of the completion time", METRIC_LOWER, false, true,
     p95_completion},
    {"mean_bounded_slowdown", "mean bounded slowdown", METRIC_LOWER, true, true,
     mean_bounded_slowdown},
    {"p95_bounded_slowdown", "95th percentile of the bounded slowdown", METRIC_LOWER, false, true,
     p95_bounded_slowdown},
    {"makespan_s", "from the first submit to the last completion", METRIC_LOWER, false, true,
     makespan},
    {"allocation_ratio", "GPU time allocated of all GPU time", METRIC_HIGHER, false, false,
     allocation_ratio},
    {"worst_queue_wait_s", "mean wait of the queue that waits longest", METRIC_LOWER, false, false,
     worst_queue_wait},
    {"share_jain", "Jain's index of what queues that wait held of their fair share", METRIC_HIGHER,
     false, false, share_jain},
    {"share_error_gpus", "GPUs held more or less than the fair share, over hours", METRIC_LOWER,
     false, false, share_error},
    {"service_lag_gpu_hours", "the most that any queue was owed", METRIC_LOWER, false, false,
     service_lag},
    {"preemptions", "preemptions", METRIC_LOWER, true, false, preemptions},
    {"lost_gpu_hours", "work done again after preemptions", METRIC_LOWER, true, false,
     lost_gpu_hours},
    {.name = NULL},
};

const struct metric metric_of_causes = {
    .name = "mean_pending_s",
    .help = "mean time pending, by what was waited for",
    .better = METRIC_LOWER,
    .is_mean = true,
};

uint32_t metric_count(void)
{
    return (uint32_t)(sizeof(metrics) / sizeof(metrics[0])) - 1;
}

uint32_t metric_find(const char *name)
{
    uint32_t i = 0;
    while (metrics[i].name != NULL && strcmp(metrics[i].name, name) != 0) {
        i++;
    }
    return i;
}

void metric_columns_init(struct metric_columns *columns, const struct workload *workload)
{
    *columns = (struct metric_columns){.metric_count = metric_count()};
    uint32_t queues = names_count(&workload->queues);
    for (uint32_t i = 0; queues > 1 && i < queues && i < METRIC_MOST_QUEUES; i++) {
        vec_push(&columns->queues, names_get(&workload->queues, i));
    }
    columns->group_count = SIZE_CLASS_COUNT + (uint32_t)columns->queues.count + WAIT_CAUSE_COUNT;
    columns->count = columns->metric_count + columns->group_count;
}

void metric_columns_release(struct metric_columns *columns)
{
    vec_release(&columns->queues);
}

const struct metric *metric_of_column(const struct metric_columns *columns, uint32_t column)
{
    if (column >= columns->count - WAIT_CAUSE_COUNT) {
        return &metric_of_causes;
    }
    return &metrics[column < columns->metric_count ? column : 0];
}

void metric_add_group(struct text *out, const struct metric_columns *columns, uint32_t column)
{
    if (column < columns->metric_count) {
        return;
    }
    uint32_t group = column - columns->metric_count;
    uint32_t first_cause = columns->group_count - WAIT_CAUSE_COUNT;
    if (group >= first_cause) {
        text_addf(out, "cause %s", wait_cause_name((enum wait_cause)(group - first_cause)));
    } else if (group < SIZE_CLASS_COUNT) {
        text_addf(out, "gpus %s", size_class_name((enum size_class)group));
    } else {
        text_addf(out, "queue %s", columns->queues.items[group - SIZE_CLASS_COUNT]);
    }
}

/* Queues of a run are those of its workload, then those of the cluster; names tell them apart. */
static const struct report_queue *queue_named(const struct report_numbers *numbers, uint32_t guess,
                                              const char *name)
{
    const struct report_queue *queues = numbers->queues.items;
    if (guess < numbers->queues.count && strcmp(queues[guess].name, name) == 0) {
        return &queues[guess];
    }
    for (size_t i = 0; i < numbers->queues.count; i++) {
        if (strcmp(queues[i].name, name) == 0) {
            return &queues[i];
        }
    }
    return NULL;
}

void metric_take(const struct metric_columns *columns, const struct metric_source *from,
                 double *values)
{
    const struct report_numbers *numbers = from->numbers;
    uint32_t next = 0;
    while (next < columns->metric_count) {
        values[next] = metrics[next].of(from);
        next++;
    }
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++) {
        const struct report_spread *wait = &numbers->wait_by_size[i];
        values[next++] = of_spread(wait, wait->mean);
    }
    for (uint32_t i = 0; i < columns->queues.count; i++) {
        const struct report_queue *queue = queue_named(numbers, i, columns->queues.items[i]);
        values[next++] = queue == NULL ? NONE : of_spread(&queue->wait, queue->wait.mean);
    }
    double jobs = numbers->counts.submitted - numbers->counts.rejected;
    for (uint32_t i = 0; i < WAIT_CAUSE_COUNT; i++) {
        values[next++] = jobs > 0 ? (double)from->causes->total[i].job_us / 1e6 / jobs : NONE;
    }
}
