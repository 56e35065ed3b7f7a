/* page.c - see page.h. */
#include "sim/report/page.h"

#include <inttypes.h>

#include "sim/report/causes.h"
#include "sim/report/figures.h"
#include "sim/report/files.h"
#include "sim/report/frame.h"
#include "sim/report/human.h"
#include "sim/report/numbers_from.h"

static void add_escaped(struct text *out, const char *fallback, const char *string)
{
    text_add_html(out, string != NULL ? string : fallback);
}

static void add_head(struct text *out, const struct page *page)
{
    const struct report_numbers *numbers = page->numbers;
    struct text title = {0};
    text_addf(&title, "Berth: %s", page->run->policy != NULL ? page->run->policy : "a run");
    frame_begin(out, title.bytes);
    text_release(&title);
    text_add(out, "<h1>Policy ");
    add_escaped(out, "?", page->run->policy);
    text_add(out, ": ");
    if (numbers->wait.count > 0) {
        text_add(out, "mean wait ");
        human_add_duration(out, numbers->wait.mean);
        text_add(out, ", ");
    }
    text_addf(out, "%.1f&nbsp;%% of GPU time allocated</h1>\n<p class=\"soft\">",
              numbers->allocation_ratio * 100);
    add_escaped(out, "?", page->run->trace);
    text_add(out, " on ");
    add_escaped(out, "?", page->run->cluster);
    text_add(out, ", placement ");
    add_escaped(out, "?", page->run->place);
    text_addf(out, "; fingerprint %016" PRIx64 "</p>\n<div class=\"cards\">\n",
              page->run->fingerprint);
    frame_add_card(out, "jobs submitted", human_add_number, numbers->counts.submitted);
    if (numbers->wait.count > 0) {
        frame_add_card(out, "mean wait", human_add_duration, numbers->wait.mean);
        frame_add_card(out, "99th percentile wait", human_add_duration, numbers->wait.p99);
    }
    frame_add_card(out, "of GPU time allocated", frame_add_percent, numbers->allocation_ratio);
    text_add(out, "</div>\n");
}

/* Values of a spread over nothing are empty. */
static void add_values(struct text *out, const double *values, size_t count, frame_add_value add,
                       bool any)
{
    for (size_t i = 0; i < count; i++) {
        if (any) {
            frame_add_cell(out, add, values[i]);
        } else {
            text_add(out, "<td></td>");
        }
    }
    text_add(out, "</tr>\n");
}

static void add_spread_row(struct text *out, const char *label, const struct report_spread *spread,
                           frame_add_value add)
{
    const double values[] = {spread->mean, spread->p50, spread->p90,
                             spread->p95,  spread->p99, spread->max};
    text_add(out, "<tr>");
    frame_add_name_cell(out, label);
    frame_add_count_cell(out, spread->count);
    add_values(out, values, sizeof(values) / sizeof(values[0]), add, spread->count > 0);
}

static void begin_table(struct text *out, const char *first)
{
    text_addf(out,
              "<div class=\"scroll\"><table><thead><tr><th>%s</th><th>jobs</th><th>mean</th>"
              "<th>p50</th><th>p90</th><th>p95</th><th>p99</th><th>max</th></tr></thead><tbody>\n",
              first);
}

static void end_table(struct text *out)
{
    text_add(out, "</tbody></table></div>\n");
}

static void add_numbers(struct text *out, const struct page *page)
{
    const struct report_numbers *numbers = page->numbers;
    text_add(out, "<h2>Numbers</h2>\n");
    begin_table(out, "");
    add_spread_row(out, "wait", &numbers->wait, human_add_duration);
    add_spread_row(out, "queueing in all", &numbers->queueing, human_add_duration);
    add_spread_row(out, "completion", &numbers->completion, human_add_duration);
    struct text label = {0};
    text_addf(&label, "bounded slowdown (%.3g s)", numbers->tau_s);
    add_spread_row(out, label.bytes, &numbers->bounded_slowdown, human_add_number);
    text_release(&label);
    end_table(out);
    if (numbers->wait.count > 0) {
        text_add(out, "<p class=\"soft\">Mean wait weighted with GPUs ");
        human_add_duration(out, numbers->wait_by_gpus_s);
        text_add(out, ", with GPU time ");
        human_add_duration(out, numbers->wait_by_gpu_time_s);
        text_add(out, ".</p>\n");
    }
}

static void add_part(struct text *out, uint32_t count, const char *words)
{
    human_add_count(out, count);
    text_add(out, words);
}

static void add_outcome(struct text *out, const struct page *page)
{
    const struct report_counts *counts = &page->numbers->counts;
    text_add(out, "<h2>What became of the jobs</h2>\n<p>");
    add_part(out, counts->completed, " completed, ");
    add_part(out, counts->running, " running at the end, ");
    add_part(out, counts->pending, " pending at the end, ");
    add_part(out, counts->rejected, " rejected.</p>\n");
    if (page->numbers->not_submitted > 0) {
        text_add(out, "<p>");
        add_part(out, page->numbers->not_submitted, " jobs of the trace come after the end.</p>\n");
    }
    if (page->numbers->warmup_s > 0) {
        text_add(out, "<p>Waits and GPU time count after a warm-up of ");
        human_add_duration(out, page->numbers->warmup_s);
        text_add(out, ".</p>\n");
    }
    for (size_t i = 0; i < page->numbers->reasons.count; i++) {
        text_addf(out, "<p>Rejected, %" PRIu32 ": ", page->numbers->reasons.items[i].count);
        text_add_html(out, page->numbers->reasons.items[i].text);
        text_add(out, "</p>\n");
    }
    if (page->numbers->preemptions > 0) {
        text_addf(out, "<p>%" PRIu32 " preemptions of %" PRIu32 " jobs; %.1f GPU-hours lost.</p>\n",
                  page->numbers->preemptions, page->numbers->preempted_jobs,
                  page->numbers->lost_gpu_hours);
    }
}

struct page_figure {
    const char *name;
    const char *title;
    bool (*script)(struct text *script, const struct page *page);
};

static const struct page_figure figures[] = {
    {"allocated", "GPUs allocated over time", figure_allocated},
    {"pending", "GPUs that pending jobs ask for", figure_pending},
    {"nodes", "Where GPUs are allocated", figure_nodes},
    {"fragmentation", "Free GPUs, and those that no typical task can use", figure_fragmentation},
    {"wait-by-gpus", "Wait by GPUs asked for", figure_wait_by_size},
    {"slowdown-by-gpus", "Bounded slowdown by GPUs asked for", figure_slowdown_by_size},
    {"wait-by-queue", "Wait by queue", figure_wait_by_queue},
    {"queues", "GPUs allocated by queue", figure_queue_allocation},
    {"shares", "What each queue held and was owed", figure_shares},
    {"causes", "What pending jobs waited for", figure_causes},
};

static void add_figures(struct text *out, const struct page *page)
{
    bool drawn = true;
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
        struct text script = {0};
        if (figures[i].script(&script, page)) {
            drawn &= figure_add(out, &page->files,
                                &(struct figure){figures[i].name, figures[i].title, &script});
        }
        text_release(&script);
    }
    figure_tell_missing(out, drawn);
}

static void add_sizes(struct text *out, const struct report_numbers *numbers)
{
    text_add(out, "<h2>Waits by GPUs asked for</h2>\n");
    begin_table(out, "GPUs");
    for (int i = 0; i < SIZE_CLASS_COUNT; i++) {
        if (numbers->wait_by_size[i].count > 0) {
            add_spread_row(out, size_class_name((enum size_class)i), &numbers->wait_by_size[i],
                           human_add_duration);
        }
    }
    end_table(out);
}

static void add_queue_row(struct text *out, const struct report_queue *queue)
{
    const double waits[] = {queue->wait.mean, queue->wait.p50, queue->wait.p90, queue->wait.p99};
    text_add(out, "<tr>");
    frame_add_name_cell(out, queue->name);
    frame_add_count_cell(out, queue->counts.submitted);
    frame_add_cell(out, human_add_number, queue->gpu_hours);
    frame_add_cell(out, frame_add_percent, queue->share);
    add_values(out, waits, sizeof(waits) / sizeof(waits[0]), human_add_duration,
               queue->wait.count > 0);
}

static void add_queues(struct text *out, const struct report_numbers *numbers)
{
    uint32_t count = (uint32_t)numbers->queues.count;
    if (count < 2) {
        return;
    }
    text_add(out, "<h2>Queues</h2>\n<div class=\"scroll\"><table><thead><tr><th>queue</th>"
                  "<th>jobs</th><th>GPU-hours</th><th>share</th><th>mean wait</th><th>p50</th>"
                  "<th>p90</th><th>p99</th></tr></thead><tbody>\n");
    uint32_t *order = mem_alloc(count, sizeof(*order));
    numbers_rank_queues(numbers, order, count);
    for (uint32_t i = 0; i < count; i++) {
        add_queue_row(out, &numbers->queues.items[order[i]]);
    }
    free(order);
    end_table(out);
}

static void add_share_row(struct text *out, const struct shares *shares, uint32_t number)
{
    const struct shares_queue *queue = &shares->queues.items[number];
    double time_us = shares->waiting_us > 0 ? shares->waiting_us : 1;
    text_add(out, "<tr>");
    frame_add_name_cell(out, names_get(&shares->names, number));
    frame_add_cell(out, human_add_number, queue->fair_gpu_us / time_us);
    frame_add_cell(out, human_add_number, queue->held_gpu_us / time_us);
    frame_add_cell(out, human_add_number, shares_error_gpus(shares, queue));
    frame_add_count_cell(out, queue->evictions);
    frame_add_count_cell(out, queue->reclaims);
    frame_add_count_cell(out, queue->claims);
    frame_add_cell(out, human_add_number, queue->lost_gpu_us / 3.6e9);
    frame_add_cell(out, human_add_number, queue->reclaim_lost_gpu_us / 3.6e9);
    text_add(out, "</tr>\n");
}

static void add_shares(struct text *out, const struct shares *shares)
{
    if (shares->queues.count == 0) {
        return;
    }
    text_add(out,
             "<h2>Fair shares, reclaims and what they cost</h2>\n<p class=\"soft\">Means over ");
    human_add_duration(out, shares->waiting_us / 1e6);
    text_add(out, " in which anybody waits; the share error is the mean of |GPUs held &minus; fair "
                  "share|. Reclaimed: evicted for a job of another queue; claims: evictions from "
                  "other queues for this one.</p>\n<div class=\"scroll\"><table><thead><tr>"
                  "<th>queue</th><th>fair GPUs</th><th>held GPUs</th><th>share error</th>"
                  "<th>evicted</th><th>reclaimed</th><th>claims</th><th>lost GPU-hours</th>"
                  "<th>by reclaims</th></tr></thead><tbody>\n");
    uint32_t *order = mem_alloc(shares->queues.count, sizeof(*order));
    uint32_t count = shares_rank(shares, order);
    for (uint32_t i = 0; i < count; i++) {
        add_share_row(out, shares, order[i]);
    }
    free(order);
    end_table(out);
}

static double all_waits(const struct causes *causes)
{
    double all = 0;
    for (int i = 0; causes != NULL && i < WAIT_CAUSE_COUNT; i++) {
        all += (double)causes->total[i].job_us;
    }
    return all;
}

/* The causes of most of the waiting, largest first: what a reader should know before the figures.
 */
static void add_main_causes(struct text *out, const struct causes *causes)
{
    enum { TOLD = 2 };
    double all = all_waits(causes);
    const char *words = "<p>What held pending jobs up most: ";
    bool told[WAIT_CAUSE_COUNT] = {false};
    for (int n = 0; all > 0 && n < TOLD; n++) {
        int most = -1;
        for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
            if (!told[i] && (most < 0 || causes->total[i].job_us > causes->total[most].job_us)) {
                most = i;
            }
        }
        told[most] = true;
        if (causes->total[most].job_us > 0) {
            text_addf(out, "%s%s (%.0f&nbsp;%%)", words, wait_cause_text((enum wait_cause)most),
                      (double)causes->total[most].job_us / all * 100);
            words = "; ";
        }
    }
    text_add(out, all > 0 ? ".</p>\n" : "");
}

static void add_causes(struct text *out, const struct causes *causes)
{
    double all = all_waits(causes);
    if (!(all > 0)) {
        return;
    }
    text_add(out, "<h2>What pending jobs waited for</h2>\n<div class=\"scroll\"><table><thead>"
                  "<tr><th>cause</th><th>hours of jobs</th><th>of all</th><th>GPU-hours</th></tr>"
                  "</thead><tbody>\n");
    for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
        const struct causes_sum *sum = &causes->total[i];
        if (sum->job_us == 0) {
            continue;
        }
        text_add(out, "<tr>");
        frame_add_name_cell(out, wait_cause_text((enum wait_cause)i));
        frame_add_cell(out, human_add_number, (double)sum->job_us / 3.6e9);
        frame_add_cell(out, frame_add_percent, (double)sum->job_us / all);
        frame_add_cell(out, human_add_number, wide_gpu_hours(sum->milli_us));
        text_add(out, "</tr>\n");
    }
    end_table(out);
}

void page_add(struct text *out, const struct page *page)
{
    add_head(out, page);
    add_main_causes(out, page->causes);
    add_numbers(out, page);
    add_outcome(out, page);
    add_figures(out, page);
    add_sizes(out, page->numbers);
    add_queues(out, page->numbers);
    add_shares(out, page->shares);
    page_add_fairness(out, page);
    add_causes(out, page->causes);
    frame_add_inputs(out, "Settings and inputs", "settings and inputs", page->run->settings);
    frame_end(out);
}
