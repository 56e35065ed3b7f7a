/* demand.c - see demand.h. */
#include "sim/cli/demand.h"

#include "sim/base/check.h"
#include "sim/base/param.h"
#include "sim/cli/model_input.h"
#include "sim/cli/trace_input.h"

enum { MODEL_JOBS = 10000 };

/* -- replications ---------------------------------------------------------------------------- */

struct how {
    int64_t gap_us;
    int64_t block;
    bool weekday;
    int64_t arrivals_us;
    double durations;
};

static const struct param_spec sessions_params[] = {
    {"gap", PARAM_SECONDS, offsetof(struct how, gap_us), "1200", 1e-6, 1e9, NULL,
     "submits of a user less than this apart are one session"},
    {.name = NULL},
};
static const struct param_spec days_params[] = {
    {"block", PARAM_I64, offsetof(struct how, block), "1", 1, 36500, NULL, "days of a block"},
    {"weekday", PARAM_BOOL, offsetof(struct how, weekday), "true", 0, 0, NULL,
     "a block keeps its weekday"},
    {.name = NULL},
};
static const struct param_spec shake_params[] = {
    {"arrivals", PARAM_SECONDS, offsetof(struct how, arrivals_us), "60", 0, 1e9, NULL,
     "a submit moves by at most this, either way"},
    {"durations", PARAM_F64, offsetof(struct how, durations), "0.05", 0, 1, NULL,
     "a duration changes by at most this share of it"},
    {.name = NULL},
};

/* Without users every session would be of one user, who never stops. */
static const char *dflt_how(const struct demand *out, bool is_single)
{
    return is_single ? "none" : names_count(&out->workload.users) > 1 ? "sessions" : "days";
}

static bool read_how(const char *value, struct replicate *out, struct err *err)
{
    struct view settings = {0};
    struct view kind = view_cut(view_of(value), ':', &settings);
    const struct param_spec *specs = NULL;
    if (view_is(kind, "none")) {
        out->kind = REPLICATE_NONE;
    } else if (view_is(kind, "sessions")) {
        out->kind = REPLICATE_SESSIONS;
        specs = sessions_params;
    } else if (view_is(kind, "days")) {
        out->kind = REPLICATE_DAYS;
        specs = days_params;
    } else if (view_is(kind, "shake")) {
        out->kind = REPLICATE_SHAKE;
        specs = shake_params;
    } else {
        return err_set(err, ERR_USAGE, 0,
                       "--replicate is '%.60s', expected sessions, days, shake or none", value);
    }
    struct how how = {0};
    if (!param_read(specs, "--replicate", settings, &how, err)) {
        return false;
    }
    out->gap_us = how.gap_us;
    out->days = (struct resample_days){.days = how.block, .keeps_weekday = how.weekday};
    out->shake = (struct shake){.arrivals_us = how.arrivals_us, .durations = how.durations};
    return true;
}

static bool read_replicate(const struct cli_args *args, bool is_single, struct demand *out,
                           struct err *err)
{
    struct replicate *replicate = &out->replicate;
    const char *value = cli_value(args, "--replicate");
    replicate->base = &out->workload;
    if (!out->has_model) {
        return read_how(value != NULL ? value : dflt_how(out, is_single), replicate, err);
    }
    replicate->kind = REPLICATE_MODEL;
    replicate->model = &out->model;
    return value == NULL ||
           err_set(err, ERR_USAGE, 0, "--replicate is for traces: a model makes new workloads");
}

/* Of a model, the first replication is the base. */
static bool read_model_base(const struct cli_args *args, struct demand *out, struct err *err)
{
    struct generate_options *options = &out->replicate.options;
    if (!model_input_read(args, cli_value(args, "--model"), &out->model, err)) {
        return false;
    }
    out->has_model = true;
    return model_input_size(args, MODEL_JOBS, options, err) &&
           generate_workload(&out->model, replicate_seed(out->replicate.seed, 0), options,
                             &out->workload, err);
}

static bool read_base(const struct cli_args *args, struct demand *out, struct err *err)
{
    bool has_trace = cli_value(args, "--trace") != NULL;
    if (has_trace == (cli_value(args, "--model") != NULL)) {
        return err_set(err, ERR_USAGE, 0, "%s, expected --trace FILE or --model MODEL",
                       has_trace ? "both a trace and a model are given" : "no workload is given");
    }
    out->trace = cli_value(args, has_trace ? "--trace" : "--model");
    return has_trace ? trace_input_read(args, out->trace, &out->workload, err)
                     : read_model_base(args, out, err);
}

bool demand_read(const struct cli_args *args, uint64_t seed, bool is_single, struct demand *out,
                 struct err *err)
{
    *out = (struct demand){.replicate = {.seed = seed}};
    workload_init(&out->workload);
    if (!read_base(args, out, err) || !read_replicate(args, is_single, out, err)) {
        demand_release(out);
        return false;
    }
    return true;
}

void demand_release(struct demand *demand)
{
    if (demand->has_model) {
        generate_model_release(&demand->model);
    }
    workload_release(&demand->workload);
}

json_t *demand_replicate_json(const struct demand *demand)
{
    const struct replicate *replicate = &demand->replicate;
    switch (replicate->kind) {
    case REPLICATE_NONE:
        return json_string("none");
    case REPLICATE_SESSIONS:
        return json_sprintf("sessions:gap=%g", (double)replicate->gap_us / 1e6);
    case REPLICATE_DAYS:
        return json_sprintf("days:block=%lld,weekday=%s", (long long)replicate->days.days,
                            replicate->days.keeps_weekday ? "true" : "false");
    case REPLICATE_SHAKE:
        return json_sprintf("shake:arrivals=%g,durations=%g",
                            (double)replicate->shake.arrivals_us / 1e6, replicate->shake.durations);
    case REPLICATE_MODEL:
        return json_sprintf("model:jobs=%llu,days=%g", (unsigned long long)replicate->options.jobs,
                            (double)replicate->options.span_us / 86400e6);
    }
    CHECK_NEVER("a replicate_kind of this enum");
}

json_t *demand_workload_json(const struct demand *demand)
{
    if (demand->has_model) {
        return json_pack("{s:s, s:o}", "name", demand->model.name, "model",
                         generate_model_json(&demand->model));
    }
    const char *slash = strrchr(demand->trace, '/');
    return json_pack("{s:s, s:s, s:s, s:I}", "name", slash == NULL ? demand->trace : slash + 1,
                     "format", demand->workload.format, "digest", demand->workload.digest, "jobs",
                     (json_int_t)demand->workload.jobs.count);
}
