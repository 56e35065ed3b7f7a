/*
 * kubectl.c - the nodes of a Kubernetes cluster, `kubectl get nodes -o json` (a list), or
 * `kubectl get node NAME -o json` (one).
 *
 * What a node has is status.allocatable: cpu, memory, GPUs (nvidia.com/gpu and those of others),
 * and MIG instances (nvidia.com/mig-3g.20gb). Of the labels are read: nvidia.com/gpu.product (the
 * model;
 * "-MIG-1g.5gb" at its end says that the GPUs counted are such instances, "-SHARED" that they are
 * time slices), gpu.memory, gpu.replicas. Labels of zones, racks and network blocks become topology
 * levels. Taints, cordons and nodes that are not ready are noted; nodes=up leaves out the latter
 * two.
 */
#include <inttypes.h>
#include <stddef.h>

#include "sim/base/json_read.h"
#include "sim/base/parse.h"
#include "sim/cluster/mig.h"
#include "sim/workload/node_list.h"
#include "sim/workload/quantity.h"
#include "sim/workload/trace_format.h"

enum { NODES_ALL, NODES_UP };

struct kubectl_params {
    int nodes;
};

static const struct param_spec kubectl_params[] = {
    {.name = "nodes",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct kubectl_params, nodes),
     .dflt = "all",
     .choices = "all|up",
     .help = "up: leave out nodes that are cordoned or not ready"},
    {0},
};

/* Coarsest first. A cluster usually has the labels of one vendor. */
static const char *const topology_labels[] = {
    "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/zone",
    "network.topology.nvidia.com/datacenter",
    "network.topology.nvidia.com/spine",
    "network.topology.nvidia.com/block",
    "network.topology.nvidia.com/leaf",
    "network.topology.nvidia.com/accelerator",
    "cloud.google.com/gce-topology-block",
    "cloud.google.com/gce-topology-subblock",
    "topology.k8s.aws/network-node-layer-1",
    "topology.k8s.aws/network-node-layer-2",
    "topology.k8s.aws/network-node-layer-3",
    "topology.kubernetes.io/block",
    "topology.kubernetes.io/rack",
};

enum { LABEL_COUNT = sizeof(topology_labels) / sizeof(topology_labels[0]) };
_Static_assert((int)LABEL_COUNT <= (int)CLUSTER_MOST_LEVELS, "every label can be a level");
_Static_assert((int)LABEL_COUNT <= (int)NODE_ENTRY_MOST_LABELS, "a node can have every label");

static const char *const gpu_resources[] = {"nvidia.com/gpu",   "nvidia.com/gpu.shared",
                                            "amd.com/gpu",      "gpu.intel.com/i915",
                                            "gpu.intel.com/xe", "habana.ai/gaudi"};

struct kubectl {
    const struct kubectl_params *params;
    struct cluster *out;
    uint32_t level_count;
    const char *levels[LABEL_COUNT];
    uint32_t unavailable;
    uint32_t tainted;
    uint32_t sliced;
};

/* The object under `key`, or an empty answer of NULL. */
static json_t *object_in(const json_t *value, const char *key)
{
    json_t *found = json_object_get(value, key);
    return json_is_object(found) ? found : NULL;
}

static const char *label_of(const json_t *node, const char *key)
{
    const json_t *labels = object_in(object_in(node, "metadata"), "labels");
    return json_string_value(json_object_get(labels, key));
}

/* The nodes of the text: the items of a list, or the one. */
static size_t node_count(const json_t *top)
{
    const json_t *items = json_object_get(top, "items");
    return json_is_array(items) ? json_array_size(items) : 1;
}

static const json_t *node_at(const json_t *top, size_t i)
{
    const json_t *items = json_object_get(top, "items");
    return json_is_array(items) ? json_array_get(items, i) : top;
}

/* The labels that some node has are the levels. */
static void find_levels(struct kubectl *kubectl, const json_t *top)
{
    for (size_t k = 0; k < LABEL_COUNT; k++) {
        bool found = false;
        for (size_t i = 0; i < node_count(top) && !found; i++) {
            found = label_of(node_at(top, i), topology_labels[k]) != NULL;
        }
        if (found) {
            kubectl->levels[kubectl->level_count++] = topology_labels[k];
        }
    }
}

/* -- one node -------------------------------------------------------------------------------- */

static bool is_cordoned(const json_t *node)
{
    return json_is_true(json_object_get(object_in(node, "spec"), "unschedulable"));
}

static bool is_ready(const json_t *node)
{
    const json_t *conditions = json_object_get(object_in(node, "status"), "conditions");
    for (size_t i = 0; i < json_array_size(conditions); i++) {
        const json_t *condition = json_array_get(conditions, i);
        const char *type = json_string_value(json_object_get(condition, "type"));
        const char *status = json_string_value(json_object_get(condition, "status"));
        if (type != NULL && status != NULL && strcmp(type, "Ready") == 0) {
            return strcmp(status, "True") == 0;
        }
    }
    return true;
}

/* A taint that keeps tasks away; that of a cordon is counted as the cordon. */
static bool is_tainted(const json_t *node)
{
    const json_t *taints = json_object_get(object_in(node, "spec"), "taints");
    for (size_t i = 0; i < json_array_size(taints); i++) {
        const json_t *taint = json_array_get(taints, i);
        const char *key = json_string_value(json_object_get(taint, "key"));
        const char *effect = json_string_value(json_object_get(taint, "effect"));
        bool keeps_away = effect != NULL && strcmp(effect, "PreferNoSchedule") != 0;
        bool of_state = key != NULL && strncmp(key, "node.kubernetes.io/", 19) == 0;
        if (keeps_away && !of_state) {
            return true;
        }
    }
    return false;
}

/* The text of an amount: a string, or a number that some tools write. */
static struct view amount_text(const json_t *value, char *buffer, size_t size)
{
    if (json_is_integer(value)) {
        (void)snprintf(buffer, size, "%" PRId64, (int64_t)json_integer_value(value));
        return view_of(buffer);
    }
    return json_is_string(value) ? view_of(json_string_value(value)) : (struct view){"", 0};
}

static bool read_amount(const json_t *resources, const char *path, const char *key,
                        bool (*read)(struct view, int64_t *), int64_t *out, struct err *err)
{
    char number[24];
    const json_t *value = json_object_get(resources, key);
    int64_t amount = 0;
    if (value == NULL) {
        return true;
    }
    if (!read(amount_text(value, number, sizeof(number)), &amount) ||
        amount > INT64_C(1000000000000)) {
        return json_unexpected(path, key, value, "an amount like 95500m or 1056Gi", err);
    }
    *out = amount;
    return true;
}

static bool read_count(const json_t *resources, const char *path, const char *key, int64_t *out,
                       struct err *err)
{
    int64_t milli = 0;
    if (!read_amount(resources, path, key, quantity_milli, &milli, err)) {
        return false;
    }
    if (milli % 1000 != 0 || milli / 1000 > NODE_MOST_DIVISIBLE_GPUS) {
        return json_unexpected(path, key, json_object_get(resources, key),
                               "a whole number from 0 to 1048576", err);
    }
    *out += milli / 1000;
    return true;
}

/* Instances that are resources of their own: "nvidia.com/mig-3g.20gb", also with "+me" behind it.
 */
static bool read_mig(json_t *resources, const char *path, struct node_entry *entry, struct err *err)
{
    static const char prefix[] = "nvidia.com/mig-";
    for (void *i = json_object_iter(resources); i != NULL;
         i = json_object_iter_next(resources, i)) {
        const char *key = json_object_iter_key(i);
        if (strncmp(key, prefix, sizeof(prefix) - 1) != 0) {
            continue;
        }
        struct mig_profile profile = {0};
        struct view attributes = {0};
        struct view name = view_cut(view_of(key + sizeof(prefix) - 1), '.', &attributes);
        int64_t count = 0;
        /* "1g.10gb.me" and "1g.10gb+me": with media engines. */
        struct view memory = attributes;
        memory.length = memory.length == 0 ? 0 : strcspn(memory.at, ".+");
        name.length += memory.length + 1;
        if (!mig_profile_parse(name, &profile)) {
            return json_unexpected(path, key, json_object_iter_value(i),
                                   "a MIG profile in the name, like mig-3g.20gb", err);
        }
        if (!read_count(resources, path, key, &count, err)) {
            return false;
        }
        if (count > 0 && !node_entry_add_mig(entry, profile, count)) {
            return json_unexpected(path, key, json_object_iter_value(i),
                                   "instances that one node can have", err);
        }
    }
    return true;
}

/* The GPU model from its product label. What is counted as GPUs may be MIG instances of one profile
 * ("A100-SXM4-40GB-MIG-1g.5gb") or time slices ("Tesla-T4-SHARED"). */
static bool read_product(struct kubectl *kubectl, const json_t *node, struct node_entry *entry)
{
    static const char mig_mark[] = "-MIG-";
    static const char shared_mark[] = "-SHARED";
    const char *product = label_of(node, "nvidia.com/gpu.product");
    const char *replicas = label_of(node, "nvidia.com/gpu.replicas");
    int64_t slices = 1;
    product = product != NULL ? product : label_of(node, "amd.com/gpu.product-name");
    if (replicas != NULL && parse_i64(view_of(replicas), &slices) == PARSE_OK && slices > 1) {
        entry->gpus = (entry->gpus + slices - 1) / slices;
        kubectl->sliced++;
    }
    if (product == NULL) {
        return true;
    }
    const char *mig = strstr(product, mig_mark);
    size_t length = strlen(product);
    size_t mark = sizeof(shared_mark) - 1;
    if (length > mark && strcmp(product + length - mark, shared_mark) == 0) {
        length -= mark;
    }
    if (mig == NULL) {
        entry->model = (struct view){product, length};
        return true;
    }
    struct mig_profile profile = {0};
    size_t profile_at = (size_t)(mig - product) + sizeof(mig_mark) - 1;
    entry->model = (struct view){product, (size_t)(mig - product)};
    entry->gpu_memory_mib = 0; /* the label tells that of an instance */
    if (profile_at > length ||
        !mig_profile_parse((struct view){product + profile_at, length - profile_at}, &profile)) {
        return true;
    }
    int64_t instances = entry->gpus;
    entry->gpus = 0;
    return instances == 0 || node_entry_add_mig(entry, profile, instances);
}

static bool read_gpus(struct kubectl *kubectl, const json_t *node, const char *path,
                      struct node_entry *entry, struct err *err)
{
    json_t *resources = object_in(object_in(node, "status"), "allocatable");
    const char *memory = label_of(node, "nvidia.com/gpu.memory");
    for (size_t i = 0; i < sizeof(gpu_resources) / sizeof(gpu_resources[0]); i++) {
        if (!read_count(resources, path, gpu_resources[i], &entry->gpus, err)) {
            return false;
        }
    }
    if (memory != NULL && (parse_i64(view_of(memory), &entry->gpu_memory_mib) != PARSE_OK ||
                           entry->gpu_memory_mib < 0)) {
        entry->gpu_memory_mib = 0;
    }
    if (!read_mig(resources, path, entry, err)) {
        return false;
    }
    return read_product(kubectl, node, entry) ||
           json_unexpected(path, "nvidia.com/gpu", json_object_get(resources, "nvidia.com/gpu"),
                           "MIG instances that one node can have", err);
}

static bool add_node(struct kubectl *kubectl, const json_t *node, const char *path, struct err *err)
{
    char at[JSON_PATH_MOST];
    struct node_entry entry;
    const json_t *status = object_in(node, "status");
    const json_t *resources = object_in(status, "allocatable");
    const char *name = json_string_value(json_object_get(object_in(node, "metadata"), "name"));
    json_path(at, path, "status.allocatable", -1);
    if (name == NULL || name[0] == '\0') {
        return json_unexpected(path, "metadata.name", NULL, "the name of a node", err);
    }
    if (resources == NULL) {
        return json_unexpected(path, "status.allocatable", json_object_get(status, "allocatable"),
                               "an object", err);
    }
    bool is_up = is_ready(node) && !is_cordoned(node);
    kubectl->unavailable += is_up ? 0 : 1;
    if (!is_up && kubectl->params->nodes == NODES_UP) {
        return true;
    }
    kubectl->tainted += is_tainted(node) ? 1 : 0;
    node_entry_init(&entry, view_of(name));
    if (!read_amount(resources, at, "cpu", quantity_milli, &entry.cpu_milli, err) ||
        !read_amount(resources, at, "memory", quantity_mib, &entry.memory_mib, err) ||
        !read_gpus(kubectl, node, at, &entry, err)) {
        return false;
    }
    for (uint32_t i = 0; i < kubectl->level_count; i++) {
        const char *value = label_of(node, kubectl->levels[i]);
        if (value != NULL) {
            entry.labels[entry.label_count++] = (struct label){kubectl->levels[i], value};
        }
    }
    return node_list_add(kubectl->out, &entry, 0, err) ||
           err_locate(err, path[0] != '\0' ? path : "the node");
}

/* -- the text -------------------------------------------------------------------------------- */

static bool add_nodes(struct kubectl *kubectl, const json_t *top, struct err *err)
{
    for (size_t i = 0; i < node_count(top); i++) {
        const json_t *node = node_at(top, i);
        const char *kind = json_string_value(json_object_get(node, "kind"));
        char path[JSON_PATH_MOST];
        json_path(path, "", node == top ? "" : "items", node == top ? -1 : (long)i);
        if (kind == NULL || strcmp(kind, "Node") != 0) {
            return json_unexpected(path, "kind", json_object_get(node, "kind"), "\"Node\"", err);
        }
        if (!add_node(kubectl, node, path, err)) {
            return false;
        }
    }
    if (kubectl->out->nodes.count == 0) {
        return err_set(err, ERR_FORMAT, 0, "no nodes in it%s, expected at least one",
                       kubectl->unavailable > 0 ? " that are up" : "");
    }
    return true;
}

static void add_notes(const struct kubectl *kubectl)
{
    struct cluster *out = kubectl->out;
    if (kubectl->unavailable > 0) {
        cluster_note(out, "%" PRIu32 " nodes are cordoned or not ready%s", kubectl->unavailable,
                     kubectl->params->nodes == NODES_UP ? " and left out (nodes=up)"
                                                        : " (nodes=up leaves them out)");
    }
    if (kubectl->tainted > 0) {
        cluster_note(out, "%" PRIu32 " nodes have taints, which keep nobody away here",
                     kubectl->tainted);
    }
    if (kubectl->sliced > 0) {
        cluster_note(out, "GPUs of %" PRIu32 " nodes are counted in time slices and read as whole",
                     kubectl->sliced);
    }
    cluster_note(out, "what runs on the nodes now is not known: allocatable is what they offer");
}

static bool kubectl_read_cluster(const void *params, struct file *file, struct cluster *out,
                                 struct err *err)
{
    struct kubectl kubectl = {.params = params, .out = out};
    json_t *top = json_parse(file->bytes, file->length, err);
    if (top == NULL) {
        return false;
    }
    find_levels(&kubectl, top);
    cluster_init(out, kubectl.levels, kubectl.level_count);
    bool ok = add_nodes(&kubectl, top, err);
    if (ok) {
        add_notes(&kubectl);
        cluster_finish(out);
    } else {
        cluster_release_all(out);
    }
    json_decref(top);
    return ok;
}

/* The value of the first `key` in the text is `value`: "key": "value". */
static bool has_pair(struct view text, const char *key, const char *value)
{
    size_t length = strlen(value);
    for (size_t i = 0; i + strlen(key) < text.length; i++) {
        if (text.at[i] != '"' || memcmp(text.at + i, key, strlen(key)) != 0) {
            continue;
        }
        i += strlen(key);
        while (i < text.length && strchr(" \t\r\n:", text.at[i]) != NULL) {
            i++;
        }
        if (i + length <= text.length && memcmp(text.at + i, value, length) == 0) {
            return true;
        }
    }
    return false;
}

/* An object of Kubernetes that has a node in it. */
static bool kubectl_detect(struct view head)
{
    while (head.length > 0 && strchr(" \t\r\n", head.at[0]) != NULL) {
        head.at++;
        head.length--;
    }
    return head.length > 0 && head.at[0] == '{' && has_pair(head, "\"apiVersion\"", "\"v1\"") &&
           (has_pair(head, "\"kind\"", "\"Node\"") || has_pair(head, "\"kind\"", "\"NodeList\""));
}

extern const struct trace_format trace_format_kubectl;
const struct trace_format trace_format_kubectl = {
    .name = "kubectl",
    .help = "nodes of a Kubernetes cluster: kubectl get nodes -o json",
    .params_size = sizeof(struct kubectl_params),
    .params = kubectl_params,
    .detect_cluster = kubectl_detect,
    .read_cluster = kubectl_read_cluster,
};
