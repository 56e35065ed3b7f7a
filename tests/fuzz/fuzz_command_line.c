/*
 * fuzz_command_line.c - any bytes as a command line, a word a line: its command and verb are found,
 * its options read as that command reads them, or refused with a reason. Nothing is run, and no
 * file is opened.
 */
#include <jansson.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"
#include "sim/cli/chosen.h"
#include "sim/cli/cli.h"
#include "sim/cli/model_input.h"
#include "sim/cli/settings.h"
#include "sim/cli/trace_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_WORDS = 64 };

struct line {
    char *bytes; /* with a NUL behind every word */
    char *words[MOST_WORDS];
    int count;
};

static void cut_line(const uint8_t *data, size_t size, struct line *line)
{
    line->bytes = mem_copy_text((const char *)data, size);
    line->count = 0;
    for (char *at = line->bytes; at != NULL && line->count < MOST_WORDS;) {
        char *end = strchr(at, '\n');
        if (end != NULL) {
            *end = '\0';
        }
        line->words[line->count++] = at;
        at = end != NULL ? end + 1 : NULL;
    }
}

static const struct cli_command *find(const struct cli_command *const *table, const char *name)
{
    while (*table != NULL && strcmp((*table)->name, name) != 0) {
        table++;
    }
    return *table;
}

static bool has_option(const struct cli_args *args, const char *name)
{
    const struct cli_option *option = args->options;
    while (option->name != NULL && strcmp(option->name, name) != 0) {
        option++;
    }
    return option->name != NULL;
}

/* Every option is what was given last, or its default. */
static void check_values(const struct cli_args *args)
{
    for (const struct cli_option *option = args->options; option->name != NULL; option++) {
        const char *value = option->dflt;
        for (size_t i = 0; i < args->given.count; i++) {
            value = args->given.items[i].option == option ? args->given.items[i].value : value;
        }
        const char *read = cli_value(args, option->name);
        CHECK(read == value || strcmp(read, value) == 0);
        CHECK(cli_flag(args, option->name) == (value != NULL));
        int64_t us = -1;
        int64_t number = -1;
        struct err err = {0};
        CHECK(cli_seconds_us(args, option->name, &us, &err) ? us >= -1 : err.msg[0] != '\0');
        CHECK(cli_whole(args, option->name, 3, &number, &err) ? number == -1 || number >= 3
                                                              : err.msg[0] != '\0');
    }
}

/* Settings that were read are told in words that are read as the same settings. */
static void check_settings(const struct cli_args *args)
{
    struct engine_settings settings;
    struct err err = {0};
    if (cli_value(args, "--failure-log") != NULL) {
        return;
    }
    if (!settings_read(args, &settings, &err)) {
        CHECK(err.code == ERR_USAGE && err.msg[0] != '\0');
        return;
    }
    json_t *json = settings_json(&settings);
    CHECK(json_is_object(json));
    json_decref(json);
    settings_release(&settings);
}

static void check_policies(const struct cli_args *args)
{
    for (size_t i = 0; i < args->given.count; i++) {
        const struct cli_given *given = &args->given.items[i];
        struct err err = {0};
        if (strcmp(given->option->name, "--policy") == 0) {
            struct chosen_policy policy;
            if (chosen_policy_read(given->value, &policy, &err)) {
                json_decref(chosen_json(policy.ops->name, policy.ops->params, policy.params));
                free(policy.params);
            } else {
                CHECK(err.code == ERR_USAGE && err.msg[0] != '\0');
            }
        } else if (strcmp(given->option->name, "--place") == 0) {
            struct chosen_place place;
            if (chosen_place_read(given->value, &place, &err)) {
                json_decref(chosen_json(place.ops->name, place.ops->params, place.params));
                free(place.params);
            } else {
                CHECK(err.code == ERR_USAGE && err.msg[0] != '\0');
            }
        }
    }
}

/* A model that comes with the program, changed by every --set. */
static void check_model(const struct cli_args *args)
{
    struct generate_model model;
    struct err err = {0};
    const char *name = has_option(args, "--model") ? cli_value(args, "--model") : NULL;
    if (!has_option(args, "--set") || (name != NULL && strpbrk(name, "./-") != NULL)) {
        return;
    }
    if (model_input_read(args, name != NULL ? name : "users", &model, &err)) {
        generate_model_release(&model);
    } else {
        CHECK(err.msg[0] != '\0');
    }
}

static void read_options(const struct cli_command *command, int count, char *const *words)
{
    struct cli_args args;
    struct err err = {0};
    if (!cli_args_read(command->options, count, words, &args, &err)) {
        CHECK(err.code == ERR_USAGE && err.msg[0] != '\0');
        return;
    }
    CHECK(args.given.count + args.words.count <= (size_t)count);
    check_values(&args);
    if (has_option(&args, "--pass")) {
        check_settings(&args);
    }
    check_policies(&args);
    check_model(&args);
    cli_args_release(&args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct line line;
    cut_line(data, size, &line);
    int at = 0;
    const struct cli_command *command = find(cli_commands, line.words[at++]);
    if (command != NULL && command->verbs != NULL) {
        command = at < line.count ? find(command->verbs, line.words[at++]) : NULL;
    }
    if (command != NULL) {
        read_options(command, line.count - at, line.words + at);
    }
    free(line.bytes);
    return 0;
}
