/*
 * queues.c - the queue tree of the core: that of the cluster file, or one queue for each of the
 * trace's.
 *
 * Units: GPUs as they are, CPUs to milli-CPUs, MiB to bytes; -1 stays unlimited.
 */
#include <math.h>

#include "policies/kai/world.h"
#include "sim/base/check.h"

#define BYTES_A_MIB 1048576.0

static uint32_t find_queue(const struct kai_world *world, const char *name)
{
    for (uint32_t i = 0; i < world->queues.count; i++) {
        if (strcmp(world->queues.items[i].name, name) == 0) {
            return i;
        }
    }
    return QUEUE_NO_PARENT;
}

/* A queue that the trace does not name has this name in the core. */
static const char *name_of(const struct sched_ctx *ctx, uint32_t queue)
{
    const char *name = sched_queue_name(ctx, queue);
    return name[0] != '\0' ? name : "default";
}

static bool is_parent(const struct kai_world *world, uint32_t queue)
{
    for (size_t i = 0; i < world->queues.count; i++) {
        if (world->queues.items[i].parent == queue) {
            return true;
        }
    }
    return false;
}

/* full-hierarchy-fairness=false: what hangs from the top is dropped, the others become children of
 * one queue without bounds. */
static void flatten(struct kai_world *world)
{
    size_t count = world->queues.count;
    for (size_t i = 0; i < count; i++) {
        struct queue_spec *queue = &world->queues.items[i];
        queue->parent = queue->parent == QUEUE_NO_PARENT ? QUEUE_NO_PARENT : (uint32_t)count;
    }
    struct queue_share unbounded = {-1, -1, 1};
    struct queue_spec top = {
        .name = "default-parent-queue",
        .parent = QUEUE_NO_PARENT,
        .priority = 100,
        .gpu = unbounded,
        .cpu = unbounded,
        .memory = unbounded,
    };
    vec_push(&world->queues, top);
    world->flattened = true;
}

static bool from_cluster(struct kai_world *world, const struct sched_ctx *ctx, struct err *err)
{
    const struct cluster *cluster = sched_cluster(ctx);
    for (size_t i = 0; i < cluster->queues.count; i++) {
        vec_push(&world->queues, cluster->queues.items[i]);
    }
    for (uint32_t i = 0; i < sched_queue_count(ctx); i++) {
        const char *name = name_of(ctx, i);
        uint32_t queue = find_queue(world, name);
        if (queue == QUEUE_NO_PARENT) {
            return err_set(err, ERR_USAGE, 0,
                           "policy 'kai': the trace has jobs of queue '%.60s', and the queues of "
                           "the cluster do not name it",
                           name);
        }
        if (is_parent(world, queue)) {
            return err_set(err, ERR_USAGE, 0,
                           "policy 'kai': the trace has jobs of queue '%.60s', which is the parent "
                           "of another; jobs live in queues without children",
                           name);
        }
        world->queue_of[i] = queue;
    }
    if (!world->settings->full_hierarchy) {
        flatten(world);
    }
    return true;
}

/* Whole GPUs in proportion to what the jobs of each queue ask for; what rounding leaves goes to the
 * first queues that lost most by it. */
static void share_by_demand(struct kai_world *world, const struct sched_ctx *ctx)
{
    uint32_t count = (uint32_t)world->queues.count;
    double *asked = mem_alloc(count, sizeof(*asked));
    double sum = 0;
    for (uint32_t i = 0; i < sched_job_count(ctx); i++) {
        struct sched_job job = sched_job(ctx, i);
        asked[world->queue_of[job.queue]] += (double)job.gpu_milli;
        sum += (double)job.gpu_milli;
    }
    double total = floor((double)sched_cluster(ctx)->gpu_milli / 1000);
    double left = sum > 0 ? total : 0;
    for (uint32_t i = 0; sum > 0 && i < count; i++) {
        double exact = total * asked[i] / sum;
        world->queues.items[i].gpu.quota = floor(exact);
        asked[i] = exact - floor(exact);
        left -= floor(exact);
    }
    for (; left >= 1; left--) {
        uint32_t most = 0;
        for (uint32_t i = 1; i < count; i++) {
            most = asked[i] > asked[most] ? i : most;
        }
        world->queues.items[most].gpu.quota++;
        asked[most] = -1;
    }
    free(asked);
}

static void from_trace(struct kai_world *world, const struct sched_ctx *ctx)
{
    double total = (double)sched_cluster(ctx)->gpu_milli / 1000;
    uint32_t count = sched_queue_count(ctx);
    for (uint32_t i = 0; i < count; i++) {
        struct queue_spec queue = {
            .name = name_of(ctx, i),
            .parent = QUEUE_NO_PARENT,
            .priority = 100,
            .gpu = {0, -1, 1},
            .cpu = {-1, -1, 1},
            .memory = {-1, -1, 1},
        };
        if (world->settings->quotas == KAI_QUOTAS_EQUAL) {
            queue.gpu.quota = floor(total / count);
        }
        uint32_t known = find_queue(world, queue.name);
        world->queue_of[i] = known != QUEUE_NO_PARENT ? known : (uint32_t)world->queues.count;
        if (known == QUEUE_NO_PARENT) {
            vec_push(&world->queues, queue);
        }
    }
    if (world->settings->quotas == KAI_QUOTAS_DEMAND) {
        share_by_demand(world, ctx);
    }
}

bool kai_queues_init(struct kai_world *world, struct sched_ctx *ctx, struct err *err)
{
    world->queue_of = mem_alloc(sched_queue_count(ctx), sizeof(*world->queue_of));
    if (sched_cluster(ctx)->queues.count > 0) {
        return from_cluster(world, ctx, err);
    }
    from_trace(world, ctx);
    return true;
}

static struct core_share_spec scaled(const struct queue_share *share, double unit)
{
    return (struct core_share_spec){
        .quota = share->quota < 0 ? -1 : share->quota * unit,
        .limit = share->limit < 0 ? -1 : share->limit * unit,
        .weight = share->weight,
    };
}

void kai_queues_add(const struct kai_world *world)
{
    for (uint32_t i = 0; i < world->queues.count; i++) {
        const struct queue_spec *queue = &world->queues.items[i];
        bool is_top = queue->parent == QUEUE_NO_PARENT;
        if (world->flattened && is_top && i + 1 < world->queues.count) {
            continue;
        }
        struct core_queue_spec spec = {
            .name = queue->name,
            .parent = is_top ? NULL : world->queues.items[queue->parent].name,
            .priority = (int)queue->priority,
            .created_ns = i,
            .shares = {[CORE_CPU] = scaled(&queue->cpu, 1000),
                       [CORE_MEM] = scaled(&queue->memory, BYTES_A_MIB),
                       [CORE_GPU] = scaled(&queue->gpu, 1)},
            .preempt_min_runtime_ns = CORE_UNSET,
            .reclaim_min_runtime_ns = CORE_UNSET,
        };
        uint32_t number = 0;
        struct err err = {0};
        bool ok = core_add_queue(world->core, &spec, &number, &err);
        CHECK(ok);
    }
}
