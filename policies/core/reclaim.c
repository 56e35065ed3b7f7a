/*
 * reclaim.c - what one queue may take from another (specification 9.1 to 9.3).
 */
#include "policies/core/solver.h"

bool core_may_reclaim(struct core *core, struct core_job *job)
{
    if (!core->on[CORE_PLUGIN_PROPORTION] || job->queue == CORE_NONE) {
        return false;
    }
    core_view_request(core, &job->view, false);
    return core_can_reclaim(core, job->queue, job->view.request_quantity, job->preemptible);
}

bool core_can_reclaim(struct core *core, uint32_t queue, const double request[3], bool preemptible)
{
    const struct core_share *share = &core_queue_at(core, queue)->share;
    double with[3];
    double with_np[3];
    for (int r = 0; r < 3; r++) {
        with[r] = share->allocated[r] + request[r];
        with_np[r] = share->np[r] + request[r];
    }
    return core_amounts_less_equal(with, share->fair) &&
           (preemptible || core_amounts_less_equal(with_np, share->deserved));
}

/* The first ancestors that differ, walking from the roots; the last pair if one path ends. */
static void level(const struct core *core, uint32_t *a, uint32_t *b)
{
    while (core_queue_at(core, *a)->depth > core_queue_at(core, *b)->depth) {
        *a = core_queue_at(core, *a)->parent;
    }
    while (core_queue_at(core, *b)->depth > core_queue_at(core, *a)->depth) {
        *b = core_queue_at(core, *b)->parent;
    }
    while (core_queue_at(core, *a)->parent != core_queue_at(core, *b)->parent) {
        *a = core_queue_at(core, *a)->parent;
        *b = core_queue_at(core, *b)->parent;
    }
}

bool core_reclaim_filter(const struct core *core, uint32_t mine, uint32_t theirs,
                         const double request[3])
{
    level(core, &mine, &theirs);
    const struct core_share *a = &core_queue_at(core, mine)->share;
    const struct core_share *b = &core_queue_at(core, theirs)->share;
    double with[3];
    for (int r = 0; r < 3; r++) {
        with[r] = a->allocated[r] + request[r];
    }
    if (!core_amounts_less_equal(with, a->deserved)) {
        return !core_amounts_less_equal(b->allocated, core_queue_at(core, theirs)->allocatable);
    }
    bool under = false;
    for (int r = 0; r < 3; r++) {
        if (request[r] > 0 && core_compare_amount(b->deserved[r], -1) != 0) {
            if (b->allocated[r] > b->deserved[r]) {
                return true;
            }
            under |= b->allocated[r] < b->deserved[r];
        }
    }
    return !under;
}

struct judging {
    struct core *core;
    const struct core_amounts_at *start; /* by queue; NULL: live amounts */
    const struct core_reclaim_query *query;
    double *remaining; /* triples by queue */
    bool *touched;     /* by queue: it has a remaining amount */
    bool *involved;    /* triples by queue */
};

static void get_amounts(const struct judging *j, uint32_t queue, double allocated[3], double np[3])
{
    const struct core_share *share = &core_queue_at(j->core, queue)->share;
    memcpy(allocated, j->start != NULL ? j->start[queue].allocated : share->allocated,
           3 * sizeof *allocated);
    memcpy(np, j->start != NULL ? j->start[queue].np : share->np, 3 * sizeof *np);
}

static double *remaining_of(struct judging *j, uint32_t queue)
{
    if (!j->touched[queue]) {
        double np[3];
        get_amounts(j, queue, &j->remaining[3 * queue], np);
        j->touched[queue] = true;
    }
    return &j->remaining[3 * queue];
}

static bool may_take(struct judging *j, const struct core_bundle *bundle)
{
    uint32_t mine = j->query->queue;
    uint32_t theirs = bundle->queue;
    level(j->core, &mine, &theirs);
    const double *left = remaining_of(j, theirs);
    if (!core_amounts_less_equal(left, core_queue_at(j->core, theirs)->allocatable)) {
        return true;
    }
    double with[3];
    double np[3];
    get_amounts(j, mine, with, np);
    for (int r = 0; r < 3; r++) {
        with[r] += j->query->request[r];
    }
    return core_amounts_less_equal(with, core_queue_at(j->core, mine)->share.deserved) &&
           !core_amounts_less_equal(left, core_queue_at(j->core, theirs)->share.deserved);
}

static void take(struct judging *j, const struct core_bundle *bundle)
{
    for (uint32_t q = bundle->queue; q != CORE_NONE; q = core_queue_at(j->core, q)->parent) {
        double *left = remaining_of(j, q);
        for (uint32_t r = 0; r < 3; r++) {
            left[r] -= bundle->amounts[r];
            j->involved[3 * q + r] |= (r == CORE_GPU ? bundle->gpu : bundle->amounts[r]) > 0;
        }
    }
}

/* Phase 1. Resources of all bundles of a queue are involved, wherever they stand in its list. */
static bool take_all(struct judging *j)
{
    for (size_t i = 0; i < j->core->queue_list.count; i++) {
        uint32_t queue = j->core->queue_list.items[i];
        for (size_t b = 0; b < j->query->count; b++) {
            if (j->query->bundles[b].queue != queue) {
                continue;
            }
            if (!may_take(j, &j->query->bundles[b])) {
                CORE_LOG(j->core, "rejected: %s would fall below its share",
                         core_queue_name(j->core, queue));
                return false;
            }
            take(j, &j->query->bundles[b]);
        }
    }
    return true;
}

static bool better_than_siblings(struct judging *j, uint32_t queue, const double mine[3])
{
    const struct core_queue *own = core_queue_at(j->core, queue);
    for (size_t i = 0; i < j->core->queue_list.count; i++) {
        uint32_t other = j->core->queue_list.items[i];
        const struct core_queue *sibling = core_queue_at(j->core, other);
        if (!j->touched[other] || other == queue || sibling->parent != own->parent) {
            continue;
        }
        bool resources[3];
        for (uint32_t r = 0; r < 3; r++) {
            resources[r] = j->involved[3 * other + r] ||
                           (r == CORE_GPU ? j->query->request_gpu : j->query->request[r]) > 0;
        }
        if (!core_saturation_lower(mine, own->share.fair, &j->remaining[3 * other],
                                   sibling->share.fair, resources, j->core->multiplier)) {
            return false;
        }
    }
    return true;
}

/* Phase 2. */
static bool stays_fair(struct judging *j)
{
    for (uint32_t q = j->query->queue; q != CORE_NONE; q = core_queue_at(j->core, q)->parent) {
        double mine[3];
        double np[3];
        get_amounts(j, q, mine, np);
        if (j->touched[q]) {
            memcpy(mine, &j->remaining[3 * q], sizeof mine);
        }
        for (int r = 0; r < 3; r++) {
            mine[r] += j->query->request[r];
            np[r] += j->query->request[r];
        }
        if (j->touched[q]) {
            memcpy(&j->remaining[3 * q], mine, sizeof mine);
        }
        if (!better_than_siblings(j, q, mine) ||
            (!j->query->preemptible &&
             !core_amounts_less_equal(np, core_queue_at(j->core, q)->share.deserved))) {
            return false;
        }
    }
    return true;
}

static bool judge(struct core *core, const struct core_reclaim_query *query,
                  const struct core_amounts_at *start)
{
    size_t n = core->queues.count;
    struct judging j = {core,
                        start,
                        query,
                        mem_alloc(3 * n, sizeof(double)),
                        mem_alloc(n, sizeof(bool)),
                        mem_alloc(3 * n, sizeof(bool))};
    bool good = take_all(&j) && stays_fair(&j);
    free(j.remaining);
    free(j.touched);
    free(j.involved);
    return good;
}

bool core_reclaimable(struct core *core, const struct core_reclaim_query *query)
{
    return judge(core, query, NULL);
}

struct bundling {
    struct core *core;
    const struct core_job *job;
    const uint32_t *tasks; /* the job's listed victims */
    size_t count;
    struct core_doubles *vectors;
};

static bool counts(const struct core *core, uint32_t task)
{
    return core->settings.no_consolidating_reclaim ||
           !core_status_in(core_task_at(core, task)->record->status, CORE_SET_ACTIVE);
}

/* Starts a bundle (`fresh`) or adds to the last one. */
static void add_to_bundle(struct bundling *b, uint32_t task, bool fresh)
{
    const struct core_record *record = core_task_at(b->core, task)->record;
    const double *vector = core_class_of(b->core, task)->vector;
    size_t width = b->core->width;
    for (size_t i = 0; fresh && i < width; i++) {
        vec_push(b->vectors, 0);
    }
    double *sum = &b->vectors->items[b->vectors->count - width];
    for (size_t i = 0; i < width; i++) {
        bool accepted = i == CORE_GPU && record->received != CORE_GPU_UNTYPED;
        sum[i] += accepted ? record->accepted_gpu : vector[i];
    }
}

static void make_bundles(struct bundling *b)
{
    struct core_list core_tasks = {0};
    for (uint32_t p = 0; p < b->job->pod_set_count; p++) {
        uint32_t member = b->job->pod_sets[p];
        int64_t min = b->job->view.counts[member].min;
        int64_t seen = 0;
        for (size_t i = 0; i < b->count; i++) {
            if (core_task_at(b->core, b->tasks[i])->member != member) {
                continue;
            }
            if (seen++ < min) {
                vec_push(&core_tasks, b->tasks[i]);
            } else if (counts(b->core, b->tasks[i])) {
                add_to_bundle(b, b->tasks[i], true);
            }
        }
    }
    bool fresh = true;
    for (size_t i = 0; i < core_tasks.count; i++) {
        if (counts(b->core, core_tasks.items[i])) {
            add_to_bundle(b, core_tasks.items[i], fresh);
            fresh = false;
        }
    }
    vec_release(&core_tasks);
}

size_t core_victim_bundles(struct core *core, uint32_t job, const struct core_list *tasks,
                           struct core_doubles *vectors)
{
    size_t before = vectors->count;
    struct bundling b = {core, core_job_at(core, job), tasks->items, tasks->count, vectors};
    make_bundles(&b);
    return (vectors->count - before) / core->width;
}

static int by_rank(const void *l, const void *r, void *arg)
{
    const struct core *core = arg;
    uint32_t a = core_job_at(core, core_task_job(core, *(const uint32_t *)l))->rank;
    uint32_t b = core_job_at(core, core_task_job(core, *(const uint32_t *)r))->rank;
    return (a > b) - (a < b);
}

bool core_reclaim_accepts(struct core_solver *s)
{
    struct core *core = s->core;
    struct core_list tasks = {0};
    for (size_t i = 0; i < s->victim_tasks.count; i++) {
        vec_push(&tasks, s->victim_tasks.items[i]);
    }
    core_sort(tasks.items, tasks.count, by_rank, core);
    VEC(struct core_bundle) bundles = {0};
    for (size_t i = 0, end = 0; i < tasks.count; i = end) {
        uint32_t job = core_task_job(core, tasks.items[i]);
        while (end < tasks.count && core_task_job(core, tasks.items[end]) == job) {
            end++;
        }
        struct core_doubles vectors = {0};
        const struct core_list own = {tasks.items + i, end - i, end - i};
        size_t count = core_victim_bundles(core, job, &own, &vectors);
        for (size_t b = 0; b < count; b++) {
            const double *v = &vectors.items[b * core->width];
            struct core_bundle bundle = {core_job_at(core, job)->queue,
                                         {v[CORE_CPU], v[CORE_MEM], core_total_gpus(core, v)},
                                         v[CORE_GPU]};
            vec_push(&bundles, bundle);
        }
        vec_release(&vectors);
    }
    struct core_reclaim_query query = {.queue = s->job->queue,
                                       .preemptible = s->job->preemptible,
                                       .request_gpu = s->partial.request[CORE_GPU],
                                       .bundles = bundles.items,
                                       .count = bundles.count};
    memcpy(query.request, s->partial.request_quantity, sizeof query.request);
    bool good = judge(core, &query, s->start);
    vec_release(&bundles);
    vec_release(&tasks);
    return good && core_runtime_accepts(s, true);
}
