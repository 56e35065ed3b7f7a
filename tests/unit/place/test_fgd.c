/* test_fgd.c - fragmentation worked out by hand, and where fgd goes by it. */
#include <criterion/criterion.h>

#include "policies/lib/typical.h"
#include "tests/unit/place/scored.h"

/* Of ten tasks: five ask for half a GPU and 4 CPUs, three for two GPUs and 8 CPUs, two for 2 CPUs
 * only. */
static void learn_ten(struct typical *typical)
{
    struct request half = scored_task(500, 4000);
    struct request two = scored_task(2000, 8000);
    struct request none = scored_task(0, 2000);
    typical_see(typical, &half, 3);
    typical_see(typical, &none, 2);
    typical_see(typical, &two, 3);
    typical_see(typical, &half, 2);
}

Test(typical, kinds_are_the_most_frequent_ones_that_make_up_the_share)
{
    struct typical typical = {0};
    learn_ten(&typical);
    typical_choose(&typical, 50);
    cr_assert_eq(typical.kinds.count, 1);
    cr_assert_eq(typical.kinds.items[0].gpu_milli, 500);
    typical_choose(&typical, 51);
    cr_assert_eq(typical.kinds.count, 2);
    cr_assert_eq(typical.kinds.items[1].gpu_count, 2);
    cr_assert_float_eq(typical.kinds.items[1].share, 3.0 / 8, 1e-12);
    typical_choose(&typical, 100);
    cr_assert_eq(typical.kinds.count, 3);
    cr_assert_float_eq(typical.kinds.items[2].share, 0.2, 1e-12);
    typical_release(&typical);
}

Test(typical, of_equally_frequent_kinds_the_one_that_asks_for_more_is_first)
{
    struct typical typical = {0};
    struct request small = scored_task(300, 4000);
    struct request large = scored_task(400, 4000);
    struct request more_cpu = scored_task(100, 5000);
    typical_see(&typical, &small, 1);
    typical_see(&typical, &large, 1);
    typical_see(&typical, &more_cpu, 1);
    typical_choose(&typical, 100);
    cr_assert_eq(typical.kinds.items[0].gpu_milli, 100);
    cr_assert_eq(typical.kinds.items[1].gpu_milli, 400);
    cr_assert_eq(typical.kinds.items[2].gpu_milli, 300);
    typical_release(&typical);
}

Test(typical, what_was_seen_fades)
{
    struct typical typical = {0};
    learn_ten(&typical);
    typical_halve(&typical); /* 2, 1, 1 */
    struct request two = scored_task(2000, 8000);
    typical_see(&typical, &two, 2);
    typical_choose(&typical, 40);
    cr_assert_eq(typical.tasks, 6);
    cr_assert_eq(typical.kinds.count, 1);
    cr_assert_eq(typical.kinds.items[0].gpu_count, 2);
    cr_assert_eq(typical.kinds.items[0].tasks, 3);
    typical_release(&typical);
}

/* Free: 300, 600 and 1000 of three GPUs, and 6 CPUs. Half a GPU runs and cannot use 300; two GPUs
 * do not run, so 1900 are lost; who wants no GPU loses all 1900, too. */
Test(typical, loss_is_what_typical_tasks_cannot_use)
{
    struct typical typical = {0};
    learn_ten(&typical);
    typical_choose(&typical, 100);
    struct pool pool = {.gpu_count = 3, .model = NAMES_NONE};
    struct typical_node node = {.pool = &pool,
                                .free_gpu_milli = 1900,
                                .free_cpu_milli = 6000,
                                .gpu_count = 3,
                                .free = {300, 600, 1000}};
    cr_assert_eq(typical_loss(&typical, &node), 5 * 300 + 3 * 1900 + 2 * 1900);
    cr_assert_float_eq(typical_loss_published(&typical, &node), 1100, 1e-9);
    node.free_cpu_milli = 3999; /* half a GPU does not run either */
    cr_assert_eq(typical_loss(&typical, &node), 10 * 1900);
    node = (struct typical_node){.pool = &pool,
                                 .free_gpu_milli = 2300,
                                 .free_cpu_milli = 8000,
                                 .gpu_count = 3,
                                 .free = {300, 1000, 1000}};
    cr_assert_eq(typical_loss(&typical, &node), 5 * 300 + 3 * 300 + 2 * 2300);
    typical_release(&typical);
}

Test(typical, models_bound_who_can_run)
{
    struct typical typical = {0};
    struct request request = scored_task(500, 0);
    request.models = 2;
    typical_see(&typical, &request, 1);
    typical_choose(&typical, 95);
    struct pool pool = {.gpu_count = 1, .model = 1};
    struct typical_node node = {
        .pool = &pool, .free_gpu_milli = 700, .gpu_count = 1, .free = {700}};
    cr_assert_eq(typical_loss(&typical, &node), 0);
    pool.model = 0;
    cr_assert_eq(typical_loss(&typical, &node), 700);
    pool.model = NAMES_NONE;
    cr_assert_eq(typical_loss(&typical, &node), 700);
    typical_release(&typical);
}

/* Typical is half a GPU. A quarter on an idle GPU leaves 750, which half a GPU can use; on the GPU
 * with 600 it leaves 350, which nobody can: the loss grows by 350. Where 300 are free, they are
 * lost already: taking 250 of them is a gain of 250. */
Test(fgd, takes_the_crumbs_first)
{
    struct scored scored;
    scored_open(&scored, "fgd", "", "{\"pools\": [{\"name\": \"a\", \"nodes\": 3, \"gpus\": 1}]}");
    scored_learn(&scored, scored_task(500, 0), 10);
    scored_take(&scored, 1, 400, 0);
    scored_take(&scored, 2, 700, 0);
    cr_assert_eq(scored_pick(&scored, 250, 0), 2);
    scored_take(&scored, 2, 250, 0);
    cr_assert_eq(scored_pick(&scored, 250, 0), 0);
    scored_take(&scored, 0, 250, 0);
    /* 750 - 250 = 500 is no loss; 600 - 250 = 350 is. */
    cr_assert_eq(scored_pick(&scored, 250, 0), 0);
    scored_close(&scored);
}

Test(fgd, chooses_the_gpu_by_the_same_measure)
{
    struct scored scored;
    scored_open(&scored, "fgd", "", "{\"pools\": [{\"name\": \"a\", \"nodes\": 1, \"gpus\": 3}]}");
    scored_learn(&scored, scored_task(500, 0), 10);
    scored_take_part(&scored, 0, 0, 400); /* 600: the tightest, but 350 would be lost */
    scored_take_part(&scored, 0, 1, 200); /* 800: 550 is left, of use */
    cr_assert_eq(scored_pick(&scored, 250, 0), 0);
    cr_assert_eq(scored_choose(&scored, 0, 250, 0), 2, "the first that loses nothing");
    scored_take_part(&scored, 0, 2, 700); /* 300: lost already */
    cr_assert_eq(scored_choose(&scored, 0, 250, 0), 4);
    cr_assert_eq(scored_choose(&scored, 0, 600, 0), 1, "600 of 600 leave nothing to be lost");
    scored_close(&scored);
}

/* Typical is half a GPU: of 735 free the task of 250 leaves 485 that nobody can use, of 730 it
 * leaves 480. 100 / (1 + e^0.485) is 38.1, 100 / (1 + e^0.48) is 38.2. */
Test(fgd, published_score_does_not_see_small_differences)
{
    static const char POOLS[] = "{\"pools\": [{\"name\": \"a\", \"nodes\": 2, \"gpus\": 1}]}";
    static const char *const SETTINGS[] = {"", "score=published"};
    static const uint32_t BEST[] = {1, 0};
    for (int i = 0; i < 2; i++) {
        struct scored scored;
        scored_open(&scored, "fgd", SETTINGS[i], POOLS);
        scored_learn(&scored, scored_task(500, 0), 10);
        scored_take(&scored, 0, 265, 0);
        scored_take(&scored, 1, 270, 0);
        cr_assert_eq(scored_pick(&scored, 250, 0), BEST[i], "%s", SETTINGS[i]);
        scored_close(&scored);
    }
}

Test(fgd, learns_until_its_training_ends)
{
    static const char POOLS[] = "{\"pools\": [{\"name\": \"a\", \"nodes\": 2, \"gpus\": 1}]}";
    struct scored scored;
    scored_open(&scored, "fgd", "training=4", POOLS);
    scored_learn(&scored, scored_task(300, 0), 4);
    scored_learn(&scored, scored_task(900, 0), 400);
    scored_take(&scored, 1, 300, 0); /* 700 left: of use to 300, not to 900 */
    /* With 300 typical, 600 on b leave 100, lost; on a 400, of use. */
    cr_assert_eq(scored_pick(&scored, 600, 0), 0);
    scored_close(&scored);
    scored_open(&scored, "fgd", "", POOLS);
    scored_learn(&scored, scored_task(300, 0), 4);
    scored_learn(&scored, scored_task(900, 0), 400);
    scored_take(&scored, 1, 300, 0);
    /* With 900 typical, b is lost already and a is worth keeping. */
    cr_assert_eq(scored_pick(&scored, 600, 0), 1);
    scored_close(&scored);
}

/* 31 tasks more are less than a sixteenth of a thousand, but the last ones of the training: 500 and
 * 900 are then as frequent, and 900, which asks for more, is the one kind of a half. */
Test(fgd, goes_by_all_of_its_training_when_that_is_over)
{
    static const char POOLS[] = "{\"pools\": [{\"name\": \"a\", \"nodes\": 2, \"gpus\": 1}]}";
    struct scored scored;
    scored_open(&scored, "fgd", "training=1030,share=50", POOLS);
    scored_learn(&scored, scored_task(300, 0), 515);
    scored_learn(&scored, scored_task(900, 0), 485);
    scored_take(&scored, 1, 300, 0);
    cr_assert_eq(scored_pick(&scored, 600, 0), 0, "300 is typical: a leaves 400 of use");
    scored_learn(&scored, scored_task(900, 0), 30);
    cr_assert_eq(scored_pick(&scored, 600, 0), 1, "900 is: b is lost already");
    scored_close(&scored);
}

Test(fgd, sees_the_future_only_when_told_to)
{
    const struct place_ops *rule = place_find("fgd");
    _Alignas(16) char params[128];
    struct err err = {0};
    cr_assert(param_read(rule->params, "fgd", view_of(""), params, &err));
    cr_assert_not(rule->foresees(params));
    cr_assert(param_read(rule->params, "fgd", view_of("typical=trace"), params, &err));
    cr_assert(rule->foresees(params));
}
