/* test_rng.c - random streams: fixed for ever, and independent of each other. */
#include <math.h>

#include <criterion/criterion.h>

#include "sim/base/rng.h"

static unsigned long first_of(uint64_t seed, const char *purpose, uint64_t entity)
{
    gsl_rng *rng = rng_new(seed, purpose, entity);
    unsigned long value = gsl_rng_get(rng);
    gsl_rng_free(rng);
    return value;
}

Test(rng, equal_keys_give_equal_streams)
{
    gsl_rng *a = rng_new(7, "arrivals", 3);
    gsl_rng *b = rng_new(7, "arrivals", 3);
    for (int i = 0; i < 1000; i++) {
        cr_assert_eq(gsl_rng_get(a), gsl_rng_get(b));
    }
    gsl_rng_free(a);
    gsl_rng_free(b);
}

Test(rng, seed_purpose_and_entity_each_change_the_stream)
{
    unsigned long base = first_of(1, "arrivals", 0);
    cr_assert_neq(base, first_of(2, "arrivals", 0));
    cr_assert_neq(base, first_of(1, "arrival", 0));
    cr_assert_neq(base, first_of(1, "failures", 0));
    cr_assert_neq(base, first_of(1, "arrivals", 1));
    cr_assert_neq(base, first_of(UINT64_C(1) << 32 | 1, "arrivals", 0));
    cr_assert_neq(base, first_of(1, "arrivals", UINT64_C(1) << 32));
    cr_assert_neq(first_of(1, "ab", 0), first_of(1, "ba", 0));
}

Test(rng, a_restarted_stream_is_the_new_one_of_its_key)
{
    gsl_rng *stream = rng_new(7, "arrivals", 3);
    for (uint64_t entity = 0; entity < 100; entity++) {
        rng_restart(stream, 7, "sizes", entity);
        cr_assert_eq(gsl_rng_get(stream), first_of(7, "sizes", entity));
    }
    gsl_rng_free(stream);
}

/* Correlation of neighbouring streams: for independent uniform values the estimate over n pairs
 * has a standard deviation of 1/sqrt(n); 5 of them are a one in a million event, and the seeds are
 * fixed. */
Test(rng, neighbouring_entities_are_uncorrelated)
{
    enum { PAIRS = 20000 };
    for (uint64_t entity = 0; entity < 20; entity++) {
        gsl_rng *a = rng_new(42, "work", entity);
        gsl_rng *b = rng_new(42, "work", entity + 1);
        double sum = 0;
        for (int i = 0; i < PAIRS; i++) {
            double x = gsl_rng_uniform(a) - 0.5;
            double y = gsl_rng_uniform(b) - 0.5;
            sum += x * y;
        }
        double correlation = sum / PAIRS * 12;
        cr_assert_lt(fabs(correlation), 5 / sqrt(PAIRS), "entity %lu: %g", (unsigned long)entity,
                     correlation);
        gsl_rng_free(a);
        gsl_rng_free(b);
    }
}

/* The first values over many entities are spread evenly: chi-square over 16 cells, 15 degrees of
 * freedom, 99.99 % point 44.3. */
Test(rng, first_values_over_entities_are_uniform)
{
    int cells[16] = {0};
    enum { ENTITIES = 16000 };
    for (uint64_t entity = 0; entity < ENTITIES; entity++) {
        cells[first_of(9, "cells", entity) >> 28]++;
    }
    double chi2 = 0;
    for (int i = 0; i < 16; i++) {
        double off = cells[i] - ENTITIES / 16.0;
        chi2 += off * off / (ENTITIES / 16.0);
    }
    cr_assert_lt(chi2, 44.3, "%g", chi2);
}

/* Written down once: a stream that changes makes every result with a random part another one. */
Test(rng, first_values_never_change)
{
    static const struct {
        uint64_t seed;
        const char *purpose;
        uint64_t entity;
        unsigned long values[4];
    } KNOWN[] = {
        {0, "", 0, {3744942542U, 2239453084U, 377052822U, 2433378743U}},
        {1, "arrivals", 0, {52194157U, 3818189388U, 3298869124U, 3449637435U}},
        {1, "arrivals", 1, {3049673597U, 3499779014U, 3625134028U, 4020828595U}},
        {UINT64_MAX, "failures", 12, {2157491248U, 2626359358U, 1648531378U, 1515626877U}},
    };
    for (size_t i = 0; i < sizeof(KNOWN) / sizeof(KNOWN[0]); i++) {
        gsl_rng *rng = rng_new(KNOWN[i].seed, KNOWN[i].purpose, KNOWN[i].entity);
        for (int k = 0; k < 4; k++) {
            cr_assert_eq(gsl_rng_get(rng), KNOWN[i].values[k]);
        }
        gsl_rng_free(rng);
    }
}
