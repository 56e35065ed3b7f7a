/*
 * lookup.h - from hashes to small numbers: the slots of a hash table whose things live elsewhere.
 *
 * No search takes more than LOOKUP_MOST_PROBES steps, whatever is put in: a thing that finds no
 * slot so near to where its hash wants it is refused, and the owner hashes all of its things anew,
 * with a key that depends on them (lookup_next_key). Inputs that are made to fall together under
 * one hash do not do so under the next, and those that choose the key change it by doing so.
 */
#ifndef BASE_LOOKUP_H
#define BASE_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/siphash.h"

#define LOOKUP_NONE UINT32_MAX

/* At half full, ten million things that are hashed well stay below 90. */
enum { LOOKUP_MOST_PROBES = 256 };

struct lookup {
    uint64_t *slots;     /* hash << 32 | number + 1; 0 is free */
    uint32_t slot_count; /* a power of two, or 0 */
    uint32_t count;      /* how many are in use */
};

void lookup_release(struct lookup *lookup);

/* Is the thing with this number the one that is looked for? Asked for equal hashes only. */
typedef bool lookup_same_fn(const void *owner, uint32_t number, const void *wanted);

/* The number of what is `wanted`, or LOOKUP_NONE. */
uint32_t lookup_find(const struct lookup *lookup, uint32_t hash, lookup_same_fn *same,
                     const void *owner, const void *wanted);

/* Adds a number that is not in it. False when there is no slot near enough, now or after growing:
 * nothing can be relied on then until lookup_clear and adding all things by another hash. */
bool lookup_add(struct lookup *lookup, uint32_t hash, uint32_t number);

/* Forgets all numbers and makes room for `count`. */
void lookup_clear(struct lookup *lookup, uint32_t count);

/* What the key becomes by one more thing. */
struct siphash_key lookup_next_key(struct siphash_key key, struct view thing);

#endif
