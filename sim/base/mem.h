/*
 * mem.h - memory from the heap. Running out of it is fatal, here and nowhere else.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* `count` items of `size` bytes each, zeroed. Freed by the caller with free(). Never NULL: a count
 * of 0 gives a block that may only be freed. Aborts with a message when memory runs out or when the
 * product overflows. */
void *mem_alloc(size_t count, size_t size);

/* Makes room in a growing array. `*capacity` items of `size` bytes are allocated at `items`; after
 * the call at least `wanted` are (twice as many as before, if that is more). The new items are not
 * initialised. Returns the block, which may have moved. Amortised O(1) an item. */
void *mem_grow(void *items, size_t *capacity, size_t wanted, size_t size);

/* A copy of `length` bytes with a NUL behind them, freed by the caller with free(). */
char *mem_copy_text(const char *bytes, size_t length);

#endif
