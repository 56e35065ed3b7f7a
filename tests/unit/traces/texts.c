/* texts.c - see texts.h. */
#include "texts.h"

#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"
#include "sim/workload/native_write.h"

static struct file file_of(const char *text)
{
    return (struct file){.bytes = mem_copy_text(text, strlen(text)), .length = strlen(text)};
}

static bool has_words(const struct names *notes, const char *words)
{
    for (uint32_t i = 0; i < names_count(notes); i++) {
        if (strstr(names_get(notes, i), words) != NULL) {
            return true;
        }
    }
    return false;
}

void expect_text(const char *format, const char *text, const char *native)
{
    struct file file = file_of(text);
    struct text written = {0};
    struct workload workload;
    struct err err = {0};
    cr_assert(trace_read_text(&file, format, &workload, &err), "%s\n%s", err.msg, text);
    cr_assert(native_write(&written, &workload, &err), "%s", err.msg);
    cr_assert_str_eq(written.bytes, native, "this was read:\n%s", written.bytes);
    text_release(&written);
    workload_release(&workload);
    file_release(&file);
}

void expect_note(const char *format, const char *text, const char *words)
{
    struct file file = file_of(text);
    struct workload workload;
    struct err err = {0};
    cr_assert(trace_read_text(&file, format, &workload, &err), "%s\n%s", err.msg, text);
    cr_assert(has_words(&workload.notes, words), "nothing notes '%s'", words);
    workload_release(&workload);
    file_release(&file);
}

void expect_cluster(const char *sample, const char *format, const char *json,
                    const char *const *notes)
{
    struct text path = {0};
    struct text written = {0};
    struct text same_written = {0};
    struct cluster cluster;
    struct cluster same;
    struct err err = {0};
    text_addf(&path, "tests/data/traces/%s", sample);
    cr_assert(trace_read_cluster(path.bytes, format, &cluster, &err), "%s", err.msg);
    cluster_check(&cluster);
    cluster_add_json(&written, &cluster);
    struct file expected = file_of(json);
    cr_assert(cluster_from_json(&expected, &same, &err), "%s", err.msg);
    cluster_add_json(&same_written, &same);
    cr_assert_str_eq(written.bytes, same_written.bytes, "%s is read as:\n%s", sample,
                     written.bytes);
    cr_assert_eq(strlen(cluster.digest), strlen("06ca57ebbe09e242e967c4c4f85be7a0"));
    for (; *notes != NULL; notes++) {
        cr_expect(has_words(&cluster.notes, *notes), "nothing notes '%s'", *notes);
    }
    file_release(&expected);
    cluster_release_all(&same);
    cluster_release_all(&cluster);
    text_release(&same_written);
    text_release(&written);
    text_release(&path);
}

void expect_cluster_refused(const char *format, const char *text, int64_t line, const char *message)
{
    struct file file = file_of(text);
    struct cluster cluster;
    struct err err = {0};
    bool ok = trace_read_cluster_text(&file, format, &cluster, &err);
    cr_expect_not(ok, "this was read:\n%s", text);
    cr_expect_str_eq(err.msg, message);
    cr_expect_eq(err.line, line, "line %d: %s", (int)err.line, err.msg);
    if (ok) {
        cluster_release_all(&cluster);
    }
    file_release(&file);
}
