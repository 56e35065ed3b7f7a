/* fuzz_kubectl.c - any bytes as a node list of the format kubectl. */
#include "tests/fuzz/fuzz_node_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_node_list("kubectl", data, size);
}
