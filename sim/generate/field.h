/*
 * field.h - bounded values out of the JSON of a model, with errors that name the path.
 */
#ifndef GENERATE_FIELD_H
#define GENERATE_FIELD_H

#include "sim/base/json_read.h"

/* An object and where it stands. */
struct place {
    const json_t *object;
    const char *path;
};

struct field_range {
    double least;
    double most;
};

/* Each leaves *out as it is when the key is absent. */
bool field_number(const struct place *place, const char *key, struct field_range range, double *out,
                  struct err *err);
bool field_count(const struct place *place, const char *key, struct field_range range,
                 uint32_t *out, struct err *err);
bool field_bool(const struct place *place, const char *key, bool *out, struct err *err);

/* One of the words of a NULL-ended list, as its position. */
bool field_word(const struct place *place, const char *key, const char *const *words, unsigned *out,
                struct err *err);

/* Refuses an object that lacks the key. */
bool field_must_be_there(const struct place *place, const char *key, const char *expected,
                         struct err *err);

#endif
