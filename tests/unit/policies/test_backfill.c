/* test_backfill.c - Slurm's passes and what their limits do, worked out by hand. */
#include <criterion/criterion.h>

#include "schedule.h"

/* b needs all 4 GPUs and can have them at 10; c fits in front of it, d does not. */
#define BLOCKED "a,0,10,3,10\nb,1,5,4,5\nc,2,4,1,4\nd,3,20,1,20\n"

Test(backfill, starts_what_delays_nobody)
{
    assert_schedule("backfill:interval=0,resolution=0", "1x4", BLOCKED,
                    "a 0-10, b 10-15, c 2-6, d 15-35");
}

/* The first pass comes at 1, when somebody waits for the first time. */
Test(backfill, waits_for_the_interval)
{
    assert_schedule("backfill:interval=4,resolution=0", "1x4", BLOCKED,
                    "a 0-10, b 10-15, c 5-9, d 15-35");
    assert_schedule("backfill:resolution=0", "1x4", BLOCKED, "a 0-10, b 10-15, c 15-19, d 15-35");
}

/* In whole minutes a ends a minute from now, as does d, which is in the way of b in truth. */
Test(backfill, cannot_see_what_is_shorter_than_its_resolution)
{
    assert_schedule("backfill:interval=0", "1x4", BLOCKED, "a 0-10, b 26-31, c 2-6, d 6-26");
}

Test(backfill, looks_at_so_many_jobs_only)
{
    assert_schedule("backfill:interval=0,resolution=0,test=1", "1x4", BLOCKED,
                    "a 0-10, b 10-15, c 15-19, d 15-35");
}

/* At 3, b is planned for 10 and c for 15, 12 s ahead. */
#define PLANNED "a,0,10,3,10\nb,1,5,3,5\nc,2,5,4,5\nd,3,100,1,100\n"

Test(backfill, plans_no_further_than_its_window)
{
    assert_schedule("backfill:interval=0,resolution=0", "1x4", PLANNED,
                    "a 0-10, b 10-15, c 15-20, d 20-120");
    assert_schedule("backfill:interval=0,resolution=0,window=9", "1x4", PLANNED,
                    "a 0-10, b 10-15, c 103-108, d 3-103");
}

/* At 3 nobody has waited 3 s, so d is in nobody's way; b fits beside it. */
Test(backfill, plans_for_nobody_who_is_too_young)
{
    assert_schedule("backfill:interval=0,resolution=0,min_age=3", "1x4", PLANNED,
                    "a 0-10, b 10-15, c 103-108, d 3-103");
}

/* Three small jobs of two users come while b waits. */
static void expect_users(const char *policy, const char *expected)
{
    struct replay replay;
    replay_init(&replay, "1x4");
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,estimate_s,user,queue,priority\n"
                         "a,0,20,2,20,u,p,0\nb,1,5,4,5,v,p,0\nc,1,3,1,3,u,p,0\nd,1,3,1,3,u,q,0\n"
                         "e,1,3,1,3,w,q,0\n");
    replay.policy = policy;
    assert_run(&replay, expected);
    replay_release(&replay);
}

Test(backfill, looks_at_so_many_of_a_user_a_queue_and_starts_so_many)
{
    expect_users("backfill:interval=0,resolution=0", "a 0-20, b 20-25, c 1-4, d 1-4, e 4-7");
    expect_users("backfill:interval=0,resolution=0,user=1", "a 0-20, b 20-25, c 1-4, d 4-7, e 1-4");
    expect_users("backfill:interval=0,resolution=0,partition=1",
                 "a 0-20, b 20-25, c 25-28, d 1-4, e 4-7");
    expect_users("backfill:interval=0,resolution=0,start=1",
                 "a 0-20, b 20-25, c 1-4, d 4-7, e 7-10");
}

/* Without a backfill pass: b holds back c, of its queue, but d and e only if all are one. */
Test(backfill, main_pass_stops_at_the_first_of_a_partition)
{
    expect_users("backfill:test=1", "a 0-20, b 20-25, c 25-28, d 25-28, e 25-28");
    expect_users("backfill:test=1,partitions=queue", "a 0-20, b 20-25, c 25-28, d 1-4, e 1-4");
    expect_users("backfill:test=1,partitions=queue,depth=3",
                 "a 0-20, b 20-25, c 25-28, d 1-4, e 4-7");
}

Test(backfill, the_highest_priority_comes_first)
{
    struct replay replay;
    replay_init(&replay, "1x1");
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,estimate_s,priority\n"
                         "a,0,5,1,5,0\nb,1,5,1,5,1\nc,2,5,1,5,7\nd,3,5,1,5,1\n");
    replay.policy = "backfill";
    assert_run(&replay, "a 0-5, b 10-15, c 5-10, d 15-20");
    replay.policy = "backfill:order=submit";
    assert_run(&replay, "a 0-5, b 5-10, c 10-15, d 15-20");
    replay_release(&replay);
}

/* a outlives its estimate of 4 and is then expected to end at 8: c, of 3 s, fits in front of b. */
Test(backfill, comes_when_an_estimate_has_run_out)
{
    assert_schedule("backfill:interval=1,resolution=0", "1x2", "a,0,10,1,4\nb,1,5,2,5\nc,2,3,1,3\n",
                    "a 0-10, b 10-15, c 4-7");
}
