/*
 * bitset.h - a set of small numbers with a fast "next member from here".
 *
 * Words of 64 members with summary words above them: each operation touches one word a level, and
 * three levels hold 262,144 members.
 */
#ifndef BASE_BITSET_H
#define BASE_BITSET_H

#include <stdbool.h>
#include <stdint.h>

#define BITSET_END UINT32_MAX

enum { BITSET_LEVELS = 4 };

struct bitset {
    uint64_t *levels[BITSET_LEVELS]; /* one block; levels[0] holds the members */
    uint32_t word_counts[BITSET_LEVELS];
    uint32_t size; /* members are 0 .. size - 1 */
    uint32_t level_count;
    uint32_t count; /* how many are in the set */
};

/* An empty set of numbers below `size` (at most 2^24). Released with bitset_release. */
void bitset_init(struct bitset *set, uint32_t size);
void bitset_release(struct bitset *set);

/* Adding a member again, or removing one that is not there, changes nothing. */
void bitset_add(struct bitset *set, uint32_t member);
void bitset_remove(struct bitset *set, uint32_t member);

static inline bool bitset_has(const struct bitset *set, uint32_t member)
{
    return (set->levels[0][member / 64] >> (member % 64) & 1) != 0;
}

/* The smallest member that is at least `from`, or BITSET_END. */
uint32_t bitset_next(const struct bitset *set, uint32_t from);

#endif
