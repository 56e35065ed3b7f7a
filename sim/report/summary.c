/* summary.c - summary.json; see files.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/base/check.h"
#include "sim/report/causes.h"
#include "sim/report/equity.h"
#include "sim/report/files.h"
#include "sim/report/finish_time.h"
#include "sim/report/pools.h"

enum { CENSORED_NAMED = 100 }; /* so many of them are named; jobs.csv has them all */

void files_add_json(struct text *out, const json_t *value)
{
    char *text = json_dumps(value, FILES_JSON_FLAGS | JSON_ENCODE_ANY);
    CHECK(text != NULL);
    text_add(out, text);
    text_add_char(out, '\n');
    free(text);
}

static void set_count(json_t *object, const char *key, uint64_t count)
{
    (void)json_object_set_new(object, key, json_integer((json_int_t)count));
}

/* A figure that is not told when it has no meaning. */
static void set_real(json_t *object, const char *key, bool told, double value)
{
    (void)json_object_set_new(object, key, told ? json_real(value) : json_null());
}

/* Names are bytes of the trace; JSON wants UTF-8. */
static json_t *name_json(const char *name)
{
    json_t *string = json_string(name);
    if (string != NULL) {
        return string;
    }
    struct text clean = {0};
    text_add_json(&clean, name);
    string = json_loads(clean.bytes, JSON_DECODE_ANY, NULL);
    text_release(&clean);
    CHECK(string != NULL);
    return string;
}

static json_t *spread_json(const struct report_spread *spread)
{
    json_t *object = json_object();
    bool told = spread->count > 0;
    set_count(object, "count", spread->count);
    set_real(object, "mean", told, spread->mean);
    set_real(object, "p50", told, spread->p50);
    set_real(object, "p90", told, spread->p90);
    set_real(object, "p95", told, spread->p95);
    set_real(object, "p99", told, spread->p99);
    set_real(object, "max", told, spread->max);
    return object;
}

static json_t *jobs_json(const struct report_numbers *numbers)
{
    json_t *object = json_object();
    set_count(object, "submitted", numbers->counts.submitted);
    set_count(object, "completed", numbers->counts.completed);
    set_count(object, "running", numbers->counts.running);
    set_count(object, "pending", numbers->counts.pending);
    set_count(object, "rejected", numbers->counts.rejected);
    set_count(object, "not_submitted", numbers->not_submitted);
    set_count(object, "measured", numbers->measured);
    json_t *reasons = json_array();
    for (size_t i = 0; i < numbers->reasons.count; i++) {
        json_t *reason = json_object();
        set_count(reason, "count", numbers->reasons.items[i].count);
        (void)json_object_set_new(reason, "reason", name_json(numbers->reasons.items[i].text));
        (void)json_array_append_new(reasons, reason);
    }
    (void)json_object_set_new(object, "rejected_because", reasons);
    return object;
}

/* Jobs whose completion the run did not see: their number, and the first of them by name. */
static json_t *censored_json(const struct report_numbers *numbers, const struct fold *fold)
{
    json_t *object = json_object();
    set_count(object, "count", (uint64_t)numbers->counts.running + numbers->counts.pending);
    json_t *names = json_array();
    for (uint32_t i = 0; i < fold->workload->jobs.count; i++) {
        uint8_t phase = fold->jobs[i].phase;
        if (phase != PHASE_RUNNING && phase != PHASE_PENDING) {
            continue;
        }
        if (json_array_size(names) == CENSORED_NAMED) {
            break;
        }
        (void)json_array_append_new(names, name_json(workload_job_id(fold->workload, i)));
    }
    (void)json_object_set_new(object, "first_jobs", names);
    (void)json_object_set_new(object, "wait_s_until_end", spread_json(&numbers->wait_censored));
    return object;
}

static json_t *sizes_json(const struct report_numbers *numbers)
{
    json_t *sizes = json_object();
    for (unsigned i = 0; i < SIZE_CLASS_COUNT; i++) {
        if (numbers->wait_by_size[i].count > 0) {
            (void)json_object_set_new(sizes, size_class_name((enum size_class)i),
                                      spread_json(&numbers->wait_by_size[i]));
        }
    }
    return sizes;
}

static json_t *weighted_json(const struct report_numbers *numbers)
{
    json_t *object = json_object();
    set_real(object, "by_gpus", numbers->wait.count > 0, numbers->wait_by_gpus_s);
    set_real(object, "by_gpu_time", numbers->wait.count > 0, numbers->wait_by_gpu_time_s);
    return object;
}

static json_t *gpus_json(const struct report_numbers *numbers, const struct cluster *cluster)
{
    json_t *object = json_object();
    set_real(object, "gpus", true, (double)cluster->gpu_milli / 1000);
    set_real(object, "capacity_gpu_hours", true, numbers->capacity_gpu_hours);
    set_real(object, "allocated_gpu_hours", true, numbers->allocated_gpu_hours);
    set_real(object, "allocation_ratio", numbers->capacity_gpu_hours > 0,
             numbers->allocation_ratio);
    return object;
}

static json_t *fragmentation_json(const struct report_fragmentation *fragmentation)
{
    json_t *object = json_object();
    set_count(object, "kinds", fragmentation->kinds);
    set_real(object, "tasks_share", true, fragmentation->tasks_share);
    set_real(object, "mean_gpus", true, fragmentation->gpus);
    set_real(object, "mean_stranded_gpus", true, fragmentation->stranded_gpus);
    set_real(object, "of_free", true, fragmentation->of_free);
    return object;
}

static json_t *priorities_json(const struct report_numbers *numbers)
{
    json_t *object = json_object();
    for (size_t i = 0; i < numbers->wait_by_priority.count; i++) {
        const struct report_priority *entry = &numbers->wait_by_priority.items[i];
        char key[16];
        (void)snprintf(key, sizeof(key), "%" PRId32, entry->priority);
        (void)json_object_set_new(object, key, spread_json(&entry->wait));
    }
    return object;
}

static json_t *starvation_json(const struct report_numbers *numbers)
{
    static const char *const keys[WAITED_COUNT] = {"over_1min", "over_10min", "over_1h", "over_1d"};
    json_t *object = json_object();
    for (int i = 0; i < WAITED_COUNT; i++) {
        set_count(object, keys[i], numbers->waited[i]);
    }
    set_count(object, "over_10_medians", numbers->starved);
    set_real(object, "oldest_pending_s", true, numbers->oldest_pending_s);
    return object;
}

static json_t *goodput_json(const struct report_numbers *numbers)
{
    const struct report_goodput *goodput = &numbers->goodput;
    json_t *object = json_object();
    bool told = goodput->allocated > 0;
    set_real(object, "allocated", told, goodput->allocated);
    set_real(object, "kept", told, goodput->kept);
    set_real(object, "speed", told, goodput->speed);
    set_real(object, "goodput", told, goodput->goodput);
    set_real(object, "overhead_gpu_hours", true, goodput->overhead_gpu_hours);
    return object;
}

static json_t *preemption_json(const struct report_numbers *numbers)
{
    json_t *object = json_object();
    set_count(object, "preemptions", numbers->preemptions);
    set_count(object, "preempted_jobs", numbers->preempted_jobs);
    set_count(object, "migrations", numbers->migrations);
    set_count(object, "resizes", numbers->resizes);
    set_real(object, "lost_gpu_hours", true, numbers->lost_gpu_hours);
    return object;
}

static json_t *supply_json(const struct pools *pools, const struct fold *fold)
{
    uint64_t failures = 0;
    double node_hours = 0;
    double all_node_hours = 0;
    wide there = 0;
    for (size_t i = 0; i < pools->uses.count; i++) {
        const struct pool_use *use = &pools->uses.items[i];
        failures += use->failures;
        node_hours += pool_use_node_hours(use);
        all_node_hours += (double)use->node_count * (double)fold->now_us / 3.6e9;
        there += use->there_milli_us;
    }
    json_t *object = json_object();
    (void)json_object_set_new(object, "failures", json_integer((json_int_t)failures));
    set_count(object, "interruptions", fold->interruptions);
    set_real(object, "node_hours_up", true, node_hours);
    set_real(object, "nodes_up_ratio", all_node_hours > 0, node_hours / all_node_hours);
    set_real(object, "gpu_hours_up", true, wide_gpu_hours(there));
    return object;
}

void files_add_summary(struct text *out, const struct report_numbers *numbers,
                       const struct fold *fold, const struct files_extra *extra,
                       uint64_t fingerprint)
{
    char hex[17];
    (void)snprintf(hex, sizeof(hex), "%016" PRIx64, fingerprint);
    json_t *root = json_object();
    (void)json_object_set_new(root, "format", json_integer(1));
    (void)json_object_set_new(root, "fingerprint", json_string(hex));
    if (extra->is_partial) {
        (void)json_object_set_new(root, "partial", json_true());
    }
    (void)json_object_set_new(root, "jobs", jobs_json(numbers));
    set_real(root, "warmup_s", true, numbers->warmup_s);
    set_real(root, "end_s", true, numbers->end_s);
    set_real(root, "makespan_s", numbers->counts.completed > 0, numbers->makespan_s);
    (void)json_object_set_new(root, "cluster", gpus_json(numbers, fold->cluster));
    (void)json_object_set_new(root, "wait_s", spread_json(&numbers->wait));
    (void)json_object_set_new(root, "wait_s_weighted", weighted_json(numbers));
    (void)json_object_set_new(root, "wait_s_by_gpus", sizes_json(numbers));
    (void)json_object_set_new(root, "queueing_s", spread_json(&numbers->queueing));
    (void)json_object_set_new(root, "jct_s", spread_json(&numbers->completion));
    (void)json_object_set_new(root, "slowdown", spread_json(&numbers->slowdown));
    set_real(root, "tau_s", true, numbers->tau_s);
    (void)json_object_set_new(root, "bounded_slowdown", spread_json(&numbers->bounded_slowdown));
    (void)json_object_set_new(root, "bounded_slowdown_per_gpu",
                              spread_json(&numbers->gpu_slowdown));
    if (numbers->wait_by_priority.count > 0) {
        (void)json_object_set_new(root, "wait_s_by_priority", priorities_json(numbers));
    }
    (void)json_object_set_new(root, "waited", starvation_json(numbers));
    (void)json_object_set_new(root, "preemption", preemption_json(numbers));
    if (extra->pools != NULL) {
        (void)json_object_set_new(root, "supply", supply_json(extra->pools, fold));
    }
    (void)json_object_set_new(root, "goodput", goodput_json(numbers));
    (void)json_object_set_new(root, "censored", censored_json(numbers, fold));
    if (numbers->fragmentation.kinds > 0) {
        (void)json_object_set_new(root, "fragmentation",
                                  fragmentation_json(&numbers->fragmentation));
    }
    if (extra->equity != NULL) {
        (void)json_object_set_new(root, "fairness", equity_json(extra->equity));
    }
    if (extra->finish_time != NULL) {
        (void)json_object_set_new(root, "finish_time_fairness",
                                  finish_time_json(extra->finish_time, fold));
    }
    if (extra->causes != NULL) {
        (void)json_object_set_new(root, "waiting_for", causes_json(extra->causes));
        (void)json_object_set_new(root, "idle_gpu_hours_while", causes_idle_json(extra->causes));
    }
    files_add_json(out, root);
    json_decref(root);
}
