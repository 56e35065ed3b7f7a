/* out_files.c - see out_files.h. */
#include "sim/cli/out_files.h"

#include "sim/base/check.h"

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
    char *dump = json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    CHECK(dump != NULL);
    struct text text = {0};
    text_addf(&text, "%s\n", dump);
    free(dump);
    json_decref(value);
    return out_text(folder, name, &text, err);
}
