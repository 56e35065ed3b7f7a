/* read.c - see read.h. */
#include "sim/check/read.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/base/file.h"

json_t *read_document(const char *path, struct err *err)
{
    struct file file;
    if (!file_read(path, (size_t)1 << 30, &file, err)) {
        return NULL;
    }
    json_error_t problem;
    json_t *document = json_loadb(file.bytes, file.length, 0, &problem);
    if (document == NULL && json_error_code(&problem) == json_error_numeric_overflow) {
        /* Records have amounts that no integer holds. */
        document = json_loadb(file.bytes, file.length, JSON_DECODE_INT_AS_REAL, &problem);
    }
    file_release(&file);
    if (document == NULL) {
        err_set(err, ERR_FORMAT, problem.line, "%s", problem.text);
        err_locate(err, path);
    }
    return document;
}

static void add_path(struct text *text, const struct place *place)
{
    /* Depth is that of the reading code, not of the document. */
    if (place->up != NULL) {
        add_path(text, place->up);
        if (place->key != NULL) {
            text_addf(text, "%s%s", text->length > 0 ? "." : "", place->key);
        } else {
            text_addf(text, "[%zu]", place->index);
        }
    }
}

void read_fail(struct reader *reader, const struct place *place, const char *message)
{
    if (reader->failed) {
        return;
    }
    struct text path = {0};
    text_add(&path, "");
    add_path(&path, place);
    reader->failed = true;
    err_set(reader->err, ERR_FORMAT, 0, "%s: %s", path.length > 0 ? path.bytes : "document",
            message);
    text_release(&path);
}

struct place place_get(const struct place *up, const char *key)
{
    const json_t *value = json_object_get(up->value, key);
    return (struct place){up, key, 0, json_is_null(value) ? NULL : value};
}

struct place place_item(const struct place *up, size_t index)
{
    return (struct place){up, NULL, index, json_array_get(up->value, index)};
}

size_t read_count(struct reader *reader, const struct place *list)
{
    if (list->value != NULL && !json_is_array(list->value)) {
        read_fail(reader, list, "expected a list");
        return 0;
    }
    return json_array_size(list->value);
}

const char *read_string(struct reader *reader, const struct place *place)
{
    if (!json_is_string(place->value)) {
        read_fail(reader, place, "expected a text");
        return "";
    }
    return json_string_value(place->value);
}

double read_value(struct reader *reader, const struct place *place)
{
    if (json_is_number(place->value)) {
        return json_number_value(place->value);
    }
    const char *text = json_string_value(place->value);
    if (text != NULL && strcmp(text, "inf") == 0) {
        return (double)INFINITY;
    }
    if (text != NULL && strcmp(text, "-inf") == 0) {
        return -(double)INFINITY;
    }
    if (text != NULL && strcmp(text, "nan") == 0) {
        return (double)NAN;
    }
    read_fail(reader, place, "expected a number");
    return 0;
}

const char *read_text(struct reader *reader, const struct place *up, const char *key,
                      const char *fallback)
{
    struct place place = place_get(up, key);
    return place.value == NULL ? fallback : read_string(reader, &place);
}

const char *read_name(struct reader *reader, const struct place *up)
{
    const char *name = read_text(reader, up, "name", "");
    if (name[0] == '\0') {
        struct place place = place_get(up, "name");
        read_fail(reader, &place, "expected a name");
    }
    return name;
}

double read_number(struct reader *reader, const struct place *up, const char *key, double fallback)
{
    struct place place = place_get(up, key);
    return place.value == NULL ? fallback : read_value(reader, &place);
}

int64_t read_int(struct reader *reader, const struct place *up, const char *key, int64_t fallback)
{
    struct place place = place_get(up, key);
    if (place.value == NULL) {
        return fallback;
    }
    if (json_is_integer(place.value)) {
        return json_integer_value(place.value);
    }
    double number = json_number_value(place.value);
    if (!json_is_real(place.value) || fabs(number) > 9e15 || floor(number) < number) {
        read_fail(reader, &place, "expected a whole number");
        return fallback;
    }
    return (int64_t)number;
}

int64_t read_between(struct reader *reader, const struct place *up, const char *key, int64_t least,
                     int64_t most)
{
    int64_t number = read_int(reader, up, key, 0);
    if (number < least || number > most) {
        struct place place = place_get(up, key);
        char message[96];
        (void)snprintf(message, sizeof message, "expected a number from %" PRId64 " to %" PRId64,
                       least, most);
        read_fail(reader, &place, message);
        return 0;
    }
    return number;
}

bool read_bool(struct reader *reader, const struct place *up, const char *key, bool fallback)
{
    struct place place = place_get(up, key);
    if (place.value == NULL) {
        return fallback;
    }
    if (!json_is_boolean(place.value)) {
        read_fail(reader, &place, "expected true or false");
        return fallback;
    }
    return json_is_true(place.value);
}

bool read_has(const struct place *up, const char *key)
{
    return place_get(up, key).value != NULL;
}

const char *const *read_texts(struct reader *reader, const struct place *up, const char *key,
                              size_t *count)
{
    struct place list = place_get(up, key);
    *count = read_count(reader, &list);
    const char **texts = arena_alloc(reader->arena, *count, sizeof(*texts));
    for (size_t i = 0; i < *count; i++) {
        struct place item = place_item(&list, i);
        texts[i] = read_string(reader, &item);
    }
    return texts;
}
