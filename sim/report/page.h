/*
 * page.h - report.html: one page that needs nothing but itself.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "sim/base/file.h"
#include "sim/report/fold.h"
#include "sim/report/numbers.h"
#include "sim/report/report.h"
#include "sim/report/shares.h"

/* Series of the profile of the cluster. */
enum page_series { PAGE_ALLOCATED, PAGE_PENDING, PAGE_SERIES_COUNT };

struct causes;
struct node_use;

struct page {
    const struct report_numbers *numbers;
    const struct fold *fold;
    const struct profile *cluster_profile; /* of enum page_series, in GPUs */
    const struct profile *queue_profile;   /* GPUs allocated, by number of the queue */
    const struct node_use *node_use;       /* GPUs allocated, by node */
    const struct shares *shares;           /* empty when the policy told none */
    const struct causes *causes;           /* NULL when nobody asked */
    const struct report_run *run;
    const struct out_folder *folder; /* gnuplot works in it; nothing stays behind */
};

/* Appends the page. Without gnuplot it has no figures and says so. */
void page_add(struct text *out, const struct page *page);

#endif
