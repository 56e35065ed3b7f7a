/* json_read.c - see json_read.h. */
#include "sim/base/json_read.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "sim/base/check.h"
#include "sim/base/param.h"

json_t *json_parse(const char *text, size_t length, struct err *err)
{
    json_error_t problem;
    json_t *value = json_loadb(text, length, JSON_REJECT_DUPLICATES, &problem);
    if (value == NULL) {
        (void)err_set(err, ERR_FORMAT, problem.line > 0 ? problem.line : 0,
                      "not valid JSON (column %d): %s", problem.column, problem.text);
    }
    return value;
}

void json_path(char out[JSON_PATH_MOST], const char *path, const char *key, long index)
{
    const char *dot = path[0] != '\0' && key[0] != '\0' ? "." : "";
    if (index >= 0) {
        (void)snprintf(out, JSON_PATH_MOST, "%.80s%s%.20s[%ld]", path, dot, key, index);
    } else {
        (void)snprintf(out, JSON_PATH_MOST, "%.80s%s%.30s", path, dot, key);
    }
}

static const char *kind_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        return "null";
    case JSON_STRING:
    case JSON_INTEGER:
    case JSON_REAL:
        break;
    }
    CHECK_NEVER("a type that is shown by its value");
}

bool json_unexpected(const char *path, const char *key, const json_t *found, const char *expected,
                     struct err *err)
{
    char where[JSON_PATH_MOST];
    json_path(where, path, key, -1);
    const char *at = where[0] == '\0' ? "the top" : where;
    if (found == NULL) {
        return err_set(err, ERR_FORMAT, 0, "at %s: missing, expected %s", at, expected);
    }
    if (json_is_string(found)) {
        return err_set(err, ERR_FORMAT, 0, "at %s: found \"%.60s\", expected %s", at,
                       json_string_value(found), expected);
    }
    if (json_is_number(found)) {
        return err_set(err, ERR_FORMAT, 0, "at %s: found %.15g, expected %s", at,
                       json_number_value(found), expected);
    }
    return err_set(err, ERR_FORMAT, 0, "at %s: found %s, expected %s", at, kind_of(found),
                   expected);
}

bool json_check_object(const json_t *value, const char *path, const char *const *keys,
                       struct err *err)
{
    if (!json_is_object(value)) {
        return json_unexpected(path, "", value, "an object", err);
    }
    void *iterator = json_object_iter((json_t *)(uintptr_t)value);
    for (; iterator != NULL;
         iterator = json_object_iter_next((json_t *)(uintptr_t)value, iterator)) {
        const char *key = json_object_iter_key(iterator);
        bool known = false;
        for (const char *const *k = keys; *k != NULL; k++) {
            known = known || strcmp(*k, key) == 0;
        }
        if (!known) {
            const char *nearest = param_nearest(view_of(key), keys);
            const char *at = path[0] == '\0' ? "the top" : path;
            return err_set(err, ERR_FORMAT, 0, "at %s: unknown key \"%.40s\"%s%s%s", at, key,
                           nearest != NULL ? "; did you mean \"" : "",
                           nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
        }
    }
    return true;
}

bool json_read_text(const json_t *object, const char *path, const char *key, const char **out,
                    struct err *err)
{
    const json_t *value = json_object_get(object, key);
    if (value == NULL) {
        return true;
    }
    if (!json_is_string(value)) {
        return json_unexpected(path, key, value, "a string", err);
    }
    *out = json_string_value(value);
    return true;
}

bool json_read_whole(const json_t *object, const char *path, const char *key,
                     struct json_range range, int64_t *out, struct err *err)
{
    const json_t *value = json_object_get(object, key);
    if (value == NULL) {
        return true;
    }
    if (!json_is_integer(value) || json_integer_value(value) < range.least ||
        json_integer_value(value) > range.most) {
        char expected[80];
        (void)snprintf(expected, sizeof(expected), "a whole number from %" PRId64 " to %" PRId64,
                       range.least, range.most);
        return json_unexpected(path, key, value, expected, err);
    }
    *out = json_integer_value(value);
    return true;
}

bool json_read_number(const json_t *object, const char *path, const char *key, double least,
                      double *out, struct err *err)
{
    const json_t *value = json_object_get(object, key);
    if (value == NULL) {
        return true;
    }
    if (!json_is_number(value) || !isfinite(json_number_value(value)) ||
        json_number_value(value) < least) {
        char expected[80];
        (void)snprintf(expected, sizeof(expected), "a number, %.15g or more", least);
        return json_unexpected(path, key, value, expected, err);
    }
    *out = json_number_value(value);
    return true;
}

bool json_read_array(const json_t *object, const char *path, const char *key, const json_t **out,
                     struct err *err)
{
    const json_t *value = json_object_get(object, key);
    if (value == NULL) {
        return true;
    }
    if (!json_is_array(value)) {
        return json_unexpected(path, key, value, "an array", err);
    }
    *out = value;
    return true;
}
