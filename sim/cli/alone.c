/* alone.c - see alone.h. */
#include "sim/cli/alone.h"

#include <math.h>

#include "sim/base/check.h"

/* -- the part of a cluster ------------------------------------------------------------------- */

static int64_t scaled(int64_t amount, uint32_t gpus, uint32_t of)
{
    return amount == UNLIMITED || of == 0 ? amount : amount * gpus / of;
}

static void add(struct cluster *out, struct pool pool, uint32_t nodes)
{
    struct node_draft node = {.label_count = pool.label_count, .labels = pool.labels};
    struct err err = {0};
    pool.node_count = nodes;
    pool.supply = NULL; /* what is owed is owed all the time */
    CHECK(cluster_add_pool(out, &pool, &node, &err));
}

/* One node with so many of a pool's GPUs, and as much of the rest as goes with them. */
static void add_small(struct cluster *out, struct pool pool, uint32_t gpus)
{
    struct text name = {0};
    text_addf(&name, "%s-part", pool.name);
    pool.cpu_milli = scaled(pool.cpu_milli, gpus, pool.gpu_count);
    pool.memory_mib = scaled(pool.memory_mib, gpus, pool.gpu_count);
    pool.gpu_count = gpus;
    pool.name = name.bytes;
    add(out, pool, 1);
    text_release(&name);
}

void alone_cluster(const struct cluster *from, double share, struct cluster *out)
{
    const char *levels[CLUSTER_MOST_LEVELS];
    for (uint32_t i = 0; i < from->level_count; i++) {
        levels[i] = from->levels[i].label;
    }
    cluster_init(out, levels, from->level_count);
    for (uint32_t i = 0; i < names_count(&from->models); i++) {
        (void)names_add(&out->models, view_of(names_get(&from->models, i)), NULL);
    }
    uint32_t gpus = 0;
    for (size_t i = 0; i < from->pools.count; i++) {
        const struct pool *pool = &from->pools.items[i];
        double wanted = (double)pool->gpu_count * pool->node_count * share + 1e-9;
        uint32_t nodes = (uint32_t)(pool->node_count * share + 1e-9);
        uint32_t rest = (uint32_t)(wanted - (double)nodes * pool->gpu_count);
        if (nodes > 0) {
            add(out, *pool, nodes);
        }
        if (rest > 0) {
            add_small(out, *pool, rest);
        }
        gpus += nodes * pool->gpu_count + rest;
    }
    for (size_t i = 0; gpus == 0 && i < from->pools.count; i++) {
        if (from->pools.items[i].gpu_count > 0) {
            add_small(out, from->pools.items[i], 1);
            gpus = 1;
        }
    }
    if (out->nodes.count == 0) {
        add(out, from->pools.items[0], 1); /* no GPUs anywhere: a node of CPUs */
    }
    cluster_finish(out);
}

/* -- one queue ------------------------------------------------------------------------------- */

struct queue_run {
    const struct workload *workload; /* of the queue */
    const uint32_t *numbers;         /* of its jobs in the whole */
    int64_t *jct_us;
};

static void note_finish(void *self, const struct log_record *record)
{
    const struct queue_run *run = self;
    if (record->kind == LOG_FINISH) {
        run->jct_us[run->numbers[record->job]] =
            record->time_us - run->workload->jobs.items[record->job].submit_us;
    }
}

static bool run_queue(const struct replay *replay, uint32_t queue, double share, int64_t *jct_us,
                      struct err *err)
{
    VEC(uint32_t) numbers = {0};
    struct workload workload = replay->workload;
    workload.jobs.items = NULL;
    workload.jobs.count = 0;
    workload.jobs.capacity = 0;
    for (uint32_t i = 0; i < replay->workload.jobs.count; i++) {
        if (replay->workload.jobs.items[i].queue == queue) {
            vec_push(&workload.jobs, replay->workload.jobs.items[i]);
            vec_push(&numbers, i);
        }
    }
    struct cluster cluster;
    struct engine_settings settings = replay->settings;
    settings.causes = false;
    settings.supply = NULL; /* a cluster of its own, whose nodes have other names */
    alone_cluster(&replay->cluster, share, &cluster);
    struct queue_run run = {&workload, numbers.items, jct_us};
    struct log_sink sink = {&run, note_finish};
    struct engine_input input = {
        .settings = &settings,
        .workload = &workload,
        .cluster = &cluster,
        .policy = replay->policy.ops,
        .policy_params = replay->policy.params,
        .place = replay->place.ops,
        .place_params = replay->place.params,
        .sinks = &sink,
        .sink_count = 1,
    };
    struct engine_result result = {0};
    bool ok = numbers.count == 0 || engine_run(&input, &result, err);
    cluster_release_all(&cluster);
    vec_release(&workload.jobs);
    vec_release(&numbers);
    return ok;
}

/* -- all of them ----------------------------------------------------------------------------- */

static double weight_of(const struct cluster *cluster, const char *name)
{
    for (size_t i = 0; i < cluster->queues.count; i++) {
        const struct queue_spec *spec = &cluster->queues.items[i];
        if (strcmp(spec->name, name) == 0) {
            return spec->gpu.weight > 0 ? spec->gpu.weight : 1;
        }
    }
    return 1;
}

bool alone_run(const struct replay *replay, int64_t *jct_us, struct err *err)
{
    const struct workload *workload = &replay->workload;
    uint32_t queues = names_count(&workload->queues);
    double *weights = mem_alloc(queues, sizeof(*weights));
    double sum = 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        uint32_t queue = workload->jobs.items[i].queue;
        jct_us[i] = TIME_UNKNOWN;
        if (!(weights[queue] > 0)) {
            weights[queue] = weight_of(&replay->cluster, names_get(&workload->queues, queue));
            sum += weights[queue];
        }
    }
    bool ok = true;
    for (uint32_t queue = 0; ok && queue < queues; queue++) {
        ok = !(weights[queue] > 0) || run_queue(replay, queue, weights[queue] / sum, jct_us, err);
    }
    free(weights);
    return ok;
}
