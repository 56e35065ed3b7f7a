/*
 * dra.h - devices claimed through dynamic resource allocation (annex B.3), as far as they count.
 */
#ifndef CORE_DRA_H
#define CORE_DRA_H

#include "policies/core/session.h"

/* Counts the task among the users of its GPU claims on the node (by = 1) or takes it out (-1).
 * Returns the devices that other tasks there are charged for already. */
double core_dra_first_users(struct core *core, struct core_node *node, uint32_t task, int by);
/* Devices of the task's claims that the node is charged for already. */
double core_dra_charged(const struct core *core, const struct core_node *node, uint32_t task);
/* Whether the task's claims can be used before any node is looked at, and on this node. */
bool core_dra_claims_usable(const struct core *core, uint32_t task);
bool core_dra_allows(const struct core *core, uint32_t task, const struct core_node *node);
/* Allocate and deallocate events: the task becomes a holder, or is none any more. */
void core_dra_assume(struct core *core, uint32_t task, const struct core_node *node);
void core_dra_release(struct core *core, uint32_t task);
void core_dra_open(struct core *core);

#endif
