/*
 * spread.c - how much slower a job works for being spread: over nodes, and over the domains of the
 * cluster's finest topology level.
 *
 * A job over several domains is over several nodes too, and is slowed down by both.
 */
#include "sim/base/arith.h"
#include "sim/engine/run.h"

static uint32_t domain_of(const struct cluster *cluster, uint32_t node)
{
    return cluster->levels[cluster->level_count - 1].domain_of_node[node];
}

int64_t run_spread_ppm(const struct sched_ctx *run, const grant_vec *grants)
{
    const struct engine_settings *settings = run->settings;
    const struct cluster *cluster = run->cluster;
    if (settings->over_nodes_ppm == 0 && settings->over_domains_ppm == 0) {
        return SPREAD_FULL_PPM;
    }
    bool nodes = false;
    bool domains = false;
    for (size_t i = 1; i < grants->count; i++) {
        uint32_t first = grants->items[0].node;
        uint32_t node = grants->items[i].node;
        nodes = nodes || node != first;
        domains = domains || (cluster->level_count > 0 &&
                              domain_of(cluster, node) != domain_of(cluster, first));
    }
    int64_t ppm = SPREAD_FULL_PPM;
    if (nodes && settings->over_nodes_ppm > 0) {
        ppm = settings->over_nodes_ppm;
    }
    if (domains && settings->over_domains_ppm > 0) {
        ppm = mul_div_ceil(ppm, settings->over_domains_ppm, SPREAD_FULL_PPM);
    }
    return ppm;
}
