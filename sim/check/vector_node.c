/* vector_node.c - decisions about nodes: scores, fit, accounting, the choice of shared GPUs. */
#include <string.h>

#include "sim/base/mem.h"
#include "sim/check/case.h"
#include "sim/check/vector.h"

/* A core whose strategies are those that the record names. */
static void new_with_strategies(struct vector_run *v, const struct place *input)
{
    static const char *const SPREADING[] = {
        "predicates",       "proportion",       "priority",
        "elastic",          "kubeflow",         "ray",
        "nodeavailability", "gpusharingorder",  "gpuspread",
        "resourcetype",     "subgrouporder",    "taskorder",
        "nominatednode",    "dynamicresources", "nodeplacement",
        "minruntime",       "topology",         "sg-nodelocalgreedy",
        "sg-multinodegang"};
    struct core_settings settings = {0};
    if (strcmp(read_text(&v->r, input, "strategy", "pack"), "spread") == 0) {
        settings.plugins = (struct core_texts){SPREADING, sizeof(SPREADING) / sizeof(*SPREADING)};
    }
    world_new(v, &settings);
    core_set_argument(v->core, "nodeplacement", "gpu",
                      read_text(&v->r, input, "gpu_strategy", "binpack"));
    core_set_argument(v->core, "nodeplacement", "cpu",
                      read_text(&v->r, input, "cpu_strategy", "binpack"));
}

static bool open_pair(struct vector_run *v, const struct place *input, uint32_t *task,
                      uint32_t *node)
{
    struct place node_place = place_get(input, "node");
    struct place task_place = place_get(input, "task");
    new_with_strategies(v, input);
    *node = world_node(v, &node_place);
    *task = world_task(v, &task_place, CORE_NONE);
    return world_open(v, 0);
}

/* Decisions that no task takes part in. */
static bool open_node(struct vector_run *v, const struct place *input, uint32_t *node)
{
    struct place node_place = place_get(input, "node");
    world_new(v, NULL);
    *node = world_node(v, &node_place);
    return world_open(v, 0);
}

static json_t *scores_of(const struct core_scores *s)
{
    json_t *object = json_object();
    json_object_set_new(object, "placement", world_number(s->placement));
    json_object_set_new(object, "resource_type", world_number(s->resource_type));
    json_object_set_new(object, "availability", world_number(s->availability));
    json_object_set_new(object, "gpu_sharing", world_number(s->gpu_sharing));
    json_object_set_new(object, "nominated_node", world_number(s->nominated));
    json_object_set_new(object, "extra", world_number(s->extra));
    json_object_set_new(object, "total", world_number(s->total));
    return object;
}

static void read_nodes(struct vector_run *v, const struct place *input, struct core_list *nodes)
{
    struct place list = place_get(input, "nodes");
    for (size_t i = 0; i < read_count(&v->r, &list); i++) {
        struct place item = place_item(&list, i);
        vec_push(nodes, world_node(v, &item));
    }
}

static json_t *node_scores(struct vector_run *v, const struct place *input)
{
    struct place task_place = place_get(input, "task");
    struct place extras = place_get(input, "extra_scores");
    struct core_list nodes = {0};
    struct core_list order = {0};
    new_with_strategies(v, input);
    read_nodes(v, input, &nodes);
    uint32_t task = world_task(v, &task_place, CORE_NONE);
    json_t *answer = NULL;
    if (nodes.count == 0) {
        struct place list = place_get(input, "nodes");
        read_fail(&v->r, &list, "expected at least one node");
    }
    if (world_open(v, 0)) {
        struct core_scores *scores = arena_alloc(&v->arena, nodes.count + 1, sizeof *scores);
        double *extra = arena_alloc(&v->arena, nodes.count + 1, sizeof *extra);
        for (size_t i = 0; i < nodes.count; i++) {
            extra[i] = read_number(&v->r, &extras, core_node_name(v->core, nodes.items[i]), 0);
        }
        core_score_nodes(v->core, task, &nodes, extra, scores, &order);
        json_t *by_name = json_object();
        json_t *names = json_array();
        for (size_t i = 0; i < nodes.count; i++) {
            json_object_set_new(by_name, core_node_name(v->core, nodes.items[i]),
                                scores_of(&scores[i]));
            json_array_append_new(names, json_string(core_node_name(v->core, order.items[i])));
        }
        answer = json_object();
        json_object_set_new(answer, "scores", by_name);
        json_object_set_new(answer, "order", names);
    }
    vec_release(&nodes);
    vec_release(&order);
    return answer;
}

static json_t *one_score(struct vector_run *v, const struct place *input, size_t offset)
{
    uint32_t task, node;
    if (!open_pair(v, input, &task, &node)) {
        return NULL;
    }
    struct core_list nodes = {0};
    struct core_list order = {0};
    struct core_scores scores;
    const double none = 0;
    vec_push(&nodes, node);
    core_score_nodes(v->core, task, &nodes, &none, &scores, &order);
    vec_release(&nodes);
    vec_release(&order);
    return answer_number("score", *(const double *)(const void *)((const char *)&scores + offset));
}

static json_t *score_availability(struct vector_run *v, const struct place *input)
{
    return one_score(v, input, offsetof(struct core_scores, availability));
}

static json_t *score_sharing(struct vector_run *v, const struct place *input)
{
    return one_score(v, input, offsetof(struct core_scores, gpu_sharing));
}

static json_t *score_type(struct vector_run *v, const struct place *input)
{
    return one_score(v, input, offsetof(struct core_scores, resource_type));
}

static json_t *score_nominated(struct vector_run *v, const struct place *input)
{
    return one_score(v, input, offsetof(struct core_scores, nominated));
}

static json_t *score_placement(struct vector_run *v, const struct place *input)
{
    uint32_t task, node;
    return open_pair(v, input, &task, &node)
               ? answer_number("score",
                               core_score_placement(v->core, task, node,
                                                    read_number(&v->r, input, "range_min", 0),
                                                    read_number(&v->r, input, "range_max", 0)))
               : NULL;
}

static json_t *placement_range(struct vector_run *v, const struct place *input)
{
    struct core_list nodes = {0};
    const char *resource = read_text(&v->r, input, "resource", "gpu");
    world_new(v, NULL);
    read_nodes(v, input, &nodes);
    json_t *answer = NULL;
    if (world_open(v, 0)) {
        size_t component = 0;
        resource = strcmp(resource, "nvidia.com/gpu") == 0 ? "gpu" : resource;
        while (component < core_component_count(v->core) &&
               strcmp(core_component_name(v->core, component), resource) != 0) {
            component++;
        }
        if (component == core_component_count(v->core)) {
            struct place at = place_get(input, "resource");
            read_fail(&v->r, &at, "expected a resource of one of the nodes");
            vec_release(&nodes);
            return NULL;
        }
        double min, max;
        core_placement_range(v->core, &nodes, component, &min, &max);
        answer = answer_number("min", min);
        json_object_set_new(answer, "max", world_number(max));
    }
    vec_release(&nodes);
    return answer;
}

struct summed {
    const char *node;
    double score;
};

static int by_score(const void *l, const void *r)
{
    const struct summed *a = l, *b = r;
    if (a->score < b->score || a->score > b->score) {
        return a->score > b->score ? -1 : 1;
    }
    return strcmp(a->node, b->node);
}

/* Names and sums only: the order of nodes without a cluster. */
static json_t *node_order(struct vector_run *v, const struct place *input)
{
    struct place list = place_get(input, "scores");
    VEC(struct summed) all = {0};
    for (size_t i = 0; i < read_count(&v->r, &list); i++) {
        struct place item = place_item(&list, i);
        size_t count;
        const char *const *names = read_texts(&v->r, &item, "nodes", &count);
        for (size_t k = 0; k < count; k++) {
            struct summed one = {names[k], read_number(&v->r, &item, "score", 0)};
            vec_push(&all, one);
        }
    }
    json_t *order = json_array();
    if (all.count > 0) {
        qsort(all.items, all.count, sizeof *all.items, by_score);
    }
    for (size_t i = 0; i < all.count; i++) {
        json_array_append_new(order, json_string(all.items[i].node));
    }
    vec_release(&all);
    json_t *answer = json_object();
    json_object_set_new(answer, "order", order);
    return answer;
}

static json_t *fits_idle(struct vector_run *v, const struct place *input)
{
    uint32_t task, node;
    return open_pair(v, input, &task, &node)
               ? answer_bool("result", core_fits_idle(v->core, task, node))
               : NULL;
}

static json_t *fits_future(struct vector_run *v, const struct place *input)
{
    uint32_t task, node;
    return open_pair(v, input, &task, &node)
               ? answer_bool("result", core_fits_future(v->core, task, node))
               : NULL;
}

static json_t *type_predicate(struct vector_run *v, const struct place *input)
{
    uint32_t task, node;
    return open_pair(v, input, &task, &node)
               ? answer_bool("allowed", core_node_type_allows(v->core, task, node))
               : NULL;
}

static json_t *quota_on_node(struct vector_run *v, const struct place *input)
{
    uint32_t task, node;
    if (!open_pair(v, input, &task, &node)) {
        return NULL;
    }
    double *vector = arena_alloc(&v->arena, core_component_count(v->core), sizeof *vector);
    core_quota_on_node(v->core, task, node, vector);
    json_t *answer = json_object();
    json_object_set_new(answer, "request", world_table(v->core, vector));
    return answer;
}

static json_t *need_table(const struct core_gpu_need *need)
{
    json_t *table = json_object();
    json_t *mig = json_object();
    json_object_set_new(table, "count", json_integer(need->count));
    json_object_set_new(table, "portion", json_real(need->portion));
    json_object_set_new(table, "memory_mib", json_integer(need->memory_mib));
    for (size_t i = 0; i < need->mig.count; i++) {
        json_object_set_new(mig, need->mig.items[i].name, json_real(need->mig.items[i].amount));
    }
    json_object_set_new(table, "mig", mig);
    return table;
}

/* The classes of DRA devices are the request's own; the core counts devices. */
static void copy_classes(json_t *table, const struct place *input)
{
    const json_t *request = json_object_get(json_object_get(input->value, "task"), "gpu_request");
    json_t *classes = json_object_get(request, "dra");
    if (classes != NULL) {
        json_object_set(table, "dra", classes);
    }
}

static json_t *accepted_on_node(struct vector_run *v, const struct place *input)
{
    static const char *const TYPES[] = {[CORE_GPU_REGULAR] = "Regular",
                                        [CORE_GPU_FRACTION] = "Fraction",
                                        [CORE_GPU_MEMORY] = "GpuMemory",
                                        [CORE_GPU_MIG] = "MigInstance",
                                        [CORE_GPU_UNTYPED] = ""};
    uint32_t task, node;
    if (!open_pair(v, input, &task, &node)) {
        return NULL;
    }
    double *vector = arena_alloc(&v->arena, core_component_count(v->core), sizeof *vector);
    struct core_gpu_need need = {0};
    enum core_gpu_kind received = CORE_GPU_UNTYPED;
    json_t *answer = json_object();
    if (core_accept_on_node(v->core, task, node, &need, vector, &received)) {
        json_t *table = need_table(&need);
        copy_classes(table, input);
        json_object_set_new(answer, "accepted", world_table(v->core, vector));
        json_object_set_new(answer, "accepted_gpu", table);
        json_object_set_new(answer, "received_type", json_string(TYPES[received]));
    } else {
        const json_t *given = json_object_get(input->value, "task");
        json_object_set(answer, "accepted", json_object_get(given, "accepted"));
        json_object_set(answer, "accepted_gpu", json_object_get(given, "accepted_gpu"));
    }
    return answer;
}

static json_t *gpu_sums(struct vector_run *v, const struct place *input, bool releasing)
{
    uint32_t node;
    if (!open_node(v, input, &node)) {
        return NULL;
    }
    struct core_gpu_sums sums = core_gpu_sums(v->core, node);
    json_t *answer = answer_number("gpus", releasing ? sums.releasing_gpus : sums.idle_gpus);
    json_object_set_new(answer, "memory_mib",
                        world_number(releasing ? sums.releasing_mib : sums.idle_mib));
    return answer;
}

static json_t *sum_idle(struct vector_run *v, const struct place *input)
{
    return gpu_sums(v, input, false);
}

static json_t *sum_releasing(struct vector_run *v, const struct place *input)
{
    return gpu_sums(v, input, true);
}

static json_t *shared_fractions(struct vector_run *v, const struct place *input)
{
    uint32_t node;
    return open_node(v, input, &node)
               ? answer_number("result", core_gpu_sums(v->core, node).shared_fractions)
               : NULL;
}

static json_t *node_gpu_memory(struct vector_run *v, const struct place *input)
{
    bool known = false;
    const char *label =
        read_bool(&v->r, input, "has_label", false) ? read_text(&v->r, input, "label", "") : NULL;
    json_t *answer = answer_number("memory_mib", (double)core_gpu_memory_of_label(label, &known));
    json_object_set_new(answer, "known", json_boolean(known));
    return answer;
}

/* The books of a node. */
static void set_ledger(struct vector_run *v, json_t *out, uint32_t node)
{
    struct core_node_view view = core_node_get(v->core, node);
    struct core_list groups = {0};
    json_t *used = json_object(), *allocated = json_object(), *releasing = json_object();
    json_t *marked = json_array();
    core_ledger_groups(v->core, node, &groups);
    for (size_t i = 0; i < groups.count; i++) {
        struct core_group_ledger group = core_ledger_group(v->core, node, groups.items[i]);
        struct text name = {0};
        core_group_name(v->core, groups.items[i], &name);
        json_object_set_new(used, name.bytes, json_integer(group.used_mib));
        json_object_set_new(allocated, name.bytes, json_integer(group.allocated_mib));
        json_object_set_new(releasing, name.bytes, json_integer(group.releasing_mib));
        if (group.marked) {
            size_t at = json_array_size(marked);
            while (at > 0 &&
                   strcmp(json_string_value(json_array_get(marked, at - 1)), name.bytes) > 0) {
                at--;
            }
            json_array_insert_new(marked, at, json_string(name.bytes));
        }
        text_release(&name);
    }
    vec_release(&groups);
    json_object_set_new(out, "idle", world_table(v->core, view.idle));
    json_object_set_new(out, "used", world_table(v->core, view.used));
    json_object_set_new(out, "releasing", world_table(v->core, view.releasing));
    json_object_set_new(out, "shared_used_mib", used);
    json_object_set_new(out, "shared_allocated_mib", allocated);
    json_object_set_new(out, "shared_releasing_mib", releasing);
    json_object_set_new(out, "releasing_groups", marked);
}

static bool apply(struct vector_run *v, enum core_ledger_op op, uint32_t node,
                  const struct place *task, uint32_t index)
{
    enum core_status status = CORE_PENDING;
    struct core_texts groups;
    groups.items = read_texts(&v->r, task, "gpu_groups", &groups.count);
    if (!case_status(read_text(&v->r, task, "status", "pending"), &status)) {
        read_fail(&v->r, task, "no such status");
        return false;
    }
    return core_ledger_apply(v->core, op, node, index, status, groups);
}

static enum core_ledger_op op_of(struct vector_run *v, const struct place *at)
{
    const char *name = read_text(&v->r, at, "op", "");
    return strcmp(name, "remove") == 0   ? CORE_LEDGER_REMOVE
           : strcmp(name, "update") == 0 ? CORE_LEDGER_UPDATE
                                         : CORE_LEDGER_ADD;
}

static json_t *node_accounting(struct vector_run *v, const struct place *input)
{
    struct place node_place = place_get(input, "node");
    struct place ops = place_get(input, "ops");
    world_new(v, NULL);
    uint32_t node = world_node(v, &node_place);
    size_t count = read_count(&v->r, &ops);
    uint32_t *tasks = arena_alloc(&v->arena, count + 1, sizeof *tasks);
    for (size_t i = 0; i < count; i++) {
        struct place op = place_item(&ops, i);
        struct place task = place_get(&op, "task");
        tasks[i] = core_find_task(v->core, read_text(&v->r, &task, "id", ""));
        tasks[i] = tasks[i] != CORE_NONE ? tasks[i] : world_task(v, &task, CORE_NONE);
    }
    if (!world_open(v, 0)) {
        return NULL;
    }
    json_t *steps = json_array();
    for (size_t i = 0; i < count; i++) {
        struct place op = place_item(&ops, i);
        struct place task = place_get(&op, "task");
        bool good = apply(v, op_of(v, &op), node, &task, tasks[i]);
        json_t *step = answer_bool("error", !good);
        set_ledger(v, step, node);
        json_array_append_new(steps, step);
    }
    struct core_gpu_sums sums = core_gpu_sums(v->core, node);
    json_t *answer = json_object();
    json_object_set_new(answer, "steps", steps);
    json_object_set_new(answer, "idle_gpus", world_number(sums.idle_gpus));
    json_object_set_new(answer, "idle_gpu_memory_mib", world_number(sums.idle_mib));
    json_object_set_new(answer, "releasing_gpus", world_number(sums.releasing_gpus));
    json_object_set_new(answer, "releasing_gpu_memory_mib", world_number(sums.releasing_mib));
    return answer;
}

static json_t *one_step(struct vector_run *v, const struct place *input, enum core_ledger_op op)
{
    uint32_t task, node;
    struct place task_place = place_get(input, "task");
    if (!open_pair(v, input, &task, &node)) {
        return NULL;
    }
    if (op == CORE_LEDGER_REMOVE) {
        core_put_copy(v->core, task, node);
    }
    (void)apply(v, op, node, &task_place, task);
    json_t *books = json_deep_copy(json_object_get(input->value, "node"));
    set_ledger(v, books, node);
    if (json_is_true(json_object_get(json_object_get(input->value, "task"), "legacy_mig"))) {
        json_object_set_new(books, "legacy_mig_tasks",
                            json_integer((json_int_t)core_legacy_mig_tasks(v->core, node)));
    }
    json_t *answer = json_object();
    json_object_set_new(answer, "node", books);
    return answer;
}

static json_t *add_task(struct vector_run *v, const struct place *input)
{
    return one_step(v, input, CORE_LEDGER_ADD);
}

static json_t *remove_task(struct vector_run *v, const struct place *input)
{
    return one_step(v, input, CORE_LEDGER_REMOVE);
}

static json_t *group_names(struct vector_run *v, const struct core_list *groups, const char *whole)
{
    json_t *names = json_array();
    for (size_t i = 0; i < groups->count; i++) {
        struct text name = {0};
        if (groups->items[i] == CORE_WHOLE) {
            text_add(&name, whole);
        } else {
            core_group_name(v->core, groups->items[i], &name);
        }
        json_array_append_new(names, json_string(name.bytes));
        text_release(&name);
    }
    return names;
}

static json_t *fitting_gpus(struct vector_run *v, const struct place *input)
{
    uint32_t task, node;
    struct core_list groups = {0};
    if (!open_pair(v, input, &task, &node)) {
        return NULL;
    }
    core_gpu_candidates(v->core, task, node, &groups);
    json_t *answer = json_object();
    json_object_set_new(answer, "groups", group_names(v, &groups, "-2"));
    vec_release(&groups);
    return answer;
}

static json_t *choice_answer(struct vector_run *v, bool found, bool releasing,
                             const struct core_list *groups)
{
    json_t *answer = answer_bool("found", found);
    json_object_set_new(answer, "is_releasing", json_boolean(found && releasing));
    if (found) {
        json_object_set_new(answer, "groups", group_names(v, groups, "new"));
    }
    return answer;
}

static json_t *choose_from(struct vector_run *v, const struct place *input, uint32_t task,
                           uint32_t node, const struct core_list *candidates)
{
    struct core_list groups = {0};
    bool releasing = false;
    bool found =
        core_gpu_choose(v->core, task, node, read_bool(&v->r, input, "pipeline_only", false),
                        candidates, &groups, &releasing);
    json_t *answer = choice_answer(v, found, releasing, &groups);
    vec_release(&groups);
    return answer;
}

static json_t *gpu_group_choice(struct vector_run *v, const struct place *input)
{
    uint32_t task, node;
    struct core_list candidates = {0};
    if (!open_pair(v, input, &task, &node)) {
        return NULL;
    }
    core_gpu_candidates(v->core, task, node, &candidates);
    json_t *answer = choose_from(v, input, task, node, &candidates);
    vec_release(&candidates);
    return answer;
}

static uint32_t group_of(struct vector_run *v, const char *name)
{
    return strcmp(name, "-2") == 0 ? CORE_WHOLE : core_name_group(v->core, name);
}

static json_t *gpu_choice(struct vector_run *v, const struct place *input)
{
    uint32_t task, node;
    struct core_list candidates = {0};
    size_t count;
    const char *const *names = read_texts(&v->r, input, "candidates", &count);
    if (!open_pair(v, input, &task, &node)) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        vec_push(&candidates, group_of(v, names[i]));
    }
    json_t *answer = choose_from(v, input, task, node, &candidates);
    vec_release(&candidates);
    return answer;
}

static json_t *group_score(struct vector_run *v, const struct place *input, bool spread)
{
    uint32_t node;
    double score = 0;
    if (!open_node(v, input, &node)) {
        return NULL;
    }
    bool good = core_gpu_score(v->core, node, group_of(v, read_text(&v->r, input, "group", "")),
                               spread, &score);
    json_t *answer = answer_bool("error", !good);
    json_object_set_new(answer, "score", world_number(good ? score : 0));
    return answer;
}

static json_t *score_pack(struct vector_run *v, const struct place *input)
{
    return group_score(v, input, false);
}

static json_t *score_spread(struct vector_run *v, const struct place *input)
{
    return group_score(v, input, true);
}

/* These records give the GPU request alone. */
static json_t *group_fit(struct vector_run *v, const struct place *input, bool idle)
{
    struct place node_place = place_get(input, "node");
    world_new(v, NULL);
    uint32_t node = world_node(v, &node_place);
    json_t *made = json_object();
    json_t *request = json_object_get(input->value, "gpu_request");
    json_object_set_new(made, "id", json_string("t"));
    if (request != NULL) {
        json_object_set(made, "gpu_request", request);
    }
    bool memory = json_number_value(json_object_get(request, "memory_mib")) > 0;
    json_object_set_new(made, "request_type", json_string(memory ? "gpu_memory" : "fraction"));
    struct place task_place = {.value = made};
    uint32_t task = world_task(v, &task_place, CORE_NONE);
    json_t *answer = NULL;
    if (world_open(v, 0)) {
        uint32_t group = group_of(v, read_text(&v->r, input, "group", ""));
        answer = answer_bool("result", idle ? core_group_fits_idle(v->core, task, node, group)
                                            : core_group_fits(v->core, task, node, group));
    }
    json_decref(made);
    return answer;
}

static json_t *group_fits(struct vector_run *v, const struct place *input)
{
    return group_fit(v, input, false);
}

static json_t *group_fits_idle(struct vector_run *v, const struct place *input)
{
    return group_fit(v, input, true);
}

const struct vector_function vector_node_functions[] = {
    {"node_scores", node_scores},
    {"score_node_placement", score_placement},
    {"placement_range", placement_range},
    {"score_node_availability", score_availability},
    {"score_gpu_sharing", score_sharing},
    {"score_resource_type", score_type},
    {"score_nominated_node", score_nominated},
    {"node_order", node_order},
    {"task_fits_idle", fits_idle},
    {"task_fits_idle_or_releasing", fits_future},
    {"node_type_predicate", type_predicate},
    {"quota_on_node", quota_on_node},
    {"accepted_on_node", accepted_on_node},
    {"sum_idle_gpus", sum_idle},
    {"sum_releasing_gpus", sum_releasing},
    {"available_shared_fractions", shared_fractions},
    {"node_gpu_memory", node_gpu_memory},
    {"node_accounting", node_accounting},
    {"node_add_task", add_task},
    {"node_remove_task", remove_task},
    {"gpu_group_choice", gpu_group_choice},
    {"fitting_gpus", fitting_gpus},
    {"gpu_choice", gpu_choice},
    {"score_gpu_pack", score_pack},
    {"score_gpu_spread", score_spread},
    {"group_fits", group_fits},
    {"group_fits_idle", group_fits_idle},
    {.name = NULL},
};
