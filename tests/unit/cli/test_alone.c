/* test_alone.c - a share of a cluster: whole nodes, a smaller one for the rest, at least one GPU.
 */
#include <criterion/criterion.h>

#include "sim/cli/alone.h"
#include "sim/cluster/cluster_file.h"

static void expect(const char *cluster, double share, uint32_t nodes, int64_t gpus)
{
    struct cluster whole;
    struct cluster part;
    struct err err = {0};
    cr_assert(cluster_from_short_form(cluster, &whole, &err), "%s", err.msg);
    alone_cluster(&whole, share, &part);
    cr_expect_eq(part.nodes.count, nodes, "%s at %g has %zu nodes", cluster, share,
                 part.nodes.count);
    cr_expect_eq(part.gpu_milli, gpus * 1000, "%s at %g", cluster, share);
    cluster_release_all(&whole);
    cluster_release_all(&part);
}

Test(alone, a_share_is_whole_nodes_and_one_for_what_is_left)
{
    expect("4x8", 0.5, 2, 16);
    expect("4x8", 0.3, 2, 9); /* 9.6: one node of eight, and one GPU */
    expect("4x8", 1, 4, 32);
    expect("4x8", 0.001, 1, 1);
    expect("9x8", 1.0 / 3, 3, 24);
}
