/* expand.c - see expand.h. */
#include "sim/check/expand.h"

#include "sim/base/parse.h"
#include "sim/base/text.h"

enum { MOST_ITEMS = 1000000 };

static bool refuse(struct err *err, struct view pattern)
{
    return err_set(err, ERR_FORMAT, 0, "'{%.*s}' is none of {i}, {i%%K}, {i/K} and {i:0W}",
                   VIEW_ARG(pattern));
}

/* Appends what the pattern between braces ("i%8:03") is for the number. */
static bool add_pattern(struct text *out, struct view pattern, int64_t number, struct err *err)
{
    struct view width_part = {0};
    struct view value_part = view_cut(pattern, ':', &width_part);
    int64_t width = 0, operand = 0;
    if (width_part.at != NULL &&
        (parse_i64(width_part, &width) != PARSE_OK || width < 0 || width > 20)) {
        return refuse(err, pattern);
    }
    if (value_part.length == 0 || value_part.at[0] != 'i') {
        return refuse(err, pattern);
    }
    if (value_part.length > 1) {
        struct view digits = {value_part.at + 2, value_part.length - 2};
        if (parse_i64(digits, &operand) != PARSE_OK || operand < 1) {
            return refuse(err, pattern);
        }
        if (value_part.at[1] != '%' && value_part.at[1] != '/') {
            return refuse(err, pattern);
        }
        number = value_part.at[1] == '%' ? number % operand : number / operand;
    }
    text_addf(out, "%0*lld", (int)width, (long long)number);
    return true;
}

static json_t *expand_text(const char *string, int64_t number, struct err *err)
{
    struct text text = {0};
    text_add(&text, "");
    for (const char *at = string; *at != '\0'; at++) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;
        if (end == NULL) {
            text_add_char(&text, *at);
            continue;
        }
        struct view pattern = {at + 1, (size_t)(end - at) - 1};
        if (!add_pattern(&text, pattern, number, err)) {
            text_release(&text);
            return NULL;
        }
        at = end;
    }
    json_t *value = json_string(text.bytes);
    text_release(&text);
    return value;
}

static json_t *expand_value(const json_t *value, int64_t number, struct err *err);

static json_t *expand_object(const json_t *object, int64_t number, struct err *err)
{
    const json_t *cycle = json_object_get(object, "cycle");
    if (json_array_size(cycle) > 0) {
        return json_deep_copy(json_array_get(cycle, (size_t)number % json_array_size(cycle)));
    }
    json_t *copy = json_copy((json_t *)(uintptr_t)object);
    const char *key;
    json_t *item;
    void *after;
    json_object_foreach_safe(copy, after, key, item)
    {
        json_t *made = expand_value(item, number, err);
        if (made == NULL) {
            json_decref(copy);
            return NULL;
        }
        json_object_set_new(copy, key, made);
    }
    return copy;
}

static json_t *expand_value(const json_t *value, int64_t number, struct err *err)
{
    if (json_is_string(value)) {
        return expand_text(json_string_value(value), number, err);
    }
    if (json_is_object(value)) {
        return expand_object(value, number, err);
    }
    if (!json_is_array(value)) {
        return json_incref((json_t *)(uintptr_t)value);
    }
    json_t *copy = json_array();
    for (size_t i = 0; i < json_array_size(value); i++) {
        json_t *made = expand_value(json_array_get(value, i), number, err);
        if (made == NULL) {
            json_decref(copy);
            return NULL;
        }
        json_array_append_new(copy, made);
    }
    return copy;
}

static bool is_compact(const json_t *item)
{
    return json_is_integer(json_object_get(item, "count")) && json_object_get(item, "item") != NULL;
}

static bool add_copies(json_t *list, const json_t *item, struct err *err)
{
    json_int_t count = json_integer_value(json_object_get(item, "count"));
    if (count < 0 || count > MOST_ITEMS || json_array_size(list) > MOST_ITEMS) {
        return err_set(err, ERR_FORMAT, 0, "count is %lld, expected 0 to %d", (long long)count,
                       MOST_ITEMS);
    }
    for (json_int_t i = 0; i < count; i++) {
        json_t *made = expand_value(json_object_get(item, "item"), i, err);
        if (made == NULL) {
            return false;
        }
        json_array_append_new(list, made);
    }
    return true;
}

/* Replaces the list at `key` of the object by one without compact items. */
static bool expand_list(json_t *object, const char *key, struct err *err)
{
    const json_t *items = json_object_get(object, key);
    json_t *list = json_array();
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(items); i++) {
        json_t *item = json_array_get(items, i);
        if (is_compact(item)) {
            ok = add_copies(list, item, err);
        } else {
            json_array_append(list, item);
        }
    }
    if (ok && json_is_array(items)) {
        json_object_set(object, key, list);
    }
    json_decref(list);
    return ok;
}

json_t *case_expand(const json_t *document, struct err *err)
{
    json_t *copy = json_deep_copy(document);
    bool ok = expand_list(copy, "nodes", err) && expand_list(copy, "jobs", err);
    json_t *jobs = json_object_get(copy, "jobs");
    for (size_t i = 0; ok && i < json_array_size(jobs); i++) {
        ok = expand_list(json_array_get(jobs, i), "tasks", err);
    }
    if (!ok) {
        json_decref(copy);
        return NULL;
    }
    return copy;
}
