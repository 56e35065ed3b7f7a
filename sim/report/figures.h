/*
 * figures.h - the figures of the page, as scripts for gnuplot with their data in them.
 *
 * Each function appends a whole script that writes one SVG to standard output; false, and nothing
 * appended, when the run has nothing to show in it. Colours are those of Okabe and Ito, which the
 * colour-blind tell apart; lines differ in dashes too.
 */
#ifndef REPORT_FIGURES_H
#define REPORT_FIGURES_H

#include "sim/report/page.h"

bool figure_allocated(struct text *script, const struct page *page);
bool figure_pending(struct text *script, const struct page *page);
bool figure_wait_by_size(struct text *script, const struct page *page);
bool figure_slowdown_by_size(struct text *script, const struct page *page);
bool figure_wait_by_queue(struct text *script, const struct page *page);
bool figure_queue_allocation(struct text *script, const struct page *page);

bool figure_shares(struct text *script, const struct page *page);

bool figure_causes(struct text *script, const struct page *page);

bool figure_fragmentation(struct text *script, const struct page *page);

bool figure_nodes(struct text *script, const struct page *page);

/* For figures over time: the start of a script; where a bucket starts; the corners of the steps
 * that buckets make, two each: where it starts and where it ends, the last one at the end of the
 * run. The value at corner i is that of bucket i / 2. One outline shows no seams, as steps of their
 * own do. */
void figure_begin_time(struct text *script, const char *name, int height, const char *y_label,
                       const struct profile *profile);
double figure_bucket_start(const struct profile *profile, uint32_t bucket);
uint32_t figure_corners(const struct profile *profile);
double figure_corner(const struct profile *profile, uint32_t corner);

/* For scripts of other pages: the start of one, and a name between double quotes of gnuplot, cut,
 * with what could end the quotes replaced. A script draws an SVG to standard output; with format
 * set to 'png' or 'pdf' before, these: the latter as wide as a column of a paper, or as two when
 * figure_span_columns was called before figure_begin. */
void figure_span_columns(struct text *script);
void figure_begin(struct text *script, const char *name, int height);
void figure_add_name(struct text *script, const char *name);
const char *figure_colour(uint32_t number); /* "#rrggbb"; they repeat after eight */

#endif
