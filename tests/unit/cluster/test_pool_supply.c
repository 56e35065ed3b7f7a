/* When nodes of a pool are there, in the cluster file; nodes that are away, broken or closed. */
#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"

static bool read_pool(const char *pool, struct cluster *out, struct err *err)
{
    struct text json = {0};
    text_addf(&json, "{\"pools\":[{\"name\":\"p\",\"nodes\":3,\"gpus\":4,\"cpus\":8,%s}]}", pool);
    struct file file = {.bytes = json.bytes, .length = json.length};
    bool ok = cluster_from_json(&file, out, err);
    text_release(&json);
    return ok;
}

static void check_refused(const char *pool, const char *message)
{
    struct cluster cluster;
    struct err err = {0};
    cr_assert_not(read_pool(pool, &cluster, &err), "%s", pool);
    cr_assert_not_null(strstr(err.msg, message), "%s, not %s", err.msg, message);
}

Test(pool_supply, is_written_as_it_was_read)
{
    struct cluster cluster;
    struct cluster again;
    struct err err = {0};
    cr_assert(
        read_pool("\"arrives_s\":10,\"leaves_s\":9000.5,"
                  "\"maintenance\":[{\"from_s\":1,\"to_s\":2},"
                  "{\"from_s\":100,\"to_s\":200,\"drain_s\":50}],"
                  "\"spot\":{\"mean_up_h\":12,\"mean_away_h\":0.25},"
                  "\"elastic\":{\"queue\":\"q\",\"demand_gpus\":8,\"wait_s\":600,\"start_s\":300,"
                  "\"idle_s\":900,\"least_s\":3600,\"most_nodes\":2}",
                  &cluster, &err),
        "%s", err.msg);
    const struct pool_supply *supply = cluster.pools.items[0].supply;
    cr_assert_eq(supply->leaves_us, 9000500000);
    cr_assert_eq(supply->windows[1].drain_us, 50000000);
    cr_assert_eq(supply->elastic.most_nodes, 2);
    struct text first = {0};
    struct text second = {0};
    cluster_add_json(&first, &cluster);
    struct file file = {.bytes = first.bytes, .length = first.length};
    cr_assert(cluster_from_json(&file, &again, &err), "%s", err.msg);
    cluster_add_json(&second, &again);
    cr_assert_str_eq(first.bytes, second.bytes);
    text_release(&first);
    text_release(&second);
    cluster_release_all(&cluster);
    cluster_release_all(&again);
}

Test(pool_supply, refuses_what_makes_no_sense)
{
    check_refused("\"arrives_s\":10,\"leaves_s\":10", "pools[0].leaves_s");
    check_refused("\"arrives_s\":-1", "pools[0].arrives_s");
    check_refused("\"maintenance\":[{\"from_s\":5}]", "pools[0].maintenance[0].to_s");
    check_refused("\"maintenance\":[{\"from_s\":5,\"to_s\":5}]", "pools[0].maintenance[0].to_s");
    check_refused("\"maintenance\":[{\"from_s\":5,\"to_s\":6,\"drain\":1}]", "drain");
    check_refused("\"spot\":{\"mean_up_h\":1}", "pools[0].spot.mean_away_h");
    check_refused("\"spot\":{\"mean_up_h\":0,\"mean_away_h\":1}", "pools[0].spot.mean_up_h");
    check_refused("\"elastic\":{\"idle_s\":1}", "demand_gpus, wait_s or both");
    check_refused("\"elastic\":{\"wait_s\":1,\"most_nodes\":4}", "pools[0].elastic.most_nodes");
    check_refused("\"spot\":7", "pools[0].spot");
    check_refused("\"elastic\":{\"wait_s\":1e13}", "less than 10^12");
}

static const struct request ANY = {.kind = GPU_NONE};
static const struct request ONE = {.kind = GPU_WHOLE, .gpu_count = 1};
static const struct node_filter ANYWHERE = {0, DOMAIN_ANY};

Test(presence, nothing_fits_on_a_node_that_is_away_until_it_is_back)
{
    struct cluster cluster;
    struct err err = {0};
    cr_assert(cluster_from_short_form("2x4", &cluster, &err));
    uint64_t releases = cluster.releases;
    cluster_take_away(&cluster, 0);
    cluster_check(&cluster);
    cr_assert_eq(cluster.gpu_milli, 4000);
    cr_assert_eq(cluster.away_gpu_milli, 4000);
    cr_assert_not(cluster_fits(&cluster, 0, &ANY));
    cr_assert_eq(cluster_first_fit(&cluster, &ANY, ANYWHERE, 0), 1);
    cr_assert_eq(cluster_best_fit(&cluster, &ONE, ANYWHERE), 1);
    cr_assert_eq(cluster_worst_fit(&cluster, &ONE, ANYWHERE), 1);
    cr_assert_eq(cluster_whole_room(&cluster, 0, &ONE), 0);
    cr_assert_eq(cluster.releases, releases);
    cluster_bring_back(&cluster, 0);
    cluster_check(&cluster);
    cr_assert_eq(cluster_first_fit(&cluster, &ANY, ANYWHERE, 0), 0);
    cr_assert_eq(cluster.releases, releases + 1);
    cluster_release_all(&cluster);
}

Test(presence, a_broken_gpu_serves_nobody)
{
    const char *const forms[] = {"1x4", "1x65"}; /* the second one is divisible */
    for (int i = 0; i < 2; i++) {
        struct cluster cluster;
        struct err err = {0};
        cr_assert(cluster_from_short_form(forms[i], &cluster, &err));
        uint32_t gpus = cluster.pools.items[0].gpu_count;
        struct request all = {.kind = GPU_WHOLE, .gpu_count = gpus};
        struct request rest = {.kind = GPU_WHOLE, .gpu_count = gpus - 1};
        cluster_break_gpu(&cluster, 0, 2);
        cluster_check(&cluster);
        cr_assert_not(cluster_fits(&cluster, 0, &all));
        cr_assert(cluster_fits(&cluster, 0, &rest));
        struct grant grant;
        cluster_choose(&cluster, 0, &rest, &grant);
        cr_assert_eq(grant.gpus & 4, 0);
        cluster_mend_gpu(&cluster, 0, 2);
        cluster_check(&cluster);
        cr_assert(cluster_fits(&cluster, 0, &all));
        cluster_release_all(&cluster);
    }
}

Test(presence, a_closed_node_keeps_who_is_there_and_takes_nobody)
{
    struct cluster cluster;
    struct err err = {0};
    cr_assert(cluster_from_short_form("2x4", &cluster, &err));
    struct grant grant;
    cluster_choose(&cluster, 0, &ONE, &grant);
    cluster_place(&cluster, &grant);
    cluster_close_node(&cluster, 0);
    cluster_check(&cluster);
    cr_assert_not(cluster_fits(&cluster, 0, &ONE));
    cr_assert_not(cluster_fits(&cluster, 0, &ANY));
    cr_assert_eq(cluster_whole_room(&cluster, 0, &ONE), 0);
    cr_assert_eq(cluster_best_fit(&cluster, &ONE, ANYWHERE), 1);
    cluster_release(&cluster, &grant);
    cluster_check(&cluster);
    cr_assert_not(cluster_fits(&cluster, 0, &ONE));
    cluster_open_node(&cluster, 0);
    cluster_check(&cluster);
    cr_assert_eq(cluster_best_fit(&cluster, &ONE, ANYWHERE), 0);
    cluster_release_all(&cluster);
}
