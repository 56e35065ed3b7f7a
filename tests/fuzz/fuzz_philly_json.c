/* fuzz_philly_json.c - any bytes as a trace of the format philly_json. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("philly_json", data, size);
}
