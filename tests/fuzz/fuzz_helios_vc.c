/* fuzz_helios_vc.c - any bytes as a node list of the format helios_vc. */
#include "tests/fuzz/fuzz_node_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_node_list("helios_vc", data, size);
}
