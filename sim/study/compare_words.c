/* compare_words.c - the verdicts of a comparison as sentences; see compare.h. */
#include <inttypes.h>
#include <math.h>

#include "sim/report/human.h"
#include "sim/study/compare.h"

static const struct metric *primary(const struct compare *compare)
{
    return &metrics[compare->settings.metric];
}

static bool is_in_seconds(const struct metric *metric)
{
    size_t length = strlen(metric->name);
    return length > 2 && strcmp(metric->name + length - 2, "_s") == 0;
}

static void add_value(struct text *out, const struct metric *metric, double value)
{
    if (value < 0) {
        text_add_char(out, '-');
    }
    if (is_in_seconds(metric)) {
        human_add_duration(out, fabs(value));
    } else {
        human_add_number(out, fabs(value));
    }
}

static void add_change(struct text *out, const struct compare *compare,
                       const struct stats_estimate *difference, double base)
{
    if (fabs(base) > 0) {
        text_addf(out, "%.3g %% %s, ", fabs(difference->mean / base) * 100,
                  difference->mean < 0 ? "lower" : "higher");
    }
    add_value(out, primary(compare), difference->mean);
    text_add(out, " [");
    add_value(out, primary(compare), difference->low);
    text_add(out, ", ");
    add_value(out, primary(compare), difference->high);
    text_add(out, "]");
}

static void add_tallies(struct text *out, const struct compare *compare,
                        const struct compare_policy *own)
{
    text_addf(out, "; better in %" PRIu32 ", worse in %" PRIu32 " of %" PRIu32 " replications",
              own->wins, own->losses, compare->grid.replications);
}

static void add_cannot_tell(struct text *out, const struct compare *compare,
                            const struct compare_policy *own, double base)
{
    text_add(out, "cannot tell: ");
    add_change(out, compare, &own->differences[compare->settings.metric], base);
    add_tallies(out, compare, own);
    uint32_t more = own->needed - compare->grid.replications;
    if (own->needed >= STATS_MOST_NEEDED) {
        text_addf(out, "; a difference so small needs more than %d replications",
                  STATS_MOST_NEEDED);
    } else if (own->needed > compare->grid.replications) {
        text_addf(out, "; needs about %" PRIu32 " more replications", more);
    } else {
        text_add(out, "; not beyond what so many comparisons show by chance");
    }
}

void compare_add_verdict(struct text *out, const struct compare *compare, uint32_t load,
                         uint32_t policy)
{
    const struct compare_policy *base = compare_at(compare, load, 0);
    const struct compare_policy *own = compare_at(compare, load, policy);
    uint32_t column = compare->settings.metric;
    switch (own->verdict) {
    case VERDICT_BETTER:
    case VERDICT_WORSE:
        text_add(out, own->verdict == VERDICT_BETTER ? "better: " : "worse: ");
        add_change(out, compare, &own->differences[column], base->columns[column].mean);
        add_tallies(out, compare, own);
        text_addf(out, ", p = %.2g after Holm", own->corrected[column]);
        return;
    case VERDICT_EQUAL:
        text_addf(out, "equal in each of %" PRIu32 " replications", compare->grid.replications);
        return;
    case VERDICT_CANNOT_TELL:
        add_cannot_tell(out, compare, own, base->columns[column].mean);
        return;
    case VERDICT_NO_INTERVAL:
        if (own->differences[column].count == 0) {
            text_add(out, "nothing to compare");
            return;
        }
        add_value(out, primary(compare), own->differences[column].mean);
        text_add(out, " in one run: nothing is known of luck (--replications)");
        return;
    case VERDICT_UNSTEADY:
        text_add(out, "no verdict: no steady state, so means grow with the run's length");
        return;
    case VERDICT_STEADIER:
        text_addf(out, "settles where %s does not: no mean to compare with",
                  compare->plan->policies[0].label);
        return;
    case VERDICT_CENSORED:
        text_add(out, "no verdict: not all jobs ended, so means are over different jobs");
        return;
    }
}

void compare_add_groups(struct text *out, const struct compare *compare, uint32_t load,
                        uint32_t policy)
{
    const struct compare_policy *base = compare_at(compare, load, 0);
    const struct compare_policy *own = compare_at(compare, load, policy);
    const struct metric_columns *columns = &compare->grid.columns;
    const char *between = "";
    for (uint32_t i = columns->metric_count; i < columns->count - WAIT_CAUSE_COUNT; i++) {
        const struct stats_estimate *difference = &own->differences[i];
        if (difference->count < 2 || !(own->corrected[i] < 1 - compare->settings.level)) {
            continue;
        }
        text_add(out, between);
        metric_add_group(out, columns, i);
        double mean = base->columns[i].mean;
        if (fabs(mean) > 0) {
            text_addf(out, " %+.0f %%", difference->mean / mean * 100);
        } else {
            text_add(out, difference->mean > 0 ? " +" : " ");
            add_value(out, &metrics[0], difference->mean);
        }
        between = ", ";
    }
}

/* Jobs that one of two runs rejects are in no mean of it: where that differs, means are of
 * different jobs. */
static void add_rejected(struct text *out, const struct compare *compare, uint32_t load)
{
    const struct grid_plan *plan = compare->plan;
    uint64_t base = 0;
    for (uint32_t i = 0; i < plan->policy_count; i++) {
        uint64_t own = 0;
        for (uint32_t r = 0; r < compare->grid.replications; r++) {
            own += grid_at(&compare->grid, r, load, i)->rejected;
        }
        base = i == 0 ? own : base;
        if (own != base) {
            text_addf(out,
                      "%s: %" PRIu64 " jobs can never run there, of the base's %" PRIu64
                      ": waits are of different jobs\n",
                      plan->policies[i].label, own, base);
        }
    }
}

void compare_add_remarks(struct text *out, const struct compare *compare, uint32_t load)
{
    const struct compare_load *at = &compare->loads[load];
    const struct grid_plan *plan = compare->plan;
    if (at->warmup_us > 0) {
        text_add(out, at->warmup_found ? "Warm-up by MSER-5: " : "Warm-up: ");
        human_add_duration(out, (double)at->warmup_us / 1e6);
        text_add(out, "; jobs submitted before count in no statistic\n");
    }
    if (at->is_short) {
        text_add(out,
                 "The runs are too short for MSER-5 to find a warm-up: half of them was cut\n");
    }
    for (uint32_t i = 0; i < plan->policy_count; i++) {
        const struct compare_policy *policy = compare_at(compare, load, i);
        if (policy->is_unsteady && at->offered < 1) {
            text_addf(out, "%s: the backlog grows to %.0f GPUs at the end: no steady state\n",
                      plan->policies[i].label, policy->growth.end);
        }
        if (policy->censored > 0) {
            text_addf(out, "%s: %" PRIu64 " jobs had not ended at the end of the run\n",
                      plan->policies[i].label, policy->censored);
        }
    }
    add_rejected(out, compare, load);
    if (at->offered >= 1) {
        text_addf(out, "The jobs ask for %.2f of all GPU time: no steady state\n", at->offered);
    }
}

/* -- the table ------------------------------------------------------------------------------- */

static void add_padded(struct text *out, const char *string, size_t width)
{
    size_t length = strlen(string);
    text_add_bytes(out, string, length > width ? width : length);
    for (size_t i = length; i < width; i++) {
        text_add_char(out, ' ');
    }
}

static void add_policy_row(struct text *out, const struct compare *compare, uint32_t load,
                           uint32_t policy, size_t width)
{
    const struct compare_policy *own = compare_at(compare, load, policy);
    const struct stats_estimate *estimate = &own->columns[compare->settings.metric];
    text_add(out, "  ");
    add_padded(out, compare->plan->policies[policy].label, width);
    text_add(out, "  ");
    if (estimate->count == 0) {
        text_add(out, "no job started\n");
        return;
    }
    struct text value = {0};
    add_value(&value, primary(compare), estimate->mean);
    if (estimate->count > 1) {
        text_add(&value, " [");
        add_value(&value, primary(compare), estimate->low);
        text_add(&value, ", ");
        add_value(&value, primary(compare), estimate->high);
        text_add(&value, "]");
    }
    add_padded(out, value.bytes, 32);
    text_release(&value);
    if (policy == 0) {
        text_add(out, "  the base\n");
        return;
    }
    text_add(out, "  ");
    compare_add_verdict(out, compare, load, policy);
    text_add_char(out, '\n');
}

static void add_group_row(struct text *out, const struct compare *compare, uint32_t load,
                          uint32_t policy, size_t width)
{
    struct text groups = {0};
    compare_add_groups(&groups, compare, load, policy);
    if (groups.length > 0) {
        text_add(out, "  ");
        add_padded(out, "", width);
        text_addf(out, "  its waits: %s\n", groups.bytes);
    }
    text_release(&groups);
}

static void add_load(struct text *out, const struct compare *compare, uint32_t load)
{
    const struct grid_plan *plan = compare->plan;
    size_t width = 8;
    for (uint32_t i = 0; i < plan->policy_count; i++) {
        size_t length = strlen(plan->policies[i].label);
        width = length > width ? length : width;
    }
    width = width > 40 ? 40 : width;
    text_addf(out, "\nOffered load %.3f\n", compare->loads[load].offered);
    for (uint32_t i = 0; i < plan->policy_count; i++) {
        add_policy_row(out, compare, load, i, width);
        enum verdict verdict = compare_at(compare, load, i)->verdict;
        if (i > 0 && (verdict == VERDICT_BETTER || verdict == VERDICT_WORSE ||
                      verdict == VERDICT_CANNOT_TELL)) {
            add_group_row(out, compare, load, i, width);
        }
    }
    struct text remarks = {0};
    compare_add_remarks(&remarks, compare, load);
    if (remarks.length > 0) {
        text_add(out, remarks.bytes);
    }
    text_release(&remarks);
}

void compare_add_table(struct text *out, const struct compare *compare)
{
    text_addf(out, "%s (%s), %" PRIu32 " replication%s, %g %% intervals\n", primary(compare)->name,
              primary(compare)->help, compare->grid.replications,
              compare->grid.replications == 1 ? "" : "s", compare->settings.level * 100);
    if (compare->settings.precision > 0) {
        text_addf(out, "%s a precision of %g %%\n",
                  compare->reached_precision ? "Reached" : "Did not reach",
                  compare->settings.precision * 100);
    }
    for (uint32_t load = 0; load < compare->plan->load_count; load++) {
        add_load(out, compare, load);
    }
}
