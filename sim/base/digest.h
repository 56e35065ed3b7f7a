/*
 * digest.h - short numbers that tell whether two things are the same bytes (XXH3, by libxxhash).
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_TEXT = 33 }; /* 128 bits in hexadecimal and a NUL */

/* The 128-bit digest of `length` bytes as text; equal to what `xxhsum -H2` prints. */
void digest_bytes(const void *bytes, size_t length, char out[DIGEST_TEXT]);

/* A digest that grows: add bytes in pieces, read the value at any time. Integers are added in
 * little-endian order, so the value is the same on every machine. */
struct digest;
struct digest *digest_new(void);
void digest_free(struct digest *digest);
void digest_add(struct digest *digest, const void *bytes, size_t length);
void digest_add_i64(struct digest *digest, const int64_t *values, size_t count);
uint64_t digest_value(const struct digest *digest);

#endif
