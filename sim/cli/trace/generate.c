/* generate.c - berth trace generate: a synthetic workload from a model, or a model from a trace. */
#include "sim/generate/generate.h"

#include <math.h>

#include "sim/base/file.h"
#include "sim/base/json_read.h"
#include "sim/base/param.h"
#include "sim/base/parse.h"
#include "sim/cli/answer.h"
#include "sim/cli/fitting.h"
#include "sim/workload/native_write.h"
#include "sim/workload/trace_format.h"

/* So many jobs are in memory at a time. */
enum { CHUNK_JOBS = 1 << 16 };

static const struct cli_option generate_options_table[] = {
    {"--jobs", "N", NULL, "so many jobs [10000 unless --days is given]", false},
    {"--days", "D", NULL, "the jobs submitted in so many days", false},
    {"--load", "RHO", NULL, "change the rate until the jobs offer this load to --cluster", false},
    {"--cluster", "CLUSTER", NULL, "what the load is measured against", false},
    {"--seed", "S", "1", "another one makes other jobs of the same kind", false},
    {"--set", "KEY=VALUE", NULL, "one parameter: arrivals.rate=2, sizes.classes[0].weight=3", true},
    {"--presets", NULL, NULL, "the models that come with the program", false},
    {"--print-model", NULL, NULL, "the model with all its parameters, instead of jobs", false},
    {"--out", "FILE", NULL, "write there instead of to the screen", false},
    FITTING_OPTIONS,
    {.name = NULL},
};

/* -- the model --------------------------------------------------------------------------------- */

static json_t *no_such_preset(const char *word, struct err *err)
{
    VEC(const char *) names = {0};
    struct text all = {0};
    for (const struct generate_preset *preset = generate_presets; preset->name != NULL; preset++) {
        vec_push(&names, preset->name);
        text_addf(&all, "%s%s", all.length > 0 ? ", " : "", preset->name);
    }
    vec_push(&names, NULL);
    const char *nearest = param_nearest(view_of(word), names.items);
    if (nearest != NULL) {
        (void)err_set(err, ERR_USAGE, 0, "no model '%.60s'; did you mean '%s'?", word, nearest);
    } else {
        (void)err_set(err, ERR_USAGE, 0, "no model '%.60s', expected one of %s or a file *.json",
                      word, all.bytes);
    }
    vec_release(&names);
    text_release(&all);
    return NULL;
}

/* The JSON of a preset, or of a file (a name with a dot or a slash in it, or "-"). */
static json_t *open_model(const char *word, struct err *err)
{
    const char *preset = generate_preset_find(word);
    if (preset != NULL) {
        return json_parse(preset, strlen(preset), err);
    }
    if (strpbrk(word, "./") == NULL && strcmp(word, "-") != 0) {
        return no_such_preset(word, err);
    }
    struct file file;
    if (!file_read(word, FILE_MOST_BYTES, &file, err)) {
        return NULL;
    }
    json_t *json = json_parse(file.bytes, file.length, err);
    file_release(&file);
    if (json == NULL) {
        (void)err_locate(err, word);
    }
    return json;
}

static bool apply_settings(const struct cli_args *args, json_t *json, struct err *err)
{
    for (size_t i = 0; i < args->given.count; i++) {
        const struct cli_given *given = &args->given.items[i];
        if (strcmp(given->option->name, "--set") == 0 &&
            !generate_model_set(json, given->value, err)) {
            return false;
        }
    }
    return true;
}

static bool read_model(const struct cli_args *args, struct generate_model *out, struct err *err)
{
    if (args->words.count != 1) {
        return err_set(err, ERR_USAGE, 0, "%zu models are named, expected one: a preset or a file",
                       args->words.count);
    }
    const char *word = args->words.items[0];
    json_t *json = open_model(word, err);
    if (json == NULL) {
        return false;
    }
    bool ok = apply_settings(args, json, err);
    if (ok && !generate_model_read_json(json, out, err)) {
        ok = err_locate(err, word);
    }
    json_decref(json);
    return ok;
}

static bool print_model(const struct cli_args *args, const struct generate_model *model,
                        struct err *err)
{
    struct text text = {0};
    json_t *json = generate_model_json(model);
    char *dump = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    text_addf(&text, "%s\n", dump);
    bool ok = cli_answer(args, &text, err);
    free(dump);
    json_decref(json);
    text_release(&text);
    return ok;
}

/* -- the options ------------------------------------------------------------------------------- */

static bool read_positive(const struct cli_args *args, const char *name, double most, double *out,
                          struct err *err)
{
    const char *value = cli_value(args, name);
    double number = 0;
    if (value == NULL) {
        return true;
    }
    if (parse_f64(view_of(value), &number) != PARSE_OK || !(number > 0 && number <= most)) {
        return err_set(err, ERR_USAGE, 0, "%s is '%.60s', expected a number above 0, at most %g",
                       name, value, most);
    }
    *out = number;
    return true;
}

static bool read_load(const struct cli_args *args, struct generate_options *out, struct err *err)
{
    const char *source = cli_value(args, "--cluster");
    struct cluster cluster;
    if ((source != NULL) != (cli_value(args, "--load") != NULL)) {
        return err_set(err, ERR_USAGE, 0, "--load and --cluster go together");
    }
    if (source == NULL) {
        return true;
    }
    if (!read_positive(args, "--load", 1e6, &out->load, err) ||
        !trace_read_cluster(source, NULL, &cluster, err)) {
        return false;
    }
    out->gpu_milli = cluster.gpu_milli;
    cluster_release_all(&cluster);
    return out->gpu_milli > 0 ||
           err_set(err, ERR_USAGE, 0, "cluster '%.60s' has no GPUs to load", source);
}

static bool read_options(const struct cli_args *args, struct generate_options *out, struct err *err)
{
    double days = 0;
    int64_t jobs = 0;
    *out = (struct generate_options){0};
    if (!cli_whole(args, "--jobs", 1, &jobs, err) ||
        !read_positive(args, "--days", 1e6, &days, err) || !read_load(args, out, err)) {
        return false;
    }
    if (jobs > 0 && days > 0) {
        return err_set(err, ERR_USAGE, 0, "--jobs and --days are both given, expected one");
    }
    out->jobs = days > 0 ? 0 : jobs > 0 ? (uint64_t)jobs : 10000;
    out->span_us = llround(days * 86400e6);
    return true;
}

/* -- the jobs ---------------------------------------------------------------------------------- */

/* Where rows go: to a file that gets its name when all are there, or to the screen. */
struct sink {
    bool is_file;
    struct out_file file;
    struct text text;
};

static struct text *sink_text(struct sink *sink)
{
    return sink->is_file ? &sink->file.text : &sink->text;
}

static bool sink_flush(struct sink *sink, struct err *err)
{
    if (sink->is_file) {
        out_file_flush_if_large(&sink->file);
        return true;
    }
    bool ok = cli_print(&sink->text, err);
    text_clear(&sink->text);
    return ok;
}

/* Writes the next jobs; false at the end (err->code is ERR_NONE) or on an error. */
static bool write_chunk(struct generator *generator, struct sink *sink, uint32_t columns,
                        struct err *err)
{
    struct workload chunk;
    struct job_draft draft;
    workload_init(&chunk);
    bool more = true;
    while (more && chunk.jobs.count < CHUNK_JOBS) {
        more = generator_next(generator, &draft, err) && workload_add(&chunk, &draft, 0, err);
    }
    bool ok = err->code == ERR_NONE;
    if (ok && chunk.jobs.count > 0) {
        ok = workload_finish(&chunk, err);
        native_write_rows(sink_text(sink), &chunk, columns);
        ok = ok && sink_flush(sink, err);
    }
    workload_release(&chunk);
    return ok && more;
}

static bool write_jobs(struct generator *generator, struct sink *sink, struct err *err)
{
    struct workload examples;
    uint32_t columns = 0;
    if (!generator_examples(generator, &examples, err)) {
        return false;
    }
    bool ok = native_used_columns(&examples, &columns, err);
    workload_release(&examples);
    if (!ok) {
        return false;
    }
    native_write_header(sink_text(sink), columns);
    while (write_chunk(generator, sink, columns, err)) {
    }
    return err->code == ERR_NONE && sink_flush(sink, err);
}

static bool generate(const struct cli_args *args, const struct generate_model *model,
                     struct err *err)
{
    struct generate_options options;
    int64_t seed = 1;
    if (!cli_whole(args, "--seed", 0, &seed, err) || !read_options(args, &options, err)) {
        return false;
    }
    struct generator *generator = generator_open(model, (uint64_t)seed, &options, err);
    if (generator == NULL) {
        return false;
    }
    const char *path = cli_value(args, "--out");
    struct sink sink = {.is_file = path != NULL};
    bool ok = !sink.is_file || out_file_open(&sink.file, path, err);
    if (ok && !write_jobs(generator, &sink, err)) {
        ok = false;
        if (sink.is_file) {
            out_file_abandon(&sink.file);
        }
    } else if (ok && sink.is_file) {
        ok = out_file_close(&sink.file, err);
    }
    text_release(&sink.text);
    generator_close(generator);
    return ok;
}

static bool print_presets(const struct cli_args *args, struct err *err)
{
    struct text text = {0};
    bool ok = true;
    for (const struct generate_preset *preset = generate_presets; ok && preset->name != NULL;
         preset++) {
        struct generate_model model;
        ok = generate_model_read(view_of(preset->json), &model, err);
        if (ok) {
            text_addf(&text, "%-8s  %s\n", preset->name, model.about != NULL ? model.about : "");
            generate_model_release(&model);
        }
    }
    ok = ok && cli_answer(args, &text, err);
    text_release(&text);
    return ok;
}

static bool generate_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    struct generate_model model;
    *exit_status = EXIT_DONE;
    if (cli_flag(args, "--presets")) {
        return print_presets(args, err);
    }
    if (cli_value(args, "--fit") != NULL) {
        return fitting_run(args, err);
    }
    if (!read_model(args, &model, err)) {
        return false;
    }
    bool ok = cli_flag(args, "--print-model") ? print_model(args, &model, err)
                                              : generate(args, &model, err);
    generate_model_release(&model);
    return ok;
}

extern const struct cli_command cli_trace_generate;
const struct cli_command cli_trace_generate = {
    .name = "generate",
    .usage = "MODEL [options] | --fit TRACE [options]",
    .help = "a synthetic workload from a model, or a model from a trace",
    .details =
        "MODEL is a preset or a JSON file (a name with a dot or a slash in it, or - for standard\n"
        "input). sim/generate/README.md describes its keys; --print-model shows all of one.",
    .options = generate_options_table,
    .run = generate_run,
};
