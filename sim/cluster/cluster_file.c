/* cluster_file.c - see cluster_file.h; the JSON reader is to come. */
#include "sim/cluster/cluster_file.h"

#include "sim/base/parse.h"

bool cluster_from_short_form(const char *text, struct cluster *out, struct err *err)
{
    err->code = ERR_NONE;
    struct view gpus = {0};
    struct view nodes = view_cut(view_of(text), 'x', &gpus);
    int64_t n = 0;
    int64_t g = 0;
    if (gpus.at == NULL || parse_i64(nodes, &n) != PARSE_OK || parse_i64(gpus, &g) != PARSE_OK) {
        return false;
    }
    cluster_init(out, NULL, 0);
    struct pool pool = {.name = "node",
                        .node_count = (uint32_t)n,
                        .gpu_count = (uint32_t)g,
                        .model = NAMES_NONE,
                        .divisible = g > NODE_MOST_GPUS,
                        .cpu_milli = UNLIMITED,
                        .memory_mib = UNLIMITED};
    struct node_draft node = {0};
    if (!cluster_add_pool(out, &pool, &node, err)) {
        return false;
    }
    cluster_finish(out);
    return true;
}

bool cluster_from_json(const struct file *file, struct cluster *out, struct err *err)
{
    (void)file;
    (void)out;
    return err_set(err, ERR_FORMAT, 0, "not yet");
}
