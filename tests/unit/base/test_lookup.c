/* test_lookup.c - slots of hash tables, and names that are made to share a hash. */
#include <stdlib.h>

#include <criterion/criterion.h>

#include "sim/base/names.h"

static bool is_number(const void *owner, uint32_t number, const void *wanted)
{
    (void)owner;
    return number == *(const uint32_t *)wanted;
}

static uint32_t found(const struct lookup *lookup, uint32_t hash, uint32_t number)
{
    return lookup_find(lookup, hash, is_number, NULL, &number);
}

Test(lookup, finds_what_was_added_while_it_grows)
{
    struct lookup lookup = {0};
    cr_assert_eq(found(&lookup, 7, 0), LOOKUP_NONE);
    for (uint32_t i = 0; i < 10000; i++) {
        cr_assert(lookup_add(&lookup, i * 2654435761U, i));
    }
    for (uint32_t i = 0; i < 10000; i++) {
        cr_assert_eq(found(&lookup, i * 2654435761U, i), i);
    }
    cr_assert_eq(found(&lookup, 2654435761U, 10001), LOOKUP_NONE);
    lookup_release(&lookup);
}

Test(lookup, refuses_more_of_one_hash_than_a_search_may_pass)
{
    struct lookup lookup = {0};
    for (uint32_t i = 0; i < LOOKUP_MOST_PROBES; i++) {
        cr_assert(lookup_add(&lookup, 42, i));
        cr_assert_eq(found(&lookup, 42, i), i);
    }
    cr_assert_not(lookup_add(&lookup, 42, LOOKUP_MOST_PROBES));
    lookup_clear(&lookup, 1);
    cr_assert_eq(found(&lookup, 42, 0), LOOKUP_NONE);
    cr_assert(lookup_add(&lookup, 42, 0));
    lookup_release(&lookup);
}

Test(lookup, keys_depend_on_every_thing_and_their_order)
{
    struct siphash_key none = {{0, 0}};
    struct siphash_key ab = lookup_next_key(lookup_next_key(none, view_of("a")), view_of("b"));
    struct siphash_key ba = lookup_next_key(lookup_next_key(none, view_of("b")), view_of("a"));
    cr_assert(ab.words[0] != ba.words[0] && ab.words[1] != ba.words[1]);
}

/* -- names of one hash ----------------------------------------------------------------------- */

enum { PART = 8, TRIES = 1 << 18, STAGES = 13, FLOOD = 1 << STAGES };

/* The state of FNV-1a, which is what names are hashed by at first. */
static uint32_t hashed(uint32_t state, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        state = (state ^ (unsigned char)bytes[i]) * 16777619U;
    }
    return state;
}

struct attempt {
    uint32_t state;
    uint32_t number;
};

static int by_state(const void *a, const void *b)
{
    const struct attempt *x = a;
    const struct attempt *y = b;
    if (x->state != y->state) {
        return x->state < y->state ? -1 : 1;
    }
    return x->number < y->number ? -1 : 1;
}

static void write_part(uint32_t number, char out[PART])
{
    uint32_t mixed = number * 2654435761U;
    for (int i = 0; i < PART; i++) {
        out[i] = (char)('a' + (mixed >> (4 * i) & 15));
    }
}

/* Two parts that lead from `state` to one and the same, which is returned. */
static uint32_t find_pair(uint32_t state, char pair[2][PART])
{
    struct attempt *attempts = calloc(TRIES, sizeof(*attempts));
    cr_assert_not_null(attempts);
    for (uint32_t i = 0; i < TRIES; i++) {
        char part[PART];
        write_part(i, part);
        attempts[i] = (struct attempt){hashed(state, part, PART), i};
    }
    qsort(attempts, TRIES, sizeof(*attempts), by_state);
    uint32_t i = 1;
    while (i < TRIES && attempts[i].state != attempts[i - 1].state) {
        i++;
    }
    cr_assert_lt(i, TRIES);
    write_part(attempts[i - 1].number, pair[0]);
    write_part(attempts[i].number, pair[1]);
    uint32_t reached = attempts[i].state;
    free(attempts);
    return reached;
}

/* Joux, "Multicollisions in iterated hash functions", 2004: pairs one after the other. */
Test(lookup, names_that_are_made_to_share_a_hash_are_spread_by_another)
{
    static char pairs[STAGES][2][PART];
    uint32_t state = 2166136261U;
    for (int i = 0; i < STAGES; i++) {
        state = find_pair(state, pairs[i]);
    }
    struct names names = {0};
    (void)names_add(&names, view_of("z"), NULL);
    (void)names_add(&names, view_of("a"), NULL);
    for (uint32_t n = 0; n < 2 * FLOOD; n++) {
        char name[STAGES * PART];
        for (int i = 0; i < STAGES; i++) {
            memcpy(name + i * PART, pairs[i][n >> i & 1], PART);
        }
        cr_assert_eq(hashed(2166136261U, name, sizeof(name)), state);
        struct view view = {name, sizeof(name)};
        cr_assert_eq(names_add(&names, view, NULL), n % FLOOD + 2);
        cr_assert_eq(names_find(&names, view), n % FLOOD + 2);
    }
    cr_assert(names.is_keyed);
    cr_assert_eq(names_count(&names), FLOOD + 2);
    cr_assert_eq(names_find(&names, view_of("z")), 0);
    cr_assert_eq(names_find(&names, view_of("y")), NAMES_NONE);
    names_release(&names);
}
