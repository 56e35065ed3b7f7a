/*
 * solver.c - how many tasks of a job can be placed, and at whose cost
 * (specification 8.1, 8.2, 8.4).
 *
 * Probes with more and more tasks; each run tries scenarios of one generator until one works. A try
 * evicts, places everything again in order, and asks the rules of the action.
 */
#include "policies/core/solver.h"

/* Marks the first k tasks to be placed. */
static void list_tasks(struct core_solver *s, size_t k, bool listed)
{
    for (size_t i = 0; i < k; i++) {
        core_task_at(s->core, s->tasks.items[i])->listed = listed;
    }
}

static void count_tasks(struct core_solver *s, size_t k)
{
    const struct core *core = s->core;
    const struct core_job *job = s->job;
    struct core_view *p = &s->partial;
    list_tasks(s, k, true);
    for (size_t i = 0; i < job->order.count; i++) {
        const struct core_task *task = core_task_at(core, job->order.items[i]);
        bool active = core_status_in(task->record->status, CORE_SET_ACTIVE);
        if (active || core_task_at(core, job->order.items[i])->listed) {
            p->holds[i / 64] |= (uint64_t)1 << i % 64;
            p->counts[task->member].total++;
            core_count_status(p, task->member, task->record->status, 1);
        }
    }
    list_tasks(s, k, false);
}

/* Lowers minimums to what the partial job holds; returns whether the member holds a task. */
static bool lower_minimums(struct core_view *p, uint32_t member)
{
    const struct core_member_facts *m = &p->job->members[member];
    struct core_count *count = &p->counts[member];
    if (m->is_pod_set) {
        if (count->total > 0 && count->min > count->total) {
            count->min = count->total;
        }
        return count->total > 0;
    }
    int64_t with_tasks = 0;
    for (uint32_t i = 0; i < m->child_count; i++) {
        with_tasks += lower_minimums(p, p->job->children[m->first_child + i]);
    }
    if (count->min > with_tasks) {
        count->min = with_tasks;
    }
    return with_tasks > 0;
}

/* The job with its active tasks and the first k pending ones. Its counters never move (8.2). */
static bool make_partial(struct core_solver *s, size_t k)
{
    struct core_job *job = s->job;
    struct core_view *p = &s->partial;
    double *request = p->request;
    size_t width = p->request_width;
    vec_release(&p->chunk);
    *p = core_view_of(job);
    p->request = request;
    p->request_width = width;
    p->counts = arena_alloc(&s->run, job->member_count, sizeof *p->counts);
    p->holds = arena_alloc(&s->run, job->order.count / 64 + 1, sizeof *p->holds);
    p->allocated = job->view.allocated;
    for (uint32_t m = 0; m < job->member_count; m++) {
        p->counts[m].min = job->members[m].min;
    }
    count_tasks(s, k);
    lower_minimums(p, 0);
    core_view_request(s->core, p, false);
    p->frozen = true;
    return p->chunk.count > 0;
}

static void offer_nodes(struct core_solver *s)
{
    s->offered = arena_alloc(&s->run, s->core->nodes.count, sizeof *s->offered);
    for (size_t i = 0; i < s->feasible.count; i++) {
        s->offered[s->feasible.items[i]] = true;
    }
    for (size_t i = 0; i < s->recorded.tasks.count; i++) {
        uint32_t node = core_task_at(s->core, s->recorded.tasks.items[i])->record->node;
        if (node != CORE_NONE) {
            s->offered[node] = true;
        }
    }
}

static int by_number(const void *l, const void *r)
{
    uint32_t a = *(const uint32_t *)l;
    uint32_t b = *(const uint32_t *)r;
    return (a > b) - (a < b);
}

/* Appends a run of the tasks in ascending order, and what ends a list. */
static void add_sorted(struct core_list *key, const uint32_t *tasks, size_t first, size_t count)
{
    enum { FEW = 32 };
    size_t start = key->count;
    for (size_t i = 0; i < count; i++) {
        vec_push(key, tasks[first + i]);
    }
    uint32_t *sorted = count > 0 ? &key->items[start] : NULL;
    if (count > FEW) {
        qsort(sorted, count, sizeof *sorted, by_number);
    }
    for (size_t i = 1; i < count && count <= FEW; i++) {
        uint32_t task = sorted[i];
        size_t at = i;
        for (; at > 0 && sorted[at - 1] > task; at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = task;
    }
    vec_push(key, CORE_NONE);
}

static size_t recorded_tasks(const struct core_scenario *scenario)
{
    size_t count = 0;
    for (size_t i = 0; i < scenario->recorded; i++) {
        count += scenario->groups.items[i].count;
    }
    return count;
}

/* What tells scenarios apart: equal keys mean the same tasks to be placed, recorded and evicted. */
static void make_key(struct core_solver *s, const struct core_scenario *scenario)
{
    size_t recorded = recorded_tasks(scenario);
    vec_clear(&s->key);
    add_sorted(&s->key, s->partial.chunk.items, 0, s->partial.chunk.count);
    add_sorted(&s->key, scenario->tasks.items, 0, recorded);
    add_sorted(&s->key, scenario->tasks.items, recorded, scenario->tasks.count - recorded);
}

/* One record per listed victim; a task that is listed again gets a second one (8.6). */
static void list_victims(struct core_solver *s, const struct core_scenario *scenario)
{
    struct core *core = s->core;
    s->victim_count = scenario->tasks.count;
    s->victims = mem_alloc(s->victim_count, sizeof(*s->victims));
    vec_clear(&s->victim_tasks);
    for (size_t i = 0; i < s->victim_count; i++) {
        uint32_t index = scenario->tasks.items[i];
        struct core_task *task = core_task_at(core, index);
        s->victims[i] = task->listed ? core_shadow(core, task->record) : task->record;
        task->listed = true;
        vec_push(&s->victim_tasks, index);
    }
    for (size_t i = 0; i < s->victim_count; i++) {
        core_task_at(core, scenario->tasks.items[i])->listed = false;
    }
}

static void mark_victim_jobs(struct core_solver *s, bool victim)
{
    for (size_t i = 0; i < s->victim_tasks.count; i++) {
        core_job_at(s->core, core_task_at(s->core, s->victim_tasks.items[i])->job)->is_victim =
            victim;
    }
}

static bool evict_all(struct core_solver *s)
{
    for (size_t i = 0; i < s->victim_count; i++) {
        if (!core_evict(s->core, s->victims[i])) {
            return false;
        }
    }
    return true;
}

/* Notes for each task the first group that holds it. */
static void note_groups(struct core_solver *s, const struct core_scenario *scenario)
{
    for (size_t i = scenario->groups.count; i > 0; i--) {
        const struct core_group *group = &scenario->groups.items[i - 1];
        for (uint32_t t = 0; t < group->count; t++) {
            struct core_task *task = core_task_at(s->core, scenario->tasks.items[group->first + t]);
            task->group = (uint32_t)i;
            task->covered = false;
        }
    }
}

/* Adds the group of a task, unless one that holds it was added. */
static void collect_group(struct core_solver *s, const struct core_scenario *from,
                          struct core_scenario *to, uint32_t index)
{
    const struct core_task *task = core_task_at(s->core, index);
    if (task->covered) {
        return;
    }
    const struct core_group *group = &from->groups.items[task->group - 1];
    core_scenario_add(to, group->job, &from->tasks.items[group->first], group->count);
    for (uint32_t t = 0; t < group->count; t++) {
        core_task_at(s->core, from->tasks.items[group->first + t])->covered = true;
    }
}

struct group_order {
    const struct core *core;
    const struct core_scenario *scenario;
};

/* Groups of one job stay in the order in which they were found: the sort is stable. */
static int by_job_rank(const void *l, const void *r, void *arg)
{
    const struct group_order *order = arg;
    const struct core_group *groups = order->scenario->groups.items;
    uint32_t a = core_job_at(order->core, groups[*(const uint32_t *)l].job)->rank;
    uint32_t b = core_job_at(order->core, groups[*(const uint32_t *)r].job)->rank;
    return (a > b) - (a < b);
}

/* The groups of those that stay victims, by job; within a group each task once, by name. */
static void record_victims(struct core_solver *s, const struct core_scenario *scenario)
{
    struct core_scenario found = {0};
    note_groups(s, scenario);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < s->victim_count; i++) {
            if (s->victims[i]->status == (pass == 0 ? CORE_RELEASING : CORE_PIPELINED)) {
                collect_group(s, scenario, &found, s->victims[i]->task);
            }
        }
    }
    core_scenario_release(&s->recorded);
    uint32_t *order = mem_alloc(found.groups.count, sizeof *order);
    for (uint32_t i = 0; i < found.groups.count; i++) {
        order[i] = i;
    }
    struct group_order by_job = {s->core, &found};
    core_sort(order, found.groups.count, by_job_rank, &by_job);
    for (size_t i = 0; i < found.groups.count; i++) {
        const struct core_group *group = &found.groups.items[order[i]];
        uint32_t *tasks = &found.tasks.items[group->first];
        core_sort_by_name(s->core, tasks, group->count);
        size_t kept = 0;
        for (uint32_t t = 0; t < group->count; t++) {
            if (kept == 0 || tasks[kept - 1] != tasks[t]) {
                tasks[kept++] = tasks[t];
            }
        }
        core_scenario_add(&s->recorded, group->job, tasks, kept);
    }
    free(order);
    s->recorded.recorded = s->recorded.groups.count;
    core_scenario_release(&found);
}

/* The nodes of the victims join those that are offered, for the length of a try; returns which. */
static void offer_victims_nodes(struct core_solver *s, struct core_list *joined)
{
    for (size_t i = 0; i < s->victim_count; i++) {
        uint32_t node = s->victims[i]->node;
        if (!s->offered[node]) {
            s->offered[node] = true;
            vec_push(joined, node);
        }
    }
}

/* True: solved, and the statement stays open. */
static bool try_scenario(struct core_solver *s, const struct core_scenario *scenario)
{
    struct core *core = s->core;
    if (scenario->tasks.count == 0) {
        return false;
    }
    list_victims(s, scenario);
    bool evicted = evict_all(s);
    bool solved = false;
    if (evicted) {
        struct core_list joined = {0};
        offer_victims_nodes(s, &joined);
        mark_victim_jobs(s, true);
        solved = core_simulate(
            s, (struct core_nodes){core->node_list.items, core->node_list.count, s->offered});
        solved = solved && s->rules->accepts(s);
        mark_victim_jobs(s, false);
        for (size_t i = 0; i < joined.count; i++) {
            s->offered[joined.items[i]] = false;
        }
        vec_release(&joined);
    }
    CORE_LOG(core, "scenario of %zu victims: %s", s->victim_count, solved ? "solved" : "failed");
    if (solved) {
        record_victims(s, scenario);
    } else {
        core_rollback(core, 0);
        if (evicted) {
            core_room_forget(s, scenario);
        }
    }
    free(s->victims);
    s->victims = NULL;
    return solved;
}

static bool run(struct core_solver *s, size_t k, bool multi_node)
{
    struct core *core = s->core;
    arena_rewind(&s->run);
    CORE_LOG(core, "run %s with %zu tasks, %s", s->job->name, k,
             multi_node ? "multi-node" : "node-local");
    if (!make_partial(s, k)) {
        return false;
    }
    offer_nodes(s);
    if (!s->candidates_known || s->rules->renew) {
        vec_clear(&s->candidates);
        s->rules->candidates(s, &s->candidates);
        s->candidates_known = true;
    }
    core_generator_open(s);
    s->room = (struct core_room){0};
    bool solved = false;
    for (;;) {
        const struct core_scenario *scenario = core_generator_next(s, multi_node);
        if (scenario == NULL) {
            break;
        }
        if (core_room_enter(s, scenario)) {
            core_room_leave(s);
            continue;
        }
        make_key(s, scenario);
        size_t length = s->key.count * sizeof *s->key.items;
        bool known = core_blob_has(&s->failed, s->key.items, length);
        solved = !known && try_scenario(s, scenario);
        core_room_leave(s);
        if (!known && !solved) {
            core_blob_add(&s->failed, s->key.items, length);
            core_room_open(s); /* counting pays from the second try on */
        }
        if (solved) {
            break;
        }
    }
    core_generator_close(s);
    return solved;
}

struct probing {
    struct core_solver *solver;
    bool multi_node;
};

static bool probe(void *arg, int64_t k)
{
    const struct probing *p = arg;
    bool solved = run(p->solver, (size_t)k, p->multi_node);
    if (solved) {
        core_rollback(p->solver->core, 0);
    }
    return solved;
}

/* 1: committed, 0: solved by no scenario, -1: solved, but the gang is not whole [Q17]. */
static int solve_with(struct core_solver *s, bool multi_node, int64_t used_before)
{
    struct probing p = {s, multi_node};
    core_scenario_release(&s->recorded);
    if (core_search((int64_t)s->tasks.count, probe, &p) == 0 ||
        !run(s, s->tasks.count, multi_node)) {
        return 0;
    }
    if (core_gang_satisfied(s->job) && core_used_count(s->job) > used_before) {
        s->core->preemptor = s->job->index;
        core_commit(s->core);
        return 1;
    }
    s->core->statement.entries.count = 0;
    return -1;
}

static void release_solver(struct core_solver *s)
{
    core_scenario_release(&s->recorded);
    vec_release(&s->tasks);
    vec_release(&s->feasible);
    vec_release(&s->key);
    vec_release(&s->candidates);
    core_draws_release(&s->draws);
    core_simulation_close(s);
    vec_release(&s->victim_tasks);
    vec_release(&s->room_given);
    vec_release(&s->partial.chunk);
    arena_rewind(&s->run);
    s->core->search = s->run;
    core_blobs_clear(&s->failed);
    s->core->tried = s->failed;
    free(s->start);
}

bool core_solve(struct core *core, struct core_job *job, const struct core_rules_of_action *rules)
{
    struct core_solver s = {
        .core = core, .job = job, .rules = rules, .run = core->search, .failed = core->tried};
    core->search = (struct arena){0};
    core->tried = (struct core_blobs){0};
    core_view_chunk(core, &job->view, false);
    for (size_t i = 0; i < job->view.chunk.count; i++) {
        vec_push(&s.tasks, job->view.chunk.items[i]);
    }
    s.start = mem_alloc(core->queues.count, sizeof *s.start);
    for (size_t i = 0; i < core->queues.count; i++) {
        const struct core_share *share = &core_queue_at(core, (uint32_t)i)->share;
        memcpy(s.start[i].allocated, share->allocated, sizeof share->allocated);
        memcpy(s.start[i].np, share->np, sizeof share->np);
    }
    core_feasible_nodes(core, job, &s.feasible);
    core_simulation_open(&s);
    int64_t used_before = core_used_count(job);
    int result = 0;
    for (size_t i = 0; i < core->plugin_count && s.tasks.count > 0 && result == 0; i++) {
        if (core->plugins[i] == CORE_PLUGIN_NODE_LOCAL ||
            core->plugins[i] == CORE_PLUGIN_MULTI_NODE) {
            result = solve_with(&s, core->plugins[i] == CORE_PLUGIN_MULTI_NODE, used_before);
        }
    }
    release_solver(&s);
    return result == 1;
}
