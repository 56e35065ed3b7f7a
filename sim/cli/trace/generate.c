/* generate.c - berth trace generate: a synthetic workload from a model, or a model from a trace. */
#include "sim/generate/generate.h"

#include "sim/base/file.h"
#include "sim/cli/answer.h"
#include "sim/cli/fitting.h"
#include "sim/cli/model_input.h"
#include "sim/cli/transformed.h"
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

static bool read_model(const struct cli_args *args, struct generate_model *out, struct err *err)
{
    if (args->words.count != 1) {
        return err_set(err, ERR_USAGE, 0, "%zu models are named, expected one: a preset or a file",
                       args->words.count);
    }
    return model_input_read(args, args->words.items[0], out, err);
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
    if (!transformed_number(args, "--load", 1e6, false, &out->load, err) ||
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
    return model_input_size(args, 10000, out, err) && read_load(args, out, err);
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
