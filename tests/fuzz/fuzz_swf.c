/* fuzz_swf.c - any bytes as a trace of the format swf. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("swf", data, size);
}
