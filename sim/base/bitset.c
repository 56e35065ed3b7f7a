/* bitset.c - see bitset.h. */
#include "sim/base/bitset.h"

#include <stdlib.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

void bitset_init(struct bitset *set, uint32_t size)
{
    CHECK(size <= 1U << 24);
    *set = (struct bitset){.size = size};
    uint32_t total = 0;
    uint32_t words = size > 0 ? size : 1;
    do {
        words = (words + 63) / 64;
        set->word_counts[set->level_count++] = words;
        total += words;
    } while (words > 1);
    uint64_t *block = mem_alloc(total, sizeof(*block));
    for (uint32_t i = 0; i < set->level_count; i++) {
        set->levels[i] = block;
        block += set->word_counts[i];
    }
}

void bitset_release(struct bitset *set)
{
    free(set->levels[0]);
    *set = (struct bitset){0};
}

void bitset_add(struct bitset *set, uint32_t member)
{
    CHECK(member < set->size);
    set->count += bitset_has(set, member) ? 0 : 1;
    for (uint32_t i = 0; i < set->level_count; i++) {
        set->levels[i][member / 64] |= UINT64_C(1) << (member % 64);
        member /= 64;
    }
}

void bitset_remove(struct bitset *set, uint32_t member)
{
    CHECK(member < set->size);
    set->count -= bitset_has(set, member) ? 1 : 0;
    for (uint32_t i = 0; i < set->level_count; i++) {
        set->levels[i][member / 64] &= ~(UINT64_C(1) << (member % 64));
        if (set->levels[i][member / 64] != 0) {
            break;
        }
        member /= 64;
    }
}

uint32_t bitset_next(const struct bitset *set, uint32_t from)
{
    for (uint32_t level = 0; level < set->level_count; level++) {
        uint32_t word = from / 64;
        if (word >= set->word_counts[level]) {
            return BITSET_END;
        }
        uint64_t rest = set->levels[level][word] & (~UINT64_C(0) << (from % 64));
        if (rest != 0) {
            from = word * 64 + (uint32_t)__builtin_ctzll(rest);
            while (level > 0) {
                level--;
                from = from * 64 + (uint32_t)__builtin_ctzll(set->levels[level][from]);
            }
            return from;
        }
        /* Nothing more in this word: look one level up, behind it. */
        from = word + 1;
    }
    return BITSET_END;
}
