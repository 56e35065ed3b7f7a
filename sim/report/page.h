/*
 * page.h - report.html: one page that needs nothing but itself.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "sim/base/file.h"
#include "sim/report/draw.h"
#include "sim/report/fold.h"
#include "sim/report/numbers.h"
#include "sim/report/report.h"
#include "sim/report/shares.h"

/* Series of the profile of the cluster. */
enum page_series {
    PAGE_ALLOCATED,
    PAGE_PENDING,
    PAGE_FRAGMENTED, /* 0 unless measured */
    PAGE_STRANDED,   /* likewise */
    PAGE_SERIES_COUNT
};

struct causes;
struct equity;
struct equity_numbers;
struct finish_time;
struct node_use;

struct page {
    const struct report_numbers *numbers;
    const struct fold *fold;
    const struct profile *cluster_profile; /* of enum page_series, in GPUs */
    const struct profile *queue_profile;   /* GPUs allocated, by number of the queue */
    const struct node_use *node_use;       /* GPUs allocated, by node */
    const struct shares *shares;           /* empty when the policy told none */
    const struct causes *causes;           /* NULL when nobody asked */
    const struct equity *equity;           /* likewise, and its numbers */
    const struct equity_numbers *equity_numbers;
    const struct finish_time *finish_time; /* NULL when nobody asked */
    const struct report_run *run;
    struct figure_files files;
};

/* Appends the part about fairness; nothing when nobody asked, or there is one queue. */
void page_add_fairness(struct text *out, const struct page *page);

/* Appends the page. Without gnuplot it has no figures and says so. */
void page_add(struct text *out, const struct page *page);

#endif
