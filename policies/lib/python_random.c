/* python_random.c - see python_random.h. The generator is that of Matsumoto and Nishimura (1998).
 */
#include "policies/lib/python_random.h"

#include "sim/base/check.h"

enum { TWISTER_SHIFT = 397 };

void python_random_init(struct python_random *random, uint32_t seed)
{
    uint32_t *words = random->words;
    words[0] = 19650218U;
    for (uint32_t i = 1; i < TWISTER_WORDS; i++) {
        words[i] = 1812433253U * (words[i - 1] ^ words[i - 1] >> 30) + i;
    }
    uint32_t at = 1;
    for (uint32_t k = 0; k < TWISTER_WORDS; k++) {
        words[at] = (words[at] ^ (words[at - 1] ^ words[at - 1] >> 30) * 1664525U) + seed;
        if (++at == TWISTER_WORDS) {
            words[0] = words[TWISTER_WORDS - 1];
            at = 1;
        }
    }
    for (uint32_t k = 1; k < TWISTER_WORDS; k++) {
        words[at] = (words[at] ^ (words[at - 1] ^ words[at - 1] >> 30) * 1566083941U) - at;
        if (++at == TWISTER_WORDS) {
            words[0] = words[TWISTER_WORDS - 1];
            at = 1;
        }
    }
    words[0] = 0x80000000U;
    random->at = TWISTER_WORDS;
}

static void twist(struct python_random *random)
{
    uint32_t *words = random->words;
    for (uint32_t i = 0; i < TWISTER_WORDS; i++) {
        uint32_t mixed = (words[i] & 0x80000000U) | (words[(i + 1) % TWISTER_WORDS] & 0x7fffffffU);
        uint32_t odd = (mixed & 1) != 0 ? 0x9908b0dfU : 0;
        words[i] = words[(i + TWISTER_SHIFT) % TWISTER_WORDS] ^ mixed >> 1 ^ odd;
    }
    random->at = 0;
}

uint32_t python_random_word(struct python_random *random)
{
    if (random->at == TWISTER_WORDS) {
        twist(random);
    }
    uint32_t word = random->words[random->at++];
    word ^= word >> 11;
    word ^= word << 7 & 0x9d2c5680U;
    word ^= word << 15 & 0xefc60000U;
    return word ^ word >> 18;
}

uint32_t python_random_below(struct python_random *random, uint32_t limit)
{
    CHECK(limit > 0);
    uint32_t bits = 32 - (uint32_t)__builtin_clz(limit);
    uint32_t number = python_random_word(random) >> (32 - bits);
    while (number >= limit) {
        number = python_random_word(random) >> (32 - bits);
    }
    return number;
}

void python_random_shuffle(struct python_random *random, uint32_t *list, uint32_t count)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = python_random_below(random, i);
        uint32_t kept = list[i - 1];
        list[i - 1] = list[other];
        list[other] = kept;
    }
}
