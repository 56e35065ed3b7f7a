/* test_states.c - choices by state are those of looking at every node, whatever happens to them. */
#include <criterion/criterion.h>

#include "policies/lib/node_states.h"
#include "sim/base/check.h"
#include "sim/base/rng.h"

/* Depends on everything there is to see, and often gives equal numbers. */
static int64_t score(void *rule, const struct node_look *look, const struct request *request)
{
    ++*(uint32_t *)rule;
    int64_t sum =
        look->free_gpu_milli / 500 + look->free_cpu_milli / 4000 + look->free_memory_mib / 64;
    for (uint32_t i = 0; i < look->gpu_count; i++) {
        sum += (int64_t)look->gpus[i].free_milli / 300 * (i + 1) + look->gpus[i].group * 2 +
               look->gpus[i].tasks + look->gpus[i].free_memory_mib / 50;
    }
    return sum * (request->gpu_milli % 3 == 0 ? 1 : -1) + look->pool->gpu_count;
}

static uint32_t slow_best(const struct cluster *cluster, const struct request *request,
                          struct node_filter filter)
{
    uint32_t best = NODE_NONE;
    int64_t best_score = 0;
    for (uint32_t node = 0; node < cluster->nodes.count; node++) {
        bool passes = filter.domain == DOMAIN_ANY ||
                      cluster->levels[filter.level].domain_of_node[node] == filter.domain;
        if (!passes || !cluster_fits(cluster, node, request)) {
            continue;
        }
        struct node_look look;
        uint32_t ignored = 0;
        node_look_at(&look, cluster, node);
        int64_t found = score(&ignored, &look, request);
        if (best == NODE_NONE || found > best_score) {
            best = node;
            best_score = found;
        }
    }
    return best;
}

static uint32_t draw(gsl_rng *stream, uint32_t below)
{
    return (uint32_t)gsl_rng_uniform_int(stream, below);
}

static void make_cluster(struct cluster *cluster, uint32_t nodes)
{
    static const char *const LEVELS[] = {"rack"};
    static const struct label RACKS[] = {{"rack", "x"}, {"rack", "y"}};
    cluster_init(cluster, LEVELS, 1);
    (void)names_add(&cluster->models, view_of("V100"), NULL);
    for (uint32_t i = 0; i < 3; i++) {
        char name[2] = {(char)('a' + i), '\0'};
        struct pool pool = {.name = name,
                            .node_count = nodes,
                            .gpu_count = i == 2 ? 4 : 2,
                            .model = i == 0 ? 0 : NAMES_NONE,
                            .divisible = i == 1,
                            .gpu_memory_mib = 100,
                            .cpu_milli = 16000,
                            .memory_mib = 512};
        struct node_draft node = {.label_count = 1, .labels = &RACKS[i % 2]};
        struct err err = {0};
        CHECK(cluster_add_pool(cluster, &pool, &node, &err));
    }
    cluster_finish(cluster);
}

static struct request make_request(gsl_rng *stream)
{
    struct request request = {.kind = draw(stream, 4), .cpu_milli = 1000 * draw(stream, 4)};
    request.gpu_count = request.kind == GPU_NONE ? 0 : 1 + draw(stream, 2);
    request.gpu_milli = request.kind == GPU_FRACTION ? 100 * (1 + draw(stream, 9)) : 0;
    request.gpu_memory_mib = request.kind == GPU_MEMORY ? 10 * (1 + draw(stream, 10)) : 0;
    request.memory_mib = 64 * draw(stream, 3);
    request.models = draw(stream, 4) == 0 ? 1 : 0;
    return request;
}

/* `burst` changes come between two choices: more than the cluster tells of, in some runs. */
static void compare_choices(uint64_t seed, uint32_t nodes, uint32_t burst)
{
    gsl_rng *stream = rng_new(seed, "test.states", 0);
    struct cluster cluster;
    make_cluster(&cluster, nodes);
    uint32_t scored = 0;
    struct node_states *states = node_states_new(&cluster, score, &scored);
    grant_vec held = {0};
    for (uint32_t step = 0; step < 400; step++) {
        for (uint32_t i = 0; i < burst; i++) {
            struct request request = make_request(stream);
            uint32_t node = draw(stream, 3 * nodes);
            if (held.count > 0 && draw(stream, 2) == 0) {
                uint32_t which = draw(stream, (uint32_t)held.count);
                cluster_release(&cluster, &held.items[which]);
                held.items[which] = vec_pop(&held);
            } else if (cluster_fits(&cluster, node, &request)) {
                struct grant grant;
                cluster_choose(&cluster, node, &request, &grant);
                cluster_place(&cluster, &grant);
                vec_push(&held, grant);
            }
        }
        struct request request = make_request(stream);
        struct node_filter filter = {0, draw(stream, 3) == 0 ? draw(stream, 2) : DOMAIN_ANY};
        cr_assert_eq(node_states_best(states, &cluster, &request, filter),
                     slow_best(&cluster, &request, filter), "seed %d, step %u", (int)seed, step);
        if (draw(stream, 50) == 0) {
            node_states_forget(states);
        }
    }
    node_states_free(states);
    vec_release(&held);
    cluster_release_all(&cluster);
    gsl_rng_free(stream);
}

Test(node_states, choose_what_looking_at_every_node_would)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        compare_choices(seed, 1 + (uint32_t)seed, 1 + (uint32_t)seed % 3);
    }
    compare_choices(11, 40, 2 * CLUSTER_RECENT_CHANGES);
}

Test(node_states, work_out_a_score_once_for_equal_nodes)
{
    struct cluster cluster;
    make_cluster(&cluster, 1000);
    uint32_t scored = 0;
    struct node_states *states = node_states_new(&cluster, score, &scored);
    struct request request = {.kind = GPU_WHOLE, .gpu_count = 1};
    struct node_filter anywhere = {0, DOMAIN_ANY};
    for (int i = 0; i < 5; i++) {
        (void)node_states_best(states, &cluster, &request, anywhere);
    }
    cr_assert_eq(scored, 3, "three kinds of idle nodes");
    struct grant grant;
    cluster_choose(&cluster, 0, &request, &grant);
    cluster_place(&cluster, &grant);
    (void)node_states_best(states, &cluster, &request, anywhere);
    cr_assert_eq(scored, 4);
    node_states_forget(states);
    (void)node_states_best(states, &cluster, &request, anywhere);
    cr_assert_eq(scored, 8);
    node_states_free(states);
    cluster_release_all(&cluster);
}

Test(node_states, choose_in_a_copy_by_what_is_free_there)
{
    struct cluster cluster;
    struct cluster copy;
    make_cluster(&cluster, 2);
    uint32_t scored = 0;
    struct node_states *states = node_states_new(&cluster, score, &scored);
    cluster_init_empty_copy(&copy, &cluster);
    struct node_filter anywhere = {0, DOMAIN_ANY};
    struct request all = {.kind = GPU_WHOLE, .gpu_count = 4};
    cr_assert_eq(node_states_best(states, &copy, &all, anywhere), 4);
    for (uint32_t node = 4; node < 6; node++) {
        struct grant grant;
        cluster_choose(&cluster, node, &all, &grant);
        cluster_place(&cluster, &grant);
    }
    cr_assert_eq(node_states_best(states, &cluster, &all, anywhere), NODE_NONE);
    cr_assert_eq(node_states_best(states, &copy, &all, anywhere), 4);
    node_states_free(states);
    cluster_release_all(&copy);
    cluster_release_all(&cluster);
}
