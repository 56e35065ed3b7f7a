/*
 * mig_list.c - a list of the MIG layouts of a cluster, a row a GPU:
 *
 *     node,gpu,profiles,model,gpu_memory_mib,cpus,memory_mib
 *     n1,0,3g.40gb+2g.20gb+1g.10gb,H100,81920,96,1048576
 *     n1,1,,H100,81920,,
 *
 * `profiles` are the instances of the GPU, with '+' or blanks between; empty: the GPU is not split.
 * The first three columns must be there. CPUs and memory are those of the node, from the first of
 * its rows that tells them. Rows of a node need not follow each other. The instances of a GPU must
 * fit on it together.
 */
#include "sim/cluster/mig.h"
#include "sim/workload/columns.h"
#include "sim/workload/node_list.h"
#include "sim/workload/trace_format.h"

enum mig_column { NODE, GPU, PROFILES, MODEL, MEMORY_OF_GPU, CPUS, MEMORY };

static const struct column mig_columns[] = {
    [NODE] = {"node", true},
    [GPU] = {"gpu", true},
    [PROFILES] = {"profiles", true},
    [MODEL] = {"model", false},
    [MEMORY_OF_GPU] = {"gpu_memory_mib", false},
    [CPUS] = {"cpus", false},
    [MEMORY] = {"memory_mib", false},
    {NULL, false},
};

static const struct number_kind number_gpu = {1, true, 0, NODE_MOST_GPUS - 1,
                                              "a whole number from 0 to 63"};

/* A node that has some of its rows. */
struct mig_node {
    struct node_entry entry;
    int64_t line; /* of its first row */
    uint64_t gpus_seen;
};

struct mig_list {
    struct columns row;
    struct names names;
    VEC(struct mig_node) nodes; /* by number of the name */
};

/* Reads "3g.40gb+1g.10gb" into the instances of one GPU. */
static bool read_profiles(const struct columns *row, struct node_entry *gpu, struct err *err)
{
    struct view rest = columns_text(row, PROFILES);
    while (rest.length > 0) {
        struct mig_profile profile = {0};
        size_t length = 0;
        while (length < rest.length && rest.at[length] != '+' && rest.at[length] != ' ') {
            length++;
        }
        struct view word = {rest.at, length};
        length += length < rest.length ? 1 : 0;
        rest.at += length;
        rest.length -= length;
        if (word.length == 0) {
            continue;
        }
        if (!mig_profile_parse(word, &profile) || !node_entry_add_mig(gpu, profile, 1)) {
            return columns_refuse(row, PROFILES, "MIG profiles like 3g.40gb+1g.10gb", err);
        }
    }
    return true;
}

/* Do the instances fit one GPU? */
static bool check_layout(const struct columns *row, const struct node_entry *gpu, struct err *err)
{
    int64_t memory_mib = gpu->gpu_memory_mib > 0 ? gpu->gpu_memory_mib
                                                 : node_list_mig_memory(gpu->mig, gpu->mig_count);
    for (uint32_t i = 0; i < gpu->mig_count; i++) {
        if (mig_memory_slices(gpu->mig[i].profile, memory_mib) == 0) {
            return columns_refuse(row, PROFILES, "profiles of a GPU of that memory", err);
        }
    }
    return node_list_mig_gpus(gpu->mig, gpu->mig_count, memory_mib) <= 1 ||
           columns_refuse(row, PROFILES, "instances that fit one GPU together", err);
}

/* Adds the amounts and instances of a row to those of its node. */
static bool merge_row(const struct columns *row, const struct node_entry *gpu,
                      struct mig_node *node, struct err *err)
{
    struct node_entry *entry = &node->entry;
    if (entry->model.length == 0) {
        entry->model = gpu->model;
    } else if (gpu->model.length > 0 &&
               (gpu->model.length != entry->model.length ||
                memcmp(gpu->model.at, entry->model.at, entry->model.length) != 0)) {
        return columns_refuse(row, MODEL, "the same model on all GPUs of a node", err);
    }
    if (entry->gpu_memory_mib == 0) {
        entry->gpu_memory_mib = gpu->gpu_memory_mib;
    } else if (gpu->gpu_memory_mib > 0 && gpu->gpu_memory_mib != entry->gpu_memory_mib) {
        return columns_refuse(row, MEMORY_OF_GPU, "the same memory on all GPUs of a node", err);
    }
    entry->cpu_milli = entry->cpu_milli == UNLIMITED ? gpu->cpu_milli : entry->cpu_milli;
    entry->memory_mib = entry->memory_mib == UNLIMITED ? gpu->memory_mib : entry->memory_mib;
    entry->gpus += gpu->mig_count == 0 ? 1 : 0;
    entry->mig_gpus += gpu->mig_count == 0 ? 0 : 1;
    for (uint32_t i = 0; i < gpu->mig_count; i++) {
        if (!node_entry_add_mig(entry, gpu->mig[i].profile, gpu->mig[i].count)) {
            return columns_refuse(row, PROFILES, "at most 16 profiles on a node", err);
        }
    }
    return true;
}

static bool read_row(struct mig_list *list, struct err *err)
{
    const struct columns *row = &list->row;
    struct node_entry gpu;
    int64_t number = 0;
    bool is_new = false;
    struct view name = columns_text(row, NODE);
    node_entry_init(&gpu, name);
    gpu.model = columns_text(row, MODEL);
    if (name.length == 0) {
        return columns_refuse(row, NODE, "the name of a node", err);
    }
    if (!columns_number(row, GPU, &number_gpu, &number, err) ||
        !columns_optional(row, MEMORY_OF_GPU, &number_amount, &gpu.gpu_memory_mib, err) ||
        !columns_optional(row, CPUS, &number_milli, &gpu.cpu_milli, err) ||
        !columns_optional(row, MEMORY, &number_amount, &gpu.memory_mib, err) ||
        !read_profiles(row, &gpu, err) || !check_layout(row, &gpu, err)) {
        return false;
    }
    uint32_t node_number = names_add(&list->names, name, &is_new);
    if (is_new) {
        struct mig_node node = {.line = columns_line(row)};
        node_entry_init(&node.entry, name);
        vec_push(&list->nodes, node);
    }
    struct mig_node *node = &list->nodes.items[node_number];
    if ((node->gpus_seen >> number & 1) != 0) {
        return columns_refuse(row, GPU, "a GPU that no row before told of", err);
    }
    node->gpus_seen |= UINT64_C(1) << number;
    return merge_row(row, &gpu, node, err);
}

static bool read_all(struct mig_list *list, struct file *file, struct cluster *out, struct err *err)
{
    if (!columns_open(&list->row, file, mig_columns, false, err)) {
        return false;
    }
    while (columns_next(&list->row, err)) {
        if (!read_row(list, err)) {
            return false;
        }
    }
    if (err->code != ERR_NONE) {
        return false;
    }
    if (list->nodes.count == 0) {
        return err_set(err, ERR_FORMAT, 1, "no rows follow the header, expected at least one");
    }
    for (size_t i = 0; i < list->nodes.count; i++) {
        const struct mig_node *node = &list->nodes.items[i];
        if (!node_list_add(out, &node->entry, node->line, err)) {
            return false;
        }
    }
    return true;
}

static bool mig_list_read_cluster(const void *params, struct file *file, struct cluster *out,
                                  struct err *err)
{
    (void)params; /* it has none */
    struct mig_list *list = mem_alloc(1, sizeof(*list));
    cluster_init(out, NULL, 0);
    bool ok = read_all(list, file, out, err);
    if (ok) {
        cluster_finish(out);
    } else {
        cluster_release_all(out);
    }
    names_release(&list->names);
    vec_release(&list->nodes);
    free(list);
    return ok;
}

static bool mig_list_detect(struct view head)
{
    static const char *const names[] = {"node", "gpu", "profiles", NULL};
    return columns_detect(head, names);
}

extern const struct trace_format trace_format_mig_list;
const struct trace_format trace_format_mig_list = {
    .name = "mig_list",
    .help = "MIG layouts: node,gpu,profiles and what else is known of each GPU",
    .detect_cluster = mig_list_detect,
    .read_cluster = mig_list_read_cluster,
};
