/*
 * fit.c - may this task run at all, and on this node (specification 5.1 to 5.4)?
 */
#include "policies/core/dra.h"
#include "policies/core/modules.h"

static struct core_queue_view bounds_of(const struct core_queue *queue)
{
    struct core_queue_view view = {0};
    memcpy(view.deserved, queue->share.deserved, sizeof view.deserved);
    memcpy(view.limit, queue->share.limit, sizeof view.limit);
    memcpy(view.allocated, queue->share.allocated, sizeof view.allocated);
    memcpy(view.allocated_np, queue->share.np, sizeof view.allocated_np);
    return view;
}

struct core_verdict core_check_capacity(const struct core *core, const struct core_job *job,
                                        const double asked[3], bool quota_only)
{
    struct core_verdict verdict = {.queue = CORE_NONE};
    for (int rule = quota_only; rule < 2 && core->on[CORE_PLUGIN_PROPORTION]; rule++) {
        if (rule == 1 && job->preemptible) {
            break;
        }
        for (uint32_t q = job->queue; q != CORE_NONE; q = core_queue_at(core, q)->parent) {
            const struct core_queue_view bounds = bounds_of(core_queue_at(core, q));
            enum core_resource r =
                rule == 0 ? core_over_limit(&bounds, asked) : core_np_over_quota(&bounds, asked);
            if (r != CORE_RESOURCE_COUNT) {
                return (struct core_verdict){rule == 0 ? CORE_OVER_LIMIT : CORE_NP_OVER_QUOTA, q, r,
                                             asked[r]};
            }
        }
    }
    return verdict;
}

void core_chunk_amounts(const struct core *core, const uint32_t *tasks, size_t count, double x[3])
{
    x[CORE_CPU] = x[CORE_MEM] = x[CORE_GPU] = 0;
    for (size_t i = 0; i < count; i++) {
        const struct core_class *class = core_class_of(core, tasks[i]);
        x[CORE_CPU] += class->quantity[CORE_CPU];
        x[CORE_MEM] += class->quantity[CORE_MEM];
        x[CORE_GPU] += class->kind == CORE_GPU_MEMORY
                           ? core_memory_as_gpus(class, core->max_gpu_mib)
                           : class->quantity[CORE_GPU];
    }
}

struct core_verdict core_check_on_node(const struct core *core, uint32_t task,
                                       const struct core_node *node)
{
    const struct core_class *class = core_class_of(core, task);
    double gpus = class->kind == CORE_GPU_MIG
                      ? class->quota_gpus
                      : (double)class->count * core_fraction_of(node, core_memory_on(node, class));
    const double x[3] = {class->quantity[CORE_CPU], class->quantity[CORE_MEM], gpus};
    return core_check_capacity(core, core_job_at(core, core_task_at(core, task)->job), x, false);
}

uint32_t core_invariant_failure(const struct core *core, uint32_t task)
{
    const struct core_class *class = core_class_of(core, task);
    if (!core->on[CORE_PLUGIN_PREDICATES]) {
        return CORE_NONE;
    }
    if (class->constraints != NULL && class->constraints->missing_volume) {
        return CORE_NONE - 1;
    }
    static const uint32_t FIRST[] = {CORE_GPU, CORE_CPU, CORE_MEM};
    for (int i = 0; i < 3; i++) {
        if (class->vector[FIRST[i]] > core->largest[FIRST[i]]) {
            return FIRST[i];
        }
    }
    for (uint32_t c = CORE_PODS; c < core->width; c++) {
        if (class->vector[c] > 0 && core->largest[c] < class->vector[c]) {
            return c;
        }
    }
    return CORE_NONE;
}

bool core_type_allows(const struct core_node *node, const struct core_class *class)
{
    if (class->legacy_mig) {
        return false;
    }
    if (!class->needs_gpu) {
        return true;
    }
    bool mig = class->kind == CORE_GPU_MIG;
    if ((class->shared && node->has_dra) || (mig && !node->mig_enabled)) {
        return false;
    }
    if (!node->mig_enabled) {
        return true;
    }
    if (mig && node->legacy_mig_count > 0) {
        return false;
    }
    return !(node->mig_strategy == CORE_MIG_SINGLE && class->kind != CORE_GPU_REGULAR) &&
           !(node->mig_strategy == CORE_MIG_MIXED && !mig);
}

/* A slot for the pod, and one more for the reservation pod of a shared GPU that is new. */
static bool has_slots(struct core *core, uint32_t task, const struct core_node *node)
{
    double free_slots = node->idle[CORE_PODS] + node->releasing[CORE_PODS];
    if (!core_class_of(core, task)->shared) {
        return free_slots > 0;
    }
    if (free_slots >= 2) {
        return true;
    }
    struct core_choice choice = core_choose(core, node, task, false);
    if (!choice.found || choice.releasing) {
        choice = core_choose(core, node, task, true);
    }
    return choice.found && !choice.has_new;
}

static bool has_value(const struct core_expression *e, uint32_t value)
{
    for (size_t i = 0; i < e->value_count; i++) {
        if (e->values[i] == value) {
            return true;
        }
    }
    return false;
}

bool core_matches_node(const struct core_class *class, const struct core_node *node)
{
    const struct core_constraints *c = class->constraints;
    for (size_t i = 0; c != NULL && i < c->expression_count; i++) {
        const struct core_expression *e = &c->expressions[i];
        uint32_t value = core_node_label(node, e->key);
        if ((value != CORE_NONE && has_value(e, value)) == e->negate) {
            return false;
        }
    }
    return true;
}

static bool tolerates(const struct core_constraints *c, const struct core_taint_at *taint)
{
    for (size_t i = 0; c != NULL && i < c->toleration_count; i++) {
        const struct core_toleration_at *t = &c->tolerations[i];
        if ((t->effect == CORE_NONE || t->effect == taint->effect) &&
            (t->key == CORE_NONE || t->key == taint->key) &&
            (t->exists || t->value == taint->value)) {
            return true;
        }
    }
    return false;
}

static bool taints_allow(const struct core *core, const struct core_class *class,
                         const struct core_node *node)
{
    for (size_t i = 0; i < node->taint_count; i++) {
        bool hard = strcmp(core_text_get(core, node->taints[i].effect), "PreferNoSchedule") != 0;
        if (hard && !tolerates(class->constraints, &node->taints[i])) {
            return false;
        }
    }
    return true;
}

bool core_is_worker(const struct core *core, const struct core_node *node, bool gpu)
{
    const char *wanted =
        gpu ? "node-role.kubernetes.io/gpu-worker" : "node-role.kubernetes.io/cpu-worker";
    uint32_t key = names_find(&core->texts, view_of(wanted));
    return key != NAMES_NONE && core_node_label(node, key) != CORE_NONE;
}

static bool ports_allow(const struct core *core, const struct core_class *class,
                        const struct core_node *node)
{
    const struct core_constraints *mine = class->constraints;
    if (mine == NULL || mine->host_port_count == 0) {
        return true;
    }
    for (uint32_t at = node->first_copy; at != 0; at = core->copies.items[at - 1].next_on_node) {
        const struct core_constraints *other =
            core_class_of(core, core->copies.items[at - 1].task)->constraints;
        for (size_t i = 0; other != NULL && i < other->host_port_count; i++) {
            for (size_t k = 0; k < mine->host_port_count; k++) {
                if (other->host_ports[i] == mine->host_ports[k]) {
                    return false;
                }
            }
        }
    }
    return true;
}

bool core_class_allowed(const struct core *core, const struct core_class *class,
                        const struct core_node *node)
{
    return !core->on[CORE_PLUGIN_PREDICATES] ||
           (core_type_allows(node, class) && (class->memory_mib == 0 || node->synced) &&
            node->ready && core_matches_node(class, node) && taints_allow(core, class, node) &&
            (!core->settings.restrict_nodes || core_is_worker(core, node, class->needs_gpu)));
}

bool core_predicates(struct core *core, uint32_t task, struct core_node *node)
{
    const struct core_class *class = core_class_of(core, task);
    if (core->on[CORE_PLUGIN_PREDICATES] &&
        (core_check_on_node(core, task, node).refusal != CORE_FITS ||
         !has_slots(core, task, node) || !core_class_allowed(core, class, node) ||
         !ports_allow(core, class, node) || !core_pod_affinity_allows(core, task, node))) {
        return false;
    }
    return core_dra_allows(core, task, node) && core_numa_allows(core, task, node);
}

const char *core_refusing_rule(struct core *core, uint32_t task, struct core_node *node)
{
    const struct core_class *class = core_class_of(core, task);
    if (core->on[CORE_PLUGIN_PREDICATES]) {
        if (core_check_on_node(core, task, node).refusal != CORE_FITS) {
            return "the limit or quota of a queue";
        }
        if (!core_type_allows(node, class)) {
            return "the kind of GPU";
        }
        if (class->memory_mib > 0 && !node->synced) {
            return "unknown GPU memory";
        }
        if (!has_slots(core, task, node)) {
            return "pod slots";
        }
        if (!node->ready) {
            return "a node that is not ready";
        }
        if (!core_matches_node(class, node)) {
            return "node affinity";
        }
        if (!taints_allow(core, class, node)) {
            return "a taint";
        }
        if (!ports_allow(core, class, node)) {
            return "a host port";
        }
        if (!core_pod_affinity_allows(core, task, node)) {
            return "pod affinity";
        }
    }
    const char *claim = core_dra_refusal(core, task, node);
    return claim != NULL ? claim : "NUMA zones";
}

void core_feasible_nodes(struct core *core, const struct core_job *job, struct core_list *nodes)
{
    bool all = false;
    for (size_t i = 0; i < job->tasks.count; i++) {
        all |= !core_class_of(core, job->tasks.items[i])->needs_gpu;
    }
    for (size_t i = 0; i < core->node_list.count; i++) {
        struct core_node *node = core_node_at(core, core->node_list.items[i]);
        core_sum_gpus(core, node);
        if (all || node->idle_gpus > 0 || node->releasing_gpus > 0) {
            vec_push(nodes, node->index);
        }
    }
}
