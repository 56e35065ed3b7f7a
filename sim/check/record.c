/* record.c - see record.h. */
#include "sim/check/record.h"

#include <math.h>

void group_names_next_session(struct group_names *names)
{
    names_release(&names->session);
    names->numbers.count = 0;
}

void group_names_release(struct group_names *names)
{
    names_release(&names->session);
    vec_release(&names->numbers);
}

const char *group_name(struct group_names *names, const struct core *core, uint32_t group,
                       struct arena *arena)
{
    struct text text = {0};
    core_group_name(core, group, &text);
    if (core_group_is_fresh(group)) {
        uint32_t place = names_add(&names->session, (struct view){text.bytes, text.length}, NULL);
        if (place == names->numbers.count) {
            vec_push(&names->numbers, ++names->count);
        }
        text_clear(&text);
        text_addf(&text, "new%u", names->numbers.items[place]);
    }
    const char *copy = arena_copy_text(arena, text.bytes, text.length);
    text_release(&text);
    return copy;
}

/* Records resolve millionths. */
static json_t *number(double value)
{
    double fine = value * 1e6;
    return json_real(fabs(fine) < 9e15 ? round(fine) / 1e6 : value);
}

static json_t *share_of(const struct core_queue_view *queue, size_t resource)
{
    json_t *share = json_object();
    json_object_set_new(share, "deserved", number(queue->deserved[resource]));
    json_object_set_new(share, "fair_share", number(queue->fair_share[resource]));
    json_object_set_new(share, "limit", number(queue->limit[resource]));
    json_object_set_new(share, "over_quota_weight", number(queue->weight[resource]));
    json_object_set_new(share, "allocated", number(queue->allocated[resource]));
    json_object_set_new(share, "allocated_non_preemptible", number(queue->allocated_np[resource]));
    json_object_set_new(share, "requested", number(queue->requested[resource]));
    return share;
}

json_t *record_queues(const struct check_case *c, const struct core *core)
{
    json_t *queues = json_object();
    const json_t *list = json_object_get(c->root, "queues");
    for (size_t i = 0; c->divides && i < json_array_size(list); i++) {
        const char *name = json_string_value(json_object_get(json_array_get(list, i), "name"));
        struct core_queue_view view = core_queue_get(core, core_find_queue(core, name));
        if (view.dropped) {
            continue;
        }
        json_t *queue = json_object();
        json_object_set_new(queue, "cpu", share_of(&view, CORE_CPU));
        json_object_set_new(queue, "memory", share_of(&view, CORE_MEM));
        json_object_set_new(queue, "gpu", share_of(&view, CORE_GPU));
        json_object_set_new(queues, name, queue);
    }
    return queues;
}

json_t *record_total(const struct check_case *c, const struct core *core)
{
    json_t *total = json_object();
    if (c->divides) {
        double amounts[3];
        core_total_get(core, amounts);
        json_object_set_new(total, "cpu", number(amounts[CORE_CPU]));
        json_object_set_new(total, "memory", number(amounts[CORE_MEM]));
        json_object_set_new(total, "gpu", number(amounts[CORE_GPU]));
    }
    return total;
}

static void set_groups(json_t *object, struct check_case *c, const struct core *core,
                       struct group_names *names, const struct core_event *from)
{
    json_t *groups = json_array();
    for (uint32_t i = 0; i < from->group_count; i++) {
        json_array_append_new(groups,
                              json_string(group_name(names, core, from->groups[i], &c->arena)));
    }
    json_object_set_new(object, "gpu_groups", groups);
}

/* The zones of its node on which a task holds something; none gives no key. */
static void set_zones(json_t *object, const struct core *core, uint32_t task, uint32_t node)
{
    json_t *zones = json_array();
    size_t count = node == CORE_NONE ? 0 : core_node_zone_count(core, node);
    for (size_t z = 0; z < count; z++) {
        bool holds = false;
        for (size_t k = 0; k < core_component_count(core); k++) {
            holds = holds || core_task_zone_amount(core, task, z, k) > 0;
        }
        if (holds) {
            json_array_append_new(zones, json_integer((json_int_t)z));
        }
    }
    if (json_array_size(zones) > 0) {
        json_object_set(object, "numa_zones", zones);
    }
    json_decref(zones);
}

static json_t *event_of(struct check_case *c, const struct core *core, struct group_names *names,
                        const struct core_event *event)
{
    static const char *const KINDS[] = {
        [CORE_BIND] = "bind", [CORE_EVICT] = "evict", [CORE_PIPELINE] = "pipeline"};
    json_t *object = json_object();
    json_object_set_new(object, "batch", json_integer(event->batch));
    json_object_set_new(object, "action", json_string(case_action_name(event->action)));
    json_object_set_new(object, "kind", json_string(KINDS[event->kind]));
    json_object_set_new(object, "task", json_string(core_task_name(core, event->task)));
    json_object_set_new(object, "node", json_string(core_node_name(core, event->node)));
    if (event->group_count > 0) {
        set_groups(object, c, core, names, event);
    }
    if (event->failed) {
        json_object_set_new(object, "failed", json_true());
    }
    if (event->preemptor != CORE_NONE) {
        json_object_set_new(object, "preemptor",
                            json_string(core_job_name(core, event->preemptor)));
    }
    return object;
}

static json_t *tasks_of(struct check_case *c, const struct core *core, struct group_names *names)
{
    json_t *tasks = json_object();
    for (size_t i = 0; i < c->tasks.count; i++) {
        const struct case_task *task = &c->tasks.items[i];
        if (task->core == CORE_NONE) {
            continue;
        }
        struct core_task_view view = core_task_get(core, task->core);
        json_t *object = json_object();
        json_object_set_new(object, "status", json_string(case_status_name(view.status)));
        if (view.node_name != NULL) {
            json_object_set_new(object, "node", json_string(view.node_name));
        }
        bool active = view.status >= CORE_ALLOCATED && view.status <= CORE_STUCK;
        if (active && task->shared && view.group_count > 0) {
            struct core_event from = {.groups = view.groups, .group_count = view.group_count};
            set_groups(object, c, core, names, &from);
        }
        if (active) {
            set_zones(object, core, task->core, view.node);
        }
        json_object_set_new(tasks, task->name, object);
    }
    return tasks;
}

/* MIG profiles and the like, as far as there are any. */
static json_t *others_of(const struct core *core, const struct core_node_view *view)
{
    enum { FIRST_OTHER = 4 };
    json_t *others = json_object();
    for (size_t k = FIRST_OTHER; k < core_component_count(core); k++) {
        if (view->idle[k] > 0 || view->idle[k] < 0 || view->releasing[k] > 0 ||
            view->releasing[k] < 0 || view->used[k] > 0 || view->used[k] < 0) {
            json_t *other = json_object();
            json_object_set_new(other, "idle", number(view->idle[k]));
            json_object_set_new(other, "releasing", number(view->releasing[k]));
            json_object_set_new(other, "used", number(view->used[k]));
            json_object_set_new(others, core_component_name(core, k), other);
        }
    }
    return others;
}

static json_t *zones_of(const struct core *core, uint32_t node, const json_t *spec)
{
    json_t *zones = json_array();
    const json_t *listed = json_object_get(json_object_get(spec, "numa"), "zones");
    for (size_t z = 0; z < core_node_zone_count(core, node); z++) {
        json_t *amounts = json_object();
        for (size_t k = 0; k < core_component_count(core); k++) {
            const char *name = core_component_name(core, k);
            const char *key = strcmp(name, "cpu") == 0      ? "cpu_milli"
                              : strcmp(name, "memory") == 0 ? "memory_bytes"
                              : strcmp(name, "gpu") == 0    ? "nvidia.com/gpu"
                                                            : name;
            /* A zone lists what its node agent reported, zero or not. */
            const json_t *allocatable = json_object_get(json_array_get(listed, z), "allocatable");
            if (json_object_get(allocatable, key) != NULL) {
                json_object_set_new(amounts, key,
                                    number(core_node_zone_available(core, node, z, k)));
            }
        }
        json_array_append_new(zones, amounts);
    }
    return zones;
}

static json_t *node_of(const struct core *core, uint32_t node, const json_t *spec)
{
    struct core_node_view view = core_node_get(core, node);
    enum { PODS = 3 };
    json_t *object = json_object();
    json_object_set_new(object, "idle_gpus", number(view.idle[CORE_GPU]));
    json_object_set_new(object, "releasing_gpus", number(view.releasing[CORE_GPU]));
    json_object_set_new(object, "used_gpus", number(view.used[CORE_GPU]));
    json_object_set_new(object, "idle_cpu_milli", number(view.idle[CORE_CPU]));
    json_object_set_new(object, "idle_memory_bytes", number(view.idle[CORE_MEM]));
    json_object_set_new(object, "idle_pods", number(view.idle[PODS]));
    if (view.releasing[CORE_CPU] > 0 || view.releasing[CORE_CPU] < 0) {
        json_object_set_new(object, "releasing_cpu_milli", number(view.releasing[CORE_CPU]));
    }
    if (view.releasing[CORE_MEM] > 0 || view.releasing[CORE_MEM] < 0) {
        json_object_set_new(object, "releasing_memory_bytes", number(view.releasing[CORE_MEM]));
    }
    json_t *others = others_of(core, &view);
    if (json_object_size(others) > 0) {
        json_object_set(object, "other", others);
    }
    json_decref(others);
    if (core_node_zone_count(core, node) > 0) {
        json_object_set_new(object, "numa_zones_available", zones_of(core, node, spec));
    }
    return object;
}

static json_t *nodes_of(const struct check_case *c, const struct core *core)
{
    json_t *nodes = json_object();
    const json_t *list = json_object_get(c->root, "nodes");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *spec = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(spec, "name"));
        json_object_set_new(nodes, name, node_of(core, core_find_node(core, name), spec));
    }
    return nodes;
}

/* Why each job with a task that is left pending has it: there is always a first rule. */
static json_t *reasons_of(const struct check_case *c, const struct core *core)
{
    json_t *reasons = json_object();
    for (size_t i = 0; i < c->tasks.count; i++) {
        const struct case_task *task = &c->tasks.items[i];
        if (task->core == CORE_NONE || core_task_get(core, task->core).status != CORE_PENDING ||
            json_object_get(reasons, task->job) != NULL) {
            continue;
        }
        struct text text = {0};
        core_explain(core, core_task_job(core, task->core), CORE_NONE, &text);
        json_object_set_new(reasons, task->job, json_string(text.bytes));
        text_release(&text);
    }
    return reasons;
}

json_t *record_round(struct check_case *c, const struct core *core, struct group_names *names)
{
    json_t *round = json_object();
    json_t *events = json_array();
    json_int_t counts[3] = {0};
    for (size_t i = 0; i < core_event_count(core); i++) {
        struct core_event event = core_event_get(core, i);
        counts[event.kind] += !event.failed;
        json_array_append_new(events, event_of(c, core, names, &event));
    }
    json_object_set_new(round, "events", events);
    json_object_set_new(round, "binds", json_integer(counts[CORE_BIND]));
    json_object_set_new(round, "evictions", json_integer(counts[CORE_EVICT]));
    json_object_set_new(round, "pipelines", json_integer(counts[CORE_PIPELINE]));
    json_object_set_new(round, "tasks", tasks_of(c, core, names));
    json_object_set_new(round, "nodes", nodes_of(c, core));
    json_object_set_new(round, "reasons", reasons_of(c, core));
    return round;
}
