/* equity.c - see equity.h. */
#include "sim/report/equity.h"

#include <math.h>

#include "sim/base/check.h"

static const double window_us[EQUITY_WINDOWS] = {300e6, 3600e6, 86400e6};

/* -- opening --------------------------------------------------------------------------------- */

static const struct queue_spec *spec_of(const struct cluster *cluster, const char *name)
{
    for (size_t i = 0; i < cluster->queues.count; i++) {
        if (strcmp(cluster->queues.items[i].name, name) == 0) {
            return &cluster->queues.items[i];
        }
    }
    return NULL;
}

static void measure_cluster(struct equity *equity, const struct cluster *cluster)
{
    equity->gpus = (double)cluster->gpu_milli / 1000;
    for (size_t i = 0; i < cluster->pools.count; i++) {
        const struct pool *pool = &cluster->pools.items[i];
        equity->cpus += pool->cpu_milli == UNLIMITED
                            ? (double)INFINITY
                            : (double)pool->cpu_milli / 1000 * pool->node_count;
        equity->memory += pool->memory_mib == UNLIMITED
                              ? (double)INFINITY
                              : (double)pool->memory_mib * pool->node_count;
    }
    equity->cpus = isfinite(equity->cpus) ? equity->cpus : 0;
    equity->memory = isfinite(equity->memory) ? equity->memory : 0;
}

void equity_init(struct equity *equity, const struct workload *workload,
                 const struct cluster *cluster)
{
    size_t jobs = workload->jobs.count;
    *equity = (struct equity){.workload = workload, .queue_count = names_count(&workload->queues)};
    measure_cluster(equity, cluster);
    equity->queues = mem_alloc(equity->queue_count, sizeof(*equity->queues));
    equity->order = mem_alloc(equity->queue_count, sizeof(*equity->order));
    equity->job_gpus = mem_alloc(jobs, sizeof(double));
    equity->job_cpus = mem_alloc(jobs, sizeof(double));
    equity->job_memory = mem_alloc(jobs, sizeof(double));
    for (uint32_t i = 0; i < equity->queue_count; i++) {
        const struct queue_spec *spec = spec_of(cluster, names_get(&workload->queues, i));
        struct equity_queue *queue = &equity->queues[i];
        queue->weight = spec != NULL && spec->gpu.weight > 0 ? spec->gpu.weight : 1;
        queue->quota = spec == NULL ? 0 : spec->gpu.quota < 0 ? (double)INFINITY : spec->gpu.quota;
        queue->short_since_us = -1;
    }
}

void equity_release(struct equity *equity)
{
    for (uint32_t i = 0; i < equity->queue_count; i++) {
        vec_release(&equity->queues[i].hours);
    }
    free(equity->queues);
    free(equity->order);
    free(equity->job_gpus);
    free(equity->job_cpus);
    free(equity->job_memory);
}

/* -- what each should have ------------------------------------------------------------------- */

static double demand(const struct equity_queue *queue)
{
    return queue->held + queue->pending;
}

/* Least (demand - quota share) for its weight first; equal ones by number. */
static bool comes_before(const struct equity_queue *queues, const double *fair, uint32_t a,
                         uint32_t b)
{
    double x = (demand(&queues[a]) - fair[a]) / queues[a].weight;
    double y = (demand(&queues[b]) - fair[b]) / queues[b].weight;
    return x < y || (!(y < x) && a < b);
}

static void sort_by_want(const struct equity_queue *queues, const double *fair, uint32_t *order,
                         uint32_t count)
{
    /* Insertion: the order hardly changes from one instant to the next. */
    for (uint32_t i = 1; i < count; i++) {
        for (uint32_t k = i; k > 0 && comes_before(queues, fair, order[k], order[k - 1]); k--) {
            uint32_t swapped = order[k];
            order[k] = order[k - 1];
            order[k - 1] = swapped;
        }
    }
}

void equity_fill(const struct equity_queue *queues, uint32_t count, double total, uint32_t *order,
                 double *fair)
{
    double left = total;
    double weights = 0;
    uint32_t wanting = 0;
    for (uint32_t i = 0; i < count; i++) {
        fair[i] = fmin(demand(&queues[i]), queues[i].quota);
        left -= fair[i];
        if (demand(&queues[i]) > fair[i]) {
            order[wanting++] = i;
            weights += queues[i].weight;
        }
    }
    sort_by_want(queues, fair, order, wanting);
    for (uint32_t i = 0; i < wanting && left > 0; i++) {
        uint32_t queue = order[i];
        double part = left * queues[queue].weight / weights;
        double more = fmin(part, demand(&queues[queue]) - fair[queue]);
        fair[queue] += more;
        left -= more;
        weights -= queues[queue].weight;
    }
}

/* -- time passes ----------------------------------------------------------------------------- */

static void close_window(struct equity_window *window, double length_us)
{
    if (window->busy_us > 0) {
        double error = fabs(window->error_gpu_us) / length_us;
        window->sum += error;
        window->most = fmax(window->most, error);
        window->count++;
    }
    window->error_gpu_us = 0;
    window->busy_us = 0;
}

/* The windows of one length, from `from_us` on for `length_us` without a change. */
static void add_to_windows(struct equity_queue *queue, int kind, double from_us, double length_us)
{
    struct equity_window *window = &queue->windows[kind];
    double width = window_us[kind];
    bool is_busy = demand(queue) > 0;
    while (length_us > 0) {
        double left = width - fmod(from_us, width);
        double part = fmin(left, length_us);
        window->error_gpu_us += (queue->held - queue->fair) * part;
        window->busy_us += is_busy ? part : 0;
        if (part >= left) {
            close_window(window, width);
        }
        from_us += part;
        length_us -= part;
    }
}

static void add_to_hours(struct equity_queue *queue, double from_us, double length_us)
{
    while (length_us > 0 && demand(queue) > 0) {
        size_t hour = (size_t)(from_us / 3600e6);
        double part = fmin(((double)hour + 1) * 3600e6 - from_us, length_us);
        while (queue->hours.count < 2 * (hour + 1)) {
            vec_push(&queue->hours, 0);
        }
        queue->hours.items[2 * hour] += queue->held * part / 3600e6;
        queue->hours.items[2 * hour + 1] += demand(queue) * part / 3600e6;
        from_us += part;
        length_us -= part;
    }
}

static void pass_time(struct equity_queue *queue, double from_us, double length_us)
{
    bool is_backlogged = queue->pending > 0;
    queue->held_gpu_us += queue->held * length_us;
    queue->fair_gpu_us += queue->fair * length_us;
    queue->wanted_gpu_us += demand(queue) * length_us;
    queue->over_quota_gpu_us += fmax(0, queue->held - queue->quota) * length_us;
    if (demand(queue) > 0) {
        queue->owed_gpu_us = fmax(0, queue->owed_gpu_us + (queue->fair - queue->held) * length_us);
        queue->most_owed_gpu_us = fmax(queue->most_owed_gpu_us, queue->owed_gpu_us);
    }
    if (is_backlogged) {
        queue->backlog_us += length_us;
        queue->backlog_held += queue->held * length_us;
        queue->backlog_fair += queue->fair * length_us;
    }
    bool is_short =
        is_backlogged && queue->held < fmin(queue->quota, demand(queue)) && queue->quota > 0;
    if (!is_short) {
        queue->short_since_us = -1;
    } else {
        queue->short_since_us = queue->short_since_us < 0 ? from_us : queue->short_since_us;
        queue->longest_short_us =
            fmax(queue->longest_short_us, from_us + length_us - queue->short_since_us);
    }
    for (int i = 0; i < EQUITY_WINDOWS; i++) {
        add_to_windows(queue, i, from_us, length_us);
    }
    add_to_hours(queue, from_us, length_us);
}

static double dominant_share(const struct equity *equity, const struct equity_queue *queue)
{
    double share = equity->gpus > 0 ? queue->held / equity->gpus : 0;
    share = equity->cpus > 0 ? fmax(share, queue->held_cpu / equity->cpus) : share;
    return equity->memory > 0 ? fmax(share, queue->held_memory / equity->memory) : share;
}

static void add_drf_gap(struct equity *equity, double length_us)
{
    double most = 0;
    double least = (double)INFINITY;
    for (uint32_t i = 0; i < equity->queue_count; i++) {
        const struct equity_queue *queue = &equity->queues[i];
        double share = dominant_share(equity, queue) / queue->weight;
        most = fmax(most, share);
        if (queue->pending > 0) {
            least = fmin(least, share);
        }
    }
    if (isfinite(least)) {
        equity->gap_us += (most - least) * length_us;
        equity->gap_time_us += length_us;
        equity->most_gap = fmax(equity->most_gap, most - least);
    }
}

static void advance(struct equity *equity, int64_t until_us)
{
    double length_us = (double)(until_us - equity->now_us);
    if (!(length_us > 0)) {
        return;
    }
    double *fair = mem_alloc(equity->queue_count, sizeof(*fair));
    equity_fill(equity->queues, equity->queue_count, equity->gpus, equity->order, fair);
    for (uint32_t i = 0; i < equity->queue_count; i++) {
        equity->queues[i].fair = fair[i];
        pass_time(&equity->queues[i], (double)equity->now_us, length_us);
    }
    add_drf_gap(equity, length_us);
    free(fair);
    equity->now_us = until_us;
}

/* -- records --------------------------------------------------------------------------------- */

static void hold(struct equity *equity, const struct log_record *record, bool holds)
{
    struct equity_queue *queue = &equity->queues[equity->workload->jobs.items[record->job].queue];
    double gpus = 0;
    double cpus = 0;
    double memory = 0;
    for (uint32_t i = 0; holds && i < record->grant_count; i++) {
        gpus += (double)record->grants[i].gpu_milli / 1000;
        cpus += (double)record->grants[i].cpu_milli / 1000;
        memory += (double)record->grants[i].memory_mib;
    }
    queue->held += gpus - equity->job_gpus[record->job];
    queue->held_cpu += cpus - equity->job_cpus[record->job];
    queue->held_memory += memory - equity->job_memory[record->job];
    equity->job_gpus[record->job] = gpus;
    equity->job_cpus[record->job] = cpus;
    equity->job_memory[record->job] = memory;
}

static void want(struct equity *equity, uint32_t number, double sign)
{
    const struct job *job = &equity->workload->jobs.items[number];
    double gpus = (double)workload_shape_gpu_milli(equity->workload, job->shape) / 1000;
    equity->queues[job->queue].pending += sign * gpus;
}

void equity_add(struct equity *equity, const struct log_record *record)
{
    advance(equity, record->time_us);
    if (record->kind == LOG_SUBMIT) {
        want(equity, record->job, 1);
    } else if (record->kind == LOG_START) {
        want(equity, record->job, -1);
        hold(equity, record, true);
    } else if (record->kind == LOG_PREEMPT || record->kind == LOG_INTERRUPT) {
        want(equity, record->job, 1);
        hold(equity, record, false);
    } else if (record->kind == LOG_FINISH) {
        hold(equity, record, false);
    } else if (record->kind == LOG_RESIZE || record->kind == LOG_MIGRATE) {
        hold(equity, record, true);
    } else if (record->kind == LOG_AWAY || record->kind == LOG_BACK) {
        double gpus = (double)record->supply->gpu_milli / 1000;
        equity->gpus += record->kind == LOG_BACK ? gpus : -gpus;
    }
}

void equity_end(struct equity *equity, int64_t end_us)
{
    advance(equity, end_us);
    for (uint32_t i = 0; i < equity->queue_count; i++) {
        for (int k = 0; k < EQUITY_WINDOWS; k++) {
            double length_us = fmod((double)end_us, window_us[k]);
            if (length_us > 0) {
                close_window(&equity->queues[i].windows[k], length_us);
            }
        }
    }
}
