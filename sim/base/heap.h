/*
 * heap.h - a queue of numbered things, smallest key first.
 *
 * Each id (a small number: a job, a node) is in the heap at most once; ids with equal keys (and
 * ties) come out in ascending order, so the order is total. The place of every id is known, so any
 * of them can be removed or given another key. All zeros is an empty heap.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/vec.h"

struct heap_item {
    int64_t key;
    int64_t tie; /* orders equal keys; 0 but for heap_push_tied */
    uint32_t id;
};

struct heap {
    VEC(struct heap_item) items; /* a 4-ary heap */
    VEC(uint32_t) places;        /* by id: index in items + 1, 0 is "not here" */
};

void heap_release(struct heap *heap);

/* Adds an id that is not in the heap. O(log n). */
void heap_push(struct heap *heap, uint32_t id, int64_t key);

/* The same with a second key, for equal first ones. */
void heap_push_tied(struct heap *heap, uint32_t id, int64_t key, int64_t tie);

/* Removes an id that is in the heap. O(log n). */
void heap_remove(struct heap *heap, uint32_t id);

/* Gives an id that is in the heap another key, and tie 0. O(log n). */
void heap_update(struct heap *heap, uint32_t id, int64_t key);

bool heap_contains(const struct heap *heap, uint32_t id);

static inline size_t heap_count(const struct heap *heap)
{
    return heap->items.count;
}

/* The smallest item of a heap that is not empty. */
static inline struct heap_item heap_top(const struct heap *heap)
{
    return heap->items.items[0];
}

/* Removes and returns the smallest item. */
struct heap_item heap_pop(struct heap *heap);

#endif
