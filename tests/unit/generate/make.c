/* make.c - see make.h. */
#include "tests/unit/generate/make.h"

#include <unistd.h>

#include <criterion/criterion.h>

struct generate_model make_model(const char *json)
{
    struct generate_model model;
    struct err err = {0};
    char *text = mem_copy_text(json, strlen(json));
    for (char *c = text; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    bool ok = generate_model_read(view_of(text), &model, &err);
    cr_assert(ok, "%s: %s", json, err.msg);
    free(text);
    return model;
}

struct workload make_jobs(const char *json, uint64_t seed, struct generate_options options)
{
    struct generate_model model = make_model(json);
    struct workload workload;
    struct err err = {0};
    bool ok = generate_workload(&model, seed, &options, &workload, &err);
    cr_assert(ok, "%s: %s", json, err.msg);
    generate_model_release(&model);
    return workload;
}

char *make_trace_path(const char *file)
{
    const char *folder = getenv("BERTH_TRACES");
    struct text path = {0};
    text_addf(&path, "%s/%s", folder == NULL ? "../shared/traces" : folder, file);
    if (access(path.bytes, R_OK) != 0) {
        cr_log_warn("passed over: %s is not there", path.bytes);
        text_release(&path);
        return NULL;
    }
    return path.bytes;
}
