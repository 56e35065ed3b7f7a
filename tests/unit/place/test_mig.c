/* test_mig.c - at which slots instances start, by hand and on random GPUs. */
#include <string.h>

#include <criterion/criterion.h>

#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/cluster/mig.h"
#include "sim/place.h"

static const struct node_filter ANYWHERE = {0, DOMAIN_ANY};
static const char *const PROFILES[] = {"1g.10gb", "2g.20gb", "3g.40gb", "4g.40gb", "7g.80gb"};
enum { PROFILE_COUNT = sizeof(PROFILES) / sizeof(*PROFILES) };

struct rig {
    const struct place_ops *rule;
    struct cluster cluster;
    char state[64];
    char params[64];
};

/* So many nodes of so many A100 of 80 GiB. */
static void rig_open(struct rig *rig, const char *settings, uint32_t nodes, uint32_t gpus)
{
    memset(rig, 0, sizeof(*rig));
    rig->rule = place_find("mig");
    cr_assert_not_null(rig->rule);
    cluster_init(&rig->cluster, NULL, 0);
    struct pool pool = {.name = "n",
                        .node_count = nodes,
                        .gpu_count = gpus,
                        .model = NAMES_NONE,
                        .gpu_memory_mib = 81920,
                        .cpu_milli = UNLIMITED,
                        .memory_mib = UNLIMITED,
                        .mig_profile_count = PROFILE_COUNT};
    for (uint32_t i = 0; i < PROFILE_COUNT; i++) {
        cr_assert(mig_profile_parse(view_of(PROFILES[i]), &pool.mig_profiles[i]));
    }
    struct node_draft node = {0};
    struct err err = {0};
    cr_assert(cluster_add_pool(&rig->cluster, &pool, &node, &err), "%s", err.msg);
    cluster_finish(&rig->cluster);
    cr_assert(rig->rule->state_size <= sizeof(rig->state));
    cr_assert(param_read(rig->rule->params, "mig", view_of(settings), rig->params, &err));
    cr_assert(rig->rule->init(rig->state, rig->params, &rig->cluster, 1, &err));
}

static struct request request_for(const char *profile, uint32_t count)
{
    struct request request = {.kind = GPU_MIG, .gpu_count = count};
    cr_assert(mig_profile_parse(view_of(profile), &request.mig_profile));
    return request;
}

static bool place(struct rig *rig, const struct request *request, struct grant *out)
{
    uint32_t node = rig->rule->pick(rig->state, &rig->cluster, request, ANYWHERE);
    if (node != NODE_NONE) {
        rig->rule->choose(rig->state, &rig->cluster, node, request, out);
        cluster_place(&rig->cluster, out);
    }
    return node != NODE_NONE;
}

/* Places one instance after the other: "node.gpu@start ...", "-" for one without a place. */
static void assert_places(const char *settings, uint32_t gpus, const char *const *profiles,
                          const char *expected)
{
    struct rig rig;
    struct text text = {0};
    rig_open(&rig, settings, 2, gpus);
    for (size_t i = 0; profiles[i] != NULL; i++) {
        struct request request = request_for(profiles[i], 1);
        struct grant grant = {0};
        text_add(&text, i == 0 ? "" : " ");
        if (place(&rig, &request, &grant)) {
            text_addf(&text, "%u.%d@%d", grant.node, __builtin_ctzll(grant.gpus),
                      __builtin_ctz(grant.mig_slices[0]));
        } else {
            text_add(&text, "-");
        }
    }
    cluster_check(&rig.cluster);
    cr_assert_str_eq(text.bytes, expected, "%s: found %s, expected %s", settings, text.bytes,
                     expected);
    text_release(&text);
    cluster_release_all(&rig.cluster);
}

/* A small instance at place 0 takes the only start of 4g; at 6 it takes one of 3g. */
Test(mig, first_starts_at_the_bottom_and_best_at_the_top)
{
    const char *const small_first[] = {"1g.10gb", "4g.40gb", "3g.40gb", NULL};
    assert_places("slot=first", 1, small_first, "0.0@0 1.0@0 0.0@4");
    assert_places("slot=best", 1, small_first, "0.0@6 0.0@0 1.0@4");
    assert_places("slot=fragmentation", 1, small_first, "0.0@6 0.0@0 1.0@4");
}

/* On GPU 0 a 4g leaves 4 to 7, where 1g at 6 costs its own start and 3g's, 1 + 4; on GPU 1 a 3g at
 * 4 leaves 0 to 3, where 1g at 3 costs 1g, 2g, 3g and 4g a start, 1 + 2 + 4 + 4. Both are half
 * free.
 */
Test(mig, fragmentation_spares_the_place_with_more_starts)
{
    struct rig rig;
    rig_open(&rig, "", 1, 2);
    struct request small = request_for("1g.10gb", 1);
    struct grant grant = {0};
    struct request three = request_for("3g.40gb", 1);
    struct request four = request_for("4g.40gb", 1);
    cr_assert(place(&rig, &three, &grant)); /* at 4 of GPU 0: 1g, 2g, 3g and 7g lose */
    cr_assert_eq(grant.mig_slices[0], 0xF0);
    cr_assert(place(&rig, &four, &grant)); /* fills GPU 0, which has lost 7g before */
    cr_assert_eq(grant.gpus, 1);
    cr_assert(place(&rig, &four, &grant));
    cr_assert_eq(grant.gpus, 2);
    cr_assert(place(&rig, &small, &grant));
    cr_assert_eq(grant.gpus, 2);
    cr_assert_eq(grant.mig_slices[0], 1U << 6);
    cluster_release_all(&rig.cluster);
}

Test(mig, several_instances_of_a_task_stay_on_one_node)
{
    struct rig rig;
    rig_open(&rig, "", 2, 2);
    struct request request = request_for("3g.40gb", 4);
    struct grant grant = {0};
    cr_assert(place(&rig, &request, &grant));
    cr_assert_eq(grant.node, 0);
    cr_assert_eq(grant.gpus, 3);
    cr_assert_eq(grant.mig_slices[0], 0xFF);
    cr_assert_eq(grant.mig_compute[1], 6);
    cluster_check(&rig.cluster);
    cluster_release_all(&rig.cluster);
}

static const char *const SLOTS[] = {"slot=first", "slot=best", "slot=fragmentation"};

/* One instance is placed if and only if some node has a place for it; nothing overlaps, which
 * cluster_place and cluster_check see to. */
Test(mig, places_whatever_fits)
{
    gsl_rng *stream = rng_new(1, "test.mig", 0);
    for (size_t s = 0; s < sizeof(SLOTS) / sizeof(*SLOTS); s++) {
        struct rig rig;
        grant_vec held = {0};
        rig_open(&rig, SLOTS[s], 3, 3);
        for (int step = 0; step < 3000; step++) {
            uint32_t profile = (uint32_t)gsl_rng_uniform_int(stream, PROFILE_COUNT);
            uint32_t count = 1 + (uint32_t)gsl_rng_uniform_int(stream, 3);
            struct request request = request_for(PROFILES[profile], count);
            struct grant grant = {0};
            uint32_t fits = cluster_first_fit(&rig.cluster, &request, ANYWHERE, 0);
            bool placed = place(&rig, &request, &grant);
            cr_assert_eq(placed, fits != NODE_NONE);
            if (placed) {
                vec_push(&held, grant);
            }
            while (held.count > 0 && gsl_rng_uniform_int(stream, 8) < 4) {
                size_t which = gsl_rng_uniform_int(stream, held.count);
                cluster_release(&rig.cluster, &held.items[which]);
                held.items[which] = held.items[held.count - 1];
                held.count--;
            }
            cluster_check(&rig.cluster);
        }
        vec_release(&held);
        cluster_release_all(&rig.cluster);
    }
    gsl_rng_free(stream);
}

/* Small instances come and go at random; how often a 3g finds no place although four slices are
 * free on a GPU is what the rule is for. */
static int count_refused(const char *settings)
{
    struct rig rig;
    grant_vec held = {0};
    gsl_rng *stream = rng_new(2, "test.mig", 0);
    rig_open(&rig, settings, 2, 4);
    int refused = 0;
    for (int step = 0; step < 20000; step++) {
        double drawn = gsl_rng_uniform(stream);
        double which = gsl_rng_uniform(stream);
        struct request request = request_for(PROFILES[drawn < 0.6 ? 0 : drawn < 0.8 ? 1 : 2], 1);
        struct grant grant = {0};
        if (place(&rig, &request, &grant)) {
            vec_push(&held, grant);
        } else {
            refused++;
        }
        while (held.count > 24) {
            size_t leaver = (size_t)(which * (double)held.count);
            cluster_release(&rig.cluster, &held.items[leaver]);
            held.items[leaver] = held.items[held.count - 1];
            held.count--;
        }
    }
    vec_release(&held);
    cluster_release_all(&rig.cluster);
    gsl_rng_free(stream);
    return refused;
}

Test(mig, fragmentation_refuses_least)
{
    int first = count_refused("slot=first");
    int best = count_refused("slot=best");
    int aware = count_refused("slot=fragmentation");
    cr_assert(aware < best && aware < first, "refused %d, %d, %d", first, best, aware);
}
