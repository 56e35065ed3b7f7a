/*
 * supply_elastic.c - pools whose nodes are ordered when they are wanted and given back when they
 * idle; the rules are in sim/cluster/pool_supply.h.
 *
 * What is pending is kept as a sum and a heap a pool, from the records. At the end of an instant a
 * pool in which something changed is judged: what its pending jobs ask for beyond what is on its
 * way, in this pool or another one, is ordered, lowest numbers first. Nodes that changed in the
 * instant are read off the cluster, so that nobody looks at all of them.
 */
#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/engine/supply_run.h"

/* While more is wanted an idle node is not given back; it is looked at again no sooner than this.
 */
#define LEAST_LOOK_US (INT64_C(60) * 1000000)

void supply_add_elastic(struct sched_ctx *run, uint32_t number)
{
    struct supply *supply = run->supply;
    const struct pool *pool = &run->cluster->pools.items[number];
    struct elastic elastic = {
        .rules = &pool->supply->elastic,
        .pool = number,
        .queue = NAMES_NONE,
    };
    if (elastic.rules->queue != NULL) {
        elastic.queue = names_find(&run->workload->queues, view_of(elastic.rules->queue));
        elastic.nobody = elastic.queue == NAMES_NONE;
    }
    if (supply->elastic_nodes == NULL) {
        size_t nodes = run->cluster->nodes.count;
        supply->elastic_nodes = mem_alloc(nodes, sizeof(*supply->elastic_nodes));
        supply->elastic_of_pool =
            mem_alloc(run->cluster->pools.count, sizeof(*supply->elastic_of_pool));
    }
    bitset_init(&elastic.off, pool->node_count);
    for (uint32_t i = 0; i < pool->node_count; i++) {
        bitset_add(&elastic.off, i);
        supply->elastic_nodes[pool->first_node + i] = (struct elastic_node){-1, -1};
        supply_take_node(run, pool->first_node + i, SUPPLY_OFF);
    }
    vec_push(&supply->elastics, elastic);
    supply->elastic_of_pool[number] = (uint32_t)supply->elastics.count;
}

void supply_release_elastics(struct supply *supply)
{
    for (size_t i = 0; i < supply->elastics.count; i++) {
        bitset_release(&supply->elastics.items[i].off);
        heap_release(&supply->elastics.items[i].waiting);
    }
    vec_release(&supply->elastics);
    free(supply->elastic_nodes);
    free(supply->elastic_of_pool);
}

/* -- demand ---------------------------------------------------------------------------------- */

static bool could_use(const struct sched_ctx *run, const struct elastic *elastic, uint32_t job)
{
    const struct job *facts = &run->workload->jobs.items[job];
    uint64_t models = run->shapes[facts->shape].groups[0].request.models;
    uint32_t model = run->cluster->pools.items[elastic->pool].model;
    bool is_its_queue = elastic->queue == NAMES_NONE || elastic->queue == facts->queue;
    return !elastic->nobody && is_its_queue &&
           (models == 0 || (model != NAMES_NONE && (models >> model & 1) != 0));
}

void supply_note_demand(struct sched_ctx *run, const struct log_record *record)
{
    struct supply *supply = run->supply;
    bool comes =
        record->kind == LOG_SUBMIT || record->kind == LOG_PREEMPT || record->kind == LOG_INTERRUPT;
    if (!comes && record->kind != LOG_START) {
        return;
    }
    for (uint32_t i = 0; i < supply->elastics.count; i++) {
        struct elastic *elastic = &supply->elastics.items[i];
        if (!could_use(run, elastic, record->job)) {
            continue;
        }
        uint32_t shape = run->workload->jobs.items[record->job].shape;
        int64_t milli = run->shapes[shape].gpu_milli;
        elastic->is_dirty = true;
        if (comes) {
            elastic->pending_milli += milli;
            heap_push(&elastic->waiting, record->job, run->now_us);
        } else {
            elastic->pending_milli -= milli;
            heap_remove(&elastic->waiting, record->job);
        }
    }
}

static int64_t node_milli(const struct sched_ctx *run, const struct elastic *elastic)
{
    return INT64_C(1000) * run->cluster->pools.items[elastic->pool].gpu_count;
}

/* What is pending and for what nothing is on its way. */
static int64_t missing_milli(const struct sched_ctx *run, const struct elastic *elastic)
{
    int64_t milli = elastic->pending_milli;
    for (size_t i = 0; i < run->supply->elastics.count; i++) {
        const struct elastic *other = &run->supply->elastics.items[i];
        milli -= other->ordered * node_milli(run, other);
    }
    return milli;
}

/* Is more wanted than is there? */
static bool is_wanted(const struct sched_ctx *run, const struct elastic *elastic)
{
    if (heap_count(&elastic->waiting) == 0) {
        return false;
    }
    int64_t waited_us = run->now_us - heap_top(&elastic->waiting).key;
    return elastic->pending_milli > elastic->rules->demand_milli ||
           waited_us >= elastic->rules->wait_us;
}

static void order_nodes(struct sched_ctx *run, struct elastic *elastic, uint32_t count)
{
    const struct pool *pool = &run->cluster->pools.items[elastic->pool];
    int64_t at_us = time_add_us(run->now_us, elastic->rules->start_us);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = bitset_next(&elastic->off, 0);
        CHECK(place != BITSET_END);
        bitset_remove(&elastic->off, place);
        elastic->ordered++;
        event_queue_push(&run->supply->events, at_us, EVENT_REPAIR, pool->first_node + place,
                         ABOUT_ARRIVAL);
    }
}

static void judge(struct sched_ctx *run, struct elastic *elastic)
{
    elastic->is_dirty = false;
    const struct pool_supply *supply = run->cluster->pools.items[elastic->pool].supply;
    if (run->now_us < supply->arrives_us || run->now_us >= supply->leaves_us) {
        return;
    }
    uint32_t most = elastic->rules->most_nodes - elastic->there - elastic->ordered;
    most = most < elastic->off.count ? most : elastic->off.count;
    int64_t missing = missing_milli(run, elastic);
    bool is_covered = missing <= 0 && (elastic->pending_milli > 0 || elastic->ordered > 0);
    if (!is_wanted(run, elastic) || is_covered || most == 0) {
        return;
    }
    int64_t each = node_milli(run, elastic);
    int64_t wanted = each > 0 && missing > 0 ? (missing + each - 1) / each : 1;
    order_nodes(run, elastic, wanted < most ? (uint32_t)wanted : most);
}

void supply_look_at_demand(struct sched_ctx *run, uint32_t number)
{
    run->supply->elastics.items[number].is_dirty = true;
}

/* -- idle nodes ------------------------------------------------------------------------------ */

static bool is_idle(const struct sched_ctx *run, uint32_t number)
{
    const struct node *node = &run->cluster->nodes.items[number];
    const struct pool *pool = cluster_pool(run->cluster, number);
    int64_t milli = INT64_C(1000) * (pool->gpu_count - node->broken_gpus);
    return cluster_is_away(run->cluster, number) ||
           (node->free_gpu_milli == milli && node->free_cpu_milli == pool->cpu_milli &&
            node->free_memory_mib == pool->memory_mib);
}

static void look_at(struct sched_ctx *run, uint32_t number)
{
    struct supply *supply = run->supply;
    uint32_t place = supply->elastic_of_pool[run->cluster->nodes.items[number].pool];
    struct elastic_node *node = &supply->elastic_nodes[number];
    if (place == 0 || node->there_us < 0) {
        return;
    }
    bool idle = is_idle(run, number);
    if (idle && node->idle_us < 0) {
        const struct pool_elastic *rules = supply->elastics.items[place - 1].rules;
        node->idle_us = run->now_us;
        int64_t idle_until_us = time_add_us(run->now_us, rules->idle_us);
        int64_t least_until_us = time_add_us(node->there_us, rules->least_us);
        event_queue_push(&supply->events,
                         idle_until_us > least_until_us ? idle_until_us : least_until_us,
                         EVENT_TIMER, number, ABOUT_IDLE);
    } else if (!idle) {
        node->idle_us = -1;
    }
}

void supply_look_at_idle(struct sched_ctx *run, uint32_t number)
{
    struct supply *supply = run->supply;
    struct elastic_node *node = &supply->elastic_nodes[number];
    uint32_t pool = run->cluster->nodes.items[number].pool;
    struct elastic *elastic = &supply->elastics.items[supply->elastic_of_pool[pool] - 1];
    if (node->there_us < 0 || node->idle_us < 0 ||
        run->now_us - node->idle_us < elastic->rules->idle_us ||
        run->now_us - node->there_us < elastic->rules->least_us) {
        return; /* somebody came meanwhile, or it is another stretch of idling */
    }
    if (is_wanted(run, elastic)) {
        int64_t again_us =
            elastic->rules->idle_us > LEAST_LOOK_US ? elastic->rules->idle_us : LEAST_LOOK_US;
        event_queue_push(&supply->events, time_add_us(run->now_us, again_us), EVENT_TIMER, number,
                         ABOUT_IDLE);
        return;
    }
    *node = (struct elastic_node){-1, -1};
    elastic->there--;
    bitset_add(&elastic->off, number - run->cluster->pools.items[pool].first_node);
    supply_take_node(run, number, SUPPLY_OFF);
}

void supply_arrive(struct sched_ctx *run, uint32_t number)
{
    struct supply *supply = run->supply;
    uint32_t pool = run->cluster->nodes.items[number].pool;
    struct elastic *elastic = &supply->elastics.items[supply->elastic_of_pool[pool] - 1];
    CHECK(elastic->ordered > 0);
    elastic->ordered--;
    elastic->there++;
    elastic->is_dirty = true;
    supply->elastic_nodes[number] = (struct elastic_node){run->now_us, -1};
    supply_give_node(run, number, SUPPLY_OFF);
    look_at(run, number); /* it may never be used, and may be away for another cause */
}

/* -- the end of an instant ------------------------------------------------------------------- */

void supply_settle_elastics(struct sched_ctx *run)
{
    struct supply *supply = run->supply;
    const struct cluster *cluster = run->cluster;
    if (supply->elastics.count == 0) {
        return;
    }
    uint64_t count = cluster->change_count - supply->changes_seen;
    if (count > CLUSTER_RECENT_CHANGES) {
        for (uint32_t node = 0; node < cluster->nodes.count; node++) {
            look_at(run, node);
        }
    } else {
        for (uint64_t i = supply->changes_seen; i < cluster->change_count; i++) {
            look_at(run, cluster->recent_changes[i % CLUSTER_RECENT_CHANGES]);
        }
    }
    supply->changes_seen = cluster->change_count;
    for (uint32_t i = 0; i < supply->elastics.count; i++) {
        struct elastic *elastic = &supply->elastics.items[i];
        if (!elastic->is_dirty) {
            continue;
        }
        judge(run, elastic);
        if (elastic->rules->wait_us < INT64_MAX && heap_count(&elastic->waiting) > 0) {
            int64_t since_us = heap_top(&elastic->waiting).key;
            int64_t at_us = time_add_us(since_us, elastic->rules->wait_us);
            if (at_us > run->now_us) {
                event_queue_push(&supply->events, at_us, EVENT_TIMER, i, ABOUT_DEMAND);
            }
        }
    }
}
