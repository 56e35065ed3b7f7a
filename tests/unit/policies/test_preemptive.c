/* test_preemptive.c - schedules of the policies that pack anew, worked out by hand. */
#include <criterion/criterion.h>

#include "policies/lib/gittins_index.h"
#include "schedule.h"

/* c is smaller than a, which starts again when there is room for it. */
Test(smallest, stops_large_jobs_for_small_ones)
{
    assert_schedule("smallest", "1x4", "a,0,10,3,\nb,1,4,1,\nc,2,3,2,\n", "a 0-13*1, b 1-5, c 2-5");
}

Test(smallest, equal_ones_go_by_submit_order)
{
    assert_schedule("smallest", "1x2", "a,0,5,2,\nb,1,5,2,\nc,2,4,1,\n", "a 0-9*1, b 9-14, c 2-6");
}

/* Rounds at 5 and 10: b and a have had 0 and 5 at 5; 5 each at 10, and who runs goes on; b ends at
 * 12. */
Test(las, gives_turns_to_equals)
{
    const char *jobs = "a,0,8,1,\nb,0,7,1,\n";
    assert_schedule("las:round=5", "1x1", jobs, "a 0-15*1, b 5-12");
}

/* At 6, the end of the first round in which somebody waits, a has had 6 GPU-seconds in 6 s, c 8 in
 * 4 and d nothing: the GPU of who has had more goes to d. */
Test(las, counts_gpus_unless_told_to_count_time)
{
    const char *jobs = "a,0,12,1,\nc,2,12,2,\nd,3,2,1,\n";
    assert_schedule("las:round=3", "1x3", jobs, "a 0-12, c 2-16*1, d 6-8");
    assert_schedule("las:round=3,service=time", "1x3", jobs, "a 0-14*1, c 2-14, d 6-8");
}

Test(las, starts_in_idle_room_at_once)
{
    assert_schedule("las:round=100", "1x2", "a,0,10,2,\nb,1,5,1,\nc,2,3,1,\n",
                    "a 0-10, b 10-15, c 10-13");
}

/* a leaves the first queue at 4, when b takes its place; b leaves it at 8, and a stands before it.
 */
Test(tiresias, moves_down_who_has_had_enough)
{
    assert_schedule("tiresias:limits=4", "1x1", "a,0,6,1,\nb,1,6,1,\n", "a 0-10*1, b 4-12*1");
}

/* a reaches 12 GPU-seconds at 3. The authors' code means to look after 12 / 4 s, but when b comes
 * at 2 it puts the look off to 2 + (12 - 2) / 4, rounded down. */
Test(tiresias, demotes_as_the_authors_code_if_told_to)
{
    const char *jobs = "a,0,10,4,\nb,2,3,4,\n";
    assert_schedule("tiresias:limits=12", "1x4", jobs, "a 0-13*1, b 3-6");
    assert_schedule("tiresias:limits=12,demote=code", "1x4", jobs, "a 0-13*1, b 4-7");
}

Test(tiresias, counts_time_if_told_to)
{
    const char *jobs = "a,0,10,4,\nb,2,3,4,\n";
    assert_schedule("tiresias:limits=5,service=time", "1x4", jobs, "a 0-13*1, b 5-8");
}

/* b waits in the first queue when a reaches the limit of exactly 4; it is exceeded a microsecond
 * later. */
Test(tiresias, the_limit_itself_may_belong_to_the_queue)
{
    assert_schedule("tiresias:limits=4,at=exceeded", "1x1", "a,0,6,1,\nb,1,2,1,\n",
                    "a 0-8*1, b 4.000001-6.000001");
}

/* a has run 4 s when b stops it at 4. Starving, it is back in the first queue at 8, before e comes,
 * and has another 4 s there. */
Test(tiresias, who_starves_comes_back_to_the_first_queue)
{
    const char *jobs = "a,0,9,1,\nb,1,3,1,\nc,2,3,1,\ne,9,2,1,\n";
    assert_schedule("tiresias:limits=4", "1x1", jobs, "a 0-17*1, b 4-7, c 7-10, e 10-12");
    assert_schedule("tiresias:limits=4,starve=1", "1x1", jobs, "a 0-17*2, b 4-7, c 7-10, e 14-16");
}

Test(tiresias, refuses_limits_that_do_not_rise)
{
    static const char *const specs[] = {"tiresias:limits=5/5", "tiresias:limits=7/x",
                                        "tiresias:limits=0", "tiresias:limits=1//3"};
    for (size_t i = 0; i < sizeof(specs) / sizeof(*specs); i++) {
        struct replay replay;
        replay_init(&replay, "1x1");
        replay_read(&replay, HEADER "a,0,1,1,1\n");
        replay.policy = specs[i];
        cr_assert_not(replay_run(&replay), "%s", specs[i]);
        cr_assert(strstr(replay.err.msg, "limits") != NULL, "%s", replay.err.msg);
        replay_release(&replay);
    }
}

/* b is thought to take 2 s and takes 6: at 3, when it has run 2, it is expected to run 2 more, at 5
 * another 4; a has 7 s left. */
Test(srsf, goes_by_estimates_and_doubles_those_that_are_too_short)
{
    assert_schedule("srsf:key=remaining", "1x1", "a,0,8,1,8\nb,1,6,1,2\nc,5,3,1,3\n",
                    "a 0-17*1, b 1-10*1, c 5-8");
}

Test(srsf, counts_gpus_unless_told_otherwise)
{
    const char *jobs = "a,0,6,2,6\nb,1,8,1,8\n";
    assert_schedule("srsf", "1x2", jobs, "a 0-14*1, b 1-9");
    assert_schedule("srsf:key=remaining", "1x2", jobs, "a 0-6, b 6-14");
    assert_schedule("srsf:hysteresis=2", "1x2", jobs, "a 0-6, b 6-14");
}

/* From 2 on a job of 2 s is known. Whoever has had more is worth nothing: b when c comes at 11, c
 * when d comes at 14; of these two b came first. When e comes at 17, 1, 2 and 10 s are known, and
 * c, with 4, cannot end within 5 more. */
Test(gittins, learns_who_is_worth_going_on_with)
{
    assert_schedule("gittins:ahead=5,limits=1000", "1x1",
                    "a,0,2,1,\nb,0,10,1,\nc,11,9,1,\nd,14,1,1,\ne,17,4,1,\n",
                    "a 0-2, b 2-16*1, c 11-26*2, d 14-15, e 17-21");
}

Test(gittins, a_history_is_read_from_a_file)
{
    /* Of past jobs all took 1 s or 100 s: a, after 1 s, is one of the long ones. */
    assert_schedule("gittins:ahead=5,limits=1000,history=tests/data/services.csv", "1x1",
                    "a,0,9,1,\nb,2,2,1,\n", "a 0-11*1, b 2-4");
}

Test(gittins, a_history_that_is_none_is_refused)
{
    struct replay replay;
    replay_init(&replay, "1x1");
    replay_read(&replay, HEADER "a,0,1,1,1\n");
    replay.policy = "gittins:history=tests/data/traces/demo.csv";
    cr_assert_not(replay_run(&replay));
    cr_assert(strstr(replay.err.msg, "demo.csv:2: found") != NULL, "%s", replay.err.msg);
    replay_release(&replay);
}

/* Of 2 and 10, looking 5 ahead: at 0 one of two ends, for 2 + 5; at 3 none can; at 6 the other one,
 * for 4. The authors' code takes 2 and 10 for what they cost in all. */
Test(gittins_index, is_the_chance_to_end_for_what_it_costs)
{
    struct gittins_index index = {0};
    vec_push(&index.services, 10.0);
    vec_push(&index.services, 2.0);
    gittins_index_build(&index, 5);
    cr_assert_float_eq(gittins_index_of(&index, 0), 1.0 / 7, 1e-12);
    cr_assert_float_eq(gittins_index_of(&index, 3), 0, 1e-12);
    cr_assert_float_eq(gittins_index_of(&index, 6), 0.25, 1e-12);
    cr_assert_float_eq(gittins_index_of(&index, 10), 0, 1e-12);
    cr_assert_float_eq(gittins_index_of_code(&index, 0), 142857.1429, 1e-9);
    cr_assert_float_eq(gittins_index_of_code(&index, 2), 0, 1e-12);
    cr_assert_float_eq(gittins_index_of_code(&index, 11), 0, 1e-12);
    gittins_index_release(&index);
}
