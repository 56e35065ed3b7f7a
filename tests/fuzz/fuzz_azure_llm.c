/* fuzz_azure_llm.c - any bytes as a trace of the format azure_llm. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("azure_llm", data, size);
}
