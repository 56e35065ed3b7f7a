/* count_tree.c - see count_tree.h. */
#include "sim/cluster/count_tree.h"

#include <stdlib.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

static const uint64_t ONES = UINT64_C(0x0101010101010101);
static const uint64_t TOPS = UINT64_C(0x8080808080808080);

/* The top bit of every byte of `a` that is not smaller than the same byte of `b`. */
static uint64_t at_least(uint64_t a, uint64_t b)
{
    return ((a | TOPS) - b) & TOPS;
}

static uint64_t larger_bytes(uint64_t a, uint64_t b)
{
    uint64_t tops = at_least(a, b);
    uint64_t take_a = (tops - (tops >> 7)) | tops;
    return (a & take_a) | (b & ~take_a);
}

static uint32_t largest_byte(uint64_t word)
{
    uint64_t four = larger_bytes(word, word >> 32 & UINT64_C(0x7f7f7f7f));
    uint64_t two = larger_bytes(four, four >> 16 & UINT64_C(0x7f7f));
    return (uint32_t)(larger_bytes(two, two >> 8 & UINT64_C(0x7f)) & 0x7f);
}

void count_tree_init(struct count_tree *tree, uint32_t count)
{
    CHECK(count <= 1U << 24);
    *tree = (struct count_tree){0};
    uint32_t total = 0;
    uint32_t words = count > 0 ? count : 1;
    do {
        words = (words + 7) / 8;
        CHECK(tree->level_count < COUNT_TREE_LEVELS);
        tree->word_counts[tree->level_count++] = words;
        total += words;
    } while (words > 1);
    uint64_t *block = mem_alloc(total, sizeof(*block));
    for (uint32_t i = 0; i < tree->level_count; i++) {
        tree->levels[i] = block;
        block += tree->word_counts[i];
    }
}

void count_tree_release(struct count_tree *tree)
{
    free(tree->levels[0]);
    *tree = (struct count_tree){0};
}

void count_tree_set(struct count_tree *tree, uint32_t place, uint32_t value)
{
    CHECK(value <= COUNT_TREE_LARGEST && place / 8 < tree->word_counts[0]);
    for (uint32_t level = 0; level < tree->level_count; level++) {
        uint64_t *word = &tree->levels[level][place / 8];
        uint32_t shift = place % 8 * 8;
        uint32_t before = *word >> shift & 0xff;
        if (before == value) {
            return;
        }
        *word = (*word & ~(UINT64_C(0xff) << shift)) | (uint64_t)value << shift;
        if (level + 1 == tree->level_count) {
            return;
        }
        place /= 8;
        uint32_t largest = tree->levels[level + 1][place / 8] >> place % 8 * 8 & 0xff;
        if (value < largest && before < largest) {
            return; /* another of the eight is the largest, as before */
        }
        value = value >= largest ? value : largest_byte(*word);
    }
}

uint32_t count_tree_next(const struct count_tree *tree, uint32_t from, uint32_t least)
{
    CHECK(least >= 1 && least <= COUNT_TREE_LARGEST);
    uint64_t wanted = least * ONES;
    /* From the very first place on, the top word knows; else look right of `from`, level by level.
     */
    uint32_t level = from == 0 ? tree->level_count - 1 : 0;
    for (uint32_t place = from; level < tree->level_count; level++) {
        uint32_t word = place / 8;
        if (word >= tree->word_counts[level]) {
            break;
        }
        uint64_t hits = at_least(tree->levels[level][word], wanted);
        hits &= ~UINT64_C(0) << place % 8 * 8;
        if (hits != 0) {
            place = word * 8 + (uint32_t)__builtin_ctzll(hits) / 8;
            while (level > 0) {
                level--;
                hits = at_least(tree->levels[level][place], wanted);
                place = place * 8 + (uint32_t)__builtin_ctzll(hits) / 8;
            }
            return place;
        }
        place = word + 1;
    }
    return COUNT_TREE_END;
}

void count_tree_check(const struct count_tree *tree, uint32_t count)
{
    for (uint32_t place = count; place < tree->word_counts[0] * 8; place++) {
        CHECK(count_tree_get(tree, place) == 0);
    }
    for (uint32_t level = 1; level < tree->level_count; level++) {
        for (uint32_t i = 0; i < tree->word_counts[level - 1]; i++) {
            uint32_t largest = largest_byte(tree->levels[level - 1][i]);
            CHECK((tree->levels[level][i / 8] >> i % 8 * 8 & 0xff) == largest);
        }
    }
}
