/* fuzz_sacct.c - any bytes as a trace of the format sacct, with each kind of settings. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)fuzz_trace("sacct:attempts=each,shape=nodes,tres=requested", data, size);
    return fuzz_trace("sacct", data, size);
}
