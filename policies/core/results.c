/*
 * results.c - reading a session: events, states, ledgers, shares.
 */
#include <stdarg.h>
#include <stdio.h>

#include "policies/core/modules.h"

/* The names of a run of groups; NULL while no group has been named at all. */
static const uint32_t *names_of_groups(const struct core *core, struct core_groups groups)
{
    return core->group_pool.count > 0 ? &core->group_pool.items[groups.start] : NULL;
}

size_t core_event_count(const struct core *core)
{
    return core->events.count;
}

struct core_event core_event_get(const struct core *core, size_t i)
{
    struct core_event event = core->events.items[i].event;
    event.group_count = core->events.items[i].groups.count;
    event.groups = names_of_groups(core, core->events.items[i].groups);
    return event;
}

struct core_task_view core_task_get(const struct core *core, uint32_t index)
{
    const struct core_record *record = core_task_at(core, index)->record;
    struct core_task_view view = {.status = (enum core_status)record->status,
                                  .is_virtual = record->is_virtual,
                                  .node = record->node,
                                  .groups = names_of_groups(core, record->groups),
                                  .group_count = record->groups.count};
    if (record->node != CORE_NONE) {
        view.node_name = core_node_name(core, record->node);
        view.node = core_node_at(core, record->node)->exists ? record->node : CORE_NONE;
    }
    return view;
}

struct core_job_view core_job_get(const struct core *core, uint32_t job)
{
    return core_job_at(core, job)->times;
}

struct core_node_view core_node_get(const struct core *core, uint32_t index)
{
    const struct core_node *node = core_node_at(core, index);
    return (struct core_node_view){node->allocatable, node->idle, node->used, node->releasing};
}

struct core_queue_view core_queue_get(const struct core *core, uint32_t index)
{
    const struct core_queue *queue = core_queue_at(core, index);
    struct core_queue_view view = {.dropped = queue->dropped};
    memcpy(view.deserved, queue->share.deserved, sizeof view.deserved);
    memcpy(view.limit, queue->share.limit, sizeof view.limit);
    memcpy(view.weight, queue->share.weight, sizeof view.weight);
    memcpy(view.fair_share, queue->share.fair, sizeof view.fair_share);
    memcpy(view.allocated, queue->share.allocated, sizeof view.allocated);
    memcpy(view.allocated_np, queue->share.np, sizeof view.allocated_np);
    memcpy(view.requested, queue->share.request, sizeof view.requested);
    memcpy(view.usage, queue->share.usage, sizeof view.usage);
    return view;
}

void core_total_get(const struct core *core, double total[3])
{
    memcpy(total, core->total, sizeof core->total);
}

void core_set_log(struct core *core, void (*line)(void *arg, const char *text), void *arg)
{
    core->log = line;
    core->log_arg = arg;
}

void core_log_line(const struct core *core, const char *fmt, ...)
{
    char line[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    core->log(core->log_arg, line);
}
