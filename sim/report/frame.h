/*
 * frame.h - what every page has: its head, its style in light and dark, its end; cards and tables.
 */
#ifndef REPORT_FRAME_H
#define REPORT_FRAME_H

#include <stdint.h>

#include <jansson.h>

#include "sim/base/text.h"

/* Appends everything up to and including <body>. */
void frame_begin(struct text *out, const char *title);

/* Appends the end, with a script by which every table sorts. A table has one row of heads in its
 * <thead> and one <tbody>. */
void frame_end(struct text *out);

/* A large value over a small label; `add` writes the value. Cards stand in <div class="cards">. */
typedef void (*frame_add_value)(struct text *text, double value);
void frame_add_card(struct text *out, const char *label, frame_add_value add, double value);

/* "73.1 %" of a ratio. */
void frame_add_percent(struct text *out, double ratio);

/* Cells of a table. The first two sort by their values, whatever they show; all others by their
 * words. frame_add_name_cell escapes. */
void frame_add_cell(struct text *out, frame_add_value add, double value);
void frame_add_count_cell(struct text *out, uint32_t count);
void frame_add_name_cell(struct text *out, const char *name);

/* What the results depend on, at the end of a page: "Equal THINGS give equal results", and the
 * JSON. */
void frame_add_inputs(struct text *out, const char *title, const char *things,
                      const json_t *settings);

/* A figure under its title. */
void frame_add_figure(struct text *out, const char *title, const struct text *svg);

#endif
