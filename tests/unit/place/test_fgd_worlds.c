/* test_fgd_worlds.c - in random worlds, fgd goes where placing for real, measuring and undoing
 * shows the least loss. */
#include <criterion/criterion.h>

#include "policies/lib/typical.h"
#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/place.h"

static const struct node_filter ANYWHERE = {0, DOMAIN_ANY};

static uint32_t draw(gsl_rng *stream, uint32_t below)
{
    return (uint32_t)gsl_rng_uniform_int(stream, below);
}

static void make_cluster(gsl_rng *stream, struct cluster *cluster)
{
    cluster_init(cluster, NULL, 0);
    (void)names_add(&cluster->models, view_of("V100"), NULL);
    for (uint32_t i = 0; i < 4; i++) {
        char name[2] = {(char)('a' + i), '\0'};
        struct pool pool = {.name = name,
                            .node_count = 1 + draw(stream, 3),
                            .gpu_count = 1 + draw(stream, 4),
                            .model = draw(stream, 2) == 0 ? 0 : NAMES_NONE,
                            .divisible = draw(stream, 4) == 0,
                            .gpu_memory_mib = 100,
                            .cpu_milli = draw(stream, 3) == 0 ? UNLIMITED : 16000,
                            .memory_mib = UNLIMITED};
        struct node_draft node = {0};
        struct err err = {0};
        CHECK(cluster_add_pool(cluster, &pool, &node, &err));
    }
    cluster_finish(cluster);
}

static struct request make_request(gsl_rng *stream)
{
    struct request request = {.kind = draw(stream, GPU_MIG), .cpu_milli = 1000 * draw(stream, 6)};
    request.gpu_count = request.kind == GPU_NONE ? 0 : 1 + draw(stream, 10) / 7;
    request.gpu_milli = request.kind == GPU_FRACTION ? 100 * (1 + draw(stream, 9)) : 0;
    request.gpu_memory_mib = request.kind == GPU_MEMORY ? 10 * (1 + draw(stream, 10)) : 0;
    request.models = draw(stream, 5) == 0 ? 1 : 0;
    return request;
}

static int64_t loss_of(const struct typical *typical, const struct cluster *cluster,
                       uint32_t number)
{
    const struct node *at = &cluster->nodes.items[number];
    struct typical_node node = {.pool = cluster_pool(cluster, number),
                                .free_gpu_milli = at->free_gpu_milli,
                                .free_cpu_milli = at->free_cpu_milli};
    node.gpu_count = node.pool->divisible ? 0 : node.pool->gpu_count;
    for (uint32_t i = 0; i < node.gpu_count; i++) {
        int32_t milli = cluster->gpus.items[at->first_gpu + i].free_milli;
        uint32_t place = i;
        for (; place > 0 && node.free[place - 1] > milli; place--) {
            node.free[place] = node.free[place - 1];
        }
        node.free[place] = milli;
    }
    return typical_loss(typical, &node);
}

struct best {
    uint32_t node;
    uint64_t gpus;
    int64_t growth;
};

static void try_grant(const struct typical *typical, struct cluster *cluster,
                      const struct grant *grant, struct best *best)
{
    int64_t before = loss_of(typical, cluster, grant->node);
    cluster_place(cluster, grant);
    int64_t growth = loss_of(typical, cluster, grant->node) - before;
    cluster_undo(cluster, grant);
    if (best->node == NODE_NONE || growth < best->growth) {
        *best = (struct best){grant->node, grant->gpus, growth};
    }
}

static struct best slow_best(const struct typical *typical, struct cluster *cluster,
                             const struct request *request)
{
    struct best best = {.node = NODE_NONE};
    bool shared = request->kind == GPU_FRACTION || request->kind == GPU_MEMORY;
    for (uint32_t node = 0; node < cluster->nodes.count; node++) {
        struct grant grant;
        const struct pool *pool = cluster_pool(cluster, node);
        if (!shared || request->gpu_count != 1 || pool->divisible) {
            if (cluster_choose_among(cluster, node, request, 0, &grant)) {
                try_grant(typical, cluster, &grant, &best);
            }
            continue;
        }
        for (uint32_t gpu = 0; gpu < pool->gpu_count; gpu++) {
            if (cluster_choose_among(cluster, node, request, UINT64_C(1) << gpu, &grant)) {
                try_grant(typical, cluster, &grant, &best);
            }
        }
    }
    return best;
}

static void run_world(uint64_t seed)
{
    const struct place_ops *rule = place_find("fgd");
    gsl_rng *stream = rng_new(seed, "test.fgd", 0);
    struct cluster cluster;
    struct typical typical = {0};
    _Alignas(16) char state[512] = {0};
    _Alignas(16) char params[128];
    struct err err = {0};
    make_cluster(stream, &cluster);
    cr_assert(param_read(rule->params, "fgd", view_of("training=20"), params, &err));
    cr_assert(rule->init(state, params, &cluster, 1, &err));
    for (int i = 0; i < 20; i++) {
        struct request request = make_request(stream);
        typical_see(&typical, &request, 1);
        rule->learn(state, &(struct place_demand){.request = &request, .tasks = 1});
    }
    typical_choose(&typical, 95);
    grant_vec held = {0};
    for (int step = 0; step < 100; step++) {
        if (held.count > 0 && draw(stream, 3) == 0) {
            uint32_t which = draw(stream, (uint32_t)held.count);
            cluster_release(&cluster, &held.items[which]);
            held.items[which] = vec_pop(&held);
        }
        struct request request = make_request(stream);
        struct best best = slow_best(&typical, &cluster, &request);
        uint32_t node = rule->pick(state, &cluster, &request, ANYWHERE);
        cr_assert_eq(node, best.node, "seed %d, step %d", (int)seed, step);
        if (node == NODE_NONE) {
            continue;
        }
        struct grant grant;
        rule->choose(state, &cluster, node, &request, &grant);
        cr_assert_eq(grant.gpus, best.gpus, "seed %d, step %d", (int)seed, step);
        cluster_place(&cluster, &grant);
        vec_push(&held, grant);
    }
    rule->release(state);
    typical_release(&typical);
    vec_release(&held);
    cluster_release_all(&cluster);
    gsl_rng_free(stream);
}

Test(fgd_worlds, the_place_is_where_least_is_lost_by_trying_all)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        run_world(seed);
    }
}
