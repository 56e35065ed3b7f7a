/*
 * draw.h - from scripts for gnuplot to figures on a page and in files.
 */
#ifndef REPORT_DRAW_H
#define REPORT_DRAW_H

#include <stdbool.h>

#include "sim/base/err.h"
#include "sim/base/file.h"
#include "sim/base/text.h"

/* Files that a figure can be kept as; sets of them. */
enum figure_format { FIGURE_SVG = 1, FIGURE_PNG = 2, FIGURE_PDF = 4 };

/* "png,pdf" to a set; false when a name is not known, or gnuplot cannot draw it here. */
bool figure_read_formats(const char *list, unsigned *out, struct err *err);

/* What of figures stays in a folder. */
struct figure_files {
    const struct out_folder *folder; /* gnuplot works in it */
    bool keeps_scripts;              /* as figure-<name>.gp */
    unsigned formats;                /* pictures, as figure-<name>.svg and so on */
};

/* Runs gnuplot on a script and adds the <svg> element to a page under its title; false, and nothing
 * added, when there is no gnuplot or it did not like the script, which stays all the same. */
struct figure {
    const char *name; /* of its files: letters, digits, '-' */
    const char *title;
    const struct text *script;
};
bool figure_add(struct text *out, const struct figure_files *files, const struct figure *figure);

/* Adds a remark to a page whose figures could not all be drawn. */
void figure_tell_missing(struct text *out, bool drawn);

#endif
