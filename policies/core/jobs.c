/*
 * jobs.c - the facts about jobs and tasks, and how they change between cycles.
 */
#include <math.h>

#include "policies/core/dra.h"
#include "policies/core/facts.h"
#include "sim/base/arith.h"

static const struct core_group_spec DEFAULT_TREE[] = {
    {.name = "", .min = -1},
    {.name = "default", .is_pod_set = true, .min = 1},
};

/* The whole definition counts as missing when two sub-groups share a name (specification 1.5). */
static bool has_duplicates(const struct core_group_spec *groups, size_t count)
{
    struct names names = {0};
    bool duplicate = false;
    for (size_t i = 1; i < count && !duplicate; i++) {
        bool is_new = false;
        names_add(&names, view_of(groups[i].name), &is_new);
        duplicate = !is_new;
    }
    names_release(&names);
    return duplicate;
}

static uint32_t level_of(const struct core_topology *topology, uint32_t name)
{
    for (uint32_t i = 0; topology != NULL && i < topology->level_count; i++) {
        if (topology->levels[i] == name) {
            return i;
        }
    }
    return CORE_NONE;
}

static bool is_empty(const char *text)
{
    return text == NULL || *text == '\0';
}

static void read_want(struct core *core, struct core_member_facts *member,
                      const struct core_topology_want *want)
{
    member->topology_name = is_empty(want->topology) ? CORE_NONE : core_text(core, want->topology);
    member->required_name = is_empty(want->required) ? CORE_NONE : core_text(core, want->required);
    member->preferred_name =
        is_empty(want->preferred) ? CORE_NONE : core_text(core, want->preferred);
}

/* Topologies may be added after jobs, so names of levels become numbers when a session opens. */
void core_job_resolve_levels(const struct core *core, struct core_job *job)
{
    for (uint32_t i = 0; i < job->member_count; i++) {
        struct core_member_facts *m = &job->members[i];
        m->topology = CORE_NONE;
        for (uint32_t t = 0; t < core->topologies.count; t++) {
            if (core->topologies.items[t]->name == m->topology_name) {
                m->topology = t;
            }
        }
        const struct core_topology *topology =
            m->topology == CORE_NONE ? NULL : core->topologies.items[m->topology];
        m->required = level_of(topology, m->required_name);
        m->preferred = level_of(topology, m->preferred_name);
    }
}

/* Children of each member in ascending name, all in one array. */
static void list_children(struct core *core, struct core_job *job)
{
    job->children = arena_alloc(&core->facts, job->member_count, sizeof *job->children);
    uint32_t filled = 0;
    for (uint32_t p = 0; p < job->member_count; p++) {
        job->members[p].first_child = filled;
        for (uint32_t i = 1; i < job->member_count; i++) {
            if (job->members[i].parent != p) {
                continue;
            }
            uint32_t at = filled++;
            while (at > job->members[p].first_child &&
                   strcmp(job->members[job->children[at - 1]].name, job->members[i].name) > 0) {
                job->children[at] = job->children[at - 1];
                at--;
            }
            job->children[at] = i;
        }
        job->members[p].child_count = filled - job->members[p].first_child;
    }
}

static void list_pod_sets(struct core *core, struct core_job *job)
{
    job->pod_sets = arena_alloc(&core->facts, job->member_count, sizeof *job->pod_sets);
    for (uint32_t i = 0; i < job->member_count; i++) {
        if (!job->members[i].is_pod_set) {
            continue;
        }
        uint32_t at = job->pod_set_count++;
        while (at > 0 &&
               strcmp(job->members[job->pod_sets[at - 1]].name, job->members[i].name) > 0) {
            job->pod_sets[at] = job->pod_sets[at - 1];
            at--;
        }
        job->pod_sets[at] = i;
    }
}

static void read_members(struct core *core, struct core_job *job, const struct core_job_spec *spec)
{
    const struct core_group_spec *groups = spec->groups;
    size_t count = spec->group_count;
    if (groups == NULL || has_duplicates(groups, count)) {
        groups = DEFAULT_TREE;
        count = 2;
    }
    job->member_count = (uint32_t)count;
    job->members = arena_alloc(&core->facts, count, sizeof *job->members);
    for (uint32_t i = 0; i < count; i++) {
        struct core_member_facts *m = &job->members[i];
        m->name = arena_copy_text(&core->facts, groups[i].name, strlen(groups[i].name));
        m->parent = i == 0 ? CORE_NONE : groups[i].parent;
        m->is_pod_set = groups[i].is_pod_set;
        m->min = groups[i].min;
        read_want(core, m, &groups[i].topology);
    }
    list_children(core, job);
    list_pod_sets(core, job);
    job->view.job = job;
    job->view.counts = arena_alloc(&core->facts, count, sizeof *job->view.counts);
}

bool core_add_job(struct core *core, const struct core_job_spec *spec, uint32_t *out,
                  struct err *err)
{
    CHECK(!core->open);
    if (!core_check_job(spec, err)) {
        return false;
    }
    bool is_new = false;
    uint32_t index = names_add(&core->job_names, view_of(spec->name), &is_new);
    if (is_new) {
        struct core_job *fresh = arena_alloc(&core->facts, 1, sizeof *fresh);
        vec_push(&core->jobs, fresh);
    } else if (!core_job_at(core, index)->removed) {
        return err_set(err, ERR_FORMAT, 0, "job \"%s\" is given twice", spec->name);
    }
    struct core_job *job = core_job_at(core, index);
    vec_release(&job->view.chunk);
    vec_release(&job->tasks);
    vec_release(&job->order);
    *job = (struct core_job){.name = names_get(&core->job_names, index),
                             .index = index,
                             .namespace_name = core_text(
                                 core, is_empty(spec->namespace_name) ? "" : spec->namespace_name),
                             .queue_name = core_text(core, spec->queue),
                             .queue = CORE_NONE,
                             .priority = spec->priority,
                             .preemptible = spec->preemptible,
                             .created_ns = spec->created_ns,
                             .delay_ns = spec->preemption_delay_ns,
                             .grace_ns = spec->staleness_grace_ns,
                             .facts = {.last_start_ns = spec->last_start_ns,
                                       .last_eviction_ns = spec->last_eviction_ns,
                                       .stale_since_ns = spec->stale_since_ns},
                             .signature = CORE_NONE,
                             .dirty = true};
    read_members(core, job, spec);
    vec_push(&core->added_jobs, index);
    core->lists_stale = true;
    *out = index;
    return true;
}

static uint32_t find_pod_set(const struct core_job *job, const char *name)
{
    for (uint32_t i = 0; i < job->member_count; i++) {
        if (job->members[i].is_pod_set && strcmp(job->members[i].name, name) == 0) {
            return i;
        }
    }
    return CORE_NONE;
}

/* What the labels say of the task order (specification 4.5). */
static void read_order_labels(struct core_task *task, struct core_labels labels)
{
    for (size_t i = 0; i < labels.count; i++) {
        const char *key = labels.items[i].key;
        const char *value = labels.items[i].value;
        if (strcmp(key, "training.kubeflow.org/job-role") == 0) {
            task->master = strcmp(value, "master") == 0 || strcmp(value, "launcher") == 0;
        } else if (strcmp(key, "ray.io/node-type") == 0) {
            task->head = strcmp(value, "head") == 0;
        } else if (strcmp(key, "kai.scheduler/task-priority") == 0) {
            task->prioritised = true;
            task->priority_parses = core_parse_integer(value, &task->priority);
        }
    }
}

static void join_node(struct core *core, uint32_t task_index)
{
    struct core_task *task = core_task_at(core, task_index);
    if (task->node != CORE_NONE) {
        struct core_node *node = core_node_at(core, task->node);
        node->dirty = true;
        node->unsorted = true;
        vec_push(&node->residents, task_index);
    }
}

static void leave_node(struct core *core, uint32_t task_index)
{
    struct core_task *task = core_task_at(core, task_index);
    if (task->node == CORE_NONE) {
        return;
    }
    struct core_node *node = core_node_at(core, task->node);
    node->dirty = true;
    for (size_t i = 0; i < node->residents.count; i++) {
        if (node->residents.items[i] == task_index) {
            node->residents.items[i] = node->residents.items[--node->residents.count];
            node->unsorted = true;
            break;
        }
    }
}

static int64_t read_claims(struct core *core, struct core_task *task,
                           const struct core_task_spec *spec, uint32_t ns)
{
    int64_t dra = spec->request.gpu.dra;
    task->holder_name = CORE_NONE;
    if (spec->claims.count == 0) {
        return dra;
    }
    task->claims = arena_alloc(&core->facts, spec->claims.count, sizeof *task->claims);
    task->claim_texts = arena_alloc(&core->facts, spec->claims.count, sizeof *task->claims);
    for (size_t i = 0; i < spec->claims.count; i++) {
        uint32_t found = core_claim_find(core, ns, spec->claims.items[i]);
        bool again = false;
        for (uint32_t k = 0; k < task->claim_count; k++) {
            again |= found != CORE_NONE && task->claims[k] == found;
        }
        if (again) {
            continue;
        }
        if (found != CORE_NONE && core->claims.items[found]->gpu_class) {
            dra = time_add_us(dra, core->claims.items[found]->count);
        }
        task->claim_texts[task->claim_count] = core_text(core, spec->claims.items[i]);
        task->claims[task->claim_count++] = found;
    }
    task->holder_name = core_text(core, task->name);
    return dra;
}

bool core_add_task(struct core *core, const struct core_task_spec *spec, uint32_t *out,
                   struct err *err)
{
    CHECK(!core->open);
    if (!core_check_task(core, spec, err)) {
        return false;
    }
    struct core_job *job = core_job_at(core, spec->job);
    uint32_t member = find_pod_set(job, spec->pod_set == NULL ? "default" : spec->pod_set);
    if (member == CORE_NONE) {
        *out = CORE_NONE;
        return true;
    }
    bool is_new = false;
    uint32_t index = names_add(&core->task_names, view_of(spec->name), &is_new);
    if (is_new) {
        struct core_task *fresh = arena_alloc(&core->facts, 1, sizeof *fresh);
        vec_push(&core->tasks, fresh);
    } else if (!core_task_at(core, index)->removed) {
        return err_set(err, ERR_FORMAT, 0, "task \"%s\" is given twice", spec->name);
    }
    struct core_task *task = core_task_at(core, index);
    *task = (struct core_task){
        .name = names_get(&core->task_names, index),
        .job = spec->job,
        .member = member,
        .created_ns = spec->created_ns,
        .node = spec->node == NULL ? CORE_NONE : core_node_named(core, spec->node),
        .groups = core_copy_groups(core, spec->groups),
        .nominated =
            spec->nominated_node == NULL ? CORE_NONE : core_node_named(core, spec->nominated_node),
        .status = (uint8_t)spec->status,
        .is_virtual = spec->is_virtual,
        .utility = spec->utility || spec->reservation,
        .foreign = spec->foreign,
    };
    int64_t dra = read_claims(core, task, spec, job->namespace_name);
    task->class_idx = core_class_add(core, spec, job->namespace_name, dra);
    read_order_labels(task, spec->labels);
    core_numa_read_task(core, task, spec);
    core->any_foreign |= spec->foreign;
    join_node(core, index);
    vec_push(&job->tasks, index);
    job->unsorted = true;
    core_mark_job(core, job);
    *out = index;
    return true;
}

bool core_set_task(struct core *core, uint32_t index, enum core_status status, const char *node,
                   struct core_texts groups, struct err *err)
{
    CHECK(!core->open);
    if (index >= core->tasks.count || core_task_at(core, index)->removed) {
        return err_set(err, ERR_FORMAT, 0, "no task has the index %u", index);
    }
    struct core_task *task = core_task_at(core, index);
    if ((unsigned)status >= CORE_STATUS_COUNT) {
        return err_set(err, ERR_FORMAT, 0, "task \"%s\": unknown status", task->name);
    }
    leave_node(core, index);
    task->status = (uint8_t)status;
    task->is_virtual = false;
    task->node = node == NULL ? CORE_NONE : core_node_named(core, node);
    task->groups = core_copy_groups(core, groups);
    join_node(core, index);
    core_mark_job(core, core_job_at(core, task->job));
    return true;
}

static void forget_task(struct core *core, uint32_t index)
{
    leave_node(core, index);
    core_task_at(core, index)->removed = true;
}

bool core_remove_task(struct core *core, uint32_t index, struct err *err)
{
    CHECK(!core->open);
    if (index >= core->tasks.count || core_task_at(core, index)->removed) {
        return err_set(err, ERR_FORMAT, 0, "no task has the index %u", index);
    }
    struct core_job *job = core_job_at(core, core_task_at(core, index)->job);
    forget_task(core, index);
    size_t kept = 0;
    for (size_t i = 0; i < job->tasks.count; i++) {
        if (job->tasks.items[i] != index) {
            job->tasks.items[kept++] = job->tasks.items[i];
        }
    }
    job->tasks.count = kept;
    job->unsorted = true;
    core_mark_job(core, job);
    return true;
}

bool core_remove_job(struct core *core, uint32_t index, struct err *err)
{
    CHECK(!core->open);
    if (index >= core->jobs.count || core_job_at(core, index)->removed) {
        return err_set(err, ERR_FORMAT, 0, "no job has the index %u", index);
    }
    struct core_job *job = core_job_at(core, index);
    for (size_t i = 0; i < job->tasks.count; i++) {
        forget_task(core, job->tasks.items[i]);
    }
    vec_clear(&job->tasks);
    job->removed = true;
    core->lists_stale = true;
    return true;
}

bool core_set_job_times(struct core *core, uint32_t index, const struct core_job_times *times,
                        struct err *err)
{
    CHECK(!core->open);
    if (index >= core->jobs.count || core_job_at(core, index)->removed) {
        return err_set(err, ERR_FORMAT, 0, "no job has the index %u", index);
    }
    struct core_job *job = core_job_at(core, index);
    if (!core_check_job_times(job->name, times, err)) {
        return false;
    }
    job->facts = (struct core_job_view){.last_start_ns = times->last_start_ns,
                                        .last_eviction_ns = times->last_eviction_ns,
                                        .stale_since_ns = times->stale_since_ns};
    core_mark_job(core, job);
    return true;
}
