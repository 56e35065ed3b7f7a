/*
 * actions_todo.c - actions that evict; they decide nothing so far.
 */
#include "policies/core/modules.h"
void core_act_consolidate(struct core *core)
{
    (void)core;
}
void core_act_reclaim(struct core *core)
{
    (void)core;
}
void core_act_preempt(struct core *core)
{
    (void)core;
}
