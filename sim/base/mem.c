/* mem.c - see mem.h. */
#include "sim/base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/check.h"

static _Noreturn void out_of_memory(size_t bytes)
{
    (void)fprintf(stderr, "berth: out of memory (wanted %zu bytes)\n", bytes);
    exit(1);
}

void *mem_alloc(size_t count, size_t size)
{
    CHECK(size > 0);
    void *block = calloc(count > 0 ? count : 1, size);
    if (block == NULL) {
        out_of_memory(count > SIZE_MAX / size ? SIZE_MAX : count * size);
    }
    return block;
}

void *mem_grow(void *items, size_t *capacity, size_t wanted, size_t size)
{
    CHECK(size > 0);
    if (wanted <= *capacity) {
        return items;
    }
    size_t grown = *capacity < 8 ? 8 : *capacity * 2;
    if (grown < wanted) {
        grown = wanted;
    }
    if (grown > SIZE_MAX / 2 / size) {
        out_of_memory(SIZE_MAX);
    }
    void *block = realloc(items, grown * size);
    if (block == NULL) {
        out_of_memory(grown * size);
    }
    *capacity = grown;
    return block;
}

char *mem_copy_text(const char *bytes, size_t length)
{
    char *copy = mem_alloc(length + 1, 1);
    if (length > 0) {
        memcpy(copy, bytes, length);
    }
    return copy;
}
