/* counterfactual.c - see counterfactual.h. */
#include "sim/cli/counterfactual.h"

#include "sim/base/check.h"
#include "sim/report/causes.h"

/* A world without a cause: what is not needed stays as it was. */
struct world {
    struct cluster cluster;
    bool has_cluster;
    struct engine_settings settings;
    bool drops_models;
    bool drops_levels;
};

/* -- clusters -------------------------------------------------------------------------------- */

static int64_t times(int64_t amount, uint32_t count)
{
    return amount == UNLIMITED ? UNLIMITED : amount * count;
}

static int64_t sum_of(int64_t a, int64_t b)
{
    return a == UNLIMITED || b == UNLIMITED ? UNLIMITED : a + b;
}

static bool may_join(const struct pool *one, const struct pool *pool)
{
    return one->model == pool->model && pool->mig_profile_count == 0 &&
           (uint64_t)one->gpu_count + (uint64_t)pool->gpu_count * pool->node_count <=
               NODE_MOST_DIVISIBLE_GPUS;
}

/* One divisible node of all pools of one model; MIG instances stay on their GPUs. */
static void add_merged(struct cluster *merged, const struct cluster *from, size_t first,
                       bool *is_done)
{
    struct pool one = from->pools.items[first];
    one.gpu_count = 0;
    one.cpu_milli = 0;
    one.memory_mib = 0;
    one.node_count = 1;
    one.divisible = true;
    for (size_t i = first; i < from->pools.count; i++) {
        const struct pool *pool = &from->pools.items[i];
        if (!is_done[i] && may_join(&one, pool)) {
            is_done[i] = true;
            one.gpu_count += pool->gpu_count * pool->node_count;
            one.cpu_milli = sum_of(one.cpu_milli, times(pool->cpu_milli, pool->node_count));
            one.memory_mib = sum_of(one.memory_mib, times(pool->memory_mib, pool->node_count));
        }
    }
    struct node_draft node = {.label_count = one.label_count, .labels = one.labels};
    struct err err = {0};
    CHECK(cluster_add_pool(merged, &one, &node, &err));
}

static void copy_names(struct cluster *to, const struct cluster *from)
{
    for (uint32_t i = 0; i < names_count(&from->models); i++) {
        (void)names_add(&to->models, view_of(names_get(&from->models, i)), NULL);
    }
    for (size_t i = 0; i < from->queues.count; i++) {
        vec_push(&to->queues, from->queues.items[i]);
    }
    memcpy(to->digest, from->digest, sizeof(to->digest));
}

static void merge_nodes(struct cluster *merged, const struct cluster *from)
{
    bool *is_done = mem_alloc(from->pools.count, sizeof(*is_done));
    struct err err = {0};
    cluster_init(merged, NULL, 0);
    copy_names(merged, from);
    for (size_t i = 0; i < from->pools.count; i++) {
        struct pool pool = from->pools.items[i];
        struct node_draft node = {.label_count = pool.label_count, .labels = pool.labels};
        if (pool.mig_profile_count > 0) {
            is_done[i] = true;
            CHECK(cluster_add_pool(merged, &pool, &node, &err));
        } else if (!is_done[i]) {
            add_merged(merged, from, i, is_done);
        }
    }
    cluster_finish(merged);
    free(is_done);
}

static void lift_limits(struct cluster *copy, const struct cluster *from)
{
    cluster_init_empty_copy(copy, from);
    for (size_t i = 0; i < copy->queues.count; i++) {
        copy->queues.items[i].gpu.limit = -1;
        copy->queues.items[i].cpu.limit = -1;
        copy->queues.items[i].memory.limit = -1;
    }
}

/* -- one run more ---------------------------------------------------------------------------- */

/* Pending time of all jobs, in hours. */
static double pending_hours(const struct causes *causes)
{
    double hours = 0;
    for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
        hours += (double)causes->total[i].job_us / 3.6e9;
    }
    return hours;
}

static bool run_world(struct replay *replay, const struct world *world, bool quiet, double *hours,
                      struct err *err)
{
    struct replay other = *replay;
    VEC(struct shape) shapes = {0};
    other.settings = world->settings;
    other.choice.out = NULL;
    other.choice.report.html = false;
    other.choice.report.log_decisions = false;
    if (world->has_cluster) {
        other.cluster = world->cluster;
    } else {
        cluster_init_empty_copy(&other.cluster, &replay->cluster);
    }
    for (size_t i = 0; i < replay->workload.shapes.count; i++) {
        struct shape shape = replay->workload.shapes.items[i];
        shape.models = world->drops_models ? NAMES_NONE : shape.models;
        shape.required_level = world->drops_levels ? NAMES_NONE : shape.required_level;
        shape.preferred_level = world->drops_levels ? NAMES_NONE : shape.preferred_level;
        vec_push(&shapes, shape);
    }
    other.workload.shapes.items = shapes.items;
    struct report *report = replay_run_quietly(&other, quiet, err);
    if (report != NULL) {
        *hours = pending_hours(report_causes(report));
    }
    report_free(report);
    cluster_release_all(&other.cluster);
    vec_release(&shapes);
    return report != NULL;
}

/* -- which causes ---------------------------------------------------------------------------- */

static void without_pieces(const struct replay *replay, struct world *world)
{
    merge_nodes(&world->cluster, &replay->cluster);
    world->has_cluster = true;
    world->drops_levels = true;
}

static void without_models(const struct replay *replay, struct world *world)
{
    (void)replay;
    world->drops_models = true;
}

static void without_limits(const struct replay *replay, struct world *world)
{
    lift_limits(&world->cluster, &replay->cluster);
    world->has_cluster = true;
}

static void without_period(const struct replay *replay, struct world *world)
{
    (void)replay;
    world->settings.pass = PASS_INSTANT;
}

static const struct {
    const char *words;
    enum wait_cause causes[3]; /* any of them; the first again where there are fewer */
    void (*make)(const struct replay *replay, struct world *world);
} removals[] = {
    {"no fragmentation, gangs or topology",
     {WAIT_FRAGMENTED, WAIT_GANG, WAIT_TOPOLOGY},
     without_pieces},
    {"any GPU model for any job", {WAIT_MODEL, WAIT_MODEL, WAIT_MODEL}, without_models},
    {"no limits of queues", {WAIT_LIMIT, WAIT_LIMIT, WAIT_LIMIT}, without_limits},
    {"the policy asked at once", {WAIT_PERIOD, WAIT_PERIOD, WAIT_PERIOD}, without_period},
};

static bool occurs(const struct causes *causes, const enum wait_cause *any)
{
    return causes->total[any[0]].job_us > 0 || causes->total[any[1]].job_us > 0 ||
           causes->total[any[2]].job_us > 0;
}

bool counterfactual_add(struct replay *replay, const struct report *told, bool quiet,
                        struct text *out, struct err *err)
{
    const struct causes *causes = report_causes(told);
    double before = pending_hours(causes);
    bool any = false;
    for (size_t i = 0; i < sizeof(removals) / sizeof(removals[0]); i++) {
        struct world world = {.settings = replay->settings};
        double after = 0;
        if (!occurs(causes, removals[i].causes)) {
            continue;
        }
        removals[i].make(replay, &world);
        if (!run_world(replay, &world, quiet, &after, err)) {
            return false;
        }
        text_addf(out, "With %s: pending time %+.1f %%\n", removals[i].words,
                  (after / before - 1) * 100);
        any = true;
    }
    if (!any) {
        text_add(out, "No job waited for a cause that can be removed.\n");
    }
    return true;
}
