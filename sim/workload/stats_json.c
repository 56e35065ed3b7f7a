/* stats_json.c - the figures of a trace for tools; see stats.h. */
#include "sim/base/check.h"
#include "sim/workload/outcome.h"
#include "sim/workload/stats.h"

enum { TOP = 10, MOST_PARTS = 1000 };

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

static json_t *counts_json(const uint32_t *counts, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_integer((json_int_t)counts[i]));
    }
    return list;
}

static json_t *estimates_json(const struct stats_estimates *estimates)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:f, s:f, s:o}", "jobs", (json_int_t)estimates->jobs, "compared",
        (json_int_t)estimates->compared, "exact", (json_int_t)estimates->exact, "exceeded",
        (json_int_t)estimates->exceeded, "mean_accuracy", estimates->mean_accuracy, "p50_accuracy",
        estimates->p50_accuracy, "tenths", counts_json(estimates->bins, STATS_ACCURACY_BINS));
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

static json_t *parts_json(const struct stats_part *parts, size_t count, double gpu_hours)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count && i < MOST_PARTS; i++) {
        double share = gpu_hours > 0 ? parts[i].gpu_hours / gpu_hours : 0;
        json_array_append_new(list,
                              json_pack("{s:o, s:I, s:f, s:f}", "name", json_name(parts[i].name),
                                        "jobs", (json_int_t)parts[i].jobs, "resource_hours",
                                        parts[i].gpu_hours, "share", share));
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

static json_t *arrivals_json(const struct stats_arrivals *arrivals)
{
    return json_pack("{s:b, s:f, s:f, s:f, s:I, s:o, s:o}", "dated", arrivals->is_dated ? 1 : 0,
                     "mean_gap_s", arrivals->mean_gap_s, "gap_variation", arrivals->gap_variation,
                     "longest_gap_s", seconds(arrivals->longest_gap_us), "at_once",
                     (json_int_t)arrivals->at_once, "by_hour", counts_json(arrivals->by_hour, 24),
                     "by_weekday", counts_json(arrivals->by_weekday, 7));
}

static json_t *bins_json(const struct stats_bin *bins, int count, const char *(*name)(int bin))
{
    json_t *list = json_array();
    for (int i = 0; i < count; i++) {
        json_array_append_new(list, json_pack("{s:s, s:I, s:f}", "bin", name(i), "jobs",
                                              (json_int_t)bins[i].jobs, "resource_hours",
                                              bins[i].gpu_hours));
    }
    return list;
}

static json_t *suspects_json(const struct workload *workload, const struct stats *stats)
{
    json_t *list = json_array();
    for (int i = 0; i < SUSPICION_COUNT; i++) {
        const struct stats_suspect *suspect = &stats->suspects[i];
        if (suspect->jobs > 0) {
            json_array_append_new(
                list,
                json_pack("{s:s, s:I, s:o}", "what", stats_suspicion_text((enum stats_suspicion)i),
                          "jobs", (json_int_t)suspect->jobs, "first_job",
                          json_name(workload_job_id(workload, suspect->first_job))));
        }
    }
    return list;
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
        outcomes_json(stats), "queues",
        parts_json(stats->queues.items, stats->queues.count, stats->gpu_hours), "users",
        parts_json(stats->users.items, stats->users.count, stats->gpu_hours), "notes", notes);
    CHECK(top != NULL);
    json_object_set_new(top, "arrivals", arrivals_json(&stats->arrivals));
    json_object_set_new(
        top, "duration_bins",
        bins_json(stats->duration_bins, STATS_DURATION_BINS, stats_duration_bin_name));
    json_object_set_new(top, "size_bins",
                        bins_json(stats->size_bins, STATS_SIZE_BINS, stats_size_bin_name));
    json_object_set_new(top, "suspicious", suspects_json(workload, stats));
    if (stats->load.gpus > 0) {
        const struct stats_load *load = &stats->load;
        json_object_set_new(top, "load",
                            json_pack("{s:f, s:f, s:I, s:I}", "gpus", load->gpus, "offered",
                                      load->offered, "too_large", (json_int_t)load->too_large,
                                      "bad_models", (json_int_t)load->bad_models));
    }
    return top;
}
