/* test_turns.c - tenants that take turns: schedules worked out by hand. */
#include <criterion/criterion.h>

#include "schedule.h"

#define TENANTS "job_id,submit_s,duration_s,gpus,user,cpus,memory_mib\n"

static void assert_tenants(const char *policy, struct replay *replay, const char *jobs,
                           const char *expected)
{
    struct text csv = {0};
    text_add(&csv, TENANTS);
    text_add(&csv, jobs);
    replay_read(replay, csv.bytes);
    replay->policy = policy;
    replay->settings.audit = true;
    assert_run(replay, expected);
    replay_release(replay);
    text_release(&csv);
}

/* The example of the paper: of 9 CPUs and 18 GB, A's tasks take 1 CPU and 4 GB, B's 3 CPUs and
 * 1 GB. Three of A and two of B run, with two thirds of the memory and of the CPUs. */
Test(drf, gives_three_and_two_in_the_example_of_the_paper)
{
    struct replay replay;
    replay_init(&replay, "1x1");
    cluster_release_all(&replay.cluster);
    cluster_init(&replay.cluster, NULL, 0);
    struct pool pool = {.name = "n", .node_count = 1, .model = NAMES_NONE};
    pool.cpu_milli = 9000;
    pool.memory_mib = 18 * 1024;
    struct node_draft node = {0};
    cr_assert(cluster_add_pool(&replay.cluster, &pool, &node, &replay.err));
    cluster_finish(&replay.cluster);
    assert_tenants("drf:by=user", &replay,
                   "a1,0,10,0,A,1,4096\na2,0,10,0,A,1,4096\na3,0,10,0,A,1,4096\n"
                   "a4,0,10,0,A,1,4096\nb1,0,10,0,B,3,1024\nb2,0,10,0,B,3,1024\n"
                   "b3,0,10,0,B,3,1024\n",
                   "a1 0-10, a2 0-10, a3 0-10, a4 10-20, b1 0-10, b2 0-10, b3 10-20");
}

/* GPUs are A's dominant resource, CPUs B's: b1 takes 1/4 of 8 CPUs and 1/8 of 8 GPUs, a1 1/2 of the
 * GPUs, so B is asked first until it has two jobs and as much as A, who came first. Strictly A's
 * next job, which does not fit, holds back a3. */
Test(drf, compares_the_largest_parts_and_may_be_strict)
{
    const char *jobs = "a1,0,10,4,A,,\nb1,0,10,1,B,2,\nb2,0,10,1,B,2,\nb3,0,10,1,B,2,\n"
                       "a2,0,10,4,A,,\na3,0,10,1,A,,\n";
    for (int strict = 0; strict < 2; strict++) {
        struct replay replay;
        replay_init(&replay, "1x1");
        cluster_release_all(&replay.cluster);
        cluster_init(&replay.cluster, NULL, 0);
        struct pool pool = {.name = "n", .node_count = 1, .gpu_count = 8, .model = NAMES_NONE};
        pool.cpu_milli = 8000;
        pool.memory_mib = UNLIMITED;
        struct node_draft node = {0};
        cr_assert(cluster_add_pool(&replay.cluster, &pool, &node, &replay.err));
        cluster_finish(&replay.cluster);
        assert_tenants(strict != 0 ? "drf:by=user,strict=true" : "drf:by=user", &replay, jobs,
                       strict != 0 ? "a1 0-10, b1 0-10, b2 0-10, b3 0-10, a2 10-20, a3 10-20"
                                   : "a1 0-10, b1 0-10, b2 0-10, b3 0-10, a2 10-20, a3 0-10");
    }
}

/* q may hold twice what r holds: levels of q and r before each start, in GPUs for the weight, are
 * 0 0, 1/2 0, 1/2 1, 1 1, 3/2 1, 3/2 2. */
#define WEIGHTED                                                                                   \
    "job_id,submit_s,duration_s,gpus,queue\n"                                                      \
    "q1,0,10,1,q\nq2,0,10,1,q\nq3,0,10,1,q\nq4,0,10,1,q\nq5,0,10,1,q\n"                            \
    "r1,0,10,1,r\nr2,0,10,1,r\nr3,0,10,1,r\n"

static void assert_weighted(const char *policy, const char *expected)
{
    struct replay replay;
    replay_init(&replay, "1x6");
    struct queue_spec queues[] = {{.name = "q", .gpu.weight = 2}, {.name = "r", .gpu.weight = 1}};
    vec_push(&replay.cluster.queues, queues[0]);
    vec_push(&replay.cluster.queues, queues[1]);
    replay_read(&replay, WEIGHTED);
    replay.policy = policy;
    assert_run(&replay, expected);
    replay_release(&replay);
}

Test(drf, divides_by_weights)
{
    assert_weighted("drf", "q1 0-10, q2 0-10, q3 0-10, q4 0-10, q5 10-20, r1 0-10, r2 0-10, "
                           "r3 10-20");
}

Test(maxmin, divides_by_weights)
{
    assert_weighted("maxmin", "q1 0-10, q2 0-10, q3 0-10, q4 0-10, q5 10-20, r1 0-10, r2 0-10, "
                              "r3 10-20");
}

/* Whoever is alone needs no luck: in submit order, passing over who does not fit. */
Test(lottery, one_tenant_is_a_queue)
{
    struct replay replay;
    replay_init(&replay, "1x4");
    assert_tenants("lottery:by=user", &replay,
                   "a1,0,10,3,A,,\na2,0,10,2,A,,\na3,0,10,1,A,,\na4,0,10,2,A,,\n",
                   "a1 0-10, a2 10-20, a3 0-10, a4 10-20");
}

/* A came first with all its jobs, but B has nothing when A has one. */
Test(maxmin, fills_up_from_below)
{
    struct replay replay;
    replay_init(&replay, "1x4");
    assert_tenants("maxmin:by=user", &replay,
                   "a1,0,10,1,A,,\na2,0,10,1,A,,\na3,0,10,1,A,,\na4,0,10,1,A,,\n"
                   "b1,0,10,1,B,,\nb2,0,10,1,B,,\n",
                   "a1 0-10, a2 0-10, a3 10-20, a4 10-20, b1 0-10, b2 0-10");
}

/* b1 finds no room; strictly, b2 waits for it, else it goes ahead. */
Test(maxmin, passes_over_a_first_job_unless_strict)
{
    const char *jobs = "a1,0,10,3,A,,\nb1,1,10,2,B,,\nb2,1,10,1,B,,\n";
    struct replay replay;
    replay_init(&replay, "1x4");
    assert_tenants("maxmin:by=user", &replay, jobs, "a1 0-10, b1 10-20, b2 1-11");
    replay_init(&replay, "1x4");
    assert_tenants("maxmin:by=user,strict=true", &replay, jobs, "a1 0-10, b1 10-20, b2 10-20");
}

/* One GPU, two tenants with a hundred jobs of a second each: of the first hundred starts about half
 * are A's (standard deviation 5). */
Test(lottery, gives_equal_tenants_about_as_many_turns)
{
    struct replay replay;
    replay_init(&replay, "1x1");
    struct text csv = {0};
    text_add(&csv, TENANTS);
    for (int i = 0; i < 200; i++) {
        text_addf(&csv, "j%d,0,1,1,%s,,\n", i, i < 100 ? "A" : "B");
    }
    replay_read(&replay, csv.bytes);
    replay.policy = "lottery:by=user";
    cr_assert(replay_run(&replay), "%s", replay.err.msg);
    int early = 0;
    for (int i = 0; i < 100; i++) {
        early += replay.jobs.items[i].first_start_us < 100 * SECOND_US ? 1 : 0;
    }
    cr_assert(early > 30 && early < 70, "%d of A among the first hundred", early);
    replay_release(&replay);
    text_release(&csv);
}

/* With three tickets against one, of the first hundred starts about 75 are A's (standard deviation
 * 4.3). */
Test(lottery, gives_turns_in_proportion_to_tickets)
{
    struct replay replay;
    replay_init(&replay, "1x1");
    struct queue_spec queues[] = {{.name = "A", .gpu.weight = 3}, {.name = "B", .gpu.weight = 1}};
    vec_push(&replay.cluster.queues, queues[0]);
    vec_push(&replay.cluster.queues, queues[1]);
    struct text csv = {0};
    text_add(&csv, "job_id,submit_s,duration_s,gpus,queue\n");
    for (int i = 0; i < 400; i++) {
        text_addf(&csv, "j%d,0,1,1,%s\n", i, i < 200 ? "A" : "B");
    }
    replay_read(&replay, csv.bytes);
    replay.policy = "lottery";
    cr_assert(replay_run(&replay), "%s", replay.err.msg);
    int early = 0;
    for (int i = 0; i < 200; i++) {
        early += replay.jobs.items[i].first_start_us < 100 * SECOND_US ? 1 : 0;
    }
    cr_assert(early > 58 && early < 92, "%d of A among the first hundred", early);
    replay_release(&replay);
    text_release(&csv);
}

/* A's jobs of 2 GPUs stand alone in the cluster, as do B's of 1 and 2: turns alternate, though A
 * came first; by GPUs B has a second turn before A, because it was charged 1 where A was charged 2.
 */
Test(stride, charges_turns_or_gpus)
{
    const char *jobs = "a1,0,10,2,A,,\na2,0,10,2,A,,\na3,0,10,2,A,,\n"
                       "b1,0,10,1,B,,\nb2,0,10,2,B,,\nb3,0,10,2,B,,\n";
    struct replay replay;
    replay_init(&replay, "1x2");
    assert_tenants("stride:by=user", &replay, jobs,
                   "a1 0-10, a2 20-30, a3 40-50, b1 10-20, b2 30-40, b3 50-60");
    replay_init(&replay, "1x2");
    assert_tenants("stride:by=user,charge=gpus", &replay, jobs,
                   "a1 0-10, a2 30-40, a3 50-60, b1 10-20, b2 20-30, b3 40-50");
}

/* B comes when A, alone, has had three turns; it is not given three in a row but begins at A's pass
 * of 3. Of equal ones A was met first. */
Test(stride, who_comes_late_has_saved_no_turns)
{
    struct replay replay;
    replay_init(&replay, "1x1");
    assert_tenants("stride:by=user", &replay,
                   "a1,0,10,1,A,,\na2,0,10,1,A,,\na3,0,10,1,A,,\na4,0,10,1,A,,\n"
                   "b1,25,10,1,B,,\nb2,25,10,1,B,,\nb3,25,10,1,B,,\n",
                   "a1 0-10, a2 10-20, a3 20-30, a4 30-40, b1 40-50, b2 50-60, b3 60-70");
}

/* Queues of weight 2 and 1: of every three turns the first has two. Passes of q and r before each
 * turn: 0 0, 1/2 0, 1/2 1, 1 1, 3/2 1, 3/2 2. */
Test(stride, turns_are_in_proportion_to_weights)
{
    struct replay replay;
    replay_init(&replay, "1x1");
    struct queue_spec queues[] = {{.name = "q", .gpu.weight = 2}, {.name = "r", .gpu.weight = 1}};
    vec_push(&replay.cluster.queues, queues[0]);
    vec_push(&replay.cluster.queues, queues[1]);
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,queue\n"
                         "q1,0,10,1,q\nq2,0,10,1,q\nq3,0,10,1,q\nq4,0,10,1,q\n"
                         "r1,0,10,1,r\nr2,0,10,1,r\n");
    replay.policy = "stride";
    assert_run(&replay, "q1 0-10, q2 20-30, q3 30-40, q4 50-60, r1 10-20, r2 40-50");
    replay_release(&replay);
}
