/*
 * json_slice.h - a large JSON text value by value: the texts of the members of one object or array,
 * without a tree of all of it. Each is parsed, and so checked, by whoever wants it.
 */
#ifndef BASE_JSON_SLICE_H
#define BASE_JSON_SLICE_H

#include <stdint.h>

#include <jansson.h>

#include "sim/base/err.h"
#include "sim/base/view.h"

/* The text of a value, and the line of the whole text on which it starts. */
struct json_slice {
    struct view text;
    int64_t line;
};

struct json_slices {
    const char *at;
    const char *end;
    int64_t line;
    char closing;  /* '}' or ']' */
    bool is_first; /* no member was read yet */
};

/* Starts at the first member of an object ("{") or array ("["). False when the value is another. */
bool json_slices_open(struct json_slices *slices, struct json_slice value, char bracket,
                      struct err *err);

/* The next member; `key` is the text between the quotes, with its escapes, and may be NULL for an
 * array. False at the end (err->code is ERR_NONE), behind which only blanks may follow, or at what
 * is no JSON. Cost: the length of the member. */
bool json_slices_next(struct json_slices *slices, struct view *key, struct json_slice *value,
                      struct err *err);

/* Parses a member; errors carry the line of the whole text. The caller owns the value. */
json_t *json_slice_parse(struct json_slice value, struct err *err);

#endif
