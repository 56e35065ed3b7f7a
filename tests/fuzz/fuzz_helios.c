/* fuzz_helios.c - any bytes as a trace of the format helios. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("helios", data, size);
}
