/*
 * record.h - what a session decided, in the form of recorded rounds.
 *
 * Shared GPUs that the core made get names that are unique over all rounds of a case ("new1", ...),
 * in the order in which they are first seen; comparing is up to renaming.
 */
#ifndef CHECK_RECORD_H
#define CHECK_RECORD_H

#include "sim/check/case.h"

/* Names of shared GPUs: those of this session by its numbers, and how many of the case so far. */
struct group_names {
    struct names session; /* what the core calls them; the place is the number below */
    VEC(uint32_t) numbers;
    uint32_t count;
};
void group_names_next_session(struct group_names *names);
void group_names_release(struct group_names *names);

/* The name of a group of this session; lives in `arena`. */
const char *group_name(struct group_names *names, const struct core *core, uint32_t group,
                       struct arena *arena);

/* The shares of all queues, and what was divided; the caller calls json_decref. Without the plugin
 * that divides, both are empty objects. */
json_t *record_queues(const struct check_case *c, const struct core *core);
json_t *record_total(const struct check_case *c, const struct core *core);

/* A round after its actions, without queues: events, counts, tasks, nodes. The caller calls
 * json_decref. */
json_t *record_round(struct check_case *c, const struct core *core, struct group_names *names);

/* The states the tasks and claims have in the next round. */
void fold_back(struct check_case *c, const struct core *core, struct group_names *names);

#endif
