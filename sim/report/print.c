/* print.c - the table for the terminal; see report_print in report.h. */
#include <inttypes.h>
#include <stdio.h>

#include "sim/base/check.h"
#include "sim/report/causes.h"
#include "sim/report/equity.h"
#include "sim/report/finish_time.h"
#include "sim/report/human.h"
#include "sim/report/numbers_from.h"
#include "sim/report/report.h"

enum { LABEL_COLUMN = 18, COLUMN = 11, QUEUES_SHOWN = 10, NAME_SHOWN = 16 };

/* Pads what was added since `start` to `width` columns, on the left. */
static void pad_left(struct text *text, size_t start, size_t width)
{
    size_t length = text->length - start;
    if (length >= width) {
        return;
    }
    size_t missing = width - length;
    text_addf(text, "%*s", (int)missing, "");
    memmove(text->bytes + start + missing, text->bytes + start, length);
    memset(text->bytes + start, ' ', missing);
}

static void add_label(struct text *text, const char *label)
{
    text_addf(text, "%-*.*s", LABEL_COLUMN, LABEL_COLUMN - 1, label);
}

/* A name of the trace as a label: cut between characters, without what would steer a terminal. */
static void add_name(struct text *text, const char *name)
{
    size_t columns = 0;
    for (const char *c = name; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        bool continues = (byte & 0xC0) == 0x80; /* UTF-8: not the first byte of a character */
        if (!continues && columns++ == NAME_SHOWN) {
            columns--;
            break;
        }
        if (byte < 0x20 || byte == 0x7F) {
            text_add_char(text, '?');
        } else {
            text_add_char(text, *c);
        }
    }
    text_addf(text, "%*s", (int)(LABEL_COLUMN - columns), "");
}

typedef void (*add_value)(struct text *text, double value);

static void add_cell(struct text *text, add_value add, double value)
{
    size_t start = text->length;
    add(text, value);
    pad_left(text, start, COLUMN);
}

static void add_count_cell(struct text *text, int64_t count)
{
    size_t start = text->length;
    human_add_count(text, count);
    pad_left(text, start, COLUMN);
}

static void add_spread(struct text *text, const char *label, const struct report_spread *spread,
                       add_value add)
{
    add_label(text, label);
    add_count_cell(text, spread->count);
    if (spread->count > 0) {
        add_cell(text, add, spread->mean);
        add_cell(text, add, spread->p50);
        add_cell(text, add, spread->p90);
        add_cell(text, add, spread->p99);
        add_cell(text, add, spread->max);
    }
    text_add_char(text, '\n');
}

static void add_head(struct text *text, const char *label)
{
    add_label(text, label);
    static const char *const heads[] = {"jobs", "mean", "p50", "p90", "p99", "max"};
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        text_addf(text, "%*s", COLUMN, heads[i]);
    }
    text_add_char(text, '\n');
}

static void add_jobs(struct text *text, const struct report_numbers *numbers)
{
    const struct report_counts *counts = &numbers->counts;
    add_label(text, "jobs");
    human_add_count(text, counts->submitted);
    text_add(text, " submitted: ");
    human_add_count(text, counts->completed);
    text_add(text, " completed, ");
    human_add_count(text, counts->running);
    text_add(text, " running, ");
    human_add_count(text, counts->pending);
    text_add(text, " pending, ");
    human_add_count(text, counts->rejected);
    text_add(text, " rejected\n");
    for (size_t i = 0; i < numbers->reasons.count; i++) {
        add_label(text, i == 0 ? "rejected" : "");
        human_add_count(text, numbers->reasons.items[i].count);
        text_addf(text, ": %s\n", numbers->reasons.items[i].text);
    }
    if (numbers->not_submitted > 0) {
        add_label(text, "not reached");
        human_add_count(text, numbers->not_submitted);
        text_add(text, " jobs of the trace come after the end of the run\n");
    }
}

static void add_use(struct text *text, const struct report_numbers *numbers, double gpus)
{
    add_label(text, "GPUs");
    if (numbers->end_s <= numbers->warmup_s) {
        text_add(text, "nothing measured: the run ended within its warm-up\n");
        return;
    }
    text_addf(text, "%.1f %% of ", numbers->allocation_ratio * 100);
    human_add_number(text, gpus);
    text_add(text, " allocated over ");
    human_add_duration(text, numbers->end_s - numbers->warmup_s);
    text_add(text, " (");
    human_add_number(text, numbers->allocated_gpu_hours);
    text_add(text, " GPU-hours)\n");
    if (numbers->warmup_s > 0) {
        add_label(text, "warm-up");
        human_add_duration(text, numbers->warmup_s);
        text_add(text, ", not counted in what follows; ");
        human_add_count(text, numbers->measured);
        text_add(text, " jobs came after it\n");
    }
    if (numbers->preemptions + numbers->migrations > 0) {
        add_label(text, "preemptions");
        human_add_count(text, numbers->preemptions);
        text_add(text, " of ");
        human_add_count(text, numbers->preempted_jobs);
        text_add(text, " jobs, ");
        human_add_count(text, numbers->migrations);
        text_add(text, " moves; ");
        human_add_number(text, numbers->lost_gpu_hours);
        text_add(text, " GPU-hours of work lost\n");
    }
    if (numbers->interruptions > 0) {
        add_label(text, "interruptions");
        human_add_count(text, numbers->interruptions);
        text_add(text, " runs ended because a node or GPU went away\n");
    }
}

static void add_fragmentation(struct text *text, const struct report_fragmentation *fragmentation)
{
    if (fragmentation->kinds == 0) {
        return;
    }
    add_label(text, "fragmented");
    text_addf(text,
              "%.1f GPUs, %.1f %% of what is free; %.1f stranded (%" PRIu32
              " kinds, %.1f %% of tasks)\n",
              fragmentation->gpus, fragmentation->of_free * 100, fragmentation->stranded_gpus,
              fragmentation->kinds, fragmentation->tasks_share * 100);
}

static void add_sizes(struct text *text, const struct report_numbers *numbers)
{
    add_head(text, "wait by GPUs");
    for (int i = 0; i < SIZE_CLASS_COUNT; i++) {
        if (numbers->wait_by_size[i].count > 0) {
            add_spread(text, size_class_name((enum size_class)i), &numbers->wait_by_size[i],
                       human_add_duration);
        }
    }
}

static void add_queue(struct text *text, const struct report_queue *queue)
{
    add_name(text, queue->name[0] != '\0' ? queue->name : "(none)");
    add_count_cell(text, queue->wait.count);
    const double waits[] = {queue->wait.mean, queue->wait.p50, queue->wait.p90, queue->wait.p99};
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        if (queue->wait.count > 0) {
            add_cell(text, human_add_duration, waits[i]);
        } else {
            text_addf(text, "%*s", COLUMN, "-");
        }
    }
    text_addf(text, "%*.1f %%\n", COLUMN - 2, queue->share * 100);
}

static void add_queues(struct text *text, const struct report_numbers *numbers)
{
    uint32_t count = (uint32_t)numbers->queues.count;
    if (count < 2) {
        return;
    }
    add_label(text, "wait by queue");
    text_addf(text, "%*s%*s%*s%*s%*s%*s\n", COLUMN, "jobs", COLUMN, "mean", COLUMN, "p50", COLUMN,
              "p90", COLUMN, "p99", COLUMN, "GPU time");
    uint32_t *order = mem_alloc(count, sizeof(*order));
    numbers_rank_queues(numbers, order, count);
    for (uint32_t i = 0; i < count && i < QUEUES_SHOWN; i++) {
        add_queue(text, &numbers->queues.items[order[i]]);
    }
    free(order);
    if (count > QUEUES_SHOWN) {
        text_addf(text, "and %" PRIu32 " more queues\n", count - QUEUES_SHOWN);
    }
    text_add_char(text, '\n');
}

static void add_title(struct text *text, const struct report_run *run)
{
    text_addf(text, "%s on %s: policy %s, placement %s\n\n", run->trace != NULL ? run->trace : "?",
              run->cluster != NULL ? run->cluster : "?", run->policy != NULL ? run->policy : "?",
              run->place != NULL ? run->place : "?");
}

void report_print(const struct report *report, const struct report_run *run, struct text *out)
{
    const struct report_numbers *numbers = report_numbers(report);
    add_title(out, run);
    if (run->is_partial) {
        text_addf(out, "PARTIAL: interrupted at %.0f s of simulated time\n\n", numbers->end_s);
    }
    add_jobs(out, numbers);
    double span_hours = (numbers->end_s - numbers->warmup_s) / 3600;
    add_use(out, numbers, span_hours > 0 ? numbers->capacity_gpu_hours / span_hours : 0);
    add_fragmentation(out, &numbers->fragmentation);
    text_add_char(out, '\n');
    add_head(out, "");
    add_spread(out, "wait", &numbers->wait, human_add_duration);
    if (numbers->counts.pending > 0) {
        add_spread(out, "wait so far", &numbers->wait_censored, human_add_duration);
    }
    add_spread(out, "completion", &numbers->completion, human_add_duration);
    struct text label = {0};
    text_addf(&label, "slowdown (%.3g s)", numbers->tau_s);
    add_spread(out, label.bytes, &numbers->bounded_slowdown, human_add_number);
    text_release(&label);
    text_add_char(out, '\n');
    add_sizes(out, numbers);
    text_add_char(out, '\n');
    add_queues(out, numbers);
    report_print_shares(report, out);
    if (report_equity(report) != NULL) {
        equity_print(out, report_equity(report));
    }
    if (report_finish_time(report) != NULL) {
        finish_time_print(out, report_finish_time(report));
    }
    if (report_equity(report) != NULL) {
        text_add_char(out, '\n');
    }
    if (report_causes(report) != NULL) {
        causes_print(out, report_causes(report));
        text_add_char(out, '\n');
    }
    text_addf(out, "fingerprint       %016" PRIx64 "\n", run->fingerprint);
}
