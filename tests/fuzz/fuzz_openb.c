/* fuzz_openb.c - any bytes as a trace of the format openb. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("openb", data, size);
}
