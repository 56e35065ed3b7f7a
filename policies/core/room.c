/*
 * room.c - scenarios that cannot make room for the job, told without trying them.
 *
 * A try evicts, places everything again and undoes it all; most tries fail because some node does
 * not come free as a whole. Where all pending tasks want the same whole GPUs, counting those that
 * nodes would have free shows it: a try places every task of the chunk or fails. Only where a
 * failed try leaves nothing behind but forgotten chunks may it be left out: not where amounts round
 * (their drift is part of later decisions), nor where a victim is listed twice [Q6].
 */
#include "policies/core/dra.h"
#include "policies/core/solver.h"

/* How often the demand is to be had from what a node has free. */
static int64_t slots_of(double free_gpus, double demand)
{
    return free_gpus < demand ? 0 : (int64_t)(free_gpus / demand);
}

static void give(struct core_room *room, uint32_t node, double gpus)
{
    double *free_gpus = &room->free_gpus[node];
    room->slots -= slots_of(*free_gpus, room->demand);
    *free_gpus += gpus;
    room->slots += slots_of(*free_gpus, room->demand);
}

/* Notes what a node gets, or loses, until core_room_leave. */
static void note_given(struct core_solver *s, uint32_t node, double gpus)
{
    struct core_given given = {node, gpus};
    give(&s->room, node, gpus);
    vec_push(&s->room_given, given);
}

static bool is_usable(const struct core_solver *s)
{
    const struct core *core = s->core;
    const struct core_view *partial = &s->partial;
    if (core->log != NULL || core->odd_amounts || core->claims.count > 0 ||
        s->job->status_count[CORE_RELEASING] > 0 || partial->chunk.count == 0) {
        return false;
    }
    double demand = core_class_of(core, partial->chunk.items[0])->vector[CORE_GPU];
    for (size_t i = 1; i < partial->chunk.count; i++) {
        double other = core_class_of(core, partial->chunk.items[i])->vector[CORE_GPU];
        if (other < demand || other > demand) {
            return false;
        }
    }
    return demand > 0;
}

void core_room_open(struct core_solver *s)
{
    const struct core *core = s->core;
    struct core_room *room = &s->room;
    if (room->open) {
        return;
    }
    *room = (struct core_room){.open = true, .usable = is_usable(s)};
    if (!room->usable) {
        return;
    }
    room->demand = core_class_of(core, s->partial.chunk.items[0])->vector[CORE_GPU];
    room->free_gpus = arena_alloc(&s->run, core->nodes.count, sizeof *room->free_gpus);
    room->listed = arena_alloc(&s->run, core->tasks.count, sizeof *room->listed);
    for (size_t i = 0; i < core->node_list.count; i++) {
        const struct core_node *node = core_node_at(core, core->node_list.items[i]);
        give(room, node->index, node->idle[CORE_GPU] + node->releasing[CORE_GPU]);
    }
    for (size_t i = 0; i < s->recorded.tasks.count; i++) {
        uint32_t task = s->recorded.tasks.items[i];
        room->usable = room->usable && !room->listed[task];
        room->listed[task] = true;
        const struct core_record *record = core_task_at(core, task)->record;
        if (record->node != CORE_NONE) {
            give(room, record->node, core_accepted_quota(core, record));
        }
    }
}

/* Are all victims of the scenario different ones? Those recorded are. */
static bool are_different(struct core_solver *s, const struct core_scenario *scenario, size_t first)
{
    struct core_room *room = &s->room;
    size_t end = first;
    while (end < scenario->tasks.count && !room->listed[scenario->tasks.items[end]]) {
        room->listed[scenario->tasks.items[end++]] = true;
    }
    bool different = end == scenario->tasks.count;
    while (end > first) {
        room->listed[scenario->tasks.items[--end]] = false;
    }
    return different;
}

static bool lacks_now(const struct core_solver *s)
{
    return s->room.slots < (int64_t)s->partial.chunk.count;
}

void core_room_forget(struct core_solver *s, const struct core_scenario *scenario)
{
    if (!s->room.watched) {
        return;
    }
    core_view_forget(&s->job->view);
    for (size_t i = 0; i < scenario->groups.count; i++) {
        core_view_forget(&core_job_at(s->core, scenario->groups.items[i].job)->view);
    }
}

bool core_room_enter(struct core_solver *s, const struct core_scenario *scenario)
{
    struct core_room *room = &s->room;
    size_t first = s->recorded.tasks.count;
    room->watched = room->usable && scenario->tasks.count >= first &&
                    (scenario->recorded == 0) == (first == 0) && are_different(s, scenario, first);
    if (!room->watched) {
        return false;
    }
    for (size_t i = first; i < scenario->tasks.count; i++) {
        const struct core_record *record = core_task_at(s->core, scenario->tasks.items[i])->record;
        if (record->node != CORE_NONE) {
            note_given(s, record->node, core_accepted_quota(s->core, record));
        }
    }
    bool lacks = lacks_now(s);
    if (lacks) {
        core_room_forget(s, scenario);
    }
    return lacks;
}

bool core_room_is_taken(struct core_solver *s, size_t since)
{
    const struct core *core = s->core;
    if (!s->room.watched) {
        return false;
    }
    for (size_t i = since; i < core->statement.entries.count; i++) {
        const struct core_entry *entry = &core->statement.entries.items[i];
        note_given(s, entry->record->node, -core_accepted_quota(core, entry->record));
    }
    return lacks_now(s);
}

void core_room_leave(struct core_solver *s)
{
    for (size_t i = s->room_given.count; i > 0; i--) {
        give(&s->room, s->room_given.items[i - 1].node, -s->room_given.items[i - 1].gpus);
    }
    vec_clear(&s->room_given);
    s->room.watched = false;
}
