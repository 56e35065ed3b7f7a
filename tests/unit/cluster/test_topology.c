/* test_topology.c - levels and domains. */
#include <criterion/criterion.h>

#include "rig.h"
#include "sim/base/check.h"

static void add(struct cluster *cluster, const char *name, uint32_t nodes, const char *block,
                const char *rack)
{
    struct label labels[2];
    size_t count = 0;
    if (rack != NULL) {
        labels[count++] = (struct label){"rack", rack};
    }
    if (block != NULL) {
        labels[count++] = (struct label){"block", block};
    }
    struct pool pool = {.name = name,
                        .node_count = nodes,
                        .gpu_count = 2,
                        .model = NAMES_NONE,
                        .cpu_milli = UNLIMITED,
                        .memory_mib = UNLIMITED};
    struct node_draft node = {.label_count = count, .labels = labels};
    struct err err = {0};
    CHECK(cluster_add_pool(cluster, &pool, &node, &err));
}

static void make(struct cluster *cluster)
{
    static const char *const LEVELS[] = {"block", "rack"};
    cluster_init(cluster, LEVELS, 2);
    add(cluster, "p", 2, "x", "1");   /* nodes 0, 1 */
    add(cluster, "q", 1, "y", "1");   /* 2: another rack 1 */
    add(cluster, "r", 1, "x", "2");   /* 3 */
    add(cluster, "s", 1, "x", NULL);  /* 4: in block x, in no rack */
    add(cluster, "t", 1, NULL, "1");  /* 5: in no block, so in no rack */
    add(cluster, "u", 1, "x", "1");   /* 6: the rack of 0 and 1 */
    add(cluster, "v", 1, "x/1", "1"); /* 7: a slash in a label joins nothing */
    cluster_finish(cluster);
}

Test(topology, domains_have_equal_labels_down_to_their_level)
{
    struct cluster cluster;
    make(&cluster);
    static const uint32_t BLOCKS[] = {0, 0, 1, 0, 0, DOMAIN_NONE, 0, 2};
    static const uint32_t RACKS[] = {0, 0, 1, 2, DOMAIN_NONE, DOMAIN_NONE, 0, 3};
    for (uint32_t i = 0; i < 8; i++) {
        cr_assert_eq(cluster.levels[0].domain_of_node[i], BLOCKS[i], "block of %u", i);
        cr_assert_eq(cluster.levels[1].domain_of_node[i], RACKS[i], "rack of %u", i);
    }
    cr_assert_str_eq(cluster.levels[1].domains.items[0].name, "x/1");
    cr_assert_str_eq(cluster.levels[1].domains.items[1].name, "y/1");
    cr_assert_eq(cluster.levels[1].domains.items[0].node_count, 3);
    cr_assert_eq(cluster.levels[1].domains.items[0].first_node, 0);
    cr_assert_eq(cluster.levels[1].domains.items[0].last_node, 6);
    cr_assert_eq(cluster.levels[0].domains.items[0].free_gpu_milli, 10000);
    cr_assert_eq(cluster_find_level(&cluster, "rack"), 1);
    cr_assert_eq(cluster_find_level(&cluster, "row"), CLUSTER_MOST_LEVELS);
    cluster_release_all(&cluster);
}

Test(topology, searches_stay_in_the_domain)
{
    struct cluster cluster;
    make(&cluster);
    struct request two = {.kind = GPU_WHOLE, .gpu_count = 2};
    struct node_filter rack = {1, 0};
    static const uint32_t NODES[] = {0, 1, 6, NODE_NONE};
    for (uint32_t i = 0; i < 4; i++) {
        cr_assert_eq(cluster_first_fit(&cluster, &two, rack, 0), NODES[i]);
        cr_assert_eq(cluster_best_fit(&cluster, &two, rack), NODES[i]);
        cr_assert_eq(cluster_worst_fit(&cluster, &two, rack), NODES[i]);
        if (NODES[i] != NODE_NONE) {
            (void)rig_place(&cluster, NODES[i], two);
        }
    }
    cr_assert_eq(cluster.levels[1].domains.items[0].free_gpu_milli, 0);
    cr_assert_eq(cluster.levels[0].domains.items[0].free_gpu_milli, 4000);
    struct node_filter nowhere = {1, DOMAIN_NONE};
    cr_assert_eq(cluster_first_fit(&cluster, &two, nowhere, 0), NODE_NONE);
    cluster_check(&cluster);
    cluster_release_all(&cluster);
}
