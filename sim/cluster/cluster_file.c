/* cluster_file.c - see cluster_file.h: the short form, pools, nodes and topology levels. */
#include "sim/cluster/cluster_file.h"

#include <stdio.h>

#include "sim/base/check.h"
#include "sim/base/json_read.h"
#include "sim/base/parse.h"
#include "sim/cluster/mig.h"
#include "sim/cluster/node_type.h"
#include "sim/cluster/queue_file.h"

static bool has_only_digits(struct view v)
{
    for (size_t i = 0; i < v.length; i++) {
        if (v.at[i] < '0' || v.at[i] > '9') {
            return false;
        }
    }
    return v.length > 0;
}

bool cluster_from_short_form(const char *text, struct cluster *out, struct err *err)
{
    err->code = ERR_NONE;
    struct view gpus = {0};
    struct view nodes = view_cut(view_of(text), 'x', &gpus);
    if (!has_only_digits(nodes) || !has_only_digits(gpus)) {
        return false;
    }
    int64_t node_count = 0;
    int64_t gpu_count = 0;
    if (parse_i64(nodes, &node_count) != PARSE_OK || parse_i64(gpus, &gpu_count) != PARSE_OK ||
        node_count < 1 || node_count > CLUSTER_MOST_NODES || gpu_count > NODE_MOST_DIVISIBLE_GPUS) {
        return err_set(err, ERR_USAGE, 0, "cluster '%.60s': expected 1 to %d nodes of 0 to %d GPUs",
                       text, CLUSTER_MOST_NODES, NODE_MOST_DIVISIBLE_GPUS);
    }
    struct pool pool = {
        .name = "node",
        .node_count = (uint32_t)node_count,
        .gpu_count = (uint32_t)gpu_count,
        .model = NAMES_NONE,
        .cpu_milli = UNLIMITED,
        .memory_mib = UNLIMITED,
    };
    struct node_draft node = {0};
    struct cluster cluster;
    cluster_init(&cluster, NULL, 0);
    if (!cluster_add_pool(&cluster, &pool, &node, err)) {
        cluster_release_all(&cluster);
        return false;
    }
    cluster_finish(&cluster);
    digest_bytes(text, strlen(text), cluster.digest);
    *out = cluster;
    return true;
}

/* -- pools ----------------------------------------------------------------------------------- */

static const char *const POOL_KEYS[] = {
    "name",           "nodes",      "gpus",           "gpu_model", "gpu_memory_mib",
    "cpus",           "memory_mib", "labels",         "mig",       "divisible",
    "price_per_hour", "node_type",  POOL_SUPPLY_KEYS, NULL};

/* An amount that may be -1, absent or null-like: unlimited. In CPUs or MiB, times `scale`. */
static bool read_capacity(const json_t *object, const char *path, const char *key, int64_t scale,
                          int64_t *out, struct err *err)
{
    double amount = -1;
    if (!json_read_number(object, path, key, -1, &amount, err)) {
        return false;
    }
    if (amount <= -1) {
        *out = UNLIMITED;
        return true;
    }
    if (amount < 0 || amount > 1e12 / (double)scale) {
        const char *expected = scale == 1 ? "0 to 10^12, or -1" : "0 to 10^9, or -1";
        return json_unexpected(path, key, json_object_get(object, key), expected, err);
    }
    *out = (int64_t)(amount * (double)scale + 0.5);
    return true;
}

static bool read_mig(const json_t *object, const char *path, struct pool *pool, struct err *err)
{
    const json_t *profiles = NULL;
    if (!json_read_array(object, path, "mig", &profiles, err)) {
        return false;
    }
    size_t count = json_array_size(profiles);
    if (count > POOL_MOST_MIG_PROFILES) {
        return json_unexpected(path, "mig", profiles, "at most 16 profiles", err);
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *name = json_array_get(profiles, i);
        if (!json_is_string(name) ||
            !mig_profile_parse(view_of(json_string_value(name)), &pool->mig_profiles[i])) {
            char at[JSON_PATH_MOST];
            json_path(at, path, "mig", (long)i);
            return json_unexpected(at, "", name, "a profile such as \"3g.40gb\"", err);
        }
    }
    pool->mig_profile_count = (uint32_t)count;
    return true;
}

/* Everything of a pool but its nodes and labels. */
static bool read_pool(const json_t *object, const char *path, struct cluster *cluster,
                      struct pool *pool, struct err *err)
{
    *pool = (struct pool){.name = "", .model = NAMES_NONE};
    const char *model = "";
    int64_t gpus = 0;
    const json_t *divisible = json_object_get(object, "divisible");
    if (!json_check_object(object, path, POOL_KEYS, err) ||
        !json_read_text(object, path, "name", &pool->name, err) ||
        !json_read_whole(object, path, "gpus", (struct json_range){0, NODE_MOST_DIVISIBLE_GPUS},
                         &gpus, err) ||
        !json_read_text(object, path, "gpu_model", &model, err) ||
        !json_read_whole(object, path, "gpu_memory_mib",
                         (struct json_range){0, INT64_C(1000000000000)}, &pool->gpu_memory_mib,
                         err) ||
        !read_capacity(object, path, "cpus", 1000, &pool->cpu_milli, err) ||
        !read_capacity(object, path, "memory_mib", 1, &pool->memory_mib, err) ||
        !json_read_number(object, path, "price_per_hour", 0, &pool->price_per_hour, err) ||
        !read_mig(object, path, pool, err)) {
        return false;
    }
    if (pool->name[0] == '\0') {
        return json_unexpected(path, "name", json_object_get(object, "name"), "a name", err);
    }
    if (divisible != NULL && !json_is_boolean(divisible)) {
        return json_unexpected(path, "divisible", divisible, "true or false", err);
    }
    if (json_object_get(object, "gpus") == NULL) {
        return json_unexpected(path, "gpus", NULL, "how many GPUs a node has", err);
    }
    pool->gpu_count = (uint32_t)gpus;
    pool->divisible = gpus > NODE_MOST_GPUS || json_is_true(divisible);
    if (model[0] != '\0') {
        if (names_find(&cluster->models, view_of(model)) == NAMES_NONE &&
            names_count(&cluster->models) == CLUSTER_MOST_MODELS) {
            return err_set(err, ERR_FORMAT, 0, "at %s: more than %d GPU models", path,
                           CLUSTER_MOST_MODELS);
        }
        pool->model = names_add(&cluster->models, view_of(model), NULL);
    }
    return true;
}

typedef VEC(struct label) label_vec;

/* Adds the labels of an object; one that is there already gets the new value. */
static bool read_labels(const json_t *object, const char *path, label_vec *out, struct err *err)
{
    json_t *labels = json_object_get(object, "labels");
    if (labels != NULL && !json_is_object(labels)) {
        return json_unexpected(path, "labels", labels, "an object", err);
    }
    for (void *i = json_object_iter(labels); i != NULL; i = json_object_iter_next(labels, i)) {
        const char *key = json_object_iter_key(i);
        const json_t *value = json_object_iter_value(i);
        if (!json_is_string(value)) {
            return json_unexpected(path, "labels", value, "strings as values", err);
        }
        struct label label = {key, json_string_value(value)};
        size_t at = 0;
        while (at < out->count && strcmp(out->items[at].key, key) != 0) {
            at++;
        }
        if (at < out->count) {
            out->items[at] = label;
        } else {
            vec_push(out, label);
        }
    }
    return true;
}

/* What the cluster refuses of a pool is said with its place in the file. */
static bool add_to_cluster(struct cluster *cluster, const struct pool *pool,
                           const struct node_draft *node, const char *path, struct err *err)
{
    char where[JSON_PATH_MOST + 3];
    (void)snprintf(where, sizeof(where), "at %s", path);
    return cluster_add_pool(cluster, pool, node, err) || err_locate(err, where);
}

/* A node of its own in the list of a pool: a name, and labels besides the pool's. */
static bool add_single_node(const json_t *object, const char *path, struct cluster *cluster,
                            const struct pool *pool, const label_vec *pool_labels, struct err *err)
{
    static const char *const NODE_KEYS[] = {"name", "labels", NULL};
    const char *name = "";
    label_vec labels = {0};
    for (size_t i = 0; i < pool_labels->count; i++) {
        vec_push(&labels, pool_labels->items[i]);
    }
    bool ok = json_check_object(object, path, NODE_KEYS, err) &&
              json_read_text(object, path, "name", &name, err) &&
              read_labels(object, path, &labels, err);
    if (ok && name[0] == '\0') {
        ok = json_unexpected(path, "name", NULL, "the name of the node", err);
    }
    struct node_draft node = {name, labels.count, labels.items};
    ok = ok && add_to_cluster(cluster, pool, &node, path, err);
    vec_release(&labels);
    return ok;
}

static bool add_nodes(const json_t *object, const char *path, struct cluster *cluster,
                      struct pool *pool, const label_vec *labels, struct err *err)
{
    const json_t *nodes = json_object_get(object, "nodes");
    if (json_is_array(nodes) && json_array_size(nodes) > 0) {
        pool->node_count = 1;
        for (size_t i = 0; i < json_array_size(nodes); i++) {
            char at[JSON_PATH_MOST];
            json_path(at, path, "nodes", (long)i);
            if (!add_single_node(json_array_get(nodes, i), at, cluster, pool, labels, err)) {
                return false;
            }
        }
        return true;
    }
    int64_t count = 0;
    if (nodes == NULL || json_is_array(nodes)) {
        return json_unexpected(path, "nodes", nodes, "how many, or a list of nodes", err);
    }
    if (!json_read_whole(object, path, "nodes", (struct json_range){1, CLUSTER_MOST_NODES}, &count,
                         err)) {
        return false;
    }
    pool->node_count = (uint32_t)count;
    struct node_draft node = {NULL, labels->count, labels->items};
    return add_to_cluster(cluster, pool, &node, path, err);
}

/* How many nodes a pool can have there at once is known before they are added. */
static bool read_supply(const json_t *object, const char *path, struct cluster *cluster,
                        struct pool *pool, struct err *err)
{
    const json_t *nodes = json_object_get(object, "nodes");
    int64_t count = json_is_integer(nodes) ? json_integer_value(nodes) : 1;
    uint32_t most = count < 1                    ? 1
                    : count > CLUSTER_MOST_NODES ? CLUSTER_MOST_NODES
                                                 : (uint32_t)count;
    if (!json_is_integer(nodes) && json_object_get(object, "elastic") != NULL) {
        return json_unexpected(path, "nodes", nodes, "how many nodes the elastic pool has", err);
    }
    return pool_supply_from_json(object, path, most, &cluster->arena, &pool->supply, err);
}

static bool add_pool(const json_t *object, const char *path, struct cluster *cluster,
                     struct err *err)
{
    struct pool pool;
    label_vec labels = {0};
    bool ok = read_pool(object, path, cluster, &pool, err) &&
              read_supply(object, path, cluster, &pool, err) &&
              read_labels(object, path, &labels, err) &&
              add_nodes(object, path, cluster, &pool, &labels, err);
    vec_release(&labels);
    return ok;
}

/* -- the file -------------------------------------------------------------------------------- */

static bool read_levels(const json_t *top, const char **levels, uint32_t *count, struct err *err)
{
    const json_t *list = NULL;
    if (!json_read_array(top, "", "topology", &list, err)) {
        return false;
    }
    if (json_array_size(list) > CLUSTER_MOST_LEVELS) {
        return json_unexpected("", "topology", list, "at most 16 levels", err);
    }
    *count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; i < *count; i++) {
        const json_t *level = json_array_get(list, i);
        levels[i] = json_string_value(level);
        for (uint32_t j = 0; levels[i] != NULL && j < i; j++) {
            levels[i] = strcmp(levels[i], levels[j]) == 0 ? NULL : levels[i];
        }
        if (levels[i] == NULL) {
            char at[JSON_PATH_MOST];
            json_path(at, "", "topology", i);
            return json_unexpected(at, "", level, "a label key that no other level has", err);
        }
    }
    return true;
}

static bool fill(const json_t *top, struct cluster *out, struct err *err)
{
    const json_t *pools = NULL;
    if (!json_read_array(top, "", "pools", &pools, err)) {
        return false;
    }
    if (json_array_size(pools) == 0) {
        return json_unexpected("", "pools", pools, "a list of at least one pool", err);
    }
    for (size_t i = 0; i < json_array_size(pools); i++) {
        char path[JSON_PATH_MOST];
        json_path(path, "", "pools", (long)i);
        if (!add_pool(json_array_get(pools, i), path, out, err)) {
            return false;
        }
    }
    return queues_from_json(top, out, err);
}

bool cluster_from_json(const struct file *file, struct cluster *out, struct err *err)
{
    static const char *const KEYS[] = {"pools", "topology", "queues", "catalogue", NULL};
    json_t *top = json_parse(file->bytes, file->length, err);
    if (top == NULL) {
        return false;
    }
    const char *levels[CLUSTER_MOST_LEVELS];
    uint32_t level_count = 0;
    bool ok = json_check_object(top, "", KEYS, err) && node_types_expand(top, err) &&
              read_levels(top, levels, &level_count, err);
    if (ok) {
        struct cluster cluster;
        cluster_init(&cluster, levels, level_count);
        ok = fill(top, &cluster, err);
        if (ok) {
            cluster_finish(&cluster);
            digest_bytes(file->bytes, file->length, cluster.digest);
            *out = cluster;
        } else {
            cluster_release_all(&cluster);
        }
    }
    json_decref(top);
    return ok;
}

/* -- writing --------------------------------------------------------------------------------- */

/* Names come from CSV files too, whose bytes may not be UTF-8; what is not becomes '?'. */
static json_t *string_json(const char *string)
{
    struct text quoted = {0};
    text_add_json(&quoted, string);
    json_t *value = json_loadb(quoted.bytes, quoted.length, JSON_DECODE_ANY, NULL);
    text_release(&quoted);
    CHECK(value != NULL);
    return value;
}

static void set_capacity(json_t *object, const char *key, int64_t amount, int64_t scale)
{
    if (amount == UNLIMITED) {
        return;
    }
    json_t *value = amount % scale == 0 ? json_integer(amount / scale)
                                        : json_real((double)amount / (double)scale);
    json_object_set_new(object, key, value);
}

static json_t *labels_json(const struct pool *pool)
{
    json_t *labels = json_object();
    for (uint32_t i = 0; i < pool->label_count; i++) {
        json_object_set_new(labels, pool->labels[i].key, string_json(pool->labels[i].value));
    }
    return labels;
}

/* What the pools of single nodes have in common with others, without their nodes and labels. */
static json_t *pool_json(const struct cluster *cluster, const struct pool *pool)
{
    json_t *object =
        json_pack("{s:o, s:i}", "name", string_json(pool->name), "gpus", (int)pool->gpu_count);
    if (pool->model != NAMES_NONE) {
        const char *model = names_get(&cluster->models, pool->model);
        json_object_set_new(object, "gpu_model", string_json(model));
    }
    if (pool->gpu_memory_mib > 0) {
        json_object_set_new(object, "gpu_memory_mib", json_integer(pool->gpu_memory_mib));
    }
    set_capacity(object, "cpus", pool->cpu_milli, 1000);
    set_capacity(object, "memory_mib", pool->memory_mib, 1);
    if (pool->divisible && pool->gpu_count <= NODE_MOST_GPUS) {
        json_object_set_new(object, "divisible", json_true());
    }
    if (pool->price_per_hour > 0) {
        json_object_set_new(object, "price_per_hour", json_real(pool->price_per_hour));
    }
    pool_supply_add_json(object, pool->supply);
    json_t *profiles = json_array();
    for (uint32_t i = 0; i < pool->mig_profile_count; i++) {
        struct text name = {0};
        mig_profile_add_name(&name, pool->mig_profiles[i]);
        json_array_append_new(profiles, json_string(name.bytes));
        text_release(&name);
    }
    if (pool->mig_profile_count > 0) {
        json_object_set(object, "mig", profiles);
    }
    json_decref(profiles);
    return object;
}

/* A pool whose only node has a name of its own was a node of a list. */
static bool is_single_node(const struct cluster *cluster, const struct pool *pool)
{
    const char *name = cluster->nodes.items[pool->first_node].name;
    return pool->node_count == 1 && strcmp(name, pool->name) != 0;
}

static json_t *pools_json(const struct cluster *cluster)
{
    json_t *pools = json_array();
    json_t *list = NULL;   /* nodes of the pool that is being put together */
    json_t *shared = NULL; /* what they have in common */
    for (size_t i = 0; i < cluster->pools.count; i++) {
        const struct pool *pool = &cluster->pools.items[i];
        json_t *object = pool_json(cluster, pool);
        if (!is_single_node(cluster, pool)) {
            json_object_set_new(object, "nodes", json_integer(pool->node_count));
            json_object_set_new(object, "labels", labels_json(pool));
            json_array_append_new(pools, object);
            json_decref(shared);
            shared = NULL;
            continue;
        }
        if (shared == NULL || !json_equal(shared, object)) {
            json_decref(shared);
            shared = json_copy(object);
            list = json_array();
            json_object_set_new(object, "nodes", list);
            json_array_append(pools, object);
        }
        const char *name = cluster->nodes.items[pool->first_node].name;
        json_array_append_new(
            list, json_pack("{s:o, s:o}", "name", string_json(name), "labels", labels_json(pool)));
        json_decref(object);
    }
    json_decref(shared);
    return pools;
}

void cluster_add_json(struct text *text, const struct cluster *cluster)
{
    json_t *top = json_pack("{s:o}", "pools", pools_json(cluster));
    if (cluster->level_count > 0) {
        json_t *levels = json_array();
        for (uint32_t i = 0; i < cluster->level_count; i++) {
            json_array_append_new(levels, json_string(cluster->levels[i].label));
        }
        json_object_set_new(top, "topology", levels);
    }
    if (cluster->queues.count > 0) {
        json_object_set_new(top, "queues", queues_json(cluster));
    }
    char *dump = json_dumps(top, JSON_INDENT(2));
    CHECK(dump != NULL);
    text_add(text, dump);
    text_add_char(text, '\n');
    free(dump);
    json_decref(top);
}
