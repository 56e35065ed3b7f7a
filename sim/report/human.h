/*
 * human.h - numbers as people read them: "3.2 h", "82,247", "61.3 %".
 */
#ifndef REPORT_HUMAN_H
#define REPORT_HUMAN_H

#include <stdint.h>

#include "sim/base/text.h"

/* Seconds in the unit that suits them: "0 s", "59.4 s", "12.3 min", "5.0 h", "3.1 d". */
void human_add_duration(struct text *text, double seconds);

/* A count with commas: "82,247". */
void human_add_count(struct text *text, int64_t count);

/* A ratio or an amount with three figures or so: "1.04", "153", "2,490". */
void human_add_number(struct text *text, double value);

#endif
