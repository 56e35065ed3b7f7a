/* slow_lists.c - see slow_lists.h. */
#include "slow_lists.h"

#include <criterion/criterion.h>

enum { HORIZON_S = 3000, QUEUES = 3 };
#define NEVER UINT32_MAX

static const uint32_t LIMITS_S[QUEUES] = {3, 8, NEVER};

struct list {
    uint32_t jobs[WORLD_MOST_JOBS];
    uint32_t count;
};

struct lists {
    const struct world *world;
    struct slow_result *out;
    enum lists_policy policy;
    uint32_t now_s;
    uint32_t arrived;
    uint32_t look_s; /* when demotions are looked for although nothing happens */
    struct list all; /* who has not ended, by arrival or as last sorted */
    struct list queues[QUEUES];
    uint32_t queue_of[WORLD_MOST_JOBS];
    uint32_t executed_s[WORLD_MOST_JOBS];
    bool runs[WORLD_MOST_JOBS];
};

static void append(struct list *list, uint32_t job)
{
    list->jobs[list->count++] = job;
}

static void take_out(struct list *list, uint32_t job)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->jobs[i] != job) {
            list->jobs[kept++] = list->jobs[i];
        }
    }
    cr_assert_eq(kept + 1, list->count);
    list->count = kept;
}

static uint32_t gpus_of(const struct lists *lists, uint32_t job)
{
    return lists->world->jobs[job].gpus;
}

static uint32_t left_s(const struct lists *lists, uint32_t job)
{
    return lists->world->jobs[job].duration_s - lists->executed_s[job];
}

static bool has_queues(const struct lists *lists)
{
    return lists->policy == LISTS_DLAS || lists->policy == LISTS_DLAS_GPU;
}

/* Gives GPUs to the jobs of the list in order, from what is left of them. */
static void scan(struct lists *lists, const struct list *list, uint32_t *free)
{
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t job = list->jobs[i];
        lists->runs[job] = gpus_of(lists, job) <= *free;
        *free -= lists->runs[job] ? gpus_of(lists, job) : 0;
        if (lists->runs[job] && lists->out->start_s[job] == NEVER) {
            lists->out->start_s[job] = lists->now_s;
        }
    }
}

static void sort_by_left(struct lists *lists)
{
    struct list *list = &lists->all;
    bool wide = lists->policy == LISTS_SHORTEST_GPU;
    for (uint32_t i = 1; i < list->count; i++) {
        for (uint32_t j = i; j > 0; j--) {
            uint32_t a = list->jobs[j - 1];
            uint32_t b = list->jobs[j];
            uint32_t a_left = left_s(lists, a) * (wide ? gpus_of(lists, a) : 1);
            uint32_t b_left = left_s(lists, b) * (wide ? gpus_of(lists, b) : 1);
            if (a_left <= b_left) {
                break;
            }
            list->jobs[j - 1] = b;
            list->jobs[j] = a;
        }
    }
}

static void demote(struct lists *lists)
{
    for (uint32_t i = 0; i < lists->all.count; i++) {
        uint32_t job = lists->all.jobs[i];
        uint32_t queue = lists->queue_of[job];
        uint32_t service = lists->executed_s[job];
        service *= lists->policy == LISTS_DLAS_GPU ? gpus_of(lists, job) : 1;
        if (lists->runs[job] && queue + 1 < QUEUES && service >= LIMITS_S[queue]) {
            take_out(&lists->queues[queue], job);
            append(&lists->queues[queue + 1], job);
            lists->queue_of[job] = queue + 1;
        }
    }
}

/* Those who run to the front, both parts in their order. */
static void bring_forward(struct lists *lists, struct list *list)
{
    struct list sorted = {.count = 0};
    for (uint32_t run = 0; run < 2; run++) {
        for (uint32_t i = 0; i < list->count; i++) {
            if (lists->runs[list->jobs[i]] == (run == 0)) {
                append(&sorted, list->jobs[i]);
            }
        }
    }
    *list = sorted;
}

static void look_again(struct lists *lists)
{
    lists->look_s = NEVER;
    for (uint32_t i = 0; i < lists->all.count; i++) {
        uint32_t job = lists->all.jobs[i];
        uint32_t queue = lists->queue_of[job];
        if (!lists->runs[job] || queue + 1 >= QUEUES) {
            continue;
        }
        uint32_t left = LIMITS_S[queue] - lists->executed_s[job];
        left /= lists->policy == LISTS_DLAS_GPU ? gpus_of(lists, job) : 1;
        left = left < 1 ? 1 : left;
        lists->look_s = lists->now_s + left < lists->look_s ? lists->now_s + left : lists->look_s;
    }
}

static void pass(struct lists *lists)
{
    uint32_t free = lists->world->nodes * lists->world->gpus_a_node;
    if (!has_queues(lists)) {
        sort_by_left(lists);
        scan(lists, &lists->all, &free);
        return;
    }
    demote(lists);
    for (uint32_t i = 0; i < QUEUES; i++) {
        scan(lists, &lists->queues[i], &free);
    }
    for (uint32_t i = 0; i < QUEUES; i++) {
        bring_forward(lists, &lists->queues[i]);
    }
    look_again(lists);
}

static bool end_due(struct lists *lists)
{
    bool any = false;
    for (uint32_t job = 0; job < lists->arrived; job++) {
        if (lists->runs[job] && left_s(lists, job) == 0) {
            lists->runs[job] = false;
            lists->out->end_s[job] = lists->now_s;
            take_out(&lists->all, job);
            take_out(&lists->queues[lists->queue_of[job]], job);
            any = true;
        }
    }
    return any;
}

void slow_lists_run(const struct world *world, enum lists_policy policy, struct slow_result *out)
{
    struct lists lists = {.world = world, .out = out, .policy = policy, .look_s = NEVER};
    for (uint32_t i = 0; i < world->count; i++) {
        out->start_s[i] = NEVER;
        out->end_s[i] = NEVER;
        cr_assert(world->jobs[i].duration_s > 0);
    }
    for (; lists.now_s < HORIZON_S; lists.now_s++) {
        bool happened = end_due(&lists) || lists.now_s == lists.look_s;
        while (lists.arrived < world->count && world->jobs[lists.arrived].submit_s == lists.now_s) {
            append(&lists.all, lists.arrived);
            append(&lists.queues[0], lists.arrived++);
            happened = true;
        }
        if (happened) {
            pass(&lists);
        }
        for (uint32_t i = 0; i < lists.arrived; i++) {
            lists.executed_s[i] += lists.runs[i] ? 1 : 0;
        }
    }
}
