/* names.c - see names.h. The hash table is used to look up, never to iterate. */
#include "sim/base/names.h"

#include "sim/base/check.h"

/* FNV-1a, 32 bits, and the last steps of MurmurHash3 to spread names that differ in their last
 * digits only: "job1", "job2". Nothing depends on its values. */
static uint32_t hash_of(struct view name)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < name.length; i++) {
        hash = (hash ^ (unsigned char)name.at[i]) * 16777619U;
    }
    hash = (hash ^ hash >> 16) * 0x85EBCA6BU;
    hash = (hash ^ hash >> 13) * 0xC2B2AE35U;
    return hash ^ hash >> 16;
}

void names_release(struct names *names)
{
    arena_release(&names->arena);
    vec_release(&names->list);
    free(names->slots);
    *names = (struct names){0};
}

/* The slot that holds `name`, or the free one where it belongs. The hash beside the number spares
 * looking at the texts of other names, which lie far apart in memory. */
static uint32_t slot_of(const struct names *names, struct view name, uint32_t hash)
{
    uint32_t mask = names->slot_count - 1;
    uint32_t slot = hash & mask;
    while (names->slots[slot] != 0 &&
           (names->slots[slot] >> 32 != hash ||
            !view_is(name, names->list.items[(uint32_t)names->slots[slot] - 1]))) {
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
        if (old[i] != 0) {
            uint32_t slot = (uint32_t)(old[i] >> 32) & mask;
            while (names->slots[slot] != 0) {
                slot = (slot + 1) & mask;
            }
            names->slots[slot] = old[i];
        }
    }
    free(old);
}

/* Builds the table when names stop being ascending; it then has room for one more. */
static void build_slots(struct names *names)
{
    do {
        grow_slots(names);
    } while (names->list.count >= names->slot_count / 2);
    for (uint32_t i = 0; i < names->list.count; i++) {
        struct view name = view_of(names->list.items[i]);
        uint32_t hash = hash_of(name);
        names->slots[slot_of(names, name, hash)] = (uint64_t)hash << 32 | (i + 1);
    }
}

/* Below 0 when `name` comes before the text of `length` bytes: shorter, or as long and smaller. */
static int compare_to(struct view name, const char *text, size_t length)
{
    if (name.length != length) {
        return name.length < length ? -1 : 1;
    }
    return length == 0 ? 0 : memcmp(name.at, text, length);
}

static uint32_t append(struct names *names, struct view name)
{
    vec_push(&names->list, arena_copy_text(&names->arena, name.at, name.length));
    names->last_length = name.length;
    return (uint32_t)names->list.count - 1;
}

static uint32_t add_to_table(struct names *names, struct view name, bool *added)
{
    if (names->list.count >= names->slot_count / 2) {
        grow_slots(names);
    }
    uint32_t hash = hash_of(name);
    uint32_t slot = slot_of(names, name, hash);
    *added = names->slots[slot] == 0;
    if (*added) {
        names->slots[slot] = (uint64_t)hash << 32 | (append(names, name) + 1);
    }
    return (uint32_t)names->slots[slot] - 1;
}

uint32_t names_add(struct names *names, struct view name, bool *is_new)
{
    bool added = false;
    uint32_t number = 0;
    size_t count = names->list.count;
    int order = names->slots != NULL || count == 0
                    ? 1
                    : compare_to(name, names->list.items[count - 1], names->last_length);
    if (names->slots == NULL && order >= 0) {
        added = order > 0;
        number = added ? append(names, name) : (uint32_t)count - 1;
    } else {
        if (names->slots == NULL) {
            build_slots(names);
        }
        number = add_to_table(names, name, &added);
    }
    if (is_new != NULL) {
        *is_new = added;
    }
    return number;
}

static uint32_t find_ascending(const struct names *names, struct view name)
{
    size_t low = 0;
    size_t high = names->list.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *text = names->list.items[middle];
        int order = compare_to(name, text, strlen(text));
        if (order == 0) {
            return (uint32_t)middle;
        }
        low = order > 0 ? middle + 1 : low;
        high = order < 0 ? middle : high;
    }
    return NAMES_NONE;
}

uint32_t names_find(const struct names *names, struct view name)
{
    if (names->slots == NULL) {
        return find_ascending(names, name);
    }
    uint32_t slot = slot_of(names, name, hash_of(name));
    return names->slots[slot] == 0 ? NAMES_NONE : (uint32_t)names->slots[slot] - 1;
}

const char *names_get(const struct names *names, uint32_t number)
{
    CHECK(number < names->list.count);
    return names->list.items[number];
}
