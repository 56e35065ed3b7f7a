/* out_files.c - see out_files.h. */
#include "sim/cli/out_files.h"

#include "sim/report/files.h"

bool out_text(const struct out_folder *folder, const char *name, struct text *content,
              struct err *err)
{
    char *path = out_folder_file(folder, name);
    bool ok = file_write(path, (struct view){content->bytes, content->length}, err);
    free(path);
    text_release(content);
    return ok;
}

bool out_json(const struct out_folder *folder, const char *name, json_t *value, struct err *err)
{
    struct text text = {0};
    files_add_json(&text, value);
    json_decref(value);
    return out_text(folder, name, &text, err);
}

bool out_results(const struct cli_args *args, unsigned formats, out_write *write, const void *what,
                 struct err *err)
{
    struct out_folder folder;
    const struct figure_files files = {&folder, cli_flag(args, "--report"), formats};
    const char *path = cli_value(args, "--out");
    if (path == NULL) {
        return true;
    }
    if (!out_folder_open(&folder, path, err)) {
        return false;
    }
    if (!write(&files, what, err)) {
        out_folder_abandon(&folder);
        return false;
    }
    return out_folder_close(&folder, err);
}
