/* trace_page.c - see trace_page.h. */
#include "sim/report/trace_page.h"

#include <inttypes.h>

#include "sim/report/figures.h"
#include "sim/report/frame.h"
#include "sim/report/human.h"

enum { PARTS_SHOWN = 20 };

static double seconds(int64_t us)
{
    return (double)us / 1e6;
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static void add_head(struct text *out, const struct trace_page *page)
{
    const struct stats *stats = page->stats;
    struct text title = {0};
    text_addf(&title, "Berth: %s", page->name);
    frame_begin(out, title.bytes);
    text_release(&title);
    text_add(out, "<h1>Trace ");
    text_add_html(out, page->name);
    text_add(out, ": ");
    human_add_count(out, stats->jobs);
    text_add(out, " jobs in ");
    human_add_duration(out, seconds(stats->last_us - stats->first_us));
    text_addf(out, "</h1>\n<p class=\"soft\">Format %s, digest %s</p>\n<div class=\"cards\">\n",
              page->workload->format, page->workload->digest);
    struct text label = {0};
    text_addf(&label, "%s-hours", stats_unit(page->workload));
    frame_add_card(out, label.bytes, human_add_number, stats->gpu_hours);
    text_release(&label);
    if (stats->durations.jobs > 0) {
        frame_add_card(out, "median duration", human_add_duration,
                       seconds(stats->durations.p50_us));
    }
    if (stats->load.gpus > 0) {
        frame_add_card(out, "offered load on the cluster", frame_add_percent, stats->load.offered);
    }
    frame_add_card(out, "of jobs want more than one", frame_add_percent,
                   ratio(stats->multi, stats->jobs));
    text_add(out, "</div>\n");
}

static void add_suspicious(struct text *out, const struct trace_page *page)
{
    const struct names *notes = &page->workload->notes;
    text_add(out, "<h2>Look twice</h2>\n");
    for (int i = 0; i < SUSPICION_COUNT; i++) {
        const struct stats_suspect *suspect = &page->stats->suspects[i];
        if (suspect->jobs > 0) {
            text_add(out, "<p>");
            human_add_count(out, suspect->jobs);
            text_addf(out, " jobs %s <span class=\"soft\">(the first: ",
                      stats_suspicion_text((enum stats_suspicion)i));
            text_add_html(out, workload_job_id(page->workload, suspect->first_job));
            text_add(out, ")</span></p>\n");
        }
    }
    if (page->stats->load.offered >= 1) {
        text_add(out, "<p>The offered load is 1 or more: waits grow as long as the trace lasts, "
                      "and mean waits say more of its length than of a policy.</p>\n");
    }
    if (page->stats->load.too_large > 0) {
        text_addf(out, "<p>%" PRIu32 " jobs are larger than the cluster</p>\n",
                  page->stats->load.too_large);
    }
    for (uint32_t i = 0; i < names_count(notes); i++) {
        text_add(out, "<p>Note: ");
        text_add_html(out, names_get(notes, i));
        text_add(out, "</p>\n");
    }
}

struct figure {
    const char *title;
    bool (*script)(struct text *script, const struct trace_page *page);
};

static const struct figure figures[] = {
    {"Work submitted over time", trace_figure_demand},
    {"Submits by hour", trace_figure_hours},
    {"Submits by weekday", trace_figure_weekdays},
    {"Durations", trace_figure_durations},
    {"Sizes", trace_figure_sizes},
    {"How good estimates are", trace_figure_estimates},
};

static void add_figures(struct text *out, const struct trace_page *page)
{
    bool drawn = true;
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
        struct text script = {0};
        if (figures[i].script(&script, page)) {
            drawn &= figure_add(out, page->folder, figures[i].title, &script);
        }
        text_release(&script);
    }
    figure_tell_missing(out, drawn);
}

static void begin_table(struct text *out, const char *title, const char *first)
{
    text_addf(out,
              "<h2>%s</h2>\n<div class=\"scroll\"><table><thead><tr><th>%s</th><th>jobs</th>"
              "<th>%% of jobs</th><th>hours</th><th>%% of hours</th></tr></thead><tbody>\n",
              title, first);
}

static void add_row(struct text *out, const struct trace_page *page, const char *name,
                    struct stats_bin bin)
{
    text_add(out, "<tr>");
    frame_add_name_cell(out, name);
    frame_add_count_cell(out, bin.jobs);
    frame_add_cell(out, frame_add_percent, ratio(bin.jobs, page->stats->jobs));
    frame_add_cell(out, human_add_number, bin.gpu_hours);
    frame_add_cell(out, frame_add_percent, ratio(bin.gpu_hours, page->stats->gpu_hours));
    text_add(out, "</tr>\n");
}

static void end_table(struct text *out)
{
    text_add(out, "</tbody></table></div>\n");
}

/* Queues or users, when the trace tells them apart. */
static void add_parts(struct text *out, const struct trace_page *page, const char *title,
                      const struct stats_part *parts, size_t count)
{
    if (count < 2) {
        return;
    }
    begin_table(out, title, "name");
    for (size_t i = 0; i < count && i < PARTS_SHOWN; i++) {
        add_row(out, page, parts[i].name, (struct stats_bin){parts[i].jobs, parts[i].gpu_hours});
    }
    end_table(out);
    if (count > PARTS_SHOWN) {
        text_add(out, "<p class=\"soft\">The largest of ");
        human_add_count(out, (int64_t)count);
        text_add(out, ".</p>\n");
    }
}

void trace_page_add(struct text *out, const struct trace_page *page)
{
    const struct stats *stats = page->stats;
    add_head(out, page);
    add_suspicious(out, page);
    add_figures(out, page);
    begin_table(out, "Durations in bins", "duration");
    for (int i = 0; i < STATS_DURATION_BINS; i++) {
        add_row(out, page, stats_duration_bin_name(i), stats->duration_bins[i]);
    }
    end_table(out);
    begin_table(out, "Sizes in bins", stats_unit(page->workload));
    for (int i = 0; i < STATS_SIZE_BINS; i++) {
        add_row(out, page, stats_size_bin_name(i), stats->size_bins[i]);
    }
    end_table(out);
    add_parts(out, page, "Queues", stats->queues.items, stats->queues.count);
    add_parts(out, page, "Users", stats->users.items, stats->users.count);
    struct text text = {0};
    stats_add_text(&text, page->workload, stats);
    text_add(out, "<h2>All figures</h2>\n<pre>");
    text_add_html(out, text.bytes);
    text_add(out, "</pre>\n");
    text_release(&text);
    frame_end(out);
}
