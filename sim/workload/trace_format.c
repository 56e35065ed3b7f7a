/* trace_format.c - the generated table of formats, and reading a trace by one of them. */
#include "sim/workload/trace_format.h"

#include "sim/base/check.h"
#include "sim/base/vec.h"

#define ENTRY(name) extern const struct trace_format trace_format_##name;
#include "format_list.inc"
#undef ENTRY

const struct trace_format *const trace_formats[] = {
#define ENTRY(name) &trace_format_##name,
#include "format_list.inc"
#undef ENTRY
    NULL,
};

const struct trace_format *trace_format_find(const char *name)
{
    for (const struct trace_format *const *at = trace_formats; *at != NULL; at++) {
        if (strcmp((*at)->name, name) == 0) {
            return *at;
        }
    }
    return NULL;
}

static bool unknown_format(struct view name, struct err *err)
{
    VEC(const char *) names = {0};
    struct text all = {0};
    for (const struct trace_format *const *at = trace_formats; *at != NULL; at++) {
        vec_push(&names, (*at)->name);
        text_addf(&all, "%s%s", all.length > 0 ? ", " : "", (*at)->name);
    }
    vec_push(&names, NULL);
    const char *nearest = param_nearest(name, names.items);
    if (nearest != NULL) {
        (void)err_set(err, ERR_USAGE, 0, "no trace format '%.*s'; did you mean '%s'?",
                      VIEW_ARG(name), nearest);
    } else {
        (void)err_set(err, ERR_USAGE, 0, "no trace format '%.*s', expected one of %s",
                      VIEW_ARG(name), all.bytes);
    }
    vec_release(&names);
    text_release(&all);
    return false;
}

bool trace_format_choose(const char *text, struct trace_choice *out, struct err *err)
{
    struct view settings = {0};
    struct view name = view_cut(view_of(text), ':', &settings);
    const struct trace_format *format = NULL;
    for (const struct trace_format *const *at = trace_formats; *at != NULL; at++) {
        format = view_is(name, (*at)->name) ? *at : format;
    }
    if (format == NULL) {
        return unknown_format(name, err);
    }
    void *params = mem_alloc(1, format->params_size > 0 ? format->params_size : 1);
    if (format->raw_settings) {
        CHECK(format->params_size == sizeof(settings));
        memcpy(params, &settings, sizeof(settings));
        *out = (struct trace_choice){format, params};
        return true;
    }
    if (!param_read(format->params, format->name, settings, params, err)) {
        free(params);
        return false;
    }
    *out = (struct trace_choice){format, params};
    return true;
}

struct view trace_head(const struct file *file)
{
    return (struct view){file->bytes,
                         file->length < TRACE_HEAD_BYTES ? file->length : TRACE_HEAD_BYTES};
}

const struct trace_format *trace_format_detect(struct view head)
{
    for (const struct trace_format *const *at = trace_formats; *at != NULL; at++) {
        if ((*at)->detect != NULL && (*at)->detect(head)) {
            return *at;
        }
    }
    return NULL;
}

static bool detect(const struct file *file, struct trace_choice *out, struct err *err)
{
    const char *node_list = NULL;
    const struct trace_format *found = trace_format_detect(trace_head(file));
    if (found != NULL) {
        return trace_format_choose(found->name, out, err);
    }
    for (const struct trace_format *const *at = trace_formats; *at != NULL; at++) {
        const struct trace_format *format = *at;
        if (format->detect_cluster != NULL && format->detect_cluster(trace_head(file))) {
            node_list = format->name;
        }
    }
    if (node_list != NULL) {
        return err_set(err, ERR_FORMAT, 0, "this is a node list (%s), expected jobs", node_list);
    }
    return err_set(err, ERR_FORMAT, 0,
                   "not the start of any known trace format ('berth list' shows them)");
}

bool trace_text_check(const struct file *file, struct err *err)
{
    const char *nul = file->length > 0 ? memchr(file->bytes, '\0', file->length) : NULL;
    if (file->length == 0) {
        return err_set(err, ERR_FORMAT, 0, "the file is empty");
    }
    if (nul == NULL) {
        return true;
    }
    int64_t line = 1;
    for (const char *c = file->bytes; c < nul; c++) {
        line += *c == '\n' ? 1 : 0;
    }
    return err_set(err, ERR_FORMAT, line, "a zero byte, expected text");
}

bool trace_read_text(struct file *file, const char *format, struct workload *out, struct err *err)
{
    struct trace_choice choice = {0};
    if (!trace_text_check(file, err) ||
        !(format == NULL ? detect(file, &choice, err)
                         : trace_format_choose(format, &choice, err))) {
        return false;
    }
    CHECK(choice.format != NULL);
    bool ok = true;
    workload_init(out);
    if (choice.format->read == NULL) {
        ok = err_set(err, ERR_USAGE, 0, "format '%s' holds no jobs, only a cluster",
                     choice.format->name);
    } else {
        ok = choice.format->read(choice.params, file, out, err) && workload_finish(out, err);
    }
    memcpy(out->digest, file->digest, sizeof(out->digest));
    out->format = choice.format->name;
    if (!ok) {
        workload_release(out);
    }
    free(choice.params);
    return ok;
}

bool trace_read(const char *path, const char *format, struct workload *out, struct err *err)
{
    struct file file = {0};
    if (!file_read(path, FILE_MOST_BYTES, &file, err)) {
        return false;
    }
    file.path = path;
    bool ok = trace_read_text(&file, format, out, err);
    file_release(&file);
    return ok || err->code == ERR_USAGE ? ok : err_locate(err, path);
}
