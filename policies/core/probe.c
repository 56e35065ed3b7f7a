/*
 * probe.c - see probe.h: writing recorded state, orders, chunks, job state, capacity.
 */
#include "policies/core/probe.h"

#include "policies/core/solver.h"

static void put_vector(const struct core *core, double *vector, const struct core_amount *items,
                       size_t count)
{
    memset(vector, 0, core->width * sizeof *vector);
    for (size_t i = 0; i < count; i++) {
        uint32_t component = names_find(&core->components, view_of(items[i].name));
        if (component < core->width) {
            vector[component] = items[i].amount;
        }
    }
}

void core_put_ledger(struct core *core, uint32_t index, const struct core_ledger *ledger)
{
    struct core_node *node = core_node_at(core, index);
    put_vector(core, node->idle, ledger->idle, ledger->idle_count);
    put_vector(core, node->used, ledger->used, ledger->used_count);
    put_vector(core, node->releasing, ledger->releasing, ledger->releasing_count);
    for (size_t i = 0; i < ledger->group_count; i++) {
        const struct core_group_ledger *from = &ledger->groups[i];
        struct core_gpu *gpu =
            core_ledger_gpu(core, node, names_add(&core->texts, view_of(from->name), NULL));
        node->gpus_in_use += (from->used_mib > 0) - (gpu->used > 0);
        *gpu = (struct core_gpu){gpu->group,          from->used_mib,      from->allocated_mib,
                                 from->releasing_mib, from->has_allocated, from->has_releasing,
                                 from->marked};
    }
    node->legacy_mig_count = (uint32_t)ledger->legacy_mig_tasks;
    node->has_dra = ledger->has_dra;
    node->cpu_only = node->cpu_only && !ledger->has_dra;
    node->gpu_memory_mib = ledger->gpu_memory_mib;
    core_touch_node(core, node);
}

void core_put_shares(struct core *core, uint32_t queue, const struct core_queue_view *shares)
{
    struct core_share *to = &core_queue_at(core, queue)->share;
    memcpy(to->deserved, shares->deserved, sizeof to->deserved);
    memcpy(to->limit, shares->limit, sizeof to->limit);
    memcpy(to->weight, shares->weight, sizeof to->weight);
    memcpy(to->fair, shares->fair_share, sizeof to->fair);
    memcpy(to->allocated, shares->allocated, sizeof to->allocated);
    memcpy(to->np, shares->allocated_np, sizeof to->np);
    memcpy(to->request, shares->requested, sizeof to->request);
    memcpy(to->usage, shares->usage, sizeof to->usage);
    core_queue_cache(core);
}

void core_put_grace(struct core *core, uint32_t job, int64_t grace_ns)
{
    core_job_at(core, job)->grace_ns = grace_ns;
}

void core_put_total(struct core *core, const double total[3])
{
    memcpy(core->total, total, sizeof core->total);
}

void core_put_gpu_memory_range(struct core *core, int64_t min_mib, int64_t max_mib)
{
    core->min_gpu_mib = min_mib;
    core->max_gpu_mib = max_mib;
}

void core_put_accepted(struct core *core, uint32_t task, enum core_gpu_kind received,
                       const struct core_gpu_need *need)
{
    struct core_record *record = core_task_at(core, task)->record;
    record->received = received;
    record->accepted_count = need->count;
    record->accepted_portion = need->portion;
    record->accepted_mib = need->memory_mib;
    record->accepted_gpu = core_need_gpus(need) + (double)need->dra;
}

void core_put_allocated(struct core *core, uint32_t job, const struct core_amount *items,
                        size_t count)
{
    put_vector(core, core_job_at(core, job)->view.allocated, items, count);
}

void core_fair_share_tree(struct core *core, const double total[3])
{
    core_put_total(core, total);
    core_divide_all(core);
}

int core_queue_order(struct core *core, const struct core_order_side *l,
                     const struct core_order_side *r)
{
    const struct core_order_side *sides[] = {l, r};
    struct core_side built[2];
    struct core_doubles victims[2] = {{0}, {0}};
    for (int i = 0; i < 2; i++) {
        built[i] = (struct core_side){.queue = core_queue_at(core, sides[i]->queue)};
        if (sides[i]->job != CORE_NONE) {
            struct core_view *view = &core_job_at(core, sides[i]->job)->view;
            core_view_request(core, view, false);
            built[i].job = view->request_quantity;
        }
        for (size_t v = 0; v < sides[i]->victim_count; v++) {
            const double *a = core_job_at(core, sides[i]->victims[v])->view.allocated;
            vec_push(&victims[i], a[CORE_CPU]);
            vec_push(&victims[i], a[CORE_MEM]);
            vec_push(&victims[i], core_total_gpus(core, a));
        }
        built[i].victims = victims[i].items;
        built[i].victim_count = sides[i]->victim_count;
    }
    int result = core_queue_first(core, &built[0], &built[1]) ? -1 : 1;
    vec_release(&victims[0]);
    vec_release(&victims[1]);
    return result;
}

bool core_job_before(struct core *core, uint32_t l, uint32_t r)
{
    return core_job_first(core, &core_job_at(core, l)->view, &core_job_at(core, r)->view);
}

int core_job_elastic_order(struct core *core, uint32_t l, uint32_t r)
{
    int left = core_elastic_state(&core_job_at(core, l)->view);
    int right = core_elastic_state(&core_job_at(core, r)->view);
    return (left > right) - (left < right);
}

int core_task_rule_order(struct core *core, enum core_task_rule rule, uint32_t l, uint32_t r)
{
    return core_task_rule_compare(rule, core_task_at(core, l), core_task_at(core, r));
}

bool core_task_before(struct core *core, uint32_t l, uint32_t r)
{
    return core_task_compare(core, l, r) < 0;
}

void core_jobs_order(struct core *core, const struct core_list *jobs, bool victim_mode,
                     int64_t depth, struct core_list *pops)
{
    struct core_tree *tree = core_tree_new(core, victim_mode, depth);
    for (size_t i = 0; i < jobs->count; i++) {
        core_tree_push(tree, &core_job_at(core, jobs->items[i])->view);
    }
    while (!core_tree_is_empty(tree)) {
        vec_push(pops, core_tree_pop(tree)->job->index);
    }
    core_tree_free(tree);
}

void core_chunk(struct core *core, uint32_t job, bool real, struct core_list *tasks)
{
    struct core_view *view = &core_job_at(core, job)->view;
    core_view_forget(view);
    core_view_chunk(core, view, real);
    for (size_t i = 0; i < view->chunk.count; i++) {
        vec_push(tasks, view->chunk.items[i]);
    }
}

const double *core_chunk_request(struct core *core, uint32_t job, bool real)
{
    struct core_view *view = &core_job_at(core, job)->view;
    core_view_forget(view);
    core_view_request(core, view, real);
    return view->request;
}

void core_chunk_gpus(struct core *core, uint32_t job, bool real, double *gpus, double *memory_mib)
{
    struct core_view *view = &core_job_at(core, job)->view;
    core_view_forget(view);
    core_view_chunk(core, view, real);
    core_chunk_gpu_sums(core, view, gpus, memory_mib);
}

bool core_job_has_eligible(struct core *core, uint32_t job, bool real)
{
    return core_any_eligible(core, core_job_at(core, job), real);
}

bool core_evict_tasks(struct core *core, uint32_t job, struct core_list *tasks)
{
    return core_view_evict(core, &core_job_at(core, job)->view, tasks);
}

struct core_job_facts core_job_facts(struct core *core, uint32_t index)
{
    const struct core_job *job = core_job_at(core, index);
    return (struct core_job_facts){core_job_ready(&job->view), core_job_elastic(job),
                                   core_gang_satisfied(job), core_job_is_stale(job),
                                   core_pipeline_all(job)};
}

struct core_stale_verdict core_judge_stale(struct core *core, uint32_t index)
{
    struct core_job *job = core_job_at(core, index);
    bool evict = core_stale_now(core, job);
    return (struct core_stale_verdict){core_job_is_stale(job), evict,
                                       job->times.stale_since_ns != CORE_UNSET};
}

bool core_preemption_delay(struct core *core, uint32_t job, int64_t *end_ns)
{
    *end_ns = core_delay_end(core_job_at(core, job));
    return core_in_delay(core_job_at(core, job), core->now_ns);
}

enum core_refusal core_job_capacity(struct core *core, const struct core_list *tasks, uint32_t job,
                                    bool quota_only)
{
    double asked[3];
    core_chunk_amounts(core, tasks->items, tasks->count, asked);
    return core_check_capacity(core, core_job_at(core, job), asked, quota_only).refusal;
}

enum core_refusal core_task_capacity(struct core *core, uint32_t task, uint32_t node)
{
    return core_check_on_node(core, task, core_node_at(core, node)).refusal;
}

bool core_victim_filter(struct core *core, uint32_t reclaimer_queue, uint32_t victim_queue,
                        const double request[3])
{
    return core_reclaim_filter(core, reclaimer_queue, victim_queue, request);
}

int64_t core_node_room(struct core *core, uint32_t node, const double *largest, int64_t tasks)
{
    return core_room(core, core_node_at(core, node), largest, tasks);
}
