/*
 * native.c - Berth's own CSV (DESIGN 5.1); sim/workload/native_row.h says what its columns mean.
 */
#include <stddef.h>

#include "sim/workload/native_row.h"
#include "sim/workload/trace_format.h"

struct native_params {
    bool ignore_unknown;
};

static const struct param_spec native_params[] = {
    {.name = "ignore_unknown",
     .type = PARAM_BOOL,
     .offset = offsetof(struct native_params, ignore_unknown),
     .dflt = "false",
     .help = "pass over columns that are not known"},
    {0},
};

static bool native_detect(struct view head)
{
    static const char *const names[] = {"job_id", "submit_s", "duration_s", "gpus", NULL};
    return columns_detect(head, names);
}

static bool native_read(const void *params, struct file *file, struct workload *out,
                        struct err *err)
{
    const struct native_params *settings = params;
    struct columns row;
    struct job_draft draft;
    if (!columns_open(&row, file, native_columns, settings->ignore_unknown, err)) {
        return false;
    }
    struct text models = {0};
    bool ok = true;
    while (ok && columns_next(&row, err)) {
        ok = native_row_read(&row, &draft, err) &&
             native_row_speeds(&row, &out->speeds, &draft, &models, err) &&
             workload_add(out, &draft, columns_line(&row), err);
    }
    text_release(&models);
    return ok && err->code == ERR_NONE;
}

const struct trace_format trace_format_native = {
    .name = "native",
    .help = "Berth's own CSV: job_id,submit_s,duration_s,gpus and optional columns",
    .params_size = sizeof(struct native_params),
    .params = native_params,
    .detect = native_detect,
    .read = native_read,
};
