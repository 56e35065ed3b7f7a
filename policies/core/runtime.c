/*
 * runtime.c - how long a victim is protected after its start (specification 9.4).
 */
#include "policies/core/solver.h"

static int64_t walk_up(const struct core *core, uint32_t queue, bool reclaim)
{
    for (; queue != CORE_NONE; queue = core_queue_at(core, queue)->parent) {
        const struct core_queue *q = core_queue_at(core, queue);
        int64_t ns = reclaim ? q->reclaim_min_ns : q->preempt_min_ns;
        if (ns != CORE_UNSET) {
            return ns;
        }
    }
    return reclaim ? core->reclaim_min_ns : core->preempt_min_ns;
}

static uint32_t ancestor_at(const struct core *core, uint32_t queue, uint32_t depth)
{
    while (core_queue_at(core, queue)->depth > depth) {
        queue = core_queue_at(core, queue)->parent;
    }
    return queue;
}

int64_t core_runtime_of(const struct core *core, uint32_t mine, uint32_t theirs, bool reclaim)
{
    if (!reclaim || core->reclaim_by_queue) {
        return walk_up(core, theirs, reclaim);
    }
    uint32_t my_root = ancestor_at(core, mine, 0);
    uint32_t root = ancestor_at(core, theirs, 0);
    if (my_root != root) {
        int64_t ns = core_queue_at(core, root)->reclaim_min_ns;
        return ns != CORE_UNSET ? ns : core->reclaim_min_ns;
    }
    uint32_t my_depth = core_queue_at(core, mine)->depth;
    uint32_t depth = core_queue_at(core, theirs)->depth;
    uint32_t shared = 0;
    while (shared < depth && shared < my_depth &&
           ancestor_at(core, mine, shared + 1) == ancestor_at(core, theirs, shared + 1)) {
        shared++;
    }
    return walk_up(core, ancestor_at(core, theirs, shared < depth ? shared + 1 : shared), true);
}

static bool is_protected(const struct core *core, const struct core_job *job,
                         const struct core_job *victim, bool reclaim)
{
    if (victim->times.last_start_ns == CORE_UNSET || victim->queue == CORE_NONE) {
        return false;
    }
    return core->now_ns <
           victim->times.last_start_ns + core_runtime_of(core, job->queue, victim->queue, reclaim);
}

int64_t core_protected_since(const struct core *core, const struct core_job *job,
                             uint32_t victim_queue, bool reclaim)
{
    return core->on[CORE_PLUGIN_MIN_RUNTIME]
               ? core->now_ns - core_runtime_of(core, job->queue, victim_queue, reclaim)
               : INT64_MAX;
}

bool core_runtime_allows(const struct core *core, const struct core_job *job,
                         const struct core_job *victim, bool reclaim)
{
    return !core->on[CORE_PLUGIN_MIN_RUNTIME] || core_job_elastic(victim) ||
           !is_protected(core, job, victim, reclaim);
}

static bool keeps_minimum(const struct core *core, const struct core_job *victim,
                          const uint32_t *tasks, size_t count)
{
    for (uint32_t p = 0; p < victim->pod_set_count; p++) {
        uint32_t member = victim->pod_sets[p];
        int64_t listed = 0;
        for (size_t i = 0; i < count; i++) {
            const struct core_task *task = core_task_at(core, tasks[i]);
            listed += task->job == victim->index && task->member == member;
        }
        const struct core_count *c = &victim->view.counts[member];
        if (listed > 0 && c->min > c->used - listed) {
            return false;
        }
    }
    return true;
}

bool core_runtime_keeps_min(struct core *core, uint32_t victim, const struct core_list *tasks)
{
    return keeps_minimum(core, core_job_at(core, victim), tasks->items, tasks->count);
}

static bool scenario_allowed(const struct core *core, const struct core_job *job,
                             const struct core_job *victim, const struct core_list *tasks,
                             bool reclaim)
{
    return !core->on[CORE_PLUGIN_MIN_RUNTIME] || !core_job_elastic(victim) ||
           !is_protected(core, job, victim, reclaim) ||
           keeps_minimum(core, victim, tasks->items, tasks->count);
}

bool core_runtime_accepts(struct core_solver *s, bool reclaim)
{
    uint32_t last = CORE_NONE;
    for (size_t i = 0; i < s->victim_tasks.count; i++) {
        uint32_t victim = core_task_job(s->core, s->victim_tasks.items[i]);
        bool is_new = victim != last; /* judging a job again gives the same answer */
        last = victim;
        if (is_new && !scenario_allowed(s->core, s->job, core_job_at(s->core, victim),
                                        &s->victim_tasks, reclaim)) {
            CORE_LOG(s->core, "rejected: a victim is protected by its minimum runtime");
            return false;
        }
    }
    return true;
}

int64_t core_min_runtime_preempt(struct core *core, uint32_t victim_queue)
{
    return core_runtime_of(core, victim_queue, victim_queue, false);
}

int64_t core_min_runtime_reclaim(struct core *core, uint32_t reclaimer_queue, uint32_t victim_queue)
{
    return core_runtime_of(core, reclaimer_queue, victim_queue, true);
}

bool core_runtime_candidate(struct core *core, uint32_t pending, uint32_t victim, bool reclaim)
{
    return core_runtime_allows(core, core_job_at(core, pending), core_job_at(core, victim),
                               reclaim);
}

bool core_runtime_scenario(struct core *core, uint32_t pending, uint32_t victim,
                           const struct core_list *tasks, bool reclaim)
{
    return scenario_allowed(core, core_job_at(core, pending), core_job_at(core, victim), tasks,
                            reclaim);
}
