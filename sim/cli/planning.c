/* planning.c - see planning.h. */
#include "sim/cli/planning.h"

#include <inttypes.h>

#include "sim/base/check.h"
#include "sim/base/file.h"
#include "sim/base/json_read.h"
#include "sim/cli/interrupt.h"
#include "sim/cli/model_input.h"
#include "sim/cli/program.h"

/* The demand and the settings of a study are options of other commands, without their dashes. */
static const struct cli_option demand_options[] = {
    {"--trace", "FILE", NULL, "", false},
    TRACE_INPUT_OPTIONS,
    DEMAND_MODEL_OPTIONS,
    DEMAND_REPLICATE_OPTION,
    {.name = NULL},
};
static const struct cli_option settings_options[] = {SETTINGS_OPTIONS, {.name = NULL}};

static const char *keep(struct planning *planning, const char *text)
{
    return names_get(&planning->texts, names_add(&planning->texts, view_of(text), NULL));
}

/* A value as it would stand on the command line; NULL: it is none. */
static const char *value_text(struct planning *planning, const json_t *value)
{
    if (json_is_string(value)) {
        return keep(planning, json_string_value(value));
    }
    if (!json_is_number(value)) {
        return NULL;
    }
    struct text text = {0};
    text_addf(&text, "%.15g", json_number_value(value));
    const char *kept = keep(planning, text.bytes);
    text_release(&text);
    return kept;
}

static const struct cli_option *find_option(const struct cli_option *options, const char *key)
{
    for (const struct cli_option *option = options; option->name != NULL; option++) {
        if (strcmp(option->name + 2, key) == 0) {
            return option;
        }
    }
    return NULL;
}

static bool add_option(struct planning *planning, struct cli_args *args, const char *path,
                       const char *key, const json_t *value, struct err *err)
{
    const struct cli_option *option = find_option(args->options, key);
    if (option == NULL) {
        struct text known = {0};
        for (const struct cli_option *own = args->options; own->name != NULL; own++) {
            text_addf(&known, "%s%s", known.length > 0 ? ", " : "", own->name + 2);
        }
        (void)err_set(err, ERR_FORMAT, 0, "at %s: unknown key '%.40s', expected one of %s", path,
                      key, known.bytes);
        text_release(&known);
        return false;
    }
    if (option->value == NULL) { /* a flag */
        struct cli_given given = {option, ""};
        if (json_is_true(value)) {
            vec_push(&args->given, given);
        }
        return json_is_boolean(value) || json_unexpected(path, key, value, "true or false", err);
    }
    size_t count = json_is_array(value) && option->repeats ? json_array_size(value) : 1;
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_is_array(value) ? json_array_get(value, i) : value;
        struct cli_given given = {option, value_text(planning, one)};
        if (given.value == NULL) {
            return json_unexpected(path, key, one, "a text or a number", err);
        }
        vec_push(&args->given, given);
    }
    return true;
}

static bool add_options(struct planning *planning, struct cli_args *args, const char *path,
                        const json_t *object, struct err *err)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (!add_option(planning, args, path, key, value, err)) {
            return false;
        }
    }
    return true;
}

/* A file of the study lies where the study says, from the study's own folder. */
static const char *beside_study(struct planning *planning, const char *name)
{
    const char *slash = strrchr(planning->source, '/');
    if (name[0] == '/' || strcmp(name, "-") == 0 || slash == NULL) {
        return name;
    }
    struct text path = {0};
    text_addf(&path, "%.*s/%s", (int)(slash - planning->source), planning->source, name);
    const char *kept = keep(planning, path.bytes);
    text_release(&path);
    return kept;
}

/* The study's trace, or the one the user names. */
static void set_trace(struct planning *planning, const char *given)
{
    for (size_t i = 0; i < planning->demand_args.given.count; i++) {
        struct cli_given *own = &planning->demand_args.given.items[i];
        if (strcmp(own->option->name, "--trace") == 0) {
            own->value = given != NULL ? given : beside_study(planning, own->value);
            return;
        }
    }
    if (given != NULL) {
        struct cli_given own = {&demand_options[0], given};
        vec_push(&planning->demand_args.given, own);
    }
}

static bool read_policies(struct planning *planning, struct err *err)
{
    for (size_t i = 0; i < planning->study.policies.count; i++) {
        const char *text = planning->study.policies.items[i];
        const char *at = strrchr(text, '@');
        struct text name = {0};
        text_addf(&name, "%.*s", at == NULL ? (int)strlen(text) : (int)(at - text), text);
        struct chosen_policy policy = {0};
        struct chosen_place place = {0};
        bool ok = chosen_policy_read(keep(planning, name.bytes), &policy, err);
        text_release(&name);
        if (ok) {
            vec_push(&planning->chosen, policy);
            ok = chosen_place_read(at == NULL ? "consolidate" : at + 1, &place, err);
        }
        if (!ok) {
            char where[JSON_PATH_MOST];
            (void)snprintf(where, sizeof(where), "at policies[%zu]", i);
            return err_locate(err, where);
        }
        vec_push(&planning->places, place);
        struct grid_policy entry = {
            .label = text,
            .ops = policy.ops,
            .params = policy.params,
            .place = place.ops,
            .place_params = place.params,
        };
        vec_push(&planning->policies, entry);
    }
    return true;
}

/* The models of new projects: presets, or files from the folder of the study. */
static bool read_projects(struct planning *planning, struct err *err)
{
    for (size_t i = 0; i < planning->study.projects.count; i++) {
        const struct plan_project *project = &planning->study.projects.items[i];
        struct cli_args args = {.options = demand_options};
        json_t *set = project->set == NULL ? NULL : json_pack("{s:O}", "set", project->set);
        struct generate_model model;
        char where[JSON_PATH_MOST];
        (void)snprintf(where, sizeof(where), "at projects[%zu]", i);
        bool is_file = strpbrk(project->model, "./") != NULL;
        bool ok = (set == NULL || add_options(planning, &args, where, set, err)) &&
                  model_input_read(
                      &args, is_file ? beside_study(planning, project->model) : project->model,
                      &model, err);
        json_decref(set);
        vec_release(&args.given);
        if (!ok) {
            return err_locate(err, where);
        }
        vec_push(&planning->models, model);
    }
    return true;
}

static json_t *models_json(const struct planning *planning)
{
    json_t *list = json_array();
    for (size_t i = 0; i < planning->models.count; i++) {
        json_array_append_new(list, generate_model_json(&planning->models.items[i]));
    }
    return list;
}

static bool make_identity(struct planning *planning, struct err *err)
{
    uint64_t program = 0;
    if (!program_digest(&program, err)) {
        return false;
    }
    json_t *all = json_pack("{s:o, s:o, s:o}", "workload", demand_workload_json(&planning->demand),
                            "replicate", demand_replicate_json(&planning->demand), "settings",
                            settings_json(&planning->settings));
    CHECK(all != NULL);
    static const char *const KEYS[] = {"growth_percent_a_year", "years", "growth", "scenarios",
                                       "projects"};
    for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) {
        json_object_set(all, KEYS[i], json_object_get(planning->study.json, KEYS[i]));
    }
    json_object_set_new(all, "models", models_json(planning));
    char *dump = json_dumps(all, JSON_SORT_KEYS | JSON_COMPACT | JSON_REAL_PRECISION(15));
    text_addf(&planning->identity, "%016" PRIx64 " %s", program, dump);
    free(dump);
    json_decref(all);
    return true;
}

static bool show_progress(void *self, size_t done, size_t planned)
{
    return progress_show_runs(self, done, planned) && !interrupt_came();
}

static bool open_store(const struct cli_args *args, struct planning *planning, struct err *err)
{
    const char *path = cli_value(args, "--memory");
    const char *folder = cli_value(args, "--out");
    struct text beside = {0};
    if (path == NULL && folder != NULL) {
        size_t length = strlen(folder);
        while (length > 1 && folder[length - 1] == '/') {
            length--;
        }
        text_addf(&beside, "%.*s.runs", (int)length, folder);
        path = beside.bytes;
    }
    planning->store = plan_store_open(path, err);
    text_release(&beside);
    return planning->store != NULL;
}

static bool make_bench(const struct cli_args *args, struct planning *planning, struct err *err)
{
    int64_t threads = 0;
    if (!cli_whole(args, "--threads", 1, &threads, err) || !make_identity(planning, err) ||
        !open_store(args, planning, err)) {
        return false;
    }
    progress_init(&planning->progress, cli_flag(args, "--quiet"));
    const struct plan_bench_input input = {
        .demand = {.study = &planning->study,
                   .replicate = &planning->demand.replicate,
                   .projects = planning->models.items,
                   .grows_by_users = !planning->demand.has_model &&
                                     names_count(&planning->demand.workload.users) > 1},
        .policies = planning->policies.items,
        .settings = &planning->settings,
        .identity = planning->identity.bytes,
        .threads = (unsigned)threads,
        .progress = show_progress,
        .progress_self = &planning->progress,
    };
    planning->bench = plan_bench_new(&input, planning->store);
    return true;
}

static bool read_parts(const struct cli_args *args, struct planning *planning, struct err *err)
{
    planning->demand_args.options = demand_options;
    planning->settings_args.options = settings_options;
    if (!add_options(planning, &planning->demand_args, "demand", planning->study.demand, err) ||
        !add_options(planning, &planning->settings_args, "settings", planning->study.settings,
                     err)) {
        return false;
    }
    set_trace(planning, cli_value(args, "--trace"));
    if (!settings_read(&planning->settings_args, &planning->settings, err)) {
        return err_locate(err, "at settings");
    }
    if (!read_policies(planning, err)) {
        return false;
    }
    planning->has_demand = demand_read(&planning->demand_args, planning->settings.seed,
                                       planning->study.replications == 1, &planning->demand, err);
    if (!planning->has_demand) {
        return err_locate(err, "at demand");
    }
    return read_projects(planning, err);
}

bool planning_read(const struct cli_args *args, enum plan_kind kind, struct planning *out,
                   struct err *err)
{
    struct file file;
    size_t before = kind == PLAN_OF_QUOTAS ? 1 : 0; /* the word "quotas" */
    if (args->words.count != before + 1) {
        return err_set(err, ERR_USAGE, 0, "%zu words are given, expected one: the file of a study",
                       args->words.count - before);
    }
    const char *source = args->words.items[before];
    *out = (struct planning){.source = source};
    if (!file_read(source, FILE_MOST_BYTES, &file, err)) {
        return false;
    }
    bool ok = plan_study_read(file.bytes, file.length, kind, &out->study, err);
    file_release(&file);
    if (!ok) {
        return err_locate(err, source);
    }
    (void)interrupt_catch();
    if (!read_parts(args, out, err)) {
        planning_release(out);
        return err_locate(err, source);
    }
    if (!make_bench(args, out, err)) {
        planning_release(out);
        return false;
    }
    return true;
}

void planning_release(struct planning *planning)
{
    if (planning->bench != NULL) {
        plan_bench_free(planning->bench);
    }
    plan_store_close(planning->store);
    for (size_t i = 0; i < planning->chosen.count; i++) {
        free(planning->chosen.items[i].params);
    }
    for (size_t i = 0; i < planning->places.count; i++) {
        free(planning->places.items[i].params);
    }
    if (planning->has_demand) {
        demand_release(&planning->demand);
    }
    for (size_t i = 0; i < planning->models.count; i++) {
        generate_model_release(&planning->models.items[i]);
    }
    vec_release(&planning->models);
    settings_release(&planning->settings);
    vec_release(&planning->chosen);
    vec_release(&planning->places);
    vec_release(&planning->policies);
    vec_release(&planning->demand_args.given);
    vec_release(&planning->settings_args.given);
    names_release(&planning->texts);
    text_release(&planning->identity);
    plan_study_release(&planning->study);
}

json_t *planning_json(const struct planning *planning)
{
    const char *slash = strrchr(planning->source, '/');
    json_t *all = json_pack(
        "{s:s, s:s, s:O, s:o, s:o, s:o}", "program", cli_version(), "file",
        slash == NULL ? planning->source : slash + 1, "study", planning->study.json, "workload",
        demand_workload_json(&planning->demand), "replicate",
        demand_replicate_json(&planning->demand), "settings", settings_json(&planning->settings));
    CHECK(all != NULL);
    return all;
}
