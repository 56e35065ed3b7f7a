/* campaign.c - see campaign.h. */
#include "sim/plan/campaign.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "sim/base/check.h"
#include "sim/base/parallel.h"

enum { RUN_NUMBERS = 2 * LEVEL_MOST + PLAN_NUMBERS + PLAN_MOST_METERED + 1 };

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
    struct plan_runner *runner;
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

/* What the keys of all runs of a campaign begin with. */
static void add_key(struct text *out, const struct campaign *campaign)
{
    const struct plan_candidate *candidate = campaign->candidate;
    const struct plan_study *study = campaign->runner->input.demand.study;
    char *cluster = plan_candidate_json(study, candidate);
    text_addf(out, "%s\n%s\n%s\n%u\n", campaign->runner->input.identity, cluster,
              study->policies.items[candidate->policy],
              study->least == LEAST_METRIC ? study->metric + 1 : 0);
    free(cluster);
    for (size_t i = 0; i < study->levels.count; i++) {
        level_add_key(out, &study->levels.items[i]);
    }
}

/* `text`: what the keys of all begin with; the same again afterwards. */
static void make_keys(const struct campaign *campaign, struct text *text, struct item *item)
{
    const struct plan_study *study = campaign->runner->input.demand.study;
    const struct plan_world *world = campaign->world;
    size_t shared = text->length;
    text_addf(text, "%.17g %.17g %.17g %.17g %d %u %.17g %u\n", world->factor, world->durations,
              world->years, world->failures, (int)world->estimates, item->scenario, study->warmup_s,
              item->replication);
    digest_bytes(text->bytes, text->length, item->whole_key);
    for (size_t i = 0; i < study->levels.count; i++) { /* where it stops */
        text_addf(text, "%.17g %.17g\n", study->levels.items[i].share,
                  study->levels.items[i].bound);
    }
    digest_bytes(text->bytes, text->length, item->key);
    text->length = shared;
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
    struct plan_runner *runner = campaign->runner;
    (void)pthread_mutex_lock(&campaign->lock);
    campaign->done++;
    runner->runs++;
    if (runner->input.progress != NULL &&
        !runner->input.progress(runner->input.progress_self, runner->runs,
                                runner->runs + campaign->count - campaign->done)) {
        campaign->gave_up = true;
    }
    (void)pthread_mutex_unlock(&campaign->lock);
}

/* A run that would not be stopped is the same whether it may be or not. */
static bool remember(struct campaign *campaign, struct item *item)
{
    struct plan_store *store = campaign->runner->store;
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
    return plan_store_find(campaign->runner->store,
                           campaign->may_stop ? item->key : item->whole_key, RUN_NUMBERS);
}

/* Known already? */
static bool take_known(struct campaign *campaign, struct item *item)
{
    const double *known = recall(campaign, item);
    if (known != NULL) {
        unpack(known, &item->outcome);
        item->made = true;
    }
    return known != NULL;
}

/* `asked_for`: see plan_choice. */
static bool make_run(const struct campaign *campaign, struct item *item,
                     const atomic_size_t *asked_for)
{
    const struct plan_choice choice = {.candidate = campaign->candidate,
                                       .world = campaign->world,
                                       .replication = item->replication,
                                       .may_stop = campaign->may_stop,
                                       .asked_for = asked_for};
    return plan_run(&campaign->runner->input, &choice, &item->demand->workload, &item->outcome,
                    NULL, &item->err);
}

static void run_asked(struct campaign *campaign, struct item *item)
{
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
    if (!item->demand->made) {
        item->err = item->demand->err;
        return;
    }
    item->made = make_run(campaign, item, NULL);
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
    if (atomic_load(&campaign->asked_for) == 0 || item->demand == NULL ||
        (!item->demand->made && !plan_demand_make(campaign->runner->demands, item->demand))) {
        return;
    }
    bool made = make_run(campaign, item, &campaign->asked_for);
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
        (void)plan_demand_make(campaign->runner->demands, item->demand);
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

/* The last mean wait seen of the item's replication; 0: none. */
static double wait_s(const struct campaign *campaign, size_t item)
{
    const struct plan_runner *runner = campaign->runner;
    uint32_t replication = campaign->items[item].replication;
    return replication < runner->waits_s.count ? runner->waits_s.items[replication] : 0;
}

/* Long waits make long runs. What was seen of the replications under other candidates tells which
 * to begin with, so that no thread is left alone with a long one. */
static void put_in_order(struct campaign *campaign)
{
    size_t *order = campaign->order;
    for (size_t i = 0; i < campaign->count; i++) {
        size_t at = i;
        for (; at > 0 && wait_s(campaign, order[at - 1]) < wait_s(campaign, i); at--) {
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
}

static void note_wait(struct plan_runner *runner, uint32_t replication, double seen_s)
{
    while (runner->waits_s.count <= replication) {
        vec_push(&runner->waits_s, 0.0);
    }
    runner->waits_s.items[replication] = isnan(seen_s) ? (double)INFINITY : seen_s;
}

static void open_items(struct campaign *campaign, const uint32_t *replications)
{
    struct plan_runner *runner = campaign->runner;
    size_t scenarios = runner->input.demand.study->scenarios.count;
    struct text key = {0};
    add_key(&key, campaign);
    for (size_t i = 0; i < campaign->count + campaign->ahead; i++) {
        struct item *item = &campaign->items[i];
        item->replication = replications[i / scenarios];
        item->scenario = (uint32_t)(i % scenarios);
        make_keys(campaign, &key, item);
        if (recall(campaign, item) == NULL) {
            item->demand = plan_demands_get(runner->demands, campaign->world, item->scenario,
                                            item->replication);
        }
    }
    text_release(&key);
    put_in_order(campaign);
}

static bool close_items(struct campaign *campaign, const uint32_t *replications,
                        struct plan_outcome *outcomes, struct err *err)
{
    const struct plan_study *study = campaign->runner->input.demand.study;
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
        struct plan_outcome *outcome = &outcomes[replications[r]];
        merge(study, &campaign->items[r * scenarios], outcome);
        note_wait(campaign->runner, replications[r], outcome->numbers[PLAN_MEAN_WAIT_S]);
    }
    return true;
}

bool plan_campaign(struct plan_runner *runner, const struct plan_campaign *asked,
                   struct plan_outcome *outcomes, struct err *err)
{
    size_t scenarios = runner->input.demand.study->scenarios.count;
    struct campaign campaign = {
        .runner = runner,
        .may_stop = asked->may_stop,
        .candidate = asked->candidate,
        .world = asked->world,
        .items = mem_alloc((asked->count + asked->ahead) * scenarios, sizeof(*campaign.items)),
        .order = mem_alloc(asked->count * scenarios, sizeof(*campaign.order)),
        .count = asked->count * scenarios,
        .ahead = asked->ahead * scenarios,
    };
    atomic_init(&campaign.asked_for, campaign.count);
    (void)pthread_mutex_init(&campaign.lock, NULL);
    open_items(&campaign, asked->replications);
    parallel_for(campaign.count, runner->input.threads, make_item_demand, &campaign);
    parallel_for(campaign.count + campaign.ahead, runner->input.threads, run_item, &campaign);
    bool ok = close_items(&campaign, asked->replications, outcomes, err);
    (void)pthread_mutex_destroy(&campaign.lock);
    free(campaign.items);
    free(campaign.order);
    plan_demands_drop(runner->demands);
    return ok;
}
