/* fuzz_lingjun.c - any bytes as a node list of the format lingjun. */
#include "tests/fuzz/fuzz_node_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_node_list("lingjun", data, size);
}
