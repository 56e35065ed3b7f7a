/* test_fewest.c - consolidate needs no more nodes than sorting all rooms does. */
#include <string.h>

#include <criterion/criterion.h>

#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/place.h"

static const struct node_filter ANYWHERE = {0, DOMAIN_ANY};

static uint32_t draw(gsl_rng *stream, uint32_t below)
{
    return (uint32_t)gsl_rng_uniform_int(stream, below);
}

/* The nodes that a job needs on this cluster as it is: most room first; 0 when it does not fit. */
static uint32_t fewest(const struct cluster *cluster, const struct request *request)
{
    uint32_t rooms[256];
    uint32_t count = (uint32_t)cluster->nodes.count;
    CHECK(count <= 256);
    for (uint32_t i = 0; i < count; i++) {
        rooms[i] = cluster_whole_room(cluster, i, request);
    }
    uint32_t left = request->gpu_count;
    for (uint32_t used = 1; used <= count; used++) {
        uint32_t most = 0;
        for (uint32_t i = 0; i < count; i++) {
            most = rooms[i] > rooms[most] ? i : most;
        }
        if (rooms[most] >= left) {
            return used;
        }
        left -= rooms[most];
        rooms[most] = 0;
    }
    return 0;
}

static void make_cluster(gsl_rng *stream, struct cluster *out)
{
    cluster_init(out, NULL, 0);
    (void)names_add(&out->models, view_of("V100"), NULL);
    (void)names_add(&out->models, view_of("A100"), NULL);
    for (uint32_t i = 0; i < 3; i++) {
        static const uint32_t GPUS[] = {1, 2, 4, 8, 16};
        char name[2] = {(char)('a' + i), '\0'};
        struct pool pool = {.name = name, .memory_mib = UNLIMITED, .cpu_milli = UNLIMITED};
        pool.node_count = 1 + draw(stream, 6);
        pool.gpu_count = GPUS[draw(stream, 5)];
        pool.model = draw(stream, 2);
        if (draw(stream, 2) == 0) {
            pool.cpu_milli = INT64_C(1000) * (1 + draw(stream, 16));
        }
        struct node_draft node = {0};
        struct err err = {0};
        CHECK(cluster_add_pool(out, &pool, &node, &err));
    }
    cluster_finish(out);
}

/* Places the job; the number of its parts, 0 when the rule refuses. */
static uint32_t place(void *state, struct cluster *cluster, const struct request *request)
{
    const struct place_ops *rule = place_find("consolidate");
    grant_vec grants = {0};
    uint32_t placed = 0;
    uint32_t node = 0;
    uint32_t count = 0;
    while (placed < request->gpu_count) {
        struct place_split split = {request, ANYWHERE, placed};
        if (!rule->next_part(state, cluster, &split, &node, &count)) {
            break;
        }
        struct grant grant;
        cluster_choose_part(cluster, node, request, placed, count, &grant);
        cluster_place(cluster, &grant);
        vec_push(&grants, grant);
        placed += count;
    }
    uint32_t parts = placed == request->gpu_count ? (uint32_t)grants.count : 0;
    while (parts == 0 && grants.count > 0) {
        struct grant grant = vec_pop(&grants);
        cluster_undo(cluster, &grant);
    }
    vec_release(&grants);
    return parts;
}

static void run(uint32_t seed, bool strict)
{
    gsl_rng *stream = rng_new(seed, "test.fewest", 0);
    struct cluster cluster;
    struct cluster idle;
    make_cluster(stream, &cluster);
    cluster_init_empty_copy(&idle, &cluster);
    const struct place_ops *rule = place_find("consolidate");
    void *state = mem_alloc(1, rule->state_size);
    void *params = mem_alloc(1, rule->params_size);
    struct err err = {0};
    cr_assert(
        param_read(rule->params, rule->name, view_of(strict ? "strict=true" : ""), params, &err));
    cr_assert(rule->init(state, params, &cluster, 1, &err));
    for (uint32_t i = 0; i < 12; i++) {
        struct request request = {.kind = GPU_WHOLE, .gpu_count = 1 + draw(stream, 20)};
        request.cpu_milli = draw(stream, 2) == 0 ? 0 : draw(stream, 30000);
        request.models = draw(stream, 4);
        uint32_t now = fewest(&cluster, &request);
        uint32_t ever = fewest(&idle, &request);
        uint32_t wanted = strict && now > ever ? 0 : now;
        uint32_t found = place(state, &cluster, &request);
        cr_assert_eq(found, wanted, "seed %u job %u of %u GPUs: %u nodes, should be %u", seed, i,
                     request.gpu_count, found, wanted);
    }
    free(state);
    free(params);
    cluster_release_all(&cluster);
    cluster_release_all(&idle);
    gsl_rng_free(stream);
}

Test(fewest, nodes_are_taken)
{
    for (uint32_t seed = 1; seed <= 300; seed++) {
        run(seed, false);
    }
}

Test(fewest, nodes_of_an_empty_cluster_are_waited_for)
{
    for (uint32_t seed = 1; seed <= 300; seed++) {
        run(seed, true);
    }
}
