/*
 * repeats.h - does any of many numbers come twice? 8 bytes each, and no table.
 */
#ifndef TRANSFORM_REPEATS_H
#define TRANSFORM_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/vec.h"

/* All zeros is none. */
struct repeats {
    VEC(uint64_t) numbers;
};

void repeats_add(struct repeats *repeats, uint64_t number);

/* Is one of them there twice? Puts them in another order. O(n log n). */
bool repeats_find(struct repeats *repeats);

void repeats_release(struct repeats *repeats);

#endif
