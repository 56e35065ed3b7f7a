/* names.c - see names.h. A hash table is used to look up, never to iterate. */
#include "sim/base/names.h"

#include "sim/base/check.h"

/* FNV-1a, 32 bits: short names, and nothing depends on its values. */
static uint32_t hash_of(struct view name)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < name.length; i++) {
        hash = (hash ^ (unsigned char)name.at[i]) * 16777619U;
    }
    return hash ^ (hash >> 15);
}

void names_release(struct names *names)
{
    arena_release(&names->arena);
    vec_release(&names->list);
    free(names->slots);
    *names = (struct names){0};
}

static uint32_t number_in(uint64_t slot)
{
    return (uint32_t)slot - 1;
}

/* The slot that holds `name`, or the free one where it belongs. A name is looked at only when its
 * whole hash is the same: most of the time goes into waiting for memory. */
static uint32_t slot_of(const struct names *names, struct view name, uint32_t hash)
{
    uint32_t mask = names->slot_count - 1;
    uint32_t slot = hash & mask;
    while (names->slots[slot] != 0 &&
           (names->slots[slot] >> 32 != hash ||
            !view_is(name, names->list.items[number_in(names->slots[slot])]))) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void grow_slots(struct names *names)
{
    CHECK(names->slot_count < 1U << 31);
    uint64_t *old = names->slots;
    uint32_t old_count = names->slot_count;
    names->slot_count = old_count == 0 ? 64 : old_count * 2;
    names->slots = mem_alloc(names->slot_count, sizeof(*names->slots));
    uint32_t mask = names->slot_count - 1;
    for (uint32_t i = 0; i < old_count; i++) {
        uint32_t slot = (uint32_t)(old[i] >> 32) & mask;
        while (old[i] != 0 && names->slots[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        if (old[i] != 0) {
            names->slots[slot] = old[i];
        }
    }
    free(old);
}

uint32_t names_add(struct names *names, struct view name, bool *is_new)
{
    if (names->list.count >= names->slot_count / 2) {
        grow_slots(names);
    }
    uint32_t hash = hash_of(name);
    uint32_t slot = slot_of(names, name, hash);
    bool added = names->slots[slot] == 0;
    if (added) {
        vec_push(&names->list, arena_copy_text(&names->arena, name.at, name.length));
        names->slots[slot] = (uint64_t)hash << 32 | names->list.count;
    }
    if (is_new != NULL) {
        *is_new = added;
    }
    return number_in(names->slots[slot]);
}

uint32_t names_find(const struct names *names, struct view name)
{
    if (names->slot_count == 0) {
        return NAMES_NONE;
    }
    uint32_t slot = slot_of(names, name, hash_of(name));
    return names->slots[slot] == 0 ? NAMES_NONE : number_in(names->slots[slot]);
}

const char *names_get(const struct names *names, uint32_t number)
{
    CHECK(number < names->list.count);
    return names->list.items[number];
}
