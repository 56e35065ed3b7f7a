/* test_pools.c - what every pool had there and what of it was used. */
#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"
#include "sim/report/pools.h"

#define HOUR_US INT64_C(3600000000)

static void open_pools(struct pools *pools, struct cluster *cluster)
{
    static char json[] =
        "{\"pools\":[{\"name\":\"a\",\"nodes\":2,\"gpus\":4},"
        "{\"name\":\"b\",\"gpus\":2,\"nodes\":[{\"name\":\"x\"},{\"name\":\"y\"}]}]}";
    struct err err = {0};
    struct file file = {.bytes = json, .length = sizeof(json) - 1};
    cr_assert(cluster_from_json(&file, cluster, &err), "%s", err.msg);
    pools_init(pools, cluster, 2);
}

static void tell(struct pools *pools, int64_t hour, enum log_kind kind, uint32_t job,
                 const struct grant *grants, uint32_t count)
{
    pools_add(pools, &(struct log_record){.time_us = hour * HOUR_US,
                                          .kind = kind,
                                          .job = job,
                                          .grants = grants,
                                          .grant_count = count});
}

static void tell_supply(struct pools *pools, int64_t hour, enum log_kind kind,
                        const struct log_supply *supply)
{
    pools_add(pools,
              &(struct log_record){
                  .time_us = hour * HOUR_US, .kind = kind, .job = LOG_NO_JOB, .supply = supply});
}

Test(pools, add_up_hours_there_and_used_and_nodes_of_a_list_are_one_pool)
{
    struct cluster cluster;
    struct pools pools;
    struct text rows = {0};
    open_pools(&pools, &cluster);
    const struct grant both[] = {{.node = 0, .gpu_milli = 4000}, {.node = 3, .gpu_milli = 500}};
    const struct grant part[] = {{.node = 1, .gpu_milli = 1000}};
    const struct log_supply node = {0, LOG_WHOLE_NODE, 4000, SUPPLY_FAILED, false};
    const struct log_supply gpu = {2, 1, 1000, SUPPLY_FAILED, false};
    const struct log_supply again = {2, 1, 1000, SUPPLY_FAILED, true};
    const struct log_supply off = {3, LOG_WHOLE_NODE, 2000, SUPPLY_OFF, false};
    tell(&pools, 0, LOG_START, 0, both, 2);
    tell(&pools, 2, LOG_INTERRUPT, 0, both, 2);
    tell_supply(&pools, 2, LOG_AWAY, &node);
    tell(&pools, 2, LOG_START, 1, both, 2);
    tell(&pools, 3, LOG_MIGRATE, 1, part, 1);
    tell_supply(&pools, 4, LOG_AWAY, &gpu);
    tell_supply(&pools, 4, LOG_AWAY, &off);
    tell_supply(&pools, 5, LOG_BACK, &node);
    tell_supply(&pools, 6, LOG_BACK, &again);
    tell(&pools, 8, LOG_FINISH, 1, part, 1);
    pools_end(&pools, 10 * HOUR_US);
    pools_add_rows(&rows, &pools);
    /* a: 2 x 10 - 3 hours; used 4 x 3 and 1 x 5. b: 2 x 10 - 6; 40 - 12 - 2; used 0.5 x 3. */
    cr_assert_str_eq(rows.bytes, "pool,nodes,node_hours_up,gpu_hours_up,gpu_hours_used,failures\n"
                                 "a,2,17,68,17,1\nb,2,14,26,1.5,1\n");
    text_release(&rows);
    pools_release(&pools);
    cluster_release_all(&cluster);
}
