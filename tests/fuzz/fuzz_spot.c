/* fuzz_spot.c - any bytes as a trace of the format spot. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("spot", data, size);
}
