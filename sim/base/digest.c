/* digest.c - see digest.h. */
#include "sim/base/digest.h"

#include <inttypes.h>
#include <stdio.h>

#include <xxhash.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

struct digest {
    XXH3_state_t *state;
};

void digest_bytes(const void *bytes, size_t length, char out[DIGEST_TEXT])
{
    XXH128_hash_t hash = XXH3_128bits(bytes, length);
    (void)snprintf(out, DIGEST_TEXT, "%016" PRIx64 "%016" PRIx64, (uint64_t)hash.high64,
                   (uint64_t)hash.low64);
}

/* The state asks for more alignment than malloc gives, so the library allocates it. */
struct digest *digest_new(void)
{
    struct digest *digest = mem_alloc(1, sizeof(*digest));
    digest->state = XXH3_createState();
    CHECK(digest->state != NULL);
    XXH_errorcode code = XXH3_64bits_reset(digest->state);
    CHECK(code == XXH_OK);
    return digest;
}

void digest_free(struct digest *digest)
{
    if (digest != NULL) {
        (void)XXH3_freeState(digest->state);
        free(digest);
    }
}

void digest_add(struct digest *digest, const void *bytes, size_t length)
{
    XXH_errorcode code = XXH3_64bits_update(digest->state, bytes, length);
    CHECK(code == XXH_OK);
}

void digest_add_i64(struct digest *digest, const int64_t *values, size_t count)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    digest_add(digest, values, count * sizeof(*values));
#else
    for (size_t i = 0; i < count; i++) {
        uint64_t swapped = __builtin_bswap64((uint64_t)values[i]);
        digest_add(digest, &swapped, sizeof(swapped));
    }
#endif
}

uint64_t digest_value(const struct digest *digest)
{
    return XXH3_64bits_digest(digest->state);
}
