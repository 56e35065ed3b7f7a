/*
 * view.c - a job as somebody sees it: its counters, its next tasks (specification 1.4, 1.5, 4.6 to
 * 4.9).
 *
 * The session has one view of each job. The solver makes more: a partial job with some of the
 * pending tasks, whose counters never move, and clones of victims with some of the tasks. The state
 * of a task is the same for all of them.
 */
#include "policies/core/modules.h"

struct core_view core_view_of(struct core_job *job)
{
    return (struct core_view){
        .job = job, .created_ns = job->created_ns, .priority = job->priority, .rank = job->rank};
}

bool core_view_holds(const struct core_view *view, uint32_t position)
{
    return view->holds == NULL || (view->holds[position / 64] >> position % 64 & 1) != 0;
}

int64_t core_need(const struct core_view *view, uint32_t member)
{
    const struct core_member_facts *m = &view->job->members[member];
    int64_t min = view->counts[member].min;
    return m->is_pod_set || min >= 0 ? min : m->child_count;
}

bool core_satisfied(const struct core_view *view, uint32_t member)
{
    return core_have(view, member) >= core_need(view, member);
}

int64_t core_have(const struct core_view *view, uint32_t member)
{
    const struct core_member_facts *m = &view->job->members[member];
    if (m->is_pod_set) {
        return view->counts[member].allocated;
    }
    int64_t have = 0;
    for (uint32_t i = 0; i < m->child_count; i++) {
        have += core_satisfied(view, view->job->children[m->first_child + i]);
    }
    return have;
}

void core_count_status(struct core_view *view, uint32_t member, unsigned status, int by)
{
    struct core_count *count = &view->counts[member];
    view->elastic = 0;
    view->active_sets -= count->allocated > 0;
    count->allocated += core_status_in(status, CORE_SET_ACTIVE) ? by : 0;
    view->active_sets += count->allocated > 0;
    count->used += core_status_in(status, CORE_SET_USED) ? by : 0;
    count->alive += core_status_in(status, CORE_SET_ALIVE) ? by : 0;
    count->gated += status == CORE_GATED ? by : 0;
    count->pipelined += status == CORE_PIPELINED ? by : 0;
}

size_t core_order_members(struct core *core, const struct core_view *view, uint32_t set)
{
    const struct core_member_facts *m = &view->job->members[set];
    const uint32_t *children = &view->job->children[m->first_child];
    size_t start = core->scratch.count;
    for (uint32_t i = 0; i < m->child_count; i++) {
        vec_push(&core->scratch, children[i]);
    }
    if (m->child_count < 2 || !core->on[CORE_PLUGIN_SUBGROUP_ORDER]) {
        return start;
    }
    /* Insertion keeps equal members in ascending name, the order of the list of children. */
    for (size_t i = start + 1; i < core->scratch.count; i++) {
        uint32_t member = core->scratch.items[i];
        struct core_member mine = {NULL, core_have(view, member), core_need(view, member)};
        size_t at = i;
        while (at > start) {
            uint32_t other = core->scratch.items[at - 1];
            struct core_member theirs = {NULL, core_have(view, other), core_need(view, other)};
            if (core_member_order(&mine, &theirs) >= 0) {
                break;
            }
            core->scratch.items[at] = other;
            at--;
        }
        core->scratch.items[at] = member;
    }
    return start;
}

bool core_eligible(const struct core_record *record, bool real)
{
    return record->status == CORE_PENDING ||
           (!real && record->status == CORE_RELEASING && record->is_virtual);
}

/* The next tasks of a pod set: what it lacks, or one more. */
static void take(struct core *core, struct core_view *view, uint32_t member, bool real)
{
    const struct core_member_facts *m = &view->job->members[member];
    int64_t have = core_have(view, member);
    int64_t wanted = have >= view->counts[member].min ? 1 : view->counts[member].min - have;
    for (uint32_t i = 0; i < m->task_count && wanted > 0; i++) {
        uint32_t position = m->first_task + i;
        uint32_t task = view->job->order.items[position];
        if (core_view_holds(view, position) &&
            core_eligible(core_task_at(core, task)->record, real)) {
            vec_push(&view->chunk, task);
            wanted--;
        }
    }
}

static void next_chunk(struct core *core, struct core_view *view, uint32_t member, bool real)
{
    const struct core_member_facts *m = &view->job->members[member];
    if (m->is_pod_set) {
        take(core, view, member, real);
        return;
    }
    size_t start = core_order_members(core, view, member);
    int64_t need = core_need(view, member);
    bool gang = core_have(view, member) < need;
    size_t count = core->scratch.count - start;
    if (gang && (int64_t)count > need) {
        count = (size_t)need;
    }
    size_t before = view->chunk.count;
    for (size_t i = 0; i < count && (gang || view->chunk.count == before); i++) {
        uint32_t child = core->scratch.items[start + i];
        if (!gang || !core_satisfied(view, child)) {
            next_chunk(core, view, child, real);
        }
    }
    core->scratch.count = start;
}

/* Computed when first asked for and kept, whatever `real` says the next time [Q3]. */
void core_view_chunk(struct core *core, struct core_view *view, bool real)
{
    if (!view->chunk_known) {
        if (view == &view->job->view) {
            vec_push(&core->asked_jobs, view->job->index);
        }
        vec_clear(&view->chunk);
        next_chunk(core, view, 0, real);
        view->chunk_known = true;
    }
}

static void quantify(const struct core *core, const double *vector, double q[3])
{
    q[CORE_CPU] = vector[CORE_CPU];
    q[CORE_MEM] = vector[CORE_MEM];
    q[CORE_GPU] = core_total_gpus(core, vector);
}

void core_view_request(struct core *core, struct core_view *view, bool real)
{
    core_view_chunk(core, view, real);
    if (view->request_known) {
        return;
    }
    if (view->request == NULL || view->request_width != core->width) {
        view->request = arena_alloc(&core->facts, core->width, sizeof *view->request);
        view->request_width = core->width;
    }
    memset(view->request, 0, core->width * sizeof *view->request);
    for (size_t i = 0; i < view->chunk.count; i++) {
        uint32_t task = view->chunk.items[i];
        if (!core_eligible(core_task_at(core, task)->record, real)) {
            continue;
        }
        const struct core_class *class = core_class_of(core, task);
        for (size_t c = 0; c < core->width; c++) {
            view->request[c] += class->vector[c];
        }
        if (class->kind == CORE_GPU_MEMORY && core->min_gpu_mib > 0) {
            view->request[CORE_GPU] += core_memory_as_gpus(class, core->min_gpu_mib);
        }
    }
    quantify(core, view->request, view->request_quantity);
    view->request_known = true;
}

void core_view_forget(struct core_view *view)
{
    if (!view->frozen) {
        view->chunk_known = false;
        view->request_known = false;
    }
}

static bool is_active(const struct core *core, uint32_t task)
{
    return core_status_in(core_task_at(core, task)->record->status, CORE_SET_ACTIVE);
}

/* Active tasks of a pod set in reversed task order, at most `limit`. */
static void last_active(struct core *core, const struct core_view *view, uint32_t member,
                        size_t limit, struct core_list *tasks)
{
    const struct core_member_facts *m = &view->job->members[member];
    for (uint32_t i = m->task_count; i > 0 && limit > 0; i--) {
        uint32_t position = m->first_task + i - 1;
        uint32_t task = view->job->order.items[position];
        if (core_view_holds(view, position) && is_active(core, task)) {
            vec_push(tasks, task);
            limit--;
        }
    }
}

static bool is_below(const struct core_job *job, uint32_t member, uint32_t top)
{
    while (member != top && member != CORE_NONE) {
        member = job->members[member].parent;
    }
    return member == top;
}

/* Every active task below a member, pod sets in ascending name. */
static void all_active(struct core *core, const struct core_view *view, uint32_t top,
                       struct core_list *tasks)
{
    const struct core_job *job = view->job;
    for (uint32_t i = 0; i < job->pod_set_count; i++) {
        uint32_t member = job->pod_sets[i];
        if (is_below(job, member, top)) {
            last_active(core, view, member, SIZE_MAX, tasks);
        }
    }
}

static bool has_surplus(const struct core_view *view, uint32_t member)
{
    if (core_have(view, member) > core_need(view, member)) {
        return true;
    }
    const struct core_member_facts *m = &view->job->members[member];
    for (uint32_t i = 0; !m->is_pod_set && i < m->child_count; i++) {
        if (has_surplus(view, view->job->children[m->first_child + i])) {
            return true;
        }
    }
    return false;
}

static void elastic_of(struct core *core, const struct core_view *view, uint32_t set,
                       struct core_list *tasks)
{
    if (core_have(view, set) == 0) {
        return;
    }
    size_t before = tasks->count;
    size_t start = core_order_members(core, view, set);
    size_t end = core->scratch.count;
    for (size_t i = end; has_surplus(view, set) && i > start && tasks->count == before; i--) {
        uint32_t child = core->scratch.items[i - 1];
        if (!view->job->members[child].is_pod_set) {
            elastic_of(core, view, child, tasks);
        } else if (view->counts[child].allocated > view->counts[child].min) {
            last_active(core, view, child, 1, tasks);
        }
    }
    for (size_t i = end;
         core_need(view, set) < core_have(view, set) && i > start && tasks->count == before; i--) {
        all_active(core, view, core->scratch.items[i - 1], tasks);
    }
    core->scratch.count = start;
}

bool core_view_evict(struct core *core, const struct core_view *view, struct core_list *tasks)
{
    size_t before = tasks->count;
    elastic_of(core, view, 0, tasks);
    if (tasks->count == before) {
        all_active(core, view, 0, tasks);
    }
    return (int64_t)(tasks->count - before) < view->active_allocated;
}
