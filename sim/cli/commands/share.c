/* share.c - berth share: how much of the cluster each queue is owed, now or over time. */
#include "sim/check/share.h"

#include "sim/base/file.h"
#include "sim/base/json_read.h"
#include "sim/check/fairsim.h"
#include "sim/cli/cli.h"

static const struct cli_option share_options[] = {
    {"--k", "K", NULL,
     "of a request: how strongly usage moves over-quota shares [the request's, 0]", false},
    {"--json", NULL, NULL, "of a request: the answer as JSON instead of a table", false},
    {"--out", "FILE", NULL, "write the answer there instead of to standard output", false},
    {.name = NULL},
};

static void add_row(struct text *out, const struct share_queue *queue)
{
    text_addf(out, "%-24s %14.15g %18.15g %20.15g\n", queue->name,
              queue->shares[CORE_GPU].fair_share, queue->shares[CORE_CPU].fair_share,
              queue->shares[CORE_MEM].fair_share);
}

static bool divide(const struct cli_args *args, const json_t *value, struct text *out,
                   struct err *err)
{
    struct share_request request;
    if (!share_read(value, "", &request, err)) {
        return false;
    }
    const char *k = cli_value(args, "--k");
    char *end = NULL;
    if (k != NULL) {
        request.k = strtod(k, &end);
        if (*k == '\0' || *end != '\0' || !(request.k >= 0 && request.k <= 1e9)) {
            share_release(&request);
            return err_set(err, ERR_USAGE, 0, "--k is '%.60s', expected a number of 0 or more", k);
        }
    }
    share_divide(&request);
    if (cli_flag(args, "--json")) {
        json_t *answer = share_answer_json(&request);
        char *dump = json_dumps(answer, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
        text_addf(out, "%s\n", dump);
        free(dump);
        json_decref(answer);
    } else {
        text_addf(out, "%-24s %14s %18s %20s\n", "queue", "GPUs", "milli-CPUs", "memory bytes");
        for (size_t i = 0; i < request.queues.count; i++) {
            add_row(out, &request.queues.items[i]);
        }
    }
    share_release(&request);
    return true;
}

static bool share_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    if (args->words.count != 1) {
        return err_set(err, ERR_USAGE, 0, "expected one FILE; 'berth help share' shows its form");
    }
    const char *path = args->words.items[0];
    struct file file;
    if (!file_read(path, FILE_MOST_BYTES, &file, err)) {
        return false;
    }
    json_t *value = json_parse(file.bytes, file.length, err);
    file_release(&file);
    if (value == NULL) {
        return err_locate(err, path);
    }
    struct text out = {0};
    bool ok =
        fairsim_is_config(value) ? fairsim_run(value, &out, err) : divide(args, value, &out, err);
    json_decref(value);
    if (!ok && err->code == ERR_FORMAT) {
        ok = err_locate(err, path);
    }
    const char *to = cli_value(args, "--out");
    ok = ok && (to == NULL ? cli_print(&out, err)
                           : file_write(to, (struct view){out.bytes, out.length}, err));
    text_release(&out);
    *exit_status = EXIT_DONE;
    return ok;
}

extern const struct cli_command cli_command_share;
const struct cli_command cli_command_share = {
    .name = "share",
    .usage = "FILE [--k K] [--json] [--out FILE]",
    .help = "divides a cluster among queues, once or over simulated time",
    .details =
        "FILE is a request (totalResource, queues with resourceShare and perhaps parent, k), or\n"
        "the configuration of a simulation (Cycles, WindowSize, HalfLifePeriod, KValue, Nodes,\n"
        "Queues, Jobs), both JSON. A simulation is answered by CSV, a row a queue and cycle.",
    .options = share_options,
    .run = share_run,
};
