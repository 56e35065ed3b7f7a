/* paths.c - see paths.h. */
#include "sim/check/paths.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "sim/base/mem.h"
#include "sim/base/text.h"

enum { MOST_DEPTH = 32 };

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool ends_with_json(const char *name)
{
    size_t length = strlen(name);
    return length > 5 && strcmp(name + length - 5, ".json") == 0;
}

static char *join(const char *folder, const char *name)
{
    struct text text = {0};
    text_addf(&text, "%s/%s", folder, name);
    return text.bytes;
}

static bool add_folder(struct path_list *list, const char *folder, int depth, struct err *err);

static bool add_entry(struct path_list *list, char *path, int depth, struct err *err)
{
    const char *name = path_name(path);
    if (is_folder(path)) {
        bool ok = strcmp(name, "traces") == 0 || add_folder(list, path, depth + 1, err);
        free(path);
        return ok;
    }
    if (ends_with_json(name)) {
        vec_push(&list->items, path);
    } else {
        free(path);
    }
    return true;
}

static bool add_folder(struct path_list *list, const char *folder, int depth, struct err *err)
{
    DIR *directory = opendir(folder);
    if (directory == NULL || depth > MOST_DEPTH) {
        if (directory != NULL) {
            (void)closedir(directory);
        }
        return err_set(err, ERR_USAGE, 0, "%s: %s", folder,
                       directory == NULL ? strerror(errno) : "folders nested too deeply");
    }
    VEC(char *) entries = {0};
    for (const struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        if (entry->d_name[0] != '.') {
            vec_push(&entries, join(folder, entry->d_name));
        }
    }
    (void)closedir(directory);
    if (entries.count > 0) {
        qsort(entries.items, entries.count, sizeof(*entries.items), by_text);
    }
    bool ok = true;
    for (size_t i = 0; i < entries.count; i++) {
        if (ok) {
            ok = add_entry(list, entries.items[i], depth, err);
        } else {
            free(entries.items[i]);
        }
    }
    vec_release(&entries);
    return ok;
}

bool paths_add(struct path_list *list, const char *path, struct err *err)
{
    if (!is_folder(path)) {
        vec_push(&list->items, mem_copy_text(path, strlen(path)));
        return true;
    }
    size_t before = list->items.count;
    if (!add_folder(list, path, 0, err)) {
        return false;
    }
    if (list->items.count == before) {
        return err_set(err, ERR_USAGE, 0, "%s: no .json file below this folder", path);
    }
    return true;
}

void paths_release(struct path_list *list)
{
    for (size_t i = 0; i < list->items.count; i++) {
        free(list->items.items[i]);
    }
    vec_release(&list->items);
}

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

char *path_beside(const char *path, const char *relative)
{
    struct text text = {0};
    text_add_bytes(&text, path, (size_t)(path_name(path) - path));
    text_add(&text, relative);
    return text.bytes;
}
