/* test_rounds.c - Gavel's rounds and programs, worked out by hand; Python's random numbers. */
#include <criterion/criterion.h>

#include "policies/lib/python_random.h"
#include "schedule.h"

/* As CPython 3.11 prints them. */
Test(python_random, gives_what_python_gives)
{
    struct python_random random;
    python_random_init(&random, 5);
    cr_assert_eq(python_random_word(&random), 2675342405U);
    cr_assert_eq(python_random_word(&random), 1097127993U);
    python_random_init(&random, 5);
    static const uint32_t expected[4][3] = {{0, 1, 2}, {0, 1, 2}, {1, 0, 2}, {2, 0, 1}};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t list[3] = {0, 1, 2};
        python_random_shuffle(&random, list, 3);
        cr_assert_arr_eq(list, expected[i], sizeof(list));
    }
}

/* Half of the time each: who has had less goes next. */
Test(gandiva_fair, gives_turns)
{
    assert_schedule("gandiva_fair:round=10", "1x1", "a,0,20,1,\nb,0,20,1,\n",
                    "a 0-30*1, b 10-40*1");
}

/* b finds an idle GPU at 3 but is admitted at 10. */
Test(gandiva_fair, admits_at_the_end_of_a_round)
{
    assert_schedule("gandiva_fair:round=10", "1x2", "a,0,15,1,\nb,3,5,1,\n", "a 0-15, b 10-15");
}

Test(gandiva_fair, ends_a_round_when_all_its_jobs_have_ended)
{
    assert_schedule("gandiva_fair:round=10", "1x1", "a,0,4,1,\nb,1,5,1,\n", "a 0-4, b 4-9");
}

/* b loses 5 s of its first round and has had 15 when a has had 20, so it goes on; then a has 10 s
 * left, a lease too short to lose any. */
Test(gandiva_fair, restarts_cost_a_part_of_the_round)
{
    assert_schedule("gandiva_fair:round=20,restart=5", "1x1", "a,0,30,1,\nb,0,30,1,\n",
                    "a 0-65*1, b 20-55");
}

/* Alone on half of the GPU each takes 40 s. At 10, rho is 20/40 for a and 30/40 for b; at 20 it is
 * 30/40 for both, and b has had less than its rho for longer. */
Test(themis, leases_to_who_would_end_latest)
{
    assert_schedule("themis:lease=10", "1x1", "a,0,20,1,\nb,0,20,1,\n", "a 0-40*1, b 10-30");
}

/* At 10 the rest of a ends at 100 of 200 s and b at 14 of 8, so that b goes first, and a goes on
 * when it has ended. */
Test(themis, serves_short_jobs_soon)
{
    assert_schedule("themis:lease=10", "1x1", "a,0,100,1,\nb,0,4,1,\n", "a 0-104*1, b 10-14");
}

/* Who has nothing gains most of a first half: 13.1 to 0.7 for who has one. Then both gain alike,
 * and b was worth more before. */
Test(shockwave, gives_to_who_gains_most)
{
    assert_schedule("shockwave:round=10,k=0,lambda=0", "1x1", "a,0,20,1,\nb,0,20,1,\n",
                    "a 0-40*1, b 10-30");
}

/* All that is left takes two GPUs 30 s, and c alone 40. */
Test(shockwave, begins_with_who_decides_the_end)
{
    static const char jobs[] = "a,0,10,1,\nb,0,10,1,\nc,0,40,1,\n";
    assert_schedule("shockwave:round=10,k=10,lambda=0", "1x2", jobs, "a 0-10, b 10-20, c 0-40");
    assert_schedule("shockwave:round=10,k=0,lambda=0", "1x2", jobs, "a 0-10, b 0-10, c 10-50");
}

/* At 30, a gains 0.7 of its last 10 s and c 13.8 of its only ones; rho of a is 40 / 40 and of c
 * 10 / 20, so with the push a is worth 2^5 times as much. */
Test(shockwave, pushes_who_would_end_late)
{
    static const char jobs[] = "a,0,20,1,\nb,0,20,1,\nc,30,10,1,\n";
    assert_schedule("shockwave:round=10,k=0,rhomax=0.5,lambda=0", "1x1", jobs,
                    "a 0-50*1, b 10-30, c 30-40");
    assert_schedule("shockwave:round=10,k=0,rhomax=0.5,lambda=5", "1x1", jobs,
                    "a 0-40*1, b 10-30, c 40-50");
}

/* A V100 and a K80; a makes 10 and 1 steps a second on them, b 4 and 2. Both have work for ten
 * seconds on the V100. */
static void assert_two_models(const char *policy, const char *expected)
{
    struct replay replay;
    replay_init(&replay, "1x1");
    cluster_release_all(&replay.cluster);
    cluster_init(&replay.cluster, NULL, 0);
    static const char *const names[] = {"v100", "k80"};
    for (uint32_t i = 0; i < 2; i++) {
        struct pool pool = {.name = names[i], .node_count = 1, .gpu_count = 1, .gpu_memory_mib = 0};
        pool.model = names_add(&replay.cluster.models, view_of(names[i]), NULL);
        pool.cpu_milli = UNLIMITED;
        pool.memory_mib = UNLIMITED;
        struct node_draft node = {0};
        cr_assert(cluster_add_pool(&replay.cluster, &pool, &node, &replay.err));
    }
    cluster_finish(&replay.cluster);
    static const double speeds[2][2] = {{10, 1}, {4, 2}};
    static const char *const ids[] = {"a", "b"};
    for (uint32_t i = 0; i < 2; i++) {
        struct job_draft draft;
        job_draft_init(&draft);
        job_draft_set_gpus(&draft, 1);
        draft.id = view_of(ids[i]);
        draft.submit_us = 0;
        draft.duration_us = 10 * SECOND_US;
        draft.speeds = &replay.workload.speeds;
        draft.speed_class = speeds_add(&replay.workload.speeds, draft.id, speeds[i][0]);
        speeds_tell(&replay.workload.speeds, view_of("v100"), speeds[i][0]);
        speeds_tell(&replay.workload.speeds, view_of("k80"), speeds[i][1]);
        cr_assert(workload_add(&replay.workload, &draft, 1, &replay.err));
    }
    cr_assert(workload_finish(&replay.workload, &replay.err));
    replay.policy = policy;
    replay.settings.audit = true;
    assert_run(&replay, expected);
    replay_release(&replay);
}

/* 10 + 2 steps a second are more than 1 + 4: each stays where it is, and b needs 40 / 2 s. */
Test(gavel, max_sum_sends_jobs_where_they_gain_most)
{
    assert_two_models("gavel:goal=max_sum", "a 0-10, b 0-20");
}

/* a takes the V100, where it is fastest, and b what is left. */
Test(gavel, fifo_gives_the_fastest_model_with_room)
{
    assert_two_models("gavel:goal=fifo", "a 0-10, b 0-20");
}

/* Without speeds the first is given the last model by name, the V100, and so on. */
Test(gavel, fifo_lets_nobody_overtake)
{
    assert_schedule("gavel:goal=fifo,speeds=false,round=10", "1x2",
                    "a,0,20,1,\nb,0,20,2,\nc,0,20,1,\n", "a 0-20, b 20-40, c 40-60");
}

/* Whatever optimum is drawn, the sum is as great: here there is only one. */
Test(gavel, another_optimum_is_an_optimum)
{
    assert_two_models("gavel:goal=max_sum,optimum=3", "a 0-10, b 0-20");
    assert_two_models("gavel:goal=max_sum,solver=presolve_dual", "a 0-10, b 0-20");
}

/* Half of the time on each model for both, so they take turns: in 12 s of rounds of 2 s a makes 66
 * steps and b 36. Then a makes 20 more on the V100 while b ends on the K80, and its last 14 there.
 */
Test(gavel, max_min_without_speeds_gives_turns_on_each_model)
{
    assert_two_models("gavel:goal=max_min,speeds=false,round=2", "a 0-15.4*6, b 0-14*6");
}

/* p of b's time on the V100 makes (10 - 9p) / 5.5 of an equal share for a and (2 + 2p) / 3 for b,
 * which meet at one half: so the same turns, but b goes first, since nothing else decides. */
Test(gavel, max_min_evens_out_what_jobs_make_of_an_equal_share)
{
    assert_two_models("gavel:goal=max_min,round=2", "a 0-17.2*7, b 0-13*6");
}
