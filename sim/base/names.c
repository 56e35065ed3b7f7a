/* names.c - see names.h. The hash table is used to look up, never to iterate. */
#include "sim/base/names.h"

#include "sim/base/check.h"

/* FNV-1a, 32 bits, and the last steps of MurmurHash3 to spread names that differ in their last
 * digits only: "job1", "job2". Nothing depends on its values. */
static uint32_t quick_hash(struct view name)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < name.length; i++) {
        hash = (hash ^ (unsigned char)name.at[i]) * 16777619U;
    }
    hash = (hash ^ hash >> 16) * 0x85EBCA6BU;
    hash = (hash ^ hash >> 13) * 0xC2B2AE35U;
    return hash ^ hash >> 16;
}

static uint32_t hash_of(const struct names *names, struct view name)
{
    return names->is_keyed ? (uint32_t)siphash(names->key, name) : quick_hash(name);
}

void names_release(struct names *names)
{
    arena_release(&names->arena);
    vec_release(&names->list);
    lookup_release(&names->lookup);
    *names = (struct names){0};
}

static bool is_name(const void *owner, uint32_t number, const void *wanted)
{
    const struct names *names = owner;
    return view_is(*(const struct view *)wanted, names->list.items[number]);
}

static bool fill_table(struct names *names)
{
    uint32_t count = names_count(names);
    bool ok = true;
    lookup_clear(&names->lookup, count);
    for (uint32_t i = 0; ok && i < count; i++) {
        ok = lookup_add(&names->lookup, hash_of(names, view_of(names->list.items[i])), i);
    }
    return ok;
}

/* Builds the table, by the quick hash or, once names fell together, by one with another key. */
static void build_table(struct names *names, bool fell_together)
{
    while (fell_together || !fill_table(names)) {
        fell_together = false;
        names->is_keyed = true;
        for (uint32_t i = 0; i < names_count(names); i++) {
            names->key = lookup_next_key(names->key, view_of(names->list.items[i]));
        }
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
    uint32_t hash = hash_of(names, name);
    uint32_t number = lookup_find(&names->lookup, hash, is_name, names, &name);
    *added = number == LOOKUP_NONE;
    if (*added) {
        number = append(names, name);
        if (!lookup_add(&names->lookup, hash, number)) {
            build_table(names, true);
        }
    }
    return number;
}

uint32_t names_add(struct names *names, struct view name, bool *is_new)
{
    bool added = false;
    uint32_t number = 0;
    size_t count = names->list.count;
    bool has_table = names->lookup.slots != NULL;
    int order = has_table || count == 0
                    ? 1
                    : compare_to(name, names->list.items[count - 1], names->last_length);
    if (!has_table && order >= 0) {
        added = order > 0;
        number = added ? append(names, name) : (uint32_t)count - 1;
    } else {
        if (!has_table) {
            build_table(names, false);
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
    return names->lookup.slots == NULL
               ? find_ascending(names, name)
               : lookup_find(&names->lookup, hash_of(names, name), is_name, names, &name);
}

const char *names_get(const struct names *names, uint32_t number)
{
    CHECK(number < names->list.count);
    return names->list.items[number];
}
