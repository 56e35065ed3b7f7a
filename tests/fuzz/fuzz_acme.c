/* fuzz_acme.c - any bytes as a trace of the format acme. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("acme", data, size);
}
