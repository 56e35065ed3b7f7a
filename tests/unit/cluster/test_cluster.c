/* test_cluster.c - making and copying clusters, names, and pools that cannot be. */
#include <math.h>
#include <string.h>

#include <criterion/criterion.h>

#include "model.h"
#include "rig.h"
#include "sim/base/rng.h"

Test(cluster, nodes_are_named_after_their_pool)
{
    struct cluster cluster;
    cluster_init(&cluster, NULL, 0);
    rig_add(&cluster,
            (struct pool){.name = "a", .node_count = 12, .gpu_count = 1, .model = NAMES_NONE});
    rig_add(&cluster, (struct pool){.name = "b", .node_count = 1, .model = NAMES_NONE});
    cluster_finish(&cluster);
    cr_assert_str_eq(cluster.nodes.items[11].name, "a-11");
    cr_assert_str_eq(cluster.nodes.items[12].name, "b");
    cr_assert_eq(cluster_find_node(&cluster, "a-3"), 3);
    cr_assert_eq(cluster_find_node(&cluster, "b"), 12);
    cr_assert_eq(cluster_find_node(&cluster, "a"), NODE_NONE);
    cr_assert_eq(cluster.gpu_milli, 12000);
    cr_assert_eq(cluster.idle_gpu_count, 12);
    cluster_release_all(&cluster);
}

static void refuse(struct pool pool, const char *node_name, const char *why)
{
    struct cluster cluster;
    cluster_init(&cluster, NULL, 0);
    rig_add(&cluster, (struct pool){.name = "old", .node_count = 1, .model = NAMES_NONE});
    pool.name = "p";
    pool.model = NAMES_NONE;
    struct node_draft node = {.name = node_name};
    struct err err = {0};
    cr_assert_not(cluster_add_pool(&cluster, &pool, &node, &err), "%s", why);
    cr_assert_eq(err.code, ERR_FORMAT);
    cr_assert_not_null(strstr(err.msg, why), "'%s' does not say '%s'", err.msg, why);
    cr_assert_not_null(strstr(err.msg, "\"p\""), "'%s' does not name the pool", err.msg);
    cluster_release_all(&cluster);
}

Test(cluster, impossible_pools_are_refused)
{
    struct pool good = {.node_count = 1, .gpu_count = 1};
    struct pool bad = good;
    refuse(good, "old", "another node \"old\"");
    bad.node_count = 0;
    refuse(bad, NULL, "1048576 nodes");
    bad.node_count = CLUSTER_MOST_NODES;
    refuse(bad, NULL, "1048576 nodes");
    bad = good;
    bad.gpu_count = NODE_MOST_DIVISIBLE_GPUS + 1;
    refuse(bad, NULL, "GPUs");
    bad = (struct pool){.node_count = CLUSTER_MOST_NODES - 1, .gpu_count = 17};
    refuse(bad, NULL, "16777216");
    bad = good;
    bad.gpu_memory_mib = -1;
    refuse(bad, NULL, "GPU memory");
    bad.gpu_memory_mib = UNLIMITED;
    refuse(bad, NULL, "GPU memory");
    bad = good;
    bad.cpu_milli = -1;
    refuse(bad, NULL, "CPUs");
    bad = good;
    bad.memory_mib = UNLIMITED - 1;
    refuse(bad, NULL, "memory of a node");
    bad = good;
    bad.price_per_hour = (double)NAN;
    refuse(bad, NULL, "price");
    bad.price_per_hour = -0.5;
    refuse(bad, NULL, "price");
    bad = (struct pool){.node_count = 1,
                        .gpu_count = 1,
                        .gpu_memory_mib = 81920,
                        .mig_profile_count = 1,
                        .mig_profiles = {{3, 30}}};
    refuse(bad, NULL, "3g.30gb");
    bad.mig_profiles[0].memory_gb = 40;
    bad.divisible = true;
    refuse(bad, NULL, "divisible");
}

Test(cluster, a_copy_is_equal_and_idle)
{
    for (uint32_t seed = 1; seed <= 30; seed++) {
        gsl_rng *stream = rng_new(seed, "test.copy", 0);
        struct cluster cluster;
        struct cluster copy;
        random_cluster(stream, &cluster);
        for (int i = 0; i < 50; i++) {
            struct request request = random_request(stream, &cluster);
            uint32_t node =
                cluster_first_fit(&cluster, &request, (struct node_filter){0, DOMAIN_ANY}, 0);
            if (node != NODE_NONE) {
                (void)rig_place(&cluster, node, request);
            }
        }
        cluster_init_empty_copy(&copy, &cluster);
        cr_assert_eq(copy.free_gpu_milli, cluster.gpu_milli);
        cr_assert_eq(copy.gpu_milli, cluster.gpu_milli);
        cr_assert_eq(copy.nodes.count, cluster.nodes.count);
        for (uint32_t i = 0; i < copy.nodes.count; i++) {
            cr_assert_str_eq(copy.nodes.items[i].name, cluster.nodes.items[i].name);
            cr_assert_neq(copy.nodes.items[i].name, cluster.nodes.items[i].name);
        }
        for (uint32_t i = 0; i < copy.level_count; i++) {
            cr_assert_str_eq(copy.levels[i].label, cluster.levels[i].label);
            cr_assert_eq(memcmp(copy.levels[i].domain_of_node, cluster.levels[i].domain_of_node,
                                copy.nodes.count * sizeof(uint32_t)),
                         0);
        }
        cluster_release_all(&cluster);
        cluster_check(&copy);
        cluster_release_all(&copy);
        gsl_rng_free(stream);
    }
}
