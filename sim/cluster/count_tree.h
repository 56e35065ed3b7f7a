/*
 * count_tree.h - a row of small numbers, and "where is the next one that is at least so large".
 *
 * Eight numbers share a 64-bit word, and each word has its maximum in a word one level up, so that
 * one comparison looks at eight subtrees: four levels hold 4,096 numbers. Numbers are below 128,
 * which leaves the top bit of each byte free to catch the borrow of a subtraction.
 */
#ifndef CLUSTER_COUNT_TREE_H
#define CLUSTER_COUNT_TREE_H

#include <stdint.h>

#define COUNT_TREE_END UINT32_MAX

enum { COUNT_TREE_LEVELS = 8, COUNT_TREE_LARGEST = 127 };

struct count_tree {
    uint64_t *levels[COUNT_TREE_LEVELS]; /* one block; levels[0] holds the numbers */
    uint32_t word_counts[COUNT_TREE_LEVELS];
    uint32_t level_count;
};

/* `count` (at most 2^24) numbers, all 0. */
void count_tree_init(struct count_tree *tree, uint32_t count);
void count_tree_release(struct count_tree *tree);

/* O(levels), less when the maxima above stay as they are. */
void count_tree_set(struct count_tree *tree, uint32_t place, uint32_t value);

static inline uint32_t count_tree_get(const struct count_tree *tree, uint32_t place)
{
    return (uint32_t)(tree->levels[0][place / 8] >> place % 8 * 8 & 0xff);
}

/* The first place at or after `from` whose number is at least `least` (1 or more), or
 * COUNT_TREE_END. O(levels). */
uint32_t count_tree_next(const struct count_tree *tree, uint32_t from, uint32_t least);

/* Every maximum is right; all numbers after the first `count` are 0. */
void count_tree_check(const struct count_tree *tree, uint32_t count);

#endif
