/*
 * generate.c - proposing victims (specification 8.3).
 *
 * Both generators draw victims from a tree in victim order and accumulate them. The node-local one
 * then proposes what sits on one node, the multi-node one growing sets of nodes.
 */
#include "policies/core/solver.h"

void core_scenario_release(struct core_scenario *scenario)
{
    vec_release(&scenario->tasks);
    vec_release(&scenario->groups);
    scenario->recorded = 0;
}

void core_scenario_add(struct core_scenario *scenario, uint32_t job, const uint32_t *tasks,
                       size_t count)
{
    struct core_group group = {job, (uint32_t)scenario->tasks.count, (uint32_t)count};
    for (size_t i = 0; i < count; i++) {
        vec_push(&scenario->tasks, tasks[i]);
    }
    vec_push(&scenario->groups, group);
}

void core_scenario_copy_recorded(const struct core_scenario *from, struct core_scenario *to)
{
    for (size_t i = 0; i < from->recorded; i++) {
        const struct core_group *group = &from->groups.items[i];
        core_scenario_add(to, group->job, &from->tasks.items[group->first], group->count);
    }
    to->recorded = from->recorded;
}

static int by_name(const void *l, const void *r, void *core)
{
    return strcmp(core_task_name(core, *(const uint32_t *)l),
                  core_task_name(core, *(const uint32_t *)r));
}

void core_sort_by_name(const struct core *core, uint32_t *tasks, size_t count)
{
    union {
        const struct core *in;
        struct core *out;
    } same = {core};
    if (count > 1) {
        core_sort(tasks, count, by_name, same.out);
    }
}

static void clear_prepared(struct core_generator *g)
{
    for (size_t i = 0; i < g->prepared.count; i++) {
        core_scenario_release(&g->prepared.items[i]);
    }
    vec_clear(&g->prepared);
    g->next_prepared = 0;
}

/* The candidates in victim order; made when the first victim is wanted, because a run that begins
 * with the recorded victims often needs no other. */
static struct core_tree *make_tree(struct core_solver *s)
{
    struct core *core = s->core;
    struct core_tree *tree = core_tree_new_settled(core, true);
    for (size_t i = 0; i < s->candidates.count; i++) {
        struct core_job *job = core_job_at(core, s->candidates.items[i]);
        if (job->preemptible && core_any_allocated(&job->view)) {
            core_tree_push(tree, &job->view);
        }
    }
    return tree;
}

void core_generator_open(struct core_solver *s)
{
    struct core *core = s->core;
    struct core_generator *g = &s->generator;
    *g = (struct core_generator){0};
    core_scenario_copy_recorded(&s->recorded, &g->all);
    g->recorded = arena_alloc(&s->run, core->tasks.count, sizeof *g->recorded);
    g->first_group = arena_alloc(&s->run, core->jobs.count, sizeof *g->first_group);
    g->newest_at = arena_alloc(&s->run, core->nodes.count, sizeof *g->newest_at);
    g->last_group = arena_alloc(&s->run, core->jobs.count, sizeof *g->last_group);
    for (size_t i = 0; i < g->all.tasks.count; i++) {
        g->recorded[g->all.tasks.items[i]] = true;
    }
    core_filters_open(s);
}

void core_generator_close(struct core_solver *s)
{
    struct core_generator *g = &s->generator;
    core_filters_close(s);
    if (g->tree != NULL) {
        core_tree_free(g->tree);
    }
    core_scenario_release(&g->all);
    clear_prepared(g);
    vec_release(&g->prepared);
    vec_release(&g->nodes);
    vec_release(&g->next_group);
    vec_release(&g->victims);
}

static void sum_allocated(const struct core *core, struct core_view *view)
{
    const struct core_job *job = view->job;
    memset(view->allocated, 0, core->width * sizeof *view->allocated);
    for (size_t i = 0; i < job->tasks.count; i++) {
        const struct core_task *task = core_task_at(core, job->tasks.items[i]);
        if (core_view_holds(view, task->position) &&
            core_status_in(task->record->status, CORE_SET_ALLOCATED)) {
            const double *vector = core->classes.items[task->class_idx]->vector;
            for (size_t c = 0; c < core->width; c++) {
                view->allocated[c] += vector[c];
            }
        }
    }
}

/* The job as seen by `from` without the tasks listed; NULL when none is left. */
static struct core_view *clone_without(struct core *core, struct arena *arena,
                                       const struct core_view *from, const uint32_t *tasks,
                                       size_t count)
{
    struct core_job *job = from->job;
    struct core_view *view = arena_alloc(arena, 1, sizeof *view);
    size_t words = job->order.count / 64 + 1;
    *view = core_view_of(job);
    view->counts = arena_alloc(arena, job->member_count, sizeof *view->counts);
    memcpy(view->counts, from->counts, job->member_count * sizeof *view->counts);
    view->active_sets = from->active_sets;
    view->holds = arena_alloc(arena, words, sizeof *view->holds);
    for (size_t i = 0; i < job->order.count; i++) {
        if (core_view_holds(from, (uint32_t)i)) {
            view->holds[i / 64] |= (uint64_t)1 << i % 64;
        }
    }
    view->allocated = arena_alloc(arena, core->width, sizeof *view->allocated);
    for (size_t i = 0; i < count; i++) {
        const struct core_task *task = core_task_at(core, tasks[i]);
        if (task->job == job->index && core_view_holds(view, task->position)) {
            view->holds[task->position / 64] &= ~((uint64_t)1 << task->position % 64);
            core_count_status(view, task->member, task->record->status, -1);
        }
    }
    bool any = false;
    for (size_t i = 0; i < words; i++) {
        any |= view->holds[i] != 0;
    }
    /* Counted anew: the session's own count of active tasks drifts after double evictions (8.6). */
    for (uint32_t i = 0; i < job->pod_set_count; i++) {
        view->active_allocated += view->counts[job->pod_sets[i]].allocated;
    }
    sum_allocated(core, view);
    return any ? view : NULL;
}

/* -- drawing victims ------------------------------------------------------------------------- */

static bool any_recorded(const struct core_generator *g, const uint32_t *tasks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (g->recorded[tasks[i]]) {
            return true;
        }
    }
    return false;
}

/* Draws from the run's own tree. True: victims that are not recorded were added. */
static bool draw_alone(struct core_solver *s, bool adds)
{
    struct core_generator *g = &s->generator;
    struct core_view *view = core_tree_pop(g->tree);
    struct core_list tasks = {0};
    bool more = core_view_evict(s->core, view, &tasks);
    bool known = any_recorded(g, tasks.items, tasks.count);
    struct core_view *rest = NULL;
    if (known) {
        rest =
            clone_without(s->core, &s->run, view, s->recorded.tasks.items, s->recorded.tasks.count);
    } else if (more) {
        rest = clone_without(s->core, &s->run, view, tasks.items, tasks.count);
    }
    if (rest != NULL) {
        core_tree_push(g->tree, rest);
    }
    if (!known && adds) {
        core_scenario_add(&g->all, view->job->index, tasks.items, tasks.count);
        CORE_LOG(s->core, "accumulate %zu of %s", tasks.count, view->job->name);
    }
    vec_release(&tasks);
    return !known;
}

/* The run goes on with a tree of its own, from which as much is drawn as was shared. */
static void part_from_draws(struct core_solver *s)
{
    struct core_generator *g = &s->generator;
    g->tree = make_tree(s);
    for (size_t i = 0; i < g->next_draw; i++) {
        (void)draw_alone(s, false);
    }
}

/* One more draw for all runs, as if its victims were not recorded. */
static void draw_for_all(struct core_solver *s)
{
    struct core_draws *draws = &s->draws;
    struct core_view *view = core_tree_pop(draws->tree);
    struct core_draw draw = {.view = view, .first = (uint32_t)draws->tasks.count};
    draw.more = core_view_evict(s->core, view, &draws->tasks);
    draw.count = (uint32_t)draws->tasks.count - draw.first;
    struct core_view *rest = draw.more ? clone_without(s->core, &draws->clones, view,
                                                       draws->tasks.items + draw.first, draw.count)
                                       : NULL;
    if (rest != NULL) {
        core_tree_push(draws->tree, rest);
    }
    vec_push(&draws->list, draw);
}

/* Has the job, as the draw saw it, tasks besides the recorded ones? */
static bool leaves_some(const struct core_generator *g, const struct core_view *view)
{
    for (size_t i = 0; i < view->job->order.count; i++) {
        if (core_view_holds(view, (uint32_t)i) && !g->recorded[view->job->order.items[i]]) {
            return true;
        }
    }
    return false;
}

/* Takes the next draw that runs share, or parts from them. */
static bool draw_shared(struct core_solver *s)
{
    struct core_generator *g = &s->generator;
    struct core_draws *draws = &s->draws;
    if (g->next_draw == draws->list.count) {
        draw_for_all(s);
    }
    const struct core_draw *draw = &draws->list.items[g->next_draw];
    const uint32_t *tasks = draw->count == 0 ? NULL : &draws->tasks.items[draw->first];
    bool known = any_recorded(g, tasks, draw->count);
    if (known && (draw->more || leaves_some(g, draw->view))) {
        part_from_draws(s);
        return draw_alone(s, true);
    }
    g->next_draw++;
    if (!known) {
        core_scenario_add(&g->all, draw->view->job->index, tasks, draw->count);
    }
    return !known;
}

/* Runs share their draws where the state between them is the same to the last bit, and where
 * nobody reads along. */
static void open_draws(struct core_solver *s)
{
    struct core_draws *draws = &s->draws;
    draws->known = true;
    draws->usable = s->core->log == NULL && !s->core->odd_amounts && !s->rules->renew;
    if (draws->usable) {
        draws->tree = make_tree(s);
    }
}

void core_draws_release(struct core_draws *draws)
{
    if (draws->tree != NULL) {
        core_tree_free(draws->tree);
    }
    vec_release(&draws->list);
    vec_release(&draws->tasks);
    arena_release(&draws->clones);
}

/* One draw. 1: victims were added, 0: they are recorded already, -1: there are no more. */
static int draw_next(struct core_solver *s)
{
    struct core_generator *g = &s->generator;
    struct core_draws *draws = &s->draws;
    if (!draws->known) {
        open_draws(s);
    }
    if (g->tree == NULL && draws->usable) {
        bool is_end = g->next_draw == draws->list.count && core_tree_is_empty(draws->tree);
        return is_end ? -1 : draw_shared(s);
    }
    if (g->tree == NULL) {
        g->tree = make_tree(s);
    }
    return core_tree_is_empty(g->tree) ? -1 : draw_alone(s, true);
}

/* More victims until the filters see a chance. False: there are no more. The first call looks at
 * the recorded victims alone. */
static bool accumulate(struct core_solver *s)
{
    struct core_generator *g = &s->generator;
    for (;;) {
        int drawn = g->started ? draw_next(s) : 1;
        if (drawn < 0) {
            return false;
        }
        g->started = true;
        if (drawn > 0 && core_filters_pass(s)) {
            return true;
        }
    }
}

static struct core_scenario *push_prepared(struct core_generator *g)
{
    struct core_scenario scenario = {0};
    core_scenario_copy_recorded(&g->all, &scenario);
    vec_push(&g->prepared, scenario);
    return &g->prepared.items[g->prepared.count - 1];
}

static int by_rank(const void *l, const void *r, void *arg)
{
    const struct core *core = arg;
    uint32_t a = core_job_at(core, *(const uint32_t *)l)->rank;
    uint32_t b = core_job_at(core, *(const uint32_t *)r)->rank;
    return (a > b) - (a < b);
}

static int by_node_name(const void *l, const void *r, void *arg)
{
    const struct core *core = arg;
    return strcmp(core_node_name(core, *(const uint32_t *)l),
                  core_node_name(core, *(const uint32_t *)r));
}

/* The nodes of all tasks of a job, by name. */
static void list_job_nodes(struct core *core, const struct core_job *job, struct core_list *nodes)
{
    for (size_t i = 0; i < job->tasks.count; i++) {
        uint32_t node = core_task_at(core, job->tasks.items[i])->record->node;
        if (node != CORE_NONE && !core_node_at(core, node)->listed) {
            core_node_at(core, node)->listed = true;
            vec_push(nodes, node);
        }
    }
    for (size_t i = 0; i < nodes->count; i++) {
        core_node_at(core, nodes->items[i])->listed = false;
    }
    core_sort(nodes->items, nodes->count, by_node_name, core);
}

/* Notes the potential victims added since the last time at their nodes. Nothing moves a task for
 * good while a generator is open, so what was noted stays right. */
static void note_victims(const struct core *core, struct core_generator *g)
{
    for (; g->noted_groups < g->all.groups.count; g->noted_groups++) {
        const struct core_group *group = &g->all.groups.items[g->noted_groups];
        if (g->noted_groups < g->all.recorded) {
            continue;
        }
        for (uint32_t t = 0; t < group->count; t++) {
            uint32_t task = g->all.tasks.items[group->first + t];
            uint32_t node = core_task_at(core, task)->record->node;
            if (node != CORE_NONE) {
                struct core_victim_at victim = {group->job, g->newest_at[node]};
                vec_push(&g->victims, victim);
                g->newest_at[node] = (uint32_t)g->victims.count;
            }
        }
    }
}

/* The jobs with a potential victim on the node, by name. */
static void jobs_at(struct core *core, const struct core_generator *g, uint32_t node,
                    struct core_list *jobs)
{
    vec_clear(jobs);
    for (uint32_t at = g->newest_at[node]; at != 0; at = g->victims.items[at - 1].older) {
        uint32_t job = g->victims.items[at - 1].job;
        if (!core_job_at(core, job)->listed) {
            core_job_at(core, job)->listed = true;
            vec_push(jobs, job);
        }
    }
    for (size_t i = 0; i < jobs->count; i++) {
        core_job_at(core, jobs->items[i])->listed = false;
    }
    core_sort(jobs->items, jobs->count, by_rank, core);
}

/* Chains the groups of each job as far as they were added. */
static void link_groups(struct core_generator *g)
{
    for (size_t i = g->next_group.count; i < g->all.groups.count; i++) {
        uint32_t job = g->all.groups.items[i].job;
        vec_push(&g->next_group, 0);
        if (g->last_group[job] != 0) {
            g->next_group.items[g->last_group[job] - 1] = (uint32_t)i + 1;
        } else {
            g->first_group[job] = (uint32_t)i + 1;
        }
        g->last_group[job] = (uint32_t)i + 1;
    }
}

/* All groups of the job, recorded ones first, each by name: recorded victims appear again [Q6]. */
static void add_all_groups(const struct core *core, const struct core_generator *g, uint32_t job,
                           struct core_scenario *to)
{
    struct core_list tasks = {0};
    for (uint32_t at = g->first_group[job]; at != 0; at = g->next_group.items[at - 1]) {
        const struct core_group *group = &g->all.groups.items[at - 1];
        size_t before = tasks.count;
        for (uint32_t t = 0; t < group->count; t++) {
            vec_push(&tasks, g->all.tasks.items[group->first + t]);
        }
        core_sort_by_name(core, tasks.items + before, tasks.count - before);
    }
    core_scenario_add(to, job, tasks.items, tasks.count);
    vec_release(&tasks);
}

static bool same_tasks(const struct core *core, const struct core_scenario *l,
                       const struct core_scenario *r, size_t skip)
{
    if (l->tasks.count != r->tasks.count) {
        return false;
    }
    size_t count = l->tasks.count - skip;
    if (count == 0) {
        return true;
    }
    uint32_t *a = mem_alloc(2 * count, sizeof *a);
    memcpy(a, l->tasks.items + skip, count * sizeof *a);
    memcpy(a + count, r->tasks.items + skip, count * sizeof *a);
    core_sort_by_name(core, a, count);
    core_sort_by_name(core, a + count, count);
    bool same = memcmp(a, a + count, count * sizeof *a) == 0;
    free(a);
    return same;
}

static size_t recorded_count(const struct core_scenario *scenario)
{
    return scenario->recorded < scenario->groups.count
               ? scenario->groups.items[scenario->recorded].first
               : scenario->tasks.count;
}

/* One scenario per node of the job that was added last. */
static void prepare(struct core_solver *s)
{
    struct core *core = s->core;
    struct core_generator *g = &s->generator;
    clear_prepared(g);
    if (g->all.groups.count == g->all.recorded) {
        if (g->all.recorded > 0) {
            push_prepared(g);
        }
        return;
    }
    const struct core_job *last =
        core_job_at(core, g->all.groups.items[g->all.groups.count - 1].job);
    struct core_list nodes = {0};
    struct core_list jobs = {0};
    list_job_nodes(core, last, &nodes);
    note_victims(core, g);
    link_groups(g);
    for (size_t n = 0; n < nodes.count; n++) {
        jobs_at(core, g, nodes.items[n], &jobs);
        if (jobs.count == 0) {
            continue;
        }
        struct core_scenario *scenario = push_prepared(g);
        for (size_t j = 0; j < jobs.count; j++) {
            add_all_groups(core, g, jobs.items[j], scenario);
        }
        bool known = false;
        for (size_t i = 0; !known && i + 1 < g->prepared.count; i++) {
            known = same_tasks(core, &g->prepared.items[i], scenario, recorded_count(&g->all));
        }
        if (known) {
            core_scenario_release(scenario);
            g->prepared.count--;
        }
    }
    vec_release(&nodes);
    vec_release(&jobs);
}

static struct core_scenario *next_node_local(struct core_solver *s)
{
    struct core_generator *g = &s->generator;
    while (g->next_prepared == g->prepared.count) {
        if (!accumulate(s)) {
            return NULL;
        }
        prepare(s);
    }
    return &g->prepared.items[g->next_prepared++];
}

struct emitter {
    double *capacity, *recorded; /* by node index */
    size_t *seen;                /* by node index: 1 + index of the first potential task there */
    const struct core *core;
};

static double quota_of(const struct core *core, uint32_t task)
{
    return core_accepted_quota(core, core_task_at(core, task)->record);
}

static int by_capacity(const void *l, const void *r, void *arg)
{
    const struct emitter *e = arg;
    uint32_t a = *(const uint32_t *)l;
    uint32_t b = *(const uint32_t *)r;
    if (e->capacity[a] < e->capacity[b] || e->capacity[a] > e->capacity[b]) {
        return e->capacity[a] < e->capacity[b] ? -1 : 1;
    }
    return e->seen[a] < e->seen[b] ? -1 : e->seen[a] > e->seen[b];
}

/* Capacities: recorded victims, what is or becomes free, then victims in the order of adding. */
static void sum_capacities(struct core_solver *s, struct emitter *e, struct core_list *touched)
{
    struct core *core = s->core;
    const struct core_scenario *all = &s->generator.all;
    size_t recorded = recorded_count(all);
    for (size_t i = 0; i < recorded; i++) {
        uint32_t task = all->tasks.items[i];
        uint32_t node = core_task_at(core, task)->record->node;
        if (node != CORE_NONE) {
            e->recorded[node] += quota_of(core, task);
        }
    }
    for (size_t i = recorded; i < all->tasks.count; i++) {
        uint32_t task = all->tasks.items[i];
        uint32_t node = core_task_at(core, task)->record->node;
        if (node == CORE_NONE) {
            continue; /* a victim in name only: it frees nothing anywhere */
        }
        if (e->seen[node] == 0) {
            e->seen[node] = i + 1;
            e->capacity[node] =
                e->recorded[node] + core_future_gpus(core, core_node_at(core, node));
            vec_push(touched, node);
        }
        e->capacity[node] += quota_of(core, task);
    }
}

static void emit_from(struct core_solver *s)
{
    struct core *core = s->core;
    struct core_generator *g = &s->generator;
    size_t n = core->nodes.count;
    struct emitter e = {mem_alloc(n, sizeof(double)), mem_alloc(n, sizeof(double)),
                        mem_alloc(n, sizeof(size_t)), core};
    struct core_list touched = {0};
    sum_capacities(s, &e, &touched);
    double demand = 0;
    double least = 0;
    for (size_t i = 0; i < s->partial.chunk.count; i++) {
        double quota = core_class_of(core, s->partial.chunk.items[i])->quota_gpus;
        least = i == 0 || quota < least ? quota : least;
        demand += quota;
    }
    vec_clear(&g->nodes);
    for (size_t i = 0; i < touched.count; i++) {
        if (least <= 0 || e.capacity[touched.items[i]] >= least) {
            vec_push(&g->nodes, touched.items[i]);
        }
    }
    core_sort(g->nodes.items, g->nodes.count, by_capacity, &e);
    double baseline = 0;
    for (size_t i = 0; i < core->node_list.count; i++) {
        uint32_t node = core->node_list.items[i];
        if (s->offered[node] && e.seen[node] == 0) {
            baseline += core_future_gpus(core, core_node_at(core, node)) + e.recorded[node];
        }
    }
    double need = demand - baseline > 0 ? demand - baseline : 0;
    g->length = need <= 0 ? 0 : g->nodes.count + 1;
    double total = 0;
    for (size_t i = 0; need > 0 && i < g->nodes.count; i++) {
        total += e.capacity[g->nodes.items[i]];
        if (total >= need) {
            g->length = i + 1;
            break;
        }
    }
    g->step = 1;
    g->emitting = true;
    vec_release(&touched);
    free(e.capacity);
    free(e.recorded);
    free(e.seen);
}

static struct core_scenario *emit(struct core_solver *s)
{
    struct core_generator *g = &s->generator;
    if (g->length > g->nodes.count) {
        return NULL;
    }
    clear_prepared(g);
    struct core_scenario *scenario = push_prepared(g);
    bool *chosen = mem_alloc(s->core->nodes.count, sizeof *chosen);
    for (size_t i = 0; i < g->length; i++) {
        chosen[g->nodes.items[i]] = true;
    }
    for (size_t i = g->all.recorded; i < g->all.groups.count; i++) {
        const struct core_group *group = &g->all.groups.items[i];
        bool touches = false;
        for (uint32_t t = 0; t < group->count; t++) {
            uint32_t task = g->all.tasks.items[group->first + t];
            uint32_t node = core_task_at(s->core, task)->record->node;
            touches |= node != CORE_NONE && chosen[node];
        }
        if (touches) {
            core_scenario_add(scenario, group->job, &g->all.tasks.items[group->first],
                              group->count);
        }
    }
    free(chosen);
    if (g->length == g->nodes.count) {
        g->length = g->nodes.count + 1;
    } else {
        g->length = g->length + g->step < g->nodes.count ? g->length + g->step : g->nodes.count;
    }
    g->step *= 2;
    return scenario;
}

static struct core_scenario *next_multi_node(struct core_solver *s)
{
    struct core_generator *g = &s->generator;
    for (;;) {
        if (g->emitting) {
            struct core_scenario *scenario = emit(s);
            if (scenario != NULL) {
                return scenario;
            }
            g->emitting = false;
        }
        if (!accumulate(s)) {
            return NULL;
        }
        if (g->all.groups.count == g->all.recorded) {
            clear_prepared(g);
            return push_prepared(g);
        }
        emit_from(s);
    }
}

struct core_scenario *core_generator_next(struct core_solver *s, bool multi_node)
{
    return multi_node ? next_multi_node(s) : next_node_local(s);
}

struct core_scenario *core_generator_step(struct core_solver *s, bool multi_node)
{
    struct core_generator *g = &s->generator;
    if (!g->started) {
        g->started = true;
        if (!multi_node) {
            prepare(s);
        } else if (g->all.groups.count > g->all.recorded) {
            emit_from(s);
        } else {
            return push_prepared(g);
        }
    }
    if (multi_node) {
        return g->emitting ? emit(s) : NULL;
    }
    return g->next_prepared < g->prepared.count ? &g->prepared.items[g->next_prepared++] : NULL;
}
