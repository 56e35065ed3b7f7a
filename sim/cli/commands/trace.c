/* trace.c - berth trace: what a trace consists of; node lists and traces in Berth's own formats. */
#include <stdio.h>

#include <jansson.h>

#include "sim/cli/cli.h"
#include "sim/cluster/cluster_file.h"
#include "sim/workload/native_write.h"
#include "sim/workload/stats.h"
#include "sim/workload/trace_format.h"

static const struct cli_option trace_options[] = {
    {"--format", "NAME", NULL, "the file's format, NAME[:key=value,...] [found out by content]",
     false},
    {"--cluster", "CLUSTER", NULL, "of stats: measure the load that the trace offers to it", false},
    {"--json", NULL, NULL, "of stats: for tools", false},
    {"--out", "FILE", NULL, "write there instead of to the screen", false},
    {.name = NULL},
};

static bool answer(const struct cli_args *args, const struct text *text, struct err *err)
{
    const char *out = cli_value(args, "--out");
    struct view content = {text->bytes, text->length};
    return out == NULL ? cli_print(text, err) : file_write(out, content, err);
}

static void add_json(struct text *text, const struct workload *workload, const struct stats *stats)
{
    json_t *object = stats_json(workload, stats);
    char *dump = json_dumps(object, JSON_INDENT(2));
    text_addf(text, "%s\n", dump);
    free(dump);
    json_decref(object);
}

static bool trace_stats(const struct cli_args *args, const char *path, struct err *err)
{
    const char *source = cli_value(args, "--cluster");
    struct cluster cluster;
    struct workload workload;
    struct stats stats;
    if (source != NULL && !trace_read_cluster(source, NULL, &cluster, err)) {
        return false;
    }
    bool ok = trace_read(path, cli_value(args, "--format"), &workload, err);
    if (ok) {
        struct text text = {0};
        stats_measure(&workload, source != NULL ? &cluster : NULL, &stats);
        if (cli_flag(args, "--json")) {
            add_json(&text, &workload, &stats);
        } else {
            stats_add_text(&text, &workload, &stats);
        }
        ok = answer(args, &text, err);
        text_release(&text);
        stats_release(&stats);
        workload_release(&workload);
    }
    if (source != NULL) {
        cluster_release_all(&cluster);
    }
    return ok;
}

static bool trace_cluster(const struct cli_args *args, const char *path, struct err *err)
{
    struct cluster cluster;
    if (!trace_read_cluster(path, cli_value(args, "--format"), &cluster, err)) {
        return false;
    }
    struct text text = {0};
    cluster_add_json(&text, &cluster);
    bool ok = answer(args, &text, err);
    text_release(&text);
    cluster_release_all(&cluster);
    return ok;
}

static bool trace_convert(const struct cli_args *args, const char *path, struct err *err)
{
    struct workload workload;
    if (!trace_read(path, cli_value(args, "--format"), &workload, err)) {
        return false;
    }
    struct text text = {0};
    bool ok = native_write(&text, &workload, err) && answer(args, &text, err);
    text_release(&text);
    workload_release(&workload);
    return ok;
}

static bool trace_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    const char *what = args->words.count > 0 ? args->words.items[0] : "";
    bool is_stats = strcmp(what, "stats") == 0;
    bool is_cluster = strcmp(what, "cluster") == 0;
    if (!is_stats && !is_cluster && strcmp(what, "convert") != 0) {
        return err_set(err, ERR_USAGE, 0, "'%.60s' is none of stats, cluster and convert", what);
    }
    if (args->words.count != 2) {
        return err_set(err, ERR_USAGE, 0, "%zu files are named, expected one",
                       args->words.count - 1);
    }
    if (!is_stats && (cli_flag(args, "--cluster") || cli_flag(args, "--json"))) {
        return err_set(err, ERR_USAGE, 0, "--cluster and --json go with stats only");
    }
    *exit_status = EXIT_DONE;
    const char *path = args->words.items[1];
    return is_stats     ? trace_stats(args, path, err)
           : is_cluster ? trace_cluster(args, path, err)
                        : trace_convert(args, path, err);
}

extern const struct cli_command cli_command_trace;
const struct cli_command cli_command_trace = {
    .name = "trace",
    .usage = "stats|cluster|convert FILE [options]",
    .help = "measures a trace, or turns it or a node list into Berth's own format",
    .details = "  stats FILE      jobs, durations, sizes, queues, users, estimates, load\n"
               "  cluster FILE    a node list as cluster JSON\n"
               "  convert FILE    a trace as Berth's own CSV",
    .options = trace_options,
    .run = trace_run,
};
