/*
 * frame.h - what every page has: its head, its style in light and dark, its end; cards and tables.
 */
#ifndef REPORT_FRAME_H
#define REPORT_FRAME_H

#include "sim/base/text.h"

/* Appends everything up to and including <body>. */
void frame_begin(struct text *out, const char *title);
void frame_end(struct text *out);

/* A large value over a small label; `add` writes the value. Cards stand in <div class="cards">. */
typedef void (*frame_add_value)(struct text *text, double value);
void frame_add_card(struct text *out, const char *label, frame_add_value add, double value);

/* "73.1 %" of a ratio. */
void frame_add_percent(struct text *out, double ratio);

/* A figure under its title. */
void frame_add_figure(struct text *out, const char *title, const struct text *svg);

#endif
