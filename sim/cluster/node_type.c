/* node_type.c - see node_type.h. */
#include "sim/cluster/node_type.h"

#include <stdio.h>

#include "sim/base/json_read.h"
#include "sim/base/param.h"
#include "sim/cluster/catalogue_cost.h"
#include "sim/cluster/mig.h"

/* A pool being rewritten, and what it names. */
struct expansion {
    const struct catalogue *catalogue;
    json_t *pool;
    const char *path;
    const struct catalogue_node *node;
    const struct catalogue_gpu *gpu;
    struct err *err;
};

static bool refuse(const struct expansion *at, const char *key, const char *expected)
{
    return json_unexpected(at->path, key, json_object_get(at->pool, key), expected, at->err);
}

/* Refuses a name that the catalogue lacks, with the nearest of `names`. */
static bool refuse_name(const struct expansion *at, const char *key, const char *what,
                        const char *const *names)
{
    const json_t *value = json_object_get(at->pool, key);
    const char *nearest =
        json_is_string(value) ? param_nearest(view_of(json_string_value(value)), names) : NULL;
    char expected[200];
    (void)snprintf(expected, sizeof(expected), "%s%s%s%s", what,
                   nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
                   nearest != NULL ? "\"?" : "");
    return refuse(at, key, expected);
}

static bool find_node(struct expansion *at)
{
    const json_t *name = json_object_get(at->pool, "node_type");
    const struct catalogue *catalogue = at->catalogue;
    at->node =
        json_is_string(name) ? catalogue_find_node(catalogue, json_string_value(name)) : NULL;
    if (at->node != NULL) {
        at->gpu = &catalogue->gpus.items[at->node->gpu];
        return true;
    }
    const char **names = mem_alloc(catalogue->nodes.count + 1, sizeof(*names));
    for (size_t i = 0; i < catalogue->nodes.count; i++) {
        names[i] = catalogue->nodes.items[i].name;
    }
    (void)refuse_name(at, "node_type", "a node type ('berth catalogue nodes' lists them)", names);
    free(names);
    return false;
}

/* What the pool does not say itself. */
static void set_default(const struct expansion *at, const char *key, json_t *value)
{
    if (json_object_get(at->pool, key) == NULL) {
        json_object_set(at->pool, key, value);
    }
    json_decref(value);
}

static void set_label(const struct expansion *at, const char *key, const char *value)
{
    json_t *labels = json_object_get(at->pool, "labels");
    if (labels == NULL) {
        labels = json_object();
        json_object_set_new(at->pool, "labels", labels);
    }
    if (json_is_object(labels) && json_object_get(labels, key) == NULL) {
        json_object_set_new(labels, key, json_string(value));
    }
}

static void set_number(json_t *object, const char *key, int64_t amount, double unit)
{
    if (json_object_get(object, key) == NULL) {
        json_object_set_new(object, key, json_real((double)amount / unit));
    }
}

/* When nodes of this kind are there: interruptions, and the terms of an elastic pool
 * (pool_supply.h). */
static void set_supply(const struct expansion *at, const struct catalogue_pool *kind)
{
    if (kind->mean_up_us > 0 && json_object_get(at->pool, "spot") == NULL) {
        json_t *spot = json_object();
        set_number(spot, "mean_up_h", kind->mean_up_us, 3.6e9);
        set_number(spot, "mean_away_h", kind->mean_away_us, 3.6e9);
        json_object_set_new(at->pool, "spot", spot);
    }
    json_t *elastic = json_object_get(at->pool, "elastic");
    if (!json_is_object(elastic)) {
        return;
    }
    set_number(elastic, "start_s", kind->start_delay_us, 1e6);
    set_number(elastic, "least_s", kind->minimum_hold_us, 1e6);
    const json_t *nodes = json_object_get(at->pool, "nodes");
    bool is_bounded = kind->limit_nodes >= 1 && kind->limit_nodes < json_integer_value(nodes);
    if (is_bounded && json_object_get(elastic, "most_nodes") == NULL) {
        json_object_set_new(elastic, "most_nodes", json_integer(kind->limit_nodes));
    }
}

/* What the kind of pool says: the price of an hour, and when nodes are there. */
static bool set_kind(const struct expansion *at)
{
    const struct catalogue *catalogue = at->catalogue;
    const json_t *name = json_object_get(at->pool, "pool_kind");
    if (name == NULL) {
        return json_object_get(at->pool, "price") == NULL ||
               refuse(at, "pool_kind", "a kind of pool, because \"price\" is given");
    }
    const struct catalogue_pool *kind =
        json_is_string(name) ? catalogue_find_pool(catalogue, json_string_value(name)) : NULL;
    if (kind == NULL) {
        const char **names = mem_alloc(catalogue->pools.count + 1, sizeof(*names));
        for (size_t i = 0; i < catalogue->pools.count; i++) {
            names[i] = catalogue->pools.items[i].name;
        }
        (void)refuse_name(at, "pool_kind", "a kind of pool ('berth catalogue pools' lists them)",
                          names);
        free(names);
        return false;
    }
    const struct catalogue_price *listed = catalogue_find_price(catalogue, at->node, kind);
    double price = listed == NULL ? -1 : (double)listed->price_micro / 1e6;
    if (!json_read_number(at->pool, at->path, "price", 0, &price, at->err)) {
        return false;
    }
    bool is_hour_told = json_object_get(at->pool, "price_per_hour") != NULL;
    if (price > 1e9 || (price < 0 && !is_hour_told)) {
        return refuse(at, "price",
                      price > 1e9 ? "at most 10^9"
                                  : "a price: the catalogue has none for this node "
                                    "type in this kind of pool");
    }
    if (price >= 0) {
        struct pool_terms terms =
            catalogue_terms(catalogue, at->node, kind, (int64_t)(price * 1e6 + 0.5));
        double hour = (double)catalogue_hour_micro(&terms, 1000000) / 1e6;
        set_default(at, "price_per_hour", json_real(hour));
    }
    set_label(at, "pool_kind", kind->name);
    set_supply(at, kind);
    return true;
}

/* GPUs of a node and their model and memory, as they are or split. */
static bool set_gpus(const struct expansion *at)
{
    struct catalogue_partition whole = {.name = "", .parts = 1};
    const struct catalogue_partition *split = &whole;
    const json_t *name = json_object_get(at->pool, "partition");
    if (name != NULL) {
        const char *names[CATALOGUE_MOST_PARTS + 1] = {NULL};
        split = NULL;
        for (uint32_t i = 0; i < at->gpu->partition_count && i < CATALOGUE_MOST_PARTS; i++) {
            names[i] = at->gpu->partitions[i].name;
            if (json_is_string(name) && strcmp(names[i], json_string_value(name)) == 0) {
                split = &at->gpu->partitions[i];
            }
        }
        if (split == NULL) {
            return refuse_name(at, "partition", "a partition of the GPU", names);
        }
        if (at->node->gpu_count * split->parts > NODE_MOST_GPUS) {
            return refuse(at, "partition", "one that makes at most 64 GPUs of those of a node");
        }
    }
    struct text model = {0};
    text_addf(&model, "%s%s%s", at->gpu->name, name != NULL ? "/" : "", split->name);
    set_default(at, "gpu_model", json_string(model.bytes));
    text_release(&model);
    set_default(at, "gpus", json_integer((int64_t)at->node->gpu_count * split->parts));
    set_default(at, "gpu_memory_mib", json_integer(at->gpu->memory_mib / split->parts));
    return true;
}

/* `"mig": true` to all instances of the GPU; a list must name instances it has. */
static bool set_instances(const struct expansion *at)
{
    const json_t *told = json_object_get(at->pool, "mig");
    json_t *names = json_array();
    for (uint32_t i = 0; i < at->gpu->mig_count; i++) {
        struct text name = {0};
        mig_profile_add_name(&name, at->gpu->mig[i]);
        json_array_append_new(names, json_string(name.bytes));
        text_release(&name);
    }
    bool ok = true;
    if (json_is_true(told)) {
        json_object_set(at->pool, "mig", names);
        ok = at->gpu->mig_count > 0 || refuse(at, "node_type", "one whose GPUs have MIG instances");
    }
    for (size_t i = 0; ok && json_is_array(told) && i < json_array_size(told); i++) {
        const json_t *wanted = json_array_get(told, i);
        bool is_there = false;
        for (size_t j = 0; j < json_array_size(names); j++) {
            is_there = is_there || json_equal(wanted, json_array_get(names, j));
        }
        char where[JSON_PATH_MOST];
        json_path(where, at->path, "mig", (long)i);
        ok = is_there ||
             json_unexpected(where, "", wanted, "a MIG instance that this GPU has", at->err);
    }
    json_decref(names);
    return ok;
}

static bool expand(struct expansion *at)
{
    static const char *const KEYS[] = {"pool_kind", "partition", "price"};
    if (json_object_get(at->pool, "node_type") == NULL) {
        for (size_t i = 0; i < sizeof(KEYS) / sizeof(*KEYS); i++) {
            if (json_object_get(at->pool, KEYS[i]) != NULL) {
                char expected[80];
                (void)snprintf(expected, sizeof(expected), "a node type, because \"%s\" is given",
                               KEYS[i]);
                return refuse(at, "node_type", expected);
            }
        }
        return true;
    }
    if (!find_node(at) || !set_gpus(at) || !set_instances(at) || !set_kind(at)) {
        return false;
    }
    set_default(at, "cpus", json_real((double)at->node->cpu_milli / 1000));
    set_default(at, "memory_mib", json_integer(at->node->memory_mib));
    set_label(at, "node_type", at->node->name);
    json_object_del(at->pool, "node_type");
    for (size_t i = 0; i < sizeof(KEYS) / sizeof(*KEYS); i++) {
        json_object_del(at->pool, KEYS[i]);
    }
    return true;
}

bool node_types_are_used(const json_t *top)
{
    bool needed = json_object_get(top, "catalogue") != NULL;
    const json_t *pools = json_object_get(top, "pools");
    for (size_t i = 0; i < json_array_size(pools); i++) {
        const json_t *pool = json_array_get(pools, i);
        needed = needed || json_object_get(pool, "node_type") != NULL ||
                 json_object_get(pool, "pool_kind") != NULL ||
                 json_object_get(pool, "partition") != NULL ||
                 json_object_get(pool, "price") != NULL;
    }
    return needed;
}

bool node_types_expand(json_t *top, struct err *err)
{
    if (!node_types_are_used(top)) {
        return true;
    }
    struct catalogue catalogue;
    catalogue_init(&catalogue);
    const json_t *document = json_object_get(top, "catalogue");
    bool ok = document == NULL || catalogue_add(&catalogue, document, "catalogue", err);
    json_t *pools = json_object_get(top, "pools");
    for (size_t i = 0; ok && i < json_array_size(pools); i++) {
        char path[JSON_PATH_MOST];
        json_path(path, "", "pools", (long)i);
        json_t *pool = json_array_get(pools, i);
        struct expansion at = {.catalogue = &catalogue, .pool = pool, .path = path, .err = err};
        ok = !json_is_object(pool) || expand(&at);
    }
    json_object_del(top, "catalogue");
    catalogue_release(&catalogue);
    return ok;
}
