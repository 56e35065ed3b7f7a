/*
 * json_read.h - values out of JSON objects, with errors that name the path.
 *
 * Every reader leaves *out as it is when the key is absent, so defaults are what was there before.
 * `path` says where the object is ("pools[2]"), "" at the top.
 */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "sim/base/err.h"

enum { JSON_PATH_MOST = 160 };

/* Parses a text; duplicate keys are refused. NULL with the line and column in *err when it is not
 * JSON. The caller owns the value. */
json_t *json_parse(const char *text, size_t length, struct err *err);

/* Is `value` an object with no other keys than these (ended by NULL)? */
bool json_check_object(const json_t *value, const char *path, const char *const *keys,
                       struct err *err);

bool json_read_text(const json_t *object, const char *path, const char *key, const char **out,
                    struct err *err);

/* A whole number from `least` to `most`. */
struct json_range {
    int64_t least;
    int64_t most;
};
bool json_read_whole(const json_t *object, const char *path, const char *key,
                     struct json_range range, int64_t *out, struct err *err);

/* A finite number of at least `least`. */
bool json_read_number(const json_t *object, const char *path, const char *key, double least,
                      double *out, struct err *err);

/* An array, NULL when absent. */
bool json_read_array(const json_t *object, const char *path, const char *key, const json_t **out,
                     struct err *err);

/* Writes "path.key", "path.key[index]" (index >= 0), or "key" when path is empty. */
void json_path(char out[JSON_PATH_MOST], const char *path, const char *key, long index);

/* Fills *err: "at PATH: found WHAT, expected EXPECTED"; returns false. */
bool json_unexpected(const char *path, const char *key, const json_t *found, const char *expected,
                     struct err *err);

#endif
