/* trial.c - see trial.h. */
#include "sim/plan/trial.h"

#include <math.h>
#include <pthread.h>

#include "sim/base/check.h"
#include "sim/base/parallel.h"
#include "sim/report/causes.h"
#include "sim/report/pools.h"
#include "sim/transform/scale.h"

enum { RUN_NUMBERS = 2 * LEVEL_MOST + PLAN_NUMBERS + PLAN_MOST_METERED + 1 };

struct plan_bench {
    struct plan_bench_input input;
    struct plan_store *store;
    VEC(struct plan_tried *) tried;
    struct plan_demands *demands;
    size_t runs;
};

struct plan_bench *plan_bench_new(const struct plan_bench_input *input, struct plan_store *store)
{
    struct plan_bench *bench = mem_alloc(1, sizeof(*bench));
    bench->input = *input;
    bench->store = store;
    bench->demands = plan_demands_new(&input->demand);
    return bench;
}

const struct plan_bench_input *plan_bench_input(const struct plan_bench *bench)
{
    return &bench->input;
}

void plan_bench_free(struct plan_bench *bench)
{
    for (size_t i = 0; i < bench->tried.count; i++) {
        vec_release(&bench->tried.items[i]->outcomes);
        free(bench->tried.items[i]);
    }
    plan_demands_free(bench->demands);
    vec_release(&bench->tried);
    free(bench);
}

/* -- one run --------------------------------------------------------------------------------- */

static bool wants_metrics(const struct plan_study *study)
{
    bool wants = study->least == LEAST_METRIC;
    for (size_t i = 0; i < study->levels.count; i++) {
        wants = wants || study->levels.items[i].kind == LEVEL_METRIC;
    }
    return wants;
}

static void take_metrics(const struct plan_study *study, const struct report *report,
                         struct plan_outcome *out)
{
    const struct metric_source source = {report_numbers(report), report_equity(report),
                                         report_causes(report)};
    for (size_t i = 0; i < study->levels.count; i++) {
        const struct plan_level *level = &study->levels.items[i];
        if (level->kind == LEVEL_METRIC) {
            double value = metrics[level->metric].of(&source);
            out->sums[i] = (struct level_sum){isnan(value) ? (double)INFINITY : value, 1};
        }
    }
    if (study->least == LEAST_METRIC) {
        double value = metrics[study->metric].of(&source);
        out->numbers[PLAN_METRIC] = isnan(value) ? (double)INFINITY : value;
    }
}

/* Nodes there in the mean, of every metered pool. */
static void take_there(const struct plan_study *study, const struct report *report,
                       struct plan_outcome *out)
{
    const struct pools *pools = report_pools(report);
    size_t metered = 0;
    for (size_t i = 0; i < study->prices.count; i++) {
        if (!study->prices.items[i].is_metered) {
            continue;
        }
        for (size_t k = 0; k < pools->uses.count; k++) {
            const struct pool_use *use = &pools->uses.items[k];
            if (strcmp(use->name, study->prices.items[i].name) == 0 && use->since_us > 0) {
                out->there[metered] = (double)use->node_us / (double)use->since_us;
            }
        }
        metered++;
    }
}

/* Watts in the mean over the run: nodes that were there, and their GPUs in use. */
static double mean_power_w(const struct plan_study *study, const struct report *report)
{
    const struct pools *pools = report_pools(report);
    double sum_w = 0;
    for (size_t k = 0; k < pools->uses.count; k++) {
        const struct pool_use *use = &pools->uses.items[k];
        for (size_t i = 0; i < study->prices.count && use->since_us > 0; i++) {
            const struct plan_price *price = &study->prices.items[i];
            if (strcmp(use->name, price->name) == 0 && price->gpus > 0) {
                double nodes = (double)use->node_us / (double)use->since_us;
                double busy = (double)use->held_milli_us / (double)use->since_us / 1000;
                sum_w += nodes * price->idle_w + busy / price->gpus * price->busy_w;
            }
        }
    }
    return sum_w;
}

static void take_numbers(const struct plan_study *study, const struct report *report,
                         const struct workload *workload, const struct cluster *cluster,
                         struct plan_outcome *out)
{
    const struct report_numbers *numbers = report_numbers(report);
    out->numbers[PLAN_MEAN_WAIT_S] = numbers->wait_censored.mean;
    out->numbers[PLAN_P95_WAIT_S] = numbers->wait_censored.p95;
    out->numbers[PLAN_ALLOCATION] = numbers->allocation_ratio;
    out->numbers[PLAN_OFFERED] = scale_offered_load(workload, (double)cluster->gpu_milli / 1000);
    out->numbers[PLAN_CENSORED] = numbers->counts.running + numbers->counts.pending;
    out->numbers[PLAN_REJECTED] = numbers->counts.rejected;
    out->numbers[PLAN_POWER_W] = mean_power_w(study, report);
    take_there(study, report, out);
    if (wants_metrics(study)) {
        take_metrics(study, report, out);
    }
}

struct run_choice {
    const struct plan_candidate *candidate;
    const struct plan_world *world;
    uint32_t replication;
    bool may_stop; /* when a level is broken by far */
};

static void take_look(const struct plan_study *study, const struct report *report,
                      const struct level_meter *meter, struct plan_look *look)
{
    const struct causes *causes = report_causes(report);
    double sum = 0;
    for (int cause = 0; cause < WAIT_CAUSE_COUNT; cause++) {
        look->causes[cause] = (double)causes->total[cause].job_us;
        sum += look->causes[cause];
    }
    for (int cause = 0; sum > 0 && cause < WAIT_CAUSE_COUNT; cause++) {
        look->causes[cause] /= sum;
    }
    for (uint32_t i = 0; i < study->levels.count; i++) {
        level_meter_hours(meter, i, look->hours[i]);
    }
}

/* The study's settings, with what is otherwise in the world. */
static void set_world(const struct plan_bench *bench, const struct run_choice *choice,
                      struct engine_settings *settings, struct supply_spec *supply)
{
    const struct plan_world *world = choice->world;
    *settings = *bench->input.settings;
    settings->seed = replicate_seed(bench->input.demand.replicate->seed, choice->replication);
    if (world->estimates == WORLD_ESTIMATES_EXACT) {
        settings->estimates = ESTIMATES_ORACLE;
    } else if (world->estimates == WORLD_ESTIMATES_ROUGH) {
        settings->estimates = ESTIMATES_NOISY;
        settings->noise_sigma = 0.7; /* half of them are off by 1.6 or more, a third by 2 */
    }
    if (settings->supply != NULL) {
        *supply = *settings->supply;
        for (uint32_t i = 0; i < supply->failure_count; i++) {
            supply->failures[i].law.mean_up_us /= world->failures;
        }
        settings->supply = supply;
    }
}

/* `look` NULL: nobody looks. */
static bool run_once(const struct plan_bench *bench, const struct run_choice *choice,
                     const struct workload *workload, struct plan_outcome *out,
                     struct plan_look *look, struct err *err)
{
    const struct plan_study *study = bench->input.demand.study;
    const struct grid_policy *policy = &bench->input.policies[choice->candidate->policy];
    struct cluster cluster;
    if (!plan_candidate_cluster(study, choice->candidate, &cluster, err)) {
        return false;
    }
    struct engine_settings settings;
    struct supply_spec supply;
    set_world(bench, choice, &settings, &supply);
    struct report_options options;
    report_options_init(&options);
    options.warmup_us = llround(study->warmup_s * 1e6);
    options.fairness = wants_metrics(study);
    options.causes = look != NULL || options.fairness;
    options.pools = true;
    settings.causes = options.causes;
    struct report *report = report_open(&options, workload, &cluster, NULL, err);
    struct level_meter meter;
    level_meter_init(&meter, workload, study->levels.items, (uint32_t)study->levels.count,
                     options.warmup_us);
    struct log_sink sinks[] = {report_sink(report), level_meter_sink(&meter)};
    struct engine_input input = {
        .settings = &settings,
        .workload = workload,
        .cluster = &cluster,
        .policy = policy->ops,
        .policy_params = policy->params,
        .place = policy->place,
        .place_params = policy->place_params,
        .sinks = sinks,
        .sink_count = 2,
        .stop = choice->may_stop ? &meter.hopeless : NULL,
    };
    struct engine_result result = {0};
    struct report_run nothing = {0};
    bool ok = engine_run(&input, &result, err) && report_close(report, &nothing, err);
    if (ok) {
        out->would_stop = meter.hopeless != 0;
        out->is_best = result.stopped;
        level_meter_take(&meter, out->sums);
        take_numbers(study, report, workload, &cluster, out);
    }
    if (ok && out->is_best) {
        level_meter_take_best(&meter, out->sums);
        for (size_t i = 0; i < PLAN_NUMBERS; i++) {
            out->numbers[i] = (double)NAN;
        }
    }
    if (ok && look != NULL) {
        take_look(study, report, &meter, look);
    }
    level_meter_release(&meter);
    report_free(report);
    cluster_release_all(&cluster);
    return ok;
}

/* -- many runs ------------------------------------------------------------------------------- */

struct item {
    struct plan_demand *demand;
    uint32_t replication;
    uint32_t scenario;
    char whole_key[DIGEST_TEXT]; /* of the run to its end */
    char key[DIGEST_TEXT];       /* of the run that may be stopped */
    bool recalled;
    bool made;
    struct plan_outcome outcome;
    struct err err;
};

struct campaign {
    struct plan_bench *bench;
    bool may_stop;
    const struct plan_candidate *candidate;
    const struct plan_world *world;
    struct item *items;
    size_t count;
    pthread_mutex_t lock;
    size_t done;
    bool gave_up;
};

static void make_keys(const struct plan_bench *bench, const struct plan_tried *tried,
                      struct item *item)
{
    const struct plan_study *study = bench->input.demand.study;
    struct text text = {0};
    char *cluster = plan_candidate_json(study, &tried->candidate);
    text_addf(&text, "%s\n%s\n%s\n%u\n", bench->input.identity, cluster,
              study->policies.items[tried->candidate.policy],
              study->least == LEAST_METRIC ? study->metric + 1 : 0);
    free(cluster);
    for (size_t i = 0; i < study->levels.count; i++) {
        level_add_key(&text, &study->levels.items[i]);
    }
    const struct plan_world *world = &tried->world;
    text_addf(&text, "%.17g %.17g %.17g %.17g %d %u %.17g %u\n", world->factor, world->durations,
              world->years, world->failures, (int)world->estimates, item->scenario, study->warmup_s,
              item->replication);
    digest_bytes(text.bytes, text.length, item->whole_key);
    for (size_t i = 0; i < study->levels.count; i++) { /* where it stops */
        text_addf(&text, "%.17g %.17g\n", study->levels.items[i].share,
                  study->levels.items[i].bound);
    }
    digest_bytes(text.bytes, text.length, item->key);
    text_release(&text);
}

static void pack(const struct plan_outcome *outcome, double *numbers)
{
    numbers[RUN_NUMBERS - 1] = outcome->is_best ? 1 : 0;
    for (size_t i = 0; i < LEVEL_MOST; i++) {
        numbers[2 * i] = outcome->sums[i].top;
        numbers[2 * i + 1] = outcome->sums[i].bottom;
    }
    memcpy(numbers + 2 * (size_t)LEVEL_MOST, outcome->numbers, sizeof(outcome->numbers));
    memcpy(numbers + 2 * (size_t)LEVEL_MOST + PLAN_NUMBERS, outcome->there, sizeof(outcome->there));
}

static void unpack(const double *numbers, struct plan_outcome *outcome)
{
    outcome->is_best = numbers[RUN_NUMBERS - 1] > 0;
    for (size_t i = 0; i < LEVEL_MOST; i++) {
        outcome->sums[i] = (struct level_sum){numbers[2 * i], numbers[2 * i + 1]};
    }
    memcpy(outcome->numbers, numbers + 2 * (size_t)LEVEL_MOST, sizeof(outcome->numbers));
    memcpy(outcome->there, numbers + 2 * (size_t)LEVEL_MOST + PLAN_NUMBERS, sizeof(outcome->there));
}

static void tell(struct campaign *campaign)
{
    struct plan_bench *bench = campaign->bench;
    (void)pthread_mutex_lock(&campaign->lock);
    campaign->done++;
    bench->runs++;
    if (bench->input.progress != NULL &&
        !bench->input.progress(bench->input.progress_self, bench->runs,
                               bench->runs + campaign->count - campaign->done)) {
        campaign->gave_up = true;
    }
    (void)pthread_mutex_unlock(&campaign->lock);
}

/* A run that would not be stopped is the same whether it may be or not. */
static bool remember(struct campaign *campaign, struct item *item)
{
    struct plan_store *store = campaign->bench->store;
    double numbers[RUN_NUMBERS];
    pack(&item->outcome, numbers);
    bool is_whole = !item->outcome.is_best;
    bool is_stopped = item->outcome.is_best || !item->outcome.would_stop;
    return (!is_whole ||
            plan_store_add(store, item->whole_key, numbers, RUN_NUMBERS, &item->err)) &&
           (!is_stopped || plan_store_add(store, item->key, numbers, RUN_NUMBERS, &item->err));
}

static const double *recall(const struct campaign *campaign, const struct item *item)
{
    return plan_store_find(campaign->bench->store, campaign->may_stop ? item->key : item->whole_key,
                           RUN_NUMBERS);
}

static void run_item(void *arg, size_t i)
{
    struct campaign *campaign = arg;
    struct plan_bench *bench = campaign->bench;
    struct item *item = &campaign->items[i];
    (void)pthread_mutex_lock(&campaign->lock);
    const double *known = recall(campaign, item);
    if (known != NULL) {
        unpack(known, &item->outcome);
        item->recalled = true;
        item->made = true;
    }
    bool skips = campaign->gave_up;
    (void)pthread_mutex_unlock(&campaign->lock);
    if (item->recalled || skips) {
        if (!skips) {
            tell(campaign);
        }
        return;
    }
    const struct run_choice choice = {campaign->candidate, campaign->world, item->replication,
                                      campaign->may_stop};
    if (!item->demand->made) {
        item->err = item->demand->err;
        return;
    }
    item->made =
        run_once(bench, &choice, &item->demand->workload, &item->outcome, NULL, &item->err);
    if (item->made) {
        (void)pthread_mutex_lock(&campaign->lock);
        item->made = remember(campaign, item);
        (void)pthread_mutex_unlock(&campaign->lock);
        tell(campaign);
    }
}

static void make_item_demand(void *arg, size_t i)
{
    const struct campaign *campaign = arg;
    struct item *item = &campaign->items[i];
    if (item->demand != NULL && !item->demand->made) {
        (void)plan_demand_make(campaign->bench->demands, item->demand);
    }
}

/* Adds the scenarios of one replication by their weights. */
static void merge(const struct plan_study *study, const struct item *items,
                  struct plan_outcome *out)
{
    double weights = 0;
    *out = (struct plan_outcome){0};
    for (size_t s = 0; s < study->scenarios.count; s++) {
        double weight = study->scenarios.items[s].weight;
        weights += weight;
        out->is_best = out->is_best || items[s].outcome.is_best;
        for (size_t i = 0; i < LEVEL_MOST; i++) {
            out->sums[i].top += weight * items[s].outcome.sums[i].top;
            out->sums[i].bottom += weight * items[s].outcome.sums[i].bottom;
        }
        for (size_t i = 0; i < PLAN_NUMBERS; i++) {
            out->numbers[i] += weight * items[s].outcome.numbers[i];
        }
        for (size_t i = 0; i < PLAN_MOST_METERED; i++) {
            out->there[i] += weight * items[s].outcome.there[i];
        }
    }
    for (size_t i = 0; i < PLAN_NUMBERS; i++) {
        out->numbers[i] /= weights;
    }
    for (size_t i = 0; i < PLAN_MOST_METERED; i++) {
        out->there[i] /= weights;
    }
}

void plan_there(const struct plan_tried *tried, double there[PLAN_MOST_METERED])
{
    for (size_t i = 0; i < PLAN_MOST_METERED; i++) {
        there[i] = 0;
        for (size_t r = 0; r < tried->outcomes.count; r++) {
            there[i] += tried->outcomes.items[r].there[i];
        }
        there[i] /= (double)tried->outcomes.count;
    }
}

/* What it costs is known now, with what is paid for by use. */
static void update_spend(const struct plan_study *study, struct plan_tried *tried)
{
    struct plan_candidate *candidate = &tried->candidate;
    double there[PLAN_MOST_METERED];
    size_t metered = 0;
    *candidate = plan_candidate_of(study, candidate->nodes, candidate->policy);
    plan_there(tried, there);
    for (size_t i = 0; i < study->prices.count; i++) {
        const struct plan_price *price = &study->prices.items[i];
        if (price->is_metered) {
            candidate->micro_per_hour += llround(there[metered++] * (double)price->micro_per_hour);
        }
    }
    double power_w = plan_number_of(tried, PLAN_POWER_W);
    candidate->power_w = isnan(power_w) ? candidate->power_w : power_w;
    plan_candidate_set_spend(study, candidate);
}

/* Runs these replications of a candidate; the results go to their places. */
static bool run_replications(struct plan_bench *bench, struct plan_tried *tried,
                             const uint32_t *replications, size_t count, bool may_stop,
                             struct err *err)
{
    const struct plan_study *study = bench->input.demand.study;
    size_t scenarios = study->scenarios.count;
    struct campaign campaign = {
        .bench = bench,
        .may_stop = may_stop,
        .candidate = &tried->candidate,
        .world = &tried->world,
        .count = count * scenarios,
    };
    (void)pthread_mutex_init(&campaign.lock, NULL);
    campaign.items = mem_alloc(campaign.count, sizeof(*campaign.items));
    for (size_t i = 0; i < campaign.count; i++) {
        struct item *item = &campaign.items[i];
        item->replication = replications[i / scenarios];
        item->scenario = (uint32_t)(i % scenarios);
        make_keys(bench, tried, item);
        if (recall(&campaign, item) == NULL) {
            item->demand =
                plan_demands_get(bench->demands, &tried->world, item->scenario, item->replication);
        }
    }
    parallel_for(campaign.count, bench->input.threads, make_item_demand, &campaign);
    parallel_for(campaign.count, bench->input.threads, run_item, &campaign);
    bool ok = !campaign.gave_up || err_set(err, ERR_IO, 0, "stopped before the end");
    for (size_t i = 0; ok && i < campaign.count; i++) {
        if (!campaign.items[i].made) {
            *err = campaign.items[i].err;
            ok = false;
        }
    }
    for (size_t r = 0; ok && r < count; r++) {
        merge(study, &campaign.items[r * scenarios], &tried->outcomes.items[replications[r]]);
    }
    if (ok) {
        update_spend(study, tried);
    }
    (void)pthread_mutex_destroy(&campaign.lock);
    free(campaign.items);
    plan_demands_drop(bench->demands);
    return ok;
}

static struct plan_tried *find_tried(struct plan_bench *bench,
                                     const struct plan_candidate *candidate,
                                     const struct plan_world *world)
{
    const struct plan_study *study = bench->input.demand.study;
    for (size_t i = 0; i < bench->tried.count; i++) {
        struct plan_tried *tried = bench->tried.items[i];
        if (plan_candidate_covers(study, &tried->candidate, candidate) &&
            plan_candidate_covers(study, candidate, &tried->candidate) &&
            plan_world_same(&tried->world, world)) {
            return tried;
        }
    }
    struct plan_tried *tried = mem_alloc(1, sizeof(*tried));
    tried->candidate = *candidate;
    tried->world = *world;
    vec_push(&bench->tried, tried);
    return tried;
}

/* Runs what is missing of so many replications: of a whole try, those that were stopped as well. */
static bool extend(struct plan_bench *bench, struct plan_tried *tried, uint32_t replications,
                   bool may_stop, struct err *err)
{
    VEC(uint32_t) missing = {0};
    size_t have = tried->outcomes.count;
    for (uint32_t r = 0; r < replications; r++) {
        if (r >= have) {
            vec_push(&tried->outcomes, (struct plan_outcome){0});
        }
        if (r >= have || (!may_stop && tried->outcomes.items[r].is_best)) {
            vec_push(&missing, r);
        }
    }
    bool ok = missing.count == 0 ||
              run_replications(bench, tried, missing.items, missing.count, may_stop, err);
    if (!ok) {
        tried->outcomes.count = have;
    }
    vec_release(&missing);
    return ok;
}

const struct plan_tried *plan_try(struct plan_bench *bench, const struct plan_candidate *candidate,
                                  const struct plan_world *world, uint32_t replications,
                                  struct err *err)
{
    struct plan_tried *tried = find_tried(bench, candidate, world);
    bool may_stop = bench->input.demand.study->least != LEAST_METRIC;
    return extend(bench, tried, replications, may_stop, err) ? tried : NULL;
}

const struct plan_tried *plan_try_whole(struct plan_bench *bench,
                                        const struct plan_candidate *candidate,
                                        const struct plan_world *world, uint32_t replications,
                                        struct err *err)
{
    struct plan_tried *tried = find_tried(bench, candidate, world);
    return extend(bench, tried, replications, false, err) ? tried : NULL;
}

/* -- reading --------------------------------------------------------------------------------- */

size_t plan_tried_count(const struct plan_bench *bench)
{
    return bench->tried.count;
}

const struct plan_tried *plan_tried_at(const struct plan_bench *bench, size_t i)
{
    return bench->tried.items[i];
}

size_t plan_run_count(const struct plan_bench *bench)
{
    return bench->runs;
}

struct level_estimate plan_level_of(const struct plan_bench *bench, const struct plan_tried *tried,
                                    uint32_t level, double confidence)
{
    size_t count = tried->outcomes.count;
    struct level_sum *sums = mem_alloc(count, sizeof(*sums));
    for (size_t i = 0; i < count; i++) {
        sums[i] = tried->outcomes.items[i].sums[level];
    }
    struct level_estimate out =
        level_judge(&bench->input.demand.study->levels.items[level], sums, count, confidence);
    free(sums);
    return out;
}

double plan_number_of(const struct plan_tried *tried, enum plan_number number)
{
    double sum = 0;
    for (size_t i = 0; i < tried->outcomes.count; i++) {
        sum += tried->outcomes.items[i].numbers[number];
    }
    return sum / (double)tried->outcomes.count;
}

const struct workload *plan_workload(struct plan_bench *bench, struct err *err)
{
    struct plan_demand *demand = plan_demands_get(bench->demands, &plan_as_it_is, 0, 0);
    if (!demand->made && !plan_demand_make(bench->demands, demand)) {
        *err = demand->err;
        return NULL;
    }
    return &demand->workload;
}

bool plan_look_at(struct plan_bench *bench, const struct plan_candidate *candidate,
                  const struct plan_world *world, struct plan_look *out, struct err *err)
{
    *out = (struct plan_look){0};
    struct plan_demand *demand = plan_demands_get(bench->demands, world, 0, 0);
    if (!demand->made && !plan_demand_make(bench->demands, demand)) {
        *err = demand->err;
        return false;
    }
    const struct run_choice choice = {candidate, world, 0, false};
    struct plan_outcome outcome;
    return run_once(bench, &choice, &demand->workload, &outcome, out, err);
}
