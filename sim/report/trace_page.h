/*
 * trace_page.h - the page about a trace (`berth trace stats --html`): one file that needs nothing
 * but itself.
 */
#ifndef REPORT_TRACE_PAGE_H
#define REPORT_TRACE_PAGE_H

#include "sim/base/file.h"
#include "sim/workload/stats.h"

struct trace_page {
    const char *name; /* of the trace */
    const struct workload *workload;
    const struct stats *stats;
    const struct out_folder *folder; /* gnuplot works in it; nothing stays behind */
};

/* Appends the page. Without gnuplot it has no figures and says so. O(jobs log jobs). */
void trace_page_add(struct text *out, const struct trace_page *page);

/* Its figures, as scripts for gnuplot; false, and nothing appended, when there is nothing to show.
 * See figures.h. */
bool trace_figure_demand(struct text *script, const struct trace_page *page);
bool trace_figure_hours(struct text *script, const struct trace_page *page);
bool trace_figure_weekdays(struct text *script, const struct trace_page *page);
bool trace_figure_durations(struct text *script, const struct trace_page *page);
bool trace_figure_sizes(struct text *script, const struct trace_page *page);
bool trace_figure_estimates(struct text *script, const struct trace_page *page);

#endif
