/*
 * fuzz_node_list.h - the body of the fuzz targets of node lists: any bytes give a sound cluster,
 * whose JSON is read as a cluster of the same nodes, or an error, never anything else.
 */
#ifndef TESTS_FUZZ_FUZZ_NODE_LIST_H
#define TESTS_FUZZ_FUZZ_NODE_LIST_H

#include "sim/base/check.h"
#include "sim/cluster/cluster_file.h"
#include "sim/workload/trace_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_write_cluster(const struct cluster *cluster)
{
    struct text text = {0};
    struct cluster again;
    struct err err = {0};
    cluster_add_json(&text, cluster);
    struct file file = {.bytes = text.bytes, .length = text.length};
    /* Names that are not UTF-8 become '?', and may then be equal. */
    if (cluster_from_json(&file, &again, &err)) {
        CHECK(again.nodes.count == cluster->nodes.count);
        CHECK(again.gpu_milli == cluster->gpu_milli);
        cluster_release_all(&again);
    }
    text_release(&text);
}

static inline int fuzz_node_list(const char *format, const uint8_t *data, size_t size)
{
    struct text copy = {0};
    struct cluster cluster;
    struct err err = {0};
    text_add_bytes(&copy, (const char *)data, size);
    struct file file = {.bytes = copy.bytes, .length = copy.length};
    if (trace_read_cluster_text(&file, format, &cluster, &err)) {
        cluster_check(&cluster);
        fuzz_write_cluster(&cluster);
        cluster_release_all(&cluster);
    } else {
        CHECK(err.code != ERR_NONE && err.msg[0] != '\0');
    }
    text_release(&copy);
    return 0;
}

#endif
