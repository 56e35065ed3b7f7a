/*
 * statement.c - placements and evictions that can be undone (specification 6.2 to 6.5).
 *
 * Every operation takes effect at once and appends an entry. There is one statement at a time; its
 * list is reused, so that trying costs no allocation.
 */
#include "policies/core/dra.h"
#include "policies/core/modules.h"

struct core_record *core_shadow(struct core *core, const struct core_record *record)
{
    struct core_record *copy = arena_alloc(&core->session, 1, sizeof *copy);
    *copy = *record;
    return copy;
}

static void allocate_event(struct core *core, const struct core_record *record)
{
    core_charge_queues(core, record, 1);
    core_dra_assume(core, record->task, core_node_at(core, record->node));
    core_numa_charge(core, record, 1);
}

static void deallocate_event(struct core *core, const struct core_record *record)
{
    core_charge_queues(core, record, -1);
    core_dra_release(core, record->task);
    core_numa_charge(core, record, -1);
}

void core_evict_for_good(struct core *core, struct core_record *record)
{
    core_set_status(core, record, CORE_RELEASING);
    if (record->node != CORE_NONE) { /* a stale gang may say that it runs, but not where */
        core_ledger_update(core, core_node_at(core, record->node), record);
    }
    deallocate_event(core, record);
}

static void append(struct core *core, struct core_entry entry)
{
    vec_push(&core->statement.entries, entry);
}

static struct core_entry entry_of(enum core_entry_kind kind, struct core_record *record)
{
    return (struct core_entry){.record = record,
                               .groups = record->groups,
                               .zones = record->zones,
                               .node = record->node,
                               .kind = (uint8_t)kind,
                               .status = record->status,
                               .was_virtual = record->is_virtual};
}

bool core_evict(struct core *core, struct core_record *record)
{
    if (record->node == CORE_NONE ||
        core_ledger_copy(core, core_node_at(core, record->node), record->task) == NULL) {
        return false;
    }
    struct core_entry entry = entry_of(CORE_ENTRY_EVICT, record);
    core_evict_for_good(core, record);
    append(core, entry);
    record->is_virtual = true;
    return true;
}

bool core_allocate(struct core *core, struct core_record *record, struct core_node *node)
{
    if (core_ledger_copy(core, node, record->task) != NULL) {
        return false;
    }
    bool was_virtual = record->is_virtual;
    core_numa_place(core, record, node);
    core_set_status(core, record, CORE_ALLOCATED);
    record->node = node->index;
    core_ledger_add(core, node, record);
    allocate_event(core, record);
    struct core_entry entry = entry_of(CORE_ENTRY_ALLOCATE, core_shadow(core, record));
    entry.was_virtual = was_virtual;
    append(core, entry);
    record->is_virtual = true;
    return true;
}

static bool same_groups(const struct core *core, struct core_groups l, struct core_groups r)
{
    if (l.count != r.count) {
        return false;
    }
    for (uint32_t i = 0; i < l.count; i++) {
        if (core->group_pool.items[l.start + i] != core->group_pool.items[r.start + i]) {
            return false;
        }
    }
    return true;
}

static void undo(struct core *core, size_t at);

/* The earliest eviction of this task that still holds is undone. */
static bool unevict(struct core *core, uint32_t task)
{
    for (size_t i = 0; i < core->statement.entries.count; i++) {
        const struct core_entry *entry = &core->statement.entries.items[i];
        if (entry->kind == CORE_ENTRY_EVICT && !entry->undone && entry->record->task == task) {
            undo(core, i);
            core->statement.entries.items[i].undone = true;
            struct core_entry note =
                entry_of(CORE_ENTRY_UNDO, core->statement.entries.items[i].record);
            note.undoes = (uint32_t)i;
            append(core, note);
            return true;
        }
    }
    return false;
}

bool core_pipeline(struct core *core, struct core_record *record, struct core_node *node,
                   bool update_if_there)
{
    const struct core_copy *there = core_ledger_copy(core, node, record->task);
    bool moved = there != NULL && record->groups.count > 0 &&
                 record->received == CORE_GPU_FRACTION &&
                 !same_groups(core, record->groups, there->groups);
    bool rezoned = there != NULL && core_numa_moves(core, record, node);
    if (there != NULL && !update_if_there && !moved && !rezoned) {
        record->groups = there->groups;
        return unevict(core, record->task);
    }
    struct core_entry entry = entry_of(CORE_ENTRY_PIPELINE, record);
    if (moved) {
        entry.groups = there->groups;
    }
    core_numa_place(core, record, node);
    core_set_status(core, record, CORE_PIPELINED);
    record->node = node->index;
    if (moved) {
        core_ledger_replace(core, node, record);
    } else if (there != NULL) {
        core_ledger_update(core, node, record);
    } else {
        core_ledger_add(core, node, record);
    }
    allocate_event(core, record);
    append(core, entry);
    record->is_virtual = true;
    return true;
}

static void undo_evict(struct core *core, const struct core_entry *entry)
{
    struct core_record *record = entry->record;
    struct core_node *node = core_node_at(core, record->node);
    core_set_status(core, record, (enum core_status)entry->status);
    record->groups = entry->groups;
    record->zones = entry->zones;
    record->is_virtual = entry->was_virtual;
    if (!core_ledger_update(core, node, record)) {
        core_ledger_add(core, node, record);
    }
    allocate_event(core, record);
}

static void undo_placement(struct core *core, const struct core_entry *entry)
{
    struct core_record *record = entry->record;
    bool pipelined = entry->kind == CORE_ENTRY_PIPELINE;
    core_set_status(core, record, pipelined ? (enum core_status)entry->status : CORE_PENDING);
    core_ledger_remove(core, core_node_at(core, record->node), record->task);
    record->is_virtual = entry->was_virtual;
    deallocate_event(core, record);
    if (pipelined) {
        record->groups = entry->groups;
    }
    record->zones = pipelined ? entry->zones : NULL;
    record->node = pipelined ? entry->node : CORE_NONE;
}

static void undo(struct core *core, size_t at)
{
    const struct core_entry entry = core->statement.entries.items[at];
    if (entry.kind == CORE_ENTRY_EVICT) {
        undo_evict(core, &entry);
    } else if (entry.kind == CORE_ENTRY_UNDO) {
        core->statement.entries.items[entry.undoes].undone = false;
        core_evict(core, entry.record);
    } else {
        undo_placement(core, &entry);
    }
}

size_t core_checkpoint(const struct core *core)
{
    return core->statement.entries.count;
}

void core_rollback(struct core *core, size_t checkpoint)
{
    for (size_t i = core->statement.entries.count; i > checkpoint; i--) {
        if (!core->statement.entries.items[i - 1].undone) {
            undo(core, i - 1);
        }
    }
    core->statement.entries.count = checkpoint;
}

void core_add_event(struct core *core, enum core_event_kind kind, const struct core_record *record,
                    uint32_t node, struct core_groups groups)
{
    struct core_stored_event event = {
        .event = {.batch = core->batch,
                  .action = core->action,
                  .kind = kind,
                  .task = record->task,
                  .node = node,
                  .preemptor = kind == CORE_BIND ? CORE_NONE : core->preemptor},
        .groups = core_class_of(core, record->task)->shared ? groups : (struct core_groups){0}};
    vec_push(&core->events, event);
    CORE_LOG(core, "*** %s %s on %s",
             kind == CORE_BIND ? "bind" : (kind == CORE_EVICT ? "evict" : "pipeline"),
             core_task_name(core, record->task), core_node_name(core, node));
}

/* False when the binder refused; what came before in the list stays committed. */
bool core_commit(struct core *core)
{
    core->batch++;
    bool good = true;
    for (size_t i = 0; good && i < core->statement.entries.count; i++) {
        const struct core_entry entry = core->statement.entries.items[i];
        struct core_record *record = entry.record;
        if (entry.undone || entry.kind == CORE_ENTRY_UNDO) {
            continue;
        }
        if (entry.kind == CORE_ENTRY_EVICT) {
            core_add_event(core, CORE_EVICT, record, entry.node, entry.groups);
            record->is_virtual = false;
            struct core_job *job = core_job_at(core, core_task_at(core, record->task)->job);
            job->times.last_eviction_ns = core->now_ns;
        } else if (entry.kind == CORE_ENTRY_PIPELINE) {
            core_add_event(core, CORE_PIPELINE, record, record->node, record->groups);
        } else {
            core_add_event(core, CORE_BIND, record, record->node, record->groups);
            if (core->settings.binds_fail) {
                core->events.items[core->events.count - 1].event.failed = true;
                undo(core, i);
                good = false;
            } else {
                core_set_status(core, record, CORE_BINDING);
            }
        }
    }
    core->statement.entries.count = 0;
    return good;
}

void core_convert_to_pipelined(struct core *core, const struct core_job *job)
{
    size_t count = core->statement.entries.count;
    for (size_t i = 0; i < count; i++) {
        const struct core_entry entry = core->statement.entries.items[i];
        if (entry.kind == CORE_ENTRY_ALLOCATE &&
            core_task_at(core, entry.record->task)->job == job->index) {
            struct core_node *node = core_node_at(core, entry.record->node);
            undo(core, i);
            entry.record->is_virtual = true;
            core_pipeline(core, entry.record, node, true);
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < core->statement.entries.count; i++) {
        const struct core_entry entry = core->statement.entries.items[i];
        if (!(entry.kind == CORE_ENTRY_ALLOCATE &&
              core_task_at(core, entry.record->task)->job == job->index)) {
            core->statement.entries.items[kept++] = entry;
        }
    }
    core->statement.entries.count = kept;
}
