/* fuzz_sdsc_par.c - any bytes as a trace of the format sdsc_par. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("sdsc_par", data, size);
}
