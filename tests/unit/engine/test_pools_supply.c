/* Pools that come and go: arrivals, departures, maintenance, spot, elastic pools. */
#include <criterion/criterion.h>

#include "world.h"

static void check_log(const char *cluster, const char *jobs, const char *expected)
{
    struct world world;
    world_init_json(&world, cluster, jobs);
    cr_assert(world_run(&world), "%s", world.err.msg);
    cr_assert_str_eq(world.log.bytes, expected);
    cr_assert_eq(world.cluster.away_gpu_milli, 0);
    world_release(&world);
}

Test(pool_supply, nodes_that_arrive_later_take_nobody_before)
{
    check_log("{\"pools\":[{\"name\":\"a\",\"nodes\":1,\"gpus\":2},"
              "{\"name\":\"b\",\"nodes\":1,\"gpus\":2,\"arrives_s\":50,\"leaves_s\":60}]}",
              "a,0,100,2,,\nb,0,30,2,,\n",
              "0 away 1\n0 submit a\n0 submit b\n0 start a 0:2\n50 back 1\n50 start b 1:2\n"
              "60 interrupt b 1:2\n60 away 1\n100 finish a 0:2\n100 start b 0:2\n"
              "120 finish b 0:2\n120 end\n");
}

Test(pool_supply, nothing_new_starts_on_nodes_that_drain)
{
    check_log("{\"pools\":[{\"name\":\"a\",\"nodes\":1,\"gpus\":2,"
              "\"maintenance\":[{\"from_s\":40,\"to_s\":60,\"drain_s\":15}]}]}",
              "a,0,30,1,,\nb,10,40,1,,\nc,26,1,1,,\n",
              "0 submit a\n0 start a 0:1\n10 submit b\n10 start b 0:1\n26 submit c\n"
              "30 finish a 0:1\n40 interrupt b 0:1\n40 away 0\n60 back 0\n60 start c 0:1\n"
              "60 start b 0:1\n61 finish c 0:1\n70 finish b 0:1\n70 end\n");
}

static const char ELASTIC[] =
    "{\"pools\":[{\"name\":\"own\",\"nodes\":1,\"gpus\":2},"
    "{\"name\":\"cloud\",\"nodes\":3,\"gpus\":2,\"elastic\":{\"demand_gpus\":2,"
    "\"start_s\":10,\"idle_s\":20,\"least_s\":30,\"most_nodes\":2}}]}";

Test(pool_supply, an_elastic_pool_stays_off_while_little_is_pending)
{
    check_log(ELASTIC, "a,0,40,2,,\nb,0,10,2,,\n",
              "0 away 1\n0 away 2\n0 away 3\n0 submit a\n0 submit b\n0 start a 0:2\n"
              "40 finish a 0:2\n40 start b 0:2\n50 finish b 0:2\n50 end\n");
}

Test(pool_supply, it_orders_what_is_pending_up_to_its_limit_and_gives_back_what_idles)
{
    check_log(ELASTIC, "a,0,100,2,,\nb,0,15,2,,\nc,0,5,2,,\nd,0,5,2,,\n",
              "0 away 1\n0 away 2\n0 away 3\n0 submit a\n0 submit b\n0 submit c\n0 submit d\n"
              "0 start a 0:2\n10 back 1\n10 back 2\n10 start b 1:2\n10 start c 2:2\n"
              "15 finish c 2:2\n15 start d 2:2\n20 finish d 2:2\n25 finish b 1:2\n"
              "40 away 2\n45 away 1\n100 finish a 0:2\n100 end\n");
}

Test(pool_supply, a_node_is_kept_for_its_least_time)
{
    check_log("{\"pools\":[{\"name\":\"own\",\"nodes\":1,\"gpus\":1},"
              "{\"name\":\"cloud\",\"nodes\":1,\"gpus\":1,\"elastic\":{\"wait_s\":5,"
              "\"idle_s\":1,\"least_s\":30}}]}",
              "a,0,100,1,,\nb,0,4,1,,\n",
              "0 away 1\n0 submit a\n0 submit b\n0 start a 0:1\n5 back 1\n5 start b 1:1\n"
              "9 finish b 1:1\n35 away 1\n100 finish a 0:1\n100 end\n");
}

Test(pool_supply, only_the_queue_it_serves_makes_it_order)
{
    struct world world;
    world_init_json(&world,
                    "{\"pools\":[{\"name\":\"own\",\"nodes\":1,\"gpus\":1},"
                    "{\"name\":\"cloud\",\"nodes\":1,\"gpus\":1,\"elastic\":{\"wait_s\":5,"
                    "\"queue\":\"nobody\"}}]}",
                    "a,0,100,1,,\nb,0,4,1,,\n");
    cr_assert(world_run(&world), "%s", world.err.msg);
    cr_assert_null(strstr(world.log.bytes, "back"), "%s", world.log.bytes);
    world_release(&world);
}

Test(pool_supply, spot_nodes_are_taken_and_come_back)
{
    struct world world;
    world_init_json(&world,
                    "{\"pools\":[{\"name\":\"s\",\"nodes\":2,\"gpus\":1,\"spot\":"
                    "{\"mean_up_h\":1,\"mean_away_h\":0.5}}]}",
                    "a,0,36000,1,,\n");
    world.settings.checkpoint_us = 60 * SECOND_US;
    cr_assert(world_run(&world), "%s", world.err.msg);
    cr_assert_not_null(strstr(world.log.bytes, "interrupt a"));
    cr_assert_not_null(strstr(world.log.bytes, "finish a"));
    world_release(&world);
}
