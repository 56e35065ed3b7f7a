/*
 * supply.c - what the run has to run on changes: events that take nodes and GPUs away and give them
 * back; see supply.h.
 *
 * The events are in a queue of their own, so that what is left of the run can be told from them.
 * For every node there is a list of the jobs that began on it, so that those that have to stop are
 * found without looking at the others; who left meanwhile is dropped when the list has doubled.
 */
#include "sim/engine/supply.h"

#include <math.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>

#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/engine/run.h"

enum { LEAST_LIST = 16 };

/* A run in which nobody runs and nobody will be submitted ends when so much time, or so many
 * changes of supply, have passed without a start: what waits then waits for more than ever comes.
 */
#define MOST_QUIET_US (INT64_C(365) * 86400 * 1000000)
enum { MOST_QUIET_EVENTS = 1000000 };

/* In the `epoch` of an event: what its `job` counts. */
enum supply_event { ABOUT_SOURCE, ABOUT_OUTAGE };

/* What goes away, in the numbers of the cluster. */
struct outage {
    enum supply_unit unit;
    uint32_t level;  /* of a domain */
    uint32_t entity; /* node or domain */
    uint32_t gpu;    /* of SUPPLY_GPUS: which of the node */
};

/* Something that goes away and comes back again and again. */
struct source {
    const struct supply_law *law;
    struct outage what;
    uint32_t draws; /* so far: a number for each, so that no stream has to be kept */
};

struct node_supply {
    uint32_t causes;      /* that keep it away now */
    uint32_t *gpu_causes; /* by GPU, as soon as one has failed */
    VEC(uint32_t) jobs;   /* that began here; perhaps twice, perhaps gone */
    uint32_t limit;       /* of the list, before it is gone through */
};

struct supply {
    struct event_queue events;
    VEC(struct source) sources;
    VEC(struct outage) outages; /* of the log */
    struct node_supply *nodes;
    gsl_rng *stream;
    int64_t busy_us;       /* when a job last began, ended or was submitted */
    uint64_t quiet_events; /* since then */
};

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
    if (moves || record->kind == LOG_SUBMIT || record->kind == LOG_FINISH) {
        supply->busy_us = run->now_us;
        supply->quiet_events = 0;
    }
}

/* Stops whoever holds something of the node, or of these GPUs of it. */
static void interrupt_holders(struct sched_ctx *run, uint32_t node, uint64_t gpus)
{
    const struct node_supply *of = &run->supply->nodes[node];
    for (size_t i = 0; i < of->jobs.count; i++) {
        if (holds(run, of->jobs.items[i], node, gpus)) {
            run_interrupt_job(run, of->jobs.items[i]);
        }
    }
}

/* -- going and coming ------------------------------------------------------------------------ */

static void tell(struct sched_ctx *run, enum log_kind kind, const struct log_supply *supply)
{
    run_record(run, &(struct log_record){
                        .time_us = run->now_us, .kind = kind, .job = LOG_NO_JOB, .supply = supply});
}

static void break_gpu(struct sched_ctx *run, uint32_t node, uint32_t gpu, enum supply_cause cause)
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
    tell(run, LOG_AWAY, &(struct log_supply){node, gpu, 1000, cause});
}

static void mend_gpu(struct sched_ctx *run, uint32_t node, uint32_t gpu, enum supply_cause cause)
{
    cluster_mend_gpu(run->cluster, node, gpu);
    tell(run, LOG_BACK, &(struct log_supply){node, gpu, 1000, cause});
}

static int64_t node_milli(const struct sched_ctx *run, uint32_t node)
{
    return INT64_C(1000) * cluster_pool(run->cluster, node)->gpu_count;
}

/* While a node is away its broken GPUs count with it, not beside it. */
static void each_broken(struct sched_ctx *run, uint32_t node,
                        void (*change)(struct sched_ctx *, uint32_t, uint32_t, enum supply_cause))
{
    const uint32_t *causes = run->supply->nodes[node].gpu_causes;
    uint32_t count = cluster_pool(run->cluster, node)->gpu_count;
    for (uint32_t gpu = 0; causes != NULL && gpu < count; gpu++) {
        if (causes[gpu] > 0) {
            change(run, node, gpu, SUPPLY_FAILED);
        }
    }
}

static void take_node(struct sched_ctx *run, uint32_t node, enum supply_cause cause)
{
    if (run->supply->nodes[node].causes++ > 0) {
        return;
    }
    interrupt_holders(run, node, 0);
    vec_clear(&run->supply->nodes[node].jobs);
    each_broken(run, node, mend_gpu);
    cluster_take_away(run->cluster, node);
    tell(run, LOG_AWAY, &(struct log_supply){node, LOG_WHOLE_NODE, node_milli(run, node), cause});
}

static void give_node(struct sched_ctx *run, uint32_t node, enum supply_cause cause)
{
    CHECK(run->supply->nodes[node].causes > 0);
    if (--run->supply->nodes[node].causes > 0) {
        return;
    }
    cluster_bring_back(run->cluster, node);
    tell(run, LOG_BACK, &(struct log_supply){node, LOG_WHOLE_NODE, node_milli(run, node), cause});
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
        break_gpu(run, node, gpu, SUPPLY_FAILED);
    }
}

static void give_gpu(struct sched_ctx *run, uint32_t node, uint32_t gpu)
{
    struct node_supply *of = &run->supply->nodes[node];
    CHECK(of->gpu_causes != NULL && of->gpu_causes[gpu] > 0);
    if (--of->gpu_causes[gpu] == 0 && of->causes == 0) {
        mend_gpu(run, node, gpu, SUPPLY_FAILED);
    }
}

/* -- sources --------------------------------------------------------------------------------- */

static const char *purpose_of(const struct source *source)
{
    static const char *const PURPOSES[] = {
        [SUPPLY_NODES] = "supply.node",
        [SUPPLY_GPUS] = "supply.gpu",
        [SUPPLY_DOMAINS] = "supply.domain",
    };
    return PURPOSES[source->what.unit];
}

/* Rounded to microseconds, at least one of them: a source changes at most once an instant. */
static int64_t draw_us(struct sched_ctx *run, struct source *source, bool is_up)
{
    const struct supply_law *law = source->law;
    /* A number for every draw of everything there can be: entities stay apart below 2^24 draws. */
    uint64_t beside = source->what.unit == SUPPLY_GPUS      ? source->what.gpu
                      : source->what.unit == SUPPLY_DOMAINS ? source->what.level
                                                            : 0;
    uint64_t entity = beside << 44 | (uint64_t)source->what.entity << 24;
    rng_restart(run->supply->stream, run->settings->seed, purpose_of(source),
                entity + source->draws++);
    double length_us = 0;
    if (!is_up) {
        length_us = gsl_ran_exponential(run->supply->stream, law->mean_down_us);
    } else {
        double scale_us = law->mean_up_us / gsl_sf_gamma(1 + 1 / law->shape);
        length_us = gsl_ran_weibull(run->supply->stream, scale_us, law->shape);
    }
    return length_us < 1 ? 1 : length_us < 9e18 ? (int64_t)llround(length_us) : PARAM_NEVER_US;
}

static void schedule(struct sched_ctx *run, uint32_t number, bool is_up)
{
    int64_t length_us = draw_us(run, &run->supply->sources.items[number], is_up);
    int64_t at_us = time_add_us(run->now_us, length_us);
    if (at_us < PARAM_NEVER_US) {
        event_queue_push(&run->supply->events, at_us, is_up ? EVENT_FAIL : EVENT_REPAIR, number,
                         ABOUT_SOURCE);
    }
}

static void change_domain(struct sched_ctx *run, const struct outage *what, bool fails)
{
    const struct level *level = &run->cluster->levels[what->level];
    const struct domain *domain = &level->domains.items[what->entity];
    for (uint32_t node = domain->first_node; node <= domain->last_node; node++) {
        if (level->domain_of_node[node] == what->entity) {
            (fails ? take_node : give_node)(run, node, SUPPLY_FAILED);
        }
    }
}

static void change(struct sched_ctx *run, const struct outage *what, bool fails)
{
    switch (what->unit) {
    case SUPPLY_GPUS:
        (fails ? take_gpu : give_gpu)(run, what->entity, what->gpu);
        return;
    case SUPPLY_NODES:
        (fails ? take_node : give_node)(run, what->entity, SUPPLY_FAILED);
        return;
    case SUPPLY_DOMAINS:
        change_domain(run, what, fails);
        return;
    }
    CHECK_NEVER("a unit of supply");
}

/* -- the beginning and the end --------------------------------------------------------------- */

static void add_source(struct sched_ctx *run, const struct supply_law *law, struct outage what)
{
    vec_push(&run->supply->sources, ((struct source){law, what, 0}));
    schedule(run, (uint32_t)run->supply->sources.count - 1, true);
}

static bool find_level(const struct sched_ctx *run, uint32_t name, uint32_t *out, struct err *err)
{
    const char *label = names_get(&run->settings->supply->names, name);
    *out = cluster_find_level(run->cluster, label);
    return *out < CLUSTER_MOST_LEVELS ||
           err_set(err, ERR_USAGE, 0,
                   "'%.60s' fails, and the cluster has no topology level of this name; expected "
                   "node, gpu or one of its levels",
                   label);
}

static bool add_failures(struct sched_ctx *run, const struct supply_failures *failures,
                         struct err *err)
{
    const struct cluster *cluster = run->cluster;
    const struct supply_law *law = &failures->law;
    struct outage what = {.unit = failures->unit, .gpu = LOG_WHOLE_NODE};
    if (failures->unit == SUPPLY_DOMAINS) {
        if (!find_level(run, failures->name, &what.level, err)) {
            return err_locate(err, "--failures");
        }
        for (; what.entity < cluster->levels[what.level].domains.count; what.entity++) {
            add_source(run, law, what);
        }
        return true;
    }
    for (; what.entity < cluster->nodes.count; what.entity++) {
        if (failures->unit == SUPPLY_NODES) {
            add_source(run, law, what);
            continue;
        }
        for (what.gpu = 0; what.gpu < cluster_pool(cluster, what.entity)->gpu_count; what.gpu++) {
            add_source(run, law, what);
        }
    }
    return true;
}

static uint32_t find_domain(const struct level *level, const char *name)
{
    for (uint32_t i = 0; i < level->domains.count; i++) {
        if (strcmp(level->domains.items[i].name, name) == 0) {
            return i;
        }
    }
    return DOMAIN_NONE;
}

/* What the log names, in the numbers of the cluster. */
static bool find_outage(const struct sched_ctx *run, const struct supply_outage *told,
                        struct outage *out, struct err *err)
{
    const struct cluster *cluster = run->cluster;
    const char *name = names_get(&run->settings->supply->names, told->name);
    *out = (struct outage){.unit = told->unit, .gpu = told->gpu};
    if (told->unit == SUPPLY_DOMAINS) {
        if (!find_level(run, told->level, &out->level, err)) {
            err->line = told->line;
            return false;
        }
        out->entity = find_domain(&cluster->levels[out->level], name);
        return out->entity != DOMAIN_NONE ||
               err_set(err, ERR_FORMAT, told->line, "the cluster has no %.60s '%.60s'",
                       cluster->levels[out->level].label, name);
    }
    out->entity = cluster_find_node(cluster, name);
    if (out->entity == NODE_NONE) {
        return err_set(err, ERR_FORMAT, told->line, "the cluster has no node '%.60s'", name);
    }
    uint32_t gpus = cluster_pool(cluster, out->entity)->gpu_count;
    return told->unit == SUPPLY_NODES || told->gpu < gpus ||
           err_set(err, ERR_FORMAT, told->line, "node '%.60s' has %u GPUs, and gpu%u fails", name,
                   gpus, told->gpu);
}

/* Outages that begin before the first submit begin at it. */
static bool add_outages(struct sched_ctx *run, const struct supply_spec *spec, struct err *err)
{
    int64_t epoch_us = run->workload->epoch_us;
    for (uint32_t i = 0; i < spec->outages.count; i++) {
        const struct supply_outage *told = &spec->outages.items[i];
        struct outage outage;
        if (!find_outage(run, told, &outage, err)) {
            return err_locate(err, spec->log_path != NULL ? spec->log_path : "--failure-log");
        }
        bool returns = told->until_us < PARAM_NEVER_US;
        if (returns && told->until_us <= epoch_us) {
            continue;
        }
        int64_t from_us = told->from_us > epoch_us ? told->from_us - epoch_us : 0;
        uint32_t number = (uint32_t)run->supply->outages.count;
        vec_push(&run->supply->outages, outage);
        event_queue_push(&run->supply->events, from_us, EVENT_FAIL, number, ABOUT_OUTAGE);
        if (returns) {
            event_queue_push(&run->supply->events, told->until_us - epoch_us, EVENT_REPAIR, number,
                             ABOUT_OUTAGE);
        }
    }
    return true;
}

bool run_supply_open(struct sched_ctx *run, struct err *err)
{
    const struct supply_spec *spec = run->settings->supply;
    if (spec == NULL) {
        return true;
    }
    run->supply = mem_alloc(1, sizeof(*run->supply));
    run->supply->nodes = mem_alloc(run->cluster->nodes.count, sizeof(*run->supply->nodes));
    run->supply->stream = rng_new(run->settings->seed, "supply", 0);
    for (uint32_t i = 0; i < spec->failure_count; i++) {
        if (!add_failures(run, &spec->failures[i], err)) {
            return false;
        }
    }
    return add_outages(run, spec, err);
}

void run_supply_close(struct sched_ctx *run)
{
    struct supply *supply = run->supply;
    if (supply == NULL) {
        return;
    }
    for (uint32_t node = 0; node < run->cluster->nodes.count; node++) {
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

void run_supply_apply(struct sched_ctx *run)
{
    struct event event = event_queue_pop(&run->supply->events);
    bool fails = event_class_of(&event) == EVENT_FAIL;
    run->supply->quiet_events++;
    switch ((enum supply_event)event.epoch) {
    case ABOUT_SOURCE:
        change(run, &run->supply->sources.items[event.job].what, fails);
        schedule(run, event.job, !fails);
        return;
    case ABOUT_OUTAGE:
        change(run, &run->supply->outages.items[event.job], fails);
        return;
    }
    CHECK_NEVER("something that supply events are about");
}
