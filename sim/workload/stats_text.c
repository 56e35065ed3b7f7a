/* stats_text.c - the figures of a trace for people; see stats.h. */
#include <inttypes.h>

#include "sim/workload/outcome.h"
#include "sim/workload/stats.h"

enum { TOP = 10, LABEL_WIDTH = 16 };

static void add_label(struct text *text, const char *label)
{
    text_addf(text, "%-*s", LABEL_WIDTH, label);
}

static double share_of(double part, double whole)
{
    return whole > 0 ? 100 * part / whole : 0;
}

static void add_span(struct text *text, const struct stats *stats)
{
    add_label(text, "submits");
    text_add_seconds(text, stats->first_us);
    text_add(text, " to ");
    text_add_seconds(text, stats->last_us);
    text_addf(text, " s of the trace's own time: %.3f d, rows %s\n",
              (double)(stats->last_us - stats->first_us) / 86400e6,
              stats->was_sorted ? "in this order" : "not in this order");
}

static void add_durations(struct text *text, const struct stats_durations *durations)
{
    add_label(text, "durations");
    if (durations->jobs == 0) {
        text_add(text, "told by no job\n");
        return;
    }
    text_addf(text, "%" PRIu32 " jobs: mean %.1f s, p50 ", durations->jobs, durations->mean_s);
    text_add_seconds(text, durations->p50_us);
    text_add(text, ", p90 ");
    text_add_seconds(text, durations->p90_us);
    text_add(text, ", p99 ");
    text_add_seconds(text, durations->p99_us);
    text_add(text, ", max ");
    text_add_seconds(text, durations->max_us);
    text_add_char(text, '\n');
}

static void add_estimates(struct text *text, const struct stats *stats)
{
    const struct stats_estimates *estimates = &stats->estimates;
    add_label(text, "estimates");
    if (estimates->jobs == 0) {
        text_add(text, "told by no job\n");
        return;
    }
    text_addf(text,
              "%.1f %% of jobs; duration / estimate: mean %.3f, p50 %.3f; %" PRIu32
              " exact, %" PRIu32 " exceeded\n",
              share_of(estimates->jobs, stats->jobs), estimates->mean_accuracy,
              estimates->p50_accuracy, estimates->exact, estimates->exceeded);
}

static void add_sizes(struct text *text, const struct stats *stats, const char *unit)
{
    add_label(text, "sizes");
    text_addf(text, "%.4f without %s, %.4f a part of one, %.4f more than one; sum %.10g\n",
              share_of(stats->without_gpu, stats->jobs) / 100, unit,
              share_of(stats->fraction, stats->jobs) / 100,
              share_of(stats->multi, stats->jobs) / 100, stats->demand_gpus);
    add_label(text, "");
    for (size_t i = 0; i < stats->sizes.count && i < TOP; i++) {
        text_add(text, i > 0 ? " " : "");
        text_add_milli(text, stats->sizes.items[i].gpu_milli);
        text_addf(text, ":%" PRIu32, stats->sizes.items[i].jobs);
    }
    text_addf(text, " (size:jobs, %zu sizes)\n", stats->sizes.count);
    if (stats->gangs > 0) {
        add_label(text, "");
        text_addf(text, "%" PRIu32 " jobs are gangs of more than one task\n", stats->gangs);
    }
}

static void add_outcomes(struct text *text, const struct stats *stats)
{
    if (stats->outcomes[OUTCOME_UNKNOWN] == stats->jobs) {
        return;
    }
    add_label(text, "outcomes");
    const char *separator = "";
    for (int i = 0; i < STATS_OUTCOMES; i++) {
        if (stats->outcomes[i] > 0) {
            const char *word = outcome_word((enum job_outcome)i);
            text_addf(text, "%s%" PRIu32 " %s", separator, stats->outcomes[i],
                      i == OUTCOME_UNKNOWN ? "unknown" : word);
            separator = ", ";
        }
    }
    text_add_char(text, '\n');
}

/* The largest of `count` queues or users; none when the trace does not tell them apart. */
static void add_parts(struct text *text, const char *label, const struct stats_part *parts,
                      size_t count, double gpu_hours)
{
    if (count == 1 && parts[0].name[0] == '\0') {
        return;
    }
    add_label(text, label);
    text_addf(text, "%zu%s\n", count, count > TOP ? ", the largest:" : ":");
    for (size_t i = 0; i < count && i < TOP; i++) {
        text_addf(text, "  %-20s %9" PRIu32 " jobs %14.1f h  %5.1f %%\n",
                  parts[i].name[0] == '\0' ? "(none)" : parts[i].name, parts[i].jobs,
                  parts[i].gpu_hours, share_of(parts[i].gpu_hours, gpu_hours));
    }
}

static void add_load(struct text *text, const struct stats_load *load, const char *unit)
{
    if (load->gpus <= 0) {
        return;
    }
    add_label(text, "offered load");
    text_addf(text, "%.4f of %.10g %ss, first to last submit", load->offered, load->gpus, unit);
    if (load->offered >= 1) {
        text_add(text, "; at 1 or more, waits grow as long as the trace lasts");
    }
    if (load->too_large > 0) {
        text_addf(text, "; %" PRIu32 " jobs are larger than the cluster", load->too_large);
    }
    if (load->bad_models > 0) {
        text_addf(text, "; %" PRIu32 " jobs want models that are not there", load->bad_models);
    }
    text_add_char(text, '\n');
}

/* "Mon 12.3 % Tue ...": parts of all jobs. */
static void add_arrivals(struct text *text, const struct stats *stats)
{
    static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const struct stats_arrivals *arrivals = &stats->arrivals;
    add_label(text, "arrivals");
    text_addf(text, "every %.1f s (deviation %.2f of that), %" PRIu32 " at once; longest gap ",
              arrivals->mean_gap_s, arrivals->gap_variation, arrivals->at_once);
    text_add_seconds(text, arrivals->longest_gap_us);
    text_add(text, " s\n");
    add_label(text, "  by hour");
    for (int i = 0; i < 24; i++) {
        text_addf(text, "%s%.1f", i > 0 ? " " : "", share_of(arrivals->by_hour[i], stats->jobs));
    }
    text_add(text, " % of jobs from 0 h to 23 h\n");
    add_label(text, "  by day");
    for (int i = 0; i < 7; i++) {
        double share = share_of(arrivals->by_weekday[i], stats->jobs);
        if (arrivals->is_dated) {
            text_addf(text, "%s%s %.1f %%", i > 0 ? ", " : "", weekdays[i], share);
        } else {
            text_addf(text, "%sday %d %.1f %%", i > 0 ? ", " : "", i + 1, share);
        }
    }
    text_add(text, arrivals->is_dated ? "\n" : " (the trace has no dates)\n");
}

static void add_bins(struct text *text, const char *label, const struct stats_bin *bins, int count,
                     const char *(*name)(int bin))
{
    double jobs = 0;
    double hours = 0;
    for (int i = 0; i < count; i++) {
        jobs += bins[i].jobs;
        hours += bins[i].gpu_hours;
    }
    text_addf(text, "%s\n", label);
    for (int i = 0; i < count; i++) {
        if (bins[i].jobs > 0) {
            text_addf(text, "  %-20s %9" PRIu32 " jobs %6.2f %% %14.1f h  %5.1f %%\n", name(i),
                      bins[i].jobs, share_of(bins[i].jobs, jobs), bins[i].gpu_hours,
                      share_of(bins[i].gpu_hours, hours));
        }
    }
}

/* What a reader of the figures should look at twice. */
static void add_suspicious(struct text *text, const struct workload *workload,
                           const struct stats *stats)
{
    for (int i = 0; i < SUSPICION_COUNT; i++) {
        const struct stats_suspect *suspect = &stats->suspects[i];
        if (suspect->jobs > 0) {
            add_label(text, "beware");
            text_addf(text, "%" PRIu32 " jobs %s (the first: %.60s)\n", suspect->jobs,
                      stats_suspicion_text((enum stats_suspicion)i),
                      workload_job_id(workload, suspect->first_job));
        }
    }
}

void stats_add_text(struct text *text, const struct workload *workload, const struct stats *stats)
{
    const char *unit = stats_unit(workload);
    add_label(text, "format");
    text_addf(text, "%s, digest %s\n", workload->format, workload->digest);
    add_label(text, "jobs");
    text_addf(text, "%" PRIu32 ", %.1f %s-hours\n", stats->jobs, stats->gpu_hours, unit);
    add_span(text, stats);
    add_arrivals(text, stats);
    add_durations(text, &stats->durations);
    add_estimates(text, stats);
    add_sizes(text, stats, unit);
    add_outcomes(text, stats);
    add_load(text, &stats->load, unit);
    add_parts(text, "queues", stats->queues.items, stats->queues.count, stats->gpu_hours);
    add_parts(text, "users", stats->users.items, stats->users.count, stats->gpu_hours);
    if (stats->durations.jobs > 0) {
        add_bins(text, "durations in bins", stats->duration_bins, STATS_DURATION_BINS,
                 stats_duration_bin_name);
    }
    add_bins(text, "sizes in bins", stats->size_bins, STATS_SIZE_BINS, stats_size_bin_name);
    add_suspicious(text, workload, stats);
    for (uint32_t i = 0; i < names_count(&workload->notes); i++) {
        add_label(text, "note");
        text_addf(text, "%s\n", names_get(&workload->notes, i));
    }
}
