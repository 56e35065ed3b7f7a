/*
 * open.c - from facts to a session (specification 2.2).
 *
 * What did not change since the last session is kept: a node's ledger is made again only when a
 * task came, left or changed there or when the session before touched it, a job's counters
 * likewise.
 */
#include "policies/core/dra.h"
#include "policies/core/facts.h"

static int by_node_name(const void *l, const void *r, void *core)
{
    return strcmp(core_node_at(core, *(const uint32_t *)l)->name,
                  core_node_at(core, *(const uint32_t *)r)->name);
}

static int by_queue_name(const void *l, const void *r, void *core)
{
    return strcmp(core_queue_at(core, *(const uint32_t *)l)->name,
                  core_queue_at(core, *(const uint32_t *)r)->name);
}

static int by_job_name(const void *l, const void *r, void *core)
{
    return strcmp(core_job_at(core, *(const uint32_t *)l)->name,
                  core_job_at(core, *(const uint32_t *)r)->name);
}

static int by_task_name(const void *l, const void *r, void *core)
{
    return strcmp(core_task_at(core, *(const uint32_t *)l)->name,
                  core_task_at(core, *(const uint32_t *)r)->name);
}

static int by_task_order(const void *l, const void *r, void *core)
{
    return core_task_compare(core, *(const uint32_t *)l, *(const uint32_t *)r);
}

/* A merge sort: lists arrive nearly sorted, and the C library has no portable sort with a context.
 */
void core_sort(uint32_t *items, size_t count, int (*compare)(const void *, const void *, void *),
               void *arg)
{
    uint32_t *spare = mem_alloc(count, sizeof *spare);
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t low = 0; low + width < count; low += 2 * width) {
            size_t high = low + 2 * width < count ? low + 2 * width : count;
            size_t mid = low + width;
            if (compare(&items[mid - 1], &items[mid], arg) <= 0) {
                continue;
            }
            memcpy(spare, &items[low], (mid - low) * sizeof *items);
            size_t a = 0;
            size_t b = mid;
            for (size_t to = low; a < mid - low; to++) {
                bool second = b < high && compare(&items[b], &spare[a], arg) < 0;
                items[to] = second ? items[b++] : spare[a++];
            }
        }
    }
    free(spare);
}

static void list_nodes(struct core *core)
{
    vec_clear(&core->node_list);
    for (uint32_t i = 0; i < core->nodes.count; i++) {
        if (core_node_at(core, i)->exists) {
            vec_push(&core->node_list, i);
        }
    }
    core_sort(core->node_list.items, core->node_list.count, by_node_name, core);
    for (uint32_t i = 0; i < core->node_list.count; i++) {
        core_node_at(core, core->node_list.items[i])->rank = i;
    }
    int64_t min = 0;
    int64_t max = 0;
    for (size_t i = 0; i < core->node_list.count; i++) {
        int64_t mib = core_node_at(core, core->node_list.items[i])->gpu_memory_mib;
        if (mib > 100) {
            min = min == 0 || mib < min ? mib : min;
            max = mib > max ? mib : max;
        }
    }
    bool none = max == 0 && core->settings.default_gpu_memory_is_100;
    core->min_gpu_mib = none ? 100 : min;
    core->max_gpu_mib = none ? 100 : max;
}

/* Drops queues whose parents are missing, with all below them. An error for parents in a circle. */
static bool link_queues(struct core *core, struct err *err)
{
    for (uint32_t i = 0; i < core->queues.count; i++) {
        struct core_queue *queue = core_queue_at(core, i);
        queue->parent = queue->parent_name == CORE_NONE
                            ? CORE_NONE
                            : core_find_queue(core, core_text_get(core, queue->parent_name));
        queue->dropped = false;
    }
    for (uint32_t i = 0; i < core->queues.count; i++) {
        struct core_queue *queue = core_queue_at(core, i);
        const struct core_queue *at = queue;
        uint32_t steps = 0;
        while (at->parent != CORE_NONE && steps <= core->queues.count) {
            at = core_queue_at(core, at->parent);
            steps++;
        }
        if (steps > core->queues.count) {
            return err_set(err, ERR_FORMAT, 0, "queue \"%s\" is its own ancestor", queue->name);
        }
        queue->depth = steps;
        queue->dropped = at->parent_name != CORE_NONE;
    }
    return true;
}

static void list_queues(struct core *core)
{
    vec_clear(&core->queue_list);
    vec_clear(&core->queue_children);
    vec_clear(&core->root_queues);
    for (uint32_t i = 0; i < core->queues.count; i++) {
        core_queue_at(core, i)->child_count = 0;
        if (!core_queue_at(core, i)->dropped) {
            vec_push(&core->queue_list, i);
        }
    }
    core_sort(core->queue_list.items, core->queue_list.count, by_queue_name, core);
    for (uint32_t i = 0; i < core->queue_list.count; i++) {
        struct core_queue *queue = core_queue_at(core, core->queue_list.items[i]);
        queue->rank = i;
        if (queue->parent == CORE_NONE) {
            vec_push(&core->root_queues, queue->index);
        } else {
            core_queue_at(core, queue->parent)->child_count++;
        }
    }
    uint32_t filled = 0;
    for (size_t i = 0; i < core->queue_list.count; i++) {
        struct core_queue *queue = core_queue_at(core, core->queue_list.items[i]);
        queue->first_child = filled;
        filled += queue->child_count;
        queue->child_count = 0;
    }
    vec_reserve(&core->queue_children, filled + 1);
    core->queue_children.count = filled;
    for (size_t i = 0; i < core->queue_list.count; i++) {
        const struct core_queue *queue = core_queue_at(core, core->queue_list.items[i]);
        if (queue->parent != CORE_NONE) {
            struct core_queue *parent = core_queue_at(core, queue->parent);
            core->queue_children.items[parent->first_child + parent->child_count++] = queue->index;
        }
    }
}

/* Adds the jobs that are new to those that are left: what there was once costs nothing any more. */
static void list_jobs(struct core *core)
{
    size_t kept = 0;
    for (size_t i = 0; i < core->job_list.count; i++) {
        if (!core_job_at(core, core->job_list.items[i])->removed) {
            core->job_list.items[kept++] = core->job_list.items[i];
        }
    }
    core->job_list.count = kept;
    for (size_t i = 0; i < core->added_jobs.count; i++) {
        if (!core_job_at(core, core->added_jobs.items[i])->removed) {
            vec_push(&core->job_list, core->added_jobs.items[i]);
        }
    }
    vec_clear(&core->added_jobs);
    core_sort(core->job_list.items, core->job_list.count, by_job_name, core);
    kept = 0; /* a job that was removed and added again may be there twice */
    for (size_t i = 0; i < core->job_list.count; i++) {
        if (kept == 0 || core->job_list.items[kept - 1] != core->job_list.items[i]) {
            core->job_list.items[kept++] = core->job_list.items[i];
        }
    }
    core->job_list.count = kept;
    for (uint32_t i = 0; i < core->job_list.count; i++) {
        core_job_at(core, core->job_list.items[i])->rank = i;
    }
}

/* The orders of a job's tasks: by name, and by pod set in task order. */
static void sort_tasks(struct core *core, struct core_job *job)
{
    core_sort(job->tasks.items, job->tasks.count, by_task_name, core);
    vec_clear(&job->order);
    for (uint32_t m = 0; m < job->member_count; m++) {
        struct core_member_facts *member = &job->members[m];
        member->first_task = (uint32_t)job->order.count;
        for (size_t i = 0; i < job->tasks.count; i++) {
            if (core_task_at(core, job->tasks.items[i])->member == m) {
                vec_push(&job->order, job->tasks.items[i]);
            }
        }
        member->task_count = (uint32_t)job->order.count - member->first_task;
        if (member->task_count > 1) {
            core_sort(&job->order.items[member->first_task], member->task_count, by_task_order,
                      core);
        }
    }
    for (uint32_t i = 0; i < job->order.count; i++) {
        core_task_at(core, job->order.items[i])->position = i;
    }
    job->unsorted = false;
}

/* Shared tasks that hold devices without naming them have each a device of their own. */
static void give_groups(struct core *core, struct core_record *record)
{
    const struct core_class *class = core_class_of(core, record->task);
    if (core->bare || !class->shared || record->groups.count > 0 ||
        !core_status_in(record->status, CORE_SET_USED)) {
        return;
    }
    vec_clear(&core->chosen);
    for (int64_t i = 0; i < class->count || i == 0; i++) {
        vec_push(&core->chosen, CORE_WHOLE);
    }
    record->groups = core_chosen_groups(core);
    /* The node's books know these devices by other names. */
    if (record->node != CORE_NONE) {
        core_node_at(core, record->node)->dirty = true;
    }
}

/* What the node gives a task that it holds already; a node that is loaded anew does the same. */
static void accept_again(struct core *core, struct core_record *record)
{
    if (!core->bare && record->node != CORE_NONE && core_node_at(core, record->node)->exists &&
        core_status_in(record->status, CORE_SET_USED)) {
        core_accept(core, core_node_at(core, record->node), record);
    }
}

static void reset_record(struct core *core, uint32_t index)
{
    struct core_task *task = core_task_at(core, index);
    struct core_record *record = &core->records[index];
    *record = (struct core_record){.task = index,
                                   .node = task->node,
                                   .groups = task->groups,
                                   .received = CORE_GPU_UNTYPED,
                                   .status = task->status,
                                   .is_virtual = task->is_virtual};
    give_groups(core, record);
    accept_again(core, record);
    task->record = record;
    task->index_mask = (uint16_t)(1u << task->status);
    task->first_evict = 0;
}

static void reset_job(struct core *core, struct core_job *job)
{
    struct core_view *view = &job->view;
    if (job->vector_width != core->width) {
        view->allocated = arena_alloc(&core->facts, core->width, sizeof *view->allocated);
        job->vector_width = core->width;
    }
    memset(view->allocated, 0, core->width * sizeof *view->allocated);
    memset(view->counts, 0, job->member_count * sizeof *view->counts);
    memset(job->status_count, 0, sizeof job->status_count);
    for (uint32_t m = 0; m < job->member_count; m++) {
        view->counts[m].min = job->members[m].min;
    }
    view->active_allocated = 0;
    view->active_sets = 0;
    view->elastic = 0;
    core_view_forget(view);
    for (size_t i = 0; i < job->tasks.count; i++) {
        uint32_t index = job->tasks.items[i];
        reset_record(core, index);
        const struct core_task *task = core_task_at(core, index);
        if (task->node != CORE_NONE) { /* what it was accepted with is found out when it is added */
            core_node_at(core, task->node)->dirty = true;
        }
        core_count_status(view, task->member, task->status, 1);
        job->status_count[task->status]++;
        view->active_allocated += core_status_in(task->status, CORE_SET_ACTIVE);
        for (size_t c = 0; core_status_in(task->status, CORE_SET_ALLOCATED) && c < core->width;
             c++) {
            view->allocated[c] += core_class_of(core, index)->vector[c];
        }
    }
    job->times = job->facts;
    job->signature = CORE_NONE;
    job->error_first = 0;
    job->dirty = false;
}

/* Room for the records of all tasks; they move, so all that points to them is made again. */
static void grow_records(struct core *core)
{
    if (core->record_capacity < core->tasks.count) {
        free(core->records);
        core->record_capacity = 2 * core->tasks.count;
        core->records = mem_alloc(core->record_capacity, sizeof *core->records);
        core->all_jobs_dirty = true;
        for (size_t i = 0; i < core->nodes.count; i++) {
            core_node_at(core, (uint32_t)i)->dirty = true;
        }
    }
}

/* The session's view of a job; `anew`: also the state of its tasks and its counters. */
static void derive_job(struct core *core, struct core_job *job, bool anew)
{
    if (job->unsorted) {
        sort_tasks(core, job);
    }
    if (job->queue_name != CORE_NONE) {
        job->queue = core_find_queue(core, core_text_get(core, job->queue_name));
    }
    if (job->queue != CORE_NONE && core_queue_at(core, job->queue)->dropped) {
        job->queue = CORE_NONE;
    }
    if (job->queue == CORE_NONE) {
        job->priority = 0;
        job->preemptible = false;
    }
    if (anew) {
        core_job_resolve_levels(core, job);
        reset_job(core, job);
    }
    core_view_forget(&job->view); /* requests may convert by another GPU memory now */
    job->view.created_ns = job->created_ns;
    job->view.priority = job->priority;
    job->view.rank = job->rank;
    core_enrol_job(core, job);
    vec_push(&core->changed_jobs, job->index);
}

/* Derives what changed; everything when the set of jobs, queues or nodes did. */
static void reset_jobs(struct core *core, bool everything)
{
    grow_records(core);
    vec_clear(&core->changed_jobs);
    const bool all = core->all_jobs_dirty || core->bare;
    if (everything || all) {
        bitset_release(&core->running);
        bitset_release(&core->waiting);
        bitset_init(&core->running, (uint32_t)core->job_list.count);
        bitset_init(&core->waiting, (uint32_t)core->job_list.count);
        for (size_t i = 0; i < core->job_list.count; i++) {
            struct core_job *job = core_job_at(core, core->job_list.items[i]);
            job->enrolled_running = false;
            job->enrolled_waiting = false;
            derive_job(core, job, all || job->dirty || job->vector_width != core->width);
        }
        core->sums_known = false;
    } else {
        for (size_t i = 0; i < core->dirty_jobs.count; i++) {
            struct core_job *job = core_job_at(core, core->dirty_jobs.items[i]);
            if (job->dirty && !job->removed) {
                derive_job(core, job, true);
            }
        }
        for (size_t i = 0; i < core->asked_jobs.count; i++) {
            core_view_forget(&core_job_at(core, core->asked_jobs.items[i])->view);
        }
    }
    vec_clear(&core->dirty_jobs);
    vec_clear(&core->asked_jobs);
    core->all_jobs_dirty = false;
}

/* Reservation pods first, then the others, each in ascending name: the books of shared GPUs depend
 * on the order of adding [Q41]. */
static void load_node(struct core *core, struct core_node *node)
{
    if (node->unsorted) {
        core_sort(node->residents.items, node->residents.count, by_task_name, core);
        node->unsorted = false;
    }
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < node->residents.count; i++) {
            uint32_t task = node->residents.items[i];
            struct core_record *record = core_task_at(core, task)->record;
            bool first = core_class_of(core, task)->reservation;
            if (first == (pass == 0) && core_status_in(record->status, CORE_SET_USED)) {
                core_ledger_add(core, node, record);
            }
        }
    }
}

static void load_nodes(struct core *core)
{
    for (size_t i = 0; i < core->node_list.count; i++) {
        struct core_node *node = core_node_at(core, core->node_list.items[i]);
        if (node->dirty || node->vector_width != core->width || core->bare) {
            core_ledger_reset(core, node);
            if (!core->bare) {
                load_node(core, node);
            }
            node->dirty = false;
        }
        node->touched = false;
    }
    vec_clear(&core->touched_nodes);
    core->largest = arena_alloc(&core->session, core->width, sizeof *core->largest);
    for (size_t i = 0; i < core->node_list.count; i++) {
        const double *allocatable = core_node_at(core, core->node_list.items[i])->allocatable;
        for (size_t c = 0; c < core->width; c++) {
            core->largest[c] =
                allocatable[c] > core->largest[c] ? allocatable[c] : core->largest[c];
        }
    }
}

/* Can nodes be kept in order by class? Not where zones are scored, nor with a node without CPU: its
 * placement score is 0 whatever the others have free. */
static bool index_usable(const struct core *core)
{
    for (size_t i = 0; i < core->node_list.count; i++) {
        const struct core_node *node = core_node_at(core, core->node_list.items[i]);
        if (!(node->allocatable[CORE_CPU] > 0) ||
            (core->on[CORE_PLUGIN_NUMA] && node->zone_count > 0)) {
            return false;
        }
    }
    return !core->bare;
}

static void build_topologies(struct core *core)
{
    for (size_t i = 0; i < core->topologies.count; i++) {
        core_topology_build(core, core->topologies.items[i]);
    }
}

static bool open_session(struct core *core, int64_t now_ns, bool bare, struct err *err)
{
    CHECK(!core->open);
    if (now_ns == CORE_UNSET || !core_is_time(now_ns)) {
        return err_set(err, ERR_FORMAT, 0, "the present is further away than 146 years");
    }
    if (!link_queues(core, err)) {
        return false;
    }
    bool relaid = core->nodes_stale || core->width != names_count(&core->components);
    core->bare = bare;
    core->now_ns = now_ns;
    core->width = names_count(&core->components);
    core->batch = 0;
    vec_clear(&core->events);
    vec_clear(&core->reasons);
    vec_push(&core->reasons, (struct core_reason){0});
    core_class_layout(core);
    list_queues(core);
    if (core->nodes_stale) {
        list_nodes(core);
        core->nodes_stale = false;
    }
    bool everything = relaid || bare || core->lists_stale || core->queues_stale;
    core->queues_stale = false;
    if (core->lists_stale) {
        list_jobs(core);
        core->lists_stale = false;
    }
    reset_jobs(core, everything);
    core_dra_open(core);
    load_nodes(core);
    if (relaid || core->index_stale) {
        core_index_forget_all(core);
        core->index_stale = false;
    }
    core->index_usable = index_usable(core);
    build_topologies(core);
    vec_clear(&core->touched_jobs);
    core->open = true;
    return true;
}

bool core_open_bare(struct core *core, int64_t now_ns, struct err *err)
{
    if (!open_session(core, now_ns, true, err)) {
        return false;
    }
    core_queue_cache(core);
    return true;
}

bool core_open(struct core *core, int64_t now_ns, struct err *err)
{
    if (!open_session(core, now_ns, false, err)) {
        return false;
    }
    if (core->on[CORE_PLUGIN_NUMA]) {
        core_numa_open(core);
    }
    if (core->on[CORE_PLUGIN_PROPORTION]) {
        core_sum_queues(core);
        core_divide_all(core);
    }
    return true;
}

void core_run(struct core *core, enum core_action action)
{
    CHECK(core->open);
    core->action = action;
    static const char *const NAMES[CORE_ACTION_COUNT] = {"allocate", "consolidation", "reclaim",
                                                         "preempt", "stale gang eviction"};
    CORE_LOG(core, "action %s", NAMES[action]);
    switch (action) {
    case CORE_ALLOCATE:
        core_act_allocate(core);
        break;
    case CORE_CONSOLIDATE:
        core_act_consolidate(core);
        break;
    case CORE_RECLAIM:
        core_act_reclaim(core);
        break;
    case CORE_PREEMPT:
        core_act_preempt(core);
        break;
    case CORE_EVICT_STALE:
        core_act_stale(core);
        break;
    case CORE_ACTION_COUNT:
        CHECK_NEVER("an action");
    }
}

void core_close(struct core *core)
{
    CHECK(core->open);
    for (size_t i = 0; i < core->touched_nodes.count; i++) {
        core_node_at(core, core->touched_nodes.items[i])->dirty = true;
    }
    for (size_t i = 0; i < core->touched_jobs.count; i++) {
        struct core_job *job = core_job_at(core, core->touched_jobs.items[i]);
        core_mark_job(core, job);
        job->touched = false;
    }
    for (size_t i = 0; i < core->topologies.count; i++) {
        core_topology_release(core->topologies.items[i]);
    }
    if (core->bare) {
        core->all_jobs_dirty = true;
        for (size_t i = 0; i < core->nodes.count; i++) {
            core_node_at(core, (uint32_t)i)->dirty = true;
        }
    }
    arena_release(&core->session);
    core->largest = NULL;
    core->open = false;
}
