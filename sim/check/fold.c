/* fold.c - the states with which the next round begins: fold_back of record.h. */
#include <string.h>

#include "sim/check/record.h"

static void become_pending(struct case_task *task)
{
    task->status = CORE_PENDING;
    task->node = NULL;
    task->groups = task->given_groups;
    task->group_count = task->given_count;
}

static void keep(struct case_task *task, enum core_status status, const struct core_task_view *view,
                 struct check_case *c, const struct core *core, struct group_names *names)
{
    task->status = status;
    task->node = view->node_name == NULL
                     ? NULL
                     : arena_copy_text(&c->arena, view->node_name, strlen(view->node_name));
    task->groups = arena_alloc(&c->arena, view->group_count, sizeof(*task->groups));
    task->group_count = view->group_count;
    for (uint32_t i = 0; i < view->group_count; i++) {
        task->groups[i] = group_name(names, core, view->groups[i], &c->arena);
    }
}

static void fold_task(struct case_task *task, struct check_case *c, const struct core *core,
                      struct group_names *names)
{
    struct core_task_view view = core_task_get(core, task->core);
    if (view.status == CORE_PIPELINED || (view.status == CORE_RELEASING && !task->stays)) {
        become_pending(task);
        return;
    }
    enum core_status next = view.status == CORE_BINDING ? CORE_RUNNING : view.status;
    keep(task, next, &view, c, core, names);
}

/* Cuts the next item off a list with commas; false at its end. */
static bool next_item(struct view *list, struct view *item)
{
    if (list->length == 0) {
        return false;
    }
    struct view rest = {0};
    *item = view_cut(*list, ',', &rest);
    *list = rest.at != NULL ? rest : (struct view){0};
    return true;
}

static void fold_claim(struct case_claim *claim, struct check_case *c, const struct core *core)
{
    struct text devices = {0};
    struct text holders = {0};
    core_claim_describe(core, claim->core, &devices, &holders);
    claim->folded = true;
    claim->devices = arena_alloc(&c->arena, devices.length + 1, sizeof(*claim->devices));
    claim->holders = arena_alloc(&c->arena, holders.length + 1, sizeof(*claim->holders));
    claim->device_count = 0;
    claim->holder_count = 0;
    struct view list = {devices.bytes, devices.length};
    struct view item;
    while (next_item(&list, &item)) {
        struct view name = {0};
        struct view pool = view_cut(item, '/', &name);
        claim->devices[claim->device_count++] =
            (struct core_device){arena_copy_text(&c->arena, pool.at, pool.length),
                                 arena_copy_text(&c->arena, name.at, name.length)};
    }
    list = (struct view){holders.bytes, holders.length};
    while (next_item(&list, &item)) {
        claim->holders[claim->holder_count++] = arena_copy_text(&c->arena, item.at, item.length);
    }
    text_release(&devices);
    text_release(&holders);
}

void fold_back(struct check_case *c, const struct core *core, struct group_names *names)
{
    for (size_t i = 0; i < c->tasks.count; i++) {
        if (c->tasks.items[i].core != CORE_NONE) {
            fold_task(&c->tasks.items[i], c, core, names);
        }
    }
    for (size_t i = 0; i < c->claims.count; i++) {
        fold_claim(&c->claims.items[i], c, core);
    }
}
