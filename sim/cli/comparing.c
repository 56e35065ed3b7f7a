/* comparing.c - see comparing.h. */
#include "sim/cli/comparing.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/base/parse.h"
#include "sim/cli/changes.h"
#include "sim/cli/transformed.h"
#include "sim/transform/scale.h"
#include "sim/workload/trace_format.h"

enum { MOST_LOADS = 64, MOST_REPLICATIONS = 100000, MODEL_SAMPLES = 10 };

/* -- policies -------------------------------------------------------------------------------- */

const char *comparing_keep(struct comparing *out, const char *bytes, size_t length)
{
    char *text = mem_copy_text(bytes, length);
    vec_push(&out->texts, text);
    return text;
}

bool comparing_add_policy(const char *text, const char *dflt_place, struct comparing *out,
                          struct err *err)
{
    const char *at = strrchr(text, '@');
    const char *name = at == NULL ? text : comparing_keep(out, text, (size_t)(at - text));
    struct chosen_policy policy;
    if (!chosen_policy_read(name, &policy, err)) {
        return false;
    }
    vec_push(&out->chosen, policy);
    struct chosen_place place;
    if (!chosen_place_read(at == NULL ? dflt_place : at + 1, &place, err)) {
        return false;
    }
    vec_push(&out->places, place);
    struct grid_policy entry = {
        .label = text,
        .ops = policy.ops,
        .params = policy.params,
        .place = place.ops,
        .place_params = place.params,
    };
    vec_push(&out->policies, entry);
    return true;
}

/* "KEY=VALUE": the option --KEY of this command line with another value; NULL when there is no such
 * setting of runs. */
static const struct cli_option *find_setting(const struct cli_args *args, struct view key)
{
    static const char *const settings[] = {"pass",     "tie",       "cost",     "horizon",
                                           "oversize", "estimates", "slowdown", "failures"};
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        for (const struct cli_option *option = args->options; option->name != NULL; option++) {
            if (view_is(key, settings[i]) && strcmp(option->name + 2, settings[i]) == 0) {
                return option;
            }
        }
    }
    return NULL;
}

/* The same command line with that option set otherwise. */
static bool read_varied(const struct cli_args *args, const struct cli_option *option,
                        const char *value, struct engine_settings *out, struct err *err)
{
    struct cli_args varied = {.options = args->options};
    for (size_t i = 0; i < args->given.count; i++) {
        if (args->given.items[i].option != option) {
            vec_push(&varied.given, args->given.items[i]);
        }
    }
    struct cli_given given = {option, value};
    vec_push(&varied.given, given);
    bool ok = settings_read(&varied, out, err);
    vec_release(&varied.given);
    return ok;
}

bool comparing_read_setting(const struct cli_args *args, const char *text, struct comparing *out,
                            struct engine_settings **settings, struct err *err)
{
    const char *value = strchr(text, '=');
    struct view key = {text, value == NULL ? 0 : (size_t)(value - text)};
    const struct cli_option *option = find_setting(args, key);
    if (option == NULL) {
        return err_set(err, ERR_USAGE, 0,
                       "'%.60s' is no setting, expected pass=, tie=, cost=, horizon=, oversize=, "
                       "slowdown=, failures= or estimates= with a value of that option",
                       text);
    }
    *settings = mem_alloc(1, sizeof(**settings));
    vec_push(&out->varied, *settings);
    return read_varied(args, option, value + 1, *settings, err);
}

static bool add_variant(const struct cli_args *args, const char *text, struct comparing *out,
                        struct err *err)
{
    struct engine_settings *settings = NULL;
    if (!comparing_read_setting(args, text, out, &settings, err)) {
        return err_locate(err, "--vary");
    }
    struct text label = {0};
    text_addf(&label, "%s, %s", out->policies.items[0].label, text);
    struct grid_policy entry = out->policies.items[0];
    entry.label = comparing_keep(out, label.bytes, label.length);
    entry.settings = settings;
    entry.is_variant = true;
    vec_push(&out->policies, entry);
    text_release(&label);
    return true;
}

static bool read_variants(const struct cli_args *args, struct comparing *out, struct err *err)
{
    for (size_t i = 0; i < args->given.count; i++) {
        const struct cli_given *given = &args->given.items[i];
        if (strcmp(given->option->name, "--vary") == 0 &&
            !add_variant(args, given->value, out, err)) {
            return false;
        }
    }
    return true;
}

static bool read_policies(const struct cli_args *args, struct comparing *out, struct err *err)
{
    for (size_t i = 0; i < args->given.count; i++) {
        const struct cli_given *given = &args->given.items[i];
        if (strcmp(given->option->name, "--policy") == 0 &&
            !comparing_add_policy(given->value, cli_value(args, "--place"), out, err)) {
            return false;
        }
    }
    if (out->policies.count > 0 && !read_variants(args, out, err)) {
        return false;
    }
    return out->policies.count >= 2 || args->words.count > 0 ||
           err_set(err, ERR_USAGE, 0,
                   "%zu policies are given, expected --policy twice or more, or once with --vary",
                   out->policies.count);
}

/* -- settings -------------------------------------------------------------------------------- */

static bool read_share(const struct cli_args *args, const char *name, double *out, struct err *err)
{
    const char *value = cli_value(args, name);
    if (value == NULL) {
        return true;
    }
    return (parse_f64(view_of(value), out) == PARSE_OK && *out > 0 && *out < 1) ||
           err_set(err, ERR_USAGE, 0, "%s is '%.60s', expected a number between 0 and 1", name,
                   value);
}

static bool no_such_metric(const char *name, struct err *err)
{
    VEC(const char *) names = {0};
    struct text all = {0};
    for (uint32_t i = 0; i < metric_count(); i++) {
        vec_push(&names, metrics[i].name);
        text_addf(&all, "%s%s", i > 0 ? ", " : "", metrics[i].name);
    }
    vec_push(&names, NULL);
    const char *nearest = param_nearest(view_of(name), names.items);
    bool ok =
        nearest != NULL
            ? err_set(err, ERR_USAGE, 0, "no metric '%.60s'; did you mean '%s'?", name, nearest)
            : err_set(err, ERR_USAGE, 0, "no metric '%.60s', expected one of %s", name, all.bytes);
    vec_release(&names);
    text_release(&all);
    return ok;
}

static bool read_warmup(const struct cli_args *args, struct comparing *out, struct err *err)
{
    const char *value = cli_value(args, "--warmup");
    out->compare.is_window = cli_flag(args, "--window");
    out->compare.warmup_by_mser = !out->compare.is_window && strcmp(value, "mser") == 0;
    if (strcmp(value, "mser") == 0) {
        return true;
    }
    return cli_seconds_us(args, "--warmup", &out->report.warmup_us, err);
}

static bool read_compare_settings(const struct cli_args *args, struct comparing *out,
                                  struct err *err)
{
    struct compare_settings *settings = &out->compare;
    int64_t replications = 0;
    settings->metric = metric_find(cli_value(args, "--metric"));
    settings->seed = out->settings.seed;
    report_options_init(&out->report);
    if (settings->metric == metric_count()) {
        return no_such_metric(cli_value(args, "--metric"), err);
    }
    if (!cli_whole(args, "--replications", 1, &replications, err) ||
        !cli_whole(args, "--threads", 1, &out->threads, err) ||
        !read_share(args, "--precision", &settings->precision, err) ||
        !read_share(args, "--level", &settings->level, err) || !read_warmup(args, out, err) ||
        !cli_seconds_us(args, "--tau", &out->report.tau_us, err)) {
        return false;
    }
    if (replications > MOST_REPLICATIONS) {
        return err_set(err, ERR_USAGE, 0, "--replications is %lld, expected at most %d",
                       (long long)replications, MOST_REPLICATIONS);
    }
    settings->replications = (uint32_t)replications;
    return out->report.tau_us > 0 ||
           err_set(err, ERR_USAGE, 0, "--tau is 0, expected more than 0 seconds");
}

/* -- workload and load ----------------------------------------------------------------------- */

/* The load that there is: of the trace, or on the mean of the first replications of the model. */
static bool measure_load(struct comparing *out, double *load, struct err *err)
{
    double gpus = (double)out->cluster.gpu_milli / 1000;
    double sum = scale_offered_load(&out->demand.workload, gpus);
    uint32_t samples = out->demand.has_model ? MODEL_SAMPLES : 1;
    for (uint32_t r = 1; r < samples; r++) {
        struct workload sample;
        if (!replicate_make(&out->demand.replicate, r, 1, &sample, err)) {
            return false;
        }
        sum += scale_offered_load(&sample, gpus);
        workload_release(&sample);
    }
    *load = sum / samples;
    return *load > 0 || err_set(err, ERR_USAGE, 0,
                                "--load needs jobs with GPUs and durations, and submits at more "
                                "than one time");
}

static bool read_list(const char *option, const char *value, double scale, struct comparing *out,
                      struct err *err)
{
    struct view rest = view_of(value);
    while (rest.at != NULL) {
        double number = 0;
        struct view item = view_cut(rest, ',', &rest);
        if (parse_f64(item, &number) != PARSE_OK || !(number > 0 && number <= 1000)) {
            return err_set(err, ERR_USAGE, 0,
                           "%s has '%.*s', expected numbers above 0 up to 1000 between commas",
                           option, VIEW_ARG(item));
        }
        vec_push(&out->factors, number * scale);
    }
    return out->factors.count <= MOST_LOADS ||
           err_set(err, ERR_USAGE, 0, "%s has %zu numbers, expected at most %d", option,
                   out->factors.count, MOST_LOADS);
}

static bool read_loads(const struct cli_args *args, struct comparing *out, struct err *err)
{
    const char *load = cli_value(args, "--load");
    const char *factor = cli_value(args, "--factor");
    if (load != NULL && factor != NULL) {
        return err_set(err, ERR_USAGE, 0, "--load and --factor are both given, expected one");
    }
    if (load == NULL) {
        return read_list("--factor", factor != NULL ? factor : "1", 1, out, err);
    }
    double offered = 0;
    if (!measure_load(out, &offered, err)) {
        return false;
    }
    return read_list("--load", load, 1 / offered, out, err);
}

static bool read_cluster(const struct cli_args *args, struct comparing *out, struct err *err)
{
    out->source = cli_value(args, "--cluster");
    if (out->source == NULL) {
        return err_set(err, ERR_USAGE, 0, "--cluster is missing");
    }
    out->has_cluster = trace_read_cluster(out->source, NULL, &out->cluster, err);
    return out->has_cluster;
}

/* -- all of it ------------------------------------------------------------------------------- */

static void make_plan(struct comparing *out)
{
    for (size_t i = 0; i < out->factors.count; i++) {
        vec_push(&out->warmup_us, out->report.warmup_us);
    }
    out->plan = (struct grid_plan){
        .settings = &out->settings,
        .report = &out->report,
        .cluster = &out->cluster,
        .replicate = &out->demand.replicate,
        .policies = out->policies.items,
        .policy_count = (uint32_t)out->policies.count,
        .factors = out->factors.items,
        .warmup_us = out->warmup_us.items,
        .load_count = (uint32_t)out->factors.count,
        .threads = (unsigned)out->threads,
    };
}

bool comparing_read(const struct cli_args *args, struct comparing *out, struct err *err)
{
    *out = (struct comparing){0};
    if (!settings_read(args, &out->settings, err) || !read_compare_settings(args, out, err) ||
        !read_policies(args, out, err) || !read_cluster(args, out, err)) {
        comparing_release(out);
        return false;
    }
    out->has_demand =
        demand_read(args, out->settings.seed, out->compare.replications == 1, &out->demand, err);
    if (!out->has_demand || !read_loads(args, out, err) || !changes_read(args, out, err)) {
        comparing_release(out);
        return false;
    }
    make_plan(out);
    return true;
}

void comparing_release(struct comparing *comparing)
{
    for (size_t i = 0; i < comparing->chosen.count; i++) {
        free(comparing->chosen.items[i].params);
    }
    for (size_t i = 0; i < comparing->places.count; i++) {
        free(comparing->places.items[i].params);
    }
    for (size_t i = 0; i < comparing->texts.count; i++) {
        free(comparing->texts.items[i]);
    }
    for (size_t i = 0; i < comparing->varied.count; i++) {
        settings_release(comparing->varied.items[i]);
        free(comparing->varied.items[i]);
    }
    vec_release(&comparing->varied);
    changes_release(comparing);
    settings_release(&comparing->settings);
    if (comparing->has_demand) {
        demand_release(&comparing->demand);
    }
    vec_release(&comparing->chosen);
    vec_release(&comparing->places);
    vec_release(&comparing->texts);
    vec_release(&comparing->policies);
    vec_release(&comparing->factors);
    vec_release(&comparing->warmup_us);
    if (comparing->has_cluster) {
        cluster_release_all(&comparing->cluster);
    }
}

static json_t *policies_json(const struct comparing *comparing)
{
    json_t *policies = json_array();
    for (size_t i = 0; i < comparing->policies.count; i++) {
        const struct grid_policy *policy = &comparing->policies.items[i];
        (void)json_array_append_new(
            policies,
            json_pack(
                "{s:s, s:o, s:o}", "label", policy->label, "policy",
                chosen_json(policy->ops->name, policy->ops->params, policy->params), "place",
                chosen_json(policy->place->name, policy->place->params, policy->place_params)));
    }
    return policies;
}

json_t *comparing_json(const struct comparing *comparing)
{
    json_t *settings = settings_json(&comparing->settings);
    const char *slash = strrchr(comparing->source, '/');
    json_object_set_new(settings, "tau_s", json_real((double)comparing->report.tau_us / 1e6));
    json_t *factors = json_array();
    for (size_t i = 0; i < comparing->factors.count; i++) {
        (void)json_array_append_new(factors, json_real(comparing->factors.items[i]));
    }
    json_t *all = json_pack(
        "{s:s, s:o, s:{s:s, s:s, s:I, s:f}, s:o, s:o, s:o, s:o, s:{s:s, s:I, s:f, s:f, s:s, s:b}}",
        "program", cli_version(), "workload", demand_workload_json(&comparing->demand), "cluster",
        "name", slash == NULL ? comparing->source : slash + 1, "digest", comparing->cluster.digest,
        "nodes", (json_int_t)comparing->cluster.nodes.count, "gpus",
        (double)comparing->cluster.gpu_milli / 1000, "policies", policies_json(comparing),
        "factors", factors, "replicate", demand_replicate_json(&comparing->demand), "settings",
        settings, "compare", "metric", metrics[comparing->compare.metric].name, "replications",
        (json_int_t)comparing->compare.replications, "precision", comparing->compare.precision,
        "level", comparing->compare.level, "warmup",
        comparing->compare.warmup_by_mser ? "mser" : "given", "window",
        comparing->compare.is_window);
    CHECK(all != NULL);
    json_object_set_new(all, "warmup_s", json_real((double)comparing->report.warmup_us / 1e6));
    return all;
}
