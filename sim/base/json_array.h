/*
 * json_array.h - the elements of one long JSON array, one at a time: a log of a gigabyte needs the
 * memory of its text and of its longest element, not of the whole tree.
 */
#ifndef BASE_JSON_ARRAY_H
#define BASE_JSON_ARRAY_H

#include <stdint.h>

#include <jansson.h>

#include "sim/base/err.h"
#include "sim/base/view.h"

/* All but `rest` is zero at the start, `line` is 1. */
struct json_array {
    struct view rest; /* what is still to be read */
    int64_t line;     /* where `rest` begins */
    int64_t element_line;
    bool started, ended;
};

/* Starts at the array that is the whole of `text`. */
static inline struct json_array json_array_of(struct view text)
{
    return (struct json_array){.rest = text, .line = 1};
}

/* The next element, which the caller owns; NULL at the end (err->code is ERR_NONE) or where the
 * text is no JSON (err has the line). Elements must be objects or arrays. */
json_t *json_array_next(struct json_array *array, struct err *err);

#endif
