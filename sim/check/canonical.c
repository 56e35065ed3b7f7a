/* canonical.c - see canonical.h. */
#include "sim/check/canonical.h"

#include "sim/base/names.h"
#include "sim/base/text.h"
#include "sim/base/vec.h"

/* A shared GPU that the scheduler made, with the places where it occurs as one text: equal texts
 * mean that two GPUs are held by the same tasks all the time, and may be exchanged. */
struct fresh {
    struct text places;
    uint32_t rank;
};

struct renaming {
    struct names names;
    VEC(struct fresh) groups;
};

static bool is_fresh(const char *name)
{
    return strncmp(name, "new", 3) == 0;
}

static void note_groups(struct renaming *r, const json_t *groups, const char *place)
{
    for (size_t i = 0; i < json_array_size(groups); i++) {
        const char *name = json_string_value(json_array_get(groups, i));
        if (name == NULL || !is_fresh(name)) {
            continue;
        }
        bool is_new;
        uint32_t at = names_add(&r->names, view_of(name), &is_new);
        if (is_new) {
            struct fresh group = {0};
            vec_push(&r->groups, group);
        }
        text_addf(&r->groups.items[at].places, "%s;", place);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void note_tasks(struct renaming *r, json_t *tasks, size_t round)
{
    VEC(const char *) names = {0};
    const char *name;
    json_t *task;
    json_object_foreach(tasks, name, task)
    {
        if (json_object_get(task, "gpu_groups") != NULL) {
            vec_push(&names, name);
        }
    }
    if (names.count > 0) {
        qsort(names.items, names.count, sizeof(*names.items), by_text);
    }
    for (size_t i = 0; i < names.count; i++) {
        struct text place = {0};
        text_addf(&place, "%06zu:%s", round, names.items[i]);
        note_groups(r, json_object_get(json_object_get(tasks, names.items[i]), "gpu_groups"),
                    place.bytes);
        text_release(&place);
    }
    vec_release(&names);
}

static bool is_eviction(const json_t *event)
{
    const char *kind = json_string_value(json_object_get(event, "kind"));
    return kind != NULL && strcmp(kind, "evict") == 0;
}

static void note_events(struct renaming *r, const json_t *events, size_t round)
{
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *event = json_array_get(events, i);
        if (!is_eviction(event)) {
            struct text place = {0};
            text_addf(&place, "%06zu#%06zu", round, i);
            note_groups(r, json_object_get(event, "gpu_groups"), place.bytes);
            text_release(&place);
        }
    }
}

/* Ranks by the places; the caller frees nothing. */
static void rank_groups(struct renaming *r)
{
    for (size_t i = 0; i < r->groups.count; i++) {
        struct fresh *group = &r->groups.items[i];
        for (size_t k = 0; k < r->groups.count; k++) {
            int order = strcmp(r->groups.items[k].places.bytes, group->places.bytes);
            group->rank += order < 0 || (order == 0 && k < i);
        }
    }
}

/* Replaces a list of GPUs in an object by one that is renamed and sorted. */
static void rename_groups(const struct renaming *r, json_t *object)
{
    const json_t *groups = json_object_get(object, "gpu_groups");
    size_t count = json_array_size(groups);
    if (count == 0) {
        return;
    }
    VEC(char *) names = {0};
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(groups, i));
        uint32_t at = name == NULL ? NAMES_NONE : names_find(&r->names, view_of(name));
        struct text text = {0};
        if (at == NAMES_NONE) {
            text_add(&text, name == NULL ? "?" : name);
        } else {
            text_addf(&text, "fresh%06u", r->groups.items[at].rank);
        }
        vec_push(&names, text.bytes);
    }
    qsort(names.items, names.count, sizeof(*names.items), by_text);
    json_t *sorted = json_array();
    for (size_t i = 0; i < names.count; i++) {
        json_array_append_new(sorted, json_string(names.items[i]));
        free(names.items[i]);
    }
    vec_release(&names);
    json_object_set_new(object, "gpu_groups", sorted);
}

static int by_task(const void *a, const void *b)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    return strcmp(json_string_value(json_object_get(x, "task")),
                  json_string_value(json_object_get(y, "task")));
}

/* Sorts evictions that follow each other in one batch: events [from, end). */
static void sort_evictions(json_t *events, size_t from, size_t end)
{
    VEC(json_t *) run = {0};
    for (size_t i = from; i < end; i++) {
        vec_push(&run, json_incref(json_array_get(events, i)));
    }
    qsort(run.items, run.count, sizeof(*run.items), by_task);
    for (size_t i = 0; i < run.count; i++) {
        json_array_set_new(events, from + i, run.items[i]);
    }
    vec_release(&run);
}

static void order_events(json_t *events)
{
    size_t count = json_array_size(events);
    for (size_t i = 0, end; i < count; i = end) {
        const json_t *first = json_array_get(events, i);
        const json_t *batch = json_object_get(first, "batch");
        end = i + 1;
        while (is_eviction(first) && end < count && is_eviction(json_array_get(events, end)) &&
               json_equal(json_object_get(json_array_get(events, end), "batch"), batch)) {
            end++;
        }
        if (end > i + 1) {
            sort_evictions(events, i, end);
        }
    }
}

static void change_round(const struct renaming *r, json_t *round)
{
    json_t *events = json_object_get(round, "events");
    for (size_t i = 0; i < json_array_size(events); i++) {
        json_t *event = json_array_get(events, i);
        if (is_eviction(event)) {
            json_object_del(event, "node");
            json_object_del(event, "gpu_groups");
        }
        /* The zones of a task are told by its state; for whom it moves, records do not tell. */
        json_object_del(event, "numa_zones");
        json_object_del(event, "preemptor");
        rename_groups(r, event);
    }
    order_events(events);
    const char *name;
    json_t *task;
    json_object_foreach(json_object_get(round, "tasks"), name, task)
    {
        rename_groups(r, task);
    }
}

json_t *canonical_rounds(const json_t *rounds)
{
    json_t *copy = json_deep_copy(rounds);
    struct renaming r = {0};
    for (size_t i = 0; i < json_array_size(copy); i++) {
        json_t *round = json_array_get(copy, i);
        note_tasks(&r, json_object_get(round, "tasks"), i);
        note_events(&r, json_object_get(round, "events"), i);
    }
    rank_groups(&r);
    for (size_t i = 0; i < json_array_size(copy); i++) {
        change_round(&r, json_array_get(copy, i));
    }
    for (size_t i = 0; i < r.groups.count; i++) {
        text_release(&r.groups.items[i].places);
    }
    vec_release(&r.groups);
    names_release(&r.names);
    return copy;
}
