/* json_array.c - see json_array.h. */
#include "sim/base/json_array.h"

#include "sim/base/json_read.h"

static void take(struct json_array *array, size_t length)
{
    array->rest.at += length;
    array->rest.length -= length;
}

/* Passes over white space; the next character, or NUL at the end of the text. */
static char peek(struct json_array *array)
{
    while (array->rest.length > 0) {
        char c = array->rest.at[0];
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
            return c;
        }
        array->line += c == '\n' ? 1 : 0;
        take(array, 1);
    }
    return '\0';
}

/* The length of the string at `v`, with its quotes; what is left when it is never closed. */
static size_t string_length(struct view v)
{
    size_t i = 1;
    while (i < v.length && v.at[i] != '"') {
        i += v.at[i] == '\\' ? 2 : 1;
    }
    return i < v.length ? i + 1 : v.length;
}

/* The length of the object or array at `v`, up to the bracket that closes it; 0 when none does. */
static size_t element_length(struct view v)
{
    size_t depth = 0;
    for (size_t i = 0; i < v.length;) {
        char c = v.at[i];
        if (c == '"') {
            i += string_length((struct view){v.at + i, v.length - i});
            continue;
        }
        depth += c == '{' || c == '[' ? 1 : 0;
        i++;
        if (c == '}' || c == ']') {
            depth--;
            if (depth == 0) {
                return i;
            }
        }
    }
    return 0;
}

static json_t *unexpected(const struct json_array *array, const char *expected, struct err *err)
{
    struct view found = {array->rest.at, array->rest.length > 0 ? 1 : 0};
    (void)err_set(err, ERR_FORMAT, array->line, "found '%.*s', expected %s", VIEW_ARG(found),
                  expected);
    return NULL;
}

static json_t *parse_element(struct json_array *array, struct err *err)
{
    struct view element = {array->rest.at, element_length(array->rest)};
    if (element.length == 0) {
        (void)err_set(err, ERR_FORMAT, array->line, "the JSON that starts here is never closed");
        return NULL;
    }
    json_t *value = json_parse(element.at, element.length, err);
    if (value == NULL) {
        err->line += array->line - 1;
        return NULL;
    }
    array->element_line = array->line;
    for (size_t i = 0; i < element.length; i++) {
        array->line += element.at[i] == '\n' ? 1 : 0;
    }
    take(array, element.length);
    return value;
}

json_t *json_array_next(struct json_array *array, struct err *err)
{
    char c = peek(array);
    if (!array->started) {
        if (c != '[') {
            return unexpected(array, "'[', the start of a JSON array", err);
        }
        array->started = true;
        take(array, 1);
        c = peek(array);
        array->ended = c == ']';
    } else if (!array->ended) {
        if (c != ',' && c != ']') {
            return unexpected(array, "',' or ']' behind an element", err);
        }
        array->ended = c == ']';
        take(array, array->ended ? 0 : 1);
        c = peek(array);
    }
    if (array->ended) {
        take(array, c == ']' ? 1 : 0);
        if (peek(array) != '\0') {
            return unexpected(array, "nothing behind the array", err);
        }
        return NULL;
    }
    if (c != '{' && c != '[') {
        return unexpected(array, "an object", err);
    }
    return parse_element(array, err);
}
