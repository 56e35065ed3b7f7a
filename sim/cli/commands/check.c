/* check.c - berth check: recorded cases of the placement core, judged one by one. */
#include <stdio.h>
#include <unistd.h>

#include <jansson.h>

#include "sim/check/suite.h"
#include "sim/cli/cli.h"

static const struct cli_option check_options[] = {
    {"--filter", "TEXT", NULL, "only cases with this in their id, name or features", false},
    {"--explain", "CASE", NULL, "play this one case and tell every step of its decisions", false},
    {"--settle", NULL, NULL,
     "play each case until its state repeats; one that repeats with"
     " evictions fails",
     false},
    {"--time", "N", NULL, "instead of judging: the least processor time of N cycles of each case",
     false},
    {"--verbose", NULL, NULL, "a line for each case, not only for failing ones", false},
    {"--json", NULL, NULL, "one JSON object a case and one for the sums, a line each", false},
    {"-j", "N", NULL, "threads [one a processor]", false},
    {"--quiet", NULL, NULL, "no progress on standard error; the answer stays", false},
    {.name = NULL},
};

/* Everything is printed at the end: a file that cannot be judged leaves no half of an answer. */
struct sums {
    size_t passed, failed, only_run;
    bool verbose, json, shows_progress;
    struct text out;
};

static void print_json(struct text *out, const struct suite_result *result)
{
    static const char *const WORDS[] = {
        [VERDICT_PASSED] = "passed", [VERDICT_FAILED] = "failed", [VERDICT_ONLY_RUN] = "only run"};
    text_add(out, "{\"file\": ");
    text_add_json(out, result->path);
    text_add(out, ", \"id\": ");
    text_add_json(out, result->id);
    text_addf(out,
              ", \"verdict\": \"%s\", \"rounds\": %zu, \"difference\": ", WORDS[result->verdict],
              result->rounds);
    text_add_json(out, result->difference);
    text_add(out, "}\n");
}

static void print_timing(struct text *out, const struct suite_result *result)
{
    const struct timing *t = result->timing;
    text_addf(out, "%s: new %.3f ms, again %.3f ms, %zu events (", result->id, t->first_ms,
              t->cycle_ms, t->events);
    for (int i = 0; i < CORE_ACTION_COUNT; i++) {
        text_addf(out, "%s%s %.3f", i > 0 ? ", " : "", case_action_name((enum core_action)i),
                  t->action_ms[i]);
    }
    text_add(out, ")\n");
}

static void report(void *arg, const struct suite_result *result)
{
    struct sums *sums = arg;
    sums->passed += result->verdict == VERDICT_PASSED;
    sums->failed += result->verdict == VERDICT_FAILED;
    sums->only_run += result->verdict == VERDICT_ONLY_RUN;
    if (sums->json) {
        print_json(&sums->out, result);
    } else if (result->verdict == VERDICT_FAILED) {
        text_addf(&sums->out, "%s: %s\n", result->id, result->difference);
    } else if (result->timing != NULL) {
        print_timing(&sums->out, result);
    } else if (sums->verbose) {
        text_addf(&sums->out, "%s: %s\n", result->id,
                  result->verdict == VERDICT_PASSED ? "passed" : "run, nothing to compare with");
    }
}

static void wipe(const struct sums *sums)
{
    if (sums->shows_progress) {
        (void)fprintf(stderr, "\r\033[K");
    }
}

static void show_file(void *arg, const char *path, size_t number, size_t count)
{
    struct sums *sums = arg;
    wipe(sums);
    if (sums->shows_progress) {
        (void)fprintf(stderr, "file %zu of %zu: %s", number + 1, count, path);
        (void)fflush(stderr);
    }
}

static void add_sums(struct sums *sums, bool settle)
{
    if (sums->json) {
        text_addf(&sums->out, "{\"passed\": %zu, \"failed\": %zu, \"only_run\": %zu}\n",
                  sums->passed, sums->failed, sums->only_run);
        return;
    }
    if (sums->only_run > 0) {
        text_addf(&sums->out, "%zu more ran, with nothing recorded to compare with\n",
                  sums->only_run);
    }
    if (settle) {
        text_addf(&sums->out, "a case passes when it comes to rest\n");
    }
    text_addf(&sums->out, "%zu passed, %zu failed\n", sums->passed, sums->failed);
}

static void print_line(void *arg, const char *text)
{
    (void)arg;
    (void)puts(text);
}

static bool explain(const struct cli_args *args, struct err *err)
{
    const struct play_log log = {print_line, NULL};
    return suite_explain((const char *const *)args->words.items, args->words.count,
                         cli_value(args, "--explain"), &log, err);
}

static bool check_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    int64_t threads = 0, repeats = 0;
    if (args->words.count == 0) {
        return err_set(err, ERR_USAGE, 0, "no file or folder is named, expected at least one");
    }
    if (!cli_whole(args, "-j", 1, &threads, err) || !cli_whole(args, "--time", 1, &repeats, err)) {
        return false;
    }
    *exit_status = EXIT_DONE;
    if (cli_value(args, "--explain") != NULL) {
        return explain(args, err);
    }
    struct sums sums = {.verbose = cli_flag(args, "--verbose"),
                        .json = cli_flag(args, "--json"),
                        .shows_progress = !cli_flag(args, "--quiet") && isatty(2)};
    struct suite_options options = {.filter = cli_value(args, "--filter"),
                                    .threads = (unsigned)(threads > 1000 ? 1000 : threads),
                                    .settle = cli_flag(args, "--settle"),
                                    .repeats = (size_t)repeats,
                                    .report = report,
                                    .file = show_file,
                                    .arg = &sums};
    bool ok = suite_run((const char *const *)args->words.items, args->words.count, &options, err);
    wipe(&sums);
    if (ok && sums.passed + sums.failed + sums.only_run == 0) {
        ok = err_set(err, ERR_USAGE, 0, "no case is chosen by --filter, or none is there");
    }
    if (ok) {
        add_sums(&sums, options.settle);
        ok = cli_print(&sums.out, err);
    }
    text_release(&sums.out);
    *exit_status = sums.failed > 0 ? EXIT_DIFFERENT : EXIT_DONE;
    return ok;
}

extern const struct cli_command cli_command_check;
const struct cli_command cli_command_check = {
    .name = "check",
    .usage = "PATH... [options]",
    .help = "runs recorded cases of the placement core: cluster state in, decisions out",
    .details = "  PATH  a file, or a folder: every .json file below it\n\n"
               "a failing case is told with its first difference; the last line is\n"
               "'N passed, N failed', and the exit status 1 when any failed",
    .options = check_options,
    .run = check_run,
};
