/* test_priority.c - Slurm's priorities and fair-share factors, worked out by hand. */
#include <criterion/criterion.h>

#include "schedule.h"

#define COLUMNS "job_id,submit_s,duration_s,gpus,queue,user,priority\n"

static void assert_order(const char *policy, const char *cluster, const char *jobs,
                         const char *expected)
{
    struct replay replay;
    replay_init(&replay, cluster);
    struct queue_spec q = {.name = "q", .gpu.weight = 1, .priority = 1};
    struct queue_spec r = {.name = "r", .gpu.weight = 1, .priority = 10};
    vec_push(&replay.cluster.queues, q);
    vec_push(&replay.cluster.queues, r);
    struct text csv = {0};
    text_add(&csv, COLUMNS);
    text_add(&csv, jobs);
    replay_read(&replay, csv.bytes);
    replay.policy = policy;
    replay.settings.audit = true;
    replay.settings.estimates = ESTIMATES_ORACLE;
    assert_run(&replay, expected);
    replay_release(&replay);
    text_release(&csv);
}

#define ONLY(weights) "weight_age=0,weight_fairshare=0,weight_size=0,weight_queue=0," weights

/* Of 4 GPUs b asks for all, factor 1, c for a quarter. */
Test(multifactor, prefers_large_jobs_or_small_ones)
{
    const char *jobs = "a,0,10,4,q,u,\nc,1,10,1,q,u,\nb,2,10,4,q,u,\n";
    assert_order("multifactor:" ONLY("favor=large"), "1x4", jobs, "a 0-10, c 10-20, b 20-30");
    assert_order("multifactor:weight_fairshare=0", "1x4", jobs, "a 0-10, c 20-30, b 10-20");
    assert_order("multifactor:weight_fairshare=0,favor=small", "1x4", jobs,
                 "a 0-10, c 10-20, b 20-30");
}

/* At 10, b has waited 10 s and c 5: with a weight of 1000, 1000 against 500 + 750 for its size;
 * with 3000, 3000 against 1500 + 750. */
Test(multifactor, lets_age_outweigh_size)
{
    const char *jobs = "a,0,10,4,q,u,\nb,0,10,4,q,u,\nc,5,10,1,q,u,\n";
    const char *rules = "multifactor:weight_fairshare=0,favor=small,max_age=10,period=1,weight_age";
    struct text policy = {0};
    text_addf(&policy, "%s=1000", rules);
    assert_order(policy.bytes, "1x4", jobs, "a 0-10, b 20-30, c 10-20");
    text_clear(&policy);
    text_addf(&policy, "%s=3000", rules);
    assert_order(policy.bytes, "1x4", jobs, "a 0-10, b 10-20, c 20-30");
    text_release(&policy);
}

/* Priorities are of 0, when b came, until the next are computed at 300. */
Test(multifactor, computes_priorities_once_a_period)
{
    const char *jobs = "a,0,10,4,q,u,\nb,0,10,4,q,u,\nc,5,10,1,q,u,\n";
    assert_order("multifactor:weight_fairshare=0,favor=small,max_age=10,weight_age=3000", "1x4",
                 jobs, "a 0-10, b 20-30, c 10-20");
}

Test(multifactor, knows_queues_classes_and_nice)
{
    const char *jobs = "a,0,10,1,q,u,0\nb,1,10,1,q,u,2\nc,2,10,1,r,u,1\n";
    assert_order("multifactor:" ONLY("weight_priority=0"), "1x1", jobs, "a 0-10, b 10-20, c 20-30");
    assert_order("multifactor:weight_fairshare=0", "1x1", jobs, "a 0-10, b 20-30, c 10-20");
    assert_order("multifactor:weight_fairshare=0,weight_priority=2000", "1x1", jobs,
                 "a 0-10, b 10-20, c 20-30");
    assert_order("multifactor:" ONLY("use=nice"), "1x1", jobs, "a 0-10, b 10-20, c 20-30");
}

/* At 5, A has had all there was: its effective usage is 1 of a share of one half, 2^-2; B's is half
 * of the queue's, 2^-1. */
Test(multifactor, prefers_who_has_had_less)
{
    assert_order("multifactor", "1x1", "a1,0,10,1,q,A,\na2,5,10,1,q,A,\nb1,6,10,1,q,B,\n",
                 "a1 0-10, a2 20-30, b1 10-20");
}

/* At 16, A has had 10 GPU-seconds up to 10 and B 6 since. With a half-life of 4 s that is 1.7 and
 * 3.7: 4 / ln 2 * (1 - 2^-2.5) * 2^-1.5 and 4 / ln 2 * (1 - 2^-1.5). */
Test(multifactor, forgets_usage_by_half_lives)
{
    const char *jobs = "a1,0,10,1,q,A,\nb1,0,6,1,q,B,\na2,12,5,1,q,A,\nb2,13,5,1,q,B,\n";
    assert_order("multifactor:period=1,half_life=0", "1x1", jobs,
                 "a1 0-10, b1 10-16, a2 21-26, b2 16-21");
    assert_order("multifactor:period=1,half_life=4", "1x1", jobs,
                 "a1 0-10, b1 10-16, a2 16-21, b2 21-26");
}

/* At 16 queue q has had 10 through A, r 6 through C. B has had nothing, but its queue 10 of 16:
 * effective usage 5/16 of a share of 1/4, 2^-1.25; C has had 6/16, 2^-1.5. In the tree r comes
 * before q, whoever asks. */
#define TWO_QUEUES                                                                                 \
    "a1,0,10,1,q,A,\nc1,0,6,1,r,C,\nb1,12,5,1,q,B,\nc2,13,5,1,r,C,\nd1,100,1,1,r,D,\n"

Test(multifactor, looks_at_users_across_queues)
{
    assert_order("multifactor:period=1,half_life=0,weight_queue=0", "1x1", TWO_QUEUES,
                 "a1 0-10, c1 10-16, b1 16-21, c2 21-26, d1 100-101");
}

Test(fairtree, puts_all_users_of_a_queue_that_is_owed_more_first)
{
    assert_order("fairtree:period=1,half_life=0,weight_queue=0", "1x1", TWO_QUEUES,
                 "a1 0-10, c1 10-16, b1 21-26, c2 16-21, d1 100-101");
}

/* At 5 usage is A's 5 s: B and C have none, are equal, and are taken in submit order, before A. */
Test(fairtree, gives_equal_users_one_place)
{
    assert_order("fairtree", "1x1",
                 "a1,0,10,1,q,A,\na2,5,10,1,q,A,\nc1,6,10,1,q,C,\nb1,7,10,1,q,B,\n",
                 "a1 0-10, a2 30-40, c1 10-20, b1 20-30");
}

/* c is of the lowest priority, but short: the backfill pass starts it before b, which waits. */
Test(fairtree, backfills_in_the_order_of_priorities)
{
    assert_order("fairtree:interval=0,resolution=0", "1x4",
                 "a,0,10,3,q,u,\nb,1,5,4,q,u,\nc,2,4,1,q,u,\nd,3,20,1,q,u,\n",
                 "a 0-10, b 10-15, c 2-6, d 15-35");
}
