/* cluster.c - berth trace cluster: a node list as cluster JSON. */
#include "sim/cli/answer.h"
#include "sim/cluster/cluster_file.h"
#include "sim/workload/trace_format.h"

static const struct cli_option cluster_options[] = {
    {"--format", "NAME", NULL, "the file's format, NAME[:key=value,...] [found out by content]",
     false},
    {"--out", "FILE", NULL, "write there instead of to the screen", false},
    {.name = NULL},
};

static bool cluster_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    const char *path = cli_one_file(args, err);
    struct cluster cluster;
    *exit_status = EXIT_DONE;
    if (path == NULL || !trace_read_cluster(path, cli_value(args, "--format"), &cluster, err)) {
        return false;
    }
    struct text text = {0};
    cluster_add_json(&text, &cluster);
    bool ok = cli_answer(args, &text, err);
    if (ok) {
        cli_say_notes(&cluster.notes);
    }
    text_release(&text);
    cluster_release_all(&cluster);
    return ok;
}

extern const struct cli_command cli_trace_cluster;
const struct cli_command cli_trace_cluster = {
    .name = "cluster",
    .usage = "FILE [options]",
    .help = "a node list as cluster JSON",
    .options = cluster_options,
    .run = cluster_run,
};
