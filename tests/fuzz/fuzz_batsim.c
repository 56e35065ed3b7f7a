/* fuzz_batsim.c - any bytes as a trace of the format batsim; what is read is written and read. */
#include "sim/workload/batsim_write.h"
#include "tests/fuzz/fuzz_trace.h"

/* What Batsim's JSON holds of a workload that came from it comes back the same. */
static void write_again(const struct workload *workload)
{
    struct text first = {0};
    struct text second = {0};
    struct names notes = {0};
    struct workload again;
    struct err err = {0};
    batsim_write(&first, workload, &notes);
    struct file file = {.bytes = mem_copy_text(first.bytes, first.length), .length = first.length};
    if (trace_read_text(&file, "batsim", &again, &err)) {
        batsim_write(&second, &again, &notes);
        CHECK(again.jobs.count <= workload->jobs.count);
        workload_release(&again);
    }
    free(file.bytes);
    names_release(&notes);
    text_release(&first);
    text_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text copy = {0};
    struct workload workload;
    struct err err = {0};
    text_add_bytes(&copy, (const char *)data, size);
    struct file file = {.bytes = copy.bytes, .length = copy.length};
    if (trace_read_text(&file, "batsim", &workload, &err)) {
        write_again(&workload);
        workload_release(&workload);
    }
    text_release(&copy);
    return fuzz_trace("batsim", data, size);
}
