/* build.c - a case as a core: nodes, queues, topologies, jobs, tasks and claims. */
#include <string.h>

#include "sim/check/case.h"

/* What building needs at hand; `ok` turns false at the core's first refusal. */
struct builder {
    struct check_case *c;
    struct core *core;
    struct reader r;
    bool ok;
};

static const char *decimal(struct builder *b, int64_t number)
{
    struct text text = {0};
    text_add_i64(&text, number);
    const char *copy = arena_copy_text(b->r.arena, text.bytes, text.length);
    text_release(&text);
    return copy;
}

/* An object of numbers. NUMA calls CPU and memory by keys with units. */
static struct core_amounts read_amounts(struct builder *b, const struct place *object)
{
    struct core_amount *items =
        arena_alloc(b->r.arena, json_object_size(object->value), sizeof(*items));
    size_t count = 0;
    const char *key;
    json_t *value;
    /* jansson's walk takes a pointer that is not const, and changes nothing. */
    json_t *walked = json_deep_copy(object->value);
    json_object_foreach(walked, key, value)
    {
        struct place place = {object, key, 0, value};
        const char *name = strcmp(key, "cpu_milli") == 0      ? "cpu"
                           : strcmp(key, "memory_bytes") == 0 ? "memory"
                                                              : key;
        items[count].name = arena_copy_text(b->r.arena, name, strlen(name));
        items[count].amount = read_value(&b->r, &place);
        count++;
    }
    json_decref(walked);
    return (struct core_amounts){items, count};
}

/* An object of texts, with room for `extra` labels behind them. */
static struct core_label *read_labels(struct builder *b, const struct place *object, size_t extra,
                                      size_t *count)
{
    struct core_label *items =
        arena_alloc(b->r.arena, json_object_size(object->value) + extra, sizeof(*items));
    *count = 0;
    const char *key;
    json_t *value;
    json_t *walked = json_deep_copy(object->value);
    json_object_foreach(walked, key, value)
    {
        struct place place = {object, key, 0, value};
        const char *text = read_string(&b->r, &place);
        items[*count].key = arena_copy_text(b->r.arena, key, strlen(key));
        items[(*count)++].value = arena_copy_text(b->r.arena, text, strlen(text));
    }
    json_decref(walked);
    return items;
}

static void add_label(struct core_label *items, size_t *count, const char *key, const char *value)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(items[i].key, key) == 0) {
            return;
        }
    }
    items[(*count)++] = (struct core_label){key, value};
}

static enum core_numa_policy numa_policy(struct builder *b, const struct place *numa)
{
    const char *name = read_text(&b->r, numa, "policy", "none");
    if (strcmp(name, "best-effort") == 0) {
        return CORE_NUMA_BEST_EFFORT;
    }
    if (strcmp(name, "restricted") == 0) {
        return CORE_NUMA_RESTRICTED;
    }
    return strcmp(name, "single-numa-node") == 0 ? CORE_NUMA_SINGLE : CORE_NUMA_NONE;
}

static struct core_numa_spec read_numa(struct builder *b, const struct place *node)
{
    struct place numa = place_get(node, "numa");
    struct place zones = place_get(&numa, "zones");
    size_t count = read_count(&b->r, &zones);
    struct core_zone_spec *items = arena_alloc(b->r.arena, count, sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        struct place zone = place_item(&zones, i);
        struct place allocatable = place_get(&zone, "allocatable");
        struct place available = place_get(&zone, "available");
        items[i] =
            (struct core_zone_spec){read_text(&b->r, &zone, "id", ""),
                                    read_amounts(b, &allocatable), read_amounts(b, &available)};
    }
    return (struct core_numa_spec){
        .policy = numa_policy(b, &numa),
        .per_container = strcmp(read_text(&b->r, &numa, "scope", "pod"), "container") == 0,
        .zones = items,
        .zone_count = count};
}

static double dra_devices(struct builder *b, const char *node)
{
    struct place root = {.value = b->c->root};
    struct place dra = place_get(&root, "dra");
    struct place slices = place_get(&dra, "slices");
    double sum = 0;
    for (size_t i = 0; i < read_count(&b->r, &slices); i++) {
        struct place slice = place_item(&slices, i);
        if (strcmp(read_text(&b->r, &slice, "node", ""), node) == 0) {
            sum += read_number(&b->r, &slice, "devices", 0);
        }
    }
    return sum;
}

static void add_node(struct builder *b, const struct place *node)
{
    struct reader *r = &b->r;
    struct place labels = place_get(node, "labels");
    struct place mig = place_get(node, "mig_instances");
    const char *strategy = read_text(r, node, "mig_strategy", "");
    struct core_node_spec spec = {
        .name = read_name(r, node),
        .cpu_milli = read_number(r, node, "cpu_milli", 20000000),
        .memory_bytes = read_number(r, node, "memory_bytes", 20e9),
        .gpus = read_number(r, node, "gpus", 0),
        .pods = read_number(r, node, "max_pods", 110),
        .others = read_amounts(b, &mig),
        .gpu_memory_mib = read_int(r, node, "gpu_memory_mib", 100),
        .gpu_memory_unknown = !read_bool(r, node, "gpu_memory_known", true),
        .numa = read_numa(b, node),
    };
    spec.dra_gpus = dra_devices(b, spec.name);
    size_t count;
    struct core_label *items = read_labels(b, &labels, 5, &count);
    int64_t gpus = read_int(r, node, "gpu_count_label", (int64_t)spec.gpus);
    add_label(items, &count, "kai.scheduler/type", spec.name);
    add_label(items, &count, "nvidia.com/gpu.count", decimal(b, gpus));
    add_label(items, &count, "nvidia.com/gpu.memory", decimal(b, spec.gpu_memory_mib));
    add_label(items, &count, "node-role.kubernetes.io/mig-enabled",
              strategy[0] != '\0' ? "true" : "false");
    add_label(items, &count, "nvidia.com/mig.strategy", strategy);
    spec.labels = (struct core_labels){items, count};
    uint32_t index;
    b->ok = b->ok && !r->failed && core_add_node(b->core, &spec, &index, r->err);
}

/* Durations and ages, in nanoseconds: with the instant of all cases the core takes any of them. */
static int64_t span(struct builder *b, const struct place *up, const char *key)
{
    return read_between(&b->r, up, key, -INT64_C(500000000000), INT64_C(4000000000000)) *
           CASE_NS_PER_MS;
}

static int64_t milliseconds(struct builder *b, const struct place *up, const char *key)
{
    return read_has(up, key) ? span(b, up, key) : CORE_UNSET;
}

static struct core_share_spec read_share(struct builder *b, const struct place *queue,
                                         const char *key, double quota, double weight)
{
    struct place share = place_get(queue, key);
    return (struct core_share_spec){read_number(&b->r, &share, "quota", quota),
                                    read_number(&b->r, &share, "limit", -1),
                                    read_number(&b->r, &share, "over_quota_weight", weight)};
}

static void add_queue(struct builder *b, const struct place *queue)
{
    struct reader *r = &b->r;
    /* Of a queue and a department with the same number the department is younger. */
    bool department = strcmp(read_text(r, queue, "role", "queue"), "department") == 0;
    int64_t order = read_has(queue, "creation_order")
                        ? read_between(r, queue, "creation_order", -10000000, 10000000)
                        : (int64_t)queue->index;
    struct core_queue_spec spec = {
        .name = read_name(r, queue),
        .parent = read_text(r, queue, "parent", NULL),
        .priority = (int)read_int(r, queue, "priority", 100),
        .created_ns = order * INT64_C(60000000000) + department,
        .shares = {[CORE_CPU] = read_share(b, queue, "cpu", -1, 1),
                   [CORE_MEM] = read_share(b, queue, "memory", -1, 1),
                   [CORE_GPU] = read_share(b, queue, "gpu", 0, 0)},
        .preempt_min_runtime_ns = milliseconds(b, queue, "preempt_min_runtime_ms"),
        .reclaim_min_runtime_ns = milliseconds(b, queue, "reclaim_min_runtime_ms"),
    };
    uint32_t index;
    b->ok = b->ok && !r->failed && core_add_queue(b->core, &spec, &index, r->err);
}

static void add_topology(struct builder *b, const struct place *topology)
{
    struct core_topology_spec spec = {.name = read_name(&b->r, topology)};
    spec.levels.items = read_texts(&b->r, topology, "levels", &spec.levels.count);
    b->ok = b->ok && !b->r.failed && core_add_topology(b->core, &spec, b->r.err);
}

static struct core_topology_want read_want(struct builder *b, const struct place *group)
{
    struct place want = place_get(group, "topology_constraint");
    const char *topology = read_text(&b->r, &want, "topology", NULL);
    return (struct core_topology_want){topology != NULL && topology[0] == '\0' ? NULL : topology,
                                       read_text(&b->r, &want, "required_level", NULL),
                                       read_text(&b->r, &want, "preferred_level", NULL)};
}

typedef VEC(struct core_group_spec) group_vec;

/* Depth is bounded so that a document cannot exhaust the stack. */
static void read_groups(struct builder *b, const struct place *group, uint32_t self,
                        group_vec *groups)
{
    int depth = 0;
    for (const struct place *p = group; p != NULL; p = p->up) {
        depth++;
    }
    if (depth > 100) {
        read_fail(&b->r, group, "groups nested too deeply");
        return;
    }
    struct place inner = place_get(group, "groups");
    for (size_t i = 0; i < read_count(&b->r, &inner); i++) {
        struct place item = place_item(&inner, i);
        struct core_group_spec spec = {.name = read_text(&b->r, &item, "name", ""),
                                       .parent = self,
                                       .min = read_int(&b->r, &item, "min_sub_group", -1),
                                       .topology = read_want(b, &item)};
        uint32_t index = (uint32_t)groups->count;
        vec_push(groups, spec);
        read_groups(b, &item, index, groups);
    }
    struct place sets = place_get(group, "pod_sets");
    for (size_t i = 0; i < read_count(&b->r, &sets); i++) {
        struct place item = place_item(&sets, i);
        struct core_group_spec spec = {.name = read_text(&b->r, &item, "name", "default"),
                                       .parent = self,
                                       .is_pod_set = true,
                                       .min = read_int(&b->r, &item, "min_available", 1),
                                       .topology = read_want(b, &item)};
        vec_push(groups, spec);
    }
}

static struct core_request_spec read_request(struct builder *b, const struct place *task)
{
    struct reader *r = &b->r;
    struct place request = place_get(task, "request");
    struct core_request_spec spec = {.cpu_milli = read_number(r, &request, "cpu_milli", 1000),
                                     .memory_bytes = read_number(r, &request, "memory_bytes", 1e9)};
    const char *kind = read_text(r, &request, "gpu_kind", "none");
    int64_t devices = read_int(r, &request, "gpu_devices", 1);
    if (strcmp(kind, "whole") == 0) {
        spec.gpu = (struct core_gpu_need){.count = devices, .portion = 1};
    } else if (strcmp(kind, "fraction") == 0) {
        spec.kind = CORE_GPU_FRACTION;
        spec.gpu.count = devices > 0 ? devices : 1;
        spec.gpu.portion = read_number(r, &request, "gpu_portion", 0);
    } else if (strcmp(kind, "gpu_memory") == 0) {
        spec.kind = CORE_GPU_MEMORY;
        spec.gpu.count = devices > 0 ? devices : 1;
        spec.gpu.memory_mib = read_int(r, &request, "gpu_memory_mib", 0);
    } else if (strcmp(kind, "mig") == 0) {
        struct place mig = place_get(&request, "mig");
        spec.kind = CORE_GPU_MIG;
        spec.gpu.mig = read_amounts(b, &mig);
    } else if (strcmp(kind, "none") != 0) {
        read_fail(r, &request, "no such gpu_kind");
    }
    return spec;
}

/* The terms of a task that live as long as the call. */
struct terms {
    struct core_node_term node;
    struct core_pod_term pods[2];
    size_t pod_count;
};

static void read_terms(struct builder *b, const struct place *task, struct core_task_spec *spec,
                       struct terms *terms)
{
    struct reader *r = &b->r;
    struct place labels = place_get(task, "labels");
    size_t count;
    struct core_label *items = read_labels(b, &labels, 1, &count);
    struct core_labels own = {items, count};
    if (read_has(task, "task_priority")) {
        add_label(items, &count, "kai.scheduler/task-priority",
                  decimal(b, read_int(r, task, "task_priority", 0)));
    }
    spec->labels = (struct core_labels){items, count};
    terms->node.key = "kai.scheduler/type";
    terms->node.values.items = read_texts(r, task, "node_affinity", &terms->node.values.count);
    spec->node_terms = &terms->node;
    spec->node_term_count = terms->node.values.count > 0;
    const char *near = read_text(r, task, "pod_affinity_topology_key", NULL);
    const char *far = read_text(r, task, "pod_anti_affinity_topology_key", NULL);
    if (near != NULL && near[0] != '\0') {
        terms->pods[terms->pod_count++] =
            (struct core_pod_term){.topology_key = near, .labels = own};
    }
    if (far != NULL && far[0] != '\0') {
        terms->pods[terms->pod_count++] =
            (struct core_pod_term){.anti = true, .topology_key = far, .labels = own};
    }
    spec->pod_terms = terms->pods;
    spec->pod_term_count = terms->pod_count;
}

static void read_zones(struct builder *b, const struct place *task, struct core_task_spec *spec)
{
    struct place zones = place_get(task, "numa_placement");
    struct core_zone_amount *items =
        arena_alloc(b->r.arena, json_object_size(zones.value), sizeof(*items));
    const char *key;
    json_t *value;
    json_t *walked = json_deep_copy(zones.value);
    json_object_foreach(walked, key, value)
    {
        struct place zone = {&zones, key, 0, value};
        items[spec->zone_count].zone = arena_copy_text(b->r.arena, key, strlen(key));
        items[spec->zone_count++].amounts = read_amounts(b, &zone);
    }
    json_decref(walked);
    spec->zones = items;
}

static void add_task(struct builder *b, const struct place *item, uint32_t job,
                     struct case_task *task)
{
    struct reader *r = &b->r;
    struct core_task_spec spec = {
        .name = task->name,
        .job = job,
        .pod_set = read_text(r, item, "pod_set", "default"),
        .status = task->status,
        .node = task->node,
        .groups = {(const char *const *)task->groups, task->group_count},
        .request = read_request(b, item),
        .legacy_mig = read_bool(r, item, "legacy_mig", false),
    };
    const struct place *job_place = item->up->up;
    spec.guaranteed = strcmp(read_text(r, job_place, "qos_class", ""), "Guaranteed") == 0;
    spec.missing_volumes.items =
        read_texts(r, item, "missing_volume_claims", &spec.missing_volumes.count);
    spec.claims.items = read_texts(r, item, "resource_claims", &spec.claims.count);
    struct terms terms = {0};
    read_terms(b, item, &spec, &terms);
    read_zones(b, item, &spec);
    task->core = CORE_NONE;
    b->ok = b->ok && !r->failed && core_add_task(b->core, &spec, &task->core, r->err);
}

/* A started job without a recorded start began a minute ago. */
static int64_t last_start(struct builder *b, const struct place *job, const struct case_task *tasks,
                          size_t count)
{
    if (read_has(job, "last_start_age_ms")) {
        return CASE_NOW_NS - span(b, job, "last_start_age_ms");
    }
    for (size_t i = 0; i < count; i++) {
        enum core_status s = tasks[i].status;
        if (s == CORE_ALLOCATED || s == CORE_BINDING || s == CORE_BOUND || s == CORE_RUNNING) {
            return CASE_NOW_NS - 60000 * CASE_NS_PER_MS;
        }
    }
    return CORE_UNSET;
}

static void add_job(struct builder *b, const struct place *job, struct case_task *tasks)
{
    struct reader *r = &b->r;
    struct place list = place_get(job, "tasks");
    size_t count = json_array_size(list.value);
    struct place tree = place_get(job, "pod_group");
    group_vec groups = {0};
    struct core_group_spec root = {.name = "",
                                   .min = read_int(r, &tree, "min_sub_group", -1),
                                   .topology = read_want(b, &tree)};
    vec_push(&groups, root);
    read_groups(b, &tree, 0, &groups);
    if (groups.count == 1) {
        struct core_group_spec whole = {
            .name = "default", .is_pod_set = true, .min = (int64_t)count};
        vec_push(&groups, whole);
    }
    struct core_job_spec spec = {
        .name = read_name(r, job),
        .namespace_name = read_text(r, job, "namespace", ""),
        .queue = read_text(r, job, "queue", ""),
        .priority = (int)read_int(r, job, "priority", 0),
        .preemptible = read_bool(r, job, "preemptible", read_int(r, job, "priority", 0) < 100),
        .created_ns = b->c->job_created_ns.items[job->index],
        .last_start_ns = last_start(b, job, tasks, count),
        .last_eviction_ns = CORE_UNSET,
        .stale_since_ns = CORE_UNSET,
        .preemption_delay_ns = span(b, job, "preemption_delay_ms"),
        .staleness_grace_ns = milliseconds(b, job, "staleness_grace_ms"),
        .groups = groups.items,
        .group_count = groups.count,
    };
    if (read_has(job, "stale_for_ms")) {
        spec.stale_since_ns = CASE_NOW_NS - span(b, job, "stale_for_ms");
    }
    uint32_t index = CORE_NONE;
    b->ok = b->ok && !r->failed && core_add_job(b->core, &spec, &index, r->err);
    vec_release(&groups);
    for (size_t i = 0; b->ok && i < count; i++) {
        struct place item = place_item(&list, i);
        add_task(b, &item, index, &tasks[i]);
    }
}

static void document_devices(struct builder *b, const struct place *claim,
                             struct core_claim_state *state)
{
    struct place devices = place_get(claim, "allocated_devices");
    state->device_count = read_count(&b->r, &devices);
    struct core_device *items = arena_alloc(b->r.arena, state->device_count, sizeof(*items));
    for (size_t i = 0; i < state->device_count; i++) {
        struct place device = place_item(&devices, i);
        items[i] = (struct core_device){read_text(&b->r, &device, "pool", ""),
                                        read_text(&b->r, &device, "device", "")};
    }
    state->devices = items;
    state->holders.items = read_texts(&b->r, claim, "reserved_for", &state->holders.count);
}

static void add_claim(struct builder *b, const struct place *dra, const struct place *claim)
{
    struct reader *r = &b->r;
    struct place labels = place_get(claim, "labels");
    struct core_claim_spec spec = {
        .name = read_text(r, claim, "name", ""),
        .namespace_name = read_text(r, claim, "namespace", ""),
        .device_class = read_text(r, claim, "device_class", ""),
        .unknown_class = true,
        .count = read_int(r, claim, "count", 1),
        .queue_label = read_text(r, &labels, "kai.scheduler/queue", NULL),
    };
    size_t count;
    const char *const *classes = read_texts(r, dra, "device_classes", &count);
    for (size_t i = 0; i < count; i++) {
        spec.unknown_class = spec.unknown_class && strcmp(classes[i], spec.device_class) != 0;
    }
    struct case_claim *state = &b->c->claims.items[claim->index];
    if (state->folded) {
        spec.state.devices = state->devices;
        spec.state.device_count = state->device_count;
        spec.state.holders =
            (struct core_texts){(const char *const *)state->holders, state->holder_count};
    } else {
        document_devices(b, claim, &spec.state);
    }
    b->ok = b->ok && !r->failed && core_add_claim(b->core, &spec, &state->core, r->err);
}

static void read_depths(struct builder *b, const struct place *config,
                        struct core_settings *settings)
{
    static const char *const NAMES[CORE_ACTION_COUNT] = {"allocate", "consolidation", "reclaim",
                                                         "preempt", "stalegangeviction"};
    struct place depths = place_get(config, "queue_depth_per_action");
    for (int i = 0; i < CORE_ACTION_COUNT; i++) {
        settings->depth[i] = read_int(&b->r, &depths, NAMES[i], 0);
    }
}

static const char *const DEFAULT_PLUGINS[] = {"predicates",
                                              "proportion",
                                              "priority",
                                              "elastic",
                                              "kubeflow",
                                              "ray",
                                              "nodeavailability",
                                              "gpusharingorder",
                                              "gpupack",
                                              "resourcetype",
                                              "subgrouporder",
                                              "taskorder",
                                              "nominatednode",
                                              "dynamicresources",
                                              "nodeplacement",
                                              "minruntime",
                                              "topology",
                                              "snapshot",
                                              "sg-nodelocalgreedy",
                                              "sg-multinodegang",
                                              "numa"};

static void make_core(struct builder *b, const struct place *root)
{
    struct reader *r = &b->r;
    struct place config = place_get(root, "config");
    struct core_settings settings = {
        .max_preemptees = read_int(r, &config, "max_consolidation_preemptees", -1),
        .staleness_grace_ns = span(b, &config, "staleness_grace_ms"),
        .use_signatures = read_bool(r, &config, "use_scheduling_signatures", false),
        .no_consolidating_reclaim = !read_bool(r, &config, "allow_consolidating_reclaim", true),
        .binds_fail = read_bool(r, &config, "bind_always_fails", false),
        .default_gpu_memory_is_100 = true,
    };
    size_t count = sizeof(DEFAULT_PLUGINS) / sizeof(*DEFAULT_PLUGINS);
    settings.plugins = (struct core_texts){DEFAULT_PLUGINS, b->c->numa ? count : count - 1};
    if (read_has(&config, "plugins")) {
        settings.plugins.items = read_texts(r, &config, "plugins", &settings.plugins.count);
    }
    read_depths(b, &config, &settings);
    b->core = core_new(&settings);
    struct place arguments = place_get(&config, "plugin_arguments");
    const char *plugin, *key;
    json_t *entries, *value;
    json_t *walked = json_deep_copy(arguments.value);
    json_object_foreach(walked, plugin, entries)
    {
        json_object_foreach(entries, key, value)
        {
            struct place place = {&arguments, key, 0, value};
            core_set_argument(b->core, plugin, key, read_string(r, &place));
        }
    }
    json_decref(walked);
}

static void add_each(struct builder *b, const struct place *up, const char *key,
                     void (*add)(struct builder *b, const struct place *item))
{
    struct place list = place_get(up, key);
    size_t count = read_count(&b->r, &list);
    for (size_t i = 0; b->ok && i < count; i++) {
        struct place item = place_item(&list, i);
        add(b, &item);
    }
}

struct core *case_build(struct check_case *c, struct err *err)
{
    struct arena arena = {0};
    struct builder b = {.c = c, .ok = true, .r = {.err = err, .arena = &arena}};
    struct place root = {.value = c->root};
    make_core(&b, &root);
    add_each(&b, &root, "queues", add_queue);
    add_each(&b, &root, "topologies", add_topology);
    add_each(&b, &root, "nodes", add_node);
    struct place dra = place_get(&root, "dra");
    struct place claims = place_get(&dra, "claims");
    for (size_t i = 0; b.ok && i < c->claims.count; i++) {
        struct place item = place_item(&claims, i);
        add_claim(&b, &dra, &item);
    }
    struct place jobs = place_get(&root, "jobs");
    size_t count = read_count(&b.r, &jobs);
    for (size_t i = 0, at = 0; b.ok && i < count; i++) {
        struct place job = place_item(&jobs, i);
        struct place tasks = place_get(&job, "tasks");
        add_job(&b, &job, c->tasks.count > 0 ? &c->tasks.items[at] : NULL);
        at += json_array_size(tasks.value);
    }
    arena_release(&arena);
    if (!b.ok || b.r.failed) {
        core_free(b.core);
        return NULL;
    }
    return b.core;
}
