/*
 * blobs.h - byte strings as small numbers, like sim/base/names.h, but for bytes that may be 0.
 *
 * Used for classes of tasks that ask the same and for signatures. Private to this folder.
 */
#ifndef CORE_BLOBS_H
#define CORE_BLOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/vec.h"

struct core_blob {
    const unsigned char *bytes;
    size_t length;
};

/* All zeros is an empty table. */
struct core_blobs {
    struct arena arena;
    VEC(struct core_blob) list;
    uint32_t *slots; /* open addressing: number + 1, 0 is free */
    size_t slot_count;
};

/* The number of these bytes, which are added if they are new. O(length). */
uint32_t core_blob_add(struct core_blobs *blobs, const void *bytes, size_t length);
bool core_blob_has(const struct core_blobs *blobs, const void *bytes, size_t length);
/* No blobs, and the memory is kept for others. O(their bytes + slots). */
void core_blobs_clear(struct core_blobs *blobs);
void core_blobs_release(struct core_blobs *blobs);

#endif
