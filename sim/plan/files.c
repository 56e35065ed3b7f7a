/* files.c - see files.h. */
#include "sim/plan/files.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/plan/cells.h"
#include "sim/plan/words.h"
#include "sim/report/wide.h"

static const char *verdict_name(enum level_verdict verdict)
{
    static const char *const NAMES[] = {"unclear", "kept", "broken"};
    return NAMES[verdict];
}

static json_t *candidate_json(const struct plan_study *study,
                              const struct plan_candidate *candidate)
{
    json_t *nodes = json_object();
    for (size_t i = 0; i < study->pools.count; i++) {
        json_object_set_new(nodes, study->pools.items[i].name, json_integer(candidate->nodes[i]));
    }
    return json_pack("{s:o, s:s, s:f, s:f, s:f}", "nodes", nodes, "policy",
                     study->policies.items[candidate->policy], "gpus", candidate->gpus,
                     "cost_per_hour", (double)candidate->micro_per_hour / 1e6, "power_w",
                     candidate->power_w);
}

static json_t *levels_json(const struct plan_answer *answer, const struct plan_tried *tried)
{
    const struct plan_study *study = answer->study;
    json_t *levels = json_array();
    for (uint32_t i = 0; i < study->levels.count; i++) {
        struct level_estimate estimate = plan_level_of(answer->bench, tried, i, study->confidence);
        struct text words = {0};
        level_add_words(&words, &study->levels.items[i]);
        json_array_append_new(
            levels,
            json_pack("{s:s, s:s, s:f, s:o, s:o, s:o, s:s, s:b}", "name",
                      study->levels.items[i].name, "level", words.bytes, "goal",
                      level_goal(&study->levels.items[i]), "value", cell_json(estimate.value),
                      "low", cell_json(estimate.low), "high", cell_json(estimate.high), "verdict",
                      verdict_name(estimate.verdict), "binds", plan_binds(answer, i)));
        text_release(&words);
    }
    return levels;
}

static json_t *neighbours_json(const struct plan_answer *answer)
{
    json_t *list = json_array();
    for (size_t i = 0; i < answer->neighbours.count; i++) {
        const struct plan_tried *tried = answer->neighbours.items[i].tried;
        json_t *own = candidate_json(answer->study, &tried->candidate);
        json_object_set_new(
            own, "pool",
            json_string(answer->study->pools.items[answer->neighbours.items[i].pool].name));
        json_object_set_new(own, "mean_wait_s", cell_json(plan_number_of(tried, PLAN_MEAN_WAIT_S)));
        json_object_set_new(own, "levels", levels_json(answer, tried));
        json_array_append_new(list, own);
    }
    return list;
}

static json_t *variants_json(const struct plan_answer *answer)
{
    json_t *list = json_array();
    for (size_t i = 0; i < answer->variants.count; i++) {
        const struct plan_variant *variant = &answer->variants.items[i];
        json_t *own = json_pack("{s:s, s:s, s:b}", "kind", variant->kind, "name", variant->name,
                                "found", variant->found);
        if (variant->found) {
            json_object_set_new(own, "candidate",
                                candidate_json(answer->study, &variant->candidate));
        }
        json_array_append_new(list, own);
    }
    return list;
}

static json_t *causes_json(const struct plan_answer *answer)
{
    json_t *causes = json_object();
    for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
        json_object_set_new(causes, wait_cause_name((enum wait_cause)i),
                            json_real(answer->look.causes[i]));
    }
    return causes;
}

json_t *plan_json(const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    struct text words = {0};
    plan_add_answer(&words, answer);
    json_t *all = json_pack(
        "{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:{s:f, s:o, s:f}, s:I, s:I, s:I, s:b}", "study",
        study->name, "answer", words.bytes, "found", answer->found, "candidate",
        candidate_json(study, &answer->best), "levels", levels_json(answer, answer->tried),
        "neighbours", neighbours_json(answer), "variants", variants_json(answer), "pending_time",
        causes_json(answer), "formula", "work_gpus", answer->formula.work_gpus, "mean_wait_s",
        cell_json(answer->formula.mean_wait_s), "servers", answer->formula.servers, "candidates",
        (json_int_t)answer->candidates.count, "candidates_run", (json_int_t)answer->searched,
        "runs", (json_int_t)answer->search_runs, "more_nodes_were_worse", answer->lawless);
    CHECK(all != NULL);
    if (!answer->found && answer->reaches) {
        json_object_set_new(all, "beyond_the_ranges", candidate_json(study, &answer->beyond));
    }
    text_release(&words);
    return all;
}

/* -- tables ---------------------------------------------------------------------------------- */

static void add_candidate_fields(struct text *out, const struct plan_study *study,
                                 const struct plan_candidate *candidate)
{
    for (size_t i = 0; i < study->pools.count; i++) {
        text_addf(out, "%lld,", (long long)candidate->nodes[i]);
    }
    text_add_csv(out, study->policies.items[candidate->policy]);
    text_addf(out, ",%.15g,%.6f", candidate->gpus, (double)candidate->micro_per_hour / 1e6);
}

static void add_candidate_row(struct text *out, const struct plan_answer *answer,
                              const struct plan_tried *tried)
{
    const struct plan_study *study = answer->study;
    add_candidate_fields(out, study, &tried->candidate);
    text_addf(out, ",%zu", tried->outcomes.count);
    cell_add_csv(out, plan_number_of(tried, PLAN_MEAN_WAIT_S));
    cell_add_csv(out, plan_number_of(tried, PLAN_P95_WAIT_S));
    cell_add_csv(out, plan_number_of(tried, PLAN_ALLOCATION));
    for (uint32_t i = 0; i < study->levels.count; i++) {
        struct level_estimate estimate = plan_level_of(answer->bench, tried, i, study->confidence);
        cell_add_csv(out, estimate.value);
        cell_add_csv(out, estimate.low);
        cell_add_csv(out, estimate.high);
        text_addf(out, ",%s", verdict_name(estimate.verdict));
    }
    text_add_char(out, '\n');
}

void plan_add_candidates_csv(struct text *out, const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    for (size_t i = 0; i < study->pools.count; i++) {
        struct text name = {0};
        text_addf(&name, "nodes_%s", study->pools.items[i].name);
        text_add_csv(out, name.bytes);
        text_add_char(out, ',');
        text_release(&name);
    }
    text_add(out, "policy,gpus,cost_per_hour,replications,mean_wait_s,p95_wait_s,allocation_ratio");
    for (uint32_t i = 0; i < study->levels.count; i++) {
        text_addf(out, ",level_%u,level_%u_low,level_%u_high,level_%u_verdict", i, i, i, i);
    }
    text_add_char(out, '\n');
    for (size_t i = 0; i < plan_tried_count(answer->bench); i++) {
        const struct plan_tried *tried = plan_tried_at(answer->bench, i);
        if (plan_world_same(&tried->world, &plan_as_it_is) && tried->outcomes.count > 0) {
            add_candidate_row(out, answer, tried);
        }
    }
}

/* Millionths of node hours are what is charged for, so that the bill can be added up again. */
static int64_t micro_hours(const struct plan_study *study, const struct plan_charge *charge)
{
    return llround(charge->nodes * study->hours * 1e6);
}

/* Micro hours times micro money, to cents, halves up. */
static int64_t cents_of(int64_t hours_micro, int64_t micro_per_hour)
{
    wide product = wide_product(hours_micro, micro_per_hour);
    return (int64_t)((product + (wide)5000000000) / (wide)10000000000);
}

static void add_money_field(struct text *out, int64_t cents)
{
    text_addf(out, "%lld.%02lld", (long long)(cents / 100), (long long)(cents % 100));
}

void plan_add_ledger_csv(struct text *out, const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    double there[PLAN_MOST_METERED];
    plan_ledger ledger = {0};
    plan_there(answer->tried, there);
    plan_ledger_make(study, &answer->best, there, &ledger);
    text_add(out, "pool,paid_for,nodes,node_hours,price_per_node_hour,amount\n");
    int64_t sum = 0;
    for (size_t i = 0; i < ledger.count; i++) {
        const struct plan_charge *charge = &ledger.items[i];
        int64_t hours_micro = micro_hours(study, charge);
        int64_t cents = cents_of(hours_micro, charge->price->micro_per_hour);
        sum += cents;
        text_add_csv(out, charge->price->name);
        text_addf(out, ",%s,%.6f,%lld.%06lld,%lld.%06lld,",
                  charge->price->is_metered ? "while there" : "always", charge->nodes,
                  (long long)(hours_micro / 1000000), (long long)(hours_micro % 1000000),
                  (long long)(charge->price->micro_per_hour / 1000000),
                  (long long)(charge->price->micro_per_hour % 1000000));
        add_money_field(out, cents);
        text_add_char(out, '\n');
    }
    text_add(out, "total,,,,,");
    add_money_field(out, sum);
    text_add_char(out, '\n');
    vec_release(&ledger);
}

void plan_add_sensitivity_csv(struct text *out, const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    text_add(out, "kind,name,found");
    for (size_t i = 0; i < study->pools.count; i++) {
        struct text name = {0};
        text_addf(&name, "nodes_%s", study->pools.items[i].name);
        text_add_char(out, ',');
        text_add_csv(out, name.bytes);
        text_release(&name);
    }
    text_add(out, ",policy,gpus,cost_per_hour\n");
    for (size_t i = 0; i < answer->variants.count; i++) {
        const struct plan_variant *variant = &answer->variants.items[i];
        text_addf(out, "%s,", variant->kind);
        text_add_csv(out, variant->name);
        text_addf(out, ",%s,", variant->found ? "true" : "false");
        if (variant->found) {
            add_candidate_fields(out, study, &variant->candidate);
        } else {
            for (size_t k = 0; k < study->pools.count + 2; k++) {
                text_add_char(out, ',');
            }
        }
        text_add_char(out, '\n');
    }
}
