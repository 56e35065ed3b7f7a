/* cli.c - see cli.h: finds the command, reads its options, runs it, says what went wrong. */
#include "sim/cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "sim/base/param.h"

#define ENTRY(name) extern const struct cli_command cli_command_##name;
#include "command_list.inc"
#undef ENTRY

#define ENTRY(name) &cli_command_##name,
const struct cli_command *const cli_commands[] = {
#include "command_list.inc"
    NULL,
};
#undef ENTRY

#define ENTRY(name) extern const struct cli_command cli_trace_##name;
#include "trace_verb_list.inc"
#undef ENTRY

#define ENTRY(name) &cli_trace_##name,
const struct cli_command *const cli_trace_verbs[] = {
#include "trace_verb_list.inc"
    NULL,
};
#undef ENTRY

const char *cli_version(void)
{
    return "berth " BERTH_VERSION;
}

bool cli_print(const struct text *text, struct err *err)
{
    size_t written = text->length > 0 ? fwrite(text->bytes, 1, text->length, stdout) : 0;
    if (written != text->length || fflush(stdout) != 0) {
        return err_set(err, ERR_IO, 0, "standard output: %s", strerror(errno));
    }
    return true;
}

static void add_table(struct text *text, const struct cli_command *const *table)
{
    for (const struct cli_command *const *c = table; *c != NULL; c++) {
        text_addf(text, "  %-10s %s\n", (*c)->name, (*c)->help);
    }
}

static void add_overview(struct text *text)
{
    text_add(text, "berth replays GPU-cluster workload traces against scheduling policies.\n\n"
                   "usage: berth COMMAND [options]\n\ncommands:\n");
    add_table(text, cli_commands);
    text_add(text, "  help       what a command takes: berth help COMMAND\n"
                   "  version    the version of this program\n\n"
                   "first steps:\n"
                   "  berth run --trace TRACE --cluster 64x8 --policy fifo --out results\n"
                   "  berth list\n");
}

/* `parent`: the command whose verb this is, or NULL. */
static void add_command_help(struct text *text, const struct cli_command *parent,
                             const struct cli_command *command)
{
    text_addf(text, "usage: berth %s%s%s %s\n\n%s\n", parent != NULL ? parent->name : "",
              parent != NULL ? " " : "", command->name, command->usage, command->help);
    if (command->details != NULL) {
        text_addf(text, "\n%s\n", command->details);
    }
    if (command->verbs != NULL) {
        text_addf(text, "\n");
        add_table(text, command->verbs);
        text_addf(text, "\nberth help %s VERB tells the options of one\n", command->name);
        return;
    }
    text_add(text, "\noptions:\n");
    cli_add_options_help(text, command->options);
    text_addf(text, "  %-26s%s\n", "--help", "this page");
}

static const struct cli_command *find_command(const struct cli_command *const *table,
                                              const char *name)
{
    for (const struct cli_command *const *c = table; *c != NULL; c++) {
        if (strcmp((*c)->name, name) == 0) {
            return *c;
        }
    }
    return NULL;
}

static int complain(const struct err *err)
{
    (void)fprintf(stderr, "berth: %s\n", err->msg);
    return err->code == ERR_USAGE || err->code == ERR_FORMAT ? EXIT_BAD_INPUT : EXIT_DIFFERENT;
}

/* `kind`: "command", or "verb of trace". */
static int unknown_command(const struct cli_command *const *table, const char *kind,
                           const char *name)
{
    VEC(const char *) names = {0};
    for (const struct cli_command *const *c = table; *c != NULL; c++) {
        vec_push(&names, (*c)->name);
    }
    vec_push(&names, NULL);
    const char *nearest = param_nearest(view_of(name), names.items);
    vec_release(&names);
    struct err err = {0};
    (void)err_set(&err, ERR_USAGE, 0, "unknown %s '%.60s'%s%s%s", kind, name,
                  nearest != NULL ? "; did you mean '" : "; 'berth help' lists them",
                  nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    return complain(&err);
}

static int unknown_verb(const struct cli_command *command, const char *name)
{
    struct err err = {0};
    if (name == NULL) {
        (void)err_set(&err, ERR_USAGE, 0, "'%s' needs a verb; 'berth help %s' lists them",
                      command->name, command->name);
        return complain(&err);
    }
    char kind[64];
    (void)snprintf(kind, sizeof kind, "verb of %s", command->name);
    return unknown_command(command->verbs, kind, name);
}

static int print_and_release(struct text *text)
{
    struct err err = {0};
    bool ok = cli_print(text, &err);
    text_release(text);
    return ok ? EXIT_DONE : complain(&err);
}

/* `verb` may be NULL. */
static int help(const char *name, const char *verb)
{
    struct text text = {0};
    if (name == NULL) {
        add_overview(&text);
        return print_and_release(&text);
    }
    const struct cli_command *parent = NULL;
    const struct cli_command *command = find_command(cli_commands, name);
    if (command == NULL) {
        return unknown_command(cli_commands, "command", name);
    }
    if (command->verbs != NULL && verb != NULL) {
        parent = command;
        command = find_command(parent->verbs, verb);
        if (command == NULL) {
            return unknown_verb(parent, verb);
        }
    }
    add_command_help(&text, parent, command);
    return print_and_release(&text);
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

static int run_command(const struct cli_command *command, int argc, char **argv)
{
    struct err err = {0};
    struct cli_args args;
    if (!cli_args_read(command->options, argc, argv, &args, &err)) {
        return complain(&err);
    }
    int exit_status = EXIT_DONE;
    bool ok = command->run(&args, &exit_status, &err);
    cli_args_release(&args);
    return ok ? exit_status : complain(&err);
}

int cli_main(int argc, char **argv)
{
    /* A closed pipe is an error of writing, told like any other. */
    (void)signal(SIGPIPE, SIG_IGN);
    const char *name = argc > 1 ? argv[1] : "";
    if (argc < 2) {
        (void)help(NULL, NULL);
        return EXIT_BAD_INPUT;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        struct text text = {0};
        text_addf(&text, "%s\n", cli_version());
        return print_and_release(&text);
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        return help(NULL, NULL);
    }
    if (strcmp(name, "help") == 0) {
        return help(argc > 2 ? argv[2] : NULL, argc > 3 ? argv[3] : NULL);
    }
    const struct cli_command *command = find_command(cli_commands, name);
    if (command == NULL) {
        return unknown_command(cli_commands, "command", name);
    }
    const char *verb = command->verbs != NULL && argc > 2 && argv[2][0] != '-' ? argv[2] : NULL;
    if (asks_for_help(argc - 2, argv + 2)) {
        return help(name, verb);
    }
    if (command->verbs == NULL) {
        return run_command(command, argc - 2, argv + 2);
    }
    command = verb != NULL ? find_command(command->verbs, verb) : NULL;
    if (command == NULL) {
        return unknown_verb(find_command(cli_commands, name), verb);
    }
    return run_command(command, argc - 3, argv + 3);
}
