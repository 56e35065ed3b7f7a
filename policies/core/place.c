/*
 * place.c - finding nodes for the next tasks of one job (specification 6.6).
 */
#include "policies/core/dra.h"
#include "policies/core/modules.h"

struct placing {
    struct core *core;
    const struct core_view *view;
    bool pipeline_only;
    bool failed; /* a topology error: nothing else is tried */
};

static bool is_below(const struct core_job *job, uint32_t member, uint32_t top)
{
    while (member != top && member != CORE_NONE) {
        member = job->members[member].parent;
    }
    return member == top;
}

static bool try_node(struct placing *p, struct core_record *record, struct core_node *node)
{
    struct core *core = p->core;
    if (!core_predicates(core, record->task, node)) {
        CORE_LOG(core, "%s on %s: refused by %s", core_task_name(core, record->task), node->name,
                 core_refusing_rule(core, record->task, node));
        return false;
    }
    if (!core_class_of(core, record->task)->shared) {
        if (!p->pipeline_only && core_task_fits(core, node, record->task, false)) {
            return core_allocate(core, record, node);
        }
        return core_pipeline(core, record, node, !p->pipeline_only);
    }
    struct core_choice choice = core_choose(core, node, record->task, p->pipeline_only);
    if (!choice.found) {
        return false;
    }
    record->groups = core_chosen_groups(core);
    bool placed = p->pipeline_only || choice.releasing ? core_pipeline(core, record, node, false)
                                                       : core_allocate(core, record, node);
    if (!placed) {
        record->groups.count = 0;
    }
    return placed;
}

static void log_claims(const struct core *core, uint32_t task)
{
    struct text why = {0};
    core_dra_explain(core, task, &why);
    CORE_LOG(core, "%s: refused, %s", core_task_name(core, task), why.bytes);
    text_release(&why);
}

static bool place_task(struct placing *p, struct core_record *record, struct core_nodes nodes)
{
    struct core *core = p->core;
    if (core_invariant_failure(core, record->task) != CORE_NONE) {
        return false;
    }
    if (!core_dra_claims_usable(core, record->task)) {
        if (core->log != NULL) {
            log_claims(core, record->task);
        }
        return false;
    }
    core_order_begin(core, record, nodes);
    for (uint32_t n = core_order_next(core); n != CORE_NONE; n = core_order_next(core)) {
        if (try_node(p, record, core_node_at(core, n))) {
            CORE_LOG(core, "place %s on %s", core_task_name(core, record->task),
                     core_node_name(core, n));
            return true;
        }
    }
    return false;
}

/* Tasks of `tasks` below a member, in list order, as a new list. */
static struct core_task_run select_tasks(const struct placing *p, struct core_task_run tasks,
                                         uint32_t member)
{
    struct core_task_run out = {
        arena_alloc(&p->core->placement, tasks.count + 1, sizeof(struct core_record *)), 0};
    for (size_t i = 0; i < tasks.count; i++) {
        uint32_t own = core_task_at(p->core, tasks.items[i]->task)->member;
        if (is_below(p->view->job, own, member)) {
            out.items[out.count++] = tasks.items[i];
        }
    }
    return out;
}

static bool place_set(struct placing *p, uint32_t set, struct core_task_run tasks,
                      struct core_nodes nodes);

static bool place_all(struct placing *p, struct core_task_run tasks, struct core_nodes nodes)
{
    for (size_t i = 0; i < tasks.count; i++) {
        if (!place_task(p, tasks.items[i], nodes)) {
            return false;
        }
    }
    return true;
}

static bool place_members(struct placing *p, uint32_t set, struct core_task_run tasks,
                          struct core_nodes nodes)
{
    struct core *core = p->core;
    size_t start = core_order_members(core, p->view, set);
    size_t end = core->scratch.count;
    bool good = true;
    for (size_t i = start; good && i < end; i++) {
        uint32_t member = core->scratch.items[i];
        struct core_task_run own = select_tasks(p, tasks, member);
        good = own.count == 0 || place_set(p, member, own, nodes);
    }
    core->scratch.count = start;
    return good;
}

/* Tries the node sets that the member's constraint leaves, one after another. */
static bool place_set(struct placing *p, uint32_t member, struct core_task_run tasks,
                      struct core_nodes nodes)
{
    struct core *core = p->core;
    if (tasks.count == 0) {
        return true;
    }
    const bool pod_set = p->view->job->members[member].is_pod_set;
    if (!core_is_constrained(core, p->view, member)) {
        size_t checkpoint = core_checkpoint(core);
        if (pod_set ? place_all(p, tasks, nodes) : place_members(p, member, tasks, nodes)) {
            return true;
        }
        core_rollback(core, checkpoint);
        return false;
    }
    struct core_list items = {0};
    struct core_list lengths = {0};
    struct core_subsets query = {p->view, member, tasks.items, tasks.count, NULL, 0, nodes};
    uint32_t *owners = arena_alloc(&core->placement, tasks.count, sizeof *owners);
    for (size_t i = 0; i < tasks.count; i++) {
        owners[i] = core_task_at(core, tasks.items[i]->task)->member;
    }
    query.pod_sets = owners;
    query.pod_set_count = tasks.count;
    bool good = false;
    p->failed |= !core_subsets(core, &query, &items, &lengths);
    for (size_t i = 0, at = 0; !p->failed && !good && i < lengths.count; i++) {
        struct core_nodes subset = {lengths.items[i] > 0 ? &items.items[at] : NULL,
                                    lengths.items[i], NULL};
        at += lengths.items[i];
        size_t checkpoint = core_checkpoint(core);
        good = pod_set ? place_all(p, tasks, subset) : place_members(p, member, tasks, subset);
        if (!good) {
            core_rollback(core, checkpoint);
        }
    }
    vec_release(&items);
    vec_release(&lengths);
    return good;
}

static void clear_level_scores(struct core *core, const struct core_job *job)
{
    core->level_scores =
        arena_alloc(&core->placement, job->member_count, sizeof *core->level_scores);
}

bool core_place_job(struct core *core, struct core_view *view, struct core_nodes nodes,
                    bool pipeline_only)
{
    core_view_chunk(core, view, !pipeline_only);
    if (view->chunk.count == 0) {
        return false;
    }
    double asked[3];
    core_chunk_amounts(core, view->chunk.items, view->chunk.count, asked);
    struct core_verdict verdict = core_check_capacity(core, view->job, asked, false);
    if (verdict.refusal != CORE_FITS) {
        CORE_LOG(core, "%s: queue %s refuses by %s", view->job->name,
                 core_queue_name(core, verdict.queue),
                 verdict.refusal == CORE_OVER_LIMIT ? "limit" : "non-preemptible quota");
        return false;
    }
    arena_rewind(&core->placement);
    clear_level_scores(core, view->job);
    struct core_task_run tasks = {
        arena_alloc(&core->placement, view->chunk.count, sizeof(struct core_record *)), 0};
    for (size_t i = 0; i < view->chunk.count; i++) {
        tasks.items[tasks.count++] = core_task_at(core, view->chunk.items[i])->record;
    }
    core->placing = view;
    struct placing p = {core, view, pipeline_only, false};
    bool good = place_set(&p, 0, tasks, nodes);
    core->placing = NULL;
    core->level_scores = NULL;
    if (!good) {
        core_view_chunk(core, view, !pipeline_only); /* kept as of now, after the rollback [Q3] */
    }
    return good;
}
