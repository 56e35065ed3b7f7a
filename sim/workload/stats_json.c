/* stats_json.c - the figures of a trace for tools; see stats.h. */
#include "sim/base/check.h"
#include "sim/workload/outcome.h"
#include "sim/workload/stats.h"

enum { TOP = 10 };

static double seconds(int64_t us)
{
    return (double)us / 1e6;
}

/* A string that any JSON reader takes: bytes that are not UTF-8 become '?'. */
static json_t *json_name(const char *name)
{
    json_t *string = json_string(name);
    if (string == NULL) {
        char *plain = mem_copy_text(name, strlen(name));
        for (char *c = plain; *c != '\0'; c++) {
            *c = (*c & 0x80) != 0 ? '?' : *c;
        }
        string = json_string(plain);
        free(plain);
    }
    return string;
}

static json_t *durations_json(const struct stats_durations *durations)
{
    return json_pack("{s:I, s:I, s:f, s:f, s:f, s:f, s:f}", "jobs", (json_int_t)durations->jobs,
                     "zero", (json_int_t)durations->zero, "mean_s", durations->mean_s, "p50_s",
                     seconds(durations->p50_us), "p90_s", seconds(durations->p90_us), "p99_s",
                     seconds(durations->p99_us), "max_s", seconds(durations->max_us));
}

static json_t *estimates_json(const struct stats_estimates *estimates)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:f, s:f}", "jobs", (json_int_t)estimates->jobs,
                     "compared", (json_int_t)estimates->compared, "exact",
                     (json_int_t)estimates->exact, "exceeded", (json_int_t)estimates->exceeded,
                     "mean_accuracy", estimates->mean_accuracy, "p50_accuracy",
                     estimates->p50_accuracy);
}

static json_t *sizes_json(const struct stats *stats)
{
    json_t *list = json_array();
    for (size_t i = 0; i < stats->sizes.count && i < TOP; i++) {
        json_array_append_new(list, json_pack("{s:f, s:I}", "size",
                                              (double)stats->sizes.items[i].gpu_milli / 1000,
                                              "jobs", (json_int_t)stats->sizes.items[i].jobs));
    }
    return json_pack("{s:I, s:I, s:I, s:I, s:f, s:I, s:o}", "zero", (json_int_t)stats->without_gpu,
                     "multi", (json_int_t)stats->multi, "fraction", (json_int_t)stats->fraction,
                     "gangs", (json_int_t)stats->gangs, "sum", stats->demand_gpus, "distinct",
                     (json_int_t)stats->sizes.count, "top", list);
}

static json_t *parts_json(const struct stats_part *parts, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count && i < TOP; i++) {
        json_array_append_new(list, json_pack("{s:o, s:I, s:f}", "name", json_name(parts[i].name),
                                              "jobs", (json_int_t)parts[i].jobs, "resource_hours",
                                              parts[i].gpu_hours));
    }
    return json_pack("{s:I, s:o}", "count", (json_int_t)count, "top", list);
}

static json_t *outcomes_json(const struct stats *stats)
{
    json_t *object = json_object();
    for (int i = 0; i < STATS_OUTCOMES; i++) {
        const char *word = i == OUTCOME_UNKNOWN ? "unknown" : outcome_word((enum job_outcome)i);
        json_object_set_new(object, word, json_integer((json_int_t)stats->outcomes[i]));
    }
    return object;
}

json_t *stats_json(const struct workload *workload, const struct stats *stats)
{
    json_t *notes = json_array();
    for (uint32_t i = 0; i < names_count(&workload->notes); i++) {
        json_array_append_new(notes, json_name(names_get(&workload->notes, i)));
    }
    json_t *top = json_pack(
        "{s:s, s:s, s:s, s:I, s:f, s:f, s:f, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "format",
        workload->format, "digest", workload->digest, "unit", stats_unit(workload), "jobs",
        (json_int_t)stats->jobs, "resource_hours", stats->gpu_hours, "first_submit_s",
        seconds(stats->first_us), "last_submit_s", seconds(stats->last_us), "sorted",
        stats->was_sorted ? 1 : 0, "durations", durations_json(&stats->durations), "estimates",
        estimates_json(&stats->estimates), "sizes", sizes_json(stats), "outcomes",
        outcomes_json(stats), "queues", parts_json(stats->queues.items, stats->queues.count),
        "users", parts_json(stats->users.items, stats->users.count), "notes", notes);
    CHECK(top != NULL);
    if (stats->load.gpus > 0) {
        const struct stats_load *load = &stats->load;
        json_object_set_new(top, "load",
                            json_pack("{s:f, s:f, s:I, s:I}", "gpus", load->gpus, "offered",
                                      load->offered, "too_large", (json_int_t)load->too_large,
                                      "bad_models", (json_int_t)load->bad_models));
    }
    return top;
}
