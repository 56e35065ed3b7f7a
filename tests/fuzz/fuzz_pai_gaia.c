/* fuzz_pai_gaia.c - any bytes as a trace of the format pai_gaia. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("pai_gaia", data, size);
}
