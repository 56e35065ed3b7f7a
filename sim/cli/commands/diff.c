/* diff.c - berth diff: the first decision in which two runs part. */
#include "sim/diff/diff.h"

#include <math.h>
#include <unistd.h>

#include "sim/cli/sides.h"

static const struct cli_option diff_options[] = {
    {"--context", "N", "3", "equal decisions to show before the first difference", false},
    {"--json", NULL, NULL, "one JSON object instead of text", false},
    SIDES_OPTIONS,
    {.name = NULL},
};

/* Opens both logs; false leaves nothing open. */
static bool open_logs(const char *const paths[SIDES], struct decision_log out[SIDES],
                      struct err *err)
{
    if (!decision_log_open(paths[0], &out[0], err)) {
        return false;
    }
    if (!decision_log_open(paths[1], &out[1], err)) {
        decision_log_release(&out[0]);
        return false;
    }
    return true;
}

static bool diff_paths(const char *const paths[SIDES], const struct diff_options *options,
                       struct text *out, struct diff_answer *answer, struct err *err)
{
    struct decision_log logs[SIDES];
    if (!open_logs(paths, logs, err)) {
        return false;
    }
    bool ok = diff_logs(&logs[0], &logs[1], options, out, answer, err);
    decision_log_release(&logs[0]);
    decision_log_release(&logs[1]);
    return ok;
}

/* Folders for two runs below one of our own. */
struct folders {
    struct text parent;
    struct text side[SIDES];
};

static bool folders_make(struct folders *folders, struct err *err)
{
    const char *temporary = getenv("TMPDIR");
    *folders = (struct folders){0};
    text_addf(&folders->parent, "%s/berth-diff-XXXXXX", temporary == NULL ? "/tmp" : temporary);
    if (mkdtemp(folders->parent.bytes) == NULL) {
        (void)err_set(err, ERR_IO, 0, "%.200s: cannot be made", folders->parent.bytes);
        text_release(&folders->parent);
        return false;
    }
    text_addf(&folders->side[0], "%s/a", folders->parent.bytes);
    text_addf(&folders->side[1], "%s/b", folders->parent.bytes);
    return true;
}

static void folders_remove(struct folders *folders)
{
    for (size_t i = 0; i < SIDES; i++) {
        (void)file_remove_folder(folders->side[i].bytes);
        text_release(&folders->side[i]);
    }
    (void)file_remove_folder(folders->parent.bytes);
    text_release(&folders->parent);
}

/* Runs both again up to the difference, now telling their steps, and compares those. */
static bool diff_the_steps(const struct cli_args *args, const struct side sides[SIDES],
                           const char *const paths[SIDES], double time_s, int64_t context,
                           struct text *out, struct err *err)
{
    struct outcomes outcomes;
    if (!outcomes_read(paths[0], &outcomes, err)) {
        return false;
    }
    int64_t time_us = llround(time_s * 1e6);
    struct decision_log logs[SIDES];
    bool ok = side_run(args, &sides[0], paths[0], time_us, err) &&
              side_run(args, &sides[1], paths[1], time_us, err) && open_logs(paths, logs, err);
    if (ok) {
        ok = diff_steps(&logs[0], &logs[1], context, &outcomes.jobs, out, err);
        decision_log_release(&logs[0]);
        decision_log_release(&logs[1]);
    }
    outcomes_release(&outcomes);
    return ok;
}

static bool diff_sides(const struct cli_args *args, const struct diff_options *options,
                       struct text *out, struct diff_answer *answer, struct err *err)
{
    struct side sides[SIDES];
    struct folders folders;
    if (!sides_read(args, sides, err) || !folders_make(&folders, err)) {
        return false;
    }
    const char *paths[SIDES] = {folders.side[0].bytes, folders.side[1].bytes};
    bool ok = side_run(args, &sides[0], paths[0], -1, err) &&
              side_run(args, &sides[1], paths[1], -1, err) &&
              diff_paths(paths, options, out, answer, err);
    if (ok && !answer->equal && !options->json && side_tells_steps(&sides[0]) &&
        side_tells_steps(&sides[1])) {
        ok = diff_the_steps(args, sides, paths, answer->time_s, options->context, out, err);
    }
    folders_remove(&folders);
    return ok;
}

static bool diff_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    bool runs = cli_value(args, "--trace") != NULL;
    if (args->words.count != (runs ? 0 : SIDES)) {
        return err_set(err, ERR_USAGE, 0,
                       "expected two, A and B (results folders or decision logs), or --trace and "
                       "two times --policy; 'berth help diff' shows more");
    }
    struct diff_options options = {.json = cli_flag(args, "--json")};
    if (!cli_whole(args, "--context", 0, &options.context, err)) {
        return false;
    }
    struct text out = {0};
    struct diff_answer answer = {0};
    bool ok = runs ? diff_sides(args, &options, &out, &answer, err)
                   : diff_paths(args->words.items, &options, &out, &answer, err);
    ok = ok && cli_print(&out, err);
    text_release(&out);
    *exit_status = answer.equal ? EXIT_DONE : EXIT_DIFFERENT;
    return ok;
}

extern const struct cli_command cli_command_diff;
const struct cli_command cli_command_diff = {
    .name = "diff",
    .usage = "A B [--context N] [--json] | --trace FILE --cluster CLUSTER --policy A --policy B",
    .help = "shows the first decision in which two runs part, and what came of it",
    .details =
        "A and B are results folders of 'berth run --log decisions', or decision logs alone.\n"
        "Folders also tell the settings that differ, who ran and waited at the first\n"
        "difference, and how far the outcomes drift. With --trace both are run here: two\n"
        "policies, two placement rules, or with --core twice two builds of the placement\n"
        "core; 'kai' then also tells the first step that differs on the way to the decision:\n"
        "a comparison, a candidate's score, a rule. Exit status 1 when decisions differ.",
    .options = diff_options,
    .run = diff_run,
};
