/* test_node_type.c - pools of a cluster file that name a node type of the catalogue. */
#include <string.h>

#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"

/* The JSON uses ' for ", which is easier to read here. */
static bool read_cluster(const char *text, struct cluster *out, struct err *err)
{
    char *bytes = mem_copy_text(text, strlen(text));
    for (char *c = bytes; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    struct file file = {.bytes = bytes, .length = strlen(bytes)};
    *err = (struct err){0};
    bool ok = cluster_from_json(&file, out, err);
    free(bytes);
    return ok;
}

static const char *label_of(const struct pool *pool, const char *key)
{
    for (uint32_t i = 0; i < pool->label_count; i++) {
        if (strcmp(pool->labels[i].key, key) == 0) {
            return pool->labels[i].value;
        }
    }
    return "none";
}

static const char *model_of(const struct cluster *cluster, const struct pool *pool)
{
    return names_get(&cluster->models, pool->model);
}

Test(node_type, says_what_a_node_has)
{
    struct cluster cluster;
    struct err err;
    cr_assert(read_cluster("{'pools':[{'name':'a','node_type':'dgx-h100','nodes':4,"
                           "'pool_kind':'on_premises'}]}",
                           &cluster, &err),
              "%s", err.msg);
    const struct pool *pool = &cluster.pools.items[0];
    cr_assert_eq(pool->node_count, 4);
    cr_assert_eq(pool->gpu_count, 8);
    cr_assert_str_eq(model_of(&cluster, pool), "H100-SXM");
    cr_assert_eq(pool->gpu_memory_mib, 81920);
    cr_assert_eq(pool->cpu_milli, 112000);
    cr_assert_eq(pool->memory_mib, 2097152);
    cr_assert_eq(pool->mig_profile_count, 0);
    cr_assert_float_eq(pool->price_per_hour, 9.639399, 1e-12);
    cr_assert_str_eq(label_of(pool, "node_type"), "dgx-h100");
    cr_assert_str_eq(label_of(pool, "pool_kind"), "on_premises");
    cluster_release_all(&cluster);
}

Test(node_type, gives_way_to_what_the_pool_says_itself)
{
    struct cluster cluster;
    struct err err;
    cr_assert(read_cluster("{'pools':[{'name':'a','node_type':'dgx-h100','nodes':1,'gpus':4,"
                           "'gpu_model':'H100','gpu_memory_mib':5,'cpus':7,'memory_mib':-1,"
                           "'labels':{'node_type':'mine'},'price_per_hour':3,"
                           "'pool_kind':'on_demand'}]}",
                           &cluster, &err),
              "%s", err.msg);
    const struct pool *pool = &cluster.pools.items[0];
    cr_assert_eq(pool->gpu_count, 4);
    cr_assert_str_eq(model_of(&cluster, pool), "H100");
    cr_assert_eq(pool->gpu_memory_mib, 5);
    cr_assert_eq(pool->cpu_milli, 7000);
    cr_assert_eq(pool->memory_mib, UNLIMITED);
    cr_assert_float_eq(pool->price_per_hour, 3, 0);
    cr_assert_str_eq(label_of(pool, "node_type"), "mine");
    cluster_release_all(&cluster);
}

Test(node_type, takes_a_price_of_the_pool_by_its_billing)
{
    struct cluster cluster;
    struct err err;
    cr_assert(read_cluster("{'pools':["
                           "{'name':'a','node_type':'gh200','nodes':1,'pool_kind':'spot',"
                           "'price':1.25},"
                           "{'name':'b','node_type':'dgx-h100','nodes':1,'pool_kind':'dgx_cloud',"
                           "'price':73000},"
                           "{'name':'c','node_type':'gh200','nodes':1}]}",
                           &cluster, &err),
              "%s", err.msg);
    cr_assert_float_eq(cluster.pools.items[0].price_per_hour, 1.25, 0);
    cr_assert_float_eq(cluster.pools.items[1].price_per_hour, 100, 0);
    cr_assert_float_eq(cluster.pools.items[2].price_per_hour, 0, 0);
    cr_assert_str_eq(label_of(&cluster.pools.items[2], "pool_kind"), "none");
    cluster_release_all(&cluster);
}

Test(node_type, of_a_kind_of_pool_are_there_as_the_kind_says)
{
    struct cluster cluster;
    struct err err;
    cr_assert(read_cluster("{'catalogue':{'sources':[{'name':'me','title':'t','address':'none',"
                           "'date':'2026','checked':true}],'pools':[{'name':'rented',"
                           "'billing':'up','start_delay_s':90,'minimum_hold_s':60,"
                           "'limit_nodes':3,'source':'me'}]},'pools':["
                           "{'name':'a','node_type':'gh200','nodes':1,'pool_kind':'spot',"
                           "'price':1},"
                           "{'name':'b','node_type':'gh200','nodes':1,'pool_kind':'spot',"
                           "'price':1,'spot':{'mean_up_h':5,'mean_away_h':0}},"
                           "{'name':'c','node_type':'gh200','nodes':8,'pool_kind':'rented',"
                           "'price':1,'elastic':{'wait_s':10}},"
                           "{'name':'d','node_type':'gh200','nodes':8,'pool_kind':'rented',"
                           "'price':1,'elastic':{'wait_s':10,'start_s':1,'least_s':2,"
                           "'most_nodes':8}},"
                           "{'name':'e','node_type':'gh200','nodes':8,'pool_kind':'rented',"
                           "'price':1}]}",
                           &cluster, &err),
              "%s", err.msg);
    const struct pool *pools = cluster.pools.items;
    const double hour_us = 3.6e9;
    cr_assert_float_eq(pools[0].supply->spot.mean_up_us, 12 * hour_us, 1);
    cr_assert_float_eq(pools[0].supply->spot.mean_away_us, hour_us, 1);
    cr_assert_float_eq(pools[1].supply->spot.mean_up_us, 5 * hour_us, 1);
    cr_assert_float_eq(pools[1].supply->spot.mean_away_us, 0, 0);
    const struct pool_elastic *rented = &pools[2].supply->elastic;
    cr_assert_eq(rented->start_us, 90000000);
    cr_assert_eq(rented->least_us, 60000000);
    cr_assert_eq(rented->most_nodes, 3);
    cr_assert_float_eq(pools[2].supply->spot.mean_up_us, 0, 0);
    const struct pool_elastic *told = &pools[3].supply->elastic;
    cr_assert_eq(told->start_us, 1000000);
    cr_assert_eq(told->least_us, 2000000);
    cr_assert_eq(told->most_nodes, 8);
    cr_assert_null(pools[4].supply);
    cluster_release_all(&cluster);
}

Test(node_type, splits_gpus_into_partitions_and_instances)
{
    struct cluster cluster;
    struct err err;
    cr_assert(read_cluster("{'pools':["
                           "{'name':'a','node_type':'mi300x-8','nodes':1,'partition':'CPX'},"
                           "{'name':'b','node_type':'hgx-h200','nodes':1,'mig':true},"
                           "{'name':'c','node_type':'hgx-h200','nodes':1,'mig':['3g.71gb']}]}",
                           &cluster, &err),
              "%s", err.msg);
    const struct pool *split = &cluster.pools.items[0];
    cr_assert_eq(split->gpu_count, 64);
    cr_assert_not(split->divisible);
    cr_assert_str_eq(model_of(&cluster, split), "MI300X/CPX");
    cr_assert_eq(split->gpu_memory_mib, 24576);
    cr_assert_eq(cluster.pools.items[1].mig_profile_count, 6);
    cr_assert_eq(cluster.pools.items[2].mig_profile_count, 1);
    cluster_release_all(&cluster);
}

Test(node_type, may_be_of_a_catalogue_in_the_file)
{
    struct cluster cluster;
    struct err err;
    cr_assert(read_cluster("{'catalogue':{'sources':[{'name':'me','title':'t','address':'none',"
                           "'date':'2026','checked':true}],'nodes':[{'name':'ours','gpu':'T4',"
                           "'gpus':2,'cpus':16,'memory_mib':65536,'watts_rest':200,"
                           "'source':'me'}],'prices':[{'node':'ours','pool':'on_demand',"
                           "'price':0.75,'source':'me'}]},"
                           "'pools':[{'name':'a','node_type':'ours','nodes':[{'name':'x'},"
                           "{'name':'y'}],'pool_kind':'on_demand'}]}",
                           &cluster, &err),
              "%s", err.msg);
    cr_assert_eq(cluster.nodes.count, 2);
    cr_assert_eq(cluster.pools.items[1].gpu_count, 2);
    cr_assert_str_eq(model_of(&cluster, &cluster.pools.items[1]), "T4");
    cr_assert_float_eq(cluster.pools.items[1].price_per_hour, 0.75, 0);
    cluster_release_all(&cluster);
}

Test(node_type, makes_the_digest_that_of_what_the_catalogue_says)
{
    static const char *const TEXTS[] = {
        "{'pools':[{'name':'a','node_type':'dgx-h100','nodes':1}]}",
        "{'pools':[{'nodes':1,'name':'a', 'node_type':'dgx-h100'}]}",
        "{'pools':[{'name':'a','node_type':'dgx-h200','nodes':1}]}",
        "{'pools':[{'name':'a','nodes':1,'gpus':8}]}",
    };
    char digests[4][DIGEST_TEXT];
    for (size_t i = 0; i < 4; i++) {
        struct cluster cluster;
        struct err err;
        cr_assert(read_cluster(TEXTS[i], &cluster, &err), "%s", err.msg);
        memcpy(digests[i], cluster.digest, sizeof(digests[i]));
        cluster_release_all(&cluster);
    }
    cr_assert_str_eq(digests[0], digests[1]);
    cr_assert_str_neq(digests[0], digests[2]);
    char *bytes = mem_copy_text(TEXTS[3], strlen(TEXTS[3]));
    char of_bytes[DIGEST_TEXT];
    for (char *c = bytes; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    digest_bytes(bytes, strlen(bytes), of_bytes);
    cr_assert_str_eq(digests[3], of_bytes);
    free(bytes);
}

Test(node_type, may_be_split_into_no_more_gpus_than_a_node_can_have)
{
    struct cluster cluster;
    struct err err;
    cr_assert_not(read_cluster("{'catalogue':{'sources':[{'name':'me','title':'t','address':"
                               "'none','date':'2026','checked':true}],'nodes':[{'name':'big',"
                               "'gpu':'MI300X','gpus':16,'cpus':1,'memory_mib':1,'watts_rest':1,"
                               "'source':'me'}]},'pools':[{'name':'a','node_type':'big',"
                               "'nodes':1,'partition':'CPX'}]}",
                               &cluster, &err));
    cr_assert_not_null(strstr(err.msg, "at pools[0].partition: found \"CPX\", expected one that "
                                       "makes at most 64 GPUs"),
                       "%s", err.msg);
}

Test(node_type, is_written_out_as_what_it_says)
{
    struct cluster cluster;
    struct cluster copy;
    struct err err;
    cr_assert(read_cluster("{'pools':[{'name':'a','node_type':'l40s-4','nodes':2,"
                           "'pool_kind':'on_premises'}]}",
                           &cluster, &err),
              "%s", err.msg);
    struct text text = {0};
    cluster_add_json(&text, &cluster);
    struct file file = {.bytes = text.bytes, .length = text.length};
    cr_assert(cluster_from_json(&file, &copy, &err), "%s", err.msg);
    cr_assert_eq(copy.pools.items[0].gpu_count, 4);
    cr_assert_str_eq(label_of(&copy.pools.items[0], "node_type"), "l40s-4");
    cr_assert_str_eq(label_of(&copy.pools.items[0], "pool_kind"), "on_premises");
    text_release(&text);
    cluster_release_all(&copy);
    cluster_release_all(&cluster);
}

Test(node_type, refuses_what_the_catalogue_lacks_with_its_place)
{
    static const char *const CASES[][2] = {
        {"'node_type':'dgx-h1000'", "at pools[0].node_type: found \"dgx-h1000\", expected a node "
                                    "type ('berth catalogue nodes' lists them); did you mean "
                                    "\"dgx-h100\"?"},
        {"'node_type':7", "at pools[0].node_type: found 7, expected a node type"},
        {"'node_type':'dgx-h100','pool_kind':'on-demand'",
         "at pools[0].pool_kind: found \"on-demand\", expected a kind of pool ('berth catalogue "
         "pools' lists them); did you mean \"on_demand\"?"},
        {"'node_type':'gh200','pool_kind':'spot'",
         "at pools[0].price: missing, expected a price: the catalogue has none"},
        {"'node_type':'gh200','pool_kind':'spot','price':-1",
         "at pools[0].price: found -1, expected a number, 0 or more"},
        {"'node_type':'gh200','pool_kind':'spot','price':1e10",
         "at pools[0].price: found 10000000000, expected at most 10^9"},
        {"'node_type':'gh200','price':1",
         "at pools[0].pool_kind: missing, expected a kind of pool"},
        {"'node_type':'mi300x-8','partition':'CPU'",
         "at pools[0].partition: found \"CPU\", expected a partition of the GPU; did you mean "
         "\"CPX\"?"},
        {"'node_type':'dgx-h100','partition':'CPX'", "expected a partition of the GPU"},
        {"'node_type':'dgx-h100','pool_kind':'spot','elastic':7,'price':1",
         "at pools[0].elastic: found 7"},
        {"'node_type':'mi300x-8','mig':true",
         "at pools[0].node_type: found \"mi300x-8\", expected one whose GPUs have MIG"},
        {"'node_type':'dgx-h100','mig':['1g.10gb','3g.20gb']",
         "at pools[0].mig[1]: found \"3g.20gb\", expected a MIG instance that this GPU has"},
        {"'gpus':8,'pool_kind':'spot'",
         "at pools[0].node_type: missing, expected a node type, because \"pool_kind\" is given"},
        {"'gpus':8,'partition':'CPX'", "because \"partition\" is given"},
        {"'node_typ':'dgx-h100'", "unknown key \"node_typ\"; did you mean \"node_type\"?"},
        {"'node_type':'dgx-h100','labels':7", "at pools[0].labels: found 7"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
        struct cluster cluster;
        struct err err;
        struct text text = {0};
        text_addf(&text, "{'pools':[{'name':'a','nodes':1,%s}]}", CASES[i][0]);
        cr_assert_not(read_cluster(text.bytes, &cluster, &err), "%s", text.bytes);
        cr_assert_not_null(strstr(err.msg, CASES[i][1]), "%s: %s", text.bytes, err.msg);
        text_release(&text);
    }
    struct cluster cluster;
    struct err err;
    cr_assert_not(read_cluster("{'catalogue':{'gpus':7},'pools':[]}", &cluster, &err));
    cr_assert_not_null(strstr(err.msg, "at catalogue.gpus: found 7"), "%s", err.msg);
    cr_assert_not(
        read_cluster("{'catalogue':{'prices':[{'price':1}]},'pools':[]}", &cluster, &err));
    cr_assert_not_null(strstr(err.msg, "at catalogue.prices[0].source: missing"), "%s", err.msg);
}
