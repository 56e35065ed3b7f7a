/* stats.c - berth trace stats: what a trace consists of. */
#include "sim/workload/stats.h"

#include <jansson.h>

#include "sim/cli/answer.h"
#include "sim/cli/trace_input.h"
#include "sim/workload/trace_format.h"

static const struct cli_option stats_options[] = {
    TRACE_INPUT_OPTIONS,
    {"--cluster", "CLUSTER", NULL, "measure the load that the trace offers to it", false},
    {"--json", NULL, NULL, "for tools", false},
    {"--out", "FILE", NULL, "write there instead of to the screen", false},
    {.name = NULL},
};

static void add_json(struct text *text, const struct workload *workload, const struct stats *stats)
{
    json_t *object = stats_json(workload, stats);
    char *dump = json_dumps(object, JSON_INDENT(2));
    text_addf(text, "%s\n", dump);
    free(dump);
    json_decref(object);
}

static bool measure(const struct cli_args *args, const char *path, const struct cluster *cluster,
                    struct err *err)
{
    struct workload workload;
    struct stats stats;
    if (!trace_input_read(args, path, &workload, err)) {
        return false;
    }
    struct text text = {0};
    stats_measure(&workload, cluster, &stats);
    if (cli_flag(args, "--json")) {
        add_json(&text, &workload, &stats);
    } else {
        stats_add_text(&text, &workload, &stats);
    }
    bool ok = cli_answer(args, &text, err);
    text_release(&text);
    stats_release(&stats);
    workload_release(&workload);
    return ok;
}

static bool stats_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    const char *path = cli_one_file(args, err);
    const char *source = cli_value(args, "--cluster");
    *exit_status = EXIT_DONE;
    if (path == NULL) {
        return false;
    }
    if (source == NULL) {
        return measure(args, path, NULL, err);
    }
    struct cluster cluster;
    if (!trace_read_cluster(source, NULL, &cluster, err)) {
        return false;
    }
    bool ok = measure(args, path, &cluster, err);
    cluster_release_all(&cluster);
    return ok;
}

extern const struct cli_command cli_trace_stats;
const struct cli_command cli_trace_stats = {
    .name = "stats",
    .usage = "FILE [options]",
    .help = "jobs, durations, sizes, queues, users, estimates, load",
    .options = stats_options,
    .run = stats_run,
};
