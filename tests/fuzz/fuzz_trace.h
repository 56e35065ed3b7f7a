/*
 * fuzz_trace.h - the body of the importers' fuzz targets: any bytes are read as one format, with
 * its default parameters, and give a finished workload or an error, never anything else.
 */
#ifndef TESTS_FUZZ_FUZZ_TRACE_H
#define TESTS_FUZZ_FUZZ_TRACE_H

#include "sim/base/check.h"
#include "sim/workload/native_write.h"
#include "sim/workload/stats.h"
#include "sim/workload/swf_write.h"
#include "sim/workload/trace_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What holds of every workload that an importer accepted. */
static inline void fuzz_check_workload(const struct workload *workload)
{
    CHECK(workload->jobs.count > 0);
    int64_t last_us = 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        CHECK(job->submit_us >= last_us);
        CHECK(job->duration_us >= 0 || job->duration_us == TIME_UNKNOWN);
        CHECK(job->shape < workload->shapes.count);
        CHECK(workload_shape_gpu_milli(workload, job->shape) >= 0);
        last_us = job->submit_us;
    }
}

/* Every accepted workload has figures. What is written of it as native CSV may be beyond the limits
 * of that format, but when it is read, it is read as the same jobs. */
static inline void fuzz_write_workload(const struct workload *workload)
{
    struct stats stats;
    struct text text = {0};
    stats_measure(workload, NULL, &stats);
    stats_add_text(&text, workload, &stats);
    json_decref(stats_json(workload, &stats));
    stats_release(&stats);
    text_release(&text);

    struct err err = {0};
    struct text first = {0};
    CHECK(native_write(&first, workload, &err));
    struct file file = {.bytes = mem_copy_text(first.bytes, first.length), .length = first.length};
    struct workload again;
    if (trace_read_text(&file, "native", &again, &err)) {
        CHECK(native_write(&text, &again, &err));
        CHECK(strcmp(first.bytes, text.bytes) == 0);
        workload_release(&again);
    }
    free(file.bytes);
    text_release(&first);
    text_release(&text);
}

/* SWF holds every job, unless its numbers are beyond the limits of a reader. */
static inline void fuzz_write_swf(const struct workload *workload)
{
    struct text text = {0};
    struct names notes = {0};
    struct workload again;
    struct err err = {0};
    swf_write(&text, workload, &notes);
    struct file file = {.bytes = mem_copy_text(text.bytes, text.length), .length = text.length};
    if (trace_read_text(&file, "swf", &again, &err)) {
        CHECK(again.jobs.count == workload->jobs.count);
        workload_release(&again);
    }
    free(file.bytes);
    names_release(&notes);
    text_release(&text);
}

static inline int fuzz_trace(const char *format, const uint8_t *data, size_t size)
{
    struct text copy = {0};
    text_add_bytes(&copy, (const char *)data, size);
    struct file file = {.bytes = copy.bytes, .length = copy.length};
    struct workload workload;
    struct err err = {0};
    if (trace_read_text(&file, format, &workload, &err)) {
        fuzz_check_workload(&workload);
        fuzz_write_workload(&workload);
        fuzz_write_swf(&workload);
        workload_release(&workload);
    } else {
        CHECK(err.code != ERR_NONE && err.msg[0] != '\0');
    }
    text_release(&copy);
    return 0;
}

#endif
