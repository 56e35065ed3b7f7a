/*
 * pools.h - what every pool had there and what of it was used: the hours that money is paid for.
 *
 * From the beginning of the run to its end, whatever the warm-up. Pools of one name (single nodes
 * of a file) are one.
 */
#ifndef REPORT_POOLS_H
#define REPORT_POOLS_H

#include "sim/base/names.h"
#include "sim/base/text.h"
#include "sim/base/vec.h"
#include "sim/cluster/cluster.h"
#include "sim/log.h"
#include "sim/report/wide.h"

struct pool_use {
    const char *name;
    uint32_t node_count;  /* there can be */
    uint32_t nodes_there; /* now */
    int64_t there_milli;
    int64_t held_milli;
    int64_t since_us; /* the sums go up to here */
    wide node_us;     /* nodes times the time they were there */
    wide there_milli_us;
    wide held_milli_us;
    uint64_t failures; /* nodes and GPUs that failed while they were there */
};

/* What a job holds in one pool. */
struct pools_part {
    uint32_t next; /* 1 + the next part of the job, 0 at the end */
    uint32_t pool;
    int64_t milli;
};

struct pools {
    const struct cluster *cluster;
    VEC(struct pool_use) uses;
    uint32_t *use_of_pool; /* by pool of the cluster */
    VEC(struct pools_part) parts;
    uint32_t unused;  /* 1 + the first part that nobody has */
    uint32_t *of_job; /* 1 + its first part */
};

void pools_init(struct pools *pools, const struct cluster *cluster, size_t job_count);
void pools_release(struct pools *pools);

/* O(grants). */
void pools_add(struct pools *pools, const struct log_record *record);
void pools_end(struct pools *pools, int64_t end_us);

static inline double pool_use_node_hours(const struct pool_use *use)
{
    return (double)use->node_us / 3.6e9;
}

/* pools.csv */
void pools_add_rows(struct text *out, const struct pools *pools);

#endif
