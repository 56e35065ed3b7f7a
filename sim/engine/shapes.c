/*
 * shapes.c - the shapes of a workload made concrete for a cluster: masks of GPU models, topology
 * levels, clipping of what is larger than the cluster, and whether a shape can ever fit.
 */
#include "sim/base/check.h"
#include "sim/engine/run.h"

/* The most that one node, or the cluster as a whole, has of each thing. */
struct most {
    int64_t gpu_milli;
    int64_t cpu_milli;
    int64_t memory_mib;
};

static int64_t add_capacity(int64_t sum, int64_t amount)
{
    return sum == UNLIMITED || amount == UNLIMITED ? UNLIMITED : sum + amount;
}

static void find_most(const struct cluster *cluster, struct most *node, struct most *sum)
{
    *node = (struct most){0};
    *sum = (struct most){0};
    for (size_t i = 0; i < cluster->nodes.count; i++) {
        const struct pool *pool = cluster_pool(cluster, (uint32_t)i);
        int64_t gpu_milli = (int64_t)pool->gpu_count * 1000;
        node->gpu_milli = gpu_milli > node->gpu_milli ? gpu_milli : node->gpu_milli;
        node->cpu_milli = pool->cpu_milli > node->cpu_milli ? pool->cpu_milli : node->cpu_milli;
        node->memory_mib =
            pool->memory_mib > node->memory_mib ? pool->memory_mib : node->memory_mib;
        sum->gpu_milli += gpu_milli;
        sum->cpu_milli = add_capacity(sum->cpu_milli, pool->cpu_milli);
        sum->memory_mib = add_capacity(sum->memory_mib, pool->memory_mib);
    }
}

/* Reduces a request to what there is, each resource on its own (--oversize clip). Who asks for GPUs
 * where there are none is not given nothing, but rejected like anything too large. */
static void clip(struct request *request, const struct most *most)
{
    uint32_t most_gpus = (uint32_t)(most->gpu_milli / 1000);
    if (request->kind == GPU_WHOLE && request->gpu_count > most_gpus && most_gpus > 0) {
        request->gpu_count = most_gpus;
    }
    if (request->kind == GPU_FRACTION && request_gpu_milli(request) > most->gpu_milli &&
        most->gpu_milli >= request->gpu_count) {
        request->gpu_milli = (uint32_t)(most->gpu_milli / request->gpu_count);
    }
    if (request->cpu_milli > most->cpu_milli) {
        request->cpu_milli = most->cpu_milli;
    }
    if (request->memory_mib > most->memory_mib) {
        request->memory_mib = most->memory_mib;
    }
}

static uint32_t bind_level(const struct sched_ctx *run, uint32_t level)
{
    if (level == NAMES_NONE) {
        return CLUSTER_MOST_LEVELS;
    }
    return cluster_find_level(run->cluster, names_get(&run->workload->levels, level));
}

static void bind_shape(struct sched_ctx *run, uint32_t number, const struct most *node,
                       const struct most *sum)
{
    const struct shape *shape = &run->workload->shapes.items[number];
    struct bound_shape *bound = &run->shapes[number];
    bound->group_count = shape->group_count;
    bound->is_free = shape->is_free;
    bound->tasks = workload_shape_tasks(run->workload, number);
    bound->min_tasks = workload_shape_min_tasks(run->workload, number);
    bound->required_level = bind_level(run, shape->required_level);
    bound->preferred_level = bind_level(run, shape->preferred_level);
    if (shape->required_level != NAMES_NONE && bound->required_level == CLUSTER_MOST_LEVELS) {
        bound->judged = true;
        bound->never_fits = "the cluster has no such topology level";
    }
    uint64_t models = 0;
    if (shape->models != NAMES_NONE &&
        !cluster_model_mask(run->cluster, names_get(&run->workload->models, shape->models),
                            &models)) {
        bound->judged = true;
        bound->never_fits = "the cluster has no GPU of the model it asks for";
    }
    bound->groups = mem_alloc(shape->group_count, sizeof(*bound->groups));
    for (uint32_t i = 0; i < shape->group_count; i++) {
        bound->groups[i] = run->workload->groups.items[shape->first_group + i];
        bound->groups[i].request.models = models;
        if (run->settings->oversize == OVERSIZE_CLIP) {
            clip(&bound->groups[i].request, shape->is_free ? sum : node);
        }
        const struct task_group *group = &bound->groups[i];
        int64_t milli = request_gpu_milli(&group->request);
        bound->gpu_milli += milli * group->count;
        bound->least_gpu_milli += milli * group->min_count;
        if (group->request.kind == GPU_WHOLE) {
            bound->least_whole_gpus += (int64_t)group->request.gpu_count * group->min_count;
        }
    }
}

void run_bind_shapes(struct sched_ctx *run)
{
    struct most node;
    struct most sum;
    find_most(run->cluster, &node, &sum);
    size_t count = run->workload->shapes.count;
    run->shapes = mem_alloc(count, sizeof(*run->shapes));
    for (uint32_t i = 0; i < count; i++) {
        bind_shape(run, i, &node, &sum);
    }
    cluster_init_empty_copy(&run->idle_cluster, run->cluster);
}

void run_release_shapes(struct sched_ctx *run)
{
    for (size_t i = 0; i < run->workload->shapes.count; i++) {
        free(run->shapes[i].groups);
    }
    free(run->shapes);
    cluster_release_all(&run->idle_cluster);
}

const char *run_never_fits(struct sched_ctx *run, uint32_t shape)
{
    struct bound_shape *bound = &run->shapes[shape];
    if (bound->judged) {
        return bound->never_fits;
    }
    bound->judged = true;
    if (bound->gpu_milli > run->idle_cluster.gpu_milli) {
        bound->never_fits = "it asks for more GPUs than the cluster has";
        return bound->never_fits;
    }
    grant_vec grants = {0};
    if (run_place_job(run, &run->idle_cluster, bound, &grants)) {
        for (size_t i = grants.count; i > 0; i--) {
            cluster_undo(&run->idle_cluster, &grants.items[i - 1]);
        }
    } else {
        bound->never_fits = "it does not fit even when the cluster is empty";
    }
    vec_release(&grants);
    return bound->never_fits;
}
