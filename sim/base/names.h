/*
 * names.h - names as small numbers: job ids, users, queues, GPU models.
 *
 * The first name added is 0, the next new one 1, and so on: the numbers depend on the order of
 * adding only. All zeros is an empty table.
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/lookup.h"
#include "sim/base/vec.h"
#include "sim/base/view.h"

#define NAMES_NONE UINT32_MAX

struct names {
    struct arena arena;
    VEC(const char *) list; /* NUL-terminated, by number */
    size_t last_length;     /* of the newest name */
    /* Empty as long as every name was longer than the one before it, or as long and greater: then
     * the list itself is searched. */
    struct lookup lookup;
    bool is_keyed; /* names that fell together were met: they are hashed with the key */
    struct siphash_key key;
};

void names_release(struct names *names);

/* The number of `name`, which is added if it is new (*is_new may be NULL). Amortised O(length);
 * names in ascending order ("8", "9", "10": most job ids) cost no hashing and no table, and names
 * that are made to share a hash cost no more than others (lookup.h). */
uint32_t names_add(struct names *names, struct view name, bool *is_new);

/* The number of `name`, or NAMES_NONE. O(length), or O(log names) while they are ascending. */
uint32_t names_find(const struct names *names, struct view name);

/* The name with this number; it lives as long as the table. */
const char *names_get(const struct names *names, uint32_t number);

static inline uint32_t names_count(const struct names *names)
{
    return (uint32_t)names->list.count;
}

#endif
