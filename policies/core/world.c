/*
 * world.c - a new core, its settings, and the facts about nodes, queues and topologies.
 */
#include <math.h>

#include "policies/core/facts.h"

static const char *const PLUGIN_NAMES[CORE_PLUGIN_COUNT] = {
    [CORE_PLUGIN_PREDICATES] = "predicates",
    [CORE_PLUGIN_PROPORTION] = "proportion",
    [CORE_PLUGIN_PRIORITY] = "priority",
    [CORE_PLUGIN_ELASTIC] = "elastic",
    [CORE_PLUGIN_KUBEFLOW] = "kubeflow",
    [CORE_PLUGIN_RAY] = "ray",
    [CORE_PLUGIN_AVAILABILITY] = "nodeavailability",
    [CORE_PLUGIN_SHARING] = "gpusharingorder",
    [CORE_PLUGIN_PACK] = "gpupack",
    [CORE_PLUGIN_SPREAD] = "gpuspread",
    [CORE_PLUGIN_RESOURCE_TYPE] = "resourcetype",
    [CORE_PLUGIN_SUBGROUP_ORDER] = "subgrouporder",
    [CORE_PLUGIN_TASK_ORDER] = "taskorder",
    [CORE_PLUGIN_NOMINATED] = "nominatednode",
    [CORE_PLUGIN_DRA] = "dynamicresources",
    [CORE_PLUGIN_PLACEMENT] = "nodeplacement",
    [CORE_PLUGIN_MIN_RUNTIME] = "minruntime",
    [CORE_PLUGIN_TOPOLOGY] = "topology",
    [CORE_PLUGIN_NODE_LOCAL] = "sg-nodelocalgreedy",
    [CORE_PLUGIN_MULTI_NODE] = "sg-multinodegang",
    [CORE_PLUGIN_NUMA] = "numa",
};

/* The built-in configuration; "snapshot" decides nothing and has no number. */
static const enum core_plugin BUILT_IN[] = {
    CORE_PLUGIN_PREDICATES,     CORE_PLUGIN_PROPORTION,
    CORE_PLUGIN_PRIORITY,       CORE_PLUGIN_ELASTIC,
    CORE_PLUGIN_KUBEFLOW,       CORE_PLUGIN_RAY,
    CORE_PLUGIN_AVAILABILITY,   CORE_PLUGIN_SHARING,
    CORE_PLUGIN_PACK,           CORE_PLUGIN_RESOURCE_TYPE,
    CORE_PLUGIN_SUBGROUP_ORDER, CORE_PLUGIN_TASK_ORDER,
    CORE_PLUGIN_NOMINATED,      CORE_PLUGIN_DRA,
    CORE_PLUGIN_PLACEMENT,      CORE_PLUGIN_MIN_RUNTIME,
    CORE_PLUGIN_TOPOLOGY,       CORE_PLUGIN_NODE_LOCAL,
    CORE_PLUGIN_MULTI_NODE,
};

static void add_plugin(struct core *core, enum core_plugin plugin)
{
    if (!core->on[plugin]) {
        core->plugins[core->plugin_count++] = plugin;
        core->on[plugin] = true;
    }
}

static void read_plugins(struct core *core, struct core_texts names)
{
    if (names.items == NULL) {
        for (size_t i = 0; i < sizeof BUILT_IN / sizeof *BUILT_IN; i++) {
            add_plugin(core, BUILT_IN[i]);
        }
        return;
    }
    for (size_t i = 0; i < names.count; i++) {
        for (int p = 0; p < CORE_PLUGIN_COUNT; p++) {
            if (strcmp(names.items[i], PLUGIN_NAMES[p]) == 0) {
                add_plugin(core, (enum core_plugin)p);
            }
        }
    }
}

struct core *core_new(const struct core_settings *settings)
{
    struct core *core = mem_alloc(1, sizeof *core);
    core->settings = *settings;
    read_plugins(core, settings->plugins);
    core->settings.plugins = (struct core_texts){0};
    memcpy(core->depth, settings->depth, sizeof core->depth);
    core->k = 1;
    core->multiplier = 1;
    static const char *const FIXED[] = {"cpu", "memory", "gpu", "pods"};
    for (int i = 0; i < CORE_FIRST_OTHER; i++) {
        names_add(&core->components, view_of(FIXED[i]), NULL);
    }
    return core;
}

static void release_facts(struct core *core)
{
    for (size_t i = 0; i < core->nodes.count; i++) {
        vec_release(&core->nodes.items[i]->residents);
        vec_release(&core->nodes.items[i]->gpus);
        vec_release(&core->nodes.items[i]->by_group);
    }
    for (size_t i = 0; i < core->jobs.count; i++) {
        vec_release(&core->jobs.items[i]->tasks);
        vec_release(&core->jobs.items[i]->order);
        vec_release(&core->jobs.items[i]->view.chunk);
    }
    for (size_t i = 0; i < core->claims.count; i++) {
        vec_release(&core->claims.items[i]->base_holders);
        vec_release(&core->claims.items[i]->base_devices);
        vec_release(&core->claims.items[i]->holders);
        vec_release(&core->claims.items[i]->devices);
        vec_release(&core->claims.items[i]->last_devices);
    }
    for (size_t i = 0; i < core->classes.count; i++) {
        vec_release(&core->classes.items[i]->migs);
        core_index_free(core->classes.items[i]->index);
    }
}

void core_free(struct core *core)
{
    if (core == NULL) {
        return;
    }
    release_facts(core);
    vec_release(&core->group_pool);
    vec_release(&core->classes);
    vec_release(&core->nodes);
    vec_release(&core->queues);
    vec_release(&core->jobs);
    vec_release(&core->tasks);
    vec_release(&core->topologies);
    vec_release(&core->claims);
    names_release(&core->claim_names);
    vec_release(&core->node_list);
    vec_release(&core->queue_list);
    vec_release(&core->job_list);
    vec_release(&core->added_jobs);
    vec_release(&core->queue_children);
    vec_release(&core->root_queues);
    vec_release(&core->copies);
    vec_release(&core->events);
    vec_release(&core->statement.entries);
    vec_release(&core->touched_nodes);
    vec_release(&core->touched_jobs);
    vec_release(&core->reasons);
    vec_release(&core->candidates);
    vec_release(&core->chosen);
    vec_release(&core->scratch);
    vec_release(&core->ranked);
    vec_release(&core->dirty_jobs);
    vec_release(&core->changed_jobs);
    vec_release(&core->asked_jobs);
    bitset_release(&core->running);
    bitset_release(&core->waiting);
    vec_release(&core->changes);
    vec_release(&core->frontier);
    arena_release(&core->placement);
    arena_release(&core->search);
    core_blobs_release(&core->tried);
    free(core->records);
    free(core->migs);
    names_release(&core->texts);
    names_release(&core->components);
    core_blobs_release(&core->class_keys);
    core_blobs_release(&core->signatures);
    names_release(&core->node_names);
    names_release(&core->queue_names);
    names_release(&core->job_names);
    names_release(&core->task_names);
    arena_release(&core->session);
    arena_release(&core->facts);
    free(core);
}

static double number_or(const char *value, double otherwise)
{
    char *end = NULL;
    double x = strtod(value, &end);
    return end != value && *end == '\0' && isfinite(x) ? x : otherwise;
}

static int64_t duration_or_zero(const char *value)
{
    int64_t ns = 0;
    return core_parse_duration(value, &ns) && ns > 0 ? ns : 0;
}

/* Out-of-range values become the nearest sensible one, as the original does (specification 2.1). */
void core_set_argument(struct core *core, const char *plugin, const char *key, const char *value)
{
    core->index_stale = true;
    if (strcmp(plugin, "proportion") == 0) {
        if (strcmp(key, "kValue") == 0) {
            core->k = fmax(0, number_or(value, 1));
        } else if (strcmp(key, "relcaimerSaturationMultiplier") == 0) {
            core->multiplier = fmax(1, number_or(value, 1));
        }
    } else if (strcmp(plugin, "nodeplacement") == 0) {
        bool spread = strcmp(value, "spread") == 0;
        if (strcmp(key, "gpu") == 0) {
            core->gpu_spread = spread;
        } else if (strcmp(key, "cpu") == 0) {
            core->cpu_spread = spread;
        }
    } else if (strcmp(plugin, "minruntime") == 0) {
        if (strcmp(key, "defaultReclaimMinRuntime") == 0) {
            core->reclaim_min_ns = duration_or_zero(value);
        } else if (strcmp(key, "defaultPreemptMinRuntime") == 0) {
            core->preempt_min_ns = duration_or_zero(value);
        } else if (strcmp(key, "reclaimResolveMethod") == 0) {
            core->reclaim_by_queue = strcmp(value, "queue") == 0;
        }
    }
}

uint32_t core_node_named(struct core *core, const char *name)
{
    bool is_new = false;
    uint32_t index = names_add(&core->node_names, view_of(name), &is_new);
    if (is_new) {
        struct core_node *node = arena_alloc(&core->facts, 1, sizeof *node);
        node->name = names_get(&core->node_names, index);
        node->index = index;
        vec_push(&core->nodes, node);
    }
    return index;
}

/* Boolean texts as Go reads them. Returns 1, 0, or -1 for anything else. */
static int parse_bool(const char *text)
{
    static const char *const YES[] = {"1", "t", "T", "true", "TRUE", "True"};
    static const char *const NO[] = {"0", "f", "F", "false", "FALSE", "False"};
    for (size_t i = 0; i < sizeof YES / sizeof *YES; i++) {
        if (strcmp(text, YES[i]) == 0) {
            return 1;
        }
        if (strcmp(text, NO[i]) == 0) {
            return 0;
        }
    }
    return -1;
}

static const char *find_label(struct core_labels labels, const char *key)
{
    for (size_t i = 0; i < labels.count; i++) {
        if (strcmp(labels.items[i].key, key) == 0) {
            return labels.items[i].value;
        }
    }
    return NULL;
}

/* What the labels say of GPUs (specification 1.7). */
static void read_gpu_labels(struct core_node *node, const struct core_node_spec *spec)
{
    const char *count = find_label(spec->labels, "nvidia.com/gpu.count");
    node->gpu_count = (int64_t)(spec->gpus + spec->dra_gpus);
    int64_t value = 0;
    if (count != NULL && core_parse_integer(count, &value)) {
        node->gpu_count = value;
    }
    bool has_mig = false;
    for (size_t i = 0; i < spec->others.count; i++) {
        has_mig |= strncmp(spec->others.items[i].name, "nvidia.com/mig-", 15) == 0 &&
                   spec->others.items[i].amount > 0;
    }
    const char *enabled = find_label(spec->labels, "node-role.kubernetes.io/mig-enabled");
    node->mig_enabled = enabled != NULL ? parse_bool(enabled) == 1 : has_mig;
    const char *strategy = find_label(spec->labels, "nvidia.com/mig.strategy");
    node->mig_strategy = CORE_MIG_NONE;
    if (node->mig_enabled && strategy != NULL) {
        node->mig_strategy = strcmp(strategy, "single") == 0  ? CORE_MIG_SINGLE
                             : strcmp(strategy, "mixed") == 0 ? CORE_MIG_MIXED
                                                              : CORE_MIG_NONE;
    }
}

bool core_add_node(struct core *core, const struct core_node_spec *spec, uint32_t *out,
                   struct err *err)
{
    CHECK(!core->open);
    if (!core_check_node(spec, err)) {
        return false;
    }
    struct core_node *node = core_node_at(core, core_node_named(core, spec->name));
    if (node->exists) {
        return err_set(err, ERR_FORMAT, 0, "node \"%s\" is given twice", spec->name);
    }
    node->exists = true;
    node->dirty = true;
    node->ready = !spec->not_ready;
    node->synced = !spec->gpu_memory_unknown;
    node->gpu_memory_mib = spec->gpu_memory_mib > 0 ? spec->gpu_memory_mib : 100;
    node->amount_count = CORE_FIRST_OTHER + spec->others.count;
    node->amounts = arena_alloc(&core->facts, node->amount_count, sizeof *node->amounts);
    const double fixed[] = {spec->cpu_milli, spec->memory_bytes, spec->gpus + spec->dra_gpus,
                            spec->pods};
    for (uint32_t i = 0; i < CORE_FIRST_OTHER; i++) {
        node->amounts[i] = (struct core_amount_at){i, fixed[i]};
    }
    for (size_t i = 0; i < spec->others.count; i++) {
        node->amounts[CORE_FIRST_OTHER + i] = (struct core_amount_at){
            core_component(core, spec->others.items[i].name), spec->others.items[i].amount};
    }
    node->dra_gpus = spec->dra_gpus;
    node->has_dra = spec->dra_gpus > 0;
    node->labels = core_copy_labels(core, spec->labels);
    node->label_count = spec->labels.count;
    node->taints = arena_alloc(&core->facts, spec->taint_count + 1, sizeof *node->taints);
    for (size_t i = 0; i < spec->taint_count; i++) {
        node->taints[node->taint_count++] = (struct core_taint_at){
            core_text(core, spec->taints[i].key), core_text(core, spec->taints[i].value),
            core_text(core, spec->taints[i].effect)};
    }
    read_gpu_labels(node, spec);
    node->cpu_only = !node->mig_enabled && spec->gpus + spec->dra_gpus <= 0 && !node->has_dra;
    core_numa_read(core, node, &spec->numa);
    core->nodes_stale = true;
    *out = node->index;
    return true;
}

bool core_set_node_ready(struct core *core, uint32_t node, bool ready, struct err *err)
{
    CHECK(!core->open);
    if (node >= core->nodes.count || !core_node_at(core, node)->exists) {
        return err_set(err, ERR_FORMAT, 0, "no node has the index %u", node);
    }
    core_node_at(core, node)->ready = ready;
    core_index_note(core, core_node_at(core, node));
    return true;
}

bool core_add_queue(struct core *core, const struct core_queue_spec *spec, uint32_t *out,
                    struct err *err)
{
    CHECK(!core->open);
    if (!core_check_queue(spec, err)) {
        return false;
    }
    bool is_new = false;
    uint32_t index = names_add(&core->queue_names, view_of(spec->name), &is_new);
    if (!is_new) {
        return err_set(err, ERR_FORMAT, 0, "queue \"%s\" is given twice", spec->name);
    }
    struct core_queue *queue = arena_alloc(&core->facts, 1, sizeof *queue);
    queue->name = names_get(&core->queue_names, index);
    queue->index = index;
    queue->parent_name = core_text(core, spec->parent);
    queue->priority = spec->priority;
    queue->created_ns = spec->created_ns;
    queue->preempt_min_ns = spec->preempt_min_runtime_ns;
    queue->reclaim_min_ns = spec->reclaim_min_runtime_ns;
    for (int r = 0; r < CORE_RESOURCE_COUNT; r++) {
        queue->share.deserved[r] = spec->shares[r].quota;
        queue->share.limit[r] = spec->shares[r].limit;
        queue->share.weight[r] = spec->shares[r].weight;
        queue->usage[r] = spec->usage[r];
    }
    vec_push(&core->queues, queue);
    core->queues_stale = true;
    *out = index;
    return true;
}

bool core_set_queue_usage(struct core *core, uint32_t queue, const double usage[3], struct err *err)
{
    CHECK(!core->open);
    if (queue >= core->queues.count) {
        return err_set(err, ERR_FORMAT, 0, "no queue has the index %u", queue);
    }
    if (!core_check_usage(core_queue_at(core, queue)->name, usage, err)) {
        return false;
    }
    memcpy(core_queue_at(core, queue)->usage, usage, 3 * sizeof *usage);
    return true;
}

bool core_add_topology(struct core *core, const struct core_topology_spec *spec, struct err *err)
{
    CHECK(!core->open);
    if (!core_check_topology(spec, err)) {
        return false;
    }
    uint32_t name = core_text(core, spec->name);
    for (size_t i = 0; i < core->topologies.count; i++) {
        if (core->topologies.items[i]->name == name) {
            return err_set(err, ERR_FORMAT, 0, "topology \"%s\" is given twice", spec->name);
        }
    }
    struct core_topology *topology = arena_alloc(&core->facts, 1, sizeof *topology);
    topology->name = name;
    for (size_t i = 0; i < spec->levels.count; i++) {
        topology->levels[topology->level_count++] = core_text(core, spec->levels.items[i]);
    }
    vec_push(&core->topologies, topology);
    core->nodes_stale = true;
    return true;
}
