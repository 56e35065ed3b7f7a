/* rng.c - see rng.h. */
#include "sim/base/rng.h"

#include "sim/base/check.h"
#include "sim/base/mem.h"

/* The finaliser of splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014): every input bit reaches every output bit. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

void rng_restart(gsl_rng *stream, uint64_t seed, const char *purpose, uint64_t entity)
{
    CHECK(purpose != NULL);
    uint64_t key = mix(seed);
    for (const char *c = purpose; *c != '\0'; c++) {
        key = mix(key ^ (unsigned char)*c);
    }
    key = mix(key ^ mix(entity));
    /* taus2 uses 32 bits of its seed and reads 0 as 1. */
    gsl_rng_set(stream, (unsigned long)(key >> 32));
}

gsl_rng *rng_new(uint64_t seed, const char *purpose, uint64_t entity)
{
    gsl_rng *stream = gsl_rng_alloc(gsl_rng_taus2);
    CHECK(stream != NULL);
    rng_restart(stream, seed, purpose, entity);
    return stream;
}
