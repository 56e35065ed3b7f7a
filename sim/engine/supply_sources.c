/*
 * supply_sources.c - what changes the supply, found in the cluster: failures by laws, the log,
 * arrivals and departures of pools, maintenance, spot; and how often it is to be expected.
 */
#include <math.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>

#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/engine/supply_run.h"

static const char *purpose_of(const struct source *source)
{
    static const char *const PURPOSES[] = {
        [OUTAGE_NODE] = "supply.node",
        [OUTAGE_GPU] = "supply.gpu",
        [OUTAGE_DOMAIN] = "supply.domain",
        [OUTAGE_POOL] = "supply.pool",
    };
    return source->what.cause == SUPPLY_TAKEN ? "supply.spot" : PURPOSES[source->what.unit];
}

/* Rounded to microseconds, at least one of them: a source changes at most once an instant. */
static int64_t draw_us(struct sched_ctx *run, struct source *source, bool is_up)
{
    const struct supply_law *law = &source->law;
    /* A number for every draw of everything there can be: entities stay apart below 2^24 draws. */
    uint64_t beside = source->what.unit == OUTAGE_GPU      ? source->what.gpu
                      : source->what.unit == OUTAGE_DOMAIN ? source->what.level
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

void supply_schedule(struct sched_ctx *run, uint32_t number, bool is_up)
{
    int64_t length_us = draw_us(run, &run->supply->sources.items[number], is_up);
    int64_t at_us = time_add_us(run->now_us, length_us);
    if (at_us < PARAM_NEVER_US) {
        event_queue_push(&run->supply->events, at_us, is_up ? EVENT_FAIL : EVENT_REPAIR, number,
                         ABOUT_SOURCE);
    }
}

/* -- what is known before the run ------------------------------------------------------------- */

static enum outage_unit unit_of(enum supply_unit unit)
{
    return unit == SUPPLY_NODES ? OUTAGE_NODE : unit == SUPPLY_GPUS ? OUTAGE_GPU : OUTAGE_DOMAIN;
}

static void add_source(struct sched_ctx *run, struct supply_law law, struct outage what)
{
    vec_push(&run->supply->sources, ((struct source){law, what, 0}));
    supply_schedule(run, (uint32_t)run->supply->sources.count - 1, true);
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
    struct outage what = {.unit = unit_of(failures->unit), .gpu = LOG_WHOLE_NODE};
    if (failures->unit == SUPPLY_DOMAINS) {
        if (!find_level(run, failures->name, &what.level, err)) {
            return err_locate(err, "--failures");
        }
        for (; what.entity < cluster->levels[what.level].domains.count; what.entity++) {
            add_source(run, failures->law, what);
        }
        return true;
    }
    for (; what.entity < cluster->nodes.count; what.entity++) {
        if (failures->unit == SUPPLY_NODES) {
            add_source(run, failures->law, what);
            continue;
        }
        for (what.gpu = 0; what.gpu < cluster_pool(cluster, what.entity)->gpu_count; what.gpu++) {
            add_source(run, failures->law, what);
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
    *out = (struct outage){.unit = unit_of(told->unit), .gpu = told->gpu};
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

/* Its number; from_us < 0: it has begun already, until_us PARAM_NEVER_US: it never ends. */
static uint32_t add_outage(struct sched_ctx *run, const struct outage *outage, int64_t from_us,
                           int64_t until_us)
{
    struct supply *supply = run->supply;
    uint32_t number = (uint32_t)supply->outages.count;
    vec_push(&supply->outages, *outage);
    if (from_us >= 0) {
        event_queue_push(&supply->events, from_us, EVENT_FAIL, number, ABOUT_OUTAGE);
    }
    if (until_us < PARAM_NEVER_US) {
        event_queue_push(&supply->events, until_us, EVENT_REPAIR, number, ABOUT_OUTAGE);
    }
    return number;
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
        int64_t until_us = returns ? told->until_us - epoch_us : PARAM_NEVER_US;
        (void)add_outage(run, &outage, from_us, until_us);
    }
    return true;
}

static void add_maintenance(struct sched_ctx *run, uint32_t pool, const struct pool_window *window)
{
    struct supply *supply = run->supply;
    struct outage what = {.unit = OUTAGE_POOL, .entity = pool, .cause = SUPPLY_MAINTAINED};
    uint32_t number = add_outage(run, &what, window->from_us, window->to_us);
    if (window->drain_us > 0) {
        int64_t closes_us =
            window->from_us > window->drain_us ? window->from_us - window->drain_us : 0;
        event_queue_push(&supply->events, closes_us, EVENT_FAIL, number, ABOUT_DRAIN);
        event_queue_push(&supply->events, window->to_us, EVENT_REPAIR, number, ABOUT_DRAIN);
    }
}

static void add_pool(struct sched_ctx *run, uint32_t number)
{
    const struct pool *pool = &run->cluster->pools.items[number];
    const struct pool_supply *supply = pool->supply;
    struct outage absent = {.unit = OUTAGE_POOL, .entity = number, .cause = SUPPLY_ABSENT};
    if (supply->arrives_us > 0) {
        (void)add_outage(run, &absent, -1, supply->arrives_us);
    }
    if (supply->leaves_us < PARAM_NEVER_US) {
        (void)add_outage(run, &absent, supply->leaves_us, PARAM_NEVER_US);
    }
    for (uint32_t i = 0; i < supply->window_count; i++) {
        add_maintenance(run, number, &supply->windows[i]);
    }
    for (uint32_t i = 0; supply->spot.mean_up_us > 0 && i < pool->node_count; i++) {
        struct supply_law law = {supply->spot.mean_up_us, supply->spot.mean_away_us, 1};
        add_source(run, law,
                   (struct outage){.entity = pool->first_node + i,
                                   .gpu = LOG_WHOLE_NODE,
                                   .cause = SUPPLY_TAKEN});
    }
}

bool supply_add_all(struct sched_ctx *run, struct err *err)
{
    const struct supply_spec *spec = run->settings->supply;
    for (uint32_t i = 0; spec != NULL && i < spec->failure_count; i++) {
        if (!add_failures(run, &spec->failures[i], err)) {
            return false;
        }
    }
    if (spec != NULL && !add_outages(run, spec, err)) {
        return false;
    }
    for (uint32_t i = 0; i < run->cluster->pools.count; i++) {
        if (run->cluster->pools.items[i].supply != NULL) {
            add_pool(run, i);
        }
    }
    return true;
}

/* -- how often anything fails ----------------------------------------------------------------- */

/* Is the grant the first one of its node, or of its domain of this level? */
static bool is_first_of(const grant_vec *grants, size_t at, const struct level *level)
{
    uint32_t node = grants->items[at].node;
    for (size_t i = 0; i < at; i++) {
        uint32_t other = grants->items[i].node;
        if (level == NULL ? other == node
                          : level->domain_of_node[other] == level->domain_of_node[node]) {
            return false;
        }
    }
    return true;
}

static double rate_of(const struct sched_ctx *run, const struct supply_failures *failures,
                      const grant_vec *grants)
{
    const struct level *level = NULL;
    if (failures->unit == SUPPLY_DOMAINS) {
        const char *label = names_get(&run->settings->supply->names, failures->name);
        level = &run->cluster->levels[cluster_find_level(run->cluster, label)];
    }
    int64_t count = 0;
    for (size_t i = 0; i < grants->count; i++) {
        const struct grant *grant = &grants->items[i];
        if (failures->unit == SUPPLY_GPUS) {
            /* Of a divisible node all that is known is how much it holds. */
            count += grant->gpus != 0 ? __builtin_popcountll(grant->gpus)
                                      : (grant->gpu_milli + 999) / 1000;
        } else if (is_first_of(grants, i, level)) {
            count += level == NULL || level->domain_of_node[grant->node] != DOMAIN_NONE ? 1 : 0;
        }
    }
    return (double)count / failures->law.mean_up_us;
}

double run_supply_failure_rate(const struct sched_ctx *run, const grant_vec *grants)
{
    const struct supply_spec *spec = run->settings->supply;
    bool spot = cluster_has_supply(run->cluster);
    double rate = 0;
    for (uint32_t i = 0; spec != NULL && i < spec->failure_count; i++) {
        rate += rate_of(run, &spec->failures[i], grants);
    }
    for (size_t i = 0; spot && i < grants->count; i++) {
        const struct pool_supply *supply =
            cluster_pool(run->cluster, grants->items[i].node)->supply;
        bool counts = supply != NULL && supply->spot.mean_up_us > 0 && is_first_of(grants, i, NULL);
        rate += counts ? 1 / supply->spot.mean_up_us : 0;
    }
    return rate;
}
