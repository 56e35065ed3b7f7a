/*
 * read.h - values out of a JSON document, with the path of what is wrong.
 *
 * A reader remembers the first error and answers with fallbacks from then on, so that code which
 * reads many fields asks once, at the end. A place is a value and how it was reached; its value is
 * NULL when the document has none, and reading from such a place gives the fallbacks. Places point
 * to their parents and live on the stack.
 */
#ifndef CHECK_READ_H
#define CHECK_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "sim/base/arena.h"
#include "sim/base/err.h"

struct place {
    const struct place *up;
    const char *key; /* NULL: an item of a list */
    size_t index;
    const json_t *value;
};

struct reader {
    struct err *err;
    bool failed;
    struct arena *arena; /* what is copied out lives here */
};

/* Reads a file (plain, gzip or zstd) as one JSON document; the caller calls json_decref. */
json_t *read_document(const char *path, struct err *err);

/* Fills the reader's error with the path of `place` and the message, unless one is there. */
void read_fail(struct reader *reader, const struct place *place, const char *message);

struct place place_get(const struct place *up, const char *key);
struct place place_item(const struct place *up, size_t index);

/* The number of items of a list; 0 without one, an error for anything but a list. */
size_t read_count(struct reader *reader, const struct place *list);
/* Members of the object at `up`. A missing one, or null, gives the fallback. */
const char *read_text(struct reader *reader, const struct place *up, const char *key,
                      const char *fallback);
/* The member "name"; a missing or empty one is an error, answered with "". */
const char *read_name(struct reader *reader, const struct place *up);
double read_number(struct reader *reader, const struct place *up, const char *key, double fallback);
int64_t read_int(struct reader *reader, const struct place *up, const char *key, int64_t fallback);
/* A whole number from `least` to `most`; a missing one is 0. */
int64_t read_between(struct reader *reader, const struct place *up, const char *key, int64_t least,
                     int64_t most);
bool read_bool(struct reader *reader, const struct place *up, const char *key, bool fallback);
bool read_has(const struct place *up, const char *key);
/* The value of a place itself: "inf", "-inf" and "nan" are numbers as well. */
double read_value(struct reader *reader, const struct place *place);
const char *read_string(struct reader *reader, const struct place *place);
/* A list of texts; *count is 0 without one. */
const char *const *read_texts(struct reader *reader, const struct place *up, const char *key,
                              size_t *count);

#endif
