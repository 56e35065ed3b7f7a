/*
 * topology - a job in the smallest domain that holds it, the tightest of these; else over as few as
 * can be.
 *
 * The levels of the cluster (block, rack, ...) are gone through from the finest to the coarsest. At
 * the first level where a domain has room for the whole job, the domain with the fewest free GPUs
 * that has it gets the job; when no domain has, the job may go anywhere. There its tasks, or its
 * GPUs when its shape is free, fill one domain of the finest level after the other: a tight one
 * that holds all that is left, or the one with the most free GPUs. Within a domain the tightest
 * node is taken. Without levels this is `best`. A job's own required and preferred levels come
 * first: the engine sees to them.
 *
 * Room for a job of several task groups is judged group by group; where they do not fit beside each
 * other, the rest goes to the next domain.
 *
 * Good: gangs that communicate stay within a rack, and whole racks stay free. Bad: racks fill up
 * unevenly; it does not wait for a better place.
 */
#include "policies/lib/parts.h"
#include "sim/base/check.h"
#include "sim/cluster/fit.h"
#include "sim/place.h"

struct topology {
    bool has_gang;
    struct node_filter asked; /* the filter of the job in hand */
    struct node_filter outer; /* what holds all of it, or `asked` */
    struct node_filter inner; /* of the finest level, being filled; or `outer` */
    uint32_t tasks_left;      /* of the gang; of an elastic one there may come more */
};

static bool same_filter(struct node_filter a, struct node_filter b)
{
    return a.domain == b.domain && (a.domain == DOMAIN_ANY || a.level == b.level);
}

/* Nodes of a finer domain all belong to the same coarser one, so the first stands for them. */
static bool lies_within(const struct cluster *cluster, struct node_filter domain,
                        struct node_filter outer)
{
    if (outer.domain == DOMAIN_ANY) {
        return true;
    }
    uint32_t first = cluster->levels[domain.level].domains.items[domain.domain].first_node;
    return domain.level >= outer.level &&
           cluster->levels[outer.level].domain_of_node[first] == outer.domain;
}

/* -- room ------------------------------------------------------------------------------------ */

static int64_t times(int64_t left, int64_t asked, int64_t most)
{
    if (asked <= 0 || left == UNLIMITED) {
        return most;
    }
    return left / asked < most ? left / asked : most;
}

/* Tasks that GPUs of the node have room for, at most `most`. */
static int64_t tasks_by_gpus(const struct cluster *cluster, uint32_t number,
                             const struct request *request, int64_t most)
{
    const struct node *node = &cluster->nodes.items[number];
    const struct pool *pool = cluster_pool(cluster, number);
    if (request->kind == GPU_NONE || request->kind == GPU_MIG) {
        return request->kind == GPU_MIG && most > 1 ? 1 : most; /* one fits: that much is known */
    }
    if (request->kind == GPU_WHOLE) {
        return times(fit_idle_gpus(pool, node), request->gpu_count, most);
    }
    struct gpu_need need;
    if (!fit_gpu_need(pool, request, &need)) {
        return 0;
    }
    if (pool->divisible) {
        return times(node->free_gpu_milli, need.milli * request->gpu_count, most);
    }
    int64_t parts = 0;
    for (uint32_t i = 0; i < pool->gpu_count; i++) {
        const struct gpu *gpu = &cluster->gpus.items[node->first_gpu + i];
        int64_t by_milli = gpu->free_milli / need.milli;
        parts += times(gpu->free_memory_mib, need.memory_mib, by_milli);
    }
    return times(parts, request->gpu_count, most);
}

static int64_t tasks_of_node(const struct cluster *cluster, uint32_t node,
                             const struct place_demand *demand, int64_t most)
{
    const struct request *request = demand->request;
    if (demand->is_free && request->kind == GPU_WHOLE) {
        return cluster_whole_room(cluster, node, request);
    }
    if (!cluster_fits(cluster, node, request)) {
        return 0;
    }
    const struct node *at = &cluster->nodes.items[node];
    int64_t tasks = times(at->free_cpu_milli, request->cpu_milli, most);
    tasks = times(at->free_memory_mib, request->memory_mib, tasks);
    return tasks_by_gpus(cluster, node, request, tasks);
}

/* Of a free shape, `tasks` counts GPUs. */
static bool has_room(const struct cluster *cluster, struct node_filter domain,
                     const struct place_demand *demand)
{
    const struct level *level = &cluster->levels[domain.level];
    const struct domain *of = &level->domains.items[domain.domain];
    int64_t left = demand->tasks;
    for (uint32_t node = of->first_node; left > 0 && node <= of->last_node; node++) {
        if (level->domain_of_node[node] == domain.domain) {
            left -= tasks_of_node(cluster, node, demand, left);
        }
    }
    return left <= 0;
}

static int64_t milli_of(const struct place_gang *gang)
{
    int64_t milli = 0;
    for (uint32_t i = 0; i < gang->demand_count; i++) {
        const struct place_demand *demand = &gang->demands[i];
        bool by_gpu = demand->is_free && demand->request->kind == GPU_WHOLE;
        milli += (by_gpu ? 1000 : request_gpu_milli(demand->request)) * demand->tasks;
    }
    return milli;
}

static bool holds(const struct cluster *cluster, struct node_filter domain,
                  const struct place_gang *gang)
{
    for (uint32_t i = 0; i < gang->demand_count; i++) {
        if (!has_room(cluster, domain, &gang->demands[i])) {
            return false;
        }
    }
    return true;
}

/* -- domains --------------------------------------------------------------------------------- */

/* Does domain `a` come after `b` by free GPUs, then by number? */
static bool comes_after(const struct level *level, uint32_t a, uint32_t b)
{
    int64_t a_milli = level->domains.items[a].free_gpu_milli;
    int64_t b_milli = level->domains.items[b].free_gpu_milli;
    return a_milli != b_milli ? a_milli > b_milli : a > b;
}

/* The tightest domain of the level, within `outer`, that holds the gang; DOMAIN_NONE if none. */
static uint32_t tightest(const struct cluster *cluster, uint32_t number, struct node_filter outer,
                         const struct place_gang *gang)
{
    const struct level *level = &cluster->levels[number];
    int64_t least_milli = milli_of(gang);
    uint32_t last = DOMAIN_NONE;
    for (;;) {
        uint32_t best = DOMAIN_NONE;
        for (uint32_t i = 0; i < level->domains.count; i++) {
            if (level->domains.items[i].free_gpu_milli >= least_milli &&
                (last == DOMAIN_NONE || comes_after(level, i, last)) &&
                (best == DOMAIN_NONE || comes_after(level, best, i)) &&
                lies_within(cluster, (struct node_filter){number, i}, outer)) {
                best = i;
            }
        }
        if (best == DOMAIN_NONE || holds(cluster, (struct node_filter){number, best}, gang)) {
            return best;
        }
        last = best;
    }
}

/* The smallest domain that holds the gang, the tightest of these; else all that was asked for. */
static struct node_filter domain_for(const struct cluster *cluster, const struct place_gang *gang)
{
    for (uint32_t i = cluster->level_count; i > 0; i--) {
        uint32_t domain = tightest(cluster, i - 1, gang->filter, gang);
        if (domain != DOMAIN_NONE) {
            return (struct node_filter){i - 1, domain};
        }
    }
    return gang->filter;
}

/* Of the finest level, within `outer`: the tightest domain that holds what is left, else the one
 * with the most free GPUs that has room for `one`; `outer` when there is none. */
static struct node_filter next_inner(const struct cluster *cluster, struct node_filter outer,
                                     const struct place_gang *left, const struct request *one)
{
    if (cluster->level_count == 0) {
        return outer;
    }
    struct node_filter inner = {cluster->level_count - 1, DOMAIN_NONE};
    inner.domain = tightest(cluster, inner.level, outer, left);
    if (inner.domain != DOMAIN_NONE) {
        return inner;
    }
    const struct level *level = &cluster->levels[inner.level];
    for (uint32_t i = 0; i < level->domains.count; i++) {
        struct node_filter domain = {inner.level, i};
        int64_t milli = level->domains.items[i].free_gpu_milli;
        bool more = inner.domain == DOMAIN_NONE ||
                    milli > level->domains.items[inner.domain].free_gpu_milli;
        if (more && lies_within(cluster, domain, outer) &&
            cluster_first_fit(cluster, one, domain, 0) != NODE_NONE) {
            inner.domain = i;
        }
    }
    return inner.domain == DOMAIN_NONE ? outer : inner;
}

/* -- the rule -------------------------------------------------------------------------------- */

static void begin(void *state, const struct cluster *cluster, const struct place_gang *gang)
{
    struct topology *topology = state;
    topology->has_gang = true;
    topology->asked = gang->filter;
    topology->outer = domain_for(cluster, gang);
    topology->inner = next_inner(cluster, topology->outer, gang, gang->demands[0].request);
    topology->tasks_left = 0;
    for (uint32_t i = 0; i < gang->demand_count; i++) {
        topology->tasks_left += gang->demands[i].tasks;
    }
    if (gang->near != NODE_NONE && cluster->level_count > 0) {
        /* One more task joins the others, if their domain has room. */
        uint32_t finest = cluster->level_count - 1;
        uint32_t domain = cluster->levels[finest].domain_of_node[gang->near];
        topology->outer = gang->filter;
        topology->inner =
            domain == DOMAIN_NONE ? gang->filter : (struct node_filter){finest, domain};
    }
}

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    struct topology *topology = state;
    struct place_demand task = {.request = request, .tasks = 1};
    struct place_gang left = {&task, 1, filter, NODE_NONE};
    if (!topology->has_gang || !same_filter(topology->asked, filter)) {
        return cluster_best_fit(cluster, request, domain_for(cluster, &left));
    }
    task.tasks = topology->tasks_left > 0 ? topology->tasks_left : 1;
    topology->tasks_left -= topology->tasks_left > 0 ? 1 : 0;
    uint32_t node = cluster_best_fit(cluster, request, topology->inner);
    if (node == NODE_NONE) {
        topology->inner = next_inner(cluster, topology->outer, &left, request);
        node = cluster_best_fit(cluster, request, topology->inner);
    }
    return node != NODE_NONE ? node : cluster_best_fit(cluster, request, filter);
}

/* One part within a domain: all that is left to the tightest node that has room for it, else the
 * emptiest node whole. */
static struct part part_within(const struct cluster *cluster, const struct request *request,
                               struct node_filter domain, uint32_t left)
{
    struct request rest = part_request(request, left);
    uint32_t node = cluster_best_fit(cluster, &rest, domain);
    if (node == NODE_NONE) {
        struct request one = part_request(request, 1);
        node = cluster_worst_fit(cluster, &one, domain);
    }
    uint32_t count = node == NODE_NONE ? 0 : part_of_node(cluster, node, request, left);
    return (struct part){node, count};
}

static bool next_part(void *state, const struct cluster *cluster, const struct place_split *split,
                      uint32_t *node, uint32_t *count)
{
    struct topology *topology = state;
    const struct request *request = split->request;
    uint32_t left = request->gpu_count - split->placed;
    struct place_demand demand = {.request = request, .tasks = left, .is_free = true};
    struct place_gang gang = {&demand, 1, split->filter, NODE_NONE};
    if (split->placed == 0) {
        topology->has_gang = false; /* of another job */
        topology->outer = domain_for(cluster, &gang);
        struct request one = part_request(request, 1);
        topology->inner = next_inner(cluster, topology->outer, &gang, &one);
    }
    struct part part = part_within(cluster, request, topology->inner, left);
    if (part.count == 0) {
        struct request one = part_request(request, 1);
        topology->inner = next_inner(cluster, topology->outer, &gang, &one);
        part = part_within(cluster, request, topology->inner, left);
    }
    if (part.count == 0) {
        part = part_within(cluster, request, split->filter, left);
    }
    *node = part.node;
    *count = part.count;
    return part.count > 0;
}

extern const struct place_ops place_rule_topology;
const struct place_ops place_rule_topology = {
    .name = "topology",
    .help = "the smallest and tightest domain that holds the job, else the fewest domains",
    .source = "KAI scheduler's topology plug-in; Tiresias' consolidation, taken to racks",
    .state_size = sizeof(struct topology),
    .begin = begin,
    .pick = pick,
    .next_part = next_part,
};
