/* model_input.c - see model_input.h. */
#include "sim/cli/model_input.h"

#include <math.h>

#include "sim/base/file.h"
#include "sim/base/json_read.h"
#include "sim/base/param.h"
#include "sim/cli/transformed.h"

static json_t *no_such_preset(const char *word, struct err *err)
{
    VEC(const char *) names = {0};
    struct text all = {0};
    for (const struct generate_preset *preset = generate_presets; preset->name != NULL; preset++) {
        vec_push(&names, preset->name);
        text_addf(&all, "%s%s", all.length > 0 ? ", " : "", preset->name);
    }
    vec_push(&names, NULL);
    const char *nearest = param_nearest(view_of(word), names.items);
    if (nearest != NULL) {
        (void)err_set(err, ERR_USAGE, 0, "no model '%.60s'; did you mean '%s'?", word, nearest);
    } else {
        (void)err_set(err, ERR_USAGE, 0, "no model '%.60s', expected one of %s or a file *.json",
                      word, all.bytes);
    }
    vec_release(&names);
    text_release(&all);
    return NULL;
}

/* The JSON of a preset, or of a file (a name with a dot or a slash in it, or "-"). */
static json_t *open_model(const char *word, struct err *err)
{
    const char *preset = generate_preset_find(word);
    if (preset != NULL) {
        return json_parse(preset, strlen(preset), err);
    }
    if (strpbrk(word, "./") == NULL && strcmp(word, "-") != 0) {
        return no_such_preset(word, err);
    }
    struct file file;
    if (!file_read(word, FILE_MOST_BYTES, &file, err)) {
        return NULL;
    }
    json_t *json = json_parse(file.bytes, file.length, err);
    file_release(&file);
    if (json == NULL) {
        (void)err_locate(err, word);
    }
    return json;
}

static bool apply_settings(const struct cli_args *args, json_t *json, struct err *err)
{
    for (size_t i = 0; i < args->given.count; i++) {
        const struct cli_given *given = &args->given.items[i];
        if (strcmp(given->option->name, "--set") == 0 &&
            !generate_model_set(json, given->value, err)) {
            return false;
        }
    }
    return true;
}

bool model_input_read(const struct cli_args *args, const char *word, struct generate_model *out,
                      struct err *err)
{
    json_t *json = open_model(word, err);
    if (json == NULL) {
        return false;
    }
    bool ok = apply_settings(args, json, err);
    if (ok && !generate_model_read_json(json, out, err)) {
        ok = err_locate(err, word);
    }
    json_decref(json);
    return ok;
}

bool model_input_size(const struct cli_args *args, uint64_t dflt, struct generate_options *out,
                      struct err *err)
{
    double days = 0;
    int64_t jobs = 0;
    *out = (struct generate_options){0};
    if (!cli_whole(args, "--jobs", 1, &jobs, err) ||
        !transformed_number(args, "--days", 1e6, false, &days, err)) {
        return false;
    }
    if (jobs > 0 && days > 0) {
        return err_set(err, ERR_USAGE, 0, "--jobs and --days are both given, expected one");
    }
    out->jobs = days > 0 ? 0 : jobs > 0 ? (uint64_t)jobs : dflt;
    out->span_us = llround(days * 86400e6);
    return true;
}
