/*
 * status.c - changing the status of a task, and what a job's statuses say (specification 1.4, 6.1).
 */
#include "policies/core/modules.h"

void core_touch_job(struct core *core, struct core_job *job)
{
    if (!job->touched) {
        job->touched = true;
        vec_push(&core->touched_jobs, job->index);
    }
}

void core_mark_job(struct core *core, struct core_job *job)
{
    if (!job->dirty) {
        job->dirty = true;
        vec_push(&core->dirty_jobs, job->index);
    }
}

void core_enrol_job(struct core *core, struct core_job *job)
{
    bool running = core_any_allocated(&job->view);
    bool waiting = job->status_count[CORE_PENDING] > 0;
    if (running != job->enrolled_running) {
        job->enrolled_running = running;
        (running ? bitset_add : bitset_remove)(&core->running, job->rank);
    }
    if (waiting != job->enrolled_waiting) {
        job->enrolled_waiting = waiting;
        (waiting ? bitset_add : bitset_remove)(&core->waiting, job->rank);
    }
}

static void add_request(struct core *core, struct core_view *view, const struct core_class *class,
                        double sign)
{
    for (size_t i = 0; i < core->width; i++) {
        view->allocated[i] += sign * class->vector[i];
    }
}

/* The index of tasks by status is changed by the status of the record at hand, sums and pod sets by
 * that of the registered one. They differ only for a task that is evicted twice (8.6). */
void core_set_status(struct core *core, struct core_record *record, enum core_status status)
{
    struct core_task *task = core_task_at(core, record->task);
    struct core_job *job = core_job_at(core, task->job);
    const struct core_class *class = core->classes.items[task->class_idx];
    unsigned old = task->record->status;
    if (core_status_in(old, CORE_SET_ALLOCATED)) {
        add_request(core, &job->view, class, -1);
    }
    unsigned own = record->status;
    if (job->status_count[own] > 0) {
        if ((task->index_mask >> own & 1) != 0) {
            task->index_mask = (uint16_t)(task->index_mask & ~(1u << own));
            job->status_count[own]--;
        }
        job->view.active_allocated -= core_status_in(own, CORE_SET_ACTIVE);
    }
    record->status = (uint8_t)status;
    task->record = record;
    if ((task->index_mask >> status & 1) == 0) {
        task->index_mask = (uint16_t)(task->index_mask | 1u << status);
        job->status_count[status]++;
    }
    job->view.active_allocated += core_status_in(status, CORE_SET_ACTIVE);
    if (core_status_in(status, CORE_SET_ALLOCATED)) {
        add_request(core, &job->view, class, 1);
    }
    core_count_status(&job->view, task->member, old, -1);
    core_count_status(&job->view, task->member, status, 1);
    core_view_forget(&job->view);
    core_touch_job(core, job);
    core_enrol_job(core, job);
}

static bool member_ready(const struct core_view *view, uint32_t member)
{
    const struct core_member_facts *m = &view->job->members[member];
    if (m->is_pod_set) {
        const struct core_count *count = &view->counts[member];
        return count->alive - count->gated >= count->min;
    }
    int64_t ready = 0;
    for (uint32_t i = 0; i < m->child_count; i++) {
        ready += member_ready(view, view->job->children[m->first_child + i]);
    }
    return ready >= core_need(view, member);
}

bool core_job_ready(const struct core_view *view)
{
    return member_ready(view, 0);
}

bool core_job_elastic(const struct core_job *job)
{
    for (uint32_t i = 0; i < job->pod_set_count; i++) {
        uint32_t member = job->pod_sets[i];
        if (job->view.counts[member].min < (int64_t)job->members[member].task_count) {
            return true;
        }
    }
    return false;
}

bool core_gang_satisfied(const struct core_job *job)
{
    for (uint32_t i = 0; i < job->pod_set_count; i++) {
        const struct core_count *count = &job->view.counts[job->pod_sets[i]];
        if (count->used < count->min) {
            return false;
        }
    }
    return true;
}

bool core_job_is_stale(const struct core_job *job)
{
    return job->status_count[CORE_SUCCEEDED] == 0 && core_used_count(job) > 0 &&
           !core_gang_satisfied(job);
}

bool core_pipeline_all(const struct core_job *job)
{
    for (uint32_t i = 0; i < job->pod_set_count; i++) {
        const struct core_count *count = &job->view.counts[job->pod_sets[i]];
        if (count->pipelined > 0 && count->allocated - count->pipelined < count->min) {
            return true;
        }
    }
    return false;
}

int64_t core_delay_end(const struct core_job *job)
{
    int64_t start = job->created_ns;
    if (job->times.last_eviction_ns != CORE_UNSET && job->times.last_eviction_ns > start) {
        start = job->times.last_eviction_ns;
    }
    return job->delay_ns <= 0    ? CORE_UNSET
           : start == CORE_UNSET ? CORE_UNSET
                                 : start + job->delay_ns;
}

bool core_in_delay(const struct core_job *job, int64_t now_ns)
{
    int64_t end = core_delay_end(job);
    return end != CORE_UNSET && now_ns < end;
}

int64_t core_used_count(const struct core_job *job)
{
    int64_t used = 0;
    for (uint32_t i = 0; i < job->pod_set_count; i++) {
        used += job->view.counts[job->pod_sets[i]].used;
    }
    return used;
}

bool core_any_eligible(const struct core *core, const struct core_job *job, bool real)
{
    for (size_t i = 0; i < job->tasks.count; i++) {
        if (core_eligible(core_task_at(core, job->tasks.items[i])->record, real)) {
            return true;
        }
    }
    return false;
}

static int elastic_state(const struct core_view *view)
{
    bool exact = true;
    for (uint32_t i = 0; i < view->job->pod_set_count; i++) {
        const struct core_count *count = &view->counts[view->job->pod_sets[i]];
        if (count->allocated < count->min) {
            return 0;
        }
        exact &= count->allocated == count->min;
    }
    return exact ? 1 : 2;
}

int core_elastic_find(struct core_view *view)
{
    view->elastic = (uint8_t)(1 + elastic_state(view));
    return view->elastic - 1;
}
