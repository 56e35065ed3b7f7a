/* fuzz_helios_fleetsim.c - any bytes as a trace of the format helios_fleetsim. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("helios_fleetsim", data, size);
}
