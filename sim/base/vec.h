/*
 * vec.h - arrays that grow.
 *
 * VEC(type) is a struct {items, count, capacity}; all zeros is an empty vector. Items are read as
 * v.items[i]; pushing may move them, so keep indices, not pointers.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>
#include <stdlib.h>

#include "sim/base/mem.h"

#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count;                                                                              \
        size_t capacity;                                                                           \
    }

/* Makes room for `wanted` items in all, without changing the count. */
#define vec_reserve(v, wanted)                                                                     \
    ((v)->items = mem_grow((v)->items, &(v)->capacity, (wanted), sizeof(*(v)->items)))

/* Appends one item. Amortised O(1). */
#define vec_push(v, item)                                                                          \
    do {                                                                                           \
        if ((v)->count == (v)->capacity) {                                                         \
            vec_reserve((v), (v)->count + 1);                                                      \
        }                                                                                          \
        (v)->items[(v)->count++] = (item);                                                         \
    } while (0)

/* The last item, taken off. The vector must not be empty. */
#define vec_pop(v) ((v)->items[--(v)->count])

#define vec_clear(v) ((v)->count = 0)

/* Frees the items; the vector is empty and usable afterwards. */
#define vec_release(v)                                                                             \
    do {                                                                                           \
        free((v)->items);                                                                          \
        (v)->items = NULL;                                                                         \
        (v)->count = 0;                                                                            \
        (v)->capacity = 0;                                                                         \
    } while (0)

#endif
