/* trial.c - see trial.h. */
#include "sim/plan/trial.h"

#include <math.h>
#include <pthread.h>

#include "sim/base/check.h"
#include "sim/base/parallel.h"
#include "sim/report/causes.h"
#include "sim/report/pools.h"
#include "sim/transform/scale.h"

enum { MOST_KEPT_JOBS = 6000000, RUN_NUMBERS = 2 * LEVEL_MOST + PLAN_NUMBERS + PLAN_MOST_METERED };

/* A workload that candidates of a world share, as long as there is room for it. */
struct demand {
    struct plan_world world;
    uint32_t scenario;
    uint32_t replication;
    bool made;
    struct workload workload;
    struct err err;
};

struct plan_bench {
    struct plan_bench_input input;
    struct plan_store *store;
    VEC(struct plan_tried *) tried;
    VEC(struct demand *) demands;
    size_t runs;
};

struct plan_bench *plan_bench_new(const struct plan_bench_input *input, struct plan_store *store)
{
    struct plan_bench *bench = mem_alloc(1, sizeof(*bench));
    bench->input = *input;
    bench->store = store;
    return bench;
}

static void demand_free(struct demand *demand)
{
    if (demand->made) {
        workload_release(&demand->workload);
    }
    free(demand);
}

void plan_bench_free(struct plan_bench *bench)
{
    for (size_t i = 0; i < bench->tried.count; i++) {
        vec_release(&bench->tried.items[i]->outcomes);
        free(bench->tried.items[i]);
    }
    for (size_t i = 0; i < bench->demands.count; i++) {
        demand_free(bench->demands.items[i]);
    }
    vec_release(&bench->demands);
    vec_release(&bench->tried);
    free(bench);
}

/* -- demand ---------------------------------------------------------------------------------- */

static bool same_number(double a, double b)
{
    return !(a < b) && !(a > b);
}

static bool same_world(const struct plan_world *a, const struct plan_world *b)
{
    return same_number(a->factor, b->factor) && same_number(a->durations, b->durations);
}

static void scale_durations(struct workload *workload, double factor)
{
    for (size_t i = 0; i < workload->jobs.count; i++) {
        struct job *job = &workload->jobs.items[i];
        if (job->duration_us != TIME_UNKNOWN) {
            job->duration_us = llround((double)job->duration_us * factor);
        }
        if (job->estimate_us != TIME_UNKNOWN) {
            job->estimate_us = llround((double)job->estimate_us * factor);
        }
    }
}

/* Growth makes more users of the same kind, where there are users. */
static bool grow(const struct plan_bench *bench, uint32_t replication, struct workload *workload,
                 struct err *err)
{
    double growth = plan_study_growth(bench->input.study);
    if (!bench->input.grows_by_users || same_number(growth, 1)) {
        return true;
    }
    const struct scale_users scale = {growth, 0.1,
                                      replicate_seed(bench->input.replicate->seed, replication)};
    struct workload grown;
    if (!scale_by_users(&scale, workload, &grown, err)) {
        return err_locate(err, "growth_percent_a_year");
    }
    workload_release(workload);
    *workload = grown;
    return true;
}

static bool make_demand(const struct plan_bench *bench, struct demand *demand)
{
    const struct plan_study *study = bench->input.study;
    double factor = demand->world.factor * study->scenarios.items[demand->scenario].factor;
    if (!bench->input.grows_by_users) {
        factor *= plan_study_growth(study);
    }
    demand->made = replicate_make(bench->input.replicate, demand->replication, factor,
                                  &demand->workload, &demand->err);
    if (demand->made && !grow(bench, demand->replication, &demand->workload, &demand->err)) {
        workload_release(&demand->workload);
        demand->made = false;
    }
    if (demand->made && !same_number(demand->world.durations, 1)) {
        scale_durations(&demand->workload, demand->world.durations);
    }
    return demand->made;
}

/* The demand of a run, which may still have to be made. */
static struct demand *demand_of(struct plan_bench *bench, const struct plan_world *world,
                                uint32_t scenario, uint32_t replication)
{
    for (size_t i = 0; i < bench->demands.count; i++) {
        struct demand *demand = bench->demands.items[i];
        if (demand->scenario == scenario && demand->replication == replication &&
            same_world(&demand->world, world)) {
            return demand;
        }
    }
    struct demand *demand = mem_alloc(1, sizeof(*demand));
    demand->world = *world;
    demand->scenario = scenario;
    demand->replication = replication;
    vec_push(&bench->demands, demand);
    return demand;
}

/* The oldest go first. */
static void drop_demands(struct plan_bench *bench)
{
    size_t jobs = 0;
    for (size_t i = 0; i < bench->demands.count; i++) {
        const struct demand *demand = bench->demands.items[i];
        jobs += demand->made ? demand->workload.jobs.count : 0;
    }
    size_t kept = 0;
    for (size_t i = 0; i < bench->demands.count; i++) {
        struct demand *demand = bench->demands.items[i];
        if (jobs > MOST_KEPT_JOBS) {
            jobs -= demand->made ? demand->workload.jobs.count : 0;
            demand_free(demand);
        } else {
            bench->demands.items[kept++] = demand;
        }
    }
    bench->demands.count = kept;
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
    take_there(study, report, out);
    if (wants_metrics(study)) {
        take_metrics(study, report, out);
    }
}

struct run_choice {
    const struct plan_candidate *candidate;
    uint32_t replication;
    bool looks; /* why do jobs wait, and when? */
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

/* `look` NULL: nobody looks. */
static bool run_once(const struct plan_bench *bench, const struct run_choice *choice,
                     const struct workload *workload, struct plan_outcome *out,
                     struct plan_look *look, struct err *err)
{
    const struct plan_study *study = bench->input.study;
    const struct grid_policy *policy = &bench->input.policies[choice->candidate->policy];
    struct cluster cluster;
    if (!plan_candidate_cluster(study, choice->candidate, &cluster, err)) {
        return false;
    }
    struct engine_settings settings = *bench->input.settings;
    settings.seed = replicate_seed(bench->input.replicate->seed, choice->replication);
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
    };
    struct engine_result result = {0};
    struct report_run nothing = {0};
    bool ok = engine_run(&input, &result, err) && report_close(report, &nothing, err);
    if (ok) {
        level_meter_take(&meter, out->sums);
        take_numbers(study, report, workload, &cluster, out);
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
    struct demand *demand;
    uint32_t replication;
    uint32_t scenario;
    char key[DIGEST_TEXT];
    bool recalled;
    bool made;
    struct plan_outcome outcome;
    struct err err;
};

struct campaign {
    struct plan_bench *bench;
    const struct plan_candidate *candidate;
    struct item *items;
    size_t count;
    pthread_mutex_t lock;
    size_t done;
    bool gave_up;
};

static void make_key(const struct plan_bench *bench, const struct plan_tried *tried,
                     struct item *item)
{
    const struct plan_study *study = bench->input.study;
    struct text text = {0};
    char *cluster = plan_candidate_json(study, &tried->candidate);
    text_addf(&text, "%s\n%s\n%s\n%u\n", bench->input.identity, cluster,
              study->policies.items[tried->candidate.policy],
              study->least == LEAST_METRIC ? study->metric + 1 : 0);
    free(cluster);
    for (size_t i = 0; i < study->levels.count; i++) {
        level_add_key(&text, &study->levels.items[i]);
    }
    text_addf(&text, "%.17g %.17g %.17g %.17g %u\n", tried->world.factor, tried->world.durations,
              study->scenarios.items[item->scenario].factor * plan_study_growth(study),
              study->warmup_s, item->replication);
    digest_bytes(text.bytes, text.length, item->key);
    text_release(&text);
}

static void pack(const struct plan_outcome *outcome, double *numbers)
{
    for (size_t i = 0; i < LEVEL_MOST; i++) {
        numbers[2 * i] = outcome->sums[i].top;
        numbers[2 * i + 1] = outcome->sums[i].bottom;
    }
    memcpy(numbers + 2 * (size_t)LEVEL_MOST, outcome->numbers, sizeof(outcome->numbers));
    memcpy(numbers + 2 * (size_t)LEVEL_MOST + PLAN_NUMBERS, outcome->there, sizeof(outcome->there));
}

static void unpack(const double *numbers, struct plan_outcome *outcome)
{
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

static void run_item(void *arg, size_t i)
{
    struct campaign *campaign = arg;
    struct plan_bench *bench = campaign->bench;
    struct item *item = &campaign->items[i];
    (void)pthread_mutex_lock(&campaign->lock);
    const double *known = plan_store_find(bench->store, item->key, RUN_NUMBERS);
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
    const struct run_choice choice = {campaign->candidate, item->replication, false};
    if (!item->demand->made) {
        item->err = item->demand->err;
        return;
    }
    item->made =
        run_once(bench, &choice, &item->demand->workload, &item->outcome, NULL, &item->err);
    if (item->made) {
        double numbers[RUN_NUMBERS];
        pack(&item->outcome, numbers);
        (void)pthread_mutex_lock(&campaign->lock);
        item->made = plan_store_add(bench->store, item->key, numbers, RUN_NUMBERS, &item->err);
        (void)pthread_mutex_unlock(&campaign->lock);
        tell(campaign);
    }
}

static void make_item_demand(void *arg, size_t i)
{
    const struct campaign *campaign = arg;
    struct item *item = &campaign->items[i];
    if (item->demand != NULL && !item->demand->made) {
        (void)make_demand(campaign->bench, item->demand);
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
    if (study->least != LEAST_GPUS) {
        candidate->spend = (double)candidate->micro_per_hour;
    }
}

static bool run_more(struct plan_bench *bench, struct plan_tried *tried, uint32_t more,
                     struct err *err)
{
    const struct plan_study *study = bench->input.study;
    size_t scenarios = study->scenarios.count;
    struct campaign campaign = {
        .bench = bench,
        .candidate = &tried->candidate,
        .count = more * scenarios,
    };
    (void)pthread_mutex_init(&campaign.lock, NULL);
    campaign.items = mem_alloc(campaign.count, sizeof(*campaign.items));
    for (size_t i = 0; i < campaign.count; i++) {
        struct item *item = &campaign.items[i];
        item->replication = (uint32_t)(tried->outcomes.count + i / scenarios);
        item->scenario = (uint32_t)(i % scenarios);
        make_key(bench, tried, item);
        if (plan_store_find(bench->store, item->key, RUN_NUMBERS) == NULL) {
            item->demand = demand_of(bench, &tried->world, item->scenario, item->replication);
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
    for (size_t r = 0; ok && r < more; r++) {
        struct plan_outcome outcome;
        merge(study, &campaign.items[r * scenarios], &outcome);
        vec_push(&tried->outcomes, outcome);
    }
    if (ok) {
        update_spend(study, tried);
    }
    (void)pthread_mutex_destroy(&campaign.lock);
    free(campaign.items);
    drop_demands(bench);
    return ok;
}

static struct plan_tried *find_tried(struct plan_bench *bench,
                                     const struct plan_candidate *candidate,
                                     const struct plan_world *world)
{
    const struct plan_study *study = bench->input.study;
    for (size_t i = 0; i < bench->tried.count; i++) {
        struct plan_tried *tried = bench->tried.items[i];
        if (plan_candidate_covers(study, &tried->candidate, candidate) &&
            plan_candidate_covers(study, candidate, &tried->candidate) &&
            same_world(&tried->world, world)) {
            return tried;
        }
    }
    struct plan_tried *tried = mem_alloc(1, sizeof(*tried));
    tried->candidate = *candidate;
    tried->world = *world;
    vec_push(&bench->tried, tried);
    return tried;
}

const struct plan_tried *plan_try(struct plan_bench *bench, const struct plan_candidate *candidate,
                                  const struct plan_world *world, uint32_t replications,
                                  struct err *err)
{
    struct plan_tried *tried = find_tried(bench, candidate, world);
    uint32_t have = (uint32_t)tried->outcomes.count;
    return have >= replications || run_more(bench, tried, replications - have, err) ? tried : NULL;
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
        level_judge(&bench->input.study->levels.items[level], sums, count, confidence);
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

bool plan_look_at(struct plan_bench *bench, const struct plan_candidate *candidate,
                  const struct plan_world *world, struct plan_look *out, struct err *err)
{
    *out = (struct plan_look){0};
    struct demand *demand = demand_of(bench, world, 0, 0);
    if (!demand->made && !make_demand(bench, demand)) {
        *err = demand->err;
        return false;
    }
    const struct run_choice choice = {candidate, 0, true};
    struct plan_outcome outcome;
    return run_once(bench, &choice, &demand->workload, &outcome, out, err);
}
