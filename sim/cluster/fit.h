/*
 * fit.h - inside sim/cluster: what a request needs of a node of a given pool.
 */
#ifndef CLUSTER_FIT_H
#define CLUSTER_FIT_H

#include "sim/cluster/cluster.h"

/* What a request for shared GPUs takes of each of them. */
struct gpu_need {
    int64_t milli;
    int64_t memory_mib; /* 0 on a divisible node, where nothing keeps count of it */
};

/* Works out the need of a GPU_FRACTION or GPU_MEMORY request on the GPUs of this pool; false when
 * none of them can serve it, however idle. */
bool fit_gpu_need(const struct pool *pool, const struct request *request, struct gpu_need *out);

/* The instances of a GPU_MIG request on a node: fills the GPU part of *out. Each instance goes to
 * the GPU with the fewest free memory slices that has a place for it, then the lowest number. False
 * when they do not all fit on at most eight GPUs. */
bool fit_choose_mig(const struct cluster *cluster, uint32_t node, const struct request *request,
                    struct grant *out);

/* So much of the free milli-GPUs of a node was taken (negative: given back), or something else of
 * it changed: sums over all nodes, domains and the index follow. In place.c. */
void place_note_change(struct cluster *cluster, uint32_t node, int64_t taken_milli);

static inline bool fit_models(const struct pool *pool, const struct request *request)
{
    return request->models == 0 ||
           (pool->model != NAMES_NONE && (request->models >> pool->model & 1) != 0);
}

/* Whole GPUs of a node that nobody is on. */
static inline int64_t fit_idle_gpus(const struct pool *pool, const struct node *node)
{
    return pool->divisible ? node->free_gpu_milli / 1000 : __builtin_popcountll(node->idle_gpus);
}

#endif
