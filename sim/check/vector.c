/* vector.c - see vector.h: finding the function, comparing the answer. */
#include "sim/check/vector.h"

#include <math.h>
#include <string.h>

static const struct vector_function *const TABLES[] = {
    vector_queue_functions,  vector_job_functions,  vector_node_functions,
    vector_solver_functions, vector_rule_functions, vector_pod_functions};

static const struct vector_function *find_function(const char *name)
{
    for (size_t t = 0; t < sizeof(TABLES) / sizeof(*TABLES); t++) {
        for (const struct vector_function *f = TABLES[t]; f->name != NULL; f++) {
            if (strcmp(f->name, name) == 0) {
                return f;
            }
        }
    }
    return NULL;
}

/* What a missing key stands for. */
static bool is_nothing(const json_t *value)
{
    return value == NULL || json_is_null(value) || json_is_false(value) ||
           (json_is_number(value) && !(json_number_value(value) < 0) &&
            !(json_number_value(value) > 0)) ||
           (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

/* An object of nothings is nothing as well, and so is what only rounding left. */
static bool is_nothing_inside(const json_t *value)
{
    if (json_is_object(value)) {
        const char *key;
        json_t *item;
        json_object_foreach((json_t *)(uintptr_t)value, key, item)
        {
            if (!is_nothing_inside(item)) {
                return false;
            }
        }
        return true;
    }
    return is_nothing(value) || (json_is_number(value) && fabs(json_number_value(value)) <= 1e-12);
}

static bool same(const json_t *a, const json_t *b, double relative);

static bool same_arrays(const json_t *a, const json_t *b, double relative)
{
    if (json_array_size(a) != json_array_size(b)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(a); i++) {
        if (!same(json_array_get(a, i), json_array_get(b, i), relative)) {
            return false;
        }
    }
    return true;
}

static bool same_objects(const json_t *a, const json_t *b, double relative)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)a, key, value)
    {
        if (!same(value, json_object_get(b, key), relative)) {
            return false;
        }
    }
    json_object_foreach((json_t *)(uintptr_t)b, key, value)
    {
        if (json_object_get(a, key) == NULL && !is_nothing_inside(value)) {
            return false;
        }
    }
    return true;
}

static bool same(const json_t *a, const json_t *b, double relative)
{
    if (is_nothing(a) || is_nothing(b)) {
        return is_nothing_inside(a) && is_nothing_inside(b);
    }
    if (json_is_number(a) && json_is_number(b)) {
        double x = json_number_value(a), y = json_number_value(b);
        return fabs(x - y) <= relative * fmax(fabs(x), fabs(y));
    }
    if (json_is_object(a) && json_is_object(b)) {
        return same_objects(a, b, relative);
    }
    if (json_is_array(a) && json_is_array(b)) {
        return same_arrays(a, b, relative);
    }
    return json_equal(a, b) != 0;
}

/* Answers whose order of pod sets is free are cut into one list a pod set. */
static json_t *by_pod_set(const json_t *answer, const json_t *input)
{
    json_t *lists = json_object();
    const json_t *tasks = json_object_get(answer, "tasks");
    const json_t *all = json_object_get(json_object_get(input, "job"), "tasks");
    for (size_t i = 0; i < json_array_size(tasks); i++) {
        const char *id = json_string_value(json_array_get(tasks, i));
        const char *set = "default";
        for (size_t k = 0; id != NULL && k < json_array_size(all); k++) {
            const json_t *task = json_array_get(all, k);
            const char *own = json_string_value(json_object_get(task, "id"));
            const char *named = json_string_value(json_object_get(task, "pod_set"));
            if (own != NULL && strcmp(own, id) == 0 && named != NULL) {
                set = named;
            }
        }
        if (json_object_get(lists, set) == NULL) {
            json_object_set_new(lists, set, json_array());
        }
        json_array_append(json_object_get(lists, set), json_array_get(tasks, i));
    }
    json_object_set(lists, "has_more", json_object_get(answer, "has_more"));
    return lists;
}

static bool matches(const json_t *vector, const json_t *answer, const json_t *expected,
                    double relative)
{
    if (json_object_get(vector, "unordered") == NULL) {
        return same(answer, expected, relative);
    }
    json_t *mine = by_pod_set(answer, json_object_get(vector, "input"));
    json_t *theirs = by_pod_set(expected, json_object_get(vector, "input"));
    bool equal = same(mine, theirs, relative);
    json_decref(mine);
    json_decref(theirs);
    return equal;
}

/* Wording is the original's own. */
static json_t *without_wording(const json_t *output)
{
    json_t *copy = json_copy((json_t *)(uintptr_t)output);
    if (json_is_object(copy)) {
        json_object_del(copy, "message");
    }
    return copy;
}

static bool passes(const json_t *vector, const json_t *answer, const char *family)
{
    const json_t *any = json_object_get(vector, "output_any_of");
    double relative = any != NULL || strcmp(family, "fair_share") == 0 ? 1e-9 : 1e-12;
    size_t count = any != NULL ? json_array_size(any) : 1;
    bool good = false;
    for (size_t i = 0; i < count && !good; i++) {
        json_t *expected = without_wording(any != NULL ? json_array_get(any, i)
                                                       : json_object_get(vector, "output"));
        good = matches(vector, answer, expected, relative);
        json_decref(expected);
    }
    return good;
}

/* The path to the first part that differs. */
static void find_difference(const json_t *got, const json_t *expected, double relative,
                            struct text *path)
{
    const char *key;
    json_t *value;
    if (json_is_object(got) && json_is_object(expected)) {
        json_t *both = json_copy((json_t *)(uintptr_t)expected);
        (void)json_object_update_missing(both, (json_t *)(uintptr_t)got);
        json_object_foreach(both, key, value)
        {
            const json_t *a = json_object_get(got, key), *b = json_object_get(expected, key);
            if (!same(a, b, relative)) {
                text_addf(path, "%s%s", path->length > 0 ? "." : "", key);
                find_difference(a, b, relative, path);
                break;
            }
        }
        json_decref(both);
        return;
    }
    if (json_is_array(got) && json_is_array(expected) &&
        json_array_size(got) == json_array_size(expected)) {
        for (size_t i = 0; i < json_array_size(got); i++) {
            const json_t *a = json_array_get(got, i), *b = json_array_get(expected, i);
            if (!same(a, b, relative)) {
                text_addf(path, "[%zu]", i);
                find_difference(a, b, relative, path);
                return;
            }
        }
    }
    char *mine = got == NULL ? NULL : json_dumps(got, JSON_COMPACT | JSON_ENCODE_ANY);
    char *theirs = expected == NULL ? NULL : json_dumps(expected, JSON_COMPACT | JSON_ENCODE_ANY);
    text_addf(path, "%s: expected %s, got %s", path->length > 0 ? "" : "the answer",
              theirs == NULL ? "nothing" : theirs, mine == NULL ? "nothing" : mine);
    free(mine);
    free(theirs);
}

static void tell(struct text *difference, const json_t *vector, const json_t *answer)
{
    const json_t *any = json_object_get(vector, "output_any_of");
    const json_t *output = any != NULL ? json_array_get(any, 0) : json_object_get(vector, "output");
    json_t *expected = without_wording(output);
    if (any != NULL) {
        text_addf(difference, "none of %zu answers; of the first: ", json_array_size(any));
    }
    struct text path = {0};
    find_difference(answer, expected, 1e-12, &path);
    text_add(difference, path.bytes);
    text_release(&path);
    json_decref(expected);
}

/* False: the input makes no sense, and *err tells what is wrong with it. */
static bool judge_one(const struct vector_function *function, const char *family,
                      const struct place *vector, struct text *difference, struct err *err)
{
    struct vector_run v = {0};
    v.r = (struct reader){.err = err, .arena = &v.arena};
    struct place input = {.value = json_object_get(vector->value, "input")};
    struct place root = {.value = vector->value};
    input.up = &root;
    input.key = "input";
    json_t *answer = NULL;
    if (json_is_object(input.value)) {
        answer = function->answer(&v, &input);
    } else {
        read_fail(&v.r, &input, "expected an object");
    }
    if (answer == NULL && !v.r.failed) {
        read_fail(&v.r, &input, "expected what this decision is about");
    }
    if (!v.r.failed && !passes(vector->value, answer, family)) {
        tell(difference, vector->value, answer);
    }
    json_decref(answer);
    if (v.open) {
        core_close(v.core);
    }
    core_free(v.core);
    vec_release(&v.puts);
    arena_release(&v.arena);
    return !v.r.failed;
}

static bool is_wanted(const char *filter, const char *family, const char *function,
                      const char *name)
{
    return filter == NULL || strstr(family, filter) != NULL || strstr(function, filter) != NULL ||
           strstr(name, filter) != NULL;
}

/* The vectors of one function. */
struct vector_group {
    const char *family;
    const struct vector_function *function;
    struct place vectors;
};

static bool judge_group(const struct vector_group *group, const char *filter,
                        void (*report)(void *arg, const struct vector_result *result), void *arg,
                        struct err *err)
{
    const char *function = group->function->name;
    bool ok = true;
    for (size_t k = 0; ok && k < json_array_size(group->vectors.value); k++) {
        struct place vector = place_item(&group->vectors, k);
        const char *id = json_string_value(json_object_get(vector.value, "name"));
        struct text difference = {0};
        struct err inner = {0};
        id = id == NULL ? "unnamed" : id;
        if (is_wanted(filter, group->family, function, id)) {
            text_add(&difference, "");
            ok = judge_one(group->function, group->family, &vector, &difference, &inner) ||
                 err_set(err, inner.code, 0, "%.60s, vector %zu '%.100s': %s", function, k, id,
                         inner.msg);
            struct vector_result result = {group->family, function, id, difference.bytes};
            if (ok) {
                report(arg, &result);
            }
        }
        text_release(&difference);
    }
    return ok;
}

bool vectors_judge(const json_t *document, const char *filter,
                   void (*report)(void *arg, const struct vector_result *result), void *arg,
                   struct err *err)
{
    const char *family = json_string_value(json_object_get(document, "family"));
    const json_t *functions = json_object_get(document, "functions");
    if (family == NULL || !json_is_array(functions)) {
        return err_set(err, ERR_FORMAT, 0, "a vector file has a family and functions");
    }
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(functions); i++) {
        struct place item = {.value = json_array_get(functions, i)};
        const char *name = json_string_value(json_object_get(item.value, "function"));
        struct vector_group group = {family, name == NULL ? NULL : find_function(name),
                                     place_get(&item, "vectors")};
        if (group.function == NULL) {
            return err_set(err, ERR_FORMAT, 0, "functions[%zu]: no function '%.60s' is known", i,
                           name == NULL ? "" : name);
        }
        if (!json_is_array(group.vectors.value)) {
            return err_set(err, ERR_FORMAT, 0, "functions[%zu].vectors: expected a list", i);
        }
        ok = judge_group(&group, filter, report, arg, err);
    }
    return ok;
}
