/* fuzz_gen_parallel.c - any bytes as a trace of the format gen_parallel. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("gen_parallel", data, size);
}
