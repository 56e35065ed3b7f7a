/*
 * score.c - which node is tried first (specification 5.5, 5.6).
 *
 * Nodes that lack room, counting what is being released, are not scored: they would only be
 * skipped. The rest become a heap by score, of which usually only the top is looked at.
 */
#include <float.h>
#include <math.h>

#include "policies/core/dra.h"
#include "policies/core/modules.h"

void core_range_begin(struct core_range *range)
{
    range->min = DBL_MAX;
    range->max = 0;
}

void core_range_add(struct core_range *range, const struct core_node *node, size_t component)
{
    if (node->allocatable[component] < 0 || node->allocatable[component] > 0) {
        double c = node->idle[component] + node->releasing[component];
        range->min = c < range->min ? c : range->min;
        range->max = c > range->max ? c : range->max;
    }
}

double core_placement_score(const struct core *core, const struct core_node *node,
                            const struct core_class *class, const struct core_range *range)
{
    size_t x = class->needs_gpu ? CORE_GPU : CORE_CPU;
    double free_amount = node->idle[x] + node->releasing[x];
    if (class->needs_gpu ? core->gpu_spread : core->cpu_spread) {
        double count = x == CORE_GPU ? (double)node->gpu_count : node->allocatable[CORE_CPU];
        return count < 0 || count > 0 ? free_amount / count : 0;
    }
    bool has_any = node->allocatable[x] < 0 || node->allocatable[x] > 0;
    if (!has_any || !(range->max < 0 || range->max > 0)) {
        return 0;
    }
    if (!(range->min < range->max) && !(range->min > range->max)) {
        return 9;
    }
    return 9 * (1 - (free_amount - range->min) / (range->max - range->min));
}

double core_placement_key(const struct core *core, const struct core_node *node,
                          const struct core_class *class)
{
    size_t x = class->needs_gpu ? CORE_GPU : CORE_CPU;
    if (!core->on[CORE_PLUGIN_PLACEMENT]) {
        return 0;
    }
    if (class->needs_gpu ? core->gpu_spread : core->cpu_spread) {
        return -core_placement_score(core, node, class, NULL);
    }
    /* A node without any GPU scores 0, whatever the range: below zero stands for that as well. */
    return node->allocatable[x] > 0 ? node->idle[x] + node->releasing[x] : -1;
}

static double class_score(const struct core *core, enum core_plugin plugin,
                          const struct core_class *class, const struct core_node *node,
                          double discount)
{
    if (plugin == CORE_PLUGIN_RESOURCE_TYPE) {
        return !class->needs_gpu && node->cpu_only ? 10 : 0;
    }
    if (plugin == CORE_PLUGIN_AVAILABILITY) {
        return core_class_fits(core, node, class, discount, false) ? 1000 : 0;
    }
    return plugin == CORE_PLUGIN_SHARING && core_any_gpu_fits(node, class) ? 10000 : 0;
}

double core_bucket_score(const struct core *core, const struct core_node *node,
                         const struct core_class *class)
{
    double sum = 0;
    for (size_t p = 0; p < core->plugin_count; p++) {
        sum += class_score(core, core->plugins[p], class, node, 0);
    }
    return sum;
}

static double plugin_score(const struct core *core, enum core_plugin plugin, uint32_t task,
                           const struct core_node *node, const struct core_range *range)
{
    const struct core_class *class = core_class_of(core, task);
    if (plugin == CORE_PLUGIN_PLACEMENT) {
        return core_placement_score(core, node, class, range);
    }
    if (plugin == CORE_PLUGIN_RESOURCE_TYPE || plugin == CORE_PLUGIN_AVAILABILITY ||
        plugin == CORE_PLUGIN_SHARING) {
        double discount =
            core_task_at(core, task)->claim_count == 0 ? 0 : core_dra_charged(core, node, task);
        return class_score(core, plugin, class, node, discount);
    }
    if (plugin == CORE_PLUGIN_NOMINATED) {
        return core_task_at(core, task)->nominated == node->index ? 10000000 : 0;
    }
    return plugin == CORE_PLUGIN_NUMA ? core_numa_score(core, task, node) : 0;
}

/* A candidate with the parts of its score that are not nothing. */
static void log_score(struct core *core, uint32_t task, const struct core_node *node,
                      const struct core_range *range, double total)
{
    static const struct {
        enum core_plugin plugin;
        const char *name;
    } PARTS[] = {{CORE_PLUGIN_PLACEMENT, "placement"}, {CORE_PLUGIN_RESOURCE_TYPE, "resource type"},
                 {CORE_PLUGIN_AVAILABILITY, "idle"},   {CORE_PLUGIN_SHARING, "joins a shared GPU"},
                 {CORE_PLUGIN_NOMINATED, "nominated"}, {CORE_PLUGIN_NUMA, "zones"}};
    if (core->log == NULL) {
        return;
    }
    struct text line = {0};
    text_addf(&line, "candidate %s for %s: score %.4f =", node->name, core_task_name(core, task),
              total);
    double rest = total;
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        double part =
            core->on[PARTS[i].plugin] ? plugin_score(core, PARTS[i].plugin, task, node, range) : 0;
        rest -= part;
        if (part > 0) {
            text_addf(&line, " %s %.4f", PARTS[i].name, part);
        }
    }
    if (rest > 1e-6) {
        text_addf(&line, " topology %.4f", rest);
    }
    CORE_LOG(core, "%s", line.bytes);
    text_release(&line);
}

/* Scores by level that apply to the task: its pod set's, else the nearest ancestor's. */
static const double *level_scores(const struct core *core, uint32_t task)
{
    if (!core->on[CORE_PLUGIN_TOPOLOGY] || core->placing == NULL || core->level_scores == NULL) {
        return NULL;
    }
    uint32_t member = core_task_at(core, task)->member;
    while (member != CORE_NONE) {
        if (core->level_scores[member].present) {
            return core->level_scores[member].by_node;
        }
        member = core->placing->job->members[member].parent;
    }
    return NULL;
}

static bool ranks_before(const struct core *core, const struct core_ranked *l,
                         const struct core_ranked *r)
{
    if (l->score < r->score || l->score > r->score) {
        return l->score > r->score;
    }
    return core_node_at(core, l->node)->rank < core_node_at(core, r->node)->rank;
}

static void sink(struct core *core, size_t i)
{
    struct core_ranked *heap = core->ranked.items;
    size_t n = core->ranked.count;
    for (size_t c = 2 * i + 1; c < n; c = 2 * i + 1) {
        if (c + 1 < n && ranks_before(core, &heap[c + 1], &heap[c])) {
            c++;
        }
        if (!ranks_before(core, &heap[c], &heap[i])) {
            break;
        }
        struct core_ranked item = heap[i];
        heap[i] = heap[c];
        heap[c] = item;
        i = c;
    }
}

void core_order_begin(struct core *core, const struct core_record *record, struct core_nodes nodes)
{
    uint32_t task = record->task;
    size_t x = core_class_of(core, task)->needs_gpu ? CORE_GPU : CORE_CPU;
    const double *levels = level_scores(core, task);
    core->offered = nodes.contains;
    core->walks_index = core->log == NULL && levels == NULL &&
                        (nodes.contains != NULL || nodes.count == core->node_list.count) &&
                        core_index_begin(core, task);
    if (core->walks_index) {
        return;
    }
    struct core_range range;
    core_range_begin(&range);
    for (size_t i = 0; i < nodes.count; i++) {
        if (core_nodes_has(&nodes, nodes.items[i])) {
            core_range_add(&range, core_node_at(core, nodes.items[i]), x);
        }
    }
    vec_clear(&core->ranked);
    for (size_t i = 0; i < nodes.count; i++) {
        const struct core_node *node = core_node_at(core, nodes.items[i]);
        if (!core_nodes_has(&nodes, node->index) ||
            (levels != NULL && isnan(levels[node->index])) ||
            !core_task_fits(core, node, task, true)) {
            continue;
        }
        struct core_ranked item = {node->index, 0};
        for (size_t p = 0; p < core->plugin_count; p++) {
            enum core_plugin plugin = core->plugins[p];
            item.score += plugin == CORE_PLUGIN_TOPOLOGY
                              ? (levels == NULL ? 0 : levels[node->index])
                              : plugin_score(core, plugin, task, node, &range);
        }
        vec_push(&core->ranked, item);
        log_score(core, task, node, &range, item.score);
    }
    CORE_LOG(core, "%s: %zu of %zu nodes have room", core_task_name(core, task), core->ranked.count,
             nodes.count);
    for (size_t i = core->ranked.count / 2; i > 0; i--) {
        sink(core, i - 1);
    }
}

uint32_t core_order_next(struct core *core)
{
    if (core->walks_index) {
        uint32_t node = core_index_next(core);
        while (node != CORE_NONE && core->offered != NULL && !core->offered[node]) {
            node = core_index_next(core);
        }
        return node;
    }
    if (core->ranked.count == 0) {
        return CORE_NONE;
    }
    uint32_t best = core->ranked.items[0].node;
    core->ranked.items[0] = core->ranked.items[--core->ranked.count];
    sink(core, 0);
    return best;
}
