/* plain_place.c - which nodes have room, found by adding up what everybody holds. See plain.h. */
#include "judge.h"
#include "plain.h"

struct room {
    int64_t gpus; /* idle, of a node that gives whole ones */
    uint64_t idle;
    int64_t cpu_milli;
    int64_t memory_mib;
};

static void take(struct room *room, const struct grant *grant)
{
    room->gpus -= grant->gpu_milli / 1000;
    room->idle &= ~grant->gpus;
    room->cpu_milli -= room->cpu_milli == UNLIMITED ? 0 : grant->cpu_milli;
    room->memory_mib -= room->memory_mib == UNLIMITED ? 0 : grant->memory_mib;
}

/* What is left of a node beside what jobs hold and what is being placed just now. */
static struct room room_of(const struct plain *plain, uint32_t node, bool idle,
                           const grant_vec *placing)
{
    const struct pool *pool = cluster_pool(plain->input.cluster, node);
    struct room room = {
        .gpus = pool->mig_profile_count == 0 ? pool->gpu_count : 0,
        .cpu_milli = pool->cpu_milli,
        .memory_mib = pool->memory_mib,
    };
    for (uint32_t gpu = 0; gpu < pool->gpu_count; gpu++) {
        room.idle |= UINT64_C(1) << gpu;
    }
    for (uint32_t job = 0; job < plain->input.workload->jobs.count && !idle; job++) {
        const struct plain_job *other = &plain->jobs[job];
        for (size_t i = 0; i < other->held.count && !other->gave_back; i++) {
            if (other->held.items[i].node == node) {
                take(&room, &other->held.items[i]);
            }
        }
    }
    for (size_t i = 0; i < placing->count; i++) {
        if (placing->items[i].node == node) {
            take(&room, &placing->items[i]);
        }
    }
    return room;
}

/* Placing one job. */
struct placing {
    const struct plain *plain;
    const struct shape *shape;
    bool idle;
    grant_vec *out;
};

static bool fits(const struct placing *placing, uint32_t node, struct room need)
{
    struct room room = room_of(placing->plain, node, placing->idle, placing->out);
    return judge_takes_model(placing->plain->input.workload, placing->plain->input.cluster,
                             placing->shape, node) &&
           need.gpus <= room.gpus && need.cpu_milli <= room.cpu_milli &&
           need.memory_mib <= room.memory_mib;
}

/* The first node that has room, or NODE_NONE. */
static uint32_t find_node(const struct placing *placing, struct room need)
{
    for (uint32_t node = 0; node < placing->plain->input.cluster->nodes.count; node++) {
        if (fits(placing, node, need)) {
            return node;
        }
    }
    return NODE_NONE;
}

static void give(struct placing *placing, uint32_t node, uint32_t group, struct room amount)
{
    struct room room = room_of(placing->plain, node, placing->idle, placing->out);
    struct grant grant = {
        .node = node,
        .group = group,
        .gpu_milli = 1000 * amount.gpus,
        .cpu_milli = amount.cpu_milli,
        .memory_mib = amount.memory_mib,
    };
    for (uint32_t gpu = 0, given = 0; given < amount.gpus; gpu++) {
        bool is_idle = (room.idle >> gpu & 1) != 0;
        grant.gpus |= is_idle ? UINT64_C(1) << gpu : 0;
        given += is_idle;
    }
    vec_push(placing->out, grant);
}

static bool place_task(struct placing *placing, uint32_t group)
{
    const struct request *request =
        &placing->plain->input.workload->groups.items[placing->shape->first_group + group].request;
    struct room need = {
        .gpus = request->kind == GPU_WHOLE ? request->gpu_count : 0,
        .cpu_milli = request->cpu_milli,
        .memory_mib = request->memory_mib,
    };
    uint32_t node = find_node(placing, need);
    if (node != NODE_NONE) {
        give(placing, node, group, need);
    }
    return node != NODE_NONE;
}

/* First the least that every group needs, then as many more as there is room for. */
static bool place_gang(struct placing *placing)
{
    const struct task_group *groups =
        &placing->plain->input.workload->groups.items[placing->shape->first_group];
    for (uint32_t group = 0; group < placing->shape->group_count; group++) {
        for (uint32_t i = 0; i < groups[group].min_count; i++) {
            if (!place_task(placing, group)) {
                return false;
            }
        }
    }
    for (uint32_t group = 0; group < placing->shape->group_count; group++) {
        bool more = true;
        for (uint32_t i = groups[group].min_count; more && i < groups[group].count; i++) {
            more = place_task(placing, group);
        }
    }
    return true;
}

static int64_t up(int64_t amount, int64_t part, int64_t all)
{
    return (amount * part + all - 1) / all;
}

/* So many GPUs of a free shape with the CPU and memory that go with them, at most. */
static struct room part_of(const struct request *request, uint32_t gpus)
{
    return (struct room){
        .gpus = gpus,
        .cpu_milli = up(request->cpu_milli, gpus, request->gpu_count),
        .memory_mib = up(request->memory_mib, gpus, request->gpu_count),
    };
}

/* The most GPUs, of those that are `left` to place, for which the node has room. */
static uint32_t most_on(const struct placing *placing, uint32_t node, const struct request *request,
                        uint32_t left)
{
    uint32_t most = 0;
    while (most < left && fits(placing, node, part_of(request, most + 1))) {
        most++;
    }
    return most;
}

/* A free shape: `first` looks for one node for all that is left, and only then, like `count` from
 * the beginning, for the first that has a GPU. CPU and memory are dealt so that all adds up. */
static bool place_parts(struct placing *placing)
{
    const struct request *request =
        &placing->plain->input.workload->groups.items[placing->shape->first_group].request;
    uint32_t all = request->gpu_count;
    for (uint32_t placed = 0; placed < all;) {
        uint32_t left = all - placed;
        uint32_t node = NODE_NONE;
        if (!placing->plain->input.any_gpus) {
            node = find_node(placing, part_of(request, left));
        }
        uint32_t count = left;
        if (node == NODE_NONE) {
            node = find_node(placing, part_of(request, 1));
            count = node == NODE_NONE ? 0 : most_on(placing, node, request, left);
        }
        if (count == 0) {
            return false;
        }
        struct room part = {
            .gpus = count,
            .cpu_milli =
                request->cpu_milli * (placed + count) / all - request->cpu_milli * placed / all,
            .memory_mib =
                request->memory_mib * (placed + count) / all - request->memory_mib * placed / all,
        };
        give(placing, node, 0, part);
        placed += count;
    }
    return true;
}

bool plain_place(const struct plain *plain, uint32_t job, bool idle, grant_vec *out)
{
    const struct workload *workload = plain->input.workload;
    const struct shape *shape = &workload->shapes.items[workload->jobs.items[job].shape];
    struct placing placing = {plain, shape, idle, out};
    bool in_parts =
        shape->is_free && workload->groups.items[shape->first_group].request.kind == GPU_WHOLE;
    bool placed = in_parts ? place_parts(&placing) : place_gang(&placing);
    if (!placed) {
        vec_clear(out);
    }
    return placed;
}

bool plain_ever_fits(const struct plain *plain, uint32_t job)
{
    grant_vec grants = {0};
    bool fits = plain_asked_milli(plain, job) <= plain_gpu_milli(plain) &&
                plain_place(plain, job, true, &grants);
    vec_release(&grants);
    return fits;
}

int64_t plain_held_milli(const struct plain *plain, uint32_t job)
{
    int64_t milli = 0;
    for (size_t i = 0; i < plain->jobs[job].held.count; i++) {
        milli += plain->jobs[job].held.items[i].gpu_milli;
    }
    return milli;
}

int64_t plain_asked_milli(const struct plain *plain, uint32_t job)
{
    return workload_shape_gpu_milli(plain->input.workload,
                                    plain->input.workload->jobs.items[job].shape);
}

int64_t plain_gpu_milli(const struct plain *plain)
{
    int64_t milli = 0;
    for (uint32_t node = 0; node < plain->input.cluster->nodes.count; node++) {
        milli += INT64_C(1000) * cluster_pool(plain->input.cluster, node)->gpu_count;
    }
    return milli;
}

int64_t plain_free_milli(const struct plain *plain)
{
    int64_t milli = plain_gpu_milli(plain);
    for (uint32_t job = 0; job < plain->input.workload->jobs.count; job++) {
        milli -= plain->jobs[job].gave_back ? 0 : plain_held_milli(plain, job);
    }
    return milli;
}
