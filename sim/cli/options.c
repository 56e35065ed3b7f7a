/* options.c - see options.h. */
#include "sim/cli/options.h"

#include <jansson.h>

#include "sim/base/check.h"
#include "sim/base/param.h"
#include "sim/base/parse.h"

static const struct cli_option *option_of(const struct cli_option *options, struct view name)
{
    for (; options->name != NULL; options++) {
        if (view_is(name, options->name)) {
            return options;
        }
    }
    return NULL;
}

static bool unknown_option(const struct cli_option *options, struct view name, struct err *err)
{
    VEC(const char *) names = {0};
    for (; options->name != NULL; options++) {
        vec_push(&names, options->name);
    }
    vec_push(&names, NULL);
    const char *nearest = param_nearest(name, names.items);
    vec_release(&names);
    if (nearest != NULL) {
        return err_set(err, ERR_USAGE, 0, "unknown option '%.*s'; did you mean '%s'?",
                       VIEW_ARG(name), nearest);
    }
    return err_set(err, ERR_USAGE, 0, "unknown option '%.*s'; --help lists the options",
                   VIEW_ARG(name));
}

static const struct cli_given *last_given(const struct cli_args *args,
                                          const struct cli_option *option)
{
    for (size_t i = args->given.count; i > 0; i--) {
        if (args->given.items[i - 1].option == option) {
            return &args->given.items[i - 1];
        }
    }
    return NULL;
}

/* Reads the option at argv[*at] and its value, which may be the next word. */
static bool read_option(struct cli_args *args, int argc, char *const *argv, int *at,
                        struct err *err)
{
    const char *word = argv[*at];
    struct view value = {0};
    struct view name = view_cut(view_of(word), '=', &value);
    const struct cli_option *option = option_of(args->options, name);
    if (option == NULL) {
        return unknown_option(args->options, name, err);
    }
    if (!option->repeats && last_given(args, option) != NULL) {
        return err_set(err, ERR_USAGE, 0, "%s is given twice", option->name);
    }
    struct cli_given given = {option, ""};
    if (option->value == NULL) {
        if (value.at != NULL) {
            return err_set(err, ERR_USAGE, 0, "%s takes no value", option->name);
        }
    } else if (value.at != NULL) {
        given.value = value.at;
    } else if (*at + 1 < argc) {
        given.value = argv[++*at];
    } else {
        return err_set(err, ERR_USAGE, 0, "%s needs a value: %s", option->name, option->value);
    }
    vec_push(&args->given, given);
    return true;
}

/* Words become part of results in JSON, which holds UTF-8 only. `number` counts from 1. */
static bool check_word(const char *word, int number, struct err *err)
{
    json_t *text = json_string(word);
    json_decref(text);
    return text != NULL ||
           err_set(err, ERR_USAGE, 0, "word %d, '%.60s', is not UTF-8", number, word);
}

bool cli_args_read(const struct cli_option *options, int argc, char *const *argv,
                   struct cli_args *out, struct err *err)
{
    *out = (struct cli_args){.options = options};
    bool only_words = false;
    for (int i = 0; i < argc; i++) {
        if (!check_word(argv[i], i + 1, err)) {
            return false;
        }
    }
    for (int i = 0; i < argc; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (only_words || argv[i][0] != '-' || argv[i][1] == '\0') {
            vec_push(&out->words, argv[i]);
        } else if (!read_option(out, argc, argv, &i, err)) {
            cli_args_release(out);
            return false;
        }
    }
    return true;
}

void cli_args_release(struct cli_args *args)
{
    vec_release(&args->given);
    vec_release(&args->words);
}

const char *cli_value(const struct cli_args *args, const char *name)
{
    const struct cli_option *option = option_of(args->options, view_of(name));
    CHECK(option != NULL);
    const struct cli_given *given = last_given(args, option);
    return given != NULL ? given->value : option->dflt;
}

bool cli_flag(const struct cli_args *args, const char *name)
{
    return cli_value(args, name) != NULL;
}

bool cli_seconds_us(const struct cli_args *args, const char *name, int64_t *out, struct err *err)
{
    const char *value = cli_value(args, name);
    if (value == NULL) {
        return true;
    }
    if (strcmp(value, "inf") == 0) {
        *out = PARAM_NEVER_US;
        return true;
    }
    int64_t us = 0;
    if (parse_seconds_us(view_of(value), &us) != PARSE_OK || us < 0) {
        return err_set(err, ERR_USAGE, 0, "%s is '%.60s', expected seconds, 0 or more, or 'inf'",
                       name, value);
    }
    *out = us;
    return true;
}

bool cli_whole(const struct cli_args *args, const char *name, int64_t least, int64_t *out,
               struct err *err)
{
    const char *value = cli_value(args, name);
    if (value == NULL) {
        return true;
    }
    int64_t number = 0;
    if (parse_i64(view_of(value), &number) != PARSE_OK || number < least) {
        return err_set(err, ERR_USAGE, 0, "%s is '%.60s', expected a whole number, %lld or more",
                       name, value, (long long)least);
    }
    *out = number;
    return true;
}

void cli_add_options_help(struct text *text, const struct cli_option *options)
{
    enum { HELP_COLUMN = 28 };
    for (; options->name != NULL; options++) {
        size_t start = text->length;
        text_addf(text, "  %s%s%s", options->name, options->value != NULL ? " " : "",
                  options->value != NULL ? options->value : "");
        size_t width = text->length - start;
        if (width >= HELP_COLUMN) {
            text_add_char(text, '\n');
            width = 0;
        }
        text_addf(text, "%*s%s", (int)(HELP_COLUMN - width), "", options->help);
        if (options->dflt != NULL) {
            text_addf(text, " [%s]", options->dflt);
        }
        text_add_char(text, '\n');
    }
}
