/* test_lucid.c - the pool and the queue behind it, worked out by hand. */
#include <criterion/criterion.h>

#include "schedule.h"

/* 4 GPUs, 1 of them the pool, 5 s in it. a and b are looked at one after the other; b ends there. a
 * goes on from 5 to 10 in the rest. */
Test(lucid, looks_at_everybody_first)
{
    assert_schedule("lucid:pool=1,limit=5", "1x4", "a,0,10,1,10\nb,0,4,1,4\n", "a 0-10*1, b 5-9");
}

/* c is larger than the pool and goes to the rest at once; the fewest GPUs are looked at first. */
Test(lucid, looks_at_small_jobs_first_and_not_at_large_ones)
{
    assert_schedule("lucid:pool=2,limit=5", "1x5", "a,0,3,2,3\nb,0,3,1,3\nc,0,3,3,3\n",
                    "a 3-6, b 0-3, c 0-3");
}

/* The rest has 3 GPUs, which d holds up to 20. By then both have been looked at for 5 s; b is said
 * to need 16 GPU-seconds, a 80: b first, with 3 s left, then a, with 35. */
Test(lucid, goes_by_predicted_gpu_time_afterwards)
{
    assert_schedule("lucid:pool=2,limit=5", "1x5", "d,0,20,3,20\na,1,40,2,40\nb,2,8,2,8\n",
                    "d 0-20, a 1-58*1, b 6-23*1");
}

/* A job of all GPUs waits for the pool too: nobody new is looked at while it is first. */
Test(lucid, clears_the_pool_for_a_job_of_the_whole_cluster)
{
    assert_schedule("lucid:pool=1,limit=5", "1x2", "a,0,4,1,4\nb,1,10,2,10\nc,2,4,1,4\n",
                    "a 0-4, b 4-14, c 14-18");
}

/* What ends at the very limit has ended. */
Test(lucid, does_not_stop_who_ends_at_the_limit)
{
    assert_schedule("lucid:pool=1,limit=5", "1x2", "a,0,5,1,5\nb,0,5,1,5\n", "a 0-5, b 5-10");
}
