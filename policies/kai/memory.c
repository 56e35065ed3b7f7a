/* memory.c - see memory.h. */
#include "policies/kai/memory.h"

#include "sim/base/check.h"

enum { SHARE_DOUBLES = 5, HEAD_VALUES = 3, EVENT_VALUES = 8, GROUP_VALUES = 2, SHARE_VALUES = 6 };

static void put(struct kai_cycle *cycle, int64_t value)
{
    vec_push(&cycle->memory, value);
}

static void put_event(struct kai_cycle *cycle, const struct kai_event *event)
{
    const struct kai_job *job = &cycle->world.jobs[cycle->world.tasks.items[event->task].job];
    put(cycle, (int64_t)event->action);
    put(cycle, (int64_t)event->kind);
    put(cycle, event->task);
    put(cycle, event->node);
    put(cycle, event->for_job);
    put(cycle, event->group_count);
    put(cycle, job->last_start_ns);
    put(cycle, job->last_eviction_ns);
}

static void put_share(struct kai_cycle *cycle, const struct kai_share *share)
{
    const struct queue_standing *standing = &share->standing;
    const double amounts[SHARE_DOUBLES] = {standing->deserved, standing->fair_share,
                                           standing->allocated, standing->requested,
                                           standing->usage};
    put(cycle, share->queue);
    for (size_t i = 0; i < SHARE_DOUBLES; i++) {
        int64_t bits = 0;
        memcpy(&bits, &amounts[i], sizeof(bits));
        put(cycle, bits);
    }
}

void kai_remember_cycle(struct kai_cycle *cycle, struct sched_ctx *ctx)
{
    vec_clear(&cycle->memory);
    put(cycle, (int64_t)cycle->events.count);
    put(cycle, (int64_t)cycle->groups.count);
    put(cycle, (int64_t)cycle->shares.count);
    for (size_t i = 0; i < cycle->events.count; i++) {
        put_event(cycle, &cycle->events.items[i]);
    }
    for (size_t i = 0; i < cycle->groups.count; i++) {
        put(cycle, cycle->groups.items[i].fresh ? 1 : 0);
        put(cycle, cycle->groups.items[i].number);
    }
    for (size_t i = 0; i < cycle->shares.count; i++) {
        put_share(cycle, &cycle->shares.items[i]);
    }
    sched_remember(ctx, cycle->memory.items, cycle->memory.count);
}

static void get_event(struct kai_cycle *cycle, const int64_t *values)
{
    struct kai_event event = {
        .action = (enum core_action)values[0],
        .kind = (enum core_event_kind)values[1],
        .task = (uint32_t)values[2],
        .node = (uint32_t)values[3],
        .for_job = (uint32_t)values[4],
        .group_count = (uint32_t)values[5],
    };
    if (cycle->events.count > 0) {
        const struct kai_event *before = &cycle->events.items[cycle->events.count - 1];
        event.first_group = before->first_group + before->group_count;
    }
    struct kai_job *job = &cycle->world.jobs[cycle->world.tasks.items[event.task].job];
    job->last_start_ns = values[6];
    job->last_eviction_ns = values[7];
    vec_push(&cycle->events, event);
}

static void get_share(struct kai_cycle *cycle, const int64_t *values)
{
    double amounts[SHARE_DOUBLES];
    memcpy(amounts, values + 1, sizeof(amounts));
    struct kai_share share = {
        (uint32_t)values[0],
        {
            .name = cycle->world.queues.items[values[0]].name,
            .deserved = amounts[0],
            .fair_share = amounts[1],
            .allocated = amounts[2],
            .requested = amounts[3],
            .usage = amounts[4],
        },
    };
    vec_push(&cycle->shares, share);
}

bool kai_recall_cycle(struct kai_cycle *cycle, struct sched_ctx *ctx)
{
    const int64_t *values = NULL;
    size_t count = 0;
    if (!sched_recall(ctx, &values, &count)) {
        return false;
    }
    CHECK(count >= HEAD_VALUES);
    int64_t events = values[0];
    int64_t groups = values[1];
    int64_t shares = values[2];
    CHECK(count == (size_t)(HEAD_VALUES + events * EVENT_VALUES + groups * GROUP_VALUES +
                            shares * SHARE_VALUES));
    values += HEAD_VALUES;
    vec_clear(&cycle->events);
    vec_clear(&cycle->groups);
    vec_clear(&cycle->shares);
    for (int64_t i = 0; i < events; i++, values += EVENT_VALUES) {
        get_event(cycle, values);
    }
    for (int64_t i = 0; i < groups; i++, values += GROUP_VALUES) {
        struct kai_group group = {values[0] != 0, (uint32_t)values[1]};
        vec_push(&cycle->groups, group);
    }
    for (int64_t i = 0; i < shares; i++, values += SHARE_VALUES) {
        get_share(cycle, values);
    }
    return true;
}
