/* compare.c - the runs of a comparison and what they say; see compare.h. */
#include "sim/study/compare.h"

#include <math.h>

#include "sim/base/check.h"

void compare_init(struct compare *compare, const struct grid_plan *plan,
                  const struct compare_settings *settings)
{
    CHECK(plan->policy_count > 0 && plan->load_count > 0 && settings->replications > 0);
    *compare = (struct compare){.plan = plan, .settings = *settings, .own_plan = *plan};
    compare->warmup_us = mem_alloc(plan->load_count, sizeof(*compare->warmup_us));
    compare->loads = mem_alloc(plan->load_count, sizeof(*compare->loads));
    compare->policies =
        mem_alloc((size_t)plan->load_count * plan->policy_count, sizeof(*compare->policies));
    for (uint32_t load = 0; load < plan->load_count; load++) {
        compare->warmup_us[load] = plan->warmup_us[load];
        compare->loads[load] = (struct compare_load){.factor = plan->factors[load],
                                                     .warmup_us = plan->warmup_us[load]};
    }
    compare->own_plan.warmup_us = compare->warmup_us;
    grid_init(&compare->grid, &compare->own_plan);
}

void compare_release(struct compare *compare)
{
    size_t cells = (size_t)compare->plan->load_count * compare->plan->policy_count;
    for (size_t i = 0; i < cells; i++) {
        free(compare->policies[i].columns);
        free(compare->policies[i].differences);
        free(compare->policies[i].corrected);
    }
    free(compare->policies);
    free(compare->loads);
    free(compare->warmup_us);
    grid_release(&compare->grid);
}

/* -- warm-up --------------------------------------------------------------------------------- */

/* The waits of a policy over time, averaged over the pilots; a step without jobs goes on as the
 * one before. */
static void mean_waits(const struct grid *pilots, uint32_t load, uint32_t policy, double *waits)
{
    for (uint32_t step = 0; step < SERIES_STEPS; step++) {
        double sum = 0;
        double count = 0;
        for (uint32_t r = 0; r < pilots->replications; r++) {
            double wait = grid_at(pilots, r, load, policy)->waits[step];
            if (!isnan(wait)) {
                sum += wait;
                count++;
            }
        }
        waits[step] = count > 0 ? sum / count : step > 0 ? waits[step - 1] : 0;
    }
}

static void find_warmup(struct compare *compare, const struct grid *pilots, uint32_t load)
{
    int64_t span_us = 0;
    for (uint32_t r = 0; r < pilots->replications; r++) {
        span_us += grid_at(pilots, r, load, 0)->span_us / pilots->replications;
    }
    struct compare_load *found = &compare->loads[load];
    size_t most = 0;
    for (uint32_t policy = 0; policy < compare->plan->policy_count; policy++) {
        double waits[SERIES_STEPS];
        size_t cut = 0;
        mean_waits(pilots, load, policy, waits);
        if (!steady_mser5(waits, SERIES_STEPS, &cut)) {
            found->is_short = true;
        }
        most = cut > most ? cut : most;
    }
    found->warmup_found = true;
    found->warmup_us = span_us / SERIES_STEPS * (int64_t)most;
    compare->warmup_us[load] = found->warmup_us;
}

static bool find_warmups(struct compare *compare, struct err *err)
{
    struct grid pilots;
    grid_init(&pilots, &compare->own_plan);
    uint32_t count = compare->settings.replications;
    bool ok = grid_extend(&pilots, count < COMPARE_PILOTS ? count : COMPARE_PILOTS, err);
    for (uint32_t load = 0; ok && load < compare->plan->load_count; load++) {
        find_warmup(compare, &pilots, load);
    }
    grid_release(&pilots);
    return ok;
}

/* -- runs ------------------------------------------------------------------------------------ */

static enum interval_method method_of(const struct compare *compare, uint32_t column)
{
    return metric_of_column(&compare->grid.columns, column)->is_mean ? INTERVAL_T
                                                                     : INTERVAL_BOOTSTRAP;
}

/* Takes the values out that are not there; returns how many are left. */
static size_t without_missing(double *values, size_t count)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(values[i])) {
            values[left++] = values[i];
        }
    }
    return left;
}

static void estimate_column(const struct compare *compare, uint32_t load, uint32_t policy,
                            uint32_t column, struct stats_estimate *out)
{
    uint32_t count = compare->grid.replications;
    double *values = mem_alloc(count, sizeof(*values));
    grid_column(&compare->grid, load, policy, column, values);
    stats_estimate(values, without_missing(values, count), compare->settings.level,
                   method_of(compare, column), compare->settings.seed, out);
    free(values);
}

static bool is_precise(const struct compare *compare)
{
    for (uint32_t load = 0; load < compare->plan->load_count; load++) {
        for (uint32_t policy = 0; policy < compare->plan->policy_count; policy++) {
            struct stats_estimate estimate;
            estimate_column(compare, load, policy, compare->settings.metric, &estimate);
            double half = (estimate.high - estimate.low) / 2;
            if (estimate.count < 2 || half > compare->settings.precision * fabs(estimate.mean)) {
                return false;
            }
        }
    }
    return true;
}

static bool run_in_batches(struct compare *compare, struct err *err)
{
    uint32_t most = compare->settings.replications;
    uint32_t batch = COMPARE_LEAST_SEQUENTIAL;
    while (compare->grid.replications < most && !compare->reached_precision) {
        uint32_t left = most - compare->grid.replications;
        if (!grid_extend(&compare->grid, left < batch ? left : batch, err)) {
            return false;
        }
        compare->reached_precision = is_precise(compare);
        batch = COMPARE_BATCH;
    }
    return true;
}

bool compare_run(struct compare *compare, struct err *err)
{
    if (compare->settings.warmup_by_mser && !find_warmups(compare, err)) {
        return false;
    }
    return compare->settings.precision > 0
               ? run_in_batches(compare, err)
               : grid_extend(&compare->grid, compare->settings.replications, err);
}

/* -- judging --------------------------------------------------------------------------------- */

/* Fills differences[] with the values of a policy minus those of the first, where both have one. */
static size_t differences_of(const struct compare *compare, uint32_t load, uint32_t policy,
                             uint32_t column, double *differences)
{
    size_t count = compare->grid.replications;
    double *base = mem_alloc(count, sizeof(*base));
    grid_column(&compare->grid, load, 0, column, base);
    grid_column(&compare->grid, load, policy, column, differences);
    for (size_t r = 0; r < count; r++) {
        differences[r] -= base[r];
    }
    free(base);
    return without_missing(differences, count);
}

static void count_wins(const struct compare *compare, const double *differences, size_t count,
                       struct compare_policy *out)
{
    const struct metric *metric =
        metric_of_column(&compare->grid.columns, compare->settings.metric);
    for (size_t i = 0; i < count; i++) {
        double gain = metric->better == METRIC_HIGHER ? differences[i] : -differences[i];
        out->wins += gain > 0;
        out->losses += gain < 0;
    }
    out->sign_p = stats_sign_test(out->wins, out->losses);
}

static void correlate(const struct compare *compare, uint32_t load, uint32_t policy,
                      struct compare_policy *out)
{
    size_t count = compare->grid.replications;
    double *base = mem_alloc(count, sizeof(*base));
    double *own = mem_alloc(count, sizeof(*own));
    grid_column(&compare->grid, load, 0, compare->settings.metric, base);
    grid_column(&compare->grid, load, policy, compare->settings.metric, own);
    size_t left = 0;
    for (size_t r = 0; r < count; r++) {
        if (!isnan(base[r]) && !isnan(own[r])) {
            base[left] = base[r];
            own[left++] = own[r];
        }
    }
    out->correlation = stats_correlation(base, own, left);
    free(base);
    free(own);
}

static void judge_differences(const struct compare *compare, uint32_t load, uint32_t policy,
                              struct compare_policy *out)
{
    uint32_t columns = compare->grid.columns.count;
    double *differences = mem_alloc(compare->grid.replications, sizeof(*differences));
    for (uint32_t column = 0; column < columns; column++) {
        size_t count = differences_of(compare, load, policy, column, differences);
        stats_estimate(differences, count, compare->settings.level, method_of(compare, column),
                       compare->settings.seed, &out->differences[column]);
        out->corrected[column] = count >= 2 ? out->differences[column].p : (double)NAN;
        if (column == compare->settings.metric) {
            count_wins(compare, differences, count, out);
        }
    }
    uint32_t first_group = compare->grid.columns.metric_count;
    stats_holm(out->corrected + first_group, compare->grid.columns.group_count);
    correlate(compare, load, policy, out);
    free(differences);
}

static void judge_growth(const struct compare *compare, uint32_t load, uint32_t policy,
                         struct compare_policy *out)
{
    uint32_t count = compare->grid.replications;
    double *backlog = mem_alloc((size_t)count * SERIES_STEPS, sizeof(*backlog));
    for (uint32_t r = 0; r < count; r++) {
        const struct grid_run *run = grid_at(&compare->grid, r, load, policy);
        memcpy(backlog + (size_t)r * SERIES_STEPS, run->backlog, SERIES_STEPS * sizeof(*backlog));
        out->censored += run->censored;
        out->rejected += run->rejected;
    }
    steady_growth(backlog, count, SERIES_STEPS, &out->growth);
    /* A backlog of less than a hundredth of the cluster is no overload, however it grows. */
    double least = (double)compare->plan->cluster->gpu_milli / 1000 / 100;
    out->is_unsteady = compare->loads[load].offered >= 1 ||
                       (steady_is_growing(&out->growth) && out->growth.end > least);
    free(backlog);
}

static void judge_policy(struct compare *compare, uint32_t load, uint32_t policy)
{
    uint32_t columns = compare->grid.columns.count;
    struct compare_policy *out = &compare->policies[load * compare->plan->policy_count + policy];
    out->columns = mem_alloc(columns, sizeof(*out->columns));
    out->differences = mem_alloc(columns, sizeof(*out->differences));
    out->corrected = mem_alloc(columns, sizeof(*out->corrected));
    for (uint32_t column = 0; column < columns; column++) {
        estimate_column(compare, load, policy, column, &out->columns[column]);
    }
    judge_growth(compare, load, policy, out);
    if (policy > 0) {
        judge_differences(compare, load, policy, out);
    }
}

/* Holm over every comparison with the first policy, of the primary metric. */
static void correct_primary(struct compare *compare)
{
    uint32_t policies = compare->plan->policy_count;
    uint32_t loads = compare->plan->load_count;
    size_t count = 0;
    double *p = mem_alloc((size_t)policies * loads, sizeof(*p));
    for (uint32_t i = 0; i < policies * loads; i++) {
        if (i % policies > 0) {
            p[count++] = compare->policies[i].corrected[compare->settings.metric];
        }
    }
    stats_holm(p, count);
    count = 0;
    for (uint32_t i = 0; i < policies * loads; i++) {
        if (i % policies > 0) {
            compare->policies[i].corrected[compare->settings.metric] = p[count++];
        }
    }
    free(p);
}

/* The first reason that forbids a verdict comes first. */
static enum verdict verdict_of(const struct compare *compare, const struct compare_policy *base,
                               const struct compare_policy *own)
{
    uint32_t column = compare->settings.metric;
    const struct metric *metric = metric_of_column(&compare->grid.columns, column);
    const struct stats_estimate *difference = &own->differences[column];
    if (metric->wants_completion && base->censored + own->censored > 0) {
        return VERDICT_CENSORED;
    }
    if (!compare->settings.is_window && (base->is_unsteady || own->is_unsteady)) {
        return own->is_unsteady ? VERDICT_UNSTEADY : VERDICT_STEADIER;
    }
    if (difference->count < 2) {
        return VERDICT_NO_INTERVAL;
    }
    if (own->wins + own->losses == 0) {
        return VERDICT_EQUAL;
    }
    if (!(own->corrected[column] < 1 - compare->settings.level)) {
        return VERDICT_CANNOT_TELL;
    }
    bool lower = difference->mean < 0;
    return lower == (metric->better == METRIC_LOWER) ? VERDICT_BETTER : VERDICT_WORSE;
}

static double mean_offered(const struct grid *grid, uint32_t load)
{
    double sum = 0;
    for (uint32_t r = 0; r < grid->replications; r++) {
        sum += grid_at(grid, r, load, 0)->offered_load;
    }
    return sum / grid->replications;
}

void compare_judge(struct compare *compare)
{
    uint32_t policies = compare->plan->policy_count;
    for (uint32_t load = 0; load < compare->plan->load_count; load++) {
        compare->loads[load].offered = mean_offered(&compare->grid, load);
        for (uint32_t policy = 0; policy < policies; policy++) {
            judge_policy(compare, load, policy);
        }
    }
    correct_primary(compare);
    for (uint32_t i = 0; i < compare->plan->load_count * policies; i++) {
        if (i % policies == 0) {
            continue;
        }
        struct compare_policy *own = &compare->policies[i];
        const struct stats_estimate *difference = &own->differences[compare->settings.metric];
        own->verdict = verdict_of(compare, &compare->policies[i - i % policies], own);
        if (own->verdict == VERDICT_CANNOT_TELL) {
            own->needed = (uint32_t)stats_needed(difference->sd, fabs(difference->mean),
                                                 compare->settings.level);
        }
    }
}
