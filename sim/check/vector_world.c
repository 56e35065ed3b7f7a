/* vector_world.c - the queues, jobs, tasks and nodes of a vector: see vector.h. */
#include <math.h>
#include <string.h>

#include "sim/check/case.h"
#include "sim/check/vector.h"

static const char *const PLUGINS[] = {
    "predicates",    "proportion",       "priority",           "elastic",          "kubeflow",
    "ray",           "nodeavailability", "gpusharingorder",    "gpupack",          "resourcetype",
    "subgrouporder", "taskorder",        "nominatednode",      "dynamicresources", "nodeplacement",
    "minruntime",    "topology",         "sg-nodelocalgreedy", "sg-multinodegang"};

void world_new(struct vector_run *v, const struct core_settings *settings)
{
    struct core_settings chosen = settings != NULL ? *settings : (struct core_settings){0};
    if (chosen.plugins.items == NULL) {
        chosen.plugins = (struct core_texts){PLUGINS, sizeof(PLUGINS) / sizeof(*PLUGINS)};
    }
    v->core = core_new(&chosen);
}

int64_t world_ns(double seconds)
{
    /* Far from the ends of the type, so that two of them can be added or subtracted. */
    double ns = fmin(fmax(seconds * 1e9, -4e18), 4e18);
    return isnan(seconds) ? 0 : llround(ns);
}

static int64_t time_of(struct vector_run *v, const struct place *object, const char *key)
{
    return read_has(object, key) ? world_ns(read_number(&v->r, object, key, 0)) : CORE_UNSET;
}

static void put_later(struct vector_run *v, enum vector_put_kind kind, uint32_t index,
                      const struct place *place)
{
    struct vector_put put = {kind, index, place->value};
    vec_push(&v->puts, put);
}

static void refused(struct vector_run *v, const struct place *place, const struct err *err)
{
    char message[sizeof err->msg];
    memcpy(message, err->msg, sizeof message);
    read_fail(&v->r, place, message);
}

static struct core_share_spec share_of(struct vector_run *v, const struct place *queue,
                                       const char *key)
{
    struct place share = place_get(queue, key);
    return (struct core_share_spec){read_number(&v->r, &share, "deserved", 0),
                                    read_number(&v->r, &share, "max_allowed", -1),
                                    read_number(&v->r, &share, "over_quota_weight", 0)};
}

/* Whether an object lies there; what it should be is told otherwise. */
static bool expect_object(struct vector_run *v, const struct place *at, const char *message)
{
    if (!json_is_object(at->value)) {
        read_fail(&v->r, at, message);
    }
    return !v->r.failed;
}

static uint32_t add_queue(struct vector_run *v, const struct place *queue, const char *uid)
{
    static const char *const NAMES[3] = {"cpu", "memory", "gpu"};
    const char *own = read_text(&v->r, queue, "uid", uid);
    /* Some records cut a queue out of its tree. */
    const char *parent = read_text(&v->r, queue, "parent_queue", NULL);
    struct core_queue_spec spec = {
        .name = own[0] == '\0' ? uid : own,
        .parent =
            parent != NULL && queue->up != NULL && json_object_get(queue->up->value, parent) == NULL
                ? NULL
                : parent,
        .priority = (int)read_int(&v->r, queue, "priority", 0),
        .created_ns = time_of(v, queue, "creation_timestamp"),
        .preempt_min_runtime_ns = time_of(v, queue, "preempt_min_runtime"),
        .reclaim_min_runtime_ns = time_of(v, queue, "reclaim_min_runtime"),
    };
    for (int i = 0; i < 3; i++) {
        struct place share = place_get(queue, NAMES[i]);
        spec.shares[i] = share_of(v, queue, NAMES[i]);
        /* Random records have quotas that no cluster accepts; the session gets them as they are. */
        spec.shares[i].quota = fmax(spec.shares[i].quota, -1);
        spec.shares[i].limit = fmax(spec.shares[i].limit, -1);
        spec.usage[i] = read_number(&v->r, &share, "usage", 0);
    }
    uint32_t index = CORE_NONE;
    struct err err = {0};
    if (!v->r.failed && !core_add_queue(v->core, &spec, &index, &err)) {
        refused(v, queue, &err);
    }
    put_later(v, PUT_QUEUE, index, queue);
    return index;
}

uint32_t world_queue(struct vector_run *v, const struct place *queue, const char *uid)
{
    return expect_object(v, queue, "expected a queue") ? add_queue(v, queue, uid) : CORE_NONE;
}

void world_queues(struct vector_run *v, const struct place *map)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)map->value, key, value)
    {
        struct place *queue = arena_alloc(&v->arena, 1, sizeof *queue);
        *queue = (struct place){map, key, 0, value};
        (void)world_queue(v, queue, key);
    }
}

uint32_t world_named_queue(struct vector_run *v, const struct place *up, const char *key)
{
    struct place at = place_get(up, key);
    uint32_t queue = core_find_queue(v->core, read_text(&v->r, up, key, ""));
    if (queue == CORE_NONE) {
        read_fail(&v->r, &at, "no such queue");
    }
    return queue;
}

uint32_t world_named_job(struct vector_run *v, const struct place *up, const char *key)
{
    struct place at = place_get(up, key);
    uint32_t job = core_find_job(v->core, read_text(&v->r, up, key, ""));
    if (job == CORE_NONE) {
        read_fail(&v->r, &at, "no such job");
    }
    return job;
}

void world_named_nodes(struct vector_run *v, const struct place *up, const char *key,
                       struct core_list *nodes)
{
    struct place list = place_get(up, key);
    for (size_t i = 0; i < read_count(&v->r, &list); i++) {
        struct place item = place_item(&list, i);
        uint32_t node = core_find_node(v->core, read_string(&v->r, &item));
        if (node == CORE_NONE) {
            read_fail(&v->r, &item, "no such node");
            return;
        }
        vec_push(nodes, node);
    }
}

struct core_amounts world_amounts(struct vector_run *v, const struct place *table)
{
    struct core_amount *items =
        arena_alloc(&v->arena, json_object_size(table->value) + 1, sizeof *items);
    size_t count = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)table->value, key, value)
    {
        struct place at = {table, key, 0, value};
        items[count++] = (struct core_amount){key, read_value(&v->r, &at)};
    }
    return (struct core_amounts){items, count};
}

/* The amounts that are neither CPU, memory, GPU nor pod slots. */
static struct core_amounts others_of(struct vector_run *v, const struct place *table)
{
    struct core_amounts all = world_amounts(v, table);
    struct core_amount *items = arena_alloc(&v->arena, all.count + 1, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < all.count; i++) {
        const char *name = all.items[i].name;
        if (strcmp(name, "cpu") != 0 && strcmp(name, "memory") != 0 && strcmp(name, "gpu") != 0 &&
            strcmp(name, "pods") != 0) {
            items[count++] = all.items[i];
        }
    }
    return (struct core_amounts){items, count};
}

static struct core_labels labels_of(struct vector_run *v, const struct place *object,
                                    const char *key)
{
    struct place map = place_get(object, key);
    struct core_label *items =
        arena_alloc(&v->arena, json_object_size(map.value) + 1, sizeof *items);
    size_t count = 0;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)map.value, name, value)
    {
        struct place at = {&map, name, 0, value};
        items[count++] = (struct core_label){name, read_string(&v->r, &at)};
    }
    return (struct core_labels){items, count};
}

struct core_gpu_need world_need(struct vector_run *v, const struct place *request)
{
    struct place mig = place_get(request, "mig");
    struct place dra = place_get(request, "dra");
    struct core_gpu_need need = {
        .count = read_between(&v->r, request, "count", -CORE_MOST_GPUS, CORE_MOST_GPUS),
        .portion = read_number(&v->r, request, "portion", 0),
        .memory_mib =
            read_between(&v->r, request, "memory_mib", -CORE_MOST_GPU_MIB, CORE_MOST_GPU_MIB),
        .mig = world_amounts(v, &mig)};
    if (!(fabs(need.portion) <= CORE_MOST_GPUS)) {
        struct place portion = place_get(request, "portion");
        read_fail(&v->r, &portion, "expected a part of a GPU");
        need.portion = 0;
    }
    struct core_amounts classes = world_amounts(v, &dra);
    for (size_t i = 0; i < classes.count; i++) {
        double amount = classes.items[i].amount;
        if (!(amount >= 0)) {
            read_fail(&v->r, &dra, "expected 0 devices or more of each class");
            return need;
        }
        int64_t devices = amount >= 9e18 ? INT64_MAX : (int64_t)amount;
        need.dra = need.dra > INT64_MAX - devices ? INT64_MAX : need.dra + devices;
    }
    return need;
}

static enum core_gpu_kind kind_of(struct vector_run *v, const struct place *task, const char *key,
                                  enum core_gpu_kind fallback)
{
    static const struct {
        const char *name;
        enum core_gpu_kind kind;
    } KINDS[] = {{"regular", CORE_GPU_REGULAR},   {"fraction", CORE_GPU_FRACTION},
                 {"gpu_memory", CORE_GPU_MEMORY}, {"mig", CORE_GPU_MIG},
                 {"mig_instance", CORE_GPU_MIG},  {"unset", CORE_GPU_UNTYPED}};
    const char *name = read_text(&v->r, task, key, "");
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(*KINDS); i++) {
        if (strcmp(name, KINDS[i].name) == 0) {
            return KINDS[i].kind;
        }
    }
    return fallback;
}

static void read_constraints(struct vector_run *v, const struct place *task,
                             struct core_task_spec *spec)
{
    struct place c = place_get(task, "constraints");
    struct place list = place_get(&c, "tolerations");
    struct place ports = place_get(&c, "host_ports");
    size_t count = read_count(&v->r, &list);
    struct core_toleration *tolerations = arena_alloc(&v->arena, count + 1, sizeof *tolerations);
    for (size_t i = 0; i < count; i++) {
        struct place item = place_item(&list, i);
        tolerations[i] = (struct core_toleration){
            read_text(&v->r, &item, "key", NULL), read_text(&v->r, &item, "operator", "Equal"),
            read_text(&v->r, &item, "value", ""), read_text(&v->r, &item, "effect", NULL)};
    }
    spec->tolerations = tolerations;
    spec->toleration_count = count;
    count = read_count(&v->r, &ports);
    int *numbers = arena_alloc(&v->arena, count + 1, sizeof *numbers);
    for (size_t i = 0; i < count; i++) {
        struct place item = place_item(&ports, i);
        numbers[i] = (int)read_value(&v->r, &item);
    }
    spec->host_ports = numbers;
    spec->host_port_count = count;
    spec->node_selector = labels_of(v, &c, "node_selector");
    spec->priority_class = read_text(&v->r, &c, "priority_class", NULL);
    spec->class_priority = (int)read_int(&v->r, &c, "priority", 0);
    struct core_node_term *term = arena_alloc(&v->arena, 1, sizeof *term);
    term->key = "kai.scheduler/type";
    term->values.items = read_texts(&v->r, &c, "node_affinity_in", &term->values.count);
    spec->node_terms = term;
    spec->node_term_count = term->values.count > 0;
}

static struct core_request_spec request_of(struct vector_run *v, const struct place *task)
{
    struct place table = place_get(task, "request");
    struct place gpu = place_get(task, "gpu_request");
    return (struct core_request_spec){.cpu_milli = read_number(&v->r, &table, "cpu", 0),
                                      .memory_bytes = read_number(&v->r, &table, "memory", 0),
                                      .others = others_of(v, &table),
                                      .kind = kind_of(v, task, "request_type", CORE_GPU_REGULAR),
                                      .gpu = world_need(v, &gpu),
                                      .exact_vector = true,
                                      .vector_gpus = read_number(&v->r, &table, "gpu", 0),
                                      .vector_pods = read_number(&v->r, &table, "pods", 0)};
}

/* "<id>~<number>": ids that are empty or there already get a name of their own. */
static const char *unique_name(struct vector_run *v, const char *id)
{
    struct text name = {0};
    text_addf(&name, "%s~%u", id, v->extra_names++);
    const char *copy = arena_copy_text(&v->arena, name.bytes, name.length);
    text_release(&name);
    return copy;
}

static uint32_t job_for(struct vector_run *v, const struct place *task)
{
    struct text name = {0};
    text_addf(&name, "made for a task %u", v->extra_jobs++);
    struct core_group_spec groups[2] = {
        {.name = "", .min = -1},
        {.name = read_text(&v->r, task, "pod_set", "default"), .is_pod_set = true, .min = 1}};
    struct core_job_spec spec = {.name = name.bytes,
                                 .namespace_name = "",
                                 .queue = "",
                                 .created_ns = CORE_UNSET,
                                 .last_start_ns = CORE_UNSET,
                                 .last_eviction_ns = CORE_UNSET,
                                 .stale_since_ns = CORE_UNSET,
                                 .staleness_grace_ns = CORE_UNSET,
                                 .groups = groups,
                                 .group_count = 2};
    uint32_t index = CORE_NONE;
    struct err err = {0};
    if (!core_add_job(v->core, &spec, &index, &err)) {
        refused(v, task, &err);
    }
    text_release(&name);
    return index;
}

static uint32_t add_task(struct vector_run *v, const struct place *task, uint32_t job)
{
    const char *id = read_text(&v->r, task, "id", "");
    uint32_t index = core_find_task(v->core, id);
    if (v->r.failed ||
        (index != CORE_NONE && job != CORE_NONE && core_task_job(v->core, index) == job)) {
        return index;
    }
    if (v->open) {
        read_fail(&v->r, task, "expected a task of this job");
        return CORE_NONE;
    }
    struct core_task_spec spec = {
        .name = id[0] == '\0' || index != CORE_NONE ? unique_name(v, id) : id,
        .job = job != CORE_NONE ? job : job_for(v, task),
        .pod_set = read_text(&v->r, task, "pod_set", "default"),
        .created_ns = time_of(v, task, "creation_timestamp"),
        .is_virtual = read_bool(&v->r, task, "virtual", false),
        .node = read_text(&v->r, task, "node", NULL),
        .request = request_of(v, task),
        .labels = labels_of(v, task, "labels"),
        .nominated_node = read_text(&v->r, task, "nominated_node", NULL),
        .legacy_mig = read_bool(&v->r, task, "legacy_mig", false),
    };
    const char *status = read_text(&v->r, task, "status", "pending");
    if (strcmp(status, "none") != 0 && !case_status(status, &spec.status)) {
        read_fail(&v->r, task, "no such status");
    }
    spec.groups.items = read_texts(&v->r, task, "gpu_groups", &spec.groups.count);
    read_constraints(v, task, &spec);
    struct err err = {0};
    if (!v->r.failed && !core_add_task(v->core, &spec, &index, &err)) {
        refused(v, task, &err);
    }
    if (!v->r.failed && index != CORE_NONE) {
        put_later(v, PUT_TASK, index, task);
    }
    return index;
}

uint32_t world_task(struct vector_run *v, const struct place *task, uint32_t job)
{
    if (!expect_object(v, task, "expected a task")) {
        return CORE_NONE;
    }
    uint32_t index = add_task(v, task, job);
    if (index == CORE_NONE) {
        read_fail(&v->r, task, "its pod set is none of its job's");
    }
    return index;
}

void world_tasks(struct vector_run *v, const struct place *list, uint32_t job,
                 struct core_list *tasks)
{
    for (size_t i = 0; i < read_count(&v->r, list); i++) {
        struct place item = place_item(list, i);
        uint32_t task = json_is_string(item.value)
                            ? core_find_task(v->core, json_string_value(item.value))
                            : world_task(v, &item, job);
        if (task == CORE_NONE) {
            read_fail(&v->r, &item, "no such task");
            return;
        }
        vec_push(tasks, task);
    }
}

typedef VEC(struct core_group_spec) group_list;

static struct core_topology_want want_of(struct vector_run *v, const struct place *group)
{
    struct place want = place_get(group, "topology_constraint");
    const char *topology = read_text(&v->r, &want, "topology", NULL);
    return (struct core_topology_want){topology != NULL && topology[0] != '\0' ? topology : NULL,
                                       read_text(&v->r, &want, "required_level", NULL),
                                       read_text(&v->r, &want, "preferred_level", NULL)};
}

static void add_groups(struct vector_run *v, const struct place *group, uint32_t self, int depth,
                       group_list *out)
{
    struct place inner = place_get(group, "groups");
    struct place sets = place_get(group, "pod_sets");
    if (depth > 50) {
        read_fail(&v->r, group, "groups nested too deeply");
        return;
    }
    for (size_t i = 0; i < read_count(&v->r, &inner); i++) {
        struct place item = place_item(&inner, i);
        struct core_group_spec spec = {.name = read_text(&v->r, &item, "name", ""),
                                       .parent = self,
                                       .min = read_int(&v->r, &item, "min_sub_group", -1),
                                       .topology = want_of(v, &item)};
        uint32_t index = (uint32_t)out->count;
        vec_push(out, spec);
        add_groups(v, &item, index, depth + 1, out);
    }
    for (size_t i = 0; i < read_count(&v->r, &sets); i++) {
        struct place item = place_item(&sets, i);
        struct core_group_spec spec = {.name = read_text(&v->r, &item, "name", "default"),
                                       .parent = self,
                                       .is_pod_set = true,
                                       .min = read_int(&v->r, &item, "min_available", 0),
                                       .topology = want_of(v, &item)};
        vec_push(out, spec);
    }
}

uint32_t world_job(struct vector_run *v, const struct place *job, const char *name)
{
    if (!expect_object(v, job, "expected a job")) {
        return CORE_NONE;
    }
    struct place tree = place_get(job, "pod_group");
    struct place tasks = place_get(job, "tasks");
    group_list groups = {0};
    struct core_group_spec root = {.name = "",
                                   .min = read_int(&v->r, &tree, "min_sub_group", -1),
                                   .topology = want_of(v, &tree)};
    vec_push(&groups, root);
    add_groups(v, &tree, 0, 0, &groups);
    const char *uid = read_text(&v->r, job, "uid", "");
    const char *queue = read_text(&v->r, job, "queue", "");
    queue = queue[0] == '\0' ? "~" : queue;
    if (!v->queues_as_given && core_find_queue(v->core, queue) == CORE_NONE) {
        struct place none = {0};
        (void)add_queue(v, &none, queue);
    }
    struct core_job_spec spec = {
        .name = name != NULL ? name : uid,
        .namespace_name = "",
        .queue = queue,
        .priority = (int)read_int(&v->r, job, "priority", 0),
        .preemptible = read_bool(&v->r, job, "preemptible", false),
        .created_ns = time_of(v, job, "creation_timestamp"),
        .last_start_ns = time_of(v, job, "last_start"),
        .last_eviction_ns = time_of(v, job, "last_eviction"),
        .stale_since_ns = CORE_UNSET,
        .preemption_delay_ns = world_ns(read_number(&v->r, job, "preemption_delay", 0)),
        .staleness_grace_ns = CORE_UNSET,
        .groups = groups.items,
        .group_count = groups.count,
    };
    spec.name = spec.name[0] == '\0' ? "a job without a name" : spec.name;
    uint32_t index = CORE_NONE;
    struct err err = {0};
    if (!v->r.failed && !core_add_job(v->core, &spec, &index, &err)) {
        refused(v, job, &err);
    }
    vec_release(&groups);
    for (size_t i = 0; !v->r.failed && i < read_count(&v->r, &tasks); i++) {
        struct place item = place_item(&tasks, i);
        if (expect_object(v, &item, "expected a task")) {
            (void)add_task(v, &item, index);
        }
    }
    if (read_has(job, "allocated")) {
        put_later(v, PUT_JOB, index, job);
    }
    return index;
}

uint32_t world_node(struct vector_run *v, const struct place *node)
{
    if (!expect_object(v, node, "expected a node")) {
        return CORE_NONE;
    }
    struct place allocatable = place_get(node, "allocatable");
    double gpus = read_number(&v->r, &allocatable, "gpu", 0);
    bool dra = read_bool(&v->r, node, "has_dra_gpus", false);
    const char *name = read_text(&v->r, node, "name", "");
    struct core_node_spec spec = {
        .name = name[0] == '\0' ? "a node without a name" : name,
        .cpu_milli = read_number(&v->r, &allocatable, "cpu", 0),
        .memory_bytes = read_number(&v->r, &allocatable, "memory", 0),
        .gpus = dra ? 0 : gpus,
        .dra_gpus = dra ? gpus : 0,
        .pods = read_number(&v->r, &allocatable, "pods", 0),
        .others = others_of(v, &allocatable),
        .gpu_memory_mib = read_between(&v->r, node, "gpu_memory_mib", 0, CORE_MOST_GPU_MIB),
        .gpu_memory_unknown = !read_bool(&v->r, node, "gpu_memory_known", false),
        .labels = labels_of(v, node, "labels"),
    };
    uint32_t index = core_find_node(v->core, spec.name);
    struct err err = {0};
    if (!v->r.failed && index == CORE_NONE && !core_add_node(v->core, &spec, &index, &err)) {
        refused(v, node, &err);
    }
    if (!v->r.failed) {
        put_later(v, PUT_NODE, index, node);
    }
    return index;
}

static void put_queue(struct vector_run *v, uint32_t queue, const struct place *at)
{
    static const char *const NAMES[3] = {"cpu", "memory", "gpu"};
    struct core_queue_view shares = {0};
    for (int i = 0; i < 3; i++) {
        struct place share = place_get(at, NAMES[i]);
        struct core_share_spec given = share_of(v, at, NAMES[i]);
        shares.deserved[i] = given.quota;
        shares.limit[i] = given.limit;
        shares.weight[i] = given.weight;
        shares.fair_share[i] = read_number(&v->r, &share, "fair_share", 0);
        shares.allocated[i] = read_number(&v->r, &share, "allocated", 0);
        shares.allocated_np[i] = read_number(&v->r, &share, "allocated_not_preemptible", 0);
        shares.requested[i] = read_number(&v->r, &share, "request", 0);
        shares.usage[i] = read_number(&v->r, &share, "usage", 0);
    }
    core_put_shares(v->core, queue, &shares);
}

static int64_t entry_of(struct vector_run *v, const struct place *map, const char *name, bool *has)
{
    *has = read_has(map, name);
    return read_between(&v->r, map, name, -CORE_MOST_GPU_MIB, CORE_MOST_GPU_MIB);
}

static void note_group(struct core_group_ledger *groups, size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(groups[i].name, name) == 0) {
            return;
        }
    }
    groups[(*count)++] = (struct core_group_ledger){.name = name};
}

/* The groups of a node in the order in which the record names them. */
static size_t list_groups(struct vector_run *v, const struct place *node,
                          struct core_group_ledger **out)
{
    static const char *const MAPS[] = {"shared_used_mib", "shared_allocated_mib",
                                       "shared_releasing_mib"};
    size_t most = json_array_size(json_object_get(node->value, "releasing_groups"));
    for (int i = 0; i < 3; i++) {
        most += json_object_size(json_object_get(node->value, MAPS[i]));
    }
    struct core_group_ledger *groups = arena_alloc(&v->arena, most + 1, sizeof *groups);
    size_t count = 0;
    for (int i = 0; i < 3; i++) {
        const char *name;
        json_t *value;
        json_object_foreach((json_t *)(uintptr_t)json_object_get(node->value, MAPS[i]), name, value)
        {
            note_group(groups, &count, name);
        }
    }
    size_t marked;
    const char *const *names = read_texts(&v->r, node, "releasing_groups", &marked);
    for (size_t i = 0; i < marked; i++) {
        note_group(groups, &count, names[i]);
    }
    for (size_t g = 0; g < count; g++) {
        struct place used = place_get(node, MAPS[0]);
        struct place allocated = place_get(node, MAPS[1]);
        struct place releasing = place_get(node, MAPS[2]);
        bool has;
        groups[g].used_mib = entry_of(v, &used, groups[g].name, &has);
        groups[g].allocated_mib = entry_of(v, &allocated, groups[g].name, &groups[g].has_allocated);
        groups[g].releasing_mib = entry_of(v, &releasing, groups[g].name, &groups[g].has_releasing);
        for (size_t i = 0; i < marked; i++) {
            groups[g].marked |= strcmp(names[i], groups[g].name) == 0;
        }
    }
    *out = groups;
    return count;
}

/* Amounts that may be negative, but not so large that whole GPUs cannot be counted. */
static struct core_amounts ledger_amounts(struct vector_run *v, const struct place *at,
                                          const char *key)
{
    struct place table = place_get(at, key);
    struct core_amounts amounts = world_amounts(v, &table);
    for (size_t i = 0; i < amounts.count; i++) {
        bool gpus = strcmp(amounts.items[i].name, "gpu") == 0;
        if (!(fabs(amounts.items[i].amount) <= (gpus ? CORE_MOST_GPUS : CORE_MOST_AMOUNT))) {
            read_fail(&v->r, &table, "an amount is out of range");
        }
    }
    return amounts;
}

static void put_node(struct vector_run *v, uint32_t node, const struct place *at)
{
    struct core_amounts i = ledger_amounts(v, at, "idle");
    struct core_amounts u = ledger_amounts(v, at, "used");
    struct core_amounts r = ledger_amounts(v, at, "releasing");
    struct core_group_ledger *groups;
    struct core_ledger ledger = {.idle = i.items,
                                 .idle_count = i.count,
                                 .used = u.items,
                                 .used_count = u.count,
                                 .releasing = r.items,
                                 .releasing_count = r.count};
    ledger.has_dra = read_bool(&v->r, at, "has_dra_gpus", false);
    ledger.gpu_memory_mib = read_between(&v->r, at, "gpu_memory_mib", 0, CORE_MOST_GPU_MIB);
    ledger.group_count = list_groups(v, at, &groups);
    ledger.groups = groups;
    struct place legacy = place_get(at, "legacy_mig_tasks");
    ledger.legacy_mig_tasks = json_is_array(legacy.value)    ? json_array_size(legacy.value)
                              : json_is_object(legacy.value) ? json_object_size(legacy.value)
                              : json_is_true(legacy.value)
                                  ? 1
                                  : (size_t)json_number_value(legacy.value);
    core_put_ledger(v->core, node, &ledger);
}

static void put_task(struct vector_run *v, uint32_t task, const struct place *at)
{
    enum core_gpu_kind received = kind_of(v, at, "received_type", CORE_GPU_UNTYPED);
    struct place accepted = place_get(at, "accepted_gpu");
    if (received == CORE_GPU_UNTYPED && read_has(at, "accepted")) {
        received = kind_of(v, at, "request_type", CORE_GPU_REGULAR);
        received = received == CORE_GPU_MEMORY ? CORE_GPU_FRACTION : received;
    }
    if (received != CORE_GPU_UNTYPED) {
        struct core_gpu_need need = world_need(v, &accepted);
        core_put_accepted(v->core, task, received, &need);
    }
}

bool world_open(struct vector_run *v, double now)
{
    struct err err = {0};
    struct place root = {0};
    if (v->r.failed) {
        return false;
    }
    if (!core_open_bare(v->core, world_ns(now), &err)) {
        refused(v, &root, &err);
        return false;
    }
    v->open = true;
    for (size_t i = 0; i < v->puts.count; i++) {
        const struct vector_put *put = &v->puts.items[i];
        struct place at = {.value = put->value};
        if (put->kind == PUT_QUEUE) {
            put_queue(v, put->index, &at);
        } else if (put->kind == PUT_NODE) {
            put_node(v, put->index, &at);
        } else if (put->kind == PUT_TASK) {
            put_task(v, put->index, &at);
        } else {
            struct core_amounts amounts = ledger_amounts(v, &at, "allocated");
            core_put_allocated(v->core, put->index, amounts.items, amounts.count);
        }
    }
    return !v->r.failed;
}

void world_quantities(struct vector_run *v, const struct place *table, double out[3])
{
    out[CORE_CPU] = read_number(&v->r, table, "cpu", 0);
    out[CORE_MEM] = read_number(&v->r, table, "memory", 0);
    out[CORE_GPU] = read_number(&v->r, table, "gpu", 0);
}

const double *world_vector(struct vector_run *v, const struct place *table)
{
    double *vector = arena_alloc(&v->arena, core_component_count(v->core), sizeof *vector);
    for (size_t i = 0; i < core_component_count(v->core); i++) {
        vector[i] = read_number(&v->r, table, core_component_name(v->core, i), 0);
    }
    return vector;
}

json_t *world_number(double value)
{
    return isinf(value)   ? json_string(value > 0 ? "inf" : "-inf")
           : isnan(value) ? json_string("nan")
                          : json_real(value);
}

json_t *world_table(const struct core *core, const double *vector)
{
    json_t *table = json_object();
    for (size_t i = 0; i < core_component_count(core); i++) {
        if (vector[i] < 0 || vector[i] > 0) {
            json_object_set_new(table, core_component_name(core, i), world_number(vector[i]));
        }
    }
    return table;
}

json_t *world_three(const double amounts[3])
{
    json_t *table = json_object();
    json_object_set_new(table, "cpu", world_number(amounts[CORE_CPU]));
    json_object_set_new(table, "memory", world_number(amounts[CORE_MEM]));
    json_object_set_new(table, "gpu", world_number(amounts[CORE_GPU]));
    return table;
}

json_t *world_names(const struct core *core, const struct core_list *tasks)
{
    json_t *names = json_array();
    for (size_t i = 0; i < tasks->count; i++) {
        const char *name = core_task_name(core, tasks->items[i]);
        const char *end = strrchr(name, '~');
        json_array_append_new(
            names, json_stringn(name, end == NULL ? strlen(name) : (size_t)(end - name)));
    }
    return names;
}

json_t *answer_bool(const char *key, bool value)
{
    json_t *object = json_object();
    json_object_set_new(object, key, json_boolean(value));
    return object;
}

json_t *answer_number(const char *key, double value)
{
    json_t *object = json_object();
    json_object_set_new(object, key, world_number(value));
    return object;
}
