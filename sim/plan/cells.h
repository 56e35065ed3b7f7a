/*
 * cells.h - numbers of an answer in its files; JSON has no infinity, and a table leaves it blank.
 */
#ifndef PLAN_CELLS_H
#define PLAN_CELLS_H

#include <jansson.h>

#include "sim/base/text.h"

/* A new value: the number, or null where it is not finite. */
json_t *cell_json(double value);

/* A comma and the number, or nothing behind the comma where it is not finite. */
void cell_add_csv(struct text *out, double value);

#endif
