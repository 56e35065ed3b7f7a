/* lookup.c - see lookup.h. Open addressing, one slot after the other, at most half full. */
#include "sim/base/lookup.h"

#include <stdlib.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

enum { FIRST_SLOTS = 64 };

void lookup_release(struct lookup *lookup)
{
    free(lookup->slots);
    *lookup = (struct lookup){0};
}

uint32_t lookup_find(const struct lookup *lookup, uint32_t hash, lookup_same_fn *same,
                     const void *owner, const void *wanted)
{
    if (lookup->slot_count == 0) {
        return LOOKUP_NONE;
    }
    uint32_t mask = lookup->slot_count - 1;
    for (uint32_t i = 0; i < LOOKUP_MOST_PROBES; i++) {
        uint64_t slot = lookup->slots[(hash + i) & mask];
        if (slot == 0) {
            break;
        }
        if (slot >> 32 == hash && same(owner, (uint32_t)slot - 1, wanted)) {
            return (uint32_t)slot - 1;
        }
    }
    return LOOKUP_NONE;
}

/* Puts what a slot holds where its hash wants it, or near. */
static bool place(struct lookup *lookup, uint64_t slot)
{
    uint32_t mask = lookup->slot_count - 1;
    uint32_t home = (uint32_t)(slot >> 32);
    for (uint32_t i = 0; i < LOOKUP_MOST_PROBES; i++) {
        uint64_t *at = &lookup->slots[(home + i) & mask];
        if (*at == 0) {
            *at = slot;
            lookup->count++;
            return true;
        }
    }
    return false;
}

static bool grow(struct lookup *lookup)
{
    struct lookup old = *lookup;
    lookup->slots = NULL;
    lookup_clear(lookup, old.count);
    bool ok = true;
    for (uint32_t i = 0; ok && i < old.slot_count; i++) {
        ok = old.slots[i] == 0 || place(lookup, old.slots[i]);
    }
    free(old.slots);
    return ok;
}

bool lookup_add(struct lookup *lookup, uint32_t hash, uint32_t number)
{
    CHECK(number != LOOKUP_NONE);
    if (lookup->count >= lookup->slot_count / 2 && !grow(lookup)) {
        return false;
    }
    return place(lookup, (uint64_t)hash << 32 | (number + 1));
}

void lookup_clear(struct lookup *lookup, uint32_t count)
{
    CHECK(count < 1U << 30);
    uint32_t slots = FIRST_SLOTS;
    while (slots / 2 <= count) {
        slots *= 2;
    }
    free(lookup->slots);
    *lookup =
        (struct lookup){.slots = mem_alloc(slots, sizeof(*lookup->slots)), .slot_count = slots};
}

struct siphash_key lookup_next_key(struct siphash_key key, struct view thing)
{
    return (struct siphash_key){{key.words[1], siphash(key, thing)}};
}
