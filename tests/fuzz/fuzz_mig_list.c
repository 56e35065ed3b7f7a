/* fuzz_mig_list.c - any bytes as a node list of the format mig_list. */
#include "tests/fuzz/fuzz_node_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_node_list("mig_list", data, size);
}
