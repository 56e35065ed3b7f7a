/*
 * test_round_trips.c - import, export, import: nothing is lost that the target can hold, and the
 * rest is said.
 */
#include <dirent.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "equal.h"
#include "sim/base/parse.h"
#include "sim/workload/native_write.h"
#include "sim/workload/swf_write.h"
#include "sim/workload/trace_format.h"

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Reads sample number `i` of the folder; false when it is no trace or needs to be named. */
static bool read_sample(const char *name, struct workload *out)
{
    struct text path = {0};
    struct err err = {0};
    text_addf(&path, "tests/data/traces/%s", name);
    bool ok = trace_read(path.bytes, NULL, out, &err);
    text_release(&path);
    return ok;
}

static void native_round_trip(const char *name, struct workload *first)
{
    struct text written = {0};
    struct err err = {0};
    struct workload again;
    if (!native_write(&written, first, &err)) {
        cr_assert_not_null(strstr(err.msg, "task groups"), "%s: %s", name, err.msg);
        return;
    }
    read_written(written.bytes, written.length, "native", &again);
    expect_equal_workloads(first, &again, name);
    workload_release(&again);
    text_release(&written);
}

/* What SWF holds of a workload it holds again after reading. */
static void swf_round_trip(const char *name, struct workload *first)
{
    struct text written = {0};
    struct text second = {0};
    struct names notes = {0};
    struct workload again;
    swf_write(&written, first, &notes);
    read_written(written.bytes, written.length, "swf", &again);
    cr_assert_eq(again.jobs.count, first->jobs.count, "%s", name);
    for (size_t i = 0; i < first->jobs.count; i++) {
        cr_assert_eq(again.jobs.items[i].submit_us, first->jobs.items[i].submit_us, "%s", name);
    }
    swf_write(&second, &again, &notes);
    struct workload third;
    read_written(second.bytes, second.length, "swf", &third);
    expect_equal_workloads(&again, &third, name);
    workload_release(&third);
    workload_release(&again);
    names_release(&notes);
    text_release(&written);
    text_release(&second);
}

Test(round_trips, every_sample_through_native_and_swf)
{
    struct dirent **entries = NULL;
    int count = scandir("tests/data/traces", &entries, not_hidden, alphasort);
    uint32_t traces = 0;
    for (int i = 0; i < count; i++) {
        struct workload workload;
        if (read_sample(entries[i]->d_name, &workload)) {
            native_round_trip(entries[i]->d_name, &workload);
            swf_round_trip(entries[i]->d_name, &workload);
            workload_release(&workload);
            traces++;
        }
        free(entries[i]);
    }
    free(entries);
    cr_assert_geq(traces, 11);
}

static struct file text_of(const char *text)
{
    return (struct file){.bytes = mem_copy_text(text, strlen(text)), .length = strlen(text)};
}

static bool says(const struct names *notes, const char *words)
{
    for (uint32_t i = 0; i < names_count(notes); i++) {
        if (strstr(names_get(notes, i), words) != NULL) {
            return true;
        }
    }
    return false;
}

Test(round_trips, swf_keeps_numbers_and_lists_names)
{
    struct file file = text_of("job_id,submit_s,duration_s,gpus,user,queue,estimate_s,status\n"
                               "007,100,5.5,2,ann,3,60,timeout\n"
                               "12,100,,0,,,0,completed\n"
                               "9,101,1,0.25,bob,4,,failed\n");
    struct workload workload;
    struct err err = {0};
    struct text text = {0};
    struct names notes = {0};
    cr_assert(trace_read_text(&file, NULL, &workload, &err), "%s", err.msg);
    swf_write(&text, &workload, &notes);
    cr_assert_str_eq(text.bytes, "; Version: 2.2\n"
                                 "; Conversion: berth, from a trace of the format native\n"
                                 "; MaxJobs: 3\n; MaxRecords: 3\n; MaxProcs: 2\n"
                                 "; Note: MaxProcs is the size of the largest job\n"
                                 "; Note: user 1 ann\n; Note: user 3 bob\n"
                                 "007 100 -1 5.5 2 -1 -1 2 60 -1 0 1 -1 -1 3 -1 -1 -1\n"
                                 "12 100 -1 -1 -1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n"
                                 "9 101 -1 1 1 -1 -1 1 -1 -1 0 3 -1 -1 4 -1 -1 -1\n");
    cr_expect(says(&notes, "1 outcomes have no number"));
    cr_expect(says(&notes, "1 jobs ask for parts of GPUs"));
    cr_expect(says(&notes, "1 jobs have times that are not whole seconds"));
    cr_expect(says(&notes, "1 estimates of 0 s"));
    cr_expect(says(&notes, "users and queues are numbers"));
    cr_expect_not(says(&notes, "order jobs of one submit time"));
    cr_expect_not(says(&notes, "job ids"));
    names_release(&notes);
    text_release(&text);
    workload_release(&workload);
    file_release(&file);
}

Test(round_trips, swf_says_when_its_readers_will_reorder_jobs)
{
    struct file file = text_of("job_id,submit_s,duration_s,gpus\n10,-5,1,1\n9,-5,1,1\n");
    struct workload workload;
    struct err err = {0};
    struct text text = {0};
    struct names notes = {0};
    cr_assert(trace_read_text(&file, NULL, &workload, &err), "%s", err.msg);
    swf_write(&text, &workload, &notes);
    cr_expect(says(&notes, "changes the place of 1 jobs"));
    cr_expect(says(&notes, "since the first, which was at -5 s"));
    names_release(&notes);
    text_release(&text);
    workload_release(&workload);
    file_release(&file);
}

enum { SWF_FIELDS = 18 };

/* The next line of 18 numbers; false at the end. */
static bool next_line(struct view *rest, struct view fields[SWF_FIELDS])
{
    while (rest->length > 0) {
        struct view line = view_trim(view_cut(*rest, '\n', rest));
        if (line.length == 0 || line.at[0] == ';') {
            continue;
        }
        for (int i = 0; i < SWF_FIELDS; i++) {
            struct view tail = {0};
            fields[i] = view_cut(line, ' ', &tail);
            line = view_trim(tail);
        }
        return true;
    }
    return false;
}

/* Job, submit, run, processors, requested time, status, user, queue: what a workload holds. The
 * waiting of the old scheduler, the second processor count and the group are not part of it. */
Test(round_trips, the_fields_of_kth_sp2_come_back_equal)
{
    static const int held[] = {0, 1, 3, 4, 8, 10, 11, 14};
    const char *folder = getenv("BERTH_TRACES");
    struct text path = {0};
    text_addf(&path, "%s/pwa/KTH-SP2-1996-2.swf", folder == NULL ? "../shared/traces" : folder);
    if (access(path.bytes, R_OK) != 0) {
        cr_log_warn("passed over: %s is not there", path.bytes);
        text_release(&path);
        return;
    }
    struct file original = {0};
    struct workload workload;
    struct workload again;
    struct err err = {0};
    struct text written = {0};
    struct names notes = {0};
    cr_assert(file_read(path.bytes, FILE_MOST_BYTES, &original, &err), "%s", err.msg);
    cr_assert(trace_read(path.bytes, NULL, &workload, &err), "%s", err.msg);
    swf_write(&written, &workload, &notes);
    cr_assert_eq(names_count(&notes), 0);
    struct view a = {original.bytes, original.length};
    struct view b = {written.bytes, written.length};
    struct view x[SWF_FIELDS];
    struct view y[SWF_FIELDS];
    uint32_t lines = 0;
    for (; next_line(&a, x); lines++) {
        cr_assert(next_line(&b, y));
        for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
            struct view u = x[held[i]];
            struct view v = y[held[i]];
            cr_assert(u.length == v.length && memcmp(u.at, v.at, u.length) == 0,
                      "field %d of row %u is '%.*s', was '%.*s'", held[i] + 1, lines + 1,
                      VIEW_ARG(v), VIEW_ARG(u));
        }
    }
    cr_assert(!next_line(&b, y));
    cr_assert_eq(lines, 28489);
    read_written(written.bytes, written.length, NULL, &again);
    expect_equal_workloads(&workload, &again, "KTH-SP2");
    cr_assert_eq(again.clock_offset_us, workload.clock_offset_us);
    cr_assert_eq(again.clock_zone_us, workload.clock_zone_us);
    workload_release(&again);
    workload_release(&workload);
    names_release(&notes);
    text_release(&written);
    text_release(&path);
    file_release(&original);
}
