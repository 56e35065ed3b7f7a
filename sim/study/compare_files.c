/* compare_files.c - a comparison as JSON and as tidy tables; see compare.h. */
#include <inttypes.h>
#include <math.h>

#include "sim/base/check.h"
#include "sim/study/compare.h"

static const char *const verdict_names[] = {
    [VERDICT_BETTER] = "better",
    [VERDICT_WORSE] = "worse",
    [VERDICT_EQUAL] = "equal",
    [VERDICT_CANNOT_TELL] = "cannot-tell",
    [VERDICT_NO_INTERVAL] = "no-interval",
    [VERDICT_UNSTEADY] = "no-steady-state",
    [VERDICT_STEADIER] = "steadier",
    [VERDICT_CENSORED] = "censored",
};

static const char *better_name(enum metric_better better)
{
    return better == METRIC_LOWER ? "lower" : better == METRIC_HIGHER ? "higher" : "neither";
}

static void set(json_t *object, const char *key, json_t *value)
{
    CHECK(value != NULL && json_object_set_new(object, key, value) == 0);
}

static json_t *real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* Policy texts and queue names are bytes of somebody else's; JSON wants UTF-8. */
static json_t *string(const char *bytes)
{
    json_t *value = json_string(bytes);
    if (value == NULL) {
        struct text clean = {0};
        text_add_json(&clean, bytes);
        value = json_loads(clean.bytes, JSON_DECODE_ANY, NULL);
        text_release(&clean);
    }
    return value;
}

static json_t *estimate_json(const struct stats_estimate *estimate)
{
    json_t *object = json_object();
    bool told = estimate->count > 0;
    set(object, "replications", json_integer((json_int_t)estimate->count));
    set(object, "mean", told ? real(estimate->mean) : json_null());
    set(object, "sd", estimate->count > 1 ? real(estimate->sd) : json_null());
    set(object, "low", estimate->count > 1 ? real(estimate->low) : json_null());
    set(object, "high", estimate->count > 1 ? real(estimate->high) : json_null());
    return object;
}

/* "mean_wait_s", or "mean_wait_s of queue x". */
static void add_column_name(struct text *out, const struct compare *compare, uint32_t column)
{
    const struct metric_columns *columns = &compare->grid.columns;
    text_add(out, metric_of_column(columns, column)->name);
    if (column >= columns->metric_count) {
        text_add(out, " of ");
        metric_add_group(out, columns, column);
    }
}

static json_t *columns_json(const struct compare *compare, const struct stats_estimate *estimates,
                            const double *corrected)
{
    json_t *object = json_object();
    for (uint32_t i = 0; i < compare->grid.columns.count; i++) {
        if (estimates[i].count == 0) {
            continue;
        }
        struct text name = {0};
        add_column_name(&name, compare, i);
        json_t *estimate = estimate_json(&estimates[i]);
        if (corrected != NULL && estimates[i].count > 1) {
            set(estimate, "p", real(estimates[i].p));
            bool has_family =
                i == compare->settings.metric || i >= compare->grid.columns.metric_count;
            set(estimate, "p_holm", has_family ? real(corrected[i]) : json_null());
        }
        /* Names of queues may be any bytes. */
        json_t *key = string(name.bytes);
        set(object, json_string_value(key), estimate);
        json_decref(key);
        text_release(&name);
    }
    return object;
}

static json_t *verdict_json(const struct compare *compare, uint32_t load, uint32_t policy)
{
    const struct compare_policy *own = compare_at(compare, load, policy);
    struct text words = {0};
    struct text groups = {0};
    compare_add_verdict(&words, compare, load, policy);
    compare_add_groups(&groups, compare, load, policy);
    json_t *object = json_object();
    set(object, "verdict", json_string(verdict_names[own->verdict]));
    set(object, "words", string(words.bytes));
    set(object, "groups", string(groups.length > 0 ? groups.bytes : ""));
    set(object, "wins", json_integer(own->wins));
    set(object, "losses", json_integer(own->losses));
    set(object, "sign_test_p", real(own->sign_p));
    set(object, "correlation", real(own->correlation));
    set(object, "replications_needed",
        own->verdict == VERDICT_CANNOT_TELL ? json_integer(own->needed) : json_null());
    set(object, "differences", columns_json(compare, own->differences, own->corrected));
    text_release(&words);
    text_release(&groups);
    return object;
}

static json_t *policy_json(const struct compare *compare, uint32_t load, uint32_t policy)
{
    const struct compare_policy *own = compare_at(compare, load, policy);
    json_t *object = json_object();
    set(object, "policy", string(compare->plan->policies[policy].label));
    set(object, "steady", json_boolean(!own->is_unsteady));
    set(object, "censored", json_integer((json_int_t)own->censored));
    set(object, "rejected", json_integer((json_int_t)own->rejected));
    set(object, "metrics", columns_json(compare, own->columns, NULL));
    if (policy > 0) {
        set(object, "against_first", verdict_json(compare, load, policy));
    }
    json_t *fingerprints = json_array();
    for (uint32_t r = 0; r < compare->grid.replications; r++) {
        (void)json_array_append_new(
            fingerprints,
            json_sprintf("%016" PRIx64, grid_at(&compare->grid, r, load, policy)->fingerprint));
    }
    set(object, "fingerprints", fingerprints);
    return object;
}

static json_t *load_json(const struct compare *compare, uint32_t load)
{
    const struct compare_load *at = &compare->loads[load];
    json_t *object = json_object();
    json_t *policies = json_array();
    for (uint32_t i = 0; i < compare->plan->policy_count; i++) {
        (void)json_array_append_new(policies, policy_json(compare, load, i));
    }
    struct text remarks = {0};
    compare_add_remarks(&remarks, compare, load);
    set(object, "factor", real(at->factor));
    set(object, "offered_load", real(at->offered));
    set(object, "warmup_s", real((double)at->warmup_us / 1e6));
    set(object, "remarks", string(remarks.length > 0 ? remarks.bytes : ""));
    set(object, "policies", policies);
    text_release(&remarks);
    return object;
}

json_t *compare_json(const struct compare *compare)
{
    const struct metric *metric = &metrics[compare->settings.metric];
    json_t *object = json_object();
    set(object, "format", json_integer(1));
    set(object, "metric", json_string(metric->name));
    set(object, "metric_help", json_string(metric->help));
    set(object, "better", json_string(better_name(metric->better)));
    set(object, "level", real(compare->settings.level));
    set(object, "replications", json_integer(compare->grid.replications));
    json_t *loads = json_array();
    for (uint32_t i = 0; i < compare->plan->load_count; i++) {
        (void)json_array_append_new(loads, load_json(compare, i));
    }
    set(object, "loads", loads);
    return object;
}

/* -- tables ---------------------------------------------------------------------------------- */

static void add_number(struct text *out, double value)
{
    text_add_char(out, ',');
    if (isfinite(value)) {
        text_addf(out, "%.12g", value);
    }
}

/* "policy,load,metric,group": what every row starts with. */
static void add_key(struct text *out, const struct compare *compare, uint32_t load, uint32_t policy,
                    uint32_t column)
{
    struct text group = {0};
    text_add_csv(out, compare->plan->policies[policy].label);
    text_addf(out, ",%.6g,%s,", compare->loads[load].factor,
              metric_of_column(&compare->grid.columns, column)->name);
    metric_add_group(&group, &compare->grid.columns, column);
    text_add_csv(out, group.length > 0 ? group.bytes : "");
    text_release(&group);
}

void compare_add_replications_csv(struct text *out, const struct compare *compare)
{
    text_add(out, "policy,load_factor,metric,group,replication,value\n");
    for (uint32_t load = 0; load < compare->plan->load_count; load++) {
        for (uint32_t policy = 0; policy < compare->plan->policy_count; policy++) {
            for (uint32_t column = 0; column < compare->grid.columns.count; column++) {
                for (uint32_t r = 0; r < compare->grid.replications; r++) {
                    double value = grid_at(&compare->grid, r, load, policy)->values[column];
                    if (isnan(value)) {
                        continue;
                    }
                    add_key(out, compare, load, policy, column);
                    text_addf(out, ",%" PRIu32, r);
                    add_number(out, value);
                    text_add_char(out, '\n');
                }
            }
        }
    }
}

static void add_estimate(struct text *out, const struct stats_estimate *estimate)
{
    add_number(out, estimate->mean);
    add_number(out, estimate->count > 1 ? estimate->low : (double)NAN);
    add_number(out, estimate->count > 1 ? estimate->high : (double)NAN);
}

void compare_add_estimates_csv(struct text *out, const struct compare *compare)
{
    text_add(out, "policy,load_factor,metric,group,replications,mean,low,high,"
                  "difference,difference_low,difference_high,p\n");
    for (uint32_t load = 0; load < compare->plan->load_count; load++) {
        for (uint32_t policy = 0; policy < compare->plan->policy_count; policy++) {
            const struct compare_policy *own = compare_at(compare, load, policy);
            for (uint32_t column = 0; column < compare->grid.columns.count; column++) {
                if (own->columns[column].count == 0) {
                    continue;
                }
                add_key(out, compare, load, policy, column);
                text_addf(out, ",%zu", own->columns[column].count);
                add_estimate(out, &own->columns[column]);
                if (policy > 0 && own->differences[column].count > 0) {
                    add_estimate(out, &own->differences[column]);
                    add_number(out, own->differences[column].count > 1 ? own->differences[column].p
                                                                       : (double)NAN);
                } else {
                    text_add(out, ",,,,");
                }
                text_add_char(out, '\n');
            }
        }
    }
}
