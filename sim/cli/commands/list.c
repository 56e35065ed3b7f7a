/* list.c - berth list: policies, placement rules and trace formats with their parameters. */
#include <stdio.h>

#include <jansson.h>

#include "sim/cli/cli.h"
#include "sim/place.h"
#include "sim/sched.h"
#include "sim/workload/trace_format.h"

static const struct cli_option list_options[] = {
    {"--policy", "NAME", NULL, "only this policy", false},
    {"--place", "NAME", NULL, "only this placement rule", false},
    {"--format", "NAME", NULL, "only this trace format", false},
    {"--json", NULL, NULL, "for tools", false},
    {.name = NULL},
};

/* What the three kinds of things have in common for this command. */
struct entry {
    const char *kind;
    const char *name;
    const char *help;
    const char *source; /* may be NULL */
    unsigned flags;     /* enum sched_flags, of policies */
    const struct param_spec *params;
    const struct sched_promise *laws; /* of policies; may be NULL */
    const char *validated;            /* may be NULL */
};

typedef VEC(struct entry) entry_vec;

static bool wanted(const struct cli_args *args, const char *option, const char *name)
{
    const char *only = cli_value(args, option);
    bool any_filter =
        cli_flag(args, "--policy") || cli_flag(args, "--place") || cli_flag(args, "--format");
    return only != NULL ? strcmp(only, name) == 0 : !any_filter;
}

static void collect_policies(const struct cli_args *args, entry_vec *out)
{
    for (const struct sched_ops *const *p = sched_policies; *p != NULL; p++) {
        if (wanted(args, "--policy", (*p)->name)) {
            struct entry entry = {
                .kind = "policy",
                .name = (*p)->name,
                .help = (*p)->help,
                .source = (*p)->source,
                .flags = (*p)->flags,
                .params = (*p)->params,
                .laws = (*p)->laws,
                .validated = (*p)->validated,
            };
            vec_push(out, entry);
        }
    }
}

static void collect_places(const struct cli_args *args, entry_vec *out)
{
    for (const struct place_ops *const *p = place_rules; *p != NULL; p++) {
        if (wanted(args, "--place", (*p)->name)) {
            struct entry entry = {
                .kind = "place",
                .name = (*p)->name,
                .help = (*p)->help,
                .source = (*p)->source,
                .params = (*p)->params,
                .validated = (*p)->validated,
            };
            vec_push(out, entry);
        }
    }
}

static void collect_formats(const struct cli_args *args, entry_vec *out)
{
    for (const struct trace_format *const *f = trace_formats; *f != NULL; f++) {
        if (wanted(args, "--format", (*f)->name)) {
            struct entry entry = {
                .kind = "format",
                .name = (*f)->name,
                .help = (*f)->help,
                .params = (*f)->params,
            };
            vec_push(out, entry);
        }
    }
}

static void add_param(struct text *text, const struct param_spec *param)
{
    struct text accepted = {0};
    param_add_accepted(&accepted, param);
    text_addf(text, "      %s=%s  %s (%s)\n", param->name, param->dflt, param->help,
              accepted.bytes);
    text_release(&accepted);
}

static void add_entry(struct text *text, const struct entry *entry)
{
    text_addf(text, "  %-14s %s\n", entry->name, entry->help);
    const char *separator = "      [";
    for (unsigned i = 0; i < SCHED_FLAG_COUNT; i++) {
        if ((entry->flags >> i & 1) != 0) {
            text_addf(text, "%s%s", separator, sched_flag_text(i));
            separator = ", ";
        }
    }
    text_add(text, entry->flags != 0 ? "]\n" : "");
    for (const struct param_spec *p = entry->params; p != NULL && p->name != NULL; p++) {
        add_param(text, p);
    }
    if (entry->source != NULL) {
        text_addf(text, "      source: %s\n", entry->source);
    }
    const struct sched_promise *law = entry->laws;
    for (; law != NULL && law->law != SCHED_LAW_NONE; law++) {
        text_addf(text, "      law: %s%s%s%s\n", sched_law_text(law->law),
                  law->when == NULL ? "" : " (", law->when == NULL ? "" : law->when,
                  law->when == NULL ? "" : ")");
    }
    if (entry->validated != NULL) {
        text_addf(text, "      validated: %s\n", entry->validated);
    }
}

static void add_all(struct text *text, const entry_vec *entries)
{
    const char *kind = "";
    for (size_t i = 0; i < entries->count; i++) {
        const struct entry *entry = &entries->items[i];
        if (strcmp(kind, entry->kind) != 0) {
            bool is_policy = strcmp(entry->kind, "policy") == 0;
            bool is_place = strcmp(entry->kind, "place") == 0;
            text_addf(text, "%s%s:\n", i > 0 ? "\n" : "",
                      is_policy  ? "policies (--policy)"
                      : is_place ? "placement rules (--place)"
                                 : "trace formats (--format)");
            kind = entry->kind;
        }
        add_entry(text, entry);
    }
}

static json_t *param_json(const struct param_spec *param)
{
    struct text accepted = {0};
    param_add_accepted(&accepted, param);
    json_t *object = json_pack("{s:s, s:s, s:s, s:s}", "name", param->name, "default", param->dflt,
                               "accepts", accepted.bytes, "help", param->help);
    text_release(&accepted);
    return object;
}

static json_t *laws_json(const struct sched_promise *laws)
{
    json_t *list = json_array();
    for (; laws != NULL && laws->law != SCHED_LAW_NONE; laws++) {
        json_array_append_new(
            list, json_pack("{s:s, s:s?}", "law", sched_law_text(laws->law), "when", laws->when));
    }
    return list;
}

static json_t *entry_json(const struct entry *entry)
{
    json_t *params = json_array();
    for (const struct param_spec *p = entry->params; p != NULL && p->name != NULL; p++) {
        json_array_append_new(params, param_json(p));
    }
    json_t *flags = json_array();
    for (unsigned i = 0; i < SCHED_FLAG_COUNT; i++) {
        if ((entry->flags >> i & 1) != 0) {
            json_array_append_new(flags, json_string(sched_flag_text(i)));
        }
    }
    return json_pack("{s:s, s:s, s:s, s:s?, s:o, s:o, s:o, s:s?}", "kind", entry->kind, "name",
                     entry->name, "help", entry->help, "source", entry->source, "needs", flags,
                     "laws", laws_json(entry->laws), "parameters", params, "validated",
                     entry->validated);
}

static void add_json(struct text *text, const entry_vec *entries)
{
    json_t *list = json_array();
    for (size_t i = 0; i < entries->count; i++) {
        json_array_append_new(list, entry_json(&entries->items[i]));
    }
    char *dump = json_dumps(list, JSON_INDENT(2));
    text_addf(text, "%s\n", dump);
    free(dump);
    json_decref(list);
}

static bool list_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    if (args->words.count > 0) {
        return err_set(err, ERR_USAGE, 0, "unexpected word '%.60s'", args->words.items[0]);
    }
    entry_vec entries = {0};
    collect_policies(args, &entries);
    collect_places(args, &entries);
    collect_formats(args, &entries);
    if (entries.count == 0) {
        return err_set(err, ERR_USAGE, 0, "there is nothing of that name; 'berth list' shows all");
    }
    struct text text = {0};
    if (cli_flag(args, "--json")) {
        add_json(&text, &entries);
    } else {
        add_all(&text, &entries);
    }
    bool ok = cli_print(&text, err);
    text_release(&text);
    vec_release(&entries);
    *exit_status = EXIT_DONE;
    return ok;
}

extern const struct cli_command cli_command_list;
const struct cli_command cli_command_list = {
    .name = "list",
    .usage = "[--policy NAME | --place NAME | --format NAME] [--json]",
    .help = "shows policies, placement rules and trace formats",
    .options = list_options,
    .run = list_run,
};
