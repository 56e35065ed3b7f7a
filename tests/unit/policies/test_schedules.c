/* test_schedules.c - small worlds whose schedules were worked out by hand, one policy at a time. */
#include <criterion/criterion.h>

#include "schedule.h"

/* b needs all 4 GPUs; c and d would fit beside a. */
#define BLOCKED "a,0,10,3,10\nb,1,5,4,5\nc,2,4,1,4\nd,3,20,1,20\n"

Test(fifo, strict_lets_nobody_pass)
{
    assert_schedule("fifo", "1x4", BLOCKED, "a 0-10, b 10-15, c 15-19, d 15-35");
}

Test(fifo, skip_starts_whoever_fits)
{
    assert_schedule("fifo:mode=skip", "1x4", BLOCKED, "a 0-10, b 26-31, c 2-6, d 6-26");
}

Test(null_policy, starts_nothing)
{
    assert_schedule("null", "1x4", "a,0,10,3,10\n", "a pending");
}

#define SHORT_IS_WIDE "a,0,10,1,10\nb,1,5,2,5\nc,2,8,1,8\n"

Test(sjf, strict_waits_for_the_shortest)
{
    assert_schedule("sjf", "1x2", SHORT_IS_WIDE, "a 0-10, b 10-15, c 15-23");
}

Test(sjf, skip_passes_over_who_does_not_fit)
{
    assert_schedule("sjf:mode=skip", "1x2", SHORT_IS_WIDE, "a 0-10, b 10-15, c 2-10");
}

Test(sjf, gpu_time_counts_width)
{
    assert_schedule("sjf:key=gpu_time", "1x2", SHORT_IS_WIDE, "a 0-10, b 10-15, c 2-10");
}

Test(sjf, goes_by_the_estimate_and_then_by_submit_order)
{
    assert_schedule("sjf", "1x1", "a,0,4,1,4\nb,1,1,1,9\nc,2,5,1,3\nd,2,6,1,3\n",
                    "a 0-4, b 15-16, c 4-9, d 9-15");
}

Test(srtf, stops_who_has_more_left)
{
    assert_schedule("srtf", "1x2", "a,0,10,2,\nb,2,3,1,\nc,3,4,1,\n", "a 0-15*1, b 2-5, c 3-7");
}

Test(srtf, hysteresis_spares_who_is_only_so_much_longer)
{
    const char *jobs = "a,0,10,2,\nb,2,3,1,\nc,3,4,1,\n";
    assert_schedule("srtf:hysteresis=5", "1x2", jobs, "a 0-10, b 10-13, c 10-14");
    assert_schedule("srtf:hysteresis=4.9", "1x2", jobs, "a 0-15*1, b 2-5, c 3-7");
}

Test(srtf, equal_ones_do_not_replace_each_other)
{
    assert_schedule("srtf", "1x1", "a,0,6,1,\nb,2,4,1,\n", "a 0-6, b 6-10");
}

/* At 5, when c ends, a and b have 5 s left each; b stood before a in the pass at 1. */
Test(srtf, equal_ones_may_keep_the_order_of_the_pass_before)
{
    const char *jobs = "a,0,10,1,\nc,0,5,1,\nb,1,5,2,\n";
    assert_schedule("srtf", "1x2", jobs, "a 0-10, c 0-5, b 10-15");
    assert_schedule("srtf:tie=previous", "1x2", jobs, "a 0-15*1, c 0-5, b 5-10");
    assert_schedule("srtf:tie=previous", "1x1", "a,0,6,1,\nb,2,4,1,\n", "a 0-6, b 6-10");
}

Test(srtf, equal_ones_may_give_way_to_who_waits)
{
    assert_schedule("srtf:tie=waiting", "1x1", "a,0,6,1,\nb,2,4,1,\n", "a 0-10*1, b 2-6");
}

/* As above, but nobody takes the room that the chosen cannot use. */
Test(srtf, room_may_be_left_to_nobody)
{
    struct replay replay;
    replay_init(&replay, "2x2");
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,tasks\n"
                         "a,0,4,1,1\nb,0,5,1,1\nc,1,9,2,1\nd,1,30,1,1\n");
    replay.policy = "srtf:fill=false";
    replay.place = "worst";
    assert_run(&replay, "a 0-4, b 0-5, c 4-13, d 4-34");
    replay_release(&replay);
}

Test(srtf, gpu_remaining_counts_width)
{
    const char *jobs = "a,0,6,2,\nb,1,8,1,\n";
    assert_schedule("srtf", "1x2", jobs, "a 0-6, b 6-14");
    assert_schedule("srtf:key=gpu_remaining", "1x2", jobs, "a 0-14*1, b 1-9");
}

Test(srtf, leaves_alone_who_is_not_preemptible)
{
    struct replay replay;
    replay_init(&replay, "1x2");
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,preemptible\n"
                         "a,0,10,1,false\nb,0,10,1,true\nc,1,2,1,true\nd,1,3,1,true\n");
    replay.policy = "srtf";
    assert_run(&replay, "a 0-10, b 0-15*1, c 1-3, d 3-6");
    replay_release(&replay);
}

/* From 1 on, one GPU of each node is free: c, a task of 2, is chosen before d but finds no place
 * until b leaves node 1. */
Test(srtf, room_that_the_chosen_cannot_use_goes_to_others)
{
    struct replay replay;
    replay_init(&replay, "2x2");
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,tasks\n"
                         "a,0,4,1,1\nb,0,5,1,1\nc,1,9,2,1\nd,1,30,1,1\n");
    replay.policy = "srtf";
    replay.place = "worst";
    assert_run(&replay, "a 0-4, b 0-5, c 5-14, d 1-31");
    replay_release(&replay);
}

Test(easy, backfills_what_ends_before_the_reservation)
{
    assert_schedule("easy", "1x4", BLOCKED, "a 0-10, b 10-15, c 2-6, d 15-35");
}

/* At 10 b takes 3 GPUs: 1 is extra, which d may hold for as long as it likes. */
#define EXTRA "a,0,10,3,10\nb,1,5,3,5\nc,2,5,4,5\nd,3,100,1,100\n"

Test(easy, backfills_what_the_reservation_leaves_over)
{
    assert_schedule("easy", "1x4", EXTRA, "a 0-10, b 10-15, c 103-108, d 3-103");
}

Test(conservative, protects_everybody_who_waits)
{
    assert_schedule("conservative", "1x4", EXTRA, "a 0-10, b 10-15, c 15-20, d 20-120");
}

Test(easy, shortest_tries_short_estimates_first)
{
    const char *jobs = "a,0,10,3,10\nb,1,5,4,5\nc,1,7,1,7\nd,1,4,1,4\n";
    assert_schedule("easy", "1x4", jobs, "a 0-10, b 10-15, c 1-8, d 15-19");
    assert_schedule("easy:order=shortest", "1x4", jobs, "a 0-10, b 10-15, c 15-22, d 1-5");
}

/* a was to end at 4 and runs on: at 6 it is expected to end at 12. */
#define OUTLIVES "a,0,10,1,4\nb,1,5,2,5\nc,6,3,1,3\n"

Test(easy, expects_a_job_that_outlives_its_estimate_to_double)
{
    assert_schedule("easy", "1x2", OUTLIVES, "a 0-10, b 10-15, c 6-9");
}

/* Expected ends of a: 4, then 8, then 16, when c finds 8 to 11 empty. a ends at 10, b moves up. */
Test(conservative, plans_anew_when_a_job_outlives_its_estimate)
{
    assert_schedule("conservative", "1x2", OUTLIVES, "a 0-10, b 11-16, c 8-11");
}

Test(conservative, moves_reservations_up_when_a_job_ends_early)
{
    assert_schedule("conservative", "1x2", "a,0,3,2,20\nb,1,5,2,5\nc,2,5,1,5\n",
                    "a 0-3, b 3-8, c 8-13");
}

/* Without an end in sight there is no reservation, but there is life after it. */
Test(conservative, lives_with_estimates_without_end)
{
    struct replay replay;
    replay_init(&replay, "1x2");
    replay_read(&replay, HEADER "a,0,3,2,1\nb,1,5,2,1\nc,2,5,1,5\n");
    replay.workload.jobs.items[0].estimate_us = INT64_MAX;
    replay.workload.jobs.items[1].estimate_us = INT64_MAX;
    replay.policy = "conservative";
    assert_run(&replay, "a 0-3, b 3-8, c 8-13");
    replay_release(&replay);
}

/* One GPU of each node is taken: b, a task of 2, has GPUs enough but no place until 10, when a
 * ends. d has ended by then, c would not have. */
Test(easy, keeps_long_jobs_back_while_the_head_finds_no_place)
{
    struct replay replay;
    replay_init(&replay, "2x2");
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,tasks,estimate_s\n"
                         "a,0,10,1,1,10\nx,0,20,1,1,20\nb,1,5,2,1,5\nc,2,30,1,1,30\nd,3,4,1,1,4\n");
    replay.policy = "easy";
    replay.place = "worst";
    assert_run(&replay, "a 0-10, x 0-20, b 10-15, c 10-40, d 3-7");
    replay_release(&replay);
}

/* Counted in total c is in nobody's way, so it starts beside a and blocks that node for b. */
Test(conservative, tries_again_at_the_next_end_where_there_is_no_place)
{
    struct replay replay;
    replay_init(&replay, "2x2");
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,tasks,estimate_s\n"
                         "a,0,10,1,1,10\nx,0,20,1,1,20\nb,1,5,2,1,5\nc,2,30,1,1,30\nd,3,4,1,1,4\n");
    replay.policy = "conservative";
    replay.place = "worst";
    assert_run(&replay, "a 0-10, x 0-20, b 20-25, c 2-32, d 3-7");
    replay_release(&replay);
}

Test(backfilling, starts_late_under_periodic_passes_and_keeps_its_books)
{
    struct replay replay;
    replay_init(&replay, "1x2");
    replay_read(&replay, HEADER "a,0,7,2,7\nb,1,5,1,5\nc,2,5,2,5\n");
    replay.settings.pass = PASS_PERIOD;
    replay.settings.pass_period_us = 10 * SECOND_US;
    replay.policy = "conservative";
    assert_run(&replay, "a 0-7, b 10-15, c 20-25");
    replay_release(&replay);
}

/* h holds the reservation at 12; a1 ends at 10, when b and then c are submitted, one pass each and
 * both before the turn of a1's end. b finds a1's GPU free already. */
Test(easy, counts_a_job_that_ends_at_this_instant_as_gone)
{
    struct replay replay;
    replay_init(&replay, "1x2");
    replay_read(&replay, HEADER "a1,0,10,1,10\na2,0,12,1,12\nh,5,5,2,5\nb,10,2,1,2\nc,10,1,1,1\n");
    replay.settings.pass = PASS_EVENT;
    replay.settings.tie = TIE_SUBMIT;
    replay.settings.audit = true;
    replay.policy = "easy:order=shortest";
    assert_run(&replay, "a1 0-10, a2 0-12, h 12-17, b 10-12, c 17-18");
    replay.settings.tie = TIE_FINISH;
    assert_run(&replay, "a1 0-10, a2 0-12, h 12-17, b 10-12, c 17-18");
    replay.settings.pass = PASS_INSTANT;
    assert_run(&replay, "a1 0-10, a2 0-12, h 12-17, b 17-19, c 10-11");
    replay_release(&replay);
}

/* As above, but b is too wide to start: asked in spite of that, the policy starts w before c is
 * there. */
Test(easy, if_new_fits_does_not_look_when_the_new_job_cannot_start)
{
    struct replay replay;
    replay_init(&replay, "1x2");
    replay_read(&replay, HEADER "a1,0,10,1,10\na2,0,12,1,12\nh,5,5,2,5\nw,6,2,1,2\nb,10,2,2,2\n"
                                "c,10,1,1,1\n");
    replay.settings.pass = PASS_EVENT;
    replay.settings.tie = TIE_SUBMIT;
    replay.policy = "easy:order=shortest";
    assert_run(&replay, "a1 0-10, a2 0-12, h 12-17, w 10-12, b 17-19, c 19-20");
    replay.policy = "easy:order=shortest,ask=if_new_fits";
    assert_run(&replay, "a1 0-10, a2 0-12, h 12-17, w 17-19, b 19-21, c 10-11");
    replay_release(&replay);
}

/* e holds one GPU of four until its end; it works at a quarter of its speed. */
Test(backfilling, starts_an_elastic_job_with_its_minimum)
{
    struct replay replay;
    replay_init(&replay, "1x4");
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,tasks,min_tasks,estimate_s\n"
                         "a,0,10,3,,,10\ne,1,8,4,4,1,8\n");
    replay.policy = "easy";
    assert_run(&replay, "a 0-10, e 1-33");
    replay.policy = "conservative";
    assert_run(&replay, "a 0-10, e 1-33");
    replay_release(&replay);
}

/* e was planned with one GPU and gets four: b, planned beside it, is planned anew behind it, and c
 * behind b. */
Test(conservative, plans_anew_when_an_elastic_job_gets_more_than_its_minimum)
{
    struct replay replay;
    replay_init(&replay, "1x4");
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,tasks,min_tasks,estimate_s\n"
                         "e,0,8,4,4,1,8\nb,0,2,3,,,2\nc,0,2,4,,,2\nd,1,1,1,,,1\n");
    replay.policy = "conservative";
    assert_run(&replay, "e 0-8, b 8-10, c 10-12, d 8-9");
    replay_release(&replay);
}

/* By GPU time b (2 x 3) goes before c (1 x 7), which would fit beside a. */
Test(qssf, goes_by_gpu_time_and_lets_nobody_pass)
{
    assert_schedule("qssf", "1x2", "a,0,10,1,10\nb,1,3,2,3\nc,2,7,1,7\n",
                    "a 0-10, b 10-13, c 13-20");
}

/* At 1 both b and c are new and go by GPUs: c, though longer, starts at once. From 2 on predictions
 * count, and d, who comes then, goes before b. */
Test(qssf, new_jobs_may_go_by_gpus_until_the_second_pass)
{
    const char *jobs = "a,0,10,1,10\nb,1,2,2,2\nc,1,7,1,7\nd,2,3,1,3\n";
    assert_schedule("qssf", "1x2", jobs, "a 0-10, b 10-12, c 12-19, d 2-5");
    assert_schedule("qssf:passes=two", "1x2", jobs, "a 0-10, b 11-13, c 1-8, d 8-11");
}

Test(qssf, may_take_the_order_from_the_trace)
{
    struct replay replay;
    replay_init(&replay, "1x1");
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,estimate_s,priority\n"
                         "a,0,5,1,5,0\nb,1,5,1,1,-7\nc,2,5,1,9,3\n");
    replay.policy = "qssf:predict=priority";
    assert_run(&replay, "a 0-5, b 10-15, c 5-10");
    replay_release(&replay);
}
