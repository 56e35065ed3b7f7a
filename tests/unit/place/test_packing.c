/* test_packing.c - bestfit, dotprod, gpu_packing, gpu_clustering and random's GPUs, worked out by
 * hand. */
#include <criterion/criterion.h>

#include "tests/unit/place/scored.h"

/* The largest node has 8 GPUs and 80 CPUs. */
static const char THREE[] = "{\"pools\": ["
                            "{\"name\": \"a\", \"nodes\": 1, \"gpus\": 8, \"cpus\": 80}, "
                            "{\"name\": \"b\", \"nodes\": 1, \"gpus\": 4, \"cpus\": 80}, "
                            "{\"name\": \"c\", \"nodes\": 1, \"gpus\": 8, \"cpus\": 32}]}";

/* One GPU and 8 CPUs leave, of the largest node, on a 7/8 and 72/80 (mean 88.75 %), on b 3/8 and
 * 72/80 (63.75 %), on c 7/8 and 24/80 (58.75 %). */
Test(bestfit, takes_the_node_where_least_of_both_is_left)
{
    struct scored scored;
    scored_open(&scored, "bestfit", "", THREE);
    cr_assert_eq(scored_pick(&scored, 1000, 8000), 2);
    scored_take(&scored, 1, 1000, 0); /* b: 2/8 and 72/80, 57.5 % */
    cr_assert_eq(scored_pick(&scored, 1000, 8000), 1);
    cr_assert_eq(scored_pick(&scored, 8000, 8000), 2, "a is left with more CPUs");
    cr_assert_eq(scored_pick(&scored, 8000, 33000), 0, "c has too few CPUs");
    cr_assert_eq(scored_pick(&scored, 9000, 0), NODE_NONE);
    scored_close(&scored);
}

/* Left on a 50 - 0.4 % of GPUs less than on b: 1 of 1000 milli-GPUs of 8000, 0.006 %. */
Test(bestfit, published_score_is_whole_per_cent)
{
    static const char POOLS[] = "{\"pools\": [{\"name\": \"a\", \"nodes\": 2, \"gpus\": 8}]}";
    static const char *const SETTINGS[] = {"score=exact", "score=published"};
    static const uint32_t BEST[] = {1, 0};
    for (int i = 0; i < 2; i++) {
        struct scored scored;
        scored_open(&scored, "bestfit", SETTINGS[i], POOLS);
        scored_take(&scored, 0, 100, 0);
        scored_take(&scored, 1, 101, 0);
        cr_assert_eq(scored_pick(&scored, 1000, 0), BEST[i], "%s", SETTINGS[i]);
        scored_close(&scored);
    }
}

/* Of capacity, one GPU and 8 CPUs are on a 1/8 and 1/10, on b 1/4 and 1/10, on c 1/8 and 1/4; all
 * is free. Products: a 0.1125, b 0.175, c 0.1875. Of the largest node: a 1/8 + 1/10, b 1/16 + 1/10,
 * c 1/8 + 1/25: half of it 0.1125, 0.08125, 0.0825. Of the task: a 8 + 10, b 4 + 10, c 8 + 4. */
Test(dotprod, takes_the_largest_or_the_smallest_product)
{
    static const struct {
        const char *settings;
        uint32_t node;
    } CASES[] = {{"", 2},         {"sign=smallest", 0},
                 {"norm=max", 0}, {"sign=smallest,norm=max", 1},
                 {"norm=pod", 0}, {"sign=smallest,norm=pod", 2}};
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
        struct scored scored;
        scored_open(&scored, "dotprod", CASES[i].settings, THREE);
        cr_assert_eq(scored_pick(&scored, 1000, 8000), CASES[i].node, "%s", CASES[i].settings);
        scored_close(&scored);
    }
}

/* 91.875 and 91.75 %: the same whole per cent. */
Test(dotprod, published_score_is_whole_per_cent)
{
    struct scored scored;
    scored_open(&scored, "dotprod", "sign=smallest,norm=max,score=published", THREE);
    cr_assert_eq(scored_pick(&scored, 1000, 8000), 1);
    scored_close(&scored);
    scored_open(&scored, "dotprod", "sign=largest,norm=max,score=published", THREE);
    cr_assert_eq(scored_pick(&scored, 1000, 8000), 0);
    scored_take(&scored, 0, 3000, 32000); /* 5/64 + 48/800: half of it 6.9 % */
    cr_assert_eq(scored_pick(&scored, 1000, 8000), 1, "8.125 and 8.25 are both 8");
    scored_close(&scored);
}

/* One GPU has 400 free, one 900, one is idle: products with 300 rise in that order. */
Test(dotprod, looks_at_shared_gpus_one_by_one)
{
    static const char POOLS[] = "{\"pools\": [{\"name\": \"a\", \"nodes\": 1, \"gpus\": 3}]}";
    struct scored scored;
    scored_open(&scored, "dotprod", "sign=smallest,gpus=share", POOLS);
    scored_take_part(&scored, 0, 2, 600);
    scored_take_part(&scored, 0, 0, 100);
    cr_assert_eq(scored_choose(&scored, 0, 300, 0), 4);
    cr_assert_eq(scored_choose(&scored, 0, 500, 0), 1);
    cr_assert_eq(scored_choose(&scored, 0, 950, 0), 2);
    scored_close(&scored);
    scored_open(&scored, "dotprod", "gpus=share", POOLS);
    scored_take_part(&scored, 0, 2, 600);
    scored_take_part(&scored, 0, 0, 100);
    cr_assert_eq(scored_choose(&scored, 0, 300, 0), 2);
    scored_close(&scored);
}

/* Empty nodes score 33 - 8, 33 - 4 and 33 - 8; used ones 50 less the idle GPUs taken; shared GPUs
 * 100 less a tenth of what is free there. */
Test(gpu_packing, prefers_shared_gpus_then_used_nodes_then_small_ones)
{
    struct scored scored;
    scored_open(&scored, "gpu_packing", "", THREE);
    cr_assert_eq(scored_pick(&scored, 500, 0), 1, "the smallest empty node");
    cr_assert_eq(scored_pick(&scored, 0, 1000), 0, "without GPUs: the first");
    scored_take(&scored, 2, 3000, 0);
    cr_assert_eq(scored_pick(&scored, 500, 0), 2, "a used node");
    cr_assert_eq(scored_pick(&scored, 5000, 0), 2);
    cr_assert_eq(scored_pick(&scored, 6000, 0), 0);
    scored_take(&scored, 0, 400, 0);
    cr_assert_eq(scored_pick(&scored, 500, 0), 0, "a shared GPU");
    cr_assert_eq(scored_pick(&scored, 700, 0), 0, "an idle GPU of a used node: the first of two");
    scored_take(&scored, 1, 450, 0);
    cr_assert_eq(scored_pick(&scored, 500, 0), 1, "55 of 100 free are better than 60");
    scored_close(&scored);
}

/* In hundredths: own class alone 75, among others 50, empty 25, others 0; and up to 25 for what is
 * used of 8 GPUs (so 12 for a node of 4). */
Test(gpu_clustering, keeps_tasks_of_a_size_together)
{
    struct scored scored;
    scored_open(&scored, "gpu_clustering", "", THREE);
    cr_assert_eq(scored_pick(&scored, 1000, 0), 1, "the small one has fewer free GPUs");
    scored_take(&scored, 0, 1000, 0);
    scored_take(&scored, 1, 2000, 0);
    cr_assert_eq(scored_pick(&scored, 1000, 0), 0, "its own class");
    cr_assert_eq(scored_pick(&scored, 2000, 0), 1);
    cr_assert_eq(scored_pick(&scored, 300, 0), 2, "an empty node");
    scored_take(&scored, 2, 300, 0);
    cr_assert_eq(scored_pick(&scored, 300, 0), 2);
    scored_take(&scored, 0, 300, 0);
    cr_assert_eq(scored_pick(&scored, 300, 0), 2, "alone is better than among others");
    cr_assert_eq(scored_pick(&scored, 4000, 0), 0, "others everywhere: the fewest free GPUs");
    scored_close(&scored);
}

/* Two tasks of one GPU are not one task of two. */
Test(gpu_clustering, tells_one_large_task_from_two_small_ones)
{
    static const char POOLS[] = "{\"pools\": [{\"name\": \"a\", \"nodes\": 2, \"gpus\": 8}]}";
    struct scored scored;
    scored_open(&scored, "gpu_clustering", "", POOLS);
    scored_take(&scored, 0, 2000, 0);
    scored_take(&scored, 1, 1000, 0);
    scored_take(&scored, 1, 1000, 0);
    cr_assert_eq(scored_pick(&scored, 1000, 0), 1);
    cr_assert_eq(scored_pick(&scored, 2000, 0), 0);
    scored_close(&scored);
}

Test(random, may_draw_any_gpu_that_has_room)
{
    static const char POOLS[] = "{\"pools\": [{\"name\": \"a\", \"nodes\": 1, \"gpus\": 4}]}";
    struct scored scored;
    uint64_t tightest = 0;
    uint64_t any = 0;
    scored_open(&scored, "random", "", POOLS);
    scored_take_part(&scored, 0, 1, 100);
    scored_take_part(&scored, 0, 2, 900);
    for (int i = 0; i < 100; i++) {
        tightest |= scored_choose(&scored, 0, 500, 0);
    }
    scored_close(&scored);
    scored_open(&scored, "random", "gpus=any", POOLS);
    scored_take_part(&scored, 0, 1, 100);
    scored_take_part(&scored, 0, 2, 900);
    for (int i = 0; i < 100; i++) {
        any |= scored_choose(&scored, 0, 500, 0);
    }
    scored_close(&scored);
    cr_assert_eq(tightest, 2);
    cr_assert_eq(any, 11);
}
