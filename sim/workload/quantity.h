/*
 * quantity.h - amounts as Kubernetes writes them.
 */
#ifndef WORKLOAD_QUANTITY_H
#define WORKLOAD_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/view.h"

/* "96", "95500m", "1.5", "1056Gi", "500M", "1e3", in thousandths, rounded up. False when it is
 * none, is negative, or does not fit. */
bool quantity_milli(struct view text, int64_t *out);

/* The same of an amount of bytes, in MiB, rounded down: what is there is not made more. */
bool quantity_mib(struct view text, int64_t *out);

#endif
