/*
 * parts.c - a number of GPUs without shape, as tasks: one for each node that they would fill if the
 * cluster were idle, largest nodes first, and one for the rest.
 */
#include "policies/kai/world.h"
#include "sim/base/check.h"

struct room {
    uint32_t pool;
    uint32_t gpus; /* a node */
    uint32_t nodes;
};

static int by_room(const void *a, const void *b)
{
    const struct room *x = a;
    const struct room *y = b;
    if (x->gpus != y->gpus) {
        return x->gpus > y->gpus ? -1 : 1;
    }
    return x->pool < y->pool ? -1 : 1;
}

/* The domain of a level with the most room for the request, the first of equal ones. */
static uint32_t roomiest_domain(const struct cluster *cluster, uint32_t level,
                                const struct request *request)
{
    const struct level *domains = &cluster->levels[level];
    uint64_t *room = mem_alloc(domains->domains.count + 1, sizeof(*room));
    for (uint32_t i = 0; i < cluster->nodes.count; i++) {
        uint32_t domain = domains->domain_of_node[i];
        if (domain != DOMAIN_NONE) {
            room[domain] += cluster_idle_room(cluster_pool(cluster, i), request);
        }
    }
    uint32_t best = 0;
    for (uint32_t i = 1; i < domains->domains.count; i++) {
        best = room[i] > room[best] ? i : best;
    }
    free(room);
    return best;
}

static uint32_t nodes_in(const struct cluster *cluster, const struct pool *pool,
                         struct node_filter filter)
{
    if (filter.domain == DOMAIN_ANY) {
        return pool->node_count;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < pool->node_count; i++) {
        uint32_t node = pool->first_node + i;
        count += cluster->levels[filter.level].domain_of_node[node] == filter.domain ? 1 : 0;
    }
    return count;
}

void kai_parts_find(struct kai_world *world, const struct cluster *cluster,
                    const struct sched_shape *shape)
{
    const struct request *request = &shape->groups[0].request;
    vec_clear(&world->parts);
    if (request->kind != GPU_WHOLE || request->gpu_count == 0) {
        vec_push(&world->parts, (struct kai_part){0});
        return;
    }
    struct node_filter filter = {0, DOMAIN_ANY};
    if (shape->required_level != CLUSTER_MOST_LEVELS) {
        filter.level = shape->required_level;
        filter.domain = roomiest_domain(cluster, filter.level, request);
    }
    VEC(struct room) rooms = {0};
    for (uint32_t i = 0; i < cluster->pools.count; i++) {
        const struct pool *pool = &cluster->pools.items[i];
        uint32_t room = cluster_idle_room(pool, request);
        if (room > 0) {
            vec_push(&rooms, ((struct room){i, room, nodes_in(cluster, pool, filter)}));
        }
    }
    if (rooms.count > 1) {
        qsort(rooms.items, rooms.count, sizeof(*rooms.items), by_room);
    }
    uint32_t left = request->gpu_count;
    for (size_t i = 0; i < rooms.count; i++) {
        for (uint32_t n = 0; left > 0 && n < rooms.items[i].nodes; n++) {
            uint32_t gpus = left < rooms.items[i].gpus ? left : rooms.items[i].gpus;
            vec_push(&world->parts, (struct kai_part){gpus});
            left -= gpus;
        }
    }
    if (left > 0) { /* more than there is: it waits for ever, as it would anywhere */
        vec_push(&world->parts, (struct kai_part){left});
    }
    vec_release(&rooms);
}
