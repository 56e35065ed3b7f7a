/* fitting.c - see fitting.h. */
#include "sim/cli/fitting.h"

#include "sim/base/file.h"
#include "sim/generate/fit.h"

/* The position of the option's word in a NULL-ended list. */
static bool read_word(const struct cli_args *args, const char *name, const char *const *words,
                      unsigned *out, struct err *err)
{
    const char *value = cli_value(args, name);
    struct text all = {0};
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], value) == 0) {
            text_release(&all);
            *out = i;
            return true;
        }
        text_addf(&all, "%s%s", i > 0 ? ", " : "", words[i]);
    }
    (void)err_set(err, ERR_USAGE, 0, "%s is '%.60s', expected one of %s", name, value, all.bytes);
    text_release(&all);
    return false;
}

static bool read_family(const struct cli_args *args, const char *name, enum family *out,
                        struct err *err)
{
    const char *words[FAMILY_COUNT + 2] = {NULL};
    unsigned found = FAMILY_COUNT;
    for (unsigned i = 0; i < FAMILY_COUNT; i++) {
        words[i] = distribution_family_name((enum family)i);
    }
    words[FAMILY_COUNT] = "auto";
    if (!read_word(args, name, words, &found, err)) {
        return false;
    }
    *out = (enum family)found;
    return true;
}

static bool read_options(const struct cli_args *args, struct fit_options *out, struct err *err)
{
    static const char *const profile_words[] = {"auto", "flat", "day", "week", NULL};
    static const char *const duration_words[] = {"sizes", "copula", "plain", NULL};
    unsigned profile = 0;
    unsigned durations = 0;
    int64_t seed = 1;
    fit_options_init(out);
    if (!read_word(args, "--profile", profile_words, &profile, err) ||
        !read_word(args, "--durations", duration_words, &durations, err) ||
        !read_family(args, "--interarrival", &out->interarrival, err) ||
        !read_family(args, "--duration", &out->duration, err) ||
        !cli_whole(args, "--seed", 0, &seed, err)) {
        return false;
    }
    out->profile = (enum fit_profile)profile;
    out->durations = (enum fit_durations)durations;
    out->parametric = cli_flag(args, "--parametric");
    out->seed = (uint64_t)seed;
    return true;
}

static bool answer(const struct cli_args *args, const struct generate_model *model,
                   const struct fit_report *report, struct err *err)
{
    const char *path = cli_value(args, "--out");
    struct text text = {0};
    json_t *json = generate_model_json(model);
    (void)json_object_set_new(json, "fit", fit_report_json(report));
    char *dump = json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
    text_addf(&text, "%s\n", dump);
    free(dump);
    json_decref(json);
    bool ok = true;
    if (path != NULL) {
        ok = file_write(path, (struct view){text.bytes, text.length}, err);
        text_clear(&text);
        fit_report_add_text(&text, model, report);
    }
    ok = ok && cli_print(&text, err);
    text_release(&text);
    return ok;
}

bool fitting_run(const struct cli_args *args, struct err *err)
{
    const char *path = cli_value(args, "--fit");
    struct fit_options options;
    struct workload workload;
    struct generate_model model;
    struct fit_report report;
    if (args->words.count > 0) {
        return err_set(err, ERR_USAGE, 0, "--fit makes a model, but '%.60s' names one",
                       args->words.items[0]);
    }
    if (!read_options(args, &options, err) || !trace_input_read(args, path, &workload, err)) {
        return false;
    }
    bool ok = fit_workload(&workload, &options, &model, &report, err);
    workload_release(&workload);
    if (!ok) {
        return err_locate(err, path);
    }
    ok = answer(args, &model, &report, err);
    generate_model_release(&model);
    fit_report_release(&report);
    return ok;
}
