/* fuzz_detect.c - any bytes as a trace of whatever format they look like. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace(NULL, data, size);
}
