/*
 * filters.c - dropping accumulated victims that cannot be enough (specification 8.5).
 */
#include "policies/core/solver.h"

static int descending(const void *l, const void *r)
{
    double a = *(const double *)l;
    double b = *(const double *)r;
    return (a < b) - (a > b);
}

static struct core_topology_filter *topology_filter(struct core_solver *s,
                                                    const struct core_member_facts *m)
{
    struct core_filters *f = &s->filters;
    for (size_t i = 0; i < f->topology_count; i++) {
        if (f->topologies[i].topology == m->topology_name &&
            f->topologies[i].level == m->required_name) {
            return &f->topologies[i];
        }
    }
    struct core_topology_filter *filter = &f->topologies[f->topology_count++];
    *filter =
        (struct core_topology_filter){.topology = m->topology_name, .level = m->required_name};
    return filter;
}

static void add_capacity(struct core_solver *s, struct core_topology_filter *filter, uint32_t node,
                         double gpus)
{
    uint32_t value = core_node_label(core_node_at(s->core, node), filter->level);
    if (value == CORE_NONE || *core_text_get(s->core, value) == '\0') {
        return;
    }
    for (size_t i = 0; i < filter->values.count; i++) {
        if (filter->values.items[i] == value) {
            filter->capacity.items[i] += gpus;
            return;
        }
    }
    vec_push(&filter->values, value);
    vec_push(&filter->capacity, gpus);
}

static double demand_below(struct core_solver *s, uint32_t top)
{
    const struct core_job *job = s->job;
    double demand = 0;
    for (size_t i = 0; i < job->order.count; i++) {
        uint32_t member = core_task_at(s->core, job->order.items[i])->member;
        while (member != top && member != CORE_NONE) {
            member = job->members[member].parent;
        }
        if (member == top && core_view_holds(&s->partial, (uint32_t)i)) {
            demand += core_class_of(s->core, job->order.items[i])->quota_gpus;
        }
    }
    return demand;
}

/* Sets with a required level; running tasks of the job count again [Q16]. */
static void open_topology(struct core_solver *s)
{
    struct core *core = s->core;
    struct core_filters *f = &s->filters;
    f->topologies = arena_alloc(&s->run, s->job->member_count, sizeof *f->topologies);
    for (uint32_t i = 0; core->on[CORE_PLUGIN_TOPOLOGY] && i < s->job->member_count; i++) {
        const struct core_member_facts *m = &s->job->members[i];
        if (!m->is_pod_set && m->topology_name != CORE_NONE && m->required_name != CORE_NONE) {
            struct core_topology_filter *filter = topology_filter(s, m);
            vec_push(&filter->demands, demand_below(s, i));
        }
    }
    for (size_t t = 0; t < f->topology_count; t++) {
        for (size_t i = 0; i < core->node_list.count; i++) {
            uint32_t node = core->node_list.items[i];
            add_capacity(s, &f->topologies[t], node, f->capacity[node]);
        }
    }
}

/* How often a demand is to be had from a capacity, by the steps of core_match. */
static int64_t slots_of(double capacity, double demand)
{
    double taken = 0;
    int64_t count = 0;
    while (capacity - taken >= demand) {
        taken += demand;
        count++;
    }
    return count;
}

/* Gives a node a capacity, and keeps the sums. */
static void set_capacity(struct core_filters *f, uint32_t node, double capacity)
{
    double before = f->capacity[node];
    f->capacity[node] = capacity;
    f->free_sum += (capacity > 0 ? capacity : 0) - (before > 0 ? before : 0);
    if (f->uniform) {
        f->slots += slots_of(capacity, f->demands[0]) - slots_of(before, f->demands[0]);
    }
}

void core_filters_open(struct core_solver *s)
{
    struct core *core = s->core;
    struct core_filters *f = &s->filters;
    size_t pending = s->partial.chunk.count;
    *f = (struct core_filters){0};
    f->capacity = arena_alloc(&s->run, core->nodes.count, sizeof(double));
    f->counted = arena_alloc(&s->run, core->tasks.count, sizeof(bool));
    f->demands = arena_alloc(&s->run, pending + 1, sizeof(double));
    f->top = arena_alloc(&s->run, pending + 1, sizeof(double));
    f->taken = arena_alloc(&s->run, core->nodes.count + pending + 1, sizeof(double));
    for (size_t i = 0; i < pending; i++) {
        f->demands[i] = core_class_of(core, s->partial.chunk.items[i])->quota_gpus;
        f->demand_sum += f->demands[i];
        const struct core_class *class = core_class_of(core, s->partial.chunk.items[i]);
        f->selective |= class->constraints != NULL && class->constraints->expression_count > 0;
    }
    qsort(f->demands, pending, sizeof(double), descending);
    /* Very small parts would take as many steps to count as they are small. */
    f->uniform = pending > 0 && f->demands[pending - 1] >= 0.01 &&
                 !(f->demands[0] > f->demands[pending - 1]);
    for (size_t i = 0; i < core->node_list.count; i++) {
        uint32_t node = core->node_list.items[i];
        set_capacity(f, node, core_future_gpus(core, core_node_at(core, node)));
    }
    open_topology(s);
}

void core_filters_close(struct core_solver *s)
{
    for (size_t i = 0; i < s->filters.topology_count; i++) {
        vec_release(&s->filters.topologies[i].demands);
        vec_release(&s->filters.topologies[i].values);
        vec_release(&s->filters.topologies[i].capacity);
    }
}

static void count_new_victims(struct core_solver *s)
{
    struct core *core = s->core;
    struct core_filters *f = &s->filters;
    const struct core_scenario *all = &s->generator.all;
    for (; f->counted_tasks < all->tasks.count; f->counted_tasks++) {
        uint32_t task = all->tasks.items[f->counted_tasks];
        const struct core_record *record = core_task_at(core, task)->record;
        if (f->counted[task] || record->node == CORE_NONE) {
            f->duplicates |= f->counted[task];
            continue;
        }
        f->counted[task] = true;
        double gpus = core_accepted_quota(core, record);
        set_capacity(f, record->node, f->capacity[record->node] + gpus);
        for (size_t t = 0; t < f->topology_count; t++) {
            add_capacity(s, &f->topologies[t], record->node, gpus);
        }
    }
}

/* Each pending task must match a node that is offered or that a victim sits on. */
static bool affinity_passes(const struct core_solver *s)
{
    const struct core *core = s->core;
    const struct core_scenario *all = &s->generator.all;
    bool asks = core->on[CORE_PLUGIN_PREDICATES] && s->filters.selective;
    for (size_t i = 0; asks && i < s->partial.chunk.count; i++) {
        const struct core_class *class = core_class_of(core, s->partial.chunk.items[i]);
        if (class->constraints == NULL || class->constraints->expression_count == 0) {
            continue;
        }
        bool found = false;
        for (size_t n = 0; !found && n < core->node_list.count; n++) {
            uint32_t node = core->node_list.items[n];
            found = s->offered[node] && core_matches_node(class, core_node_at(core, node));
        }
        for (size_t t = 0; !found && t < all->tasks.count; t++) {
            uint32_t node = core_task_at(core, all->tasks.items[t])->record->node;
            found = node != CORE_NONE && core_matches_node(class, core_node_at(core, node));
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool topology_passes(struct core_solver *s)
{
    struct core_filters *f = &s->filters;
    for (size_t t = 0; t < f->topology_count; t++) {
        struct core_topology_filter *filter = &f->topologies[t];
        size_t n = filter->capacity.count;
        double *holders = mem_alloc(2 * n, sizeof *holders);
        if (n > 0) {
            memcpy(holders, filter->capacity.items, n * sizeof *holders);
        }
        qsort(holders, n, sizeof *holders, descending);
        qsort(filter->demands.items, filter->demands.count, sizeof(double), descending);
        bool good =
            core_match(filter->demands.items, filter->demands.count, holders, n, holders + n);
        free(holders);
        if (!good) {
            return false;
        }
    }
    return true;
}

/* The largest capacities, as many as there are pending tasks. */
static bool idle_passes(struct core_solver *s)
{
    struct core_filters *f = &s->filters;
    size_t wanted = s->partial.chunk.count;
    size_t held = 0;
    if (f->uniform) {
        return f->slots >= (int64_t)wanted;
    }
    /* Less in all than is demanded cannot be enough; what sums round is far below the margin. */
    if (wanted > 0 && f->demands[wanted - 1] > 0 && f->free_sum < f->demand_sum - 0.001) {
        return false;
    }
    for (size_t i = 0; i < s->core->node_list.count; i++) {
        double x = f->capacity[s->core->node_list.items[i]];
        if (held == wanted && (wanted == 0 || !(x > f->top[held - 1]))) {
            continue;
        }
        size_t at = held < wanted ? held++ : held - 1;
        while (at > 0 && f->top[at - 1] < x) {
            f->top[at] = f->top[at - 1];
            at--;
        }
        f->top[at] = x;
    }
    return core_match(f->demands, wanted, f->top, held, f->taken);
}

bool core_topology_filter_passes(struct core_solver *s)
{
    count_new_victims(s);
    return topology_passes(s);
}

bool core_idle_filter_passes(struct core_solver *s)
{
    count_new_victims(s);
    return s->filters.duplicates || idle_passes(s);
}

bool core_filters_pass(struct core_solver *s)
{
    count_new_victims(s);
    return affinity_passes(s) && topology_passes(s) && (s->filters.duplicates || idle_passes(s));
}
