/* fuzz_dlrm.c - any bytes as a trace of the format dlrm. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("dlrm", data, size);
}
