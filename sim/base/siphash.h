/*
 * siphash.h - SipHash-2-4 (Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012): a number
 * from a text that nobody can tell, check or undo without the key.
 *
 * For names that must not be guessed; whether two things are the same bytes is asked of digest.h.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stdint.h>

#include "sim/base/view.h"

struct siphash_key {
    uint64_t words[2];
};

/* A key made of any text; the text should not be one that can be guessed. */
struct siphash_key siphash_key_of(struct view text);

uint64_t siphash(struct siphash_key key, struct view text);

#endif
