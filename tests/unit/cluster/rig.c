/* rig.c - see rig.h. */
#include "rig.h"

#include "sim/base/check.h"

void rig_add(struct cluster *cluster, struct pool pool)
{
    pool.name = pool.name == NULL ? "n" : pool.name;
    pool.cpu_milli = pool.cpu_milli == 0 ? UNLIMITED : pool.cpu_milli;
    pool.memory_mib = pool.memory_mib == 0 ? UNLIMITED : pool.memory_mib;
    struct node_draft node = {0};
    struct err err = {0};
    CHECK(cluster_add_pool(cluster, &pool, &node, &err));
}

void rig_one_pool(struct cluster *cluster, struct pool pool)
{
    cluster_init(cluster, NULL, 0);
    pool.model = NAMES_NONE;
    rig_add(cluster, pool);
    cluster_finish(cluster);
}

struct grant rig_place(struct cluster *cluster, uint32_t node, struct request request)
{
    CHECK(cluster_fits(cluster, node, &request));
    struct grant grant;
    cluster_choose(cluster, node, &request, &grant);
    cluster_place(cluster, &grant);
    return grant;
}
