/* trial.c - see trial.h. */
#include "sim/plan/trial.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "sim/base/check.h"
#include "sim/base/parallel.h"

enum { RUN_NUMBERS = 2 * LEVEL_MOST + PLAN_NUMBERS + PLAN_MOST_METERED + 1 };

struct plan_bench {
    struct plan_bench_input input;
    struct plan_store *store;
    VEC(struct plan_tried *) tried;
    struct plan_demands *demands;
    VEC(double) waits_s; /* by replication: the last mean wait seen, infinite for a stopped run */
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
    vec_release(&bench->waits_s);
    vec_release(&bench->tried);
    free(bench);
}

/* -- many runs ------------------------------------------------------------------------------- */

struct item {
    struct plan_demand *demand;
    uint32_t replication;
    uint32_t scenario;
    char whole_key[DIGEST_TEXT]; /* of the run to its end */
    char key[DIGEST_TEXT];       /* of the run that may be stopped */
    bool made;
    struct plan_outcome outcome;
    struct err err;
};

/* Runs of a candidate that are asked for, then some that may be next: these are begun when a thread
 * has nothing else to do, and given up when all that are asked for have ended. */
struct campaign {
    struct plan_bench *bench;
    bool may_stop;
    const struct plan_candidate *candidate;
    const struct plan_world *world;
    struct item *items;
    size_t *order;           /* items asked for, those that will take longest first */
    size_t count;            /* items asked for */
    size_t ahead;            /* items after them */
    atomic_size_t asked_for; /* of them, so many have not ended */
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

static bool take_known(struct campaign *campaign, struct item *item)
{
    const double *known = recall(campaign, item);
    if (known != NULL) {
        unpack(known, &item->outcome);
        item->made = true;
    }
    return known != NULL;
}

static void run_asked(struct campaign *campaign, struct item *item)
{
    struct plan_bench *bench = campaign->bench;
    (void)pthread_mutex_lock(&campaign->lock);
    bool recalled = take_known(campaign, item);
    bool skips = campaign->gave_up;
    (void)pthread_mutex_unlock(&campaign->lock);
    if (recalled || skips) {
        if (!skips) {
            tell(campaign);
        }
        return;
    }
    const struct plan_choice choice = {.candidate = campaign->candidate,
                                       .world = campaign->world,
                                       .replication = item->replication,
                                       .may_stop = campaign->may_stop};
    if (!item->demand->made) {
        item->err = item->demand->err;
        return;
    }
    item->made =
        plan_run(&bench->input, &choice, &item->demand->workload, &item->outcome, NULL, &item->err);
    if (item->made) {
        (void)pthread_mutex_lock(&campaign->lock);
        item->made = remember(campaign, item);
        (void)pthread_mutex_unlock(&campaign->lock);
        tell(campaign);
    }
}

/* A run that nobody asked for yet: errors are for those who do. */
static void run_ahead(struct campaign *campaign, struct item *item)
{
    struct plan_bench *bench = campaign->bench;
    if (atomic_load(&campaign->asked_for) == 0 || item->demand == NULL ||
        (!item->demand->made && !plan_demand_make(bench->demands, item->demand))) {
        return;
    }
    const struct plan_choice choice = {.candidate = campaign->candidate,
                                       .world = campaign->world,
                                       .replication = item->replication,
                                       .may_stop = true,
                                       .asked_for = &campaign->asked_for};
    bool made =
        plan_run(&bench->input, &choice, &item->demand->workload, &item->outcome, NULL, &item->err);
    (void)pthread_mutex_lock(&campaign->lock);
    if (made && atomic_load(&campaign->asked_for) > 0) {
        (void)remember(campaign, item);
    }
    (void)pthread_mutex_unlock(&campaign->lock);
}

static void run_item(void *arg, size_t i)
{
    struct campaign *campaign = arg;
    if (i >= campaign->count) {
        run_ahead(campaign, &campaign->items[i]);
        return;
    }
    run_asked(campaign, &campaign->items[campaign->order[i]]);
    (void)atomic_fetch_sub(&campaign->asked_for, 1);
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
    const struct queue_share *shares = candidate->shares;
    *candidate = plan_candidate_of(study, candidate->nodes, candidate->policy);
    candidate->shares = shares;
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

/* Long waits make long runs. What was seen of the replications under other candidates tells which
 * to begin with, so that no thread is left alone with a long one. */
static void put_in_order(struct campaign *campaign)
{
    const struct plan_bench *bench = campaign->bench;
    for (size_t i = 0; i < campaign->count; i++) {
        uint32_t own = campaign->items[i].replication;
        double wait_s = own < bench->waits_s.count ? bench->waits_s.items[own] : 0;
        size_t at = i;
        for (; at > 0; at--) {
            uint32_t other = campaign->items[campaign->order[at - 1]].replication;
            if (other >= bench->waits_s.count || bench->waits_s.items[other] < wait_s) {
                campaign->order[at] = campaign->order[at - 1];
            } else {
                break;
            }
        }
        campaign->order[at] = i;
    }
}

static void note_wait(struct plan_bench *bench, uint32_t replication, double wait_s)
{
    while (bench->waits_s.count <= replication) {
        vec_push(&bench->waits_s, 0.0);
    }
    bench->waits_s.items[replication] = isnan(wait_s) ? (double)INFINITY : wait_s;
}

static void open_items(struct campaign *campaign, const struct plan_tried *tried,
                       const uint32_t *replications)
{
    struct plan_bench *bench = campaign->bench;
    size_t scenarios = bench->input.demand.study->scenarios.count;
    for (size_t i = 0; i < campaign->count + campaign->ahead; i++) {
        struct item *item = &campaign->items[i];
        item->replication = replications[i / scenarios];
        item->scenario = (uint32_t)(i % scenarios);
        make_keys(bench, tried, item);
        if (recall(campaign, item) == NULL) {
            item->demand =
                plan_demands_get(bench->demands, &tried->world, item->scenario, item->replication);
        }
    }
    put_in_order(campaign);
}

static bool close_items(struct campaign *campaign, struct plan_tried *tried,
                        const uint32_t *replications, struct err *err)
{
    const struct plan_study *study = campaign->bench->input.demand.study;
    size_t scenarios = study->scenarios.count;
    if (campaign->gave_up) {
        return err_set(err, ERR_IO, 0, "stopped before the end");
    }
    for (size_t i = 0; i < campaign->count; i++) {
        if (!campaign->items[i].made) {
            *err = campaign->items[i].err;
            return false;
        }
    }
    for (size_t r = 0; r * scenarios < campaign->count; r++) {
        struct plan_outcome *outcome = &tried->outcomes.items[replications[r]];
        merge(study, &campaign->items[r * scenarios], outcome);
        note_wait(campaign->bench, replications[r], outcome->numbers[PLAN_MEAN_WAIT_S]);
    }
    update_spend(study, tried);
    return true;
}

/* Runs `count` replications of a candidate, the results go to their places; the `ahead` ones listed
 * after them where there is time. */
static bool run_replications(struct plan_bench *bench, struct plan_tried *tried,
                             const uint32_t *replications, size_t count, size_t ahead,
                             bool may_stop, struct err *err)
{
    size_t scenarios = bench->input.demand.study->scenarios.count;
    struct campaign campaign = {
        .bench = bench,
        .may_stop = may_stop,
        .candidate = &tried->candidate,
        .world = &tried->world,
        .items = mem_alloc((count + ahead) * scenarios, sizeof(*campaign.items)),
        .order = mem_alloc(count * scenarios, sizeof(*campaign.order)),
        .count = count * scenarios,
        .ahead = ahead * scenarios,
    };
    atomic_init(&campaign.asked_for, campaign.count);
    (void)pthread_mutex_init(&campaign.lock, NULL);
    open_items(&campaign, tried, replications);
    parallel_for(campaign.count, bench->input.threads, make_item_demand, &campaign);
    parallel_for(campaign.count + campaign.ahead, bench->input.threads, run_item, &campaign);
    bool ok = close_items(&campaign, tried, replications, err);
    (void)pthread_mutex_destroy(&campaign.lock);
    free(campaign.items);
    free(campaign.order);
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
    VEC(uint32_t) wanted = {0};
    size_t have = tried->outcomes.count;
    for (uint32_t r = 0; r < replications; r++) {
        if (r >= have) {
            vec_push(&tried->outcomes, (struct plan_outcome){0});
        }
        if (r >= have || (!may_stop && tried->outcomes.items[r].is_best)) {
            vec_push(&wanted, r);
        }
    }
    size_t missing = wanted.count;
    uint32_t most = bench->input.demand.study->replications;
    for (uint32_t r = replications; may_stop && r < most && r < 2 * replications; r++) {
        vec_push(&wanted, r);
    }
    bool ok = missing == 0 || run_replications(bench, tried, wanted.items, missing,
                                               wanted.count - missing, may_stop, err);
    if (!ok) {
        tried->outcomes.count = have;
    }
    vec_release(&wanted);
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
    const struct plan_choice choice = {.candidate = candidate, .world = world};
    struct plan_outcome outcome;
    return plan_run(&bench->input, &choice, &demand->workload, &outcome, out, err);
}
