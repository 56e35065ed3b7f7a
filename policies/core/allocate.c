/*
 * allocate.c - the allocate action (specification 7.2) and stale gang eviction (7.7).
 */
#include "policies/core/modules.h"

static bool has_allocated(const struct core_job *job)
{
    return job->status_count[CORE_ALLOCATED] + job->status_count[CORE_BINDING] +
               job->status_count[CORE_BOUND] + job->status_count[CORE_RUNNING] >
           0;
}

static void allocate_one(struct core *core, struct core_tree *tree, struct core_view *view)
{
    struct core_job *job = view->job;
    bool had = has_allocated(job);
    const struct core_nodes all = {core->node_list.items, core->node_list.count, NULL};
    if (!core_place_job(core, view, all, false)) {
        core_rollback(core, 0);
        return;
    }
    bool pipelined = core_pipeline_all(job);
    if (pipelined) {
        core_convert_to_pipelined(core, job);
    }
    bool good = core_commit(core);
    if (good && !pipelined && !had) {
        job->times.last_start_ns = core->now_ns;
        core_touch_job(core, job);
    }
    if (good && core_any_eligible(core, job, true)) {
        core_tree_push(tree, view);
    }
}

void core_act_allocate(struct core *core)
{
    core->preemptor = CORE_NONE;
    struct core_tree *tree = core_tree_new(core, false, core->depth[CORE_ALLOCATE]);
    for (uint32_t i = bitset_next(&core->waiting, 0); i != BITSET_END;
         i = bitset_next(&core->waiting, i + 1)) {
        struct core_job *job = core_job_at(core, core->job_list.items[i]);
        if (core_job_ready(&job->view)) {
            core_tree_push(tree, &job->view);
        }
    }
    while (!core_tree_is_empty(tree)) {
        struct core_view *view = core_tree_pop(tree);
        CORE_LOG(core, "pop %s", view->job->name);
        allocate_one(core, tree, view);
    }
    core_tree_free(tree);
}

static void evict_gang(struct core *core, struct core_job *job)
{
    for (size_t t = 0; t < job->tasks.count; t++) {
        struct core_record *record = core_task_at(core, job->tasks.items[t])->record;
        if (core_status_in(record->status, CORE_SET_ACTIVE)) {
            core_add_event(core, CORE_EVICT, record, record->node, record->groups);
            core_evict_for_good(core, record);
        }
    }
}

/* Marks or unmarks the job; true when its gang is to be evicted now. */
bool core_stale_now(struct core *core, struct core_job *job)
{
    if (!core_job_is_stale(job)) {
        if (job->times.stale_since_ns != CORE_UNSET) {
            job->times.stale_since_ns = CORE_UNSET;
            job->times.stale = false;
            core_touch_job(core, job);
        }
        return false;
    }
    if (job->times.stale_since_ns == CORE_UNSET) {
        job->times.stale_since_ns = core->now_ns;
        core_touch_job(core, job);
    }
    int64_t grace = job->grace_ns != CORE_UNSET ? job->grace_ns : core->settings.staleness_grace_ns;
    if (grace < 0 || core->now_ns - job->times.stale_since_ns < grace) {
        return false;
    }
    job->times.stale = true;
    core_touch_job(core, job);
    return true;
}

void core_act_stale(struct core *core)
{
    core->batch++;
    core->preemptor = CORE_NONE;
    for (size_t i = 0; i < core->job_list.count; i++) {
        struct core_job *job = core_job_at(core, core->job_list.items[i]);
        if (core_stale_now(core, job)) {
            evict_gang(core, job);
        }
    }
}
