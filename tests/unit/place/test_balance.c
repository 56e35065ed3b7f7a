/* test_balance.c - balance weighs GPUs and CPUs, on nodes that have both or one of them. */
#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"
#include "sim/place.h"

static const struct node_filter ANYWHERE = {0, DOMAIN_ANY};

static void take(struct cluster *cluster, uint32_t node, int64_t gpu_milli, int64_t cpu_milli)
{
    struct request request = {.kind = gpu_milli > 0 ? GPU_FRACTION : GPU_NONE,
                              .gpu_count = gpu_milli > 0 ? 1 : 0,
                              .gpu_milli = (uint32_t)gpu_milli,
                              .cpu_milli = cpu_milli};
    cr_assert(cluster_fits(cluster, node, &request));
    struct grant grant;
    cluster_choose(cluster, node, &request, &grant);
    cluster_place(cluster, &grant);
}

static uint32_t pick(const struct cluster *cluster, const char *settings, int64_t cpu_milli)
{
    const struct place_ops *rule = place_find("balance");
    _Alignas(8) char state[64];
    _Alignas(8) char params[64];
    struct err err = {0};
    cr_assert(rule->state_size <= sizeof(state) && rule->params_size <= sizeof(params));
    cr_assert(param_read(rule->params, "balance", view_of(settings), params, &err), "%s", err.msg);
    cr_assert(rule->init(state, params, cluster, 1, &err));
    struct request request = {.kind = GPU_NONE, .cpu_milli = cpu_milli};
    return rule->pick(state, cluster, &request, ANYWHERE);
}

/* a: 5 of 8 GPUs and 16 of 64 CPUs, 43.75 %. b: 27.999 of 64 CPUs, a little less, 44 % both when
 * rounded. c: 1 of 2 GPUs and no CPU, 25 %. */
Test(balance, takes_the_node_that_is_used_least)
{
    const char *json = "{\"pools\": ["
                       "{\"name\": \"a\", \"nodes\": 1, \"gpus\": 8, \"cpus\": 64, "
                       "\"divisible\": true}, "
                       "{\"name\": \"b\", \"nodes\": 1, \"gpus\": 0, \"cpus\": 64}, "
                       "{\"name\": \"c\", \"nodes\": 1, \"gpus\": 2, \"cpus\": 64, "
                       "\"divisible\": true}]}";
    struct text text = {0};
    text_add(&text, json);
    struct file file = {.bytes = text.bytes, .length = text.length};
    struct cluster cluster;
    struct err err = {0};
    cr_assert(cluster_from_json(&file, &cluster, &err), "%s", err.msg);
    take(&cluster, 0, 5000, 16000);
    take(&cluster, 1, 0, 27999);
    take(&cluster, 2, 1000, 0);
    cr_assert_eq(pick(&cluster, "", 1000), 2);
    take(&cluster, 2, 0, 64000); /* 75 % */
    cr_assert_eq(pick(&cluster, "", 1000), 0, "equal in whole per cent: the first");
    cr_assert_eq(pick(&cluster, "round=none", 1000), 1);
    cr_assert_eq(pick(&cluster, "", 40000), 0, "b has no room");
    cr_assert_eq(pick(&cluster, "", 50000), NODE_NONE);
    cluster_release_all(&cluster);
    text_release(&text);
}
