/* fuzz_genai.c - any bytes as a trace of the format genai. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("genai", data, size);
}
