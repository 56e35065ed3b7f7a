/*
 * evicting.c - the actions that move or evict others: consolidation, reclaim, preempt (7.3 to 7.5).
 */
#include "policies/core/solver.h"

static struct core_tree *waiting_jobs(struct core *core, bool preemptible_only)
{
    struct core_tree *tree = core_tree_new(core, false, core->depth[core->action]);
    for (uint32_t i = bitset_next(&core->waiting, 0); i != BITSET_END;
         i = bitset_next(&core->waiting, i + 1)) {
        struct core_job *job = core_job_at(core, core->job_list.items[i]);
        if (core_job_ready(&job->view) && (job->preemptible || !preemptible_only) &&
            !core_in_delay(job, core->now_ns)) {
            core_tree_push(tree, &job->view);
        }
    }
    return tree;
}

/* No eviction can help a task that no node could hold, or whose volume does not exist. */
static bool is_hopeless(struct core *core, struct core_job *job)
{
    core_view_chunk(core, &job->view, false);
    for (size_t i = 0; i < job->view.chunk.count; i++) {
        if (core_invariant_failure(core, job->view.chunk.items[i]) != CORE_NONE) {
            return true;
        }
    }
    return false;
}

static bool is_alive_here(const struct core *core, const struct core_job *job)
{
    for (size_t i = 0; i < job->tasks.count; i++) {
        const struct core_record *record = core_task_at(core, job->tasks.items[i])->record;
        if (core_status_in(record->status, CORE_SET_ALIVE) &&
            (record->node == CORE_NONE || core_node_at(core, record->node)->exists)) {
            return true;
        }
    }
    return false;
}

static void consolidation_candidates(struct core_solver *s, struct core_list *jobs)
{
    struct core *core = s->core;
    int64_t most = core->settings.max_preemptees;
    for (size_t i = 0; i < core->job_list.count; i++) {
        const struct core_job *job = core_job_at(core, core->job_list.items[i]);
        if (job != s->job && job->preemptible && job->view.active_allocated > 0 &&
            is_alive_here(core, job) && (most == -1 || (int64_t)jobs->count <= most)) {
            vec_push(jobs, job->index);
        }
    }
}

/* Every victim must have found a place. */
static bool consolidation_accepts(struct core_solver *s)
{
    for (size_t i = 0; i < s->victim_tasks.count; i++) {
        if (core_task_at(s->core, s->victim_tasks.items[i])->record->status == CORE_RELEASING) {
            return false;
        }
    }
    return true;
}

void core_chunk_gpu_sums(const struct core *core, const struct core_view *view, double *gpus,
                         double *mib)
{
    *gpus = 0;
    *mib = 0;
    for (size_t i = 0; i < view->chunk.count; i++) {
        const struct core_class *class = core_class_of(core, view->chunk.items[i]);
        *gpus += class->need_gpus + (double)class->dra;
        *mib += (double)class->memory_mib;
        for (size_t m = 0; m < class->migs.count; m++) {
            const struct core_mig *mig = &class->migs.items[m];
            *gpus += (double)(mig->gpus * mig->quantity);
            *mib += (double)(mig->memory_gb * mig->quantity);
        }
    }
}

/* Is there as much free in the whole cluster as the job asks? */
static bool might_consolidate(struct core *core, const struct core_job *job)
{
    double gpus = 0;
    double mib = 0;
    core_chunk_gpu_sums(core, &job->view, &gpus, &mib);
    double free_gpus = 0;
    double free_mib = 0;
    for (size_t i = 0; i < core->node_list.count; i++) {
        struct core_node *node = core_node_at(core, core->node_list.items[i]);
        if (node->ready) {
            core_sum_gpus(core, node);
            free_gpus = free_gpus + node->idle_gpus + node->releasing_gpus;
            free_mib = free_mib + node->idle_mib + node->releasing_mib;
        }
    }
    return free_gpus >= gpus && free_mib >= mib;
}

void core_act_consolidate(struct core *core)
{
    if (core->settings.max_preemptees == 0) {
        return;
    }
    const struct core_rules_of_action rules = {consolidation_accepts, consolidation_candidates,
                                               core->settings.max_preemptees != -1};
    struct core_failed table = {0};
    struct core_tree *tree = waiting_jobs(core, true);
    while (!core_tree_is_empty(tree)) {
        struct core_job *job = core_tree_pop(tree)->job;
        CORE_LOG(core, "pop %s", job->name);
        if (core_skip(core, &table, job) || is_hopeless(core, job)) {
            continue;
        }
        if (!might_consolidate(core, job) || !core_solve(core, job, &rules)) {
            core_failed_enter(core, &table, job);
        }
    }
    core_tree_free(tree);
    vec_release(&table.jobs);
}

static void reclaim_candidates(struct core_solver *s, struct core_list *jobs)
{
    struct core *core = s->core;
    core_view_request(core, &s->job->view, false);
    bool *allowed = mem_alloc(core->queues.count, sizeof *allowed);
    /* By queue: jobs that started later than this are protected. */
    int64_t *late_ns = mem_alloc(core->queues.count, sizeof *late_ns);
    for (size_t i = 0; i < core->queue_list.count; i++) {
        uint32_t queue = core->queue_list.items[i];
        allowed[queue] =
            queue != s->job->queue &&
            core_reclaim_filter(core, s->job->queue, queue, s->job->view.request_quantity);
        late_ns[queue] = allowed[queue] ? core_protected_since(core, s->job, queue, true) : 0;
    }
    /* Jobs that are not preemptible, or hold nothing, are left out of the search anyway. */
    for (uint32_t i = bitset_next(&core->running, 0); i != BITSET_END;
         i = bitset_next(&core->running, i + 1)) {
        const struct core_job *job = core_job_at(core, core->job_list.items[i]);
        if (job->queue != CORE_NONE && allowed[job->queue] && job->preemptible &&
            (job->times.last_start_ns <= late_ns[job->queue] || core_job_elastic(job))) {
            vec_push(jobs, job->index);
        }
    }
    free(late_ns);
    free(allowed);
}

static struct core_failed *new_tables(const struct core *core)
{
    return mem_alloc(core->queues.count, sizeof(struct core_failed));
}

static void free_tables(const struct core *core, struct core_failed *tables)
{
    for (size_t i = 0; i < core->queues.count; i++) {
        vec_release(&tables[i].jobs);
    }
    free(tables);
}

void core_act_reclaim(struct core *core)
{
    static const struct core_rules_of_action RULES = {core_reclaim_accepts, reclaim_candidates,
                                                      false};
    struct core_failed *tables = new_tables(core);
    struct core_tree *tree = waiting_jobs(core, false);
    while (!core_tree_is_empty(tree)) {
        struct core_job *job = core_tree_pop(tree)->job;
        CORE_LOG(core, "pop %s", job->name);
        if (!core_may_reclaim(core, job) || core_skip(core, &tables[job->queue], job) ||
            is_hopeless(core, job)) {
            continue;
        }
        if (!core_solve(core, job, &RULES)) {
            core_failed_enter(core, &tables[job->queue], job);
        }
    }
    core_tree_free(tree);
    free_tables(core, tables);
}

static void preempt_candidates(struct core_solver *s, struct core_list *jobs)
{
    struct core *core = s->core;
    for (size_t i = 0; i < core->job_list.count; i++) {
        const struct core_job *job = core_job_at(core, core->job_list.items[i]);
        if (job != s->job && job->preemptible && job->priority < s->job->priority &&
            job->queue == s->job->queue && job->view.active_allocated > 0 &&
            is_alive_here(core, job) && core_runtime_allows(core, s->job, job, false)) {
            vec_push(jobs, job->index);
        }
    }
}

static bool preempt_accepts(struct core_solver *s)
{
    return core_runtime_accepts(s, false);
}

void core_act_preempt(struct core *core)
{
    static const struct core_rules_of_action RULES = {preempt_accepts, preempt_candidates, false};
    struct core_failed *tables = new_tables(core);
    struct core_tree *tree = waiting_jobs(core, false);
    while (!core_tree_is_empty(tree)) {
        struct core_job *job = core_tree_pop(tree)->job;
        CORE_LOG(core, "pop %s", job->name);
        if (core_skip(core, &tables[job->queue], job) || is_hopeless(core, job)) {
            continue;
        }
        double asked[3];
        core_chunk_amounts(core, job->view.chunk.items, job->view.chunk.count, asked);
        bool allowed = core_check_capacity(core, job, asked, true).refusal == CORE_FITS;
        if (!allowed || !core_solve(core, job, &RULES)) {
            core_failed_enter(core, &tables[job->queue], job);
        }
    }
    core_tree_free(tree);
    free_tables(core, tables);
}
