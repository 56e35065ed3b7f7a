/* test_worlds.c - the cluster and its index against the slow model, at random and exhaustively. */
#include <criterion/criterion.h>

#include "model.h"
#include "sim/base/check.h"
#include "sim/base/rng.h"

static const struct node_filter ANYWHERE = {0, DOMAIN_ANY};

struct held {
    struct grant grant;
    struct slow_hold hold;
};

/* Both clusters, what is placed on them, and what is asked now. */
struct pair {
    struct cluster cluster;
    struct slow_world slow;
    VEC(struct held) held;
    gsl_rng *stream;
    uint32_t seed;
};

static uint32_t find(const struct cluster *cluster, enum slow_rule rule,
                     const struct request *request, struct node_filter filter, uint32_t from)
{
    switch (rule) {
    case SLOW_FIRST:
        return cluster_first_fit(cluster, request, filter, from);
    case SLOW_BEST:
        return cluster_best_fit(cluster, request, filter);
    case SLOW_WORST:
        return cluster_worst_fit(cluster, request, filter);
    }
    CHECK_NEVER("a rule");
}

static void place_on(struct pair *pair, const struct request *request, uint32_t node)
{
    struct held held;
    cr_assert(slow_choose(&pair->slow, node, request, &held.hold));
    cluster_choose(&pair->cluster, node, request, &held.grant);
    cr_assert(slow_agrees(&pair->slow, &held.hold, &held.grant), "seed %u: grants differ",
              pair->seed);
    cluster_place(&pair->cluster, &held.grant);
    slow_change(&pair->slow, &held.hold, 1);
    vec_push(&pair->held, held);
}

static void give_back(struct pair *pair, uint32_t i)
{
    struct held held = pair->held.items[i];
    pair->held.items[i] = vec_pop(&pair->held);
    cluster_release(&pair->cluster, &held.grant);
    slow_change(&pair->slow, &held.hold, -1);
}

/* Placing and undoing changes no byte of nodes, GPUs and sums. */
static void check_undo(struct cluster *cluster, uint32_t node, const struct request *request)
{
    size_t node_bytes = cluster->nodes.count * sizeof(struct node);
    size_t gpu_bytes = cluster->gpus.count * sizeof(struct gpu);
    void *nodes = mem_alloc(1, node_bytes);
    void *gpus = mem_alloc(1, gpu_bytes + 1);
    memcpy(nodes, cluster->nodes.items, node_bytes);
    if (gpu_bytes > 0) {
        memcpy(gpus, cluster->gpus.items, gpu_bytes);
    }
    int64_t free_milli = cluster->free_gpu_milli;
    int64_t idle = cluster->idle_gpu_count;
    uint64_t releases = cluster->releases;
    struct grant grant;
    cluster_choose(cluster, node, request, &grant);
    cluster_place(cluster, &grant);
    cluster_undo(cluster, &grant);
    cr_assert_eq(memcmp(nodes, cluster->nodes.items, node_bytes), 0);
    cr_assert(gpu_bytes == 0 || memcmp(gpus, cluster->gpus.items, gpu_bytes) == 0);
    cr_assert_eq(cluster->free_gpu_milli, free_milli);
    cr_assert_eq(cluster->idle_gpu_count, idle);
    cr_assert_eq(cluster->releases, releases);
    free(nodes);
    free(gpus);
}

static void compare_searches(struct pair *pair, const struct request *request)
{
    const struct cluster *cluster = &pair->cluster;
    uint32_t nodes = (uint32_t)cluster->nodes.count;
    struct node_filter filter = ANYWHERE;
    uint32_t like = NODE_NONE;
    if (cluster->level_count > 0 && draw(pair->stream, 2) == 0) {
        like = draw(pair->stream, nodes);
        filter.level = draw(pair->stream, cluster->level_count);
        filter.domain = cluster->levels[filter.level].domain_of_node[like];
    }
    uint32_t from = draw(pair->stream, 3) == 0 ? draw(pair->stream, nodes + 1) : 0;
    enum slow_rule place_by = draw(pair->stream, 3);
    uint32_t chosen = NODE_NONE;
    for (enum slow_rule rule = SLOW_FIRST; rule <= SLOW_WORST; rule++) {
        uint32_t start = rule == SLOW_FIRST ? from : 0;
        uint32_t wanted = slow_find(&pair->slow, rule, request, filter.level, like, start);
        uint32_t found = find(cluster, rule, request, filter, start);
        cr_assert_eq(found, wanted, "seed %u: rule %d found node %u, should be %u", pair->seed,
                     (int)rule, found, wanted);
        chosen = rule == place_by ? found : chosen;
    }
    if (chosen != NODE_NONE) {
        if (draw(pair->stream, 4) == 0) {
            check_undo(&pair->cluster, chosen, request);
        }
        place_on(pair, request, chosen);
    }
}

static void compare_node(struct pair *pair, const struct request *request)
{
    uint32_t i = draw(pair->stream, (uint32_t)pair->cluster.nodes.count);
    struct slow_hold hold;
    cr_assert_eq(cluster_fits(&pair->cluster, i, request),
                 slow_choose(&pair->slow, i, request, &hold), "seed %u: node %u", pair->seed, i);
    const struct node *node = &pair->cluster.nodes.items[i];
    cr_assert_eq(node->free_gpu_milli, slow_milli(&pair->slow.nodes[i]));
    cr_assert_eq(node->free_cpu_milli, pair->slow.nodes[i].cpu_milli);
    cr_assert_eq(node->free_memory_mib, pair->slow.nodes[i].memory_mib);
    if (!pair->slow.nodes[i].pool->divisible) {
        cr_assert_eq(__builtin_popcountll(node->idle_gpus), slow_idle(&pair->slow.nodes[i]));
    }
    if (request->kind == GPU_WHOLE) {
        uint32_t room = 0;
        struct request part = *request;
        do {
            room++;
            part.gpu_count = room;
            part.cpu_milli =
                (request->cpu_milli * room + request->gpu_count - 1) / request->gpu_count;
            part.memory_mib =
                (request->memory_mib * room + request->gpu_count - 1) / request->gpu_count;
        } while (slow_choose(&pair->slow, i, &part, &hold));
        cr_assert_eq(cluster_whole_room(&pair->cluster, i, request), room - 1);
    }
}

static void run_world(uint32_t seed, uint32_t steps)
{
    struct pair pair = {.seed = seed};
    pair.stream = rng_new(seed, "test.worlds", 0);
    random_cluster(pair.stream, &pair.cluster);
    slow_init(&pair.slow, &pair.cluster);
    struct cluster pristine;
    cluster_init_empty_copy(&pristine, &pair.cluster);
    uint32_t fill = 1 + draw(pair.stream, 200); /* so many held at once, about */
    for (uint32_t step = 0; step < steps; step++) {
        uint32_t held = (uint32_t)pair.held.count;
        if (held > 0 && draw(pair.stream, fill * 2) < held) {
            give_back(&pair, draw(pair.stream, held));
        } else {
            struct request request = random_request(pair.stream, &pair.cluster);
            compare_node(&pair, &request);
            compare_searches(&pair, &request);
        }
        if (step % 128 == 0) {
            cluster_check(&pair.cluster);
        }
    }
    cluster_check(&pair.cluster);
    while (pair.held.count > 0) {
        give_back(&pair, draw(pair.stream, (uint32_t)pair.held.count));
    }
    cluster_check(&pair.cluster);
    cr_assert_eq(pair.cluster.free_gpu_milli, pristine.free_gpu_milli);
    cr_assert_eq(pair.cluster.idle_gpu_count, pristine.idle_gpu_count);
    size_t gpus = pristine.gpus.count;
    cr_assert(gpus == 0 ||
              memcmp(pair.cluster.gpus.items, pristine.gpus.items, gpus * sizeof(struct gpu)) == 0);
    vec_release(&pair.held);
    slow_release(&pair.slow);
    cluster_release_all(&pristine);
    cluster_release_all(&pair.cluster);
    gsl_rng_free(pair.stream);
}

Test(worlds, agree_with_the_slow_model_at_random)
{
    for (uint32_t seed = 1; seed <= 120; seed++) {
        run_world(seed, 400);
    }
}

/* -- exhaustive ------------------------------------------------------------------------------ */

static const struct request SMALL[] = {
    {.kind = GPU_WHOLE, .gpu_count = 1},
    {.kind = GPU_WHOLE, .gpu_count = 2},
    {.kind = GPU_WHOLE, .gpu_count = 4},
    {.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 300},
    {.kind = GPU_FRACTION, .gpu_count = 2, .gpu_milli = 600},
    {.kind = GPU_MEMORY, .gpu_count = 1, .gpu_memory_mib = 50},
    {.kind = GPU_NONE, .cpu_milli = 1000},
};
enum { SMALL_COUNT = sizeof(SMALL) / sizeof(*SMALL), SMALL_DEPTH = 4 };

/* Every sequence of `depth` requests from here on, each undone when its sequels are done. */
static void walk(struct pair *pair, enum slow_rule rule, int depth)
{
    for (uint32_t i = 0; i < SMALL_COUNT && depth > 0; i++) {
        const struct request *request = &SMALL[i];
        uint32_t wanted = slow_find(&pair->slow, rule, request, 0, NODE_NONE, 0);
        uint32_t found = find(&pair->cluster, rule, request, ANYWHERE, 0);
        cr_assert_eq(found, wanted);
        if (found == NODE_NONE) {
            continue;
        }
        place_on(pair, request, found);
        walk(pair, rule, depth - 1);
        struct held last = vec_pop(&pair->held);
        cluster_undo(&pair->cluster, &last.grant);
        slow_change(&pair->slow, &last.hold, -1);
    }
}

static void init_small(struct pair *pair, const uint32_t *gpus, uint32_t nodes)
{
    *pair = (struct pair){0};
    cluster_init(&pair->cluster, NULL, 0);
    for (uint32_t i = 0; i < nodes; i++) {
        char name[2] = {(char)('a' + i), '\0'};
        struct pool pool = {
            .name = name,
            .node_count = 1,
            .gpu_count = gpus[i],
            .model = NAMES_NONE,
            .gpu_memory_mib = 100,
            .cpu_milli = 1000 * (i + 1),
            .memory_mib = UNLIMITED,
        };
        struct node_draft node = {0};
        struct err err = {0};
        cr_assert(cluster_add_pool(&pair->cluster, &pool, &node, &err));
    }
    cluster_finish(&pair->cluster);
    slow_init(&pair->slow, &pair->cluster);
}

Test(worlds, agree_with_the_slow_model_on_all_small_clusters, .timeout = 120)
{
    for (uint32_t code = 0; code < 5 * 5 * 5; code++) {
        uint32_t gpus[3] = {code % 5, code / 5 % 5, code / 25};
        if ((gpus[1] == 0 && gpus[2] > 0) || gpus[0] == 0) {
            continue; /* the same cluster comes without the gap */
        }
        uint32_t nodes = gpus[1] == 0 ? 1 : gpus[2] == 0 ? 2 : 3;
        for (enum slow_rule rule = SLOW_FIRST; rule <= SLOW_WORST; rule++) {
            struct pair pair;
            init_small(&pair, gpus, nodes);
            walk(&pair, rule, nodes < 3 ? SMALL_DEPTH : SMALL_DEPTH - 1);
            cluster_check(&pair.cluster);
            cr_assert_eq(pair.cluster.free_gpu_milli, pair.cluster.gpu_milli);
            vec_release(&pair.held);
            slow_release(&pair.slow);
            cluster_release_all(&pair.cluster);
        }
    }
}
