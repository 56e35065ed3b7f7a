/* field.c - see field.h. */
#include "sim/generate/field.h"

#include <math.h>
#include <stdio.h>

#include "sim/base/text.h"

bool field_number(const struct place *place, const char *key, struct field_range range, double *out,
                  struct err *err)
{
    const json_t *value = json_object_get(place->object, key);
    if (value == NULL) {
        return true;
    }
    double number = json_is_number(value) ? json_number_value(value) : (double)NAN;
    if (!(number >= range.least && number <= range.most)) {
        char expected[80];
        (void)snprintf(expected, sizeof(expected), "a number from %.10g to %.10g", range.least,
                       range.most);
        return json_unexpected(place->path, key, value, expected, err);
    }
    *out = number;
    return true;
}

bool field_count(const struct place *place, const char *key, struct field_range range,
                 uint32_t *out, struct err *err)
{
    int64_t number = *out;
    struct json_range whole = {(int64_t)range.least, (int64_t)range.most};
    if (!json_read_whole(place->object, place->path, key, whole, &number, err)) {
        return false;
    }
    *out = (uint32_t)number;
    return true;
}

bool field_bool(const struct place *place, const char *key, bool *out, struct err *err)
{
    const json_t *value = json_object_get(place->object, key);
    if (value == NULL) {
        return true;
    }
    if (!json_is_boolean(value)) {
        return json_unexpected(place->path, key, value, "true or false", err);
    }
    *out = json_is_true(value);
    return true;
}

bool field_word(const struct place *place, const char *key, const char *const *words, unsigned *out,
                struct err *err)
{
    const json_t *value = json_object_get(place->object, key);
    if (value == NULL) {
        return true;
    }
    struct text expected = {0};
    text_add(&expected, "one of");
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (json_is_string(value) && strcmp(json_string_value(value), words[i]) == 0) {
            text_release(&expected);
            *out = i;
            return true;
        }
        text_addf(&expected, "%s %s", i > 0 ? "," : "", words[i]);
    }
    (void)json_unexpected(place->path, key, value, expected.bytes, err);
    text_release(&expected);
    return false;
}

bool field_must_be_there(const struct place *place, const char *key, const char *expected,
                         struct err *err)
{
    return json_object_get(place->object, key) != NULL ||
           json_unexpected(place->path, key, NULL, expected, err);
}
