/*
 * expect.h - what a case expects of a session: states of jobs, tasks and nodes, limits.
 */
#ifndef CHECK_EXPECT_H
#define CHECK_EXPECT_H

#include "sim/check/case.h"

/* Appends the first expectation of the case that does not hold in the session; nothing when all do.
 * `reasons`: an object of the texts that say why a job is pending, of the last round that ran
 * actions. `round`: the recorded states of this session. */
void expect_states(const struct check_case *c, const struct core *core, const json_t *round,
                   const json_t *reasons, struct text *unmet);

/* The same for the most binds, evictions and pipelines of one round. */
void expect_limits(const struct check_case *c, const json_t *round, struct text *unmet);

#endif
