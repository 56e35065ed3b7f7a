/*
 * dra.h - devices claimed through dynamic resource allocation (annex B.3).
 *
 * A claim asks for a number of devices and is held by tasks; it has devices, all of one node, while
 * anybody holds it. A node's slices are devices "0", "1", ... in a pool named like the node.
 */
#ifndef CORE_DRA_H
#define CORE_DRA_H

#include "policies/core/session.h"

/* The claim of this name in a namespace (a text), or CORE_NONE. */
uint32_t core_claim_find(const struct core *core, uint32_t namespace_text, const char *name);

/* A session starts: claims have the devices and holders of the facts. Nothing to do without claims,
 * else O(nodes + claims). */
void core_dra_open(struct core *core);

/* Counts the task among the users of its GPU claims on the node (by = 1) or takes it out (-1).
 * Returns the devices that other tasks there are charged for already. */
double core_dra_first_users(struct core *core, struct core_node *node, uint32_t task, int by);
/* A node's ledger starts afresh: nobody uses a claim there. */
void core_dra_forget_users(struct core_node *node);
/* Devices of the task's claims that the node is charged for already. */
double core_dra_charged(const struct core *core, const struct core_node *node, uint32_t task);
/* Whether the task's claims can be used before any node is looked at, and on this node. */
bool core_dra_claims_usable(const struct core *core, uint32_t task);
bool core_dra_allows(const struct core *core, uint32_t task, const struct core_node *node);
/* The rule that refuses the node for its claims; NULL: none does. */
const char *core_dra_refusal(const struct core *core, uint32_t task, const struct core_node *node);
/* Adds the first claim that cannot be used on any node, and why; nothing when all can. */
void core_dra_explain(const struct core *core, uint32_t task, struct text *out);
/* Allocate and deallocate events: the task becomes a holder, or is none any more. A claim gets
 * devices with its first holder, those it had last if they are free, and loses them with its last.
 */
void core_dra_assume(struct core *core, uint32_t task, struct core_node *node);
void core_dra_release(struct core *core, uint32_t task);

#endif
