/* fuzz_nodes.c - any bytes as a cluster, in whatever format they look like: node lists, JSON. */
#include "sim/base/check.h"
#include "sim/workload/trace_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text copy = {0};
    text_add_bytes(&copy, (const char *)data, size);
    struct file file = {.bytes = copy.bytes, .length = copy.length};
    struct cluster cluster;
    struct err err = {0};
    if (trace_read_cluster_text(&file, NULL, &cluster, &err)) {
        cluster_check(&cluster);
        cluster_release_all(&cluster);
    } else {
        CHECK(err.code != ERR_NONE && err.msg[0] != '\0');
    }
    text_release(&copy);
    return 0;
}
