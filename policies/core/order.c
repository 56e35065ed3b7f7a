/*
 * order.c - which job, which task, which queue goes first (specification 4.3 to 4.5).
 */
#include "policies/core/modules.h"

static int three_way(int64_t l, int64_t r)
{
    return (l > r) - (l < r);
}

bool core_job_first(const struct core *core, struct core_view *l, struct core_view *r)
{
    if (core->on[CORE_PLUGIN_PRIORITY] && l->priority != r->priority) {
        return l->priority > r->priority;
    }
    if (core->on[CORE_PLUGIN_ELASTIC]) {
        int left = core_elastic_state(l);
        int right = core_elastic_state(r);
        if (left != right) {
            return left < right;
        }
    }
    if (l->created_ns != r->created_ns) {
        return l->created_ns < r->created_ns;
    }
    return l->rank < r->rank;
}

static int compare_priority_labels(const struct core_task *l, const struct core_task *r)
{
    if (l->prioritised != r->prioritised) {
        return l->prioritised ? -1 : 1;
    }
    if (!l->prioritised) {
        return 0;
    }
    if (!l->priority_parses) {
        return 1;
    }
    if (!r->priority_parses) {
        return -1;
    }
    return three_way(r->priority, l->priority);
}

int core_task_rule_compare(enum core_task_rule rule, const struct core_task *l,
                           const struct core_task *r)
{
    switch (rule) {
    case CORE_TASK_KUBEFLOW:
        return (int)r->master - (int)l->master;
    case CORE_TASK_RAY:
        return (int)r->head - (int)l->head;
    case CORE_TASK_PRIORITY:
        return compare_priority_labels(l, r);
    }
    CHECK_NEVER("a rule of the task order");
}

int core_task_compare(const struct core *core, uint32_t left, uint32_t right)
{
    static const enum core_plugin PLUGINS[] = {CORE_PLUGIN_KUBEFLOW, CORE_PLUGIN_RAY,
                                               CORE_PLUGIN_TASK_ORDER};
    const struct core_task *l = core_task_at(core, left);
    const struct core_task *r = core_task_at(core, right);
    for (int i = 0; i < 3; i++) {
        int by_rule =
            core->on[PLUGINS[i]] ? core_task_rule_compare((enum core_task_rule)i, l, r) : 0;
        if (by_rule != 0) {
            return by_rule;
        }
    }
    int by_age = three_way(l->created_ns, r->created_ns);
    return by_age != 0 ? by_age : strcmp(l->name, r->name);
}

static bool is_over(const struct core_queue *queue)
{
    return core_amounts_less(queue->share.fair, queue->share.allocated);
}

static void add_job(const struct core_side *side, double with_job[3])
{
    for (int r = 0; r < 3; r++) {
        with_job[r] = side->queue->share.allocated[r] + (side->job == NULL ? 0 : side->job[r]);
    }
}

static bool violates(const struct core_queue *queue, const double with_job[3])
{
    for (int r = 0; r < 3; r++) {
        double share = queue->allocatable[r];
        if (!(share < 0) && !(share > 0) && with_job[r] > 0) {
            return true;
        }
    }
    return false;
}

static double dominant(const struct core *core, const struct core_queue *queue,
                       const double allocated[3])
{
    double best = 0;
    for (int r = 0; r < 3; r++) {
        double share = queue->allocatable[r];
        if (core_compare_amount(share, -1) == 0) {
            share = core->total[r];
        }
        double x = !(share < 0) && !(share > 0) ? allocated[r] * 1000 : allocated[r] / share;
        best = x > best ? x : best;
    }
    return best;
}

static void subtract_victims(const struct core_side *side, double amounts[3])
{
    for (size_t i = 0; i < side->victim_count; i++) {
        for (int r = 0; r < 3; r++) {
            amounts[r] -= side->victims[3 * i + (size_t)r];
        }
    }
    for (int r = 0; side->last_victim != NULL && r < 3; r++) {
        amounts[r] -= side->last_victim[r];
    }
}

/* Steps 5 to 7 of specification 4.4: -1 left first, 1 right first, 0 undecided. */
static int compare_by_share(const struct core *core, const struct core_side *l,
                            const struct core_side *r, double left[3], double right[3])
{
    subtract_victims(l, left);
    subtract_victims(r, right);
    double a = dominant(core, l->queue, left);
    double b = dominant(core, r->queue, right);
    if (a < b || a > b) {
        return a < b ? -1 : 1;
    }
    a = dominant(core, l->queue, l->queue->share.allocated);
    b = dominant(core, r->queue, r->queue->share.allocated);
    if (a < b || a > b) {
        return a < b ? -1 : 1;
    }
    bool less = core_amounts_less_equal(l->queue->allocatable, r->queue->allocatable);
    bool more = core_amounts_less_equal(r->queue->allocatable, l->queue->allocatable);
    return less == more ? 0 : less ? -1 : 1;
}

bool core_queue_first(const struct core *core, const struct core_side *l, const struct core_side *r)
{
    const struct core_queue *lq = l->queue;
    const struct core_queue *rq = r->queue;
    if (!core->on[CORE_PLUGIN_PROPORTION]) {
        return lq->created_ns != rq->created_ns ? lq->created_ns < rq->created_ns
                                                : lq->rank < rq->rank;
    }
    bool l_over = is_over(lq);
    if (l_over != is_over(rq)) {
        return !l_over;
    }
    double left[3];
    double right[3];
    add_job(l, left);
    add_job(r, right);
    bool starved = core_amounts_less_equal(left, lq->share.deserved);
    if (starved != core_amounts_less_equal(right, rq->share.deserved)) {
        return starved;
    }
    if (lq->priority != rq->priority) {
        return lq->priority > rq->priority;
    }
    bool l_violates = violates(lq, left);
    if (l_violates != violates(rq, right)) {
        return !l_violates;
    }
    int by_share = compare_by_share(core, l, r, left, right);
    return by_share != 0 ? by_share < 0 : lq->created_ns < rq->created_ns;
}
