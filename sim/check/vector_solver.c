/* vector_solver.c - decisions of the victim search: scenarios, filters, minimum runtime, topology.
 */
#include <math.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/check/vector.h"

static void seconds_argument(struct vector_run *v, const char *key, double seconds)
{
    struct text text = {0};
    text_addf(&text, "%.9fs", seconds);
    core_set_argument(v->core, "minruntime", key, text.bytes);
    text_release(&text);
}

static json_t *runtime_answer(int64_t ns)
{
    json_t *answer = answer_bool("error", false);
    json_object_set_new(answer, "min_runtime", json_real((double)ns / 1e9));
    return answer;
}

static json_t *runtime_error(void)
{
    return answer_bool("error", true);
}

static json_t *min_runtime_preempt(struct vector_run *v, const struct place *input)
{
    struct place queues = place_get(input, "queues");
    world_new(v, NULL);
    seconds_argument(v, "defaultPreemptMinRuntime", read_number(&v->r, input, "default", 0));
    world_queues(v, &queues);
    if (!world_open(v, 0)) {
        return NULL;
    }
    uint32_t queue = core_find_queue(v->core, read_text(&v->r, input, "victim_queue", ""));
    return queue == CORE_NONE ? runtime_error()
                              : runtime_answer(core_min_runtime_preempt(v->core, queue));
}

static json_t *min_runtime_reclaim(struct vector_run *v, const struct place *input)
{
    struct place queues = place_get(input, "queues");
    world_new(v, NULL);
    seconds_argument(v, "defaultReclaimMinRuntime", read_number(&v->r, input, "default", 0));
    core_set_argument(v->core, "minruntime", "reclaimResolveMethod",
                      read_text(&v->r, input, "method", ""));
    world_queues(v, &queues);
    if (!world_open(v, 0)) {
        return NULL;
    }
    uint32_t mine = core_find_queue(v->core, read_text(&v->r, input, "reclaimer_queue", ""));
    uint32_t theirs = core_find_queue(v->core, read_text(&v->r, input, "victim_queue", ""));
    return mine == CORE_NONE || theirs == CORE_NONE
               ? runtime_error()
               : runtime_answer(core_min_runtime_reclaim(v->core, mine, theirs));
}

static json_t *min_runtime_protection(struct vector_run *v, const struct place *input)
{
    struct place queues = place_get(input, "queues");
    struct place pending_place = place_get(input, "pending_job");
    struct place victim_place = place_get(input, "victim_job");
    struct place list = place_get(input, "victim_tasks");
    struct core_list tasks = {0};
    world_new(v, NULL);
    seconds_argument(v, "defaultPreemptMinRuntime",
                     read_number(&v->r, input, "default_preempt_seconds", 0));
    seconds_argument(v, "defaultReclaimMinRuntime",
                     read_number(&v->r, input, "default_reclaim_seconds", 0));
    core_set_argument(v->core, "minruntime", "reclaimResolveMethod",
                      read_text(&v->r, input, "reclaim_method", ""));
    world_queues(v, &queues);
    uint32_t pending = world_job(v, &pending_place, NULL);
    uint32_t victim = world_job(v, &victim_place, NULL);
    world_tasks(v, &list, victim, &tasks);
    json_t *answer = NULL;
    if (world_open(v, 0)) {
        answer = answer_bool("preempt_candidate",
                             core_runtime_candidate(v->core, pending, victim, false));
        json_object_set_new(answer, "reclaim_candidate",
                            json_boolean(core_runtime_candidate(v->core, pending, victim, true)));
        json_object_set_new(
            answer, "preempt_scenario_allowed",
            json_boolean(core_runtime_scenario(v->core, pending, victim, &tasks, false)));
        json_object_set_new(
            answer, "reclaim_scenario_allowed",
            json_boolean(core_runtime_scenario(v->core, pending, victim, &tasks, true)));
    }
    vec_release(&tasks);
    return answer;
}

static json_t *elastic_victim(struct vector_run *v, const struct place *input)
{
    struct place job_place = place_get(input, "job");
    struct place list = place_get(input, "tasks");
    struct core_list tasks = {0};
    world_new(v, NULL);
    uint32_t job = world_job(v, &job_place, NULL);
    world_tasks(v, &list, job, &tasks);
    json_t *answer = world_open(v, 0)
                         ? answer_bool("result", core_runtime_keeps_min(v->core, job, &tasks))
                         : NULL;
    vec_release(&tasks);
    return answer;
}

/* The cluster, jobs and victims of a scenario. */
struct asked {
    struct core_scenario_query query;
    struct core_list feasible;
};

static struct core_batch *read_batches(struct vector_run *v, const struct place *input,
                                       const char *key, size_t *count)
{
    struct place list = place_get(input, key);
    *count = read_count(&v->r, &list);
    struct core_batch *batches = arena_alloc(&v->arena, *count + 1, sizeof *batches);
    for (size_t i = 0; i < *count; i++) {
        struct place item = place_item(&list, i);
        struct place tasks = place_get(&item, "tasks");
        batches[i].job = world_named_job(v, &item, "job");
        world_tasks(v, &tasks, batches[i].job, &batches[i].tasks);
        if (batches[i].tasks.count == 0) {
            read_fail(&v->r, &tasks, "expected the tasks of the victim");
        }
    }
    return batches;
}

static void read_scenario(struct vector_run *v, const struct place *input, struct asked *out)
{
    out->query.pending = world_named_job(v, input, "pending_job");
    out->query.recorded = read_batches(v, input, "recorded_victims", &out->query.recorded_count);
    out->query.potential = read_batches(v, input, "potential_victims", &out->query.potential_count);
    world_named_nodes(v, input, "feasible_nodes", &out->feasible);
    out->query.feasible = &out->feasible;
}

static void release_asked(struct asked *asked)
{
    for (size_t i = 0; i < asked->query.recorded_count; i++) {
        vec_release((struct core_list *)(uintptr_t)&asked->query.recorded[i].tasks);
    }
    for (size_t i = 0; i < asked->query.potential_count; i++) {
        vec_release((struct core_list *)(uintptr_t)&asked->query.potential[i].tasks);
    }
    vec_release(&asked->feasible);
}

static void read_world(struct vector_run *v, const struct place *input)
{
    struct place nodes = place_get(input, "nodes");
    struct place jobs = place_get(input, "jobs");
    for (size_t i = 0; i < read_count(&v->r, &nodes); i++) {
        struct place item = place_item(&nodes, i);
        (void)world_node(v, &item);
    }
    for (size_t i = 0; i < read_count(&v->r, &jobs); i++) {
        struct place item = place_item(&jobs, i);
        if (core_find_job(v->core, read_text(&v->r, &item, "uid", "")) == CORE_NONE) {
            (void)world_job(v, &item, NULL);
        }
    }
}

static bool open_scenario(struct vector_run *v, const struct place *input, struct asked *asked)
{
    world_new(v, NULL);
    read_world(v, input);
    if (!world_open(v, 0)) {
        return false;
    }
    read_scenario(v, input, asked);
    return !v->r.failed;
}

static int by_text(const void *l, const void *r)
{
    return strcmp(*(const char *const *)l, *(const char *const *)r);
}

/* Victim sets, each sorted by name. */
static json_t *sets_of(struct vector_run *v, const struct core_list *sets)
{
    json_t *lists = json_array();
    VEC(const char *) names = {0};
    for (size_t i = 0; i < sets->count; i++) {
        if (sets->items[i] != CORE_NONE) {
            vec_push(&names, core_task_name(v->core, sets->items[i]));
            continue;
        }
        json_t *list = json_array();
        if (names.count > 0) {
            qsort(names.items, names.count, sizeof *names.items, by_text);
        }
        for (size_t k = 0; k < names.count; k++) {
            json_array_append_new(list, json_string(names.items[k]));
        }
        json_array_append_new(lists, list);
        vec_clear(&names);
    }
    vec_release(&names);
    return lists;
}

static json_t *scenarios(struct vector_run *v, const struct place *input,
                         void (*propose)(struct core *core, const struct core_scenario_query *query,
                                         struct core_list *sets))
{
    struct asked asked = {.query = {0}};
    struct core_list sets = {0};
    json_t *answer = NULL;
    if (open_scenario(v, input, &asked)) {
        propose(v->core, &asked.query, &sets);
        answer = json_object();
        json_object_set_new(answer, "victim_sets", sets_of(v, &sets));
    }
    vec_release(&sets);
    release_asked(&asked);
    return answer;
}

static json_t *node_local(struct vector_run *v, const struct place *input)
{
    return scenarios(v, input, core_node_local_scenarios);
}

static json_t *multi_node(struct vector_run *v, const struct place *input)
{
    return scenarios(v, input, core_multi_node_scenarios);
}

struct probing {
    json_t *probes;
    const json_t *solvable;
};

static bool probe(void *arg, int64_t tasks)
{
    struct probing *p = arg;
    json_array_append_new(p->probes, json_integer(tasks));
    return json_is_true(json_array_get(p->solvable, (size_t)tasks - 1));
}

static json_t *largest_solvable(struct vector_run *v, const struct place *input)
{
    struct probing p = {json_array(), json_object_get(input->value, "solvable")};
    int64_t result = core_search(read_int(&v->r, input, "n", 0), probe, &p);
    json_t *answer = answer_number("result", (double)result);
    json_object_set_new(answer, "probes", p.probes);
    return answer;
}

static json_t *scenario_same(struct vector_run *v, const struct place *input)
{
    struct place a = place_get(input, "a");
    struct place b = place_get(input, "b");
    struct asked left = {.query = {0}};
    struct asked right = {.query = {0}};
    world_new(v, NULL);
    read_world(v, &a);
    read_world(v, &b);
    json_t *answer = NULL;
    if (world_open(v, 0)) {
        read_scenario(v, &a, &left);
        read_scenario(v, &b, &right);
        if (!v->r.failed) {
            answer = answer_bool("same", core_scenario_same(v->core, &left.query, &right.query));
        }
    }
    release_asked(&left);
    release_asked(&right);
    return answer;
}

static json_t *accepted_answer(struct vector_run *v, const struct place *input, bool topology)
{
    struct asked asked = {.query = {0}};
    json_t *answer = NULL;
    if (open_scenario(v, input, &asked)) {
        size_t count = asked.query.potential_count + 1;
        bool *accepted = arena_alloc(&v->arena, count, sizeof *accepted);
        bool known = true;
        if (topology) {
            known = core_topology_gpu_filter(v->core, &asked.query, accepted);
        } else {
            core_idle_gpu_filter(v->core, &asked.query, accepted);
        }
        json_t *list = known ? json_array() : json_null();
        for (size_t i = 0; known && i < count; i++) {
            json_array_append_new(list, json_boolean(accepted[i]));
        }
        answer = json_object();
        json_object_set_new(answer, "accepted", list);
    }
    release_asked(&asked);
    return answer;
}

static json_t *idle_gpu_filter(struct vector_run *v, const struct place *input)
{
    return accepted_answer(v, input, false);
}

static json_t *topology_gpu_filter(struct vector_run *v, const struct place *input)
{
    return accepted_answer(v, input, true);
}

static int descending(const void *l, const void *r)
{
    double a = *(const double *)l, b = *(const double *)r;
    return (a < b) - (a > b);
}

static double *read_numbers(struct vector_run *v, const struct place *input, const char *key,
                            size_t *count)
{
    struct place list = place_get(input, key);
    *count = read_count(&v->r, &list);
    double *numbers = arena_alloc(&v->arena, *count + 1, sizeof *numbers);
    for (size_t i = 0; i < *count; i++) {
        struct place item = place_item(&list, i);
        numbers[i] = read_value(&v->r, &item);
    }
    return numbers;
}

static json_t *greedy_match(struct vector_run *v, const struct place *input)
{
    size_t demand_count, holder_count;
    double *demands = read_numbers(v, input, "requirements", &demand_count);
    double *holders = read_numbers(v, input, "capacities", &holder_count);
    double *taken = arena_alloc(&v->arena, holder_count + 1, sizeof *taken);
    qsort(demands, demand_count, sizeof *demands, descending);
    qsort(holders, holder_count, sizeof *holders, descending);
    return answer_bool("result", core_match(demands, demand_count, holders, holder_count, taken));
}

/* The constraint belongs to the sub-group asked about; records may keep it out of the tree. */
static json_t *with_constraint(const struct place *input)
{
    json_t *job = json_deep_copy(json_object_get(input->value, "job"));
    json_t *group = json_object_get(job, "pod_group");
    const char *name = json_string_value(json_object_get(input->value, "sub_group"));
    const json_t *constraint = json_object_get(input->value, "constraint");
    json_t *found = name == NULL || name[0] == '\0' ? group : NULL;
    VEC(json_t *) open = {0};
    vec_push(&open, group);
    for (size_t i = 0; found == NULL && i < open.count; i++) {
        static const char *const LISTS[] = {"groups", "pod_sets"};
        for (int l = 0; l < 2; l++) {
            json_t *list = json_object_get(open.items[i], LISTS[l]);
            for (size_t k = 0; k < json_array_size(list); k++) {
                json_t *item = json_array_get(list, k);
                const char *own = json_string_value(json_object_get(item, "name"));
                found = own != NULL && name != NULL && strcmp(own, name) == 0 ? item : found;
                vec_push(&open, item);
            }
        }
    }
    vec_release(&open);
    if (found != NULL && constraint != NULL) {
        json_object_set_new(found, "topology_constraint", json_deep_copy(constraint));
    }
    return job;
}

static void add_topology(struct vector_run *v, const struct place *input)
{
    struct core_topology_spec spec = {.name = read_text(&v->r, input, "topology", NULL)};
    spec.levels.items = read_texts(&v->r, input, "levels", &spec.levels.count);
    struct err err = {0};
    if (spec.name != NULL && !v->r.failed && !core_add_topology(v->core, &spec, &err)) {
        read_fail(&v->r, input, "the topology is refused");
    }
}

static json_t *node_sets(struct vector_run *v, const struct core_list *nodes,
                         const struct core_list *lengths)
{
    json_t *sets = json_array();
    for (size_t i = 0, at = 0; i < lengths->count; i++) {
        json_t *set = json_array();
        for (uint32_t k = 0; k < lengths->items[i]; k++) {
            json_array_append_new(set, json_string(core_node_name(v->core, nodes->items[at++])));
        }
        json_array_append_new(sets, set);
    }
    return sets;
}

/* The names of sub-groups that the decision is about are those of its job. */
static bool check_groups(struct vector_run *v, const struct place *input, uint32_t job)
{
    struct place group = place_get(input, "sub_group");
    struct place sets = place_get(input, "pod_sets");
    size_t count;
    const char *const *names = read_texts(&v->r, input, "pod_sets", &count);
    if (!core_has_group(v->core, job, read_text(&v->r, input, "sub_group", ""))) {
        read_fail(&v->r, &group, "no such sub-group");
    }
    for (size_t i = 0; i < count; i++) {
        struct place item = place_item(&sets, i);
        if (!core_has_group(v->core, job, names[i])) {
            read_fail(&v->r, &item, "no such pod set");
        }
    }
    return !v->r.failed;
}

static json_t *topology_answer(struct vector_run *v, const struct place *input, uint32_t job,
                               struct core_list *tasks)
{
    struct core_list offered = {0};
    struct core_list nodes = {0};
    struct core_list lengths = {0};
    struct core_texts pod_sets;
    pod_sets.items = read_texts(&v->r, input, "pod_sets", &pod_sets.count);
    world_named_nodes(v, input, "node_set", &offered);
    struct core_subsets_query query = {.job = job,
                                       .sub_group = read_text(&v->r, input, "sub_group", ""),
                                       .tasks = tasks,
                                       .nodes = &offered,
                                       .pod_sets = &pod_sets};
    struct place all = place_get(input, "nodes");
    size_t node_count = read_count(&v->r, &all);
    double *scores = arena_alloc(&v->arena, node_count + 1, sizeof *scores);
    if (!check_groups(v, input, job)) {
        vec_release(&offered);
        return NULL;
    }
    bool good = core_topology_subsets(v->core, &query, &nodes, &lengths, scores);
    json_t *answer = answer_bool("error", !good);
    json_t *by_node = json_object();
    for (size_t i = 0; i < node_count; i++) {
        if (!isnan(scores[i])) {
            json_object_set_new(by_node, core_node_name(v->core, (uint32_t)i),
                                json_real(scores[i]));
        }
    }
    json_object_set_new(answer, "node_sets", good ? node_sets(v, &nodes, &lengths) : json_null());
    json_object_set_new(answer, "scores", by_node);
    vec_release(&offered);
    vec_release(&nodes);
    vec_release(&lengths);
    return answer;
}

static json_t *topology_subset(struct vector_run *v, const struct place *input)
{
    struct place list = place_get(input, "tasks");
    struct place nodes = place_get(input, "nodes");
    struct core_list tasks = {0};
    json_t *document = with_constraint(input);
    struct place job_place = {input, "job", 0, document};
    world_new(v, NULL);
    add_topology(v, input);
    for (size_t i = 0; i < read_count(&v->r, &nodes); i++) {
        struct place item = place_item(&nodes, i);
        if (world_node(v, &item) != i) {
            read_fail(&v->r, &item, "expected a node that is not listed before");
        }
    }
    uint32_t job = world_job(v, &job_place, NULL);
    world_tasks(v, &list, job, &tasks);
    json_t *answer = world_open(v, 0) ? topology_answer(v, input, job, &tasks) : NULL;
    vec_release(&tasks);
    json_decref(document);
    return answer;
}

static json_t *node_pods_capacity(struct vector_run *v, const struct place *input)
{
    struct place node_place = place_get(input, "node");
    struct place request = place_get(input, "max_pod_request");
    world_new(v, NULL);
    uint32_t node = world_node(v, &node_place);
    /* A task with this request makes its resources known. */
    json_t *made = json_object();
    json_object_set_new(made, "id", json_string("t"));
    json_object_set_new(made, "request", json_deep_copy(request.value));
    struct place task = {.value = made};
    (void)world_task(v, &task, CORE_NONE);
    json_t *answer = NULL;
    if (world_open(v, 0)) {
        answer =
            answer_number("pods", (double)core_node_room(v->core, node, world_vector(v, &request),
                                                         read_int(&v->r, input, "tasks_count", 0)));
    }
    json_decref(made);
    return answer;
}

static json_t *domain_ratio(struct vector_run *v, const struct place *input)
{
    struct place request = place_get(input, "request");
    struct place free_place = place_get(input, "free");
    json_t *made = json_object();
    json_t *table = json_deep_copy(request.value);
    (void)json_object_update_missing(table, (json_t *)(uintptr_t)free_place.value);
    json_object_set_new(made, "id", json_string("t"));
    json_object_set_new(made, "request", table);
    struct place task = {.value = made};
    world_new(v, NULL);
    (void)world_task(v, &task, CORE_NONE);
    json_t *answer = NULL;
    if (world_open(v, 0)) {
        answer = answer_number("ratio", core_domain_ratio(world_vector(v, &request),
                                                          world_vector(v, &free_place),
                                                          core_component_count(v->core)));
    }
    json_decref(made);
    return answer;
}

static json_t *tasks_homogeneous(struct vector_run *v, const struct place *input)
{
    struct place list = place_get(input, "tasks");
    struct core_list tasks = {0};
    world_new(v, NULL);
    world_tasks(v, &list, CORE_NONE, &tasks);
    json_t *answer =
        world_open(v, 0) ? answer_bool("result", core_tasks_homogeneous(v->core, &tasks)) : NULL;
    vec_release(&tasks);
    return answer;
}

const struct vector_function vector_solver_functions[] = {
    {"min_runtime_preempt", min_runtime_preempt},
    {"min_runtime_reclaim", min_runtime_reclaim},
    {"min_runtime_protection", min_runtime_protection},
    {"min_runtime_elastic_victim", elastic_victim},
    {"node_local_scenarios", node_local},
    {"multi_node_scenarios", multi_node},
    {"largest_solvable", largest_solvable},
    {"scenario_same", scenario_same},
    {"idle_gpu_filter", idle_gpu_filter},
    {"topology_idle_gpu_filter", topology_gpu_filter},
    {"greedy_match", greedy_match},
    {"topology_subset", topology_subset},
    {"node_pods_capacity", node_pods_capacity},
    {"domain_ratio", domain_ratio},
    {"tasks_homogeneous", tasks_homogeneous},
    {.name = NULL},
};
