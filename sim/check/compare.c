/* compare.c - see compare.h. */
#include "sim/check/compare.h"

#include <math.h>

#include "sim/base/vec.h"
#include "sim/check/canonical.h"

static const double TOLERANCE = 1.5e-6;

static void say(struct text *difference, const char *path, const json_t *got,
                const json_t *expected)
{
    char *mine = got == NULL ? NULL : json_dumps(got, JSON_ENCODE_ANY | JSON_COMPACT);
    char *theirs = expected == NULL ? NULL : json_dumps(expected, JSON_ENCODE_ANY | JSON_COMPACT);
    text_addf(difference, "%s: expected %s, got %s", path, theirs == NULL ? "nothing" : theirs,
              mine == NULL ? "nothing" : mine);
    free(mine);
    free(theirs);
}

static bool equal_scalars(const json_t *a, const json_t *b)
{
    if (json_is_number(a) && json_is_number(b)) {
        double x = json_number_value(a), y = json_number_value(b);
        return fabs(x - y) <= TOLERANCE;
    }
    return json_equal(a, b) != 0;
}

/* Depth of records is small: paths that do not fit are cut. */
enum { PATH_MOST = 512 };

static void compare_arrays(const json_t *got, const json_t *expected, const char *path,
                           struct text *difference)
{
    size_t most = json_array_size(got);
    most = json_array_size(expected) > most ? json_array_size(expected) : most;
    for (size_t i = 0; i < most && difference->length == 0; i++) {
        char inner[PATH_MOST];
        (void)snprintf(inner, sizeof inner, "%s[%zu]", path, i);
        compare_values(json_array_get(got, i), json_array_get(expected, i), inner, difference);
    }
}

/* Keys in ascending order, so that the first difference is the same one everywhere. */
static const char **sorted_keys(json_t *object, size_t *count)
{
    VEC(const char *) keys = {0};
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        vec_push(&keys, key);
    }
    for (size_t i = 1; i < keys.count; i++) {
        for (size_t k = i; k > 0 && strcmp(keys.items[k - 1], keys.items[k]) > 0; k--) {
            const char *swap = keys.items[k];
            keys.items[k] = keys.items[k - 1];
            keys.items[k - 1] = swap;
        }
    }
    *count = keys.count;
    return keys.items;
}

static void compare_objects(const json_t *got, const json_t *expected, const char *path,
                            struct text *difference)
{
    /* The walk of jansson wants an object it may change; the union is a new one. */
    json_t *both = json_copy((json_t *)(uintptr_t)expected);
    (void)json_object_update_missing(both, (json_t *)(uintptr_t)got);
    size_t count;
    const char **keys = sorted_keys(both, &count);
    for (size_t i = 0; i < count && difference->length == 0; i++) {
        char inner[PATH_MOST];
        (void)snprintf(inner, sizeof inner, "%s%s%s", path, path[0] != '\0' ? "." : "", keys[i]);
        compare_values(json_object_get(got, keys[i]), json_object_get(expected, keys[i]), inner,
                       difference);
    }
    free(keys);
    json_decref(both);
}

void compare_values(const json_t *got, const json_t *expected, const char *path,
                    struct text *difference)
{
    if (json_is_object(got) && json_is_object(expected)) {
        compare_objects(got, expected, path, difference);
    } else if (json_is_array(got) && json_is_array(expected)) {
        compare_arrays(got, expected, path, difference);
    } else if (got == NULL || expected == NULL || !equal_scalars(got, expected)) {
        say(difference, path, got, expected);
    }
}

/* The parts of a round, in the order in which differences are looked for: what was decided comes
 * before what follows from it, and what a decision was based on before the decision. */
static const char *const PARTS[] = {"cluster_total", "queues", "events",    "tasks",
                                    "nodes",         "binds",  "evictions", "pipelines"};

static void compare_lists(const json_t *got, const json_t *recorded, struct text *difference)
{
    if (json_array_size(got) != json_array_size(recorded)) {
        text_addf(difference, "expected %zu rounds, got %zu", json_array_size(recorded),
                  json_array_size(got));
        return;
    }
    json_t *mine = canonical_rounds(got);
    json_t *theirs = canonical_rounds(recorded);
    for (size_t i = 0; i < json_array_size(mine) && difference->length == 0; i++) {
        const json_t *a = json_array_get(mine, i), *b = json_array_get(theirs, i);
        for (size_t p = 0; p < sizeof(PARTS) / sizeof(*PARTS) && difference->length == 0; p++) {
            const json_t *expected = json_object_get(b, PARTS[p]);
            char path[PATH_MOST];
            (void)snprintf(path, sizeof path, "round %zu: %s", i + 1, PARTS[p]);
            if (expected != NULL) {
                compare_values(json_object_get(a, PARTS[p]), expected, path, difference);
            }
        }
    }
    json_decref(mine);
    json_decref(theirs);
}

void compare_rounds(const json_t *got, const json_t *recorded, struct text *difference)
{
    compare_lists(got, json_object_get(recorded, "rounds"), difference);
    const json_t *variants = json_object_get(recorded, "variants");
    for (size_t i = 0; difference->length > 0 && i < json_array_size(variants); i++) {
        struct text other = {0};
        compare_lists(got, json_object_get(json_array_get(variants, i), "rounds"), &other);
        if (other.length == 0) {
            text_clear(difference);
        }
        text_release(&other);
    }
}
