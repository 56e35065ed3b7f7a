/* test_fit.c - what fits beside what on one node, and the room of a node. */
#include <criterion/criterion.h>

#include "rig.h"

static const struct pool FOUR = {.node_count = 1, .gpu_count = 4, .gpu_memory_mib = 1001};

static bool fits(const struct cluster *cluster, struct request request)
{
    return cluster_fits(cluster, 0, &request);
}

Test(fit, whole_gpus_need_gpus_that_nobody_is_on)
{
    struct cluster cluster;
    rig_one_pool(&cluster, FOUR);
    (void)rig_place(&cluster, 0,
                    (struct request){.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 1});
    cr_assert(fits(&cluster, (struct request){.kind = GPU_WHOLE, .gpu_count = 3}));
    cr_assert_not(fits(&cluster, (struct request){.kind = GPU_WHOLE, .gpu_count = 4}));
    cluster_release_all(&cluster);
}

Test(fit, a_fraction_takes_its_part_of_the_memory_rounded_down)
{
    struct cluster cluster;
    rig_one_pool(&cluster, FOUR);
    struct grant grant = rig_place(
        &cluster, 0, (struct request){.kind = GPU_FRACTION, .gpu_count = 2, .gpu_milli = 500});
    cr_assert_eq(grant.gpu_milli, 1000);
    cr_assert_eq(grant.gpu_memory_mib, 1000);
    cr_assert_eq(grant.gpus, 0x3);
    cr_assert_eq(cluster.gpus.items[0].free_milli, 500);
    cr_assert_eq(cluster.gpus.items[0].free_memory_mib, 501);
    cr_assert_eq(cluster.gpus.items[1].free_memory_mib, 501);
    cluster_release_all(&cluster);
}

Test(fit, memory_takes_its_part_of_the_gpu_at_least_one_milli)
{
    struct cluster cluster;
    rig_one_pool(&cluster, FOUR);
    struct request request = {.kind = GPU_MEMORY, .gpu_count = 1, .gpu_memory_mib = 500};
    cr_assert_eq(rig_place(&cluster, 0, request).gpu_milli, 499);
    request.gpu_memory_mib = 1;
    cr_assert_eq(rig_place(&cluster, 0, request).gpu_milli, 1);
    cr_assert_eq(cluster.gpus.items[0].free_milli, 500);
    cr_assert_eq(cluster.gpus.items[0].free_memory_mib, 500);
    request.gpu_memory_mib = 1001;
    cr_assert(fits(&cluster, request));
    request.gpu_memory_mib = 1002;
    cr_assert_not(fits(&cluster, request));
    cluster_release_all(&cluster);
}

Test(fit, memory_and_compute_are_both_bounds)
{
    /* 600 MiB leave 401, though 401 milli are left too: 400 milli take 400 MiB, 402 are too many.
     */
    struct cluster cluster;
    rig_one_pool(&cluster, (struct pool){.node_count = 1, .gpu_count = 1, .gpu_memory_mib = 1001});
    (void)rig_place(&cluster, 0,
                    (struct request){.kind = GPU_MEMORY, .gpu_count = 1, .gpu_memory_mib = 600});
    cr_assert_eq(cluster.gpus.items[0].free_milli, 401);
    cr_assert(
        fits(&cluster, (struct request){.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 401}));
    cr_assert_not(
        fits(&cluster, (struct request){.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 402}));
    cr_assert_not(fits(
        &cluster, (struct request){.kind = GPU_MEMORY, .gpu_count = 1, .gpu_memory_mib = 402}));
    cluster_release_all(&cluster);
}

Test(fit, gpus_of_unknown_memory_serve_fractions_but_no_memory)
{
    struct cluster cluster;
    rig_one_pool(&cluster, (struct pool){.node_count = 1, .gpu_count = 1});
    cr_assert(
        fits(&cluster, (struct request){.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 500}));
    cr_assert_not(
        fits(&cluster, (struct request){.kind = GPU_MEMORY, .gpu_count = 1, .gpu_memory_mib = 1}));
    cluster_release_all(&cluster);
}

Test(fit, a_fraction_of_nothing_or_of_more_than_a_gpu_fits_nowhere)
{
    struct cluster cluster;
    rig_one_pool(&cluster, FOUR);
    struct request request = {.kind = GPU_FRACTION, .gpu_count = 1};
    cr_assert_not(fits(&cluster, request));
    request.gpu_milli = 1001;
    cr_assert_not(fits(&cluster, request));
    request.gpu_milli = 1000;
    cr_assert(fits(&cluster, request));
    cluster_release_all(&cluster);
}

Test(fit, a_divisible_node_knows_sums_only)
{
    struct cluster cluster;
    rig_one_pool(&cluster,
                 (struct pool){.node_count = 1, .gpu_count = 100, .gpu_memory_mib = 1000});
    cr_assert(cluster_pool(&cluster, 0)->divisible);
    struct request odd = {.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 99500};
    (void)rig_place(&cluster, 0, odd);
    cr_assert_eq(cluster.idle_gpu_count, 0);
    cr_assert_not(fits(&cluster, (struct request){.kind = GPU_WHOLE, .gpu_count = 1}));
    struct request memory = {.kind = GPU_MEMORY, .gpu_count = 1, .gpu_memory_mib = 500};
    cr_assert(fits(&cluster, memory));
    memory.gpu_memory_mib = 501;
    cr_assert_not(fits(&cluster, memory));
    cluster_check(&cluster);
    cluster_release_all(&cluster);
}

Test(fit, cpu_and_memory_bound_a_node_unless_unlimited)
{
    struct cluster cluster;
    struct pool pool = FOUR;
    pool.cpu_milli = 4000;
    rig_one_pool(&cluster, pool);
    struct request request = {.kind = GPU_NONE, .cpu_milli = 4000, .memory_mib = INT64_MAX};
    (void)rig_place(&cluster, 0, request);
    cr_assert_eq(cluster.nodes.items[0].free_memory_mib, UNLIMITED);
    request.cpu_milli = 1;
    cr_assert_not(fits(&cluster, request));
    request.cpu_milli = 0;
    cr_assert(fits(&cluster, request));
    cluster_release_all(&cluster);
}

Test(fit, mig_pools_serve_their_profiles_only)
{
    struct cluster cluster;
    rig_one_pool(&cluster, (struct pool){.node_count = 1,
                                         .gpu_count = 1,
                                         .gpu_memory_mib = 81920,
                                         .mig_profile_count = 2,
                                         .mig_profiles = {{3, 40}, {1, 10}}});
    cr_assert_not(fits(&cluster, (struct request){.kind = GPU_WHOLE, .gpu_count = 1}));
    cr_assert_not(
        fits(&cluster, (struct request){.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 10}));
    struct request mig = {.kind = GPU_MIG, .gpu_count = 2, .mig_profile = {3, 40}};
    cr_assert(fits(&cluster, mig));
    mig.gpu_count = 3;
    cr_assert_not(fits(&cluster, mig));
    mig = (struct request){.kind = GPU_MIG, .gpu_count = 1, .mig_profile = {2, 20}};
    cr_assert_not(fits(&cluster, mig));
    mig = (struct request){.kind = GPU_MIG, .gpu_count = 7, .mig_profile = {1, 10}};
    cr_assert(fits(&cluster, mig));
    mig.gpu_count = 8;
    cr_assert_not(fits(&cluster, mig));
    cr_assert_eq(
        cluster_whole_room(&cluster, 0, &(struct request){.kind = GPU_WHOLE, .gpu_count = 1}), 0);
    cluster_release_all(&cluster);
}

Test(fit, models_are_a_choice)
{
    struct cluster cluster;
    cluster_init(&cluster, NULL, 0);
    struct pool pool = FOUR;
    pool.model = names_add(&cluster.models, view_of("A100"), NULL);
    rig_add(&cluster, pool);
    (void)names_add(&cluster.models, view_of("H100"), NULL);
    pool.name = "m";
    pool.model = NAMES_NONE;
    rig_add(&cluster, pool);
    cluster_finish(&cluster);
    struct request request = {.kind = GPU_WHOLE, .gpu_count = 1};
    cr_assert(cluster_model_mask(&cluster, "H100 | A100", &request.models));
    cr_assert_eq(request.models, 3);
    cr_assert(cluster_fits(&cluster, 0, &request));
    cr_assert_not(cluster_fits(&cluster, 1, &request), "a model that nobody told is none of them");
    cr_assert(cluster_model_mask(&cluster, "H100|K80", &request.models));
    cr_assert_eq(request.models, 2);
    cr_assert_not(cluster_fits(&cluster, 0, &request));
    cr_assert_not(cluster_model_mask(&cluster, "K80", &request.models));
    cr_assert_eq(request.models, 0);
    cluster_release_all(&cluster);
}

Test(fit, room_is_bounded_by_the_cpu_that_comes_with_the_gpus)
{
    struct cluster cluster;
    struct pool pool = FOUR;
    pool.cpu_milli = 10000;
    rig_one_pool(&cluster, pool);
    struct request request = {.kind = GPU_WHOLE, .gpu_count = 8, .cpu_milli = 24000};
    cr_assert_eq(cluster_whole_room(&cluster, 0, &request), 3);
    cr_assert_eq(cluster_idle_room(cluster_pool(&cluster, 0), &request), 3);
    request.cpu_milli = 20000;
    cr_assert_eq(cluster_whole_room(&cluster, 0, &request), 4);
    request.cpu_milli = INT64_MAX;
    cr_assert_eq(cluster_whole_room(&cluster, 0, &request), 0);
    request = (struct request){.kind = GPU_WHOLE, .gpu_count = 1, .memory_mib = INT64_MAX};
    cr_assert_eq(cluster_whole_room(&cluster, 0, &request), 4, "unlimited is more than any amount");
    request.memory_mib = 0;
    request.cpu_milli = 0;
    (void)rig_place(&cluster, 0, (struct request){.kind = GPU_WHOLE, .gpu_count = 1});
    cr_assert_eq(cluster_whole_room(&cluster, 0, &request), 3);
    cr_assert_eq(cluster_idle_room(cluster_pool(&cluster, 0), &request), 4);
    cluster_release_all(&cluster);
}
