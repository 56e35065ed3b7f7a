/* trial.c - see trial.h. */
#include "sim/plan/trial.h"

#include <math.h>

#include "sim/base/check.h"

struct plan_bench {
    struct plan_runner runner;
    VEC(struct plan_tried *) tried;
};

struct plan_bench *plan_bench_new(const struct plan_bench_input *input, struct plan_store *store)
{
    struct plan_bench *bench = mem_alloc(1, sizeof(*bench));
    bench->runner.input = *input;
    bench->runner.store = store;
    bench->runner.demands = plan_demands_new(&input->demand);
    return bench;
}

const struct plan_bench_input *plan_bench_input(const struct plan_bench *bench)
{
    return &bench->runner.input;
}

void plan_bench_free(struct plan_bench *bench)
{
    for (size_t i = 0; i < bench->tried.count; i++) {
        vec_release(&bench->tried.items[i]->outcomes);
        free(bench->tried.items[i]);
    }
    plan_demands_free(bench->runner.demands);
    vec_release(&bench->runner.waits_s);
    vec_release(&bench->tried);
    free(bench);
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

static struct plan_tried *find_tried(struct plan_bench *bench,
                                     const struct plan_candidate *candidate,
                                     const struct plan_world *world)
{
    const struct plan_study *study = bench->runner.input.demand.study;
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
    uint32_t most = bench->runner.input.demand.study->replications;
    for (uint32_t r = replications; may_stop && r < most && r < 2 * replications; r++) {
        vec_push(&wanted, r);
    }
    const struct plan_campaign campaign = {
        .candidate = &tried->candidate,
        .world = &tried->world,
        .replications = wanted.items,
        .count = missing,
        .ahead = wanted.count - missing,
        .may_stop = may_stop,
    };
    bool ok = missing == 0 || plan_campaign(&bench->runner, &campaign, tried->outcomes.items, err);
    if (ok && missing > 0) {
        update_spend(bench->runner.input.demand.study, tried);
    }
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
    bool may_stop = bench->runner.input.demand.study->least != LEAST_METRIC;
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
    return bench->runner.runs;
}

struct level_estimate plan_level_of(const struct plan_bench *bench, const struct plan_tried *tried,
                                    uint32_t level, double confidence)
{
    size_t count = tried->outcomes.count;
    struct level_sum *sums = mem_alloc(count, sizeof(*sums));
    for (size_t i = 0; i < count; i++) {
        sums[i] = tried->outcomes.items[i].sums[level];
    }
    struct level_estimate out = level_judge(&bench->runner.input.demand.study->levels.items[level],
                                            sums, count, confidence);
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
    struct plan_demand *demand = plan_demands_get(bench->runner.demands, &plan_as_it_is, 0, 0);
    if (!demand->made && !plan_demand_make(bench->runner.demands, demand)) {
        *err = demand->err;
        return NULL;
    }
    return &demand->workload;
}

bool plan_look_at(struct plan_bench *bench, const struct plan_candidate *candidate,
                  const struct plan_world *world, struct plan_look *out, struct err *err)
{
    *out = (struct plan_look){0};
    struct plan_demand *demand = plan_demands_get(bench->runner.demands, world, 0, 0);
    if (!demand->made && !plan_demand_make(bench->runner.demands, demand)) {
        *err = demand->err;
        return false;
    }
    const struct plan_choice choice = {.candidate = candidate, .world = world};
    struct plan_outcome outcome;
    return plan_run(&bench->runner.input, &choice, &demand->workload, &outcome, out, err);
}
