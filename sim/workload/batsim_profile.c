/* batsim_profile.c - see batsim_profile.h. */
#include "sim/workload/batsim_profile.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/base/json_read.h"

/* Sequences within sequences, at most so deep; each level is a pass over the profiles. */
enum { MOST_LEVELS = 16 };

/* Larger than any delay or amount of work that a workload can hold, so that sums stay finite. */
static const double most_amount = 1e30;

enum profile_kind {
    KIND_DELAY,
    KIND_PER_RESOURCE, /* `cpu` is an amount on each resource */
    KIND_IN_ALL,       /* `cpu` is an amount that is dealt to the resources */
    KIND_LIST,         /* `cpu` is a list of amounts, one a resource */
    KIND_SEQUENCE,
    KIND_UNKNOWN,
};

struct kind_word {
    const char *type;
    enum profile_kind kind;
};

/* The names of Batsim 1 to 4, then those of Batsim 5. */
static const struct kind_word kind_words[] = {
    {"delay", KIND_DELAY},
    {"parallel_homogeneous", KIND_PER_RESOURCE},
    {"msg_par_hg", KIND_PER_RESOURCE},
    {"parallel_homogeneous_total", KIND_IN_ALL},
    {"msg_par_hg_tot", KIND_IN_ALL},
    {"parallel", KIND_LIST},
    {"msg_par", KIND_LIST},
    {"composed", KIND_SEQUENCE},
    {"sequence", KIND_SEQUENCE},
    {"DelayProfile", KIND_DELAY},
    {"ParallelTaskHomogeneousProfile", KIND_PER_RESOURCE},
    {"ParallelTaskProfile", KIND_LIST},
    {"SequentialCompositionProfile", KIND_SEQUENCE},
};

static enum profile_kind kind_of(const json_t *profile)
{
    const char *type = json_string_value(json_object_get(profile, "type"));
    const char *dealt = json_string_value(json_object_get(profile, "generation_strategy"));
    enum profile_kind kind = KIND_UNKNOWN;
    for (size_t i = 0; type != NULL && i < sizeof(kind_words) / sizeof(kind_words[0]); i++) {
        kind = strcmp(type, kind_words[i].type) == 0 ? kind_words[i].kind : kind;
    }
    bool in_all = dealt != NULL && strcmp(dealt, "DefinedAmountsSpreadUniformly") == 0;
    return kind == KIND_PER_RESOURCE && in_all ? KIND_IN_ALL : kind;
}

static bool read_amount(const json_t *profile, const char *path, const char *key, double *out,
                        struct err *err)
{
    if (!json_read_number(profile, path, key, 0, out, err)) {
        return false;
    }
    return *out <= most_amount || json_unexpected(path, key, json_object_get(profile, key),
                                                  "a number of at most 10^30", err);
}

/* The largest amount of a list, of which the slowest resource decides. */
static bool read_list(const json_t *profile, const char *path, const char *key, double *out,
                      struct err *err)
{
    const json_t *list = NULL;
    if (!json_read_array(profile, path, key, &list, err)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        double amount = json_number_value(item);
        if (!json_is_number(item) || !(amount >= 0) || amount > most_amount) {
            char at[JSON_PATH_MOST];
            json_path(at, path, key, (long)i);
            return json_unexpected(at, "", item, "a number from 0 to 10^30", err);
        }
        *out = amount > *out ? amount : *out;
    }
    return true;
}

/* Everything but a sequence. */
static bool read_simple(const json_t *profile, const char *path, struct batsim_profile *out,
                        struct err *err)
{
    enum profile_kind kind = kind_of(profile);
    double communication = 0;
    out->is_known = kind != KIND_UNKNOWN;
    switch (kind) {
    case KIND_DELAY:
        if (json_object_get(profile, "delay") == NULL) {
            return json_unexpected(path, "delay", NULL, "a number of seconds", err);
        }
        return read_amount(profile, path, "delay", &out->delay_s, err);
    case KIND_PER_RESOURCE:
    case KIND_IN_ALL:
        if (!read_amount(profile, path, "com", &communication, err) ||
            !read_amount(profile, path, "cpu",
                         kind == KIND_IN_ALL ? &out->total_operations : &out->operations, err)) {
            return false;
        }
        out->communicates = communication > 0;
        return true;
    case KIND_LIST:
        if (!read_list(profile, path, "com", &communication, err) ||
            !read_list(profile, path, "cpu", &out->operations, err)) {
            return false;
        }
        out->communicates = communication > 0;
        return true;
    case KIND_SEQUENCE:
    case KIND_UNKNOWN:
        break;
    }
    return true;
}

static void add_part(struct batsim_profile *sum, const struct batsim_profile *part, double times)
{
    sum->delay_s += part->delay_s * times;
    sum->operations += part->operations * times;
    sum->total_operations += part->total_operations * times;
    sum->is_known = sum->is_known && part->is_known;
    sum->communicates = sum->communicates || part->communicates;
}

/* The profiles being read, and which of them are. */
struct reading {
    struct batsim_profiles *all;
    bool *done;
};

/* Adds up sequence number `number` if its parts are all done. */
static bool read_sequence(struct reading *reading, const json_t *profile, const char *path,
                          uint32_t number, struct err *err)
{
    const struct batsim_profiles *all = reading->all;
    struct batsim_profile *out = &reading->all->list.items[number];
    const json_t *parts = NULL;
    double times = 1;
    const char *repeat = json_object_get(profile, "repeat") != NULL ? "repeat" : "nb";
    struct batsim_profile sum = {.is_known = true, .fails = out->fails};
    if (!json_read_array(profile, path, "seq", &parts, err) ||
        !read_amount(profile, path, repeat, &times, err)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(parts); i++) {
        const char *name = json_string_value(json_array_get(parts, i));
        uint32_t part = name == NULL ? NAMES_NONE : names_find(&all->names, view_of(name));
        if (part == NAMES_NONE) {
            char at[JSON_PATH_MOST];
            json_path(at, path, "seq", (long)i);
            return json_unexpected(at, "", json_array_get(parts, i), "the name of a profile", err);
        }
        if (!reading->done[part]) {
            return true;
        }
        add_part(&sum, &all->list.items[part], times);
    }
    if (sum.delay_s > most_amount || sum.operations > most_amount ||
        sum.total_operations > most_amount) {
        return json_unexpected(path, "seq", parts, "at most 10^30 seconds or operations", err);
    }
    *out = sum;
    reading->done[number] = true;
    return true;
}

/* One pass over what is not done yet; *count is how many got done. */
static bool pass(struct reading *reading, json_t *object, uint32_t *count, struct err *err)
{
    uint32_t number = 0;
    *count = 0;
    for (void *i = json_object_iter(object); i != NULL;
         i = json_object_iter_next(object, i), number++) {
        const json_t *profile = json_object_iter_value(i);
        char path[JSON_PATH_MOST];
        if (reading->done[number]) {
            continue;
        }
        json_path(path, "profiles", json_object_iter_key(i), -1);
        bool ok = true;
        if (kind_of(profile) == KIND_SEQUENCE) {
            ok = read_sequence(reading, profile, path, number, err);
        } else {
            ok = read_simple(profile, path, &reading->all->list.items[number], err);
            reading->done[number] = true;
        }
        if (!ok) {
            return false;
        }
        *count += reading->done[number] ? 1 : 0;
    }
    return true;
}

/* The names, and what every profile has. */
static bool read_names(json_t *object, struct batsim_profiles *out, struct err *err)
{
    for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i)) {
        const json_t *profile = json_object_iter_value(i);
        const char *name = json_object_iter_key(i);
        char path[JSON_PATH_MOST];
        json_path(path, "profiles", name, -1);
        struct batsim_profile empty = {.is_known = false};
        int64_t code = 0;
        if (!json_is_object(profile)) {
            return json_unexpected(path, "", profile, "an object", err);
        }
        if (!json_is_string(json_object_get(profile, "type"))) {
            return json_unexpected(path, "type", json_object_get(profile, "type"),
                                   "the type of the profile, like \"delay\"", err);
        }
        if (!json_read_whole(profile, path, "ret", (struct json_range){INT32_MIN, INT32_MAX}, &code,
                             err)) {
            return false;
        }
        empty.fails = code != 0;
        bool is_new = false;
        (void)names_add(&out->names, view_of(name), &is_new);
        CHECK(is_new);
        vec_push(&out->list, empty);
    }
    return true;
}

bool batsim_profiles_read(json_t *object, struct batsim_profiles *out, struct err *err)
{
    *out = (struct batsim_profiles){0};
    if (!json_is_object(object)) {
        return json_unexpected("", "profiles", object, "an object", err);
    }
    bool ok = read_names(object, out, err);
    bool *done = mem_alloc(out->list.count, sizeof(*done));
    struct reading reading = {out, done};
    size_t done_count = 0;
    uint32_t count = 1;
    for (int level = 0; ok && count > 0 && level < MOST_LEVELS; level++) {
        ok = pass(&reading, object, &count, err);
        done_count += ok ? count : 0;
    }
    if (ok && done_count < out->list.count) {
        uint32_t left = 0;
        while (done[left]) {
            left++;
        }
        ok = err_set(err, ERR_FORMAT, 0,
                     "at profiles.%.60s: a sequence that contains itself, or sequences within "
                     "sequences deeper than %d",
                     names_get(&out->names, left), MOST_LEVELS);
    }
    free(done);
    if (!ok) {
        batsim_profiles_release(out);
    }
    return ok;
}

void batsim_profiles_release(struct batsim_profiles *profiles)
{
    names_release(&profiles->names);
    vec_release(&profiles->list);
}
