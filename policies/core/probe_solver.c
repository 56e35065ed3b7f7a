/*
 * probe_solver.c - see probe.h: scenarios, their filters and topology subsets, one at a time.
 */
#include <math.h>

#include "policies/core/solver.h"

/* A solver that stands at the point the query describes. */
static void set_up(struct core_solver *s, struct core *core,
                   const struct core_scenario_query *query)
{
    *s = (struct core_solver){.core = core, .job = core_job_at(core, query->pending)};
    core_view_chunk(core, &s->job->view, false);
    core_view_request(core, &s->job->view, false);
    s->partial = s->job->view;
    s->offered = arena_alloc(&s->run, core->nodes.count, sizeof *s->offered);
    for (size_t i = 0; query->feasible != NULL && i < query->feasible->count; i++) {
        s->offered[query->feasible->items[i]] = true;
    }
    for (size_t i = 0; i < query->recorded_count; i++) {
        const struct core_batch *batch = &query->recorded[i];
        core_scenario_add(&s->recorded, batch->job, batch->tasks.items, batch->tasks.count);
        if (batch->tasks.count > 0) {
            core_sort_by_name(core, &s->recorded.tasks.items[s->recorded.groups.items[i].first],
                              batch->tasks.count);
        }
    }
    s->recorded.recorded = query->recorded_count;
    core_generator_open(s);
}

static void tear_down(struct core_solver *s)
{
    core_generator_close(s);
    core_scenario_release(&s->recorded);
    arena_release(&s->run);
}

static void add_batch(struct core_solver *s, const struct core_batch *batch)
{
    core_scenario_add(&s->generator.all, batch->job, batch->tasks.items, batch->tasks.count);
}

static void list_sets(struct core *core, const struct core_scenario_query *query, bool multi_node,
                      struct core_list *sets)
{
    struct core_solver s;
    set_up(&s, core, query);
    for (size_t i = 0; i < query->potential_count; i++) {
        add_batch(&s, &query->potential[i]);
    }
    for (;;) {
        const struct core_scenario *scenario = core_generator_step(&s, multi_node);
        if (scenario == NULL) {
            break;
        }
        /* The victims that are new. */
        size_t first = scenario->recorded < scenario->groups.count
                           ? scenario->groups.items[scenario->recorded].first
                           : scenario->tasks.count;
        for (size_t i = first; i < scenario->tasks.count; i++) {
            vec_push(sets, scenario->tasks.items[i]);
        }
        vec_push(sets, CORE_NONE);
    }
    tear_down(&s);
}

void core_node_local_scenarios(struct core *core, const struct core_scenario_query *query,
                               struct core_list *sets)
{
    list_sets(core, query, false, sets);
}

void core_multi_node_scenarios(struct core *core, const struct core_scenario_query *query,
                               struct core_list *sets)
{
    list_sets(core, query, true, sets);
}

static bool filter(struct core *core, const struct core_scenario_query *query, bool topology,
                   bool *accepted)
{
    struct core_solver s;
    set_up(&s, core, query);
    bool any = !topology || s.filters.topology_count > 0;
    for (size_t i = 0; i <= query->potential_count; i++) {
        if (i > 0) {
            add_batch(&s, &query->potential[i - 1]);
        }
        accepted[i] = topology ? core_topology_filter_passes(&s) : core_idle_filter_passes(&s);
    }
    tear_down(&s);
    return any;
}

void core_idle_gpu_filter(struct core *core, const struct core_scenario_query *query,
                          bool *accepted)
{
    filter(core, query, false, accepted);
}

bool core_topology_gpu_filter(struct core *core, const struct core_scenario_query *query,
                              bool *accepted)
{
    return filter(core, query, true, accepted);
}

static void flatten(const struct core *core, const struct core_batch *batches, size_t count,
                    struct core_list *tasks)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t t = 0; t < batches[i].tasks.count; t++) {
            vec_push(tasks, batches[i].tasks.items[t]);
        }
    }
    core_sort_by_name(core, tasks->items, tasks->count);
}

static bool same_lists(const struct core *core, const struct core_batch *a, size_t a_count,
                       const struct core_batch *b, size_t b_count)
{
    struct core_list l = {0};
    struct core_list r = {0};
    flatten(core, a, a_count, &l);
    flatten(core, b, b_count, &r);
    bool same = l.count == r.count;
    for (size_t i = 0; same && i < l.count; i++) {
        same = l.items[i] == r.items[i];
    }
    vec_release(&l);
    vec_release(&r);
    return same;
}

bool core_scenario_same(struct core *core, const struct core_scenario_query *a,
                        const struct core_scenario_query *b)
{
    return a->pending == b->pending &&
           same_lists(core, a->recorded, a->recorded_count, b->recorded, b->recorded_count) &&
           same_lists(core, a->potential, a->potential_count, b->potential, b->potential_count);
}

static struct core_record **records_of(struct core *core, const struct core_list *tasks)
{
    struct core_record **records =
        arena_alloc(&core->placement, tasks->count + 1, sizeof(struct core_record *));
    for (size_t i = 0; i < tasks->count; i++) {
        records[i] = core_task_at(core, tasks->items[i])->record;
    }
    return records;
}

static uint32_t find_member(const struct core_job *job, const char *name)
{
    for (uint32_t i = 0; i < job->member_count; i++) {
        if (strcmp(job->members[i].name, name) == 0) {
            return i;
        }
    }
    return CORE_NONE;
}

bool core_has_group(const struct core *core, uint32_t job, const char *name)
{
    return find_member(core_job_at(core, job), name) != CORE_NONE;
}

bool core_topology_subsets(struct core *core, const struct core_subsets_query *query,
                           struct core_list *nodes, struct core_list *lengths, double *scores)
{
    const struct core_job *job = core_job_at(core, query->job);
    arena_release(&core->placement);
    core->level_scores =
        arena_alloc(&core->placement, job->member_count, sizeof *core->level_scores);
    uint32_t *sets = arena_alloc(&core->placement, query->pod_sets->count + 1, sizeof *sets);
    for (size_t i = 0; i < query->pod_sets->count; i++) {
        sets[i] = find_member(job, query->pod_sets->items[i]);
    }
    const uint32_t member = find_member(job, query->sub_group);
    CHECK(member != CORE_NONE);
    const struct core_subsets subsets = {&job->view,
                                         member,
                                         records_of(core, query->tasks),
                                         query->tasks->count,
                                         sets,
                                         query->pod_sets->count,
                                         {query->nodes->items, query->nodes->count, NULL}};
    bool constrained = job->members[member].topology_name != CORE_NONE && query->tasks->count > 0;
    bool good = !constrained || core_subsets(core, &subsets, nodes, lengths);
    for (size_t i = 0; !constrained && i < query->nodes->count; i++) {
        vec_push(nodes, query->nodes->items[i]);
    }
    if (!constrained) {
        vec_push(lengths, (uint32_t)query->nodes->count);
    }
    for (size_t i = 0; i < core->nodes.count; i++) {
        scores[i] =
            core->level_scores[member].present ? core->level_scores[member].by_node[i] : nan("");
    }
    core->level_scores = NULL;
    return good;
}

bool core_tasks_homogeneous(struct core *core, const struct core_list *tasks)
{
    arena_release(&core->placement);
    return core_homogeneous(core, records_of(core, tasks), tasks->count);
}
