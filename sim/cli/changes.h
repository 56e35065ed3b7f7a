/*
 * changes.h - the words of `berth what-if`: one change of the base each, or several between ';'.
 *
 *     add 8 to pool a             more nodes of a pool that is there
 *     add 8 dgx-h100 to pool b    a new pool, of a node type of the catalogue
 *     remove 2 from pool a
 *     drop pool a
 *     policy kai:k=1@topology     another policy, and placement rule
 *     drop queue q, drop user u   without its jobs
 *     demand 1.2                  submits so many times as dense
 *     durations 0.9               jobs so many times as long
 *     cost=checkpoint=600         a setting of runs, as for --vary
 */
#ifndef CLI_CHANGES_H
#define CLI_CHANGES_H

#include "sim/cli/comparing.h"

/* Adds one variant of the first policy for every word of the command line. Clusters and workload of
 * *out are read already. Errors name the word and what was expected. */
bool changes_read(const struct cli_args *args, struct comparing *out, struct err *err);

/* What they need of memory; part of comparing_release. */
void changes_release(struct comparing *comparing);

#endif
