/* arena.c - see arena.h. A list of blocks; each new one is at least as large as the request. */
#include "sim/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

enum { ARENA_BLOCK_BYTES = 1 << 16 };

struct arena_block {
    struct arena_block *older;
    size_t size_bytes;
    alignas(max_align_t) unsigned char bytes[];
};

static void add_block(struct arena *arena, size_t size)
{
    struct arena_block *block = mem_alloc(1, sizeof(*block) + size);
    block->older = arena->newest;
    block->size_bytes = size;
    arena->newest = block;
}

static void *arena_take(struct arena *arena, size_t bytes, size_t align)
{
    size_t at = (arena->used_bytes + align - 1) & ~(align - 1);
    if (arena->newest == NULL || bytes > arena->newest->size_bytes ||
        at > arena->newest->size_bytes - bytes) {
        add_block(arena, bytes > ARENA_BLOCK_BYTES ? bytes : ARENA_BLOCK_BYTES);
        at = 0;
    }
    arena->used_bytes = at + bytes;
    return arena->newest->bytes + at;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    CHECK(size > 0 && count <= SIZE_MAX / 4 / size);
    return arena_take(arena, count * size, alignof(max_align_t));
}

char *arena_copy_text(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_take(arena, length + 1, 1);
    if (length > 0) {
        memcpy(copy, bytes, length);
    }
    copy[length] = '\0';
    return copy;
}

void arena_rewind(struct arena *arena)
{
    if (arena->newest == NULL) {
        return;
    }
    if (arena->newest->older == NULL) {
        memset(arena->newest->bytes, 0, arena->used_bytes); /* what is taken is zeroed */
        arena->used_bytes = 0;
        return;
    }
    size_t total = 0;
    for (const struct arena_block *b = arena->newest; b != NULL; b = b->older) {
        total += b->size_bytes;
    }
    arena_release(arena);
    add_block(arena, total);
}

void arena_release(struct arena *arena)
{
    while (arena->newest != NULL) {
        struct arena_block *older = arena->newest->older;
        free(arena->newest);
        arena->newest = older;
    }
    arena->used_bytes = 0;
}
