/* words.c - see words.h. */
#include "sim/plan/words.h"

#include <math.h>

#include "sim/report/human.h"
#include "sim/study/metric.h"

void plan_add_money(struct text *out, const struct plan_study *study, int64_t micro_per_hour)
{
    text_addf(out, "%s %lld.%02lld an hour", study->currency, (long long)(micro_per_hour / 1000000),
              (long long)(micro_per_hour % 1000000 / 10000));
    if (study->hours > 0) {
        text_addf(out, ", %s ", study->currency);
        human_add_count(out, llround((double)micro_per_hour / 1e6 * study->hours));
        text_add(out, " in ");
        human_add_count(out, llround(study->hours));
        text_add(out, " hours");
    }
}

void plan_add_level_value(struct text *out, const struct plan_level *level, double value)
{
    bool is_time = level->kind == LEVEL_MEAN_WAIT;
    if (level->kind == LEVEL_METRIC) {
        size_t length = strlen(metrics[level->metric].name);
        is_time = length > 2 && strcmp(metrics[level->metric].name + length - 2, "_s") == 0;
    }
    if (isinf(value)) {
        text_add(out, "never");
    } else if (level->kind == LEVEL_SHARE_WAIT || level->kind == LEVEL_SHARE_SLOWDOWN) {
        text_addf(out, "%.2f %%", value * 100);
    } else if (is_time) {
        human_add_duration(out, value > 0 ? value : 0);
    } else {
        text_addf(out, "%.4g", value);
    }
}

/* -- what is missed -------------------------------------------------------------------------- */

static void add_misses(struct text *out, const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    for (uint32_t i = 0; i < study->levels.count; i++) {
        struct level_estimate estimate =
            plan_level_of(answer->bench, answer->tried, i, study->confidence);
        if (estimate.verdict == LEVEL_KEPT) {
            continue;
        }
        text_add(out, " Missed: ");
        level_add_words(out, &study->levels.items[i]);
        text_add(out, " - it is ");
        plan_add_level_value(out, &study->levels.items[i], estimate.value);
        text_add(out, estimate.verdict == LEVEL_UNCLEAR ? ", which is not sure enough." : ".");
    }
}

static void add_no_answer(struct text *out, const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    text_add(out, "No candidate keeps every level. Nearest comes ");
    plan_candidate_add_words(out, study, &answer->best);
    text_add_char(out, '.');
    add_misses(out, answer);
    if (answer->reaches) {
        text_add(out, " Beyond the ranges, ");
        plan_candidate_add_words(out, study, &answer->beyond);
        text_add(out, " keeps all of them.");
    } else if (plan_number_of(answer->tried, PLAN_REJECTED) > 0) {
        text_addf(out,
                  " More nodes do not help: %.0f jobs fit on no node or set of nodes there is.",
                  plan_number_of(answer->tried, PLAN_REJECTED));
    } else if (study->pools.count > 0) {
        text_add(out, " Thirty-two times as many nodes do not keep them either: another policy, "
                      "other nodes or another level is needed.");
    }
}

static void add_binding(struct text *out, const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    bool any = false;
    for (uint32_t i = 0; i < study->levels.count; i++) {
        if (plan_binds(answer, i)) {
            text_add(out, any ? "; " : " With a step less it fails at: ");
            level_add_words(out, &study->levels.items[i]);
            any = true;
        }
    }
    if (any) {
        text_add_char(out, '.');
    } else if (!answer->looks_below) {
        text_add(out, " It is the smallest that was allowed.");
    }
}

void plan_add_answer(struct text *out, const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    if (!answer->found) {
        add_no_answer(out, answer);
        return;
    }
    plan_candidate_add_words(out, study, &answer->best);
    text_addf(out, " (%g GPUs) ", answer->best.gpus);
    if (study->least == LEAST_METRIC) {
        text_addf(out, "has the least %s within the budget, ", metrics[study->metric].name);
        human_add_number(out, plan_number_of(answer->tried, PLAN_METRIC));
        text_addf(out, ", and keeps every level with %g %% confidence, ", study->confidence * 100);
    } else if (study->least == LEAST_ENERGY) {
        text_addf(out,
                  "draws the least energy of those that keep every level with %g %% confidence, "
                  "%.1f kW in the mean, ",
                  study->confidence * 100, answer->best.power_w / 1000);
    } else {
        text_addf(out, "is the %s that keeps every level with %g %% confidence, ",
                  study->least == LEAST_GPUS ? "smallest" : "cheapest", study->confidence * 100);
    }
    plan_add_money(out, study, answer->best.micro_per_hour);
    text_add_char(out, '.');
    if (answer->ties > 0) {
        text_addf(out, " %zu others cannot be told from it.", answer->ties);
    }
    add_binding(out, answer);
}

/* -- tables ---------------------------------------------------------------------------------- */

static void add_levels(struct text *out, const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    text_add(out, "\nService levels at that cluster (bounds are one-sided):\n");
    for (uint32_t i = 0; i < study->levels.count; i++) {
        const struct plan_level *level = &study->levels.items[i];
        struct level_estimate estimate =
            plan_level_of(answer->bench, answer->tried, i, study->confidence);
        text_add(out, "  ");
        text_add(out, estimate.verdict == LEVEL_KEPT     ? "kept    "
                      : estimate.verdict == LEVEL_BROKEN ? "broken  "
                                                         : "unclear ");
        level_add_words(out, level);
        text_add(out, ": ");
        plan_add_level_value(out, level, estimate.value);
        text_add(out, level_wants_more(level) ? ", at least " : ", at most ");
        plan_add_level_value(out, level, level_wants_more(level) ? estimate.low : estimate.high);
        text_add_char(out, '\n');
    }
}

static void add_neighbours(struct text *out, const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    if (answer->neighbours.count > 0) {
        text_add(out, "\nOne step more or less (cost an hour; mean wait; GPU time in use):\n");
    }
    for (size_t i = 0; i < answer->neighbours.count; i++) {
        const struct plan_neighbour *neighbour = &answer->neighbours.items[i];
        const struct plan_candidate *other = &neighbour->tried->candidate;
        int64_t difference = other->micro_per_hour - answer->best.micro_per_hour;
        text_addf(out, "  %lld x %s: %+.2f; ", (long long)other->nodes[neighbour->pool],
                  study->pools.items[neighbour->pool].name, (double)difference / 1e6);
        human_add_duration(out, plan_number_of(neighbour->tried, PLAN_MEAN_WAIT_S));
        text_add(out, " instead of ");
        human_add_duration(out, plan_number_of(answer->tried, PLAN_MEAN_WAIT_S));
        text_addf(out, "; %.1f %%\n", plan_number_of(neighbour->tried, PLAN_ALLOCATION) * 100);
    }
}

void plan_add_variant(struct text *out, const struct plan_answer *answer,
                      const struct plan_variant *variant)
{
    const struct plan_study *study = answer->study;
    if (!variant->found) {
        text_add(out, "no candidate keeps the levels");
        return;
    }
    int64_t difference = variant->candidate.micro_per_hour - answer->best.micro_per_hour;
    plan_candidate_add_words(out, study, &variant->candidate);
    if (variant->candidate.gpus < answer->best.gpus ||
        variant->candidate.gpus > answer->best.gpus || difference != 0) {
        text_addf(out, ": %+g GPUs, %+.2f an hour", variant->candidate.gpus - answer->best.gpus,
                  (double)difference / 1e6);
    } else {
        text_add(out, ": as much");
    }
}

static void add_variant_name(struct text *out, const struct plan_answer *answer,
                             const struct plan_variant *variant)
{
    if (strcmp(variant->kind, "without level") == 0) {
        text_add(out, "without: ");
        level_add_words(out, &answer->study->levels.items[variant->level]);
    } else if (strcmp(variant->kind, "policy") == 0) {
        text_addf(out, "policy %s", variant->name);
    } else {
        text_add(out, variant->name);
    }
}

static void add_variants(struct text *out, const struct plan_answer *answer)
{
    if (answer->variants.count > 0) {
        text_add(out, "\nWhat would change the answer:\n");
    }
    for (size_t i = 0; i < answer->variants.count; i++) {
        text_add(out, "  ");
        add_variant_name(out, answer, &answer->variants.items[i]);
        text_add(out, " -> ");
        plan_add_variant(out, answer, &answer->variants.items[i]);
        text_add_char(out, '\n');
    }
}

static void add_causes(struct text *out, const struct plan_answer *answer)
{
    text_add(out, answer->looks_below ? "\nWith a step less, jobs wait for:" : "\nJobs wait for:");
    bool any = false;
    for (int cause = 0; cause < WAIT_CAUSE_COUNT; cause++) {
        double share = answer->look.causes[cause];
        if (share >= 0.005) {
            text_addf(out, "%s %s %.0f %%", any ? "," : "", wait_cause_name((enum wait_cause)cause),
                      share * 100);
            any = true;
        }
    }
    text_add(out, any ? "\n" : " nothing\n");
}

static void add_formula(struct text *out, const struct plan_answer *answer)
{
    const struct plan_formula *formula = &answer->formula;
    if (!(formula->work_gpus > 0)) {
        return;
    }
    text_addf(out,
              "\nBeside the runs: the jobs alone would keep %.1f GPUs of speed 1 busy; a queueing "
              "formula "
              "(M/G/c of\n%.0f servers, Allen and Cunneen) expects a mean wait of ",
              formula->work_gpus, formula->servers);
    if (isinf(formula->mean_wait_s)) {
        text_add(out, "no end");
    } else {
        human_add_duration(out, formula->mean_wait_s);
    }
    text_add(out, ", the runs have ");
    human_add_duration(out, plan_number_of(answer->tried, PLAN_MEAN_WAIT_S));
    text_add(out, ".\n");
}

void plan_add_table(struct text *out, const struct plan_answer *answer)
{
    plan_add_answer(out, answer);
    text_add_char(out, '\n');
    add_levels(out, answer);
    add_neighbours(out, answer);
    add_variants(out, answer);
    add_causes(out, answer);
    add_formula(out, answer);
    if (answer->lawless) {
        text_add(out,
                 "\nMore nodes were found to be worse here: candidates were run one by one.\n");
    }
    text_addf(out,
              "\n%zu candidates, of which %zu were run for the answer, in %zu runs; %zu runs with "
              "all of the above.\n",
              answer->candidates.count, answer->searched, answer->search_runs,
              plan_run_count(answer->bench));
}
