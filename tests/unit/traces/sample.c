/* sample.c - see sample.h. */
#include "sample.h"

#include <criterion/criterion.h>

#include "sim/workload/native_write.h"

void expect_jobs(const char *sample, const char *format, const char *native)
{
    struct text path = {0};
    struct text written = {0};
    struct workload workload;
    struct view settings = {0};
    struct view name = view_cut(view_of(format), ':', &settings);
    struct err err = {0};
    text_addf(&path, "tests/data/traces/%s", sample);
    bool ok = trace_read(path.bytes, settings.at == NULL ? NULL : format, &workload, &err);
    cr_assert(ok, "%s", err.msg);
    cr_assert(view_is(name, workload.format), "%s is read as %s", sample, workload.format);
    ok = native_write(&written, &workload, &err);
    cr_assert(ok, "%s", err.msg);
    cr_assert_str_eq(written.bytes, native, "%s is read as:\n%s", sample, written.bytes);
    workload_release(&workload);
    text_release(&written);
    text_release(&path);
}

void expect_refused(const char *format, const char *text, int64_t line, const char *message)
{
    struct file file = {.bytes = mem_copy_text(text, strlen(text)), .length = strlen(text)};
    struct workload workload;
    struct err err = {0};
    bool ok = trace_read_text(&file, format, &workload, &err);
    cr_expect_not(ok, "this was read:\n%s", text);
    cr_expect_str_eq(err.msg, message);
    cr_expect_eq(err.line, line, "line %d: %s", (int)err.line, err.msg);
    if (ok) {
        workload_release(&workload);
    }
    file_release(&file);
}

void expect_all_refused(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect_refused(refusals[i].format, refusals[i].text, refusals[i].line, refusals[i].message);
    }
}
