/* test_topology.c - gangs and jobs of free shape keep to small, tight domains. */
#include <string.h>

#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"
#include "tests/lib/replay.h"
#include "tests/unit/place/scored.h"

/* Racks x (2 nodes of 4 GPUs) and y (3) in block p, z (1) in block q. Nodes x-0 .. y-2, z. */
static const char RACKS[] = "{\"topology\": [\"block\", \"rack\"], \"pools\": ["
                            "{\"name\": \"x\", \"nodes\": 2, \"gpus\": 4, \"labels\": {\"block\": "
                            "\"p\", \"rack\": \"x\"}}, "
                            "{\"name\": \"y\", \"nodes\": 3, \"gpus\": 4, \"labels\": {\"block\": "
                            "\"p\", \"rack\": \"y\"}}, "
                            "{\"name\": \"z\", \"nodes\": 1, \"gpus\": 4, \"labels\": {\"block\": "
                            "\"q\", \"rack\": \"z\"}}]}";

static const struct node_filter ANYWHERE = {0, DOMAIN_ANY};

/* The nodes of `tasks` equal tasks, as digits; "" when one finds no place. */
static const char *place_gang(struct scored *scored, uint32_t tasks, int64_t gpu_milli, char *out)
{
    struct request request = scored_task(gpu_milli, 0);
    struct place_demand demand = {.request = &request, .tasks = tasks};
    struct place_gang gang = {&demand, 1, ANYWHERE, NODE_NONE};
    scored->rule->begin(scored->state, &scored->cluster, &gang);
    for (uint32_t i = 0; i < tasks; i++) {
        uint32_t node = scored_pick(scored, gpu_milli, 0);
        if (node == NODE_NONE) {
            return "";
        }
        scored_take(scored, node, gpu_milli, 0);
        out[i] = (char)('0' + node);
        out[i + 1] = '\0';
    }
    return out;
}

/* The parts of a job of free shape, "0:4 1:2 "; the digits are nodes. */
static const char *place_free(struct scored *scored, uint32_t gpus, char *out)
{
    struct request request = {.kind = GPU_WHOLE, .gpu_count = gpus};
    size_t length = 0;
    for (uint32_t placed = 0; placed < gpus;) {
        uint32_t node = 0;
        uint32_t count = 0;
        struct place_split split = {&request, ANYWHERE, placed};
        if (!scored->rule->next_part(scored->state, &scored->cluster, &split, &node, &count)) {
            return "";
        }
        scored_take(scored, node, (int64_t)count * 1000, 0);
        length += (size_t)snprintf(out + length, 64 - length, "%u:%u ", node, count);
        placed += count;
    }
    return out;
}

Test(topology, a_gang_goes_to_the_tightest_rack_that_holds_it)
{
    struct scored scored;
    char out[64];
    scored_open(&scored, "topology", "", RACKS);
    cr_assert_str_eq(place_gang(&scored, 2, 2000, out), "55", "z holds two tasks of 2 GPUs");
    cr_assert_str_eq(place_gang(&scored, 2, 2000, out), "00", "x is the next tightest");
    cr_assert_str_eq(place_gang(&scored, 3, 2000, out), "223", "only y has room for three");
    cr_assert_str_eq(place_gang(&scored, 3, 2000, out), "344", "still");
    scored_close(&scored);
}

/* y would have 8 GPUs for it, but on no node four: room counts whole tasks. */
Test(topology, room_is_what_tasks_can_use)
{
    struct scored scored;
    char out[64];
    scored_open(&scored, "topology", "", RACKS);
    for (uint32_t node = 2; node < 5; node++) {
        scored_take(&scored, node, 1000, 0);
    }
    cr_assert_str_eq(place_gang(&scored, 2, 4000, out), "01");
    scored_close(&scored);
}

/* 16 GPUs fit into no rack but into block p: y, the rack with the most, then x. */
Test(topology, a_gang_too_large_for_a_rack_stays_in_its_block)
{
    struct scored scored;
    char out[64];
    scored_open(&scored, "topology", "", RACKS);
    cr_assert_str_eq(place_gang(&scored, 4, 4000, out), "2340");
    scored_close(&scored);
    scored_open(&scored, "topology", "", RACKS);
    scored_take(&scored, 0, 1000, 0);
    cr_assert_str_eq(place_gang(&scored, 5, 4000, out), "23415",
                     "no block holds it: all of the largest rack first");
    scored_close(&scored);
}

Test(topology, a_job_of_free_shape_takes_the_fewest_racks)
{
    struct scored scored;
    char out[64];
    scored_open(&scored, "topology", "", RACKS);
    cr_assert_str_eq(place_free(&scored, 3, out), "5:3 ");
    cr_assert_str_eq(place_free(&scored, 6, out), "0:4 1:2 ");
    cr_assert_str_eq(place_free(&scored, 14, out), "2:4 3:4 4:4 1:2 ", "block p: y first");
    cr_assert_str_eq(place_free(&scored, 2, out), "", "one GPU is left");
    scored_close(&scored);
}

Test(topology, one_more_task_joins_the_others)
{
    struct scored scored;
    scored_open(&scored, "topology", "", RACKS);
    struct request request = scored_task(1000, 0);
    struct place_demand demand = {.request = &request, .tasks = 1};
    struct place_gang gang = {&demand, 1, ANYWHERE, 3};
    scored.rule->begin(scored.state, &scored.cluster, &gang);
    cr_assert_eq(scored_pick(&scored, 1000, 0), 2);
    scored_close(&scored);
}

Test(topology, the_engine_tells_of_the_whole_gang)
{
    struct replay replay;
    struct err err = {0};
    replay_init(&replay, "1x1");
    cluster_release_all(&replay.cluster);
    struct text text = {0};
    text_add(&text, RACKS);
    struct file file = {.bytes = text.bytes, .length = text.length};
    cr_assert(cluster_from_json(&file, &replay.cluster, &err), "%s", err.msg);
    text_release(&text);
    replay.place = "topology";
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,tasks\n"
                         "a,0,10,12,3\nb,0,10,8,2\nc,0,10,4,1\nd,0,10,4,1\n");
    cr_assert(replay_run(&replay), "%s", replay.err.msg);
    struct text schedule = {0};
    replay_add_schedule(&schedule, &replay);
    cr_assert_str_eq(schedule.bytes, "a 0-10, b 0-10, c 0-10, d 10-20");
    text_release(&schedule);
    replay_release(&replay);
}
