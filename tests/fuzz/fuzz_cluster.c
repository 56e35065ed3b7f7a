/* fuzz_cluster.c - cluster files: any bytes are read or refused, and what is read can be used. */
#include <stddef.h>
#include <stdint.h>

#include "sim/base/check.h"
#include "sim/base/text.h"
#include "sim/cluster/cluster_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Clusters beyond this are read as well, but take too long to try many of them. */
enum { MOST_NODES = 10000, MOST_GPUS = 100000 };

static void use(struct cluster *cluster)
{
    static const struct request REQUESTS[] = {
        {.kind = GPU_NONE, .cpu_milli = 1},
        {.kind = GPU_WHOLE, .gpu_count = 2},
        {.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 300},
        {.kind = GPU_MEMORY, .gpu_count = 1, .gpu_memory_mib = 1000},
        {.kind = GPU_MIG, .gpu_count = 1, .mig_profile = {1, 10}},
    };
    struct node_filter anywhere = {0, DOMAIN_ANY};
    for (size_t i = 0; i < sizeof(REQUESTS) / sizeof(*REQUESTS); i++) {
        uint32_t node = cluster_best_fit(cluster, &REQUESTS[i], anywhere);
        uint32_t other = cluster_worst_fit(cluster, &REQUESTS[i], anywhere);
        CHECK((node == NODE_NONE) == (other == NODE_NONE));
        if (node != NODE_NONE) {
            struct grant grant;
            cluster_choose(cluster, node, &REQUESTS[i], &grant);
            cluster_place(cluster, &grant);
            cluster_check(cluster);
            cluster_undo(cluster, &grant);
        }
    }
    cluster_check(cluster);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct cluster cluster;
    char *bytes = mem_copy_text((const char *)data, size);
    struct file file = {.bytes = bytes, .length = size};
    if (!cluster_from_json(&file, &cluster, &err)) {
        CHECK(err.code == ERR_FORMAT);
        CHECK(err.msg[0] != '\0');
        free(bytes);
        return 0;
    }
    if (cluster.nodes.count <= MOST_NODES && cluster.gpus.count <= MOST_GPUS) {
        use(&cluster);
    }
    struct text text = {0};
    cluster_add_json(&text, &cluster);
    struct file again = {.bytes = text.bytes, .length = text.length};
    struct cluster copy;
    CHECK(cluster_from_json(&again, &copy, &err));
    CHECK(copy.nodes.count == cluster.nodes.count);
    CHECK(copy.gpu_milli == cluster.gpu_milli);
    CHECK(copy.queues.count == cluster.queues.count);
    text_release(&text);
    cluster_release_all(&copy);
    cluster_release_all(&cluster);
    free(bytes);
    return 0;
}
