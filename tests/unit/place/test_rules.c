/* test_rules.c - what every placement rule keeps to, on random clusters full and empty. */
#include <string.h>

#include <criterion/criterion.h>

#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/place.h"

static uint32_t draw(gsl_rng *stream, uint32_t below)
{
    return (uint32_t)gsl_rng_uniform_int(stream, below);
}

static const struct mig_profile SMALL = {1, 10};
static const struct mig_profile LARGE = {3, 40};

static void make_cluster(gsl_rng *stream, struct cluster *out)
{
    static const uint32_t GPUS[] = {1, 2, 4, 8, 8, 16, 100};
    static const char *const LEVELS[] = {"rack"};
    static const char *const RACKS[] = {"a", "b"};
    cluster_init(out, LEVELS, 1);
    (void)names_add(&out->models, view_of("V100"), NULL);
    (void)names_add(&out->models, view_of("A100"), NULL);
    uint32_t pools = 1 + draw(stream, 4);
    for (uint32_t i = 0; i < pools; i++) {
        char name[2] = {(char)('a' + i), '\0'};
        struct label label = {"rack", RACKS[draw(stream, 2)]};
        struct pool pool = {
            .name = name, .gpu_memory_mib = 100, .cpu_milli = UNLIMITED, .memory_mib = UNLIMITED};
        pool.node_count = 1 + draw(stream, 6);
        pool.gpu_count = GPUS[draw(stream, sizeof(GPUS) / sizeof(*GPUS))];
        pool.model = draw(stream, 2);
        if (draw(stream, 2) == 0) {
            pool.cpu_milli = 1000 * (int64_t)(1 + draw(stream, 32));
        }
        if (pool.gpu_count <= NODE_MOST_GPUS && draw(stream, 5) == 0) {
            pool.mig_profile_count = 2;
            pool.mig_profiles[0] = SMALL;
            pool.mig_profiles[1] = LARGE;
            pool.gpu_memory_mib = 81920;
        }
        struct node_draft node = {.label_count = 1, .labels = &label};
        struct err err = {0};
        CHECK(cluster_add_pool(out, &pool, &node, &err));
    }
    cluster_finish(out);
}

static struct request make_request(gsl_rng *stream)
{
    struct request request = {.kind = draw(stream, GPU_MIG + 1), .gpu_count = 1 + draw(stream, 3)};
    if (request.kind == GPU_NONE) {
        request.gpu_count = 0;
    } else if (request.kind == GPU_MIG) {
        request.mig_profile = draw(stream, 2) == 0 ? SMALL : LARGE;
    }
    if (request.kind == GPU_WHOLE) {
        request.gpu_count = 1 + draw(stream, 40);
    }
    request.gpu_milli = request.kind == GPU_FRACTION ? 1 + draw(stream, 999) : 0;
    request.gpu_memory_mib = request.kind == GPU_MEMORY ? 1 + draw(stream, 100) : 0;
    request.cpu_milli = draw(stream, 2) == 0 ? 0 : draw(stream, 20000);
    request.models = draw(stream, 4);
    return request;
}

/* One rule at work on one cluster. */
struct bench {
    const struct place_ops *rule;
    void *state;
    void *params;
    struct cluster cluster;
    grant_vec held;
    gsl_rng *stream;
};

static void open_bench(struct bench *bench, const struct place_ops *rule, const char *settings,
                       uint64_t seed)
{
    *bench = (struct bench){.rule = rule, .stream = rng_new(seed, "test.rules", 0)};
    make_cluster(bench->stream, &bench->cluster);
    bench->state = mem_alloc(1, rule->state_size + 1);
    bench->params = mem_alloc(1, rule->params_size + 1);
    struct err err = {0};
    cr_assert(param_read(rule->params, rule->name, view_of(settings), bench->params, &err), "%s",
              err.msg);
    cr_assert(rule->init == NULL ||
              rule->init(bench->state, bench->params, &bench->cluster, seed, &err));
}

static void close_bench(struct bench *bench)
{
    if (bench->rule->release != NULL) {
        bench->rule->release(bench->state);
    }
    free(bench->state);
    free(bench->params);
    vec_release(&bench->held);
    cluster_release_all(&bench->cluster);
    gsl_rng_free(bench->stream);
}

static struct node_filter make_filter(struct bench *bench)
{
    struct node_filter filter = {0, DOMAIN_ANY};
    if (draw(bench->stream, 3) == 0) {
        filter.domain = draw(bench->stream, (uint32_t)bench->cluster.levels[0].domains.count);
    }
    return filter;
}

static bool passes(const struct bench *bench, uint32_t node, struct node_filter filter)
{
    return filter.domain == DOMAIN_ANY ||
           bench->cluster.levels[0].domain_of_node[node] == filter.domain;
}

static void place_task(struct bench *bench, const struct request *request,
                       struct node_filter filter)
{
    uint32_t node = bench->rule->pick(bench->state, &bench->cluster, request, filter);
    uint32_t any = cluster_first_fit(&bench->cluster, request, filter, 0);
    cr_assert_eq(node == NODE_NONE, any == NODE_NONE, "%s overlooks a node", bench->rule->name);
    if (node == NODE_NONE) {
        return;
    }
    cr_assert(cluster_fits(&bench->cluster, node, request), "%s", bench->rule->name);
    cr_assert(passes(bench, node, filter), "%s leaves the domain", bench->rule->name);
    struct grant grant;
    cluster_choose(&bench->cluster, node, request, &grant);
    cluster_place(&bench->cluster, &grant);
    vec_push(&bench->held, grant);
}

/* How many GPUs of the job all nodes together have room for. */
static uint64_t whole_room(const struct bench *bench, const struct request *request,
                           struct node_filter filter)
{
    uint64_t room = 0;
    for (uint32_t i = 0; i < bench->cluster.nodes.count; i++) {
        room += passes(bench, i, filter) ? cluster_whole_room(&bench->cluster, i, request) : 0;
    }
    return room;
}

/* Places a free shape part by part; what was placed is in held, or nothing was. */
static bool place_parts(struct bench *bench, const struct request *request,
                        struct node_filter filter)
{
    size_t before = bench->held.count;
    struct grant sum = {0};
    for (uint32_t placed = 0; placed < request->gpu_count;) {
        uint32_t node = NODE_NONE;
        uint32_t count = 0;
        struct place_split split = {request, filter, placed};
        if (!bench->rule->next_part(bench->state, &bench->cluster, &split, &node, &count)) {
            while (bench->held.count > before) {
                struct grant grant = vec_pop(&bench->held);
                cluster_undo(&bench->cluster, &grant);
            }
            return false;
        }
        cr_assert_leq(count, request->gpu_count - placed, "%s", bench->rule->name);
        cr_assert_leq(count, cluster_whole_room(&bench->cluster, node, request),
                      "%s splits "
                      "beyond room",
                      bench->rule->name);
        cr_assert(count > 0 && passes(bench, node, filter), "%s", bench->rule->name);
        struct grant grant;
        cluster_choose_part(&bench->cluster, node, request, placed, count, &grant);
        cluster_place(&bench->cluster, &grant);
        vec_push(&bench->held, grant);
        sum.gpu_milli += grant.gpu_milli;
        sum.cpu_milli += grant.cpu_milli;
        placed += count;
    }
    cr_assert_eq(sum.gpu_milli, INT64_C(1000) * request->gpu_count);
    cr_assert_eq(sum.cpu_milli, request->cpu_milli);
    return true;
}

static void run_rule(const struct place_ops *rule, const char *settings, uint64_t seed)
{
    struct bench bench;
    open_bench(&bench, rule, settings, seed);
    bool is_strict = strcmp(settings, "strict=true") == 0;
    for (uint32_t step = 0; step < 150; step++) {
        struct request request = make_request(bench.stream);
        struct node_filter filter = make_filter(&bench);
        if (bench.held.count > 0 && draw(bench.stream, 3) == 0) {
            uint32_t i = draw(bench.stream, (uint32_t)bench.held.count);
            cluster_release(&bench.cluster, &bench.held.items[i]);
            bench.held.items[i] = vec_pop(&bench.held);
        } else if (rule->next_part != NULL && request.kind == GPU_WHOLE &&
                   draw(bench.stream, 2) == 0) {
            int64_t free_milli = bench.cluster.free_gpu_milli;
            uint64_t room = whole_room(&bench, &request, filter);
            bool placed = place_parts(&bench, &request, filter);
            cr_assert(placed ? room >= request.gpu_count : is_strict || room < request.gpu_count,
                      "%s has room for %u of %u", rule->name, (unsigned)room, request.gpu_count);
            cr_assert(placed || bench.cluster.free_gpu_milli == free_milli);
        } else {
            place_task(&bench, &request, filter);
        }
    }
    cluster_check(&bench.cluster);
    while (bench.held.count > 0) {
        struct grant grant = vec_pop(&bench.held);
        cluster_release(&bench.cluster, &grant);
    }
    cluster_check(&bench.cluster);
    cr_assert_eq(bench.cluster.free_gpu_milli, bench.cluster.gpu_milli);
    close_bench(&bench);
}

Test(rules, place_only_where_there_is_room_and_wherever_there_is)
{
    for (const struct place_ops *const *rule = place_rules; *rule != NULL; rule++) {
        for (uint64_t seed = 1; seed <= 60; seed++) {
            run_rule(*rule, "", seed);
        }
    }
    for (uint64_t seed = 1; seed <= 60; seed++) {
        run_rule(place_find("consolidate"), "strict=true", seed);
    }
}

Test(rules, are_complete_sorted_and_found_by_name)
{
    const char *last = "";
    for (const struct place_ops *const *rule = place_rules; *rule != NULL; rule++) {
        cr_assert_lt(strcmp(last, (*rule)->name), 0, "%s after %s", (*rule)->name, last);
        last = (*rule)->name;
        cr_assert_eq(place_find(last), *rule);
        cr_assert_not_null((*rule)->pick, "%s", last);
        cr_assert_gt(strlen((*rule)->help), 0, "%s", last);
        cr_assert_gt(strlen((*rule)->source), 0, "%s", last);
    }
    cr_assert_null(place_find("worse"));
    cr_assert_null(place_find(""));
}

/* Two runs of a rule with equal seeds make equal choices. */
Test(rules, repeat_themselves)
{
    for (const struct place_ops *const *rule = place_rules; *rule != NULL; rule++) {
        uint32_t nodes[2][50] = {{0}};
        for (int run = 0; run < 2; run++) {
            struct bench bench;
            open_bench(&bench, *rule, "", 5);
            struct request one = {.kind = GPU_WHOLE, .gpu_count = 1};
            for (int i = 0; i < 50; i++) {
                size_t before = bench.held.count;
                place_task(&bench, &one, (struct node_filter){0, DOMAIN_ANY});
                nodes[run][i] = bench.held.count > before
                                    ? bench.held.items[bench.held.count - 1].node
                                    : NODE_NONE;
            }
            close_bench(&bench);
        }
        cr_assert_eq(memcmp(nodes[0], nodes[1], sizeof(nodes[0])), 0, "%s", (*rule)->name);
    }
}
