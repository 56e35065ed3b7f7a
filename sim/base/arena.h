/*
 * arena.h - memory that lives as long as its owner and is freed at once.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;

/* All zeros is an empty arena. */
struct arena {
    struct arena_block *newest;
    size_t used_bytes; /* in the newest block */
};

/* `count` items of `size` bytes, zeroed, aligned for any type; freed with the arena. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* A copy of `length` bytes with a NUL behind them, without padding between such copies. */
char *arena_copy_text(struct arena *arena, const char *bytes, size_t length);

/* Forgets everything taken from the arena, but keeps one block as large as all that was needed, so
 * that the next round of the same work allocates nothing. */
void arena_rewind(struct arena *arena);

/* Frees everything taken from the arena, which is empty afterwards. */
void arena_release(struct arena *arena);

#endif
