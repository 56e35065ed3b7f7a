/*
 * gpus.c - does a task fit on a node, and on which shared GPUs (specification 1.10, 1.11, 5.8).
 */
#include <math.h>

#include "policies/core/dra.h"
#include "policies/core/modules.h"

int64_t core_memory_on(const struct core_node *node, const struct core_class *class)
{
    return class->memory_mib > 0 ? class->memory_mib
                                 : (int64_t)(class->portion * (double)node->gpu_memory_mib);
}

double core_fraction_of(const struct core_node *node, int64_t mib)
{
    return ceil((double)mib / (double)node->gpu_memory_mib * 100) / 100;
}

double core_portion_on(const struct core_node *node, const struct core_class *class)
{
    return class->memory_mib > 0 ? core_fraction_of(node, class->memory_mib) : class->portion;
}

static bool is_whole(double p)
{
    return isfinite(p) && trunc(p) >= p;
}

static bool valid_portion(const struct core_node *node, const struct core_class *class)
{
    double p = core_portion_on(node, class);
    return p <= 1 || is_whole(p);
}

/* Someone is on it, it is not wholly being released, and there is room, counting what is being
 * released. */
bool core_gpu_fits(const struct core_node *node, const struct core_class *class,
                   const struct core_gpu *gpu)
{
    return gpu->used != 0 && gpu->allocated != gpu->releasing &&
           node->gpu_memory_mib - gpu->allocated + gpu->releasing - core_memory_on(node, class) >=
               0;
}

bool core_gpu_fits_idle(const struct core_node *node, const struct core_class *class,
                        const struct core_gpu *gpu)
{
    return gpu->has_allocated &&
           node->gpu_memory_mib - gpu->allocated - core_memory_on(node, class) >= 0;
}

bool core_any_gpu_fits(const struct core_node *node, const struct core_class *class)
{
    for (size_t i = 0; i < node->gpus.count; i++) {
        if (core_gpu_fits(node, class, &node->gpus.items[i])) {
            return true;
        }
    }
    return false;
}

static bool shared_fits(const struct core_node *node, const struct core_class *class, double gpus)
{
    int64_t groups = 0;
    for (size_t i = 0; i < node->gpus.count && groups < class->count; i++) {
        groups += core_gpu_fits(node, class, &node->gpus.items[i]);
    }
    return (int64_t)floor(gpus) + groups >= class->count;
}

bool core_task_fits(const struct core *core, const struct core_node *node, uint32_t task,
                    bool future)
{
    double discount =
        core_task_at(core, task)->claim_count == 0 ? 0 : core_dra_charged(core, node, task);
    return core_class_fits(core, node, core_class_of(core, task), discount, future);
}

bool core_class_fits(const struct core *core, const struct core_node *node,
                     const struct core_class *class, double discount, bool future)
{
    double gpus = node->idle[CORE_GPU];
    for (size_t i = 0; i < core->width; i++) {
        double available = future ? node->idle[i] + node->releasing[i] : node->idle[i];
        if (i == CORE_GPU) {
            gpus = available;
            if (!class->shared && class->vector[i] - discount > available) {
                return false;
            }
        } else if (class->vector[i] > available) {
            return false;
        }
    }
    return valid_portion(node, class) && (!class->shared || shared_fits(node, class, gpus));
}

static double vector_gpus(const struct core *core, const double *vector)
{
    return core_total_gpus(core, vector);
}

/* GPUs and MiB that are free, and that are being released, fragments included; kept until the
 * ledger changes. */
void core_sum_gpus(const struct core *core, struct core_node *node)
{
    if (node->sums_version == node->version) {
        return;
    }
    node->sums_version = node->version;
    double idle = 0;
    double fractions = 0;
    double idle_mib = 0;
    double releasing = 0;
    double releasing_mib = 0;
    for (size_t i = 0; i < node->by_group.count; i++) {
        const struct core_gpu *gpu = &node->gpus.items[node->by_group.items[i]];
        if (gpu->used > 0) {
            fractions += (double)(node->gpu_memory_mib - gpu->allocated + gpu->releasing) /
                         (double)node->gpu_memory_mib;
        }
        if (gpu->allocated > 0) {
            idle += 1 - core_fraction_of(node, gpu->allocated);
            idle_mib += (double)(node->gpu_memory_mib - gpu->allocated);
        }
        if (gpu->releasing > 0 && !(gpu->used != 0 && gpu->releasing == gpu->used)) {
            releasing += core_fraction_of(node, gpu->releasing);
            releasing_mib += (double)gpu->releasing;
        }
    }
    double whole = vector_gpus(core, node->idle);
    double whole_releasing = vector_gpus(core, node->releasing);
    node->shared_fractions = fractions;
    node->idle_gpus = idle + whole;
    node->idle_mib = idle_mib + (double)((int64_t)whole * node->gpu_memory_mib);
    node->releasing_gpus = releasing + whole_releasing;
    node->releasing_mib = releasing_mib + (double)((int64_t)whole_releasing * node->gpu_memory_mib);
}

double core_future_gpus(const struct core *core, struct core_node *node)
{
    if (!node->exists) {
        return 0;
    }
    core_sum_gpus(core, node);
    return node->idle_gpus + node->releasing_gpus;
}

static double candidate_score(const struct core *core, const struct core_node *node,
                              const struct core_gpu *gpu)
{
    if (core->on[CORE_PLUGIN_PACK]) {
        return gpu == NULL ? 0 : (double)gpu->used / (double)node->gpu_memory_mib;
    }
    if (core->on[CORE_PLUGIN_SPREAD]) {
        return gpu == NULL ? 1 : 1 - (double)gpu->used / (double)node->gpu_memory_mib;
    }
    return 0;
}

static void add_candidate(struct core *core, uint32_t group, double score)
{
    vec_push(&core->candidates, (struct core_candidate){0});
    size_t at = core->candidates.count - 1;
    while (at > 0 && core->candidates.items[at - 1].score < score) {
        core->candidates.items[at] = core->candidates.items[at - 1];
        at--;
    }
    core->candidates.items[at] = (struct core_candidate){group, score};
}

/* Best first; equal scores in the order in which the groups were first used on the node. */
void core_list_candidates(struct core *core, const struct core_node *node,
                          const struct core_class *class)
{
    vec_clear(&core->candidates);
    if (node->gpu_memory_mib < 100) {
        return;
    }
    for (size_t i = 0; i < node->gpus.count; i++) {
        const struct core_gpu *gpu = &node->gpus.items[i];
        if (core_gpu_fits(node, class, gpu)) {
            add_candidate(core, gpu->group, candidate_score(core, node, gpu));
        }
    }
    if (node->idle[CORE_GPU] > 0 || node->releasing[CORE_GPU] > 0) {
        int64_t whole = (int64_t)node->idle[CORE_GPU] + (int64_t)node->releasing[CORE_GPU];
        /* More than the task wants would only be looked at and left. */
        for (int64_t i = 0; i < whole && (core->all_candidates || i < class->count); i++) {
            add_candidate(core, CORE_WHOLE, candidate_score(core, node, NULL));
        }
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

static bool is_decimal(const struct core *core, uint32_t group)
{
    int64_t value = 0;
    return !core_group_is_fresh(group) &&
           core_parse_integer(names_get(&core->texts, group), &value);
}

struct core_choice core_choose_from(struct core *core, const struct core_node *node, uint32_t task,
                                    bool pipeline_only)
{
    const struct core_class *class = core_class_of(core, task);
    struct core_choice choice = {0};
    bool not_idle = !core_task_fits(core, node, task, false);
    vec_clear(&core->chosen);
    for (size_t i = 0; i < core->candidates.count; i++) {
        uint32_t group = core->candidates.items[i].group;
        if (group == CORE_WHOLE) {
            choice.releasing |= pipeline_only || not_idle;
            choice.has_new = true;
        } else {
            const struct core_gpu *gpu = find_gpu(node, group);
            choice.releasing |= gpu == NULL || !core_gpu_fits_idle(node, class, gpu) || not_idle;
            choice.has_new |= !is_decimal(core, group);
        }
        vec_push(&core->chosen, group);
        if ((int64_t)core->chosen.count == class->count) {
            choice.found = true;
            return choice;
        }
    }
    return (struct core_choice){0};
}

struct core_choice core_choose(struct core *core, const struct core_node *node, uint32_t task,
                               bool pipeline_only)
{
    core_list_candidates(core, node, core_class_of(core, task));
    return core_choose_from(core, node, task, pipeline_only);
}

struct core_groups core_chosen_groups(struct core *core)
{
    struct core_groups run = {(uint32_t)core->group_pool.count, (uint32_t)core->chosen.count};
    for (size_t i = 0; i < core->chosen.count; i++) {
        uint32_t group = core->chosen.items[i];
        vec_push(&core->group_pool,
                 group == CORE_WHOLE ? (CORE_FRESH_BIT | ++core->fresh_count) : group);
    }
    return run;
}
