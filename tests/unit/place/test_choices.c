/* test_choices.c - where each rule puts a task or splits a job, on clusters small enough to see. */
#include <string.h>

#include <criterion/criterion.h>

#include "sim/base/check.h"
#include "sim/place.h"

static const struct node_filter ANYWHERE = {0, DOMAIN_ANY};

struct rig {
    const struct place_ops *rule;
    struct cluster cluster;
    _Alignas(16) char state[1024];
    _Alignas(16) char params[256];
};

/* Nodes of so many GPUs, of which so many are busy; both lists end with 0 GPUs. */
static void rig_open(struct rig *rig, const char *rule, const char *settings, const uint32_t *gpus,
                     const uint32_t *busy)
{
    memset(rig, 0, sizeof(*rig));
    rig->rule = place_find(rule);
    cr_assert_not_null(rig->rule);
    cluster_init(&rig->cluster, NULL, 0);
    struct err err = {0};
    for (uint32_t i = 0; gpus[i] > 0; i++) {
        char name[2] = {(char)('a' + i), '\0'};
        struct pool pool = {.name = name,
                            .node_count = 1,
                            .gpu_count = gpus[i],
                            .model = NAMES_NONE,
                            .cpu_milli = UNLIMITED,
                            .memory_mib = UNLIMITED};
        struct node_draft node = {0};
        cr_assert(cluster_add_pool(&rig->cluster, &pool, &node, &err));
    }
    cluster_finish(&rig->cluster);
    cr_assert(rig->rule->state_size <= sizeof(rig->state));
    cr_assert(param_read(rig->rule->params, rule, view_of(settings), rig->params, &err));
    cr_assert(rig->rule->init == NULL ||
              rig->rule->init(rig->state, rig->params, &rig->cluster, 1, &err));
    for (uint32_t i = 0; gpus[i] > 0; i++) {
        struct request request = {.kind = GPU_WHOLE, .gpu_count = busy[i]};
        if (busy[i] > 0) {
            struct grant grant;
            cluster_choose(&rig->cluster, i, &request, &grant);
            cluster_place(&rig->cluster, &grant);
        }
    }
}

static void rig_close(struct rig *rig)
{
    if (rig->rule->release != NULL) {
        rig->rule->release(rig->state);
    }
    cluster_release_all(&rig->cluster);
}

static uint32_t pick(struct rig *rig, uint32_t gpus)
{
    struct request request = {.kind = GPU_WHOLE, .gpu_count = gpus};
    return rig->rule->pick(rig->state, &rig->cluster, &request, ANYWHERE);
}

/* The parts as text, "a4 c8"; "" when the job does not fit. */
static void split(struct rig *rig, uint32_t gpus, char *out, size_t size)
{
    struct request request = {.kind = GPU_WHOLE, .gpu_count = gpus};
    out[0] = '\0';
    for (uint32_t placed = 0; placed < gpus;) {
        uint32_t node = 0;
        uint32_t count = 0;
        struct place_split split = {&request, ANYWHERE, placed};
        if (!rig->rule->next_part(rig->state, &rig->cluster, &split, &node, &count)) {
            out[0] = '\0';
            return;
        }
        struct grant grant;
        cluster_choose_part(&rig->cluster, node, &request, placed, count, &grant);
        cluster_place(&rig->cluster, &grant);
        size_t length = strlen(out);
        (void)snprintf(out + length, size - length, "%s%s%u", placed > 0 ? " " : "",
                       rig->cluster.nodes.items[node].name, count);
        placed += count;
    }
}

static void expect_split(const char *rule, const char *settings, uint32_t gpus, const char *wanted)
{
    /* Free: a 2, b 8, c 5, d 8, e 3. */
    static const uint32_t GPUS[] = {8, 8, 8, 8, 4, 0};
    static const uint32_t BUSY[] = {6, 0, 3, 0, 1};
    struct rig rig;
    char found[64];
    rig_open(&rig, rule, settings, GPUS, BUSY);
    split(&rig, gpus, found, sizeof(found));
    cr_assert_str_eq(found, wanted, "%s %u: %s, should be %s", rule, gpus, found, wanted);
    rig_close(&rig);
}

Test(choices, of_a_task)
{
    static const uint32_t GPUS[] = {8, 8, 8, 8, 4, 0};
    static const uint32_t BUSY[] = {6, 0, 3, 0, 1};
    static const struct {
        const char *rule;
        uint32_t of_two, of_three, of_six;
    } CASES[] = {{"count", 0, 1, 1},
                 {"first", 0, 1, 1},
                 {"best", 0, 4, 1},
                 {"worst", 1, 1, 1},
                 {"consolidate", 0, 4, 1}};
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
        struct rig rig;
        rig_open(&rig, CASES[i].rule, "", GPUS, BUSY);
        cr_assert_eq(pick(&rig, 2), CASES[i].of_two, "%s", CASES[i].rule);
        cr_assert_eq(pick(&rig, 3), CASES[i].of_three, "%s", CASES[i].rule);
        cr_assert_eq(pick(&rig, 6), CASES[i].of_six, "%s", CASES[i].rule);
        cr_assert_eq(pick(&rig, 9), NODE_NONE, "%s", CASES[i].rule);
        rig_close(&rig);
    }
}

Test(choices, of_a_job_that_fits_on_one_node)
{
    expect_split("count", "", 5, "a2 b3");
    expect_split("first", "", 5, "b5");
    expect_split("best", "", 5, "c5");
    expect_split("worst", "", 5, "b5");
    expect_split("consolidate", "", 5, "c5");
    expect_split("consolidate", "strict=true", 5, "c5");
}

Test(choices, of_a_job_that_has_to_be_split)
{
    expect_split("count", "", 11, "a2 b8 c1");
    expect_split("first", "", 11, "a2 b8 c1");
    expect_split("first", "", 17, "a2 b8 d7");
    expect_split("best", "", 11, "b8 e3");
    expect_split("worst", "", 11, "b8 d3");
    expect_split("consolidate", "", 11, "b8 e3");
    expect_split("consolidate", "", 22, "b8 d8 c5 a1");
}

Test(choices, of_a_job_that_does_not_fit)
{
    for (const struct place_ops *const *rule = place_rules; *rule != NULL; rule++) {
        if ((*rule)->next_part != NULL) {
            expect_split((*rule)->name, "", 27, "");
        }
    }
}

Test(choices, strict_consolidation_waits_for_as_few_nodes_as_an_empty_cluster_needs)
{
    expect_split("consolidate", "strict=true", 16, "b8 d8");
    expect_split("consolidate", "strict=true", 11, "b8 e3");
    /* 22 need three nodes of the empty cluster, but four now. */
    expect_split("consolidate", "strict=true", 22, "");
    /* 21 are had on three nodes now. */
    expect_split("consolidate", "strict=true", 21, "b8 d8 c5");
}

Test(choices, strict_consolidation_uses_small_nodes_when_the_empty_cluster_would)
{
    static const uint32_t GPUS[] = {4, 8, 4, 2, 0};
    static const uint32_t IDLE[] = {0, 0, 0, 0};
    static const uint32_t BUSY[] = {0, 0, 1, 0};
    struct rig rig;
    char found[64];
    rig_open(&rig, "consolidate", "strict=true", GPUS, IDLE);
    split(&rig, 17, found, sizeof(found));
    cr_assert_str_eq(found, "b8 a4 c4 d1");
    rig_close(&rig);
    rig_open(&rig, "consolidate", "strict=true", GPUS, BUSY);
    split(&rig, 16, found, sizeof(found));
    cr_assert_str_eq(found, "");
    rig_close(&rig);
}

Test(choices, consolidation_counts_the_room_that_cpus_leave)
{
    /* b has most GPUs, but CPUs for two of them only. */
    struct rig rig;
    memset(&rig, 0, sizeof(rig));
    rig.rule = place_find("consolidate");
    cluster_init(&rig.cluster, NULL, 0);
    struct err err = {0};
    for (uint32_t i = 0; i < 3; i++) {
        static const char *const NAMES[] = {"a", "b", "c"};
        struct pool pool = {.name = NAMES[i],
                            .node_count = 1,
                            .gpu_count = i == 1 ? 8 : 4,
                            .model = NAMES_NONE,
                            .cpu_milli = i == 1 ? 2000 : 8000,
                            .memory_mib = UNLIMITED};
        struct node_draft node = {0};
        cr_assert(cluster_add_pool(&rig.cluster, &pool, &node, &err));
    }
    cluster_finish(&rig.cluster);
    cr_assert(param_read(rig.rule->params, "", view_of("strict=true"), rig.params, &err));
    cr_assert(rig.rule->init(rig.state, rig.params, &rig.cluster, 1, &err));
    struct request request = {.kind = GPU_WHOLE, .gpu_count = 8, .cpu_milli = 8000};
    uint32_t node = NODE_NONE;
    uint32_t count = 0;
    struct place_split split = {&request, ANYWHERE, 0};
    cr_assert(rig.rule->next_part(rig.state, &rig.cluster, &split, &node, &count));
    cr_assert_eq(node, 0);
    cr_assert_eq(count, 4);
    cluster_release_all(&rig.cluster);
}

/* Every node that fits is drawn about equally often: chi-square over 10 nodes, 9 degrees of
 * freedom, 99.9 % point 27.9. Two of twelve nodes do not fit; both ways of drawing are used. */
Test(choices, random_is_even)
{
    for (int many_misfits = 0; many_misfits < 2; many_misfits++) {
        enum { NODES = 400, DRAWS = 4000 };
        struct rig rig;
        memset(&rig, 0, sizeof(rig));
        rig.rule = place_find("random");
        cluster_init(&rig.cluster, NULL, 0);
        struct err err = {0};
        struct pool pool = {.name = "n",
                            .node_count = many_misfits ? NODES : 12,
                            .gpu_count = 1,
                            .model = NAMES_NONE,
                            .cpu_milli = UNLIMITED,
                            .memory_mib = UNLIMITED};
        struct node_draft draft = {0};
        cr_assert(cluster_add_pool(&rig.cluster, &pool, &draft, &err));
        cluster_finish(&rig.cluster);
        cr_assert(rig.rule->init(rig.state, rig.params, &rig.cluster, 3, &err));
        struct request one = {.kind = GPU_WHOLE, .gpu_count = 1};
        for (uint32_t i = 10; i < pool.node_count; i++) {
            struct grant grant;
            cluster_choose(&rig.cluster, i, &one, &grant);
            cluster_place(&rig.cluster, &grant);
        }
        int hits[10] = {0};
        for (int i = 0; i < DRAWS; i++) {
            uint32_t node = rig.rule->pick(rig.state, &rig.cluster, &one, ANYWHERE);
            cr_assert_lt(node, 10);
            hits[node]++;
        }
        double chi2 = 0;
        for (int i = 0; i < 10; i++) {
            chi2 += (hits[i] - DRAWS / 10.0) * (hits[i] - DRAWS / 10.0) / (DRAWS / 10.0);
        }
        cr_assert_lt(chi2, 27.9, "chi-square %g", chi2);
        rig_close(&rig);
    }
}
