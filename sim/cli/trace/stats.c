/* stats.c - berth trace stats: what a trace consists of. */
#include "sim/workload/stats.h"

#include <jansson.h>

#include "sim/cli/answer.h"
#include "sim/cli/trace_input.h"
#include "sim/report/trace_page.h"
#include "sim/workload/trace_format.h"

static const struct cli_option stats_options[] = {
    TRACE_INPUT_OPTIONS,
    {"--cluster", "CLUSTER", NULL, "measure the load that the trace offers to it", false},
    {"--json", NULL, NULL, "for tools", false},
    {"--html", "FILE", NULL, "also write a page with figures there", false},
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

static const char *file_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* Writes the page; gnuplot works in a folder beside it that is gone afterwards. */
static bool write_page(const char *html, struct trace_page page, struct err *err)
{
    struct out_folder folder;
    struct text figures = {0};
    struct text text = {0};
    text_addf(&figures, "%s.figures", html);
    bool ok = out_folder_open(&folder, figures.bytes, err);
    text_release(&figures);
    if (!ok) {
        return false;
    }
    page.folder = &folder;
    trace_page_add(&text, &page);
    out_folder_abandon(&folder);
    ok = file_write(html, (struct view){text.bytes, text.length}, err);
    text_release(&text);
    return ok;
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
    const char *html = cli_value(args, "--html");
    struct trace_page page = {
        .name = strcmp(path, "-") == 0 ? "standard input" : file_name_of(path),
        .workload = &workload,
        .stats = &stats,
    };
    bool ok = (html == NULL || write_page(html, page, err)) && cli_answer(args, &text, err);
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
    .help = "jobs, arrivals, durations, sizes, queues, users, estimates, load",
    .options = stats_options,
    .run = stats_run,
};
