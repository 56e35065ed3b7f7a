/*
 * ledger.c - what a node has idle, in use and being released (specification 1.8, 1.9).
 *
 * A node keeps its own copy of each task on it, made when the task was added; removing undoes what
 * the copy was charged, whatever the task looks like by then. Amounts of shared GPUs are kept per
 * group in MiB. Nothing is clamped and entries of groups are never deleted: the original's ledgers
 * drift in known ways, and decisions follow the drift.
 */
#include <stdio.h>

#include "policies/core/dra.h"
#include "policies/core/modules.h"

void core_touch_node(struct core *core, struct core_node *node)
{
    node->version++;
    core_index_note(core, node);
    if (!node->touched) {
        node->touched = true;
        vec_push(&core->touched_nodes, node->index);
    }
}

void core_ledger_reset(struct core *core, struct core_node *node)
{
    if (node->vector_width != core->width) {
        double *block = arena_alloc(&core->facts, 4 * core->width, sizeof *block);
        node->vector_width = core->width;
        node->allocatable = block;
        node->idle = block + core->width;
        node->used = block + 2 * core->width;
        node->releasing = block + 3 * core->width;
    }
    memset(node->allocatable, 0, 4 * core->width * sizeof *node->allocatable);
    for (size_t i = 0; i < node->amount_count; i++) {
        node->allocatable[node->amounts[i].component] += node->amounts[i].amount;
    }
    memcpy(node->idle, node->allocatable, core->width * sizeof *node->idle);
    while (node->first_copy != 0) {
        struct core_copy *copy = &core->copies.items[node->first_copy - 1];
        uint32_t index = node->first_copy;
        struct core_task *task = core_task_at(core, copy->task);
        uint32_t *link = &task->first_copy;
        while (*link != index) {
            link = &core->copies.items[*link - 1].next_of_task;
        }
        *link = copy->next_of_task;
        node->first_copy = copy->next_on_node;
        copy->next_of_task = core->free_copy;
        core->free_copy = index;
    }
    vec_clear(&node->gpus);
    vec_clear(&node->by_group);
    node->gpus_in_use = 0;
    node->legacy_mig_count = 0;
    core_dra_forget_users(node);
    node->version++;
    core_index_note(core, node);
}

static uint32_t find_copy(const struct core *core, const struct core_node *node, uint32_t task)
{
    uint32_t at = core_task_at(core, task)->first_copy;
    while (at != 0 && core->copies.items[at - 1].node != node->index) {
        at = core->copies.items[at - 1].next_of_task;
    }
    return at;
}

const struct core_copy *core_ledger_copy(const struct core *core, const struct core_node *node,
                                         uint32_t task)
{
    uint32_t at = find_copy(core, node, task);
    return at == 0 ? NULL : &core->copies.items[at - 1];
}

static void group_text(const struct core *core, uint32_t group, char text[24], const char **out)
{
    if (core_group_is_fresh(group)) {
        snprintf(text, 24, "fresh-%u", group & ~CORE_FRESH_BIT);
        *out = text;
    } else {
        *out = names_get(&core->texts, group);
    }
}

int core_group_compare(const struct core *core, uint32_t l, uint32_t r)
{
    char left[24];
    char right[24];
    const char *a = left;
    const char *b = right;
    group_text(core, l, left, &a);
    group_text(core, r, right, &b);
    return strcmp(a, b);
}

struct core_gpu *core_ledger_gpu(struct core *core, struct core_node *node, uint32_t group)
{
    for (size_t i = 0; i < node->gpus.count; i++) {
        if (node->gpus.items[i].group == group) {
            return &node->gpus.items[i];
        }
    }
    struct core_gpu gpu = {.group = group};
    vec_push(&node->gpus, gpu);
    vec_push(&node->by_group, (uint32_t)node->gpus.count - 1);
    size_t at = node->by_group.count - 1;
    while (at > 0 && core_group_compare(core, node->gpus.items[node->by_group.items[at - 1]].group,
                                        group) > 0) {
        node->by_group.items[at] = node->by_group.items[at - 1];
        at--;
    }
    node->by_group.items[at] = (uint32_t)node->gpus.count - 1;
    return &node->gpus.items[node->gpus.count - 1];
}

static void add_used(struct core_node *node, struct core_gpu *gpu, int64_t mib)
{
    node->gpus_in_use -= gpu->used > 0;
    gpu->used += mib;
    node->gpus_in_use += gpu->used > 0;
}

static void add_releasing(struct core_gpu *gpu, int64_t mib)
{
    gpu->releasing += mib;
    gpu->has_releasing = true;
}

static void add_allocated(struct core_gpu *gpu, int64_t mib)
{
    gpu->allocated += mib;
    gpu->has_allocated = true;
}

static int64_t busy_gpus(const struct core_node *node)
{
    return (int64_t)node->idle[CORE_GPU] + (int64_t)node->used[CORE_GPU] + node->gpus_in_use;
}

static void set_mark(struct core_node *node, struct core_gpu *gpu, bool marked)
{
    if (gpu->marked != marked) {
        node->releasing[CORE_GPU] += marked ? 1 : -1;
        gpu->marked = marked;
    }
}

static void add_shared(struct core_node *node, struct core_gpu *gpu, unsigned status, int64_t mib)
{
    add_used(node, gpu, mib);
    if (status == CORE_RELEASING) {
        add_releasing(gpu, mib);
        add_allocated(gpu, mib);
        if (gpu->used == gpu->releasing) {
            set_mark(node, gpu, true);
            if (node->gpu_count < busy_gpus(node)) {
                node->idle[CORE_GPU] -= 1;
            }
        }
    } else if (status == CORE_PIPELINED) {
        add_releasing(gpu, -mib);
        if (gpu->used - mib == gpu->releasing + mib) {
            node->releasing[CORE_GPU] -= 1;
        }
    } else {
        add_allocated(gpu, mib);
        if (gpu->used <= mib && node->gpu_count < busy_gpus(node)) {
            node->idle[CORE_GPU] -= 1;
        }
        set_mark(node, gpu, false);
    }
}

static void remove_shared(struct core_node *node, struct core_gpu *gpu, unsigned status,
                          int64_t mib)
{
    add_used(node, gpu, -mib);
    if (status == CORE_RELEASING) {
        add_releasing(gpu, -mib);
        add_allocated(gpu, -mib);
        if (gpu->used <= 0) {
            if (node->gpu_count >= busy_gpus(node)) {
                node->idle[CORE_GPU] += 1;
            }
            set_mark(node, gpu, false);
        }
    } else if (status == CORE_PIPELINED) {
        add_releasing(gpu, mib);
        if (gpu->used + mib == gpu->releasing - mib || (gpu->used == 0 && gpu->releasing == 0)) {
            node->releasing[CORE_GPU] += 1;
        }
    } else {
        add_allocated(gpu, -mib);
        if (gpu->used <= 0 && node->gpu_count >= busy_gpus(node)) {
            node->idle[CORE_GPU] += 1;
        }
        if (gpu->used != 0 && gpu->has_releasing && gpu->releasing == gpu->used) {
            set_mark(node, gpu, true);
        }
    }
}

/* What a node gives the task; recomputed at every add (specification 1.3). */
void core_accept(const struct core *core, const struct core_node *node, struct core_record *record)
{
    const struct core_class *class = core_class_of(core, record->task);
    struct core_gpu_need need = {0};
    int64_t dra = 0;
    if (class->kind == CORE_GPU_MIG) {
        record->received = CORE_GPU_MIG;
    } else if (class->shared) {
        record->received = CORE_GPU_FRACTION;
        need.count = class->count;
        need.portion = core_portion_on(node, class);
        need.memory_mib = core_memory_on(node, class);
    } else {
        record->received = CORE_GPU_REGULAR;
        need = core_need_from_gpus(class->need_gpus, 0);
        dra = class->dra;
    }
    record->accepted_count = need.count;
    record->accepted_portion = need.portion;
    record->accepted_mib = need.memory_mib;
    record->accepted_gpu = core_need_gpus(&need) + (double)dra;
}

double core_accepted_total(const struct core *core, const struct core_record *record)
{
    const struct core_class *class = core_class_of(core, record->task);
    double x = record->received == CORE_GPU_UNTYPED ? class->gpus : record->accepted_gpu;
    for (size_t i = 0; i < core->mig_count; i++) {
        x += (double)core->migs[i].gpus * class->vector[core->migs[i].component];
    }
    return x;
}

double core_accepted_quota(const struct core *core, const struct core_record *record)
{
    const struct core_class *class = core_class_of(core, record->task);
    if (record->received != CORE_GPU_MIG) {
        return record->accepted_gpu;
    }
    double x = 0;
    for (size_t i = 0; i < class->migs.count; i++) {
        x += (double)(class->migs.items[i].gpus * class->migs.items[i].quantity);
    }
    return x;
}

static void charge_component(struct core_node *node, size_t i, double x, unsigned status)
{
    node->used[i] += x;
    if (status == CORE_RELEASING) {
        node->releasing[i] += x;
        node->idle[i] -= x;
    } else if (status == CORE_PIPELINED) {
        node->releasing[i] -= x;
    } else {
        node->idle[i] -= x;
    }
}

static void charge(const struct core *core, struct core_node *node, const struct core_copy *copy,
                   double gpu, double sign)
{
    const double *vector = core_class_of(core, copy->task)->vector;
    for (size_t i = 0; i < core->width; i++) {
        double x = i == CORE_GPU ? gpu : vector[i];
        if (x < 0 || x > 0) {
            if (node->allocatable[i] < 0 || node->allocatable[i] > 0) {
                charge_component(node, i, sign * x, copy->status);
            }
        }
    }
}

static uint32_t new_copy(struct core *core)
{
    uint32_t index = core->free_copy;
    if (index != 0) {
        core->free_copy = core->copies.items[index - 1].next_of_task;
        return index;
    }
    vec_push(&core->copies, (struct core_copy){0});
    return (uint32_t)core->copies.count;
}

static void link_copy(struct core *core, struct core_node *node, uint32_t index)
{
    struct core_copy *copy = &core->copies.items[index - 1];
    struct core_task *task = core_task_at(core, copy->task);
    copy->next_of_task = task->first_copy;
    task->first_copy = index;
    copy->prev_on_node = 0;
    copy->next_on_node = node->first_copy;
    if (node->first_copy != 0) {
        core->copies.items[node->first_copy - 1].prev_on_node = index;
    }
    node->first_copy = index;
}

static void unlink_copy(struct core *core, struct core_node *node, uint32_t index)
{
    struct core_copy *copy = &core->copies.items[index - 1];
    uint32_t *link = &core_task_at(core, copy->task)->first_copy;
    while (*link != index) {
        link = &core->copies.items[*link - 1].next_of_task;
    }
    *link = copy->next_of_task;
    if (copy->prev_on_node != 0) {
        core->copies.items[copy->prev_on_node - 1].next_on_node = copy->next_on_node;
    } else {
        node->first_copy = copy->next_on_node;
    }
    if (copy->next_on_node != 0) {
        core->copies.items[copy->next_on_node - 1].prev_on_node = copy->prev_on_node;
    }
    copy->next_of_task = core->free_copy;
    core->free_copy = index;
}

struct core_copy *core_ledger_note(struct core *core, struct core_node *node,
                                   const struct core_record *record)
{
    const struct core_class *class = core_class_of(core, record->task);
    uint32_t index = new_copy(core);
    struct core_copy *copy = &core->copies.items[index - 1];
    copy->task = record->task;
    copy->node = node->index;
    copy->status = record->status;
    copy->groups = record->groups;
    copy->shared = record->received == CORE_GPU_FRACTION;
    copy->mib = copy->shared ? core_memory_on(node, class) : 0;
    copy->gpu = copy->shared || class->reservation ? 0 : record->accepted_gpu;
    link_copy(core, node, index);
    return copy;
}

bool core_ledger_add(struct core *core, struct core_node *node, struct core_record *record)
{
    if (find_copy(core, node, record->task) != 0) {
        return false;
    }
    if (core_status_in(record->status, CORE_SET_USED)) {
        core_accept(core, node, record);
    }
    const struct core_copy *copy = core_ledger_note(core, node, record);
    node->legacy_mig_count += core_class_of(core, record->task)->legacy_mig;
    charge(core, node, copy, copy->gpu - core_dra_first_users(core, node, record->task, 1), 1);
    for (uint32_t i = 0; copy->shared && i < copy->groups.count; i++) {
        uint32_t group = core->group_pool.items[copy->groups.start + i];
        add_shared(node, core_ledger_gpu(core, node, group), copy->status, copy->mib);
    }
    core_touch_node(core, node);
    return true;
}

bool core_ledger_remove(struct core *core, struct core_node *node, uint32_t task)
{
    uint32_t index = find_copy(core, node, task);
    if (index == 0) {
        return false;
    }
    const struct core_copy *copy = &core->copies.items[index - 1];
    charge(core, node, copy, copy->gpu - core_dra_first_users(core, node, task, -1), -1);
    for (uint32_t i = 0; copy->shared && i < copy->groups.count; i++) {
        uint32_t group = core->group_pool.items[copy->groups.start + i];
        remove_shared(node, core_ledger_gpu(core, node, group), copy->status, copy->mib);
    }
    node->legacy_mig_count -= core_class_of(core, task)->legacy_mig;
    unlink_copy(core, node, index);
    core_touch_node(core, node);
    return true;
}

bool core_ledger_update(struct core *core, struct core_node *node, struct core_record *record)
{
    return core_ledger_remove(core, node, record->task) && core_ledger_add(core, node, record);
}

bool core_ledger_replace(struct core *core, struct core_node *node, struct core_record *record)
{
    uint32_t index = find_copy(core, node, record->task);
    if (index == 0) {
        return false;
    }
    node->legacy_mig_count -= core_class_of(core, record->task)->legacy_mig;
    unlink_copy(core, node, index);
    return core_ledger_add(core, node, record);
}
