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
bool figure_wait_by_queue(struct text *script, const struct page *page);
bool figure_queue_allocation(struct text *script, const struct page *page);

bool figure_shares(struct text *script, const struct page *page);

bool figure_causes(struct text *script, const struct page *page);

bool figure_nodes(struct text *script, const struct page *page);

/* For figures over time: the start of a script; where a bucket starts, the one after the last at
 * the end of the run; the bucket drawn as the step that starts at this point (the last step ends at
 * the end of the run, so there is one point more than buckets). */
void figure_begin_time(struct text *script, const char *name, int height, const char *y_label,
                       const struct profile *profile);
double figure_bucket_start(const struct profile *profile, uint32_t bucket);
uint32_t figure_step_bucket(const struct profile *profile, uint32_t point);

/* For scripts of other pages: the start of one, and a name between double quotes of gnuplot, cut,
 * with what could end the quotes replaced. */
void figure_begin(struct text *script, const char *name, int height);
void figure_add_name(struct text *script, const char *name);

/* Runs gnuplot on a script inside the folder and adds the <svg> element to a page under its title;
 * false, and nothing added, when there is no gnuplot or it did not like the script. */
bool figure_add(struct text *out, const struct out_folder *folder, const char *title,
                const struct text *script);

/* Adds a remark to a page whose figures could not all be drawn. */
void figure_tell_missing(struct text *out, bool drawn);

#endif
