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

/* The accepted amounts of a placed task, or the request of a pending one, added up the tree. */
static void add_task(struct core *core, const struct core_job *job, uint32_t task)
{
    const struct core_record *record = core_task_at(core, task)->record;
    const struct core_class *class = core_class_of(core, task);
    bool placed = core_status_in(record->status, CORE_SET_ALLOCATED);
    if (!placed && record->status != CORE_PENDING) {
        return;
    }
    double x[3] = {class->quantity[CORE_CPU], class->quantity[CORE_MEM], class->quantity[CORE_GPU]};
    if (placed) {
        x[CORE_GPU] = core_accepted_total(core, record);
    } else if (class->kind == CORE_GPU_MEMORY && core->min_gpu_mib > 0) {
        x[CORE_GPU] += core_memory_as_gpus(class, core->min_gpu_mib);
    }
    for (uint32_t q = job->queue; q != CORE_NONE; q = core_queue_at(core, q)->parent) {
        struct core_share *share = &core_queue_at(core, q)->share;
        add_three(share->request, x);
        if (placed) {
            add_three(share->allocated, x);
        }
        if (placed && !job->preemptible) {
            add_three(share->np, x);
        }
    }
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

void core_sum_queues(struct core *core)
{
    sum_cluster(core);
    for (size_t i = 0; i < core->queue_list.count; i++) {
        struct core_queue *queue = core_queue_at(core, core->queue_list.items[i]);
        struct core_share *share = &queue->share;
        for (int r = 0; r < 3; r++) {
            share->fair[r] = share->allocated[r] = share->np[r] = share->request[r] = 0;
            share->usage[r] = queue->usage[r];
        }
    }
    for (size_t i = 0; i < core->job_list.count; i++) {
        const struct core_job *job = core_job_at(core, core->job_list.items[i]);
        for (size_t t = 0; job->queue != CORE_NONE && t < job->tasks.count; t++) {
            add_task(core, job, job->tasks.items[t]);
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
