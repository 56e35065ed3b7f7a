/* settings.c - see settings.h. */
#include "sim/diff/settings.h"

#include "sim/base/file.h"
#include "sim/base/json_read.h"

static json_t *read_run(const char *folder, struct err *err)
{
    struct text path = {0};
    text_addf(&path, "%s/run.json", folder);
    struct file file;
    json_t *value = NULL;
    if (file_read(path.bytes, FILE_MOST_BYTES, &file, err)) {
        value = json_parse(file.bytes, file.length, err);
        file_release(&file);
        if (value == NULL) {
            (void)err_locate(err, path.bytes);
        }
    }
    text_release(&path);
    return value;
}

static void add_difference(json_t *list, const char *path, const json_t *a, const json_t *b)
{
    json_t *row = json_object();
    json_object_set_new(row, "setting", json_string(path));
    json_object_set_new(row, "a", a == NULL ? json_null() : json_deep_copy(a));
    json_object_set_new(row, "b", b == NULL ? json_null() : json_deep_copy(b));
    json_array_append_new(list, row);
}

/* One member of both; `a` or `b` is NULL where it is missing. */
static void compare(json_t *list, const char *path, const json_t *a, const json_t *b);

static void compare_members(json_t *list, const char *path, const json_t *a, const json_t *b)
{
    const char *key;
    json_t *value;
    char inner[JSON_PATH_MOST];
    json_object_foreach((json_t *)(uintptr_t)a, key, value)
    {
        json_path(inner, path, key, -1);
        compare(list, inner, value, json_object_get(b, key));
    }
    json_object_foreach((json_t *)(uintptr_t)b, key, value)
    {
        if (json_object_get(a, key) == NULL) {
            json_path(inner, path, key, -1);
            compare(list, inner, NULL, value);
        }
    }
}

static void compare(json_t *list, const char *path, const json_t *a, const json_t *b)
{
    if (json_is_object(a) && json_is_object(b)) {
        compare_members(list, path, a, b);
    } else if (!json_equal(a, b)) {
        add_difference(list, path, a, b);
    }
}

json_t *settings_differences(const char *folder_a, const char *folder_b, struct err *err)
{
    json_t *a = read_run(folder_a, err);
    json_t *b = a == NULL ? NULL : read_run(folder_b, err);
    json_t *list = NULL;
    if (b != NULL) {
        list = json_array();
        compare(list, "", a, b);
    }
    json_decref(a);
    json_decref(b);
    return list;
}
