/*
 * probe_node.c - see probe.h: scores, fit, ledgers and GPU groups of single nodes.
 */
#include <math.h>

#include "policies/core/facts.h"

static double shown(bool on, double score)
{
    return on ? score : 0;
}

struct scored {
    const struct core *core;
    const struct core_list *nodes;
    const struct core_scores *scores;
};

static int by_total(const void *l, const void *r, void *arg)
{
    const struct scored *s = arg;
    uint32_t a = *(const uint32_t *)l;
    uint32_t b = *(const uint32_t *)r;
    if (s->scores[a].total < s->scores[b].total || s->scores[a].total > s->scores[b].total) {
        return s->scores[a].total > s->scores[b].total ? -1 : 1;
    }
    return strcmp(core_node_name(s->core, s->nodes->items[a]),
                  core_node_name(s->core, s->nodes->items[b]));
}

void core_score_nodes(struct core *core, uint32_t task, const struct core_list *nodes,
                      const double *extra, struct core_scores *scores, struct core_list *order)
{
    const struct core_class *class = core_class_of(core, task);
    struct core_range range;
    core_range_begin(&range);
    for (size_t i = 0; i < nodes->count; i++) {
        core_range_add(&range, core_node_at(core, nodes->items[i]),
                       class->needs_gpu ? CORE_GPU : CORE_CPU);
    }
    size_t before = order->count;
    for (uint32_t i = 0; i < nodes->count; i++) {
        const struct core_node *node = core_node_at(core, nodes->items[i]);
        struct core_scores *s = &scores[i];
        s->availability = shown(core_task_fits(core, node, task, false), 1000);
        s->gpu_sharing = shown(core_any_gpu_fits(node, class), 10000);
        s->resource_type = shown(!class->needs_gpu && node->cpu_only, 10);
        s->nominated = shown(core_task_at(core, task)->nominated == node->index, 10000000);
        s->placement = core_placement_score(core, node, class, &range);
        s->extra = extra == NULL ? 0 : extra[i];
        s->total = s->availability + s->gpu_sharing + s->resource_type + s->nominated +
                   s->placement + s->extra;
        vec_push(order, i);
    }
    struct scored arg = {core, nodes, scores};
    core_sort(order->items + before, nodes->count, by_total, &arg);
    for (size_t i = before; i < order->count; i++) {
        order->items[i] = nodes->items[order->items[i]];
    }
}

double core_score_placement(struct core *core, uint32_t task, uint32_t node, double min, double max)
{
    const struct core_range range = {min, max};
    return core_placement_score(core, core_node_at(core, node), core_class_of(core, task), &range);
}

void core_placement_range(struct core *core, const struct core_list *nodes, size_t component,
                          double *min, double *max)
{
    struct core_range range;
    core_range_begin(&range);
    for (size_t i = 0; i < nodes->count; i++) {
        core_range_add(&range, core_node_at(core, nodes->items[i]), component);
    }
    *min = range.min;
    *max = range.max;
}

bool core_fits_idle(struct core *core, uint32_t task, uint32_t node)
{
    return core_task_fits(core, core_node_at(core, node), task, false);
}

bool core_fits_future(struct core *core, uint32_t task, uint32_t node)
{
    return core_task_fits(core, core_node_at(core, node), task, true);
}

bool core_node_type_allows(struct core *core, uint32_t task, uint32_t node)
{
    return core_type_allows(core_node_at(core, node), core_class_of(core, task));
}

void core_quota_on_node(struct core *core, uint32_t task, uint32_t node, double *vector)
{
    const struct core_class *class = core_class_of(core, task);
    const struct core_node *n = core_node_at(core, node);
    memcpy(vector, class->vector, core->width * sizeof *vector);
    vector[CORE_GPU] = class->kind == CORE_GPU_MIG
                           ? class->quota_gpus
                           : (double)class->count * core_fraction_of(n, core_memory_on(n, class));
}

bool core_accept_on_node(struct core *core, uint32_t task, uint32_t node,
                         struct core_gpu_need *need, double *vector, enum core_gpu_kind *received)
{
    struct core_record record = *core_task_at(core, task)->record;
    if (!core_status_in(record.status, CORE_SET_USED)) {
        return false;
    }
    core_accept(core, core_node_at(core, node), &record);
    *need = (struct core_gpu_need){.count = record.accepted_count,
                                   .portion = record.accepted_portion,
                                   .memory_mib = record.accepted_mib};
    const struct core_class *class = core_class_of(core, task);
    struct core_amount *migs = arena_alloc(&core->session, class->migs.count + 1, sizeof *migs);
    for (size_t i = 0; class->kind == CORE_GPU_MIG && i < class->migs.count; i++) {
        migs[need->mig.count++] =
            (struct core_amount){core_component_name(core, class->migs.items[i].component),
                                 (double)class->migs.items[i].quantity};
    }
    need->mig.items = migs;
    memcpy(vector, class->vector, core->width * sizeof *vector);
    vector[CORE_GPU] = record.accepted_gpu;
    *received = record.received;
    return true;
}

struct core_gpu_sums core_gpu_sums(struct core *core, uint32_t index)
{
    struct core_node *node = core_node_at(core, index);
    core_sum_gpus(core, node);
    return (struct core_gpu_sums){node->idle_gpus, node->idle_mib, node->releasing_gpus,
                                  node->releasing_mib, node->shared_fractions};
}

bool core_ledger_apply(struct core *core, enum core_ledger_op op, uint32_t node, uint32_t task,
                       enum core_status status, struct core_texts groups)
{
    struct core_record *record = core_task_at(core, task)->record;
    struct core_node *n = core_node_at(core, node);
    record->status = (uint8_t)status;
    record->groups = core_copy_groups(core, groups);
    switch (op) {
    case CORE_LEDGER_ADD:
        return core_ledger_add(core, n, record);
    case CORE_LEDGER_REMOVE:
        return core_ledger_remove(core, n, task);
    case CORE_LEDGER_UPDATE:
        return core_ledger_update(core, n, record);
    }
    CHECK_NEVER("an operation on a ledger");
}

void core_put_copy(struct core *core, uint32_t task, uint32_t node)
{
    (void)core_ledger_note(core, core_node_at(core, node), core_task_at(core, task)->record);
}

size_t core_legacy_mig_tasks(struct core *core, uint32_t node)
{
    return core_node_at(core, node)->legacy_mig_count;
}

void core_ledger_groups(struct core *core, uint32_t node, struct core_list *groups)
{
    for (size_t i = 0; i < core_node_at(core, node)->gpus.count; i++) {
        vec_push(groups, core_node_at(core, node)->gpus.items[i].group);
    }
}

static const struct core_gpu *find_gpu(const struct core_node *node, uint32_t group)
{
    for (size_t i = 0; i < node->gpus.count; i++) {
        if (node->gpus.items[i].group == group) {
            return &node->gpus.items[i];
        }
    }
    return NULL;
}

struct core_group_ledger core_ledger_group(struct core *core, uint32_t node, uint32_t group)
{
    const struct core_gpu *gpu = find_gpu(core_node_at(core, node), group);
    if (gpu == NULL) {
        return (struct core_group_ledger){0};
    }
    const char *name = core_group_is_fresh(group) ? NULL : names_get(&core->texts, group);
    return (struct core_group_ledger){name,           gpu->used,          gpu->allocated,
                                      gpu->releasing, gpu->has_allocated, gpu->has_releasing,
                                      gpu->marked};
}

void core_gpu_candidates(struct core *core, uint32_t task, uint32_t node, struct core_list *groups)
{
    core->all_candidates = true;
    core_list_candidates(core, core_node_at(core, node), core_class_of(core, task));
    core->all_candidates = false;
    for (size_t i = 0; i < core->candidates.count; i++) {
        vec_push(groups, core->candidates.items[i].group);
    }
}

bool core_gpu_choose(struct core *core, uint32_t task, uint32_t node, bool pipeline_only,
                     const struct core_list *candidates, struct core_list *groups, bool *releasing)
{
    vec_clear(&core->candidates);
    for (size_t i = 0; i < candidates->count; i++) {
        struct core_candidate item = {candidates->items[i], 0};
        vec_push(&core->candidates, item);
    }
    struct core_choice choice =
        core_choose_from(core, core_node_at(core, node), task, pipeline_only);
    for (size_t i = 0; choice.found && i < core->chosen.count; i++) {
        vec_push(groups, core->chosen.items[i]);
    }
    *releasing = choice.releasing;
    return choice.found;
}

bool core_gpu_score(struct core *core, uint32_t node, uint32_t group, bool spread, double *score)
{
    const struct core_node *n = core_node_at(core, node);
    if (n->gpu_memory_mib < 100) {
        return false;
    }
    const struct core_gpu *gpu = find_gpu(n, group);
    double used = gpu == NULL ? 0 : (double)gpu->used / (double)n->gpu_memory_mib;
    *score = spread ? 1 - used : used;
    return true;
}

bool core_group_fits(struct core *core, uint32_t task, uint32_t node, uint32_t group)
{
    const struct core_gpu *gpu = find_gpu(core_node_at(core, node), group);
    return gpu != NULL && core_gpu_fits(core_node_at(core, node), core_class_of(core, task), gpu);
}

bool core_group_fits_idle(struct core *core, uint32_t task, uint32_t node, uint32_t group)
{
    const struct core_gpu *gpu = find_gpu(core_node_at(core, node), group);
    return gpu != NULL &&
           core_gpu_fits_idle(core_node_at(core, node), core_class_of(core, task), gpu);
}
