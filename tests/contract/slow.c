/* slow.c - see slow.h. */
#include "slow.h"

#include <criterion/criterion.h>

#define NEVER UINT32_MAX

enum { HORIZON_S = 2000 };

struct slow {
    const struct world *world;
    struct slow_result *out;
    enum slow_policy policy;
    uint32_t now_s;
    uint32_t arrived;
    uint32_t free;
    bool waits[WORLD_MOST_JOBS];
    bool runs[WORLD_MOST_JOBS];
    uint32_t planned_s[WORLD_MOST_JOBS];
    uint32_t left_s[WORLD_MOST_JOBS];
};

static const struct world_job *job_of(const struct slow *slow, uint32_t i)
{
    return &slow->world->jobs[i];
}

static void start(struct slow *slow, uint32_t i)
{
    cr_assert(slow->waits[i] && job_of(slow, i)->gpus <= slow->free);
    slow->waits[i] = false;
    slow->runs[i] = true;
    slow->free -= job_of(slow, i)->gpus;
    if (slow->out->start_s[i] == NEVER) {
        slow->out->start_s[i] = slow->now_s;
    }
}

/* The place of a job in the order of the queue: by submit order, or by (estimate, submit order). */
static uint64_t order_of(const struct slow *slow, bool by_estimate, uint32_t i)
{
    return (by_estimate ? (uint64_t)job_of(slow, i)->estimate_s : 0) * WORLD_MOST_JOBS + i;
}

/* The waiting job that comes first behind `after` (NEVER: first of all), or NEVER. */
static uint32_t next_waiting(const struct slow *slow, bool by_estimate, uint32_t after)
{
    uint32_t best = NEVER;
    for (uint32_t i = 0; i < slow->arrived; i++) {
        uint64_t order = order_of(slow, by_estimate, i);
        bool behind = after == NEVER || order > order_of(slow, by_estimate, after);
        bool better = best == NEVER || order < order_of(slow, by_estimate, best);
        best = slow->waits[i] && behind && better ? i : best;
    }
    return best;
}

static void queue_pass(struct slow *slow, bool by_estimate, bool skip)
{
    for (uint32_t i = next_waiting(slow, by_estimate, NEVER); i != NEVER;
         i = next_waiting(slow, by_estimate, i)) {
        if (job_of(slow, i)->gpus <= slow->free) {
            start(slow, i);
        } else if (!skip) {
            return;
        }
    }
}

/* GPUs free at a later second if nobody else starts. */
static uint32_t free_at(const struct slow *slow, uint32_t time_s)
{
    uint32_t free = slow->free;
    for (uint32_t i = 0; i < slow->arrived; i++) {
        bool gone = slow->out->start_s[i] + job_of(slow, i)->estimate_s <= time_s;
        free += slow->runs[i] && gone ? job_of(slow, i)->gpus : 0;
    }
    return free;
}

static uint32_t shadow_of(const struct slow *slow, uint32_t head)
{
    uint32_t shadow_s = slow->now_s;
    while (free_at(slow, shadow_s) < job_of(slow, head)->gpus) {
        shadow_s++;
    }
    return shadow_s;
}

static void easy_pass(struct slow *slow)
{
    queue_pass(slow, false, false);
    uint32_t head = next_waiting(slow, false, NEVER);
    if (head == NEVER) {
        return;
    }
    if (slow->out->promise_s[head] == NEVER) {
        slow->out->promise_s[head] = shadow_of(slow, head);
    }
    bool by_estimate = slow->policy == SLOW_EASY_SHORTEST;
    for (uint32_t i = next_waiting(slow, by_estimate, NEVER); i != NEVER;
         i = next_waiting(slow, by_estimate, i)) {
        const struct world_job *job = job_of(slow, i);
        uint32_t shadow_s = shadow_of(slow, head);
        uint32_t extra = free_at(slow, shadow_s) - job_of(slow, head)->gpus;
        bool harmless = slow->now_s + job->estimate_s <= shadow_s || job->gpus <= extra;
        if (i != head && job->gpus <= slow->free && harmless) {
            start(slow, i);
        }
    }
}

/* GPUs that running jobs and the plans of all but one waiting job leave at a second. */
static uint32_t unplanned_at(const struct slow *slow, uint32_t except, uint32_t time_s)
{
    uint32_t free = free_at(slow, time_s);
    for (uint32_t i = 0; i < slow->arrived; i++) {
        bool planned = slow->waits[i] && i != except && slow->planned_s[i] <= time_s &&
                       slow->planned_s[i] != NEVER &&
                       time_s < slow->planned_s[i] + job_of(slow, i)->estimate_s;
        free -= planned ? job_of(slow, i)->gpus : 0;
    }
    return free;
}

static uint32_t earliest(const struct slow *slow, uint32_t i)
{
    const struct world_job *job = job_of(slow, i);
    uint32_t begin_s = slow->now_s;
    uint32_t at_s = begin_s;
    while (at_s < begin_s + job->estimate_s) {
        cr_assert_lt(at_s, HORIZON_S);
        if (unplanned_at(slow, i, at_s) < job->gpus) {
            begin_s = at_s + 1;
        }
        at_s++;
    }
    return begin_s;
}

static void move_forward(struct slow *slow)
{
    for (uint32_t i = 0; i < slow->arrived; i++) {
        if (slow->waits[i] && slow->planned_s[i] != NEVER) {
            uint32_t before_s = slow->planned_s[i];
            slow->planned_s[i] = earliest(slow, i);
            cr_assert_leq(slow->planned_s[i], before_s);
        }
    }
}

static void conservative_pass(struct slow *slow, bool finished)
{
    if (finished) {
        move_forward(slow);
    }
    for (uint32_t i = 0; i < slow->arrived; i++) {
        if (slow->waits[i] && slow->planned_s[i] == NEVER) {
            slow->planned_s[i] = earliest(slow, i);
            slow->out->promise_s[i] = slow->planned_s[i];
        }
    }
    for (uint32_t i = 0; i < slow->arrived; i++) {
        if (slow->waits[i] && slow->planned_s[i] == slow->now_s) {
            start(slow, i);
        }
    }
}

/* Before others: less left, then who runs, then who came first. */
static bool goes_before(const struct slow *slow, uint32_t a, uint32_t b)
{
    if (slow->policy == SLOW_SMALLEST) {
        uint32_t a_gpus = job_of(slow, a)->gpus;
        uint32_t b_gpus = job_of(slow, b)->gpus;
        return a_gpus != b_gpus ? a_gpus < b_gpus : a < b;
    }
    bool wide = slow->policy == SLOW_SRSF;
    uint32_t a_left = slow->left_s[a] * (wide ? job_of(slow, a)->gpus : 1);
    uint32_t b_left = slow->left_s[b] * (wide ? job_of(slow, b)->gpus : 1);
    if (a_left != b_left || slow->runs[a] != slow->runs[b]) {
        return a_left != b_left ? a_left < b_left : slow->runs[a];
    }
    return a < b;
}

/* Walks all jobs with a quota of all GPUs; who gets none is stopped, then the others start. */
static void preemptive_pass(struct slow *slow)
{
    bool seen[WORLD_MOST_JOBS] = {false};
    bool chosen[WORLD_MOST_JOBS] = {false};
    uint32_t quota = slow->world->nodes * slow->world->gpus_a_node;
    for (uint32_t step = 0; step < slow->arrived; step++) {
        uint32_t best = NEVER;
        for (uint32_t i = 0; i < slow->arrived; i++) {
            bool there = (slow->waits[i] || slow->runs[i]) && !seen[i];
            best = there && (best == NEVER || goes_before(slow, i, best)) ? i : best;
        }
        if (best != NEVER) {
            seen[best] = true;
            chosen[best] = job_of(slow, best)->gpus <= quota;
            quota -= chosen[best] ? job_of(slow, best)->gpus : 0;
        }
    }
    for (uint32_t i = 0; i < slow->arrived; i++) {
        if (slow->runs[i] && !chosen[i]) {
            slow->runs[i] = false;
            slow->waits[i] = true;
            slow->free += job_of(slow, i)->gpus;
        }
    }
    for (uint32_t i = 0; i < slow->arrived; i++) {
        if (slow->waits[i] && chosen[i]) {
            start(slow, i);
        }
    }
}

static void pass(struct slow *slow, bool finished)
{
    switch (slow->policy) {
    case SLOW_FIFO_STRICT:
    case SLOW_FIFO_SKIP:
        queue_pass(slow, false, slow->policy == SLOW_FIFO_SKIP);
        return;
    case SLOW_SJF_STRICT:
    case SLOW_SJF_SKIP:
        queue_pass(slow, true, slow->policy == SLOW_SJF_SKIP);
        return;
    case SLOW_EASY:
    case SLOW_EASY_SHORTEST:
        easy_pass(slow);
        return;
    case SLOW_CONSERVATIVE:
        conservative_pass(slow, finished);
        return;
    case SLOW_SRTF:
    case SLOW_SRSF:
    case SLOW_SMALLEST:
        preemptive_pass(slow);
        return;
    }
}

static bool finish_due(struct slow *slow)
{
    bool finished = false;
    for (uint32_t i = 0; i < slow->arrived; i++) {
        if (slow->runs[i] && slow->left_s[i] == 0) {
            slow->runs[i] = false;
            slow->free += job_of(slow, i)->gpus;
            slow->out->end_s[i] = slow->now_s;
            finished = true;
        }
    }
    return finished;
}

static void run_instant(struct slow *slow)
{
    bool finished = finish_due(slow);
    bool happened =
        finished || slow->policy == SLOW_CONSERVATIVE; /* plans come due by themselves */
    while (slow->arrived < slow->world->count &&
           slow->world->jobs[slow->arrived].submit_s == slow->now_s) {
        slow->waits[slow->arrived++] = true;
        happened = true;
    }
    if (happened) {
        pass(slow, finished);
    }
    while (finish_due(slow)) { /* jobs of no duration make another pass at the instant */
        pass(slow, true);
    }
}

void slow_run(const struct world *world, enum slow_policy policy, struct slow_result *out)
{
    struct slow slow = {.world = world, .out = out, .policy = policy};
    slow.free = world->nodes * world->gpus_a_node;
    for (uint32_t i = 0; i < world->count; i++) {
        out->start_s[i] = NEVER;
        out->end_s[i] = NEVER;
        out->promise_s[i] = NEVER;
        slow.planned_s[i] = NEVER;
        slow.left_s[i] = world->jobs[i].duration_s;
    }
    for (; slow.now_s < HORIZON_S; slow.now_s++) {
        run_instant(&slow);
        for (uint32_t i = 0; i < slow.arrived; i++) {
            slow.left_s[i] -= slow.runs[i] ? 1 : 0;
        }
    }
}
