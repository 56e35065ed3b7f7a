/* test_place.c - choosing GPUs, dealing parts, and grants that cannot be. */
#include <signal.h>

#include <criterion/criterion.h>

#include "rig.h"

static const struct pool EIGHT = {.node_count = 2, .gpu_count = 8, .gpu_memory_mib = 1000};
static const struct request TWO = {.kind = GPU_WHOLE, .gpu_count = 2};

Test(place, whole_gpus_go_by_lowest_number)
{
    struct cluster cluster;
    rig_one_pool(&cluster, EIGHT);
    struct grant first = rig_place(&cluster, 1, TWO);
    struct grant second = rig_place(&cluster, 1, TWO);
    cluster_release(&cluster, &first);
    struct grant third =
        rig_place(&cluster, 1, (struct request){.kind = GPU_WHOLE, .gpu_count = 3});
    cr_assert_eq(first.gpus, 0x03);
    cr_assert_eq(second.gpus, 0x0c);
    cr_assert_eq(third.gpus, 0x13);
    cr_assert_eq(cluster.idle_gpu_count, 11);
    cr_assert_eq(cluster.free_gpu_milli, 11000);
    cr_assert_eq(cluster.releases, 1);
    cluster_release_all(&cluster);
}

Test(place, a_node_of_64_gpus_can_be_filled)
{
    struct cluster cluster;
    rig_one_pool(&cluster, (struct pool){.node_count = 1, .gpu_count = 64});
    struct grant all = rig_place(&cluster, 0, (struct request){.kind = GPU_WHOLE, .gpu_count = 64});
    cr_assert_eq(all.gpus, UINT64_MAX);
    cluster_check(&cluster);
    cluster_release(&cluster, &all);
    cluster_check(&cluster);
    cluster_release_all(&cluster);
}

Test(place, a_shared_gpu_is_the_one_with_the_least_room)
{
    struct cluster cluster;
    rig_one_pool(&cluster, EIGHT);
    struct request part = {.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 300};
    struct request big = {.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 800};
    cr_assert_eq(rig_place(&cluster, 0, part).gpus, 0x1); /* 700 left on 0 */
    cr_assert_eq(rig_place(&cluster, 0, big).gpus, 0x2);  /* 200 left on 1 */
    cr_assert_eq(rig_place(&cluster, 0, part).gpus, 0x1); /* 400 left on 0 */
    part.gpu_milli = 100;
    cr_assert_eq(rig_place(&cluster, 0, part).gpus, 0x2);
    part.gpu_count = 3;
    struct grant grant = rig_place(&cluster, 0, part);
    cr_assert_eq(grant.gpus, 0x7);
    cr_assert_eq(grant.gpu_milli, 300);
    cluster_release_all(&cluster);
}

Test(place, a_gpu_is_idle_when_its_last_task_leaves)
{
    struct cluster cluster;
    rig_one_pool(&cluster, EIGHT);
    struct request half = {.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 500};
    struct grant a = rig_place(&cluster, 0, half);
    struct grant b = rig_place(&cluster, 0, half);
    cr_assert_eq(cluster.idle_gpu_count, 15);
    cluster_undo(&cluster, &a);
    cr_assert_eq(cluster.idle_gpu_count, 15);
    cr_assert_eq(cluster.nodes.items[0].idle_gpus, 0xfe);
    cluster_undo(&cluster, &b);
    cr_assert_eq(cluster.idle_gpu_count, 16);
    cr_assert_eq(cluster.releases, 0, "undoing is not releasing");
    cluster_release_all(&cluster);
}

Test(place, mig_instances_go_to_the_fullest_gpu)
{
    struct cluster cluster;
    rig_one_pool(&cluster, (struct pool){.node_count = 1,
                                         .gpu_count = 2,
                                         .gpu_memory_mib = 81920,
                                         .mig_profile_count = 3,
                                         .mig_profiles = {{4, 40}, {3, 40}, {1, 10}}});
    struct request four = {.kind = GPU_MIG, .gpu_count = 1, .mig_profile = {4, 40}};
    struct request three = {.kind = GPU_MIG, .gpu_count = 3, .mig_profile = {3, 40}};
    struct grant a = rig_place(&cluster, 0, four);
    struct grant b = rig_place(&cluster, 0, three);
    cr_assert_eq(a.gpus, 1);
    cr_assert_eq(a.mig_slices[0], 0x0f);
    cr_assert_eq(b.gpus, 3);
    cr_assert_eq(b.mig_slices[0], 0xf0);
    cr_assert_eq(b.mig_slices[1], 0xff);
    cr_assert_eq(b.mig_compute[0], 3);
    cr_assert_eq(b.mig_compute[1], 6);
    cr_assert_eq(b.gpu_milli, 3 * 428);
    cr_assert_eq(b.gpu_memory_mib, 3 * 40960);
    cr_assert_eq(cluster.gpus.items[0].free_milli, 1000 - 571 - 428);
    cr_assert_eq(cluster.gpus.items[1].free_milli, 1000 - 856);
    cr_assert_eq(cluster.gpus.items[1].tasks, 1);
    cluster_check(&cluster);
    cluster_release(&cluster, &a);
    cluster_release(&cluster, &b);
    cr_assert_eq(cluster.free_gpu_milli, 2000);
    cluster_check(&cluster);
    cluster_release_all(&cluster);
}

Test(place, parts_share_cpu_and_memory_to_the_last_unit)
{
    struct cluster cluster;
    rig_one_pool(&cluster, EIGHT);
    struct request request = {.kind = GPU_WHOLE,
                              .gpu_count = 7,
                              .cpu_milli = 10007,
                              .memory_mib = INT64_C(5000000000001)};
    for (uint32_t size = 1; size <= 7; size++) {
        struct grant sum = {0};
        for (uint32_t placed = 0; placed < 7; placed += size) {
            uint32_t count = 7 - placed < size ? 7 - placed : size;
            struct grant part;
            cluster_choose_part(&cluster, 0, &request, placed, count, &part);
            sum.gpu_milli += part.gpu_milli;
            sum.cpu_milli += part.cpu_milli;
            sum.memory_mib += part.memory_mib;
        }
        cr_assert_eq(sum.gpu_milli, 7000);
        cr_assert_eq(sum.cpu_milli, request.cpu_milli);
        cr_assert_eq(sum.memory_mib, request.memory_mib);
    }
    cluster_release_all(&cluster);
}

static void place_again(struct request request)
{
    struct cluster cluster;
    rig_one_pool(
        &cluster,
        (struct pool){.node_count = 1, .gpu_count = 1, .gpu_memory_mib = 1000, .cpu_milli = 1000});
    struct grant grant = rig_place(&cluster, 0, request);
    cluster_place(&cluster, &grant);
}

Test(place, a_whole_gpu_cannot_be_given_twice, .signal = SIGABRT)
{
    place_again((struct request){.kind = GPU_WHOLE, .gpu_count = 1});
}

Test(place, a_gpu_cannot_be_shared_beyond_itself, .signal = SIGABRT)
{
    place_again((struct request){.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 600});
}

Test(place, cpu_cannot_be_given_twice, .signal = SIGABRT)
{
    place_again((struct request){.kind = GPU_NONE, .cpu_milli = 600});
}

static void release_twice(struct request request)
{
    struct cluster cluster;
    rig_one_pool(&cluster, EIGHT);
    (void)rig_place(&cluster, 0, request);
    struct grant grant = rig_place(&cluster, 0, request);
    cluster_release(&cluster, &grant);
    cluster_release(&cluster, &grant);
}

Test(place, whole_gpus_cannot_be_given_back_twice, .signal = SIGABRT)
{
    release_twice(TWO);
}

Test(place, fractions_cannot_be_given_back_twice, .signal = SIGABRT)
{
    release_twice((struct request){.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 700});
}

Test(place, a_grant_for_gpus_that_the_node_lacks_is_refused, .signal = SIGABRT)
{
    struct cluster cluster;
    rig_one_pool(&cluster, EIGHT);
    struct grant grant = {.node = 0, .gpus = 0x100, .gpu_milli = 1000};
    cluster_place(&cluster, &grant);
}
