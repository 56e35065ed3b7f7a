/* quota_words.c - the sentences and the table; see quota_files.h. */
#include "sim/plan/quota_words.h"

#include <math.h>

#include "sim/plan/quota_files.h"
#include "sim/report/human.h"

static const struct plan_share *share_of(const struct plan_quotas_answer *answer, size_t number)
{
    const struct plan_study *study = answer->study;
    return &study->shares.items[study->quotas.queues.items[number]];
}

void quota_add_loss(struct text *out, const struct plan_study *study, double loss)
{
    if (isinf(loss)) {
        text_add(out, "never runs");
    } else if (study->quotas.kind == LEVEL_SHARE_WAIT) {
        text_addf(out, "%.2f %%", loss * 100);
    } else if (study->quotas.kind == LEVEL_MEAN_WAIT) {
        text_add(out, loss < 0 ? "-" : "");
        human_add_duration(out, fabs(loss));
    } else {
        text_addf(out, "%.3g", loss);
    }
}

void quota_add_loss_name(struct text *out, const struct plan_study *study)
{
    if (study->quotas.kind == LEVEL_SHARE_WAIT) {
        text_add(out, "share of jobs that wait longer than ");
        human_add_duration(out, study->quotas.bound_s);
    } else {
        text_add(out,
                 study->quotas.kind == LEVEL_MEAN_WAIT ? "mean wait" : "mean bounded slowdown");
    }
}

enum quota_verdict quota_verdict_of(const struct quota_loss *loss)
{
    return loss->difference.high < 0  ? QUOTA_GAINS
           : loss->difference.low > 0 ? QUOTA_LOSES
                                      : QUOTA_UNCLEAR;
}

const char *quota_verdict_name(enum quota_verdict verdict)
{
    static const char *const NAMES[] = {"gains", "loses", "cannot tell"};
    return NAMES[verdict];
}

static size_t worst_of(const struct plan_quotas_answer *answer)
{
    size_t worst = 0;
    for (size_t i = 1; i < answer->losses.count; i++) {
        if (answer->losses.items[i].now.mean > answer->losses.items[worst].now.mean) {
            worst = i;
        }
    }
    return worst;
}

static void add_interval(struct text *out, const struct plan_study *study,
                         const struct stats_estimate *estimate)
{
    quota_add_loss(out, study, estimate->mean);
    text_addf(out, " (%g %%: ", study->confidence * 100);
    quota_add_loss(out, study, estimate->low);
    text_add(out, " to ");
    quota_add_loss(out, study, estimate->high);
    text_add_char(out, ')');
}

static void add_who(struct text *out, const struct plan_quotas_answer *answer,
                    enum quota_verdict verdict)
{
    bool any = false;
    for (size_t i = 0; i < answer->losses.count; i++) {
        if (quota_verdict_of(&answer->losses.items[i]) == verdict) {
            text_addf(out, "%s%s", any ? ", " : "", share_of(answer, i)->name);
            any = true;
        }
    }
    if (!any) {
        text_add(out, "nobody");
    }
}

void quota_add_answer(struct text *out, const struct plan_quotas_answer *answer)
{
    const struct plan_study *study = answer->study;
    const struct quota_loss *objective = &answer->objective;
    size_t worst = worst_of(answer);
    text_addf(out, "Under %s, queue %s is the worst off now: its ", study->policies.items[0],
              share_of(answer, worst)->name);
    quota_add_loss_name(out, study);
    text_add(out, " is ");
    quota_add_loss(out, study, answer->losses.items[worst].now.mean);
    text_add(out, ". ");
    if (!answer->any_effect) {
        text_add(out, "No change made any difference: the policy does not look at them, or nobody "
                      "waits.");
        return;
    }
    if (answer->taken == 0) {
        text_addf(out, "None of the %zu changes tried is better beyond luck: keep what is there.",
                  answer->tried - 1);
        return;
    }
    text_addf(out, "On %u workloads that the search did not see, %s goes from ",
              study->replications,
              study->quotas.of_all ? "the mean over queues" : "the loss of the worst-off queue");
    quota_add_loss(out, study, objective->now.mean);
    text_add(out, " to ");
    quota_add_loss(out, study, objective->found.mean);
    text_add(out, " by the change below, a difference of ");
    add_interval(out, study, &objective->difference);
    text_add(out, plan_quotas_helps(answer) ? "; " : ", which may be luck: keep what is there; ");
    add_who(out, answer, QUOTA_GAINS);
    text_add(out, " gain, ");
    add_who(out, answer, QUOTA_LOSES);
    text_add(out, " lose.");
    if (!answer->keeps_levels) {
        text_add(out, " But some service level is broken then.");
    }
}

void quota_add_amount(struct text *out, double amount)
{
    if (amount < 0) {
        text_add(out, "none");
    } else {
        text_addf(out, "%.6g", amount);
    }
}

static void add_change(struct text *out, double now, double found)
{
    struct text cell = {0};
    quota_add_amount(&cell, now);
    if (now < found || now > found) {
        text_add(&cell, " -> ");
        quota_add_amount(&cell, found);
    }
    text_addf(out, " %16s", cell.bytes);
    text_release(&cell);
}

static void add_loss_cell(struct text *out, const struct plan_study *study, double loss)
{
    struct text cell = {0};
    quota_add_loss(&cell, study, loss);
    text_addf(out, " %10s", cell.bytes);
    text_release(&cell);
}

void quota_add_table(struct text *out, const struct plan_quotas_answer *answer)
{
    const struct plan_study *study = answer->study;
    quota_add_answer(out, answer);
    text_add(out, "\n\nGPUs of each queue, and the ");
    quota_add_loss_name(out, study);
    text_addf(out, " on the new workloads:\n  %-16s %16s %16s %16s %10s %10s %10s\n", "queue",
              "quota", "limit", "weight", "now", "then", "");
    for (size_t i = 0; i < answer->losses.count; i++) {
        uint32_t queue = study->quotas.queues.items[i];
        const struct quota_loss *loss = &answer->losses.items[i];
        text_addf(out, "  %-16s", share_of(answer, i)->name);
        add_change(out, answer->now.shares[queue].quota, answer->found.shares[queue].quota);
        add_change(out, answer->now.shares[queue].limit, answer->found.shares[queue].limit);
        add_change(out, answer->now.shares[queue].weight, answer->found.shares[queue].weight);
        add_loss_cell(out, study, loss->now.mean);
        add_loss_cell(out, study, loss->found.mean);
        text_addf(out, " %s\n",
                  answer->taken > 0 ? quota_verdict_name(quota_verdict_of(loss)) : "");
    }
    text_addf(out, "\n%zu entitlements in %zu runs; %zu moves were taken.\n", answer->tried,
              plan_run_count(answer->bench), answer->taken);
}
