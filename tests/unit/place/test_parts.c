/* test_parts.c - what a part of a job asks for is what a node counts as room. */
#include <criterion/criterion.h>

#include "policies/lib/parts.h"
#include "sim/base/check.h"
#include "sim/base/rng.h"

Test(parts, fit_exactly_where_there_is_room)
{
    gsl_rng *stream = rng_new(1, "test.parts", 0);
    for (int i = 0; i < 400; i++) {
        struct cluster cluster;
        struct err err = {0};
        struct node_draft node = {0};
        struct pool pool = {.name = "n", .node_count = 1, .gpu_count = 8, .model = NAMES_NONE};
        pool.cpu_milli = (int64_t)gsl_rng_uniform_int(stream, 50);
        pool.memory_mib = (int64_t)gsl_rng_uniform_int(stream, 50);
        cluster_init(&cluster, NULL, 0);
        CHECK(cluster_add_pool(&cluster, &pool, &node, &err));
        cluster_finish(&cluster);
        struct request request = {.kind = GPU_WHOLE};
        request.gpu_count = 1 + (uint32_t)gsl_rng_uniform_int(stream, 12);
        request.cpu_milli = (int64_t)gsl_rng_uniform_int(stream, 80);
        request.memory_mib = (int64_t)gsl_rng_uniform_int(stream, 80);
        uint32_t room = cluster_whole_room(&cluster, 0, &request);
        for (uint32_t count = 1; count <= request.gpu_count; count++) {
            struct request part = part_request(&request, count);
            cr_assert_eq(part.gpu_count, count);
            cr_assert_eq(cluster_fits(&cluster, 0, &part), count <= room, "%u of %u, room %u",
                         count, request.gpu_count, room);
        }
        cr_assert_eq(part_of_node(&cluster, 0, &request, 3), room < 3 ? room : 3);
        cluster_release_all(&cluster);
    }
    gsl_rng_free(stream);
}
