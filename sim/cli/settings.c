/* settings.c - see settings.h. */
#include "sim/cli/settings.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/base/parse.h"

struct costs {
    struct view checkpoint;
    int64_t save_us;
    int64_t restore_us;
    int64_t start_us;
    int64_t finish_us;
    struct view preempt;
};

static const struct param_spec cost_params[] = {
    {"checkpoint", PARAM_TEXT, offsetof(struct costs, checkpoint), "0", 0, 0, NULL,
     "seconds of work between checkpoints; 0: nothing is ever lost, inf: never; young, daly: from "
     "the failures of what a job holds, and save"},
    {"save", PARAM_SECONDS, offsetof(struct costs, save_us), "0", 0, 1e12, NULL,
     "seconds to write a checkpoint, in which the work stands still"},
    {"restore", PARAM_SECONDS, offsetof(struct costs, restore_us), "0", 0, 1e12, NULL,
     "seconds before a preempted job works on"},
    {"start", PARAM_SECONDS, offsetof(struct costs, start_us), "0", 0, 1e12, NULL,
     "seconds between getting GPUs and working"},
    {"finish", PARAM_SECONDS, offsetof(struct costs, finish_us), "0", 0, 1e12, NULL,
     "seconds between the end of the work and giving back the GPUs"},
    {"preempt", PARAM_TEXT, offsetof(struct costs, preempt), "0", 0, 0, NULL,
     "seconds of work that a preemption adds: one number, or by GPUs as in 7@1/30@8/60"},
    {.name = NULL},
};

static bool bad(const struct cli_args *args, const char *name, const char *expected,
                struct err *err)
{
    return err_set(err, ERR_USAGE, 0, "%s is '%.60s', expected %s", name, cli_value(args, name),
                   expected);
}

static bool read_pass(const struct cli_args *args, struct engine_settings *out, struct err *err)
{
    struct view value = {0};
    struct view kind = view_cut(view_of(cli_value(args, "--pass")), ':', &value);
    if (view_is(kind, "instant") && value.at == NULL) {
        out->pass = PASS_INSTANT;
    } else if (view_is(kind, "event") && value.at == NULL) {
        out->pass = PASS_EVENT;
    } else if (view_is(kind, "period") && value.at != NULL &&
               parse_seconds_us(value, &out->pass_period_us) == PARSE_OK &&
               out->pass_period_us > 0) {
        out->pass = PASS_PERIOD;
    } else {
        return bad(args, "--pass", "instant, event or period:SECONDS", err);
    }
    return true;
}

static bool read_estimates(const struct cli_args *args, struct engine_settings *out,
                           struct err *err)
{
    struct view value = {0};
    struct view kind = view_cut(view_of(cli_value(args, "--estimates")), ':', &value);
    if (view_is(kind, "user") && value.at == NULL) {
        out->estimates = ESTIMATES_USER;
    } else if (view_is(kind, "oracle") && value.at == NULL) {
        out->estimates = ESTIMATES_ORACLE;
    } else if (view_is(kind, "noisy") && value.at != NULL &&
               parse_f64(value, &out->noise_sigma) == PARSE_OK && out->noise_sigma >= 0 &&
               out->noise_sigma <= 10) {
        out->estimates = ESTIMATES_NOISY;
    } else if (view_is(kind, "lastk") && value.at != NULL &&
               parse_i64(value, &out->last_k) == PARSE_OK && out->last_k >= 1 &&
               out->last_k <= 1000) {
        out->estimates = ESTIMATES_LASTK;
    } else {
        return bad(args, "--estimates",
                   "user, oracle, noisy:SIGMA (0 to 10) or lastk:N (1 to 1000)", err);
    }
    return true;
}

/* "7@1/30@8/60": 7 s of a job of 1 GPU or less, 30 s up to 8 GPUs, 60 s of any larger one. */
static bool read_stop_costs(struct view text, struct engine_settings *out, struct err *err)
{
    struct view rest = text;
    bool good = true;
    int64_t before_milli = -1;
    while (good && rest.at != NULL) {
        struct view size = {0};
        struct view seconds = view_cut(view_cut(rest, '/', &rest), '@', &size);
        struct stop_cost *cost = &out->stop_costs[out->stop_cost_count++];
        cost->most_gpu_milli = INT64_MAX;
        good = parse_seconds_us(seconds, &cost->work_us) == PARSE_OK && cost->work_us >= 0 &&
               (size.at == NULL) == (rest.at == NULL) &&
               (size.at == NULL || parse_scaled(size, 1000, &cost->most_gpu_milli) == PARSE_OK) &&
               cost->most_gpu_milli > before_milli &&
               (rest.at == NULL || out->stop_cost_count < MOST_STOP_COSTS);
        before_milli = cost->most_gpu_milli;
    }
    return good || err_set(err, ERR_USAGE, 0,
                           "--cost preempt is '%.*s', expected seconds, or seconds by rising sizes "
                           "as in 7@1/30@8/60",
                           VIEW_ARG(text));
}

static bool read_checkpoint(struct view text, struct engine_settings *out, struct err *err)
{
    const int64_t most_us = INT64_C(1000000000000000000);
    if (view_is(text, "young") || view_is(text, "daly")) {
        out->checkpoint_rule = view_is(text, "young") ? CHECKPOINT_YOUNG : CHECKPOINT_DALY;
        return true;
    }
    if (view_is(text, "inf")) {
        out->checkpoint_us = PARAM_NEVER_US;
        return true;
    }
    return (parse_seconds_us(text, &out->checkpoint_us) == PARSE_OK && out->checkpoint_us >= 0 &&
            out->checkpoint_us <= most_us) ||
           err_set(err, ERR_USAGE, 0,
                   "--cost: checkpoint is '%.*s', expected seconds, 0 to 1e+12, inf, young or daly",
                   VIEW_ARG(text));
}

static bool read_costs(const struct cli_args *args, struct engine_settings *out, struct err *err)
{
    const char *value = cli_value(args, "--cost");
    struct costs costs;
    if (!param_read(cost_params, "--cost", view_of(value != NULL ? value : ""), &costs, err)) {
        return false;
    }
    if (!read_checkpoint(costs.checkpoint, out, err)) {
        return false;
    }
    out->save_us = costs.save_us;
    if (out->save_us == PARAM_NEVER_US) {
        return err_set(err, ERR_USAGE, 0, "--cost save is 'inf', expected seconds");
    }
    out->restore_us = costs.restore_us;
    out->start_us = costs.start_us;
    out->finish_us = costs.finish_us;
    return read_stop_costs(costs.preempt, out, err);
}

struct slowdowns {
    double nodes;
    double domains;
    double sharing;
};

static const struct param_spec slowdown_params[] = {
    {"nodes", PARAM_F64, offsetof(struct slowdowns, nodes), "1", 0.001, 1, NULL,
     "the speed of a job on more than one node, as a part of its full speed"},
    {"domains", PARAM_F64, offsetof(struct slowdowns, domains), "1", 0.001, 1, NULL,
     "the same over more than one domain of the finest topology level, times that of nodes"},
    {"sharing", PARAM_F64, offsetof(struct slowdowns, sharing), "1", 0.001, 1, NULL,
     "the same for each other task on a GPU that a job shares"},
    {.name = NULL},
};

static int64_t spread_ppm(double part)
{
    int64_t ppm = (int64_t)round(part * SPREAD_FULL_PPM);
    return ppm == SPREAD_FULL_PPM ? 0 : ppm;
}

static bool read_slowdowns(const struct cli_args *args, struct engine_settings *out,
                           struct err *err)
{
    const char *value = cli_value(args, "--slowdown");
    struct slowdowns slowdowns;
    if (!param_read(slowdown_params, "--slowdown", view_of(value != NULL ? value : ""), &slowdowns,
                    err)) {
        return false;
    }
    out->over_nodes_ppm = spread_ppm(slowdowns.nodes);
    out->over_domains_ppm = spread_ppm(slowdowns.domains);
    out->sharing_ppm = spread_ppm(slowdowns.sharing);
    return true;
}

static bool read_words(const struct cli_args *args, struct engine_settings *out, struct err *err)
{
    const char *tie = cli_value(args, "--tie");
    const char *oversize = cli_value(args, "--oversize");
    out->tie = strcmp(tie, "submit") == 0 ? TIE_SUBMIT : TIE_FINISH;
    out->oversize = strcmp(oversize, "clip") == 0 ? OVERSIZE_CLIP : OVERSIZE_REJECT;
    if (out->tie == TIE_FINISH && strcmp(tie, "finish") != 0) {
        return bad(args, "--tie", "finish or submit", err);
    }
    if (out->oversize == OVERSIZE_REJECT && strcmp(oversize, "reject") != 0) {
        return bad(args, "--oversize", "reject or clip", err);
    }
    out->audit = cli_flag(args, "--audit");
    out->isolate = cli_value(args, "--isolate");
    return true;
}

static bool read_supply(const struct cli_args *args, struct engine_settings *out, struct err *err)
{
    const char *failures = cli_value(args, "--failures");
    const char *log = cli_value(args, "--failure-log");
    if (failures == NULL && log == NULL) {
        return true;
    }
    struct supply_spec *spec = mem_alloc(1, sizeof(*spec));
    bool ok = (failures == NULL || supply_spec_read_failures(spec, view_of(failures), err)) &&
              (log == NULL || supply_spec_read_log(spec, log, err));
    if (ok) {
        out->supply = spec;
    } else {
        supply_spec_free(spec);
    }
    return ok;
}

void settings_release(struct engine_settings *settings)
{
    supply_spec_free(settings->supply);
    settings->supply = NULL;
}

bool settings_read(const struct cli_args *args, struct engine_settings *out, struct err *err)
{
    engine_settings_init(out);
    int64_t seed = 1;
    if (!read_pass(args, out, err) || !read_words(args, out, err) || !read_costs(args, out, err) ||
        !read_slowdowns(args, out, err) || !read_estimates(args, out, err) ||
        !cli_seconds_us(args, "--horizon", &out->horizon_us, err) ||
        !cli_whole(args, "--seed", 0, &seed, err) || !read_supply(args, out, err)) {
        return false;
    }
    out->seed = (uint64_t)seed;
    return true;
}

static json_t *seconds_json(int64_t us)
{
    struct text text = {0};
    if (us == PARAM_NEVER_US) {
        text_add(&text, "inf");
    } else {
        text_add_seconds(&text, us);
    }
    json_t *string = json_string(text.bytes);
    text_release(&text);
    return string;
}

static json_t *checkpoint_json(const struct engine_settings *settings)
{
    return settings->checkpoint_rule == CHECKPOINT_FIXED
               ? seconds_json(settings->checkpoint_us)
               : json_string(settings->checkpoint_rule == CHECKPOINT_YOUNG ? "young" : "daly");
}

static json_t *stop_costs_json(const struct engine_settings *settings)
{
    struct text text = {0};
    for (uint32_t i = 0; i < settings->stop_cost_count; i++) {
        const struct stop_cost *cost = &settings->stop_costs[i];
        text_add(&text, i > 0 ? "/" : "");
        text_add_seconds(&text, cost->work_us);
        if (cost->most_gpu_milli != INT64_MAX) {
            text_add(&text, "@");
            text_add_seconds(&text, cost->most_gpu_milli * 1000); /* three decimals at most */
        }
    }
    json_t *string = json_string(settings->stop_cost_count == 0 ? "0" : text.bytes);
    text_release(&text);
    return string;
}

static json_t *pass_json(const struct engine_settings *settings)
{
    if (settings->pass != PASS_PERIOD) {
        return json_string(settings->pass == PASS_EVENT ? "event" : "instant");
    }
    struct text text = {0};
    text_add(&text, "period:");
    text_add_seconds(&text, settings->pass_period_us);
    json_t *string = json_string(text.bytes);
    text_release(&text);
    return string;
}

static json_t *estimates_json(const struct engine_settings *settings)
{
    switch (settings->estimates) {
    case ESTIMATES_USER:
        return json_string("user");
    case ESTIMATES_ORACLE:
        return json_string("oracle");
    case ESTIMATES_NOISY:
        return json_sprintf("noisy:%.17g", settings->noise_sigma);
    case ESTIMATES_LASTK:
        return json_sprintf("lastk:%lld", (long long)settings->last_k);
    }
    CHECK_NEVER("an estimates of this enum");
}

/* Only where it is given. */
static void add_slowdown(json_t *object, const char *key, int64_t ppm)
{
    if (ppm > 0) {
        json_object_set_new(object, key, json_real((double)ppm / SPREAD_FULL_PPM));
    }
}

/* Likewise. */
static void add_supply(json_t *object, const struct supply_spec *spec)
{
    if (spec != NULL && spec->failures_text != NULL) {
        json_object_set_new(object, "failures", json_string(spec->failures_text));
    }
    if (spec != NULL && spec->log_path != NULL) {
        const char *slash = strrchr(spec->log_path, '/');
        const char *name = slash == NULL ? spec->log_path : slash + 1;
        json_object_set_new(object, "failure_log",
                            json_pack("{s:s, s:s}", "name", name, "digest", spec->log_digest));
    }
}

json_t *settings_json(const struct engine_settings *settings)
{
    json_t *object = json_object();
    json_object_set_new(object, "pass", pass_json(settings));
    json_object_set_new(object, "tie",
                        json_string(settings->tie == TIE_SUBMIT ? "submit" : "finish"));
    json_object_set_new(object, "cost_checkpoint_s", checkpoint_json(settings));
    if (settings->save_us > 0) {
        json_object_set_new(object, "cost_save_s", seconds_json(settings->save_us));
    }
    json_object_set_new(object, "cost_restore_s", seconds_json(settings->restore_us));
    json_object_set_new(object, "cost_start_s", seconds_json(settings->start_us));
    json_object_set_new(object, "cost_finish_s", seconds_json(settings->finish_us));
    json_object_set_new(object, "cost_preempt_s", stop_costs_json(settings));
    add_slowdown(object, "slowdown_nodes", settings->over_nodes_ppm);
    add_slowdown(object, "slowdown_domains", settings->over_domains_ppm);
    add_slowdown(object, "slowdown_sharing", settings->sharing_ppm);
    json_object_set_new(object, "horizon_s", seconds_json(settings->horizon_us));
    json_object_set_new(object, "oversize",
                        json_string(settings->oversize == OVERSIZE_CLIP ? "clip" : "reject"));
    json_object_set_new(object, "estimates", estimates_json(settings));
    add_supply(object, settings->supply);
    if (settings->isolate != NULL) {
        json_object_set_new(object, "isolate", json_string(settings->isolate));
    }
    json_object_set_new(object, "seed", json_integer((json_int_t)settings->seed));
    json_object_set_new(object, "audit", json_boolean(settings->audit));
    return object;
}
