/* fuzz_cluster.c - any bytes as a cluster file: a cluster whose invariants hold, or an error. */
#include "sim/base/check.h"
#include "sim/cluster/cluster_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_NODES_CHECKED = 20000 }; /* a short file can name a million nodes */

static void check_round_trip(const struct cluster *cluster)
{
    struct text json = {0};
    cluster_add_json(&json, cluster);
    struct file file = {.bytes = json.bytes, .length = json.length};
    struct cluster again;
    struct err err = {0};
    bool read = cluster_from_json(&file, &again, &err);
    CHECK(read);
    CHECK(again.nodes.count == cluster->nodes.count && again.gpu_milli == cluster->gpu_milli);
    CHECK(again.queues.count == cluster->queues.count);
    cluster_release_all(&again);
    text_release(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text copy = {0};
    text_add_bytes(&copy, (const char *)data, size);
    struct file file = {.bytes = copy.bytes, .length = copy.length};
    struct cluster cluster;
    struct err err = {0};
    if (cluster_from_json(&file, &cluster, &err)) {
        if (cluster.nodes.count <= MOST_NODES_CHECKED) {
            cluster_check(&cluster);
            check_round_trip(&cluster);
        }
        cluster_release_all(&cluster);
    } else {
        CHECK(err.code != ERR_NONE && err.msg[0] != '\0');
    }
    text_release(&copy);
    return 0;
}
