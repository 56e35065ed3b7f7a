/* expect.c - see expect.h. */
#include "sim/check/expect.h"

#include <math.h>
#include <string.h>

#include "sim/check/compare.h"

/* What the tasks of one expectation ask for and got, all together. */
struct amounts {
    double gpus_required, gpus_accepted, cpu_milli, memory_bytes;
};

/* Requests of the document: what a case expects of them tests the reader. */
static double member(const json_t *object, const char *key, double fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : fallback;
}

static const json_t *find_named(const json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const char *own = json_string_value(json_object_get(item, "name"));
        if (own != NULL && strcmp(own, name) == 0) {
            return item;
        }
    }
    return NULL;
}

static void add_amounts(const struct check_case *c, const struct case_task *task,
                        const char *node_name, struct amounts *sum)
{
    const json_t *job = json_array_get(json_object_get(c->root, "jobs"), task->job_index);
    const json_t *item = json_array_get(json_object_get(job, "tasks"), task->index);
    const json_t *request = json_object_get(item, "request");
    const char *kind = json_string_value(json_object_get(request, "gpu_kind"));
    double devices = member(request, "gpu_devices", 1);
    kind = kind == NULL ? "none" : kind;
    sum->cpu_milli += member(request, "cpu_milli", 1000);
    sum->memory_bytes += member(request, "memory_bytes", 1e9);
    if (strcmp(kind, "whole") == 0) {
        sum->gpus_required += devices;
        sum->gpus_accepted += devices;
    } else if (strcmp(kind, "fraction") == 0) {
        double part = devices * round(member(request, "gpu_portion", 0) * 100) / 100;
        sum->gpus_required += part;
        sum->gpus_accepted += part;
    } else if (strcmp(kind, "gpu_memory") == 0 && node_name != NULL) {
        const json_t *node = find_named(json_object_get(c->root, "nodes"), node_name);
        double memory = member(node, "gpu_memory_mib", 100);
        sum->gpus_accepted +=
            devices * ceil(member(request, "gpu_memory_mib", 0) / memory * 100) / 100;
    }
}

static void check_number(const json_t *expected, const char *key, double got, const char *whose,
                         struct text *unmet)
{
    const json_t *value = json_object_get(expected, key);
    if (unmet->length == 0 && json_is_number(value) &&
        !(fabs(json_number_value(value) - got) <= 1e-6)) {
        text_addf(unmet, "%s: %s: expected %g, got %g", whose, key, json_number_value(value), got);
    }
}

static void check_text(const json_t *expected, const char *key, const json_t *got,
                       const char *whose, struct text *unmet)
{
    const char *value = json_string_value(json_object_get(expected, key));
    const char *own = json_string_value(got);
    if (unmet->length == 0 && value != NULL && strcmp(value, own == NULL ? "" : own) != 0) {
        text_addf(unmet, "%s: %s: expected %s, got %s", whose, key, value,
                  own == NULL ? "none" : own);
    }
}

static void check_zones(const json_t *expected, const json_t *state, const char *whose,
                        struct text *unmet)
{
    const json_t *zones = json_object_get(expected, "numa_zones");
    const json_t *own = json_object_get(state, "numa_zones");
    bool same = json_array_size(zones) == json_array_size(own);
    for (size_t i = 0; same && i < json_array_size(zones); i++) {
        bool found = false;
        for (size_t k = 0; k < json_array_size(own); k++) {
            found = found || json_equal(json_array_get(zones, i), json_array_get(own, k));
        }
        same = found;
    }
    if (zones != NULL && !same && unmet->length == 0) {
        text_addf(unmet, "%s: its NUMA zones are not those expected", whose);
    }
}

static void check_start(const json_t *expected, const struct core *core, uint32_t job,
                        const char *whose, struct text *unmet)
{
    const char *status = json_string_value(json_object_get(expected, "status"));
    enum core_status wanted;
    int64_t start = core_job_get(core, job).last_start_ns;
    if (unmet->length > 0 || status == NULL || !case_status(status, &wanted)) {
        return;
    }
    bool started = wanted == CORE_ALLOCATED || wanted == CORE_BINDING || wanted == CORE_BOUND ||
                   wanted == CORE_RUNNING;
    if (started && start == CORE_UNSET) {
        text_addf(unmet, "%s: has no last start time", whose);
        return;
    }
    const json_t *older = json_object_get(expected, "last_start_older_than_ms");
    if (older != NULL &&
        (start == CORE_UNSET ||
         (double)(CASE_NOW_NS - start) < json_number_value(older) * (double)CASE_NS_PER_MS)) {
        text_addf(unmet, "%s: started less than %g ms ago", whose, json_number_value(older));
    }
}

/* Checks an expectation of the tasks of `job`, or of the one task `only`. */
static void check_tasks(const struct check_case *c, const struct core *core, const json_t *round,
                        const json_t *expected, const char *name, bool is_job, struct text *unmet)
{
    struct amounts sum = {0};
    uint32_t job = CORE_NONE;
    const json_t *states = json_object_get(round, "tasks");
    for (size_t i = 0; i < c->tasks.count; i++) {
        const struct case_task *task = &c->tasks.items[i];
        if (strcmp(is_job ? task->job : task->name, name) != 0) {
            continue;
        }
        const json_t *state = json_object_get(states, task->name);
        add_amounts(c, task, json_string_value(json_object_get(state, "node")), &sum);
        check_text(expected, "status", json_object_get(state, "status"), task->name, unmet);
        check_text(expected, "node", json_object_get(state, "node"), task->name, unmet);
        check_zones(expected, state, task->name, unmet);
        job = core_find_job(core, task->job);
    }
    if (job == CORE_NONE) {
        text_addf(unmet, "%s is expected, but not in the case", name);
        return;
    }
    check_number(expected, "gpus_required", sum.gpus_required, name, unmet);
    check_number(expected, "gpus_accepted", sum.gpus_accepted, name, unmet);
    check_number(expected, "cpu_milli_required", sum.cpu_milli, name, unmet);
    check_number(expected, "memory_bytes_required", sum.memory_bytes, name, unmet);
    check_start(expected, core, job, name, unmet);
}

static void check_node(const json_t *expected, const json_t *state, const char *name,
                       struct text *unmet)
{
    check_number(expected, "idle_gpus", member(state, "idle_gpus", (double)NAN), name, unmet);
    check_number(expected, "releasing_gpus", member(state, "releasing_gpus", (double)NAN), name,
                 unmet);
    json_t *zones = json_deep_copy(json_object_get(expected, "numa_zones_available"));
    const char *zone;
    json_t *amounts;
    json_object_foreach(zones, zone, amounts)
    {
        size_t at = (size_t)strtoul(zone, NULL, 10);
        const json_t *own = json_array_get(json_object_get(state, "numa_zones_available"), at);
        if (unmet->length == 0) {
            compare_values(own, amounts, name, unmet);
        }
    }
    json_decref(zones);
}

void expect_states(const struct check_case *c, const struct core *core, const json_t *round,
                   const json_t *reasons, struct text *unmet)
{
    /* jansson's walk wants an object it may change. */
    json_t *expected = json_deep_copy(json_object_get(c->root, "expected"));
    const char *name;
    json_t *item;
    json_object_foreach(json_object_get(expected, "jobs"), name, item)
    {
        if (unmet->length == 0) {
            check_tasks(c, core, round, item, name, true, unmet);
        }
        /* The words are the original's own: that the job is refused is what counts. */
        if (unmet->length == 0 && json_object_get(item, "error_message") != NULL &&
            json_object_get(reasons, name) == NULL) {
            text_addf(unmet, "%s: expected to be refused with a reason, there is none", name);
        }
    }
    json_object_foreach(json_object_get(expected, "tasks"), name, item)
    {
        if (unmet->length == 0) {
            check_tasks(c, core, round, item, name, false, unmet);
        }
    }
    json_object_foreach(json_object_get(expected, "nodes"), name, item)
    {
        if (unmet->length == 0) {
            check_node(item, json_object_get(json_object_get(round, "nodes"), name), name, unmet);
        }
    }
    json_decref(expected);
}

void expect_limits(const struct check_case *c, const json_t *round, struct text *unmet)
{
    static const char *const KEYS[][2] = {
        {"max_binds", "binds"}, {"max_evictions", "evictions"}, {"max_pipelines", "pipelines"}};
    const json_t *limits = json_object_get(c->root, "limits");
    for (size_t i = 0; i < sizeof(KEYS) / sizeof(*KEYS) && unmet->length == 0; i++) {
        const json_t *limit = json_object_get(limits, KEYS[i][0]);
        double count = json_number_value(json_object_get(round, KEYS[i][1]));
        if (json_is_number(limit) && count > json_number_value(limit)) {
            text_addf(unmet, "%g %s, at most %g are allowed", count, KEYS[i][1],
                      json_number_value(limit));
        }
    }
}
