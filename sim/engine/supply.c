/*
 * supply.c - what the run has to run on changes: events that take nodes and GPUs away and give them
 * back; see supply.h.
 *
 * The events are in a queue of their own, so that what is left of the run can be told from them.
 * For every node there is a list of the jobs that began on it, so that those that have to stop are
 * found without looking at the others; who left meanwhile is dropped when the list has doubled.
 */
#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/engine/supply_run.h"

enum { LEAST_LIST = 16 };

/* A run in which nobody runs and nobody will be submitted ends when so much time, or so many
 * changes of supply, have passed without a start: what waits then waits for more than ever comes.
 */
#define MOST_QUIET_US (INT64_C(365) * 86400 * 1000000)
enum { MOST_QUIET_EVENTS = 1000000 };

/* -- jobs on nodes --------------------------------------------------------------------------- */

static bool holds(const struct sched_ctx *run, uint32_t job, uint32_t node, uint64_t gpus)
{
    if (run->jobs[job].state != SCHED_RUNNING) {
        return false;
    }
    const grant_vec *grants = &run->placements.items[run->jobs[job].placement];
    for (size_t i = 0; i < grants->count; i++) {
        const struct grant *grant = &grants->items[i];
        if (grant->node == node && (gpus == 0 || (grant->gpus & gpus) != 0)) {
            return true;
        }
    }
    return false;
}

static void add_job(struct sched_ctx *run, uint32_t number, uint32_t job)
{
    struct node_supply *node = &run->supply->nodes[number];
    if (node->jobs.count > 0 && node->jobs.items[node->jobs.count - 1] == job) {
        return;
    }
    if (node->jobs.count >= node->limit) {
        size_t kept = 0;
        for (size_t i = 0; i < node->jobs.count; i++) {
            if (holds(run, node->jobs.items[i], number, 0)) {
                node->jobs.items[kept++] = node->jobs.items[i];
            }
        }
        node->jobs.count = kept;
        node->limit = 2 * (uint32_t)kept > LEAST_LIST ? 2 * (uint32_t)kept : LEAST_LIST;
    }
    vec_push(&node->jobs, job);
}

void run_supply_note(struct sched_ctx *run, const struct log_record *record)
{
    struct supply *supply = run->supply;
    if (supply == NULL || record->job == LOG_NO_JOB) {
        return;
    }
    bool moves =
        record->kind == LOG_START || record->kind == LOG_RESIZE || record->kind == LOG_MIGRATE;
    for (uint32_t i = 0; moves && i < record->grant_count; i++) {
        add_job(run, record->grants[i].node, record->job);
    }
    supply_note_demand(run, record);
    if (moves || record->kind == LOG_SUBMIT || record->kind == LOG_FINISH) {
        supply->busy_us = run->now_us;
        supply->quiet_events = 0;
    }
}

/* Stops whoever holds something of the node, or of these GPUs of it: not who ends at this instant
 * and has given it back before its turn, by which an elastic node may have become idle. */
static void interrupt_holders(struct sched_ctx *run, uint32_t node, uint64_t gpus)
{
    const struct node_supply *of = &run->supply->nodes[node];
    for (size_t i = 0; i < of->jobs.count; i++) {
        uint32_t job = of->jobs.items[i];
        if (!run->jobs[job].released_early && holds(run, job, node, gpus)) {
            run_interrupt_job(run, job);
        }
    }
}

/* -- going and coming ------------------------------------------------------------------------ */

static void tell(struct sched_ctx *run, enum log_kind kind, const struct log_supply *supply)
{
    run_record(run, &(struct log_record){
                        .time_us = run->now_us, .kind = kind, .job = LOG_NO_JOB, .supply = supply});
}

static bool lacks_gpus(const struct sched_ctx *run, uint32_t node)
{
    const uint32_t *causes = run->supply->nodes[node].gpu_causes;
    uint32_t count = cluster_pool(run->cluster, node)->gpu_count;
    for (uint32_t gpu = 0; causes != NULL && gpu < count; gpu++) {
        if (causes[gpu] > 0) {
            return true;
        }
    }
    return false;
}

/* Something of the node has changed: is it short of anything? */
static void note_short(struct sched_ctx *run, uint32_t node)
{
    const struct node_supply *of = &run->supply->nodes[node];
    if (of->causes > 0 || of->closings > 0 || lacks_gpus(run, node)) {
        bitset_add(&run->supply->short_nodes, node);
    } else {
        bitset_remove(&run->supply->short_nodes, node);
    }
}

static void break_gpu(struct sched_ctx *run, uint32_t node, uint32_t gpu, bool again)
{
    struct node *at = &run->cluster->nodes.items[node];
    if (cluster_pool(run->cluster, node)->divisible) {
        /* Nobody knows who is on it: whoever began last goes. */
        const struct node_supply *of = &run->supply->nodes[node];
        for (size_t i = of->jobs.count; i > 0 && at->free_gpu_milli < 1000; i--) {
            if (holds(run, of->jobs.items[i - 1], node, 0)) {
                run_interrupt_job(run, of->jobs.items[i - 1]);
            }
        }
    } else {
        interrupt_holders(run, node, UINT64_C(1) << gpu);
    }
    cluster_break_gpu(run->cluster, node, gpu);
    tell(run, LOG_AWAY, &(struct log_supply){node, gpu, 1000, SUPPLY_FAILED, again});
}

static void mend_gpu(struct sched_ctx *run, uint32_t node, uint32_t gpu, bool again)
{
    cluster_mend_gpu(run->cluster, node, gpu);
    tell(run, LOG_BACK, &(struct log_supply){node, gpu, 1000, SUPPLY_FAILED, again});
}

static int64_t node_milli(const struct sched_ctx *run, uint32_t node)
{
    return INT64_C(1000) * cluster_pool(run->cluster, node)->gpu_count;
}

/* While a node is away its broken GPUs count with it, not beside it. */
static void each_broken(struct sched_ctx *run, uint32_t node,
                        void (*change)(struct sched_ctx *, uint32_t, uint32_t, bool))
{
    const uint32_t *causes = run->supply->nodes[node].gpu_causes;
    uint32_t count = cluster_pool(run->cluster, node)->gpu_count;
    for (uint32_t gpu = 0; causes != NULL && gpu < count; gpu++) {
        if (causes[gpu] > 0) {
            change(run, node, gpu, true);
        }
    }
}

void supply_take_node(struct sched_ctx *run, uint32_t node, enum supply_cause cause)
{
    run->supply->nodes[node].absent += cause == SUPPLY_ABSENT ? 1 : 0;
    if (run->supply->nodes[node].causes++ > 0) {
        return;
    }
    note_short(run, node);
    interrupt_holders(run, node, 0);
    vec_clear(&run->supply->nodes[node].jobs);
    each_broken(run, node, mend_gpu);
    cluster_take_away(run->cluster, node);
    tell(run, LOG_AWAY,
         &(struct log_supply){node, LOG_WHOLE_NODE, node_milli(run, node), cause, false});
}

void supply_give_node(struct sched_ctx *run, uint32_t node, enum supply_cause cause)
{
    CHECK(run->supply->nodes[node].causes > 0);
    run->supply->nodes[node].absent -= cause == SUPPLY_ABSENT ? 1 : 0;
    if (--run->supply->nodes[node].causes > 0) {
        return;
    }
    note_short(run, node);
    cluster_bring_back(run->cluster, node);
    tell(run, LOG_BACK,
         &(struct log_supply){node, LOG_WHOLE_NODE, node_milli(run, node), cause, false});
    each_broken(run, node, break_gpu);
}

static void take_gpu(struct sched_ctx *run, uint32_t node, uint32_t gpu)
{
    struct node_supply *of = &run->supply->nodes[node];
    if (of->gpu_causes == NULL) {
        of->gpu_causes =
            mem_alloc(cluster_pool(run->cluster, node)->gpu_count, sizeof(*of->gpu_causes));
    }
    if (of->gpu_causes[gpu]++ == 0 && of->causes == 0) {
        break_gpu(run, node, gpu, false);
    }
    note_short(run, node);
}

static void give_gpu(struct sched_ctx *run, uint32_t node, uint32_t gpu)
{
    struct node_supply *of = &run->supply->nodes[node];
    CHECK(of->gpu_causes != NULL && of->gpu_causes[gpu] > 0);
    if (--of->gpu_causes[gpu] == 0 && of->causes == 0) {
        mend_gpu(run, node, gpu, false);
    }
    note_short(run, node);
}

static void change_node(struct sched_ctx *run, uint32_t node, enum supply_cause cause, bool goes)
{
    if (goes) {
        supply_take_node(run, node, cause);
    } else {
        supply_give_node(run, node, cause);
    }
}

static void close_node(struct sched_ctx *run, uint32_t node, enum supply_cause cause, bool begins)
{
    (void)cause; /* a drain has no other */
    struct node_supply *of = &run->supply->nodes[node];
    if (begins && of->closings++ == 0) {
        cluster_close_node(run->cluster, node);
    } else if (!begins && --of->closings == 0) {
        cluster_open_node(run->cluster, node);
    }
    note_short(run, node);
}

/* What is to be done to a node: true at the beginning, false at the end. */
typedef void change_of_node(struct sched_ctx *, uint32_t, enum supply_cause, bool);

static void change_all(struct sched_ctx *run, const struct outage *what, bool goes,
                       change_of_node *change)
{
    const struct cluster *cluster = run->cluster;
    if (what->unit == OUTAGE_NODE) {
        change(run, what->entity, what->cause, goes);
    } else if (what->unit == OUTAGE_POOL) {
        const struct pool *pool = &cluster->pools.items[what->entity];
        for (uint32_t i = 0; i < pool->node_count; i++) {
            change(run, pool->first_node + i, what->cause, goes);
        }
    } else {
        const struct level *level = &cluster->levels[what->level];
        const struct domain *domain = &level->domains.items[what->entity];
        for (uint32_t node = domain->first_node; node <= domain->last_node; node++) {
            if (level->domain_of_node[node] == what->entity) {
                change(run, node, what->cause, goes);
            }
        }
    }
}

void supply_change(struct sched_ctx *run, const struct outage *what, bool goes)
{
    if (what->unit == OUTAGE_GPU) {
        (goes ? take_gpu : give_gpu)(run, what->entity, what->gpu);
    } else {
        change_all(run, what, goes, change_node);
    }
}

/* -- the beginning and the end --------------------------------------------------------------- */

bool run_supply_open(struct sched_ctx *run, struct err *err)
{
    if (run->settings->supply == NULL && !cluster_has_supply(run->cluster)) {
        return true;
    }
    run->supply = mem_alloc(1, sizeof(*run->supply));
    run->supply->nodes = mem_alloc(run->cluster->nodes.count, sizeof(*run->supply->nodes));
    bitset_init(&run->supply->short_nodes, (uint32_t)run->cluster->nodes.count);
    run->supply->stream = rng_new(run->settings->seed, "supply", 0);
    return supply_add_all(run, err);
}

void run_supply_begin(struct sched_ctx *run)
{
    for (uint32_t i = 0; run->supply != NULL && i < run->cluster->pools.count; i++) {
        const struct pool_supply *supply = run->cluster->pools.items[i].supply;
        if (supply != NULL && supply->arrives_us > 0) {
            struct outage absent = {.unit = OUTAGE_POOL, .entity = i, .cause = SUPPLY_ABSENT};
            supply_change(run, &absent, true);
        }
        if (supply != NULL && supply->elastic.given) {
            supply_add_elastic(run, i);
        }
    }
}

void run_supply_close(struct sched_ctx *run)
{
    struct supply *supply = run->supply;
    if (supply == NULL) {
        return;
    }
    supply_release_elastics(supply);
    for (uint32_t node = 0; node < run->cluster->nodes.count; node++) {
        if (supply->nodes[node].closings > 0) {
            cluster_open_node(run->cluster, node);
        }
        const uint32_t *causes = supply->nodes[node].gpu_causes;
        if (supply->nodes[node].causes > 0) {
            cluster_bring_back(run->cluster, node);
        } else {
            for (uint32_t gpu = 0; run->cluster->nodes.items[node].broken_gpus > 0; gpu++) {
                if (causes[gpu] > 0) {
                    cluster_mend_gpu(run->cluster, node, gpu);
                }
            }
        }
        free(supply->nodes[node].gpu_causes);
        vec_release(&supply->nodes[node].jobs);
    }
    bitset_release(&supply->short_nodes);
    gsl_rng_free(supply->stream);
    vec_release(&supply->sources);
    vec_release(&supply->outages);
    event_queue_release(&supply->events);
    free(supply->nodes);
    free(supply);
    run->supply = NULL;
}

/* -- the events ------------------------------------------------------------------------------ */

const struct event *run_supply_next(const struct sched_ctx *run, const struct event *other)
{
    const struct event *own = run->supply == NULL ? NULL : event_queue_top(&run->supply->events);
    if (own == NULL || other == NULL) {
        return own;
    }
    bool is_first = own->time_us < other->time_us ||
                    (own->time_us == other->time_us && own->order < other->order);
    return is_first ? own : NULL;
}

bool run_supply_matters(const struct sched_ctx *run)
{
    const struct supply *supply = run->supply;
    const struct event *next = event_queue_top(&supply->events);
    return next != NULL && run->progress.jobs_ended < run->progress.jobs_submitted &&
           next->time_us - supply->busy_us <= MOST_QUIET_US &&
           supply->quiet_events < MOST_QUIET_EVENTS;
}

void run_supply_settle(struct sched_ctx *run)
{
    if (run->supply != NULL) {
        supply_settle_elastics(run);
    }
}

void run_supply_overlook(struct sched_ctx *run)
{
    if (run->supply != NULL) {
        run->supply->changes_seen = run->cluster->change_count;
    }
}

bool run_supply_apply(struct sched_ctx *run)
{
    struct supply *supply = run->supply;
    struct event event = event_queue_pop(&supply->events);
    bool goes = event_class_of(&event) == EVENT_FAIL;
    uint64_t changes = run->cluster->presence_changes;
    supply->quiet_events++;
    switch ((enum supply_event)event.epoch) {
    case ABOUT_SOURCE:
        supply_change(run, &supply->sources.items[event.job].what, goes);
        supply_schedule(run, event.job, !goes);
        break;
    case ABOUT_OUTAGE:
        supply_change(run, &supply->outages.items[event.job], goes);
        break;
    case ABOUT_DRAIN:
        change_all(run, &supply->outages.items[event.job], goes, close_node);
        break;
    case ABOUT_ARRIVAL:
        supply_arrive(run, event.job);
        break;
    case ABOUT_DEMAND:
        supply_look_at_demand(run, event.job);
        break;
    case ABOUT_IDLE:
        supply_look_at_idle(run, event.job);
        break;
    }
    return run->cluster->presence_changes != changes;
}

/* -- what if all were there ------------------------------------------------------------------ */

bool run_supply_is_short(const struct sched_ctx *run)
{
    return run->supply != NULL && run->supply->short_nodes.count > 0;
}

static void pretend_gpus(struct sched_ctx *run, uint32_t node, bool whole)
{
    const uint32_t *causes = run->supply->nodes[node].gpu_causes;
    uint32_t count = cluster_pool(run->cluster, node)->gpu_count;
    for (uint32_t gpu = 0; causes != NULL && gpu < count; gpu++) {
        if (causes[gpu] > 0) {
            (whole ? cluster_mend_gpu : cluster_break_gpu)(run->cluster, node, gpu);
        }
    }
}

void run_supply_pretend(struct sched_ctx *run, bool whole)
{
    struct cluster *cluster = run->cluster;
    const struct supply *supply = run->supply;
    uint64_t releases = cluster->releases;
    uint64_t presence_changes = cluster->presence_changes;
    for (uint32_t node = bitset_next(&supply->short_nodes, 0); node != BITSET_END;
         node = bitset_next(&supply->short_nodes, node + 1)) {
        const struct node_supply *of = &supply->nodes[node];
        if (of->absent > 0) {
            continue; /* nobody could have it */
        }
        if (of->closings > 0) {
            (whole ? cluster_open_node : cluster_close_node)(cluster, node);
        }
        if (of->causes > 0) {
            (whole ? cluster_bring_back : cluster_take_away)(cluster, node);
        } else {
            pretend_gpus(run, node, whole);
        }
    }
    /* As if nothing had been: nobody is to look for what came and went. */
    cluster->releases = releases;
    cluster->presence_changes = presence_changes;
}
