/*
 * share.c - fair shares of queues and their running totals (specification 3).
 */
#include <math.h>

#include "policies/core/modules.h"

double core_memory_as_gpus(const struct core_class *class, int64_t device_mib)
{
    const struct core_gpu_need need = {.count = class->count, .memory_mib = class->memory_mib};
    return core_need_memory_as_gpus(&need, device_mib);
}

static void add_three(double to[3], const double x[3])
{
    for (int r = 0; r < 3; r++) {
        to[r] += x[r];
    }
}

/* What one task adds: the accepted amounts of a placed one, or the request of a pending one. False:
 * nothing. */
static bool amounts_of(const struct core *core, uint32_t task, double x[3], bool *placed)
{
    const struct core_record *record = core_task_at(core, task)->record;
    const struct core_class *class = core_class_of(core, task);
    *placed = core_status_in(record->status, CORE_SET_ALLOCATED);
    if (!*placed && record->status != CORE_PENDING) {
        return false;
    }
    memcpy(x, class->quantity, 3 * sizeof *x);
    if (*placed) {
        x[CORE_GPU] = core_accepted_total(core, record);
    } else if (class->kind == CORE_GPU_MEMORY && core->min_gpu_mib > 0) {
        x[CORE_GPU] += core_memory_as_gpus(class, core->min_gpu_mib);
    }
    return true;
}

static void add_up(struct core *core, const struct core_job *job, const double request[3],
                   const double allocated[3], double sign)
{
    for (uint32_t q = job->queue; q != CORE_NONE; q = core_queue_at(core, q)->parent) {
        struct core_queue *queue = core_queue_at(core, q);
        for (int r = 0; r < 3; r++) {
            queue->base_request[r] += sign * request[r];
            queue->base_allocated[r] += sign * allocated[r];
            queue->base_np[r] += job->sum_np ? sign * allocated[r] : 0;
        }
    }
}

/* Adds a job task by task, in the order of names: where amounts round, the order shows. */
static void add_job(struct core *core, struct core_job *job)
{
    static const double NOTHING[3] = {0};
    memset(job->sum_request, 0, sizeof job->sum_request);
    memset(job->sum_allocated, 0, sizeof job->sum_allocated);
    job->sum_np = !job->preemptible;
    job->inexact = false;
    for (size_t t = 0; job->queue != CORE_NONE && t < job->tasks.count; t++) {
        double x[3];
        bool placed;
        if (!amounts_of(core, job->tasks.items[t], x, &placed)) {
            continue;
        }
        add_up(core, job, x, placed ? x : NOTHING, 1);
        add_three(job->sum_request, x);
        add_three(job->sum_allocated, placed ? x : NOTHING);
        const struct core_class *class = core_class_of(core, job->tasks.items[t]);
        job->inexact |= !class->exact || class->shared;
    }
    core->inexact_jobs += job->inexact;
}

static void sum_cluster(struct core *core)
{
    memset(core->total, 0, sizeof core->total);
    for (size_t i = 0; i < core->node_list.count; i++) {
        const struct core_node *node = core_node_at(core, core->node_list.items[i]);
        if (!node->ready) {
            continue;
        }
        double x[3] = {node->allocatable[CORE_CPU], node->allocatable[CORE_MEM],
                       core_total_gpus(core, node->allocatable)};
        if (core->settings.restrict_nodes && !core_is_worker(core, node, true)) {
            x[CORE_GPU] = 0;
        }
        for (size_t t = 0; core->any_foreign && t < node->residents.count; t++) {
            const struct core_task *task = core_task_at(core, node->residents.items[t]);
            if (task->foreign && !task->utility && core_status_in(task->status, CORE_SET_USED)) {
                const double *q = core->classes.items[task->class_idx]->quantity;
                for (int r = 0; r < 3; r++) {
                    x[r] -= q[r];
                }
            }
        }
        add_three(core->total, x);
    }
}

static void sum_all(struct core *core)
{
    core->inexact_jobs = 0;
    for (size_t i = 0; i < core->queue_list.count; i++) {
        struct core_queue *queue = core_queue_at(core, core->queue_list.items[i]);
        memset(queue->base_request, 0, sizeof queue->base_request);
        memset(queue->base_allocated, 0, sizeof queue->base_allocated);
        memset(queue->base_np, 0, sizeof queue->base_np);
    }
    for (size_t i = 0; i < core->job_list.count; i++) {
        add_job(core, core_job_at(core, core->job_list.items[i]));
    }
    core->sums_known = true;
}

/* Whole amounts add up to the same in any order, so jobs that changed are taken out and put in. */
static void sum_changed(struct core *core)
{
    for (size_t i = 0; i < core->changed_jobs.count; i++) {
        struct core_job *job = core_job_at(core, core->changed_jobs.items[i]);
        add_up(core, job, job->sum_request, job->sum_allocated, -1);
        core->inexact_jobs -= job->inexact;
        add_job(core, job);
    }
}

void core_sum_queues(struct core *core)
{
    sum_cluster(core);
    if (core->sums_known && core->inexact_jobs == 0) {
        sum_changed(core);
    }
    if (!core->sums_known || core->inexact_jobs > 0) {
        sum_all(core);
    }
    for (size_t i = 0; i < core->queue_list.count; i++) {
        struct core_queue *queue = core_queue_at(core, core->queue_list.items[i]);
        struct core_share *share = &queue->share;
        for (int r = 0; r < 3; r++) {
            share->fair[r] = 0;
            share->allocated[r] = queue->base_allocated[r];
            share->np[r] = queue->base_np[r];
            share->request[r] = queue->base_request[r];
            share->usage[r] = queue->usage[r];
        }
    }
}

static void divide_level(struct core *core, const double amounts[3], const uint32_t *queues,
                         size_t count)
{
    struct core_division_queue *level = mem_alloc(count, sizeof *level);
    for (int r = 0; r < 3; r++) {
        for (size_t i = 0; i < count; i++) {
            const struct core_queue *q = core_queue_at(core, queues[i]);
            level[i] = (struct core_division_queue){
                q->name,           q->priority,        q->created_ns,       q->share.deserved[r],
                q->share.limit[r], q->share.weight[r], q->share.request[r], q->share.usage[r],
                q->share.fair[r]};
        }
        core_divide(amounts[r], core->k, level, count);
        for (size_t i = 0; i < count; i++) {
            core_queue_at(core, queues[i])->share.fair[r] = level[i].fair_share;
        }
    }
    free(level);
    for (size_t i = 0; i < count; i++) {
        const struct core_queue *q = core_queue_at(core, queues[i]);
        if (q->child_count > 0) {
            divide_level(core, q->share.fair, &core->queue_children.items[q->first_child],
                         q->child_count);
        }
    }
}

void core_queue_cache(struct core *core)
{
    for (size_t i = 0; i < core->queue_list.count; i++) {
        struct core_queue *queue = core_queue_at(core, core->queue_list.items[i]);
        for (int r = 0; r < 3; r++) {
            queue->allocatable[r] = core_allocatable_share(
                queue->share.deserved[r], queue->share.limit[r], queue->share.fair[r]);
        }
    }
}

void core_divide_all(struct core *core)
{
    divide_level(core, core->total, core->root_queues.items, core->root_queues.count);
    core_queue_cache(core);
}

void core_charge_queues(struct core *core, const struct core_record *record, int sign)
{
    if (!core->on[CORE_PLUGIN_PROPORTION]) {
        return;
    }
    const struct core_job *job = core_job_at(core, core_task_at(core, record->task)->job);
    const struct core_class *class = core_class_of(core, record->task);
    const double x[3] = {sign * class->quantity[CORE_CPU], sign * class->quantity[CORE_MEM],
                         sign * core_accepted_total(core, record)};
    for (uint32_t q = job->queue; q != CORE_NONE; q = core_queue_at(core, q)->parent) {
        struct core_share *share = &core_queue_at(core, q)->share;
        add_three(share->allocated, x);
        if (!job->preemptible) {
            add_three(share->np, x);
        }
    }
}
