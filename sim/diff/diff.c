/* diff.c - see diff.h. */
#include "sim/diff/diff.h"

#include <string.h>

#include "sim/diff/settings.h"
#include "sim/diff/world.h"
#include "sim/report/human.h"

/* What was found out about two logs. */
struct finding {
    bool equal;
    int64_t decided; /* equal decisions before the first difference */
    json_t *a;       /* the first that differ; NULL: that log has ended */
    json_t *b;
    bool has_outcomes;
    struct outcomes outcomes_a;
    struct outcomes outcomes_b;
    struct drift drift;
    json_t *settings; /* that differ; NULL: unknown */
    struct world world;
    struct text context;
};

static void finding_release(struct finding *finding)
{
    json_decref(finding->a);
    json_decref(finding->b);
    json_decref(finding->settings);
    world_release(&finding->world);
    outcomes_release(&finding->outcomes_a);
    outcomes_release(&finding->outcomes_b);
    text_release(&finding->context);
}

static bool views_equal(struct view x, struct view y)
{
    return x.length == y.length && (x.length == 0 || memcmp(x.at, y.at, x.length) == 0);
}

/* Reads on as long as the lines are equal; then parses the two that are not. */
static bool find_first(struct decision_log *a, struct decision_log *b, struct finding *out,
                       struct err *err)
{
    struct view line_a = {0};
    struct view line_b = {0};
    bool more_a = decision_log_next(a, &line_a);
    bool more_b = decision_log_next(b, &line_b);
    while (more_a && more_b && views_equal(line_a, line_b)) {
        out->decided++;
        more_a = decision_log_next(a, &line_a);
        more_b = decision_log_next(b, &line_b);
    }
    out->equal = !more_a && !more_b;
    if (more_a) {
        out->a = decision_parse(a, line_a, err);
    }
    if (more_b && (!more_a || out->a != NULL)) {
        out->b = decision_parse(b, line_b, err);
    }
    return (!more_a || out->a != NULL) && (!more_b || out->b != NULL);
}

/* Puts the world together out of the equal decisions, and keeps the last lines of them. */
static bool replay(struct decision_log *log, int64_t context, struct finding *out, struct err *err)
{
    struct view line;
    decision_log_rewind(log);
    for (int64_t i = 0; i < out->decided && decision_log_next(log, &line); i++) {
        json_t *decision = decision_parse(log, line, err);
        if (decision == NULL) {
            return false;
        }
        world_apply(&out->world, decision);
        json_decref(decision);
        if (i >= out->decided - context) {
            text_addf(&out->context, "  %lld  ", (long long)i + 1);
            text_add_bytes(&out->context, line.at, line.length);
            text_add_char(&out->context, '\n');
        }
    }
    return true;
}

/* When the first difference happens: the earlier of the two. */
static double moment_s(const struct finding *finding)
{
    if (finding->a == NULL || finding->b == NULL) {
        return decision_time_s(finding->a != NULL ? finding->a : finding->b);
    }
    double a = decision_time_s(finding->a);
    double b = decision_time_s(finding->b);
    return a < b ? a : b;
}

static void print_decision(const char *name, const json_t *decision, struct text *out)
{
    if (decision == NULL) {
        text_addf(out, "%s: no more decisions\n", name);
        return;
    }
    char *line = json_dumps(decision, JSON_COMPACT | JSON_REAL_PRECISION(15));
    text_addf(out, "%s: %s\n", name, line);
    free(line);
}

/* A new array of the members in which the two differ. */
static json_t *differing_members(const struct finding *finding)
{
    json_t *list = json_array();
    const char *key;
    json_t *value;
    json_object_foreach(finding->a, key, value)
    {
        if (finding->b != NULL && !json_equal(value, json_object_get(finding->b, key))) {
            json_array_append_new(list, json_string(key));
        }
    }
    json_object_foreach(finding->b, key, value)
    {
        if (finding->a != NULL && json_object_get(finding->a, key) == NULL) {
            json_array_append_new(list, json_string(key));
        }
    }
    return list;
}

static void print_members(const struct finding *finding, struct text *out)
{
    json_t *list = differing_members(finding);
    size_t index;
    const json_t *name;
    json_array_foreach(list, index, name)
    {
        text_add(out, index == 0 ? "they differ in " : ", ");
        text_add(out, json_string_value(name));
    }
    if (json_array_size(list) > 0) {
        text_add_char(out, '\n');
    }
    json_decref(list);
}

static void print_settings(const json_t *settings, struct text *out)
{
    if (json_array_size(settings) == 0) {
        text_add(out, "settings: equal\n");
        return;
    }
    text_add(out, "settings that differ\n");
    size_t index;
    const json_t *row;
    json_array_foreach(settings, index, row)
    {
        char *a = json_dumps(json_object_get(row, "a"), JSON_ENCODE_ANY | JSON_COMPACT);
        char *b = json_dumps(json_object_get(row, "b"), JSON_ENCODE_ANY | JSON_COMPACT);
        text_addf(out, "  %s: %s in A, %s in B\n",
                  json_string_value(json_object_get(row, "setting")), a, b);
        free(a);
        free(b);
    }
}

static void print_jobs(const struct finding *finding, double time_s, struct text *out)
{
    const char *a = finding->a == NULL ? NULL : decision_text(finding->a, "job");
    const char *b = finding->b == NULL ? NULL : decision_text(finding->b, "job");
    if (a != NULL) {
        world_print_job(&finding->world, time_s, a, out);
    }
    if (b != NULL && (a == NULL || strcmp(a, b) != 0)) {
        world_print_job(&finding->world, time_s, b, out);
    }
}

static void print_text(const struct finding *finding, struct text *out)
{
    if (finding->equal) {
        text_add(out, "equal: ");
        human_add_count(out, finding->decided);
        text_add(out, " decisions\n");
    } else {
        double time_s = moment_s(finding);
        text_add(out, "the first difference is decision ");
        human_add_count(out, finding->decided + 1);
        text_addf(out, ", at %.15g s (", time_s);
        human_add_duration(out, time_s);
        text_add(out, ")\n");
        if (finding->context.length > 0) {
            text_add(out, "equal before it\n");
            text_add(out, finding->context.bytes);
        }
        print_decision("A", finding->a, out);
        print_decision("B", finding->b, out);
        print_members(finding, out);
        text_add(out, "just before\n");
        print_jobs(finding, time_s, out);
        world_print(&finding->world, time_s, finding->a, finding->b, out);
    }
    if (finding->settings != NULL) {
        print_settings(finding->settings, out);
    }
    if (finding->has_outcomes && !finding->equal) {
        drift_print(&finding->drift, out);
    }
}

static json_t *or_null(json_t *value)
{
    return value == NULL ? json_null() : json_incref(value);
}

static void print_json(const struct finding *finding, struct text *out)
{
    json_t *all = json_pack("{s:b, s:I}", "equal", finding->equal, "equal_decisions",
                            (json_int_t)finding->decided);
    if (!finding->equal) {
        json_object_set_new(all, "time_s", json_real(moment_s(finding)));
        json_object_set_new(all, "a", or_null(finding->a));
        json_object_set_new(all, "b", or_null(finding->b));
        json_object_set_new(all, "differ_in", differing_members(finding));
    }
    json_object_set_new(all, "settings", or_null(finding->settings));
    json_object_set_new(all, "outcomes",
                        finding->has_outcomes ? drift_json(&finding->drift) : json_null());
    char *dump = json_dumps(all, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    text_addf(out, "%s\n", dump);
    free(dump);
    json_decref(all);
}

/* What the folders around the logs tell, when there are two. */
static bool read_folders(const struct decision_log *a, const struct decision_log *b,
                         struct finding *out, struct err *err)
{
    if (a->folder == NULL || b->folder == NULL) {
        return true;
    }
    out->settings = settings_differences(a->folder, b->folder, err);
    if (out->settings == NULL || !outcomes_read(a->folder, &out->outcomes_a, err) ||
        !outcomes_read(b->folder, &out->outcomes_b, err)) {
        return false;
    }
    out->has_outcomes = true;
    drift_measure(&out->outcomes_a, &out->outcomes_b, &out->drift);
    return true;
}

bool diff_logs(struct decision_log *a, struct decision_log *b, const struct diff_options *options,
               struct text *out, struct diff_answer *answer, struct err *err)
{
    struct finding finding = {0};
    bool ok = find_first(a, b, &finding, err) && read_folders(a, b, &finding, err);
    world_init(&finding.world, finding.has_outcomes ? &finding.outcomes_a : NULL);
    ok = ok && (finding.equal || replay(a, options->context, &finding, err));
    if (ok && options->json) {
        print_json(&finding, out);
    } else if (ok) {
        print_text(&finding, out);
    }
    *answer = (struct diff_answer){.equal = finding.equal};
    if (ok && !finding.equal) {
        answer->time_s = moment_s(&finding);
    }
    finding_release(&finding);
    return ok;
}
