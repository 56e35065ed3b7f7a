/* merge.c - berth trace merge: several traces as one. */
#include "sim/transform/merge.h"

#include <stdio.h>

#include "sim/cli/transformed.h"

static const struct cli_option merge_options[] = {
    {"--times", "WHAT", "aligned",
     "aligned: every trace starts where the first one does; absolute: submits stay", false},
    {"--ids", "WHAT", "clash", "which job ids get their trace's name before them: clash|all|none",
     false},
    {"--queues", "WHAT", "shared",
     "equal names in two traces are one queue (shared) or two (apart)", false},
    {"--users", "WHAT", "shared", "the same for users", false},
    {"--name", "NAME", NULL, "a trace's name, in the order of the files [1, 2, 3, ...]", true},
    TRANSFORMED_OPTIONS,
    {.name = NULL},
};

static bool read_settings(const struct cli_args *args, struct merge_settings *out, struct err *err)
{
    int times = 0;
    int ids = 0;
    int queues = 0;
    int users = 0;
    if (!transformed_word(args, "--times", "aligned|absolute", &times, err) ||
        !transformed_word(args, "--ids", "clash|all|none", &ids, err) ||
        !transformed_word(args, "--queues", "shared|apart", &queues, err) ||
        !transformed_word(args, "--users", "shared|apart", &users, err)) {
        return false;
    }
    *out = (struct merge_settings){
        .ids = (enum merge_ids)ids,
        .queues_apart = queues == 1,
        .users_apart = users == 1,
        .is_absolute = times == 1,
    };
    return true;
}

/* The n-th --name, or NULL. */
static const char *name_given(const struct cli_args *args, size_t number)
{
    for (size_t i = 0; i < args->given.count; i++) {
        if (strcmp(args->given.items[i].option->name, "--name") == 0 && number-- == 0) {
            return args->given.items[i].value;
        }
    }
    return NULL;
}

static bool add_file(const struct cli_args *args, size_t number, struct merge *merge,
                     struct err *err)
{
    char counted[24];
    const char *name = name_given(args, number);
    struct workload workload;
    (void)snprintf(counted, sizeof(counted), "%zu", number + 1);
    if (!trace_input_read(args, args->words.items[number], &workload, err)) {
        return false;
    }
    bool ok = merge_add(merge, &workload, name != NULL ? name : counted, err);
    workload_release(&workload);
    return ok || err->code == ERR_USAGE ? ok : err_locate(err, args->words.items[number]);
}

static bool merge_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    struct merge_settings settings;
    struct workload merged;
    struct merge merge;
    *exit_status = EXIT_DONE;
    if (args->words.count < 2) {
        return err_set(err, ERR_USAGE, 0, "%zu files are named, expected two or more",
                       args->words.count);
    }
    if (!read_settings(args, &settings, err)) {
        return false;
    }
    merge_begin(&merge, &settings, &merged);
    for (size_t i = 0; i < args->words.count; i++) {
        if (!add_file(args, i, &merge, err)) {
            merge_abandon(&merge);
            return false;
        }
    }
    return merge_finish(&merge, err) && transformed_write(args, &merged, true, err);
}

extern const struct cli_command cli_trace_merge;
const struct cli_command cli_trace_merge = {
    .name = "merge",
    .usage = "FILE FILE... [options]",
    .help = "several traces as one",
    .details = "Writes native CSV. A name that gets its trace's before it becomes 'NAME/name'.",
    .options = merge_options,
    .run = merge_run,
};
