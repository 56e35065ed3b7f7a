/* fuzz_muri.c - any bytes as a trace of the format muri. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("muri", data, size);
}
