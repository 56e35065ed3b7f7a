/*
 * python_random.h - the numbers of Python's random.Random(seed), for schedules of simulators that
 * drew from it: Mersenne twister 19937 seeded by init_by_array, as CPython does for a small
 * non-negative integer.
 */
#ifndef POLICIES_LIB_PYTHON_RANDOM_H
#define POLICIES_LIB_PYTHON_RANDOM_H

#include <stdint.h>

enum { TWISTER_WORDS = 624 };

struct python_random {
    uint32_t words[TWISTER_WORDS];
    uint32_t at;
};

void python_random_init(struct python_random *random, uint32_t seed);

/* 32 random bits. */
uint32_t python_random_word(struct python_random *random);

/* A number below `limit` (1 or more), as randrange gives it. */
uint32_t python_random_below(struct python_random *random, uint32_t limit);

/* random.shuffle of small numbers. */
void python_random_shuffle(struct python_random *random, uint32_t *list, uint32_t count);

#endif
