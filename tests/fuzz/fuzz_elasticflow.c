/* fuzz_elasticflow.c - any bytes as a trace of the format elasticflow. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_trace("elasticflow", data, size);
}
