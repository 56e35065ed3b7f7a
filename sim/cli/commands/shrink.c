/* shrink.c - berth shrink: the smallest world for which something still happens. */
#include "sim/shrink/shrink.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/check.h"
#include "sim/base/file.h"
#include "sim/base/json_read.h"
#include "sim/cli/cli.h"
#include "sim/cli/progress.h"

extern char **environ;

static const struct cli_option shrink_options[] = {
    {"--trace", "FILE", NULL, "native CSV ('berth trace convert' makes it of any format)", false},
    {"--cluster", "FILE", NULL, "a cluster in JSON; without it only the trace is shrunk", false},
    {"--while", "COMMAND", NULL,
     "for the shell; exit status 0: it still happens. $TRACE and $CLUSTER name the files to try",
     false},
    {"--tries", "N", "5000", "stop after so many", false},
    {"--out", "FOLDER", NULL, "where trace.csv and cluster.json are written", false},
    {"--quiet", NULL, NULL, "no progress on standard error", false},
    {.name = NULL},
};

struct asking {
    const char *command;
    struct text trace;   /* "TRACE=path" */
    struct text cluster; /* "CLUSTER=path" */
    struct progress progress;
    uint32_t tries;
};

static const char *path_of(const struct text *setting)
{
    return strchr(setting->bytes, '=') + 1;
}

/* Exit status of the command with the two names in its environment; -1 when it cannot be run. */
static int run_command(const struct asking *asking)
{
    VEC(char *) environment = {0};
    for (char **at = environ; *at != NULL; at++) {
        vec_push(&environment, *at);
    }
    vec_push(&environment, asking->trace.bytes);
    vec_push(&environment, asking->cluster.bytes);
    vec_push(&environment, NULL);
    char shell[] = "sh";
    char option[] = "-c";
    char *command = mem_copy_text(asking->command, strlen(asking->command));
    char *arguments[] = {shell, option, command, NULL};
    pid_t child = 0;
    int status = 0;
    bool ran = posix_spawnp(&child, shell, NULL, NULL, arguments, environment.items) == 0;
    while (ran && waitpid(child, &status, 0) < 0 && errno == EINTR) {
        /* a signal came; the child is still there */
    }
    free(command);
    vec_release(&environment);
    return ran && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool write_world(const struct shrink_world *world, const char *trace, const char *cluster,
                        struct err *err)
{
    struct text csv = {0};
    shrink_table_add(&csv, &world->jobs);
    bool ok = file_write(trace, (struct view){csv.bytes, csv.length}, err);
    text_release(&csv);
    if (ok && world->cluster != NULL) {
        char *dump = json_dumps(world->cluster, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
        CHECK(dump != NULL);
        struct text json = {0};
        text_addf(&json, "%s\n", dump);
        ok = file_write(cluster, (struct view){json.bytes, json.length}, err);
        free(dump);
        text_release(&json);
    }
    return ok;
}

static bool still(void *self, const struct shrink_world *world)
{
    struct asking *asking = self;
    struct err err = {0};
    asking->tries++;
    if (asking->progress.shown && asking->tries % 16 == 0) {
        (void)fprintf(stderr, "\r%u tries, %zu jobs left\033[K", asking->tries,
                      world->jobs.rows.count);
    }
    return write_world(world, path_of(&asking->trace), path_of(&asking->cluster), &err) &&
           run_command(asking) == 0;
}

static bool read_world(const struct cli_args *args, struct shrink_world *world, struct err *err)
{
    const char *trace = cli_value(args, "--trace");
    const char *cluster = cli_value(args, "--cluster");
    struct file file;
    *world = (struct shrink_world){0};
    if (trace == NULL || cli_value(args, "--while") == NULL || cli_value(args, "--out") == NULL) {
        return err_set(err, ERR_USAGE, 0, "--trace, --while and --out are needed");
    }
    if (!file_read(trace, FILE_MOST_BYTES, &file, err)) {
        return false;
    }
    bool ok = shrink_table_read((struct view){file.bytes, file.length}, &world->jobs, err) ||
              err_locate(err, trace);
    file_release(&file);
    if (!ok || cluster == NULL) {
        return ok;
    }
    if (!file_read(cluster, FILE_MOST_BYTES, &file, err)) {
        return false;
    }
    world->cluster = json_parse(file.bytes, file.length, err);
    file_release(&file);
    return world->cluster != NULL || err_locate(err, cluster);
}

static bool shrink_into(const struct cli_args *args, struct shrink_world *world,
                        struct out_folder *folder, struct err *err)
{
    char *trace = out_folder_file(folder, "trace.csv");
    char *cluster = out_folder_file(folder, "cluster.json");
    struct asking asking = {.command = cli_value(args, "--while")};
    int64_t tries = 0;
    size_t before = world->jobs.rows.count;
    text_addf(&asking.trace, "TRACE=%s", trace);
    text_addf(&asking.cluster, "CLUSTER=%s", cluster);
    progress_init(&asking.progress, cli_flag(args, "--quiet"));
    bool ok = cli_whole(args, "--tries", 1, &tries, err);
    if (ok && !still(&asking, world)) {
        ok = err_set(err, ERR_USAGE, 0,
                     "--while does not end with 0 in the world as it is: there is nothing to keep");
    }
    struct shrink shrink = {world, still, &asking, (uint32_t)(tries > 1000000 ? 1000000 : tries),
                            0};
    if (ok) {
        shrink_run(&shrink);
        ok = write_world(world, trace, cluster, err);
    }
    progress_end(&asking.progress);
    if (ok) {
        struct text text = {0};
        text_addf(&text, "%zu jobs of %zu are left after %u tries\n", world->jobs.rows.count,
                  before, shrink.tries);
        ok = cli_print(&text, err);
        text_release(&text);
    }
    text_release(&asking.trace);
    text_release(&asking.cluster);
    free(trace);
    free(cluster);
    return ok;
}

static bool shrink_command(const struct cli_args *args, int *exit_status, struct err *err)
{
    struct shrink_world world;
    struct out_folder folder;
    *exit_status = EXIT_DONE;
    bool ok = read_world(args, &world, err);
    if (ok && (ok = out_folder_open(&folder, cli_value(args, "--out"), err))) {
        ok = shrink_into(args, &world, &folder, err);
        if (ok) {
            ok = out_folder_close(&folder, err);
        } else {
            out_folder_abandon(&folder);
        }
    }
    shrink_table_release(&world.jobs);
    json_decref(world.cluster);
    return ok;
}

extern const struct cli_command cli_command_shrink;
const struct cli_command cli_command_shrink = {
    .name = "shrink",
    .usage = "--trace FILE [--cluster FILE] --while COMMAND --out FOLDER [options]",
    .help = "the smallest workload and cluster for which something still happens",
    .details =
        "The command is asked again and again, with the files to try in $TRACE and $CLUSTER; "
        "it says by\nexit status 0 that what you look for is still there. Example:\n\n"
        "  berth shrink --trace trace.csv --cluster cluster.json --out small --while \\\n"
        "    'berth run --quiet --trace $TRACE --cluster $CLUSTER --policy mine | grep -q "
        "\"1 pending\"'\n\nJobs, queues, pools, columns and keys are left out, times and "
        "amounts made rounder.",
    .options = shrink_options,
    .run = shrink_command,
};
