/*
 * compare_page.h - a comparison as one page that can be forwarded, and its figures.
 */
#ifndef STUDY_COMPARE_PAGE_H
#define STUDY_COMPARE_PAGE_H

#include "sim/report/draw.h"
#include "sim/study/compare.h"

/* A figure of a comparison. */
struct compare_figure {
    const char *name; /* of its script in the results folder: "figure-<name>.gp" */
    const char *title;
    /* Appends a whole script for gnuplot, data included, that writes one SVG to standard output;
     * false, and nothing appended, when there is nothing to show. */
    bool (*script)(struct text *script, const struct compare *compare);
};

/* Ends with a NULL name. */
extern const struct compare_figure compare_figures[];

/* Appends the page, its figures drawn by gnuplot; `settings` (run.json) stands at its end. */
void compare_add_page(struct text *out, const struct compare *compare, const json_t *settings,
                      const struct figure_files *files);

#endif
