/* siphash.c - see siphash.h. */
#include "sim/base/siphash.h"

static uint64_t rotated(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void rounds(uint64_t v[4], int count)
{
    for (int i = 0; i < count; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotated(v[1], 13) ^ v[0];
        v[3] = rotated(v[3], 16) ^ v[2];
        v[0] = rotated(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotated(v[1], 17) ^ v[2];
        v[3] = rotated(v[3], 21) ^ v[0];
        v[2] = rotated(v[2], 32);
    }
}

/* The bytes of a word, first byte lowest, so that all machines agree. */
static uint64_t word_at(const char *bytes, size_t count)
{
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++) {
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    }
    return word;
}

uint64_t siphash(struct siphash_key key, struct view text)
{
    uint64_t v[4] = {
        key.words[0] ^ UINT64_C(0x736f6d6570736575),
        key.words[1] ^ UINT64_C(0x646f72616e646f6d),
        key.words[0] ^ UINT64_C(0x6c7967656e657261),
        key.words[1] ^ UINT64_C(0x7465646279746573),
    };
    size_t whole = text.length - text.length % 8;
    for (size_t at = 0; at <= whole; at += 8) {
        bool is_last = at == whole;
        uint64_t word = is_last ? (text.length > at ? word_at(text.at + at, text.length - at) : 0) |
                                      (uint64_t)text.length << 56
                                : word_at(text.at + at, 8);
        v[3] ^= word;
        rounds(v, 2);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct siphash_key siphash_key_of(struct view text)
{
    struct siphash_key first = {{0, 0}};
    struct siphash_key second = {{1, 0}};
    return (struct siphash_key){{siphash(first, text), siphash(second, text)}};
}
