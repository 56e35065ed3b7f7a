/*
 * catalogue_read.c - documents into the catalogue; see catalogue.h.
 *
 * Lists are read in the order sources, gpus, nodes, pools, prices, so that an entry may name those
 * of the lists before its own in the same document, and of all earlier ones.
 */
#include <math.h>
#include <stdio.h>

#include "sim/base/check.h"
#include "sim/base/json_read.h"
#include "sim/cluster/catalogue.h"
#include "sim/cluster/mig.h"

/* An entry being read: its object and place, and the document it belongs to. */
struct entry {
    struct catalogue *catalogue;
    const json_t *object;
    const char *path;
    uint32_t document;
    struct err *err;
};

static bool refuse(const struct entry *entry, const char *key, const char *expected)
{
    return json_unexpected(entry->path, key, json_object_get(entry->object, key), expected,
                           entry->err);
}

static const char *keep(const struct entry *entry, const char *text)
{
    return arena_copy_text(&entry->catalogue->arena, text, strlen(text));
}

/* A text that has to be there, `most` bytes at the most, copied. */
static bool read_text(const struct entry *entry, const char *key, size_t most, const char **out)
{
    const char *text = "";
    if (!json_read_text(entry->object, entry->path, key, &text, entry->err)) {
        return false;
    }
    if (text[0] == '\0' || strlen(text) > most) {
        char expected[60];
        (void)snprintf(expected, sizeof(expected), "a text of 1 to %zu bytes", most);
        return refuse(entry, key, expected);
    }
    *out = keep(entry, text);
    return true;
}

/* A number and the unit it is kept in: what is read times `scale`, rounded to the nearest. */
struct amount {
    const char *key;
    double least;
    double most;
    double scale;
    bool may_miss; /* then *out stays */
};

static bool read_amount(const struct entry *entry, struct amount amount, int64_t *out)
{
    const json_t *value = json_object_get(entry->object, amount.key);
    if (value == NULL && amount.may_miss) {
        return true;
    }
    double number = json_number_value(value); /* 0 of nothing */
    if (!json_is_number(value) || !(number >= amount.least && number <= amount.most)) {
        char expected[80];
        (void)snprintf(expected, sizeof(expected), "a number from %.15g to %.15g", amount.least,
                       amount.most);
        return refuse(entry, amount.key, expected);
    }
    *out = llround(number * amount.scale);
    return true;
}

/* The number of the source of this name. */
static bool find_source(const struct entry *entry, const char *key, const json_t *name,
                        const char *path, uint32_t *out)
{
    const struct catalogue *catalogue = entry->catalogue;
    for (uint32_t i = 0; json_is_string(name) && i < catalogue->sources.count; i++) {
        if (strcmp(catalogue->sources.items[i].name, json_string_value(name)) == 0) {
            *out = i;
            return true;
        }
    }
    return json_unexpected(path, key, name, "the name of an entry of \"sources\"", entry->err);
}

/* The source of the entry, and those of single figures; `figures` are those it can have. */
static bool read_cites(const struct entry *entry, const char *const *figures,
                       struct catalogue_cites *out)
{
    *out = (struct catalogue_cites){0};
    if (!find_source(entry, "source", json_object_get(entry->object, "source"), entry->path,
                     &out->source)) {
        return false;
    }
    json_t *sources = json_object_get(entry->object, "sources");
    if (sources == NULL) {
        return true;
    }
    char at[JSON_PATH_MOST];
    json_path(at, entry->path, "sources", -1);
    if (!json_check_object(sources, at, figures, entry->err)) {
        return false;
    }
    struct catalogue_cite *cites =
        arena_alloc(&entry->catalogue->arena, json_object_size(sources) + 1, sizeof(*cites));
    for (void *i = json_object_iter(sources); i != NULL; i = json_object_iter_next(sources, i)) {
        struct catalogue_cite *cite = &cites[out->count++];
        cite->figure = keep(entry, json_object_iter_key(i));
        if (!find_source(entry, cite->figure, json_object_iter_value(i), at, &cite->source)) {
            return false;
        }
    }
    out->cites = cites;
    return true;
}

static bool refuse_twice(const struct entry *entry)
{
    return refuse(entry, "name", "a name that no other entry of the list has");
}

static bool read_source(const struct entry *entry)
{
    static const char *const KEYS[] = {"name", "title", "address", "date", "checked", NULL};
    struct catalogue_source source = {.document = entry->document};
    const json_t *checked = json_object_get(entry->object, "checked");
    if (!json_check_object(entry->object, entry->path, KEYS, entry->err) ||
        !read_text(entry, "name", CATALOGUE_MOST_NAME, &source.name) ||
        !read_text(entry, "title", 400, &source.title) ||
        !read_text(entry, "address", 400, &source.address) ||
        !read_text(entry, "date", 20, &source.date)) {
        return false;
    }
    if (!json_is_boolean(checked)) {
        return refuse(entry, "checked", "true or false");
    }
    source.is_checked = json_is_true(checked);
    struct catalogue *catalogue = entry->catalogue;
    for (size_t i = 0; i < catalogue->sources.count; i++) {
        struct catalogue_source *older = &catalogue->sources.items[i];
        if (strcmp(older->name, source.name) == 0) {
            if (older->document == entry->document) {
                return refuse_twice(entry);
            }
            *older = source;
            return true;
        }
    }
    vec_push(&catalogue->sources, source);
    return true;
}

/* -- GPUs ------------------------------------------------------------------------------------ */

static bool read_aliases(const struct entry *entry, struct catalogue_gpu *gpu)
{
    const json_t *list = NULL;
    if (!json_read_array(entry->object, entry->path, "aliases", &list, entry->err)) {
        return false;
    }
    size_t count = json_array_size(list);
    const char **aliases = arena_alloc(&entry->catalogue->arena, count + 1, sizeof(*aliases));
    for (size_t i = 0; i < count; i++) {
        const json_t *alias = json_array_get(list, i);
        if (!json_is_string(alias) || json_string_length(alias) == 0 ||
            json_string_length(alias) > CATALOGUE_MOST_NAME) {
            char at[JSON_PATH_MOST];
            json_path(at, entry->path, "aliases", (long)i);
            return json_unexpected(at, "", alias, "a name of 1 to 60 bytes", entry->err);
        }
        aliases[i] = keep(entry, json_string_value(alias));
    }
    gpu->aliases = aliases;
    gpu->alias_count = (uint32_t)count;
    return true;
}

static bool read_instances(const struct entry *entry, struct catalogue_gpu *gpu)
{
    const json_t *list = NULL;
    if (!json_read_array(entry->object, entry->path, "mig", &list, entry->err)) {
        return false;
    }
    if (json_array_size(list) > POOL_MOST_MIG_PROFILES) {
        return refuse(entry, "mig", "at most 16 profiles");
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *name = json_array_get(list, i);
        if (!json_is_string(name) ||
            !mig_profile_parse(view_of(json_string_value(name)), &gpu->mig[i]) ||
            mig_memory_slices(gpu->mig[i], gpu->memory_mib) == 0) {
            char at[JSON_PATH_MOST];
            json_path(at, entry->path, "mig", (long)i);
            return json_unexpected(at, "", name, "a profile that fits the memory, like \"3g.40gb\"",
                                   entry->err);
        }
    }
    gpu->mig_count = (uint32_t)json_array_size(list);
    return true;
}

static bool read_partition(const struct entry *gpu_entry, size_t i, const json_t *object,
                           struct catalogue_partition *out)
{
    static const char *const KEYS[] = {"name", "parts", NULL};
    char at[JSON_PATH_MOST];
    json_path(at, gpu_entry->path, "partitions", (long)i);
    struct entry entry = *gpu_entry;
    entry.object = object;
    entry.path = at;
    int64_t parts = 0;
    if (!json_check_object(object, at, KEYS, entry.err) ||
        !read_text(&entry, "name", CATALOGUE_MOST_NAME, &out->name) ||
        !json_read_whole(object, at, "parts", (struct json_range){1, CATALOGUE_MOST_PARTS}, &parts,
                         entry.err)) {
        return false;
    }
    out->parts = (uint32_t)parts;
    return parts > 0 || refuse(&entry, "parts", "how many GPUs it makes of one");
}

static bool read_partitions(const struct entry *entry, struct catalogue_gpu *gpu)
{
    const json_t *list = NULL;
    if (!json_read_array(entry->object, entry->path, "partitions", &list, entry->err)) {
        return false;
    }
    size_t count = json_array_size(list);
    struct catalogue_partition *partitions =
        arena_alloc(&entry->catalogue->arena, count + 1, sizeof(*partitions));
    for (size_t i = 0; i < count; i++) {
        if (!read_partition(entry, i, json_array_get(list, i), &partitions[i])) {
            return false;
        }
    }
    gpu->partitions = partitions;
    gpu->partition_count = (uint32_t)count;
    return true;
}

/* Peak figures, and speeds where they are told. */
static bool read_speeds(const struct entry *entry, struct catalogue_gpu *gpu)
{
    const char *keys[WORK_CLASS_COUNT + 1] = {NULL};
    bool is_base = strcmp(gpu->name, CATALOGUE_BASE_GPU) == 0;
    const json_t *speeds = json_object_get(entry->object, "speeds");
    char at[JSON_PATH_MOST];
    json_path(at, entry->path, "speeds", -1);
    for (unsigned i = 0; i < WORK_CLASS_COUNT; i++) {
        keys[i] = work_classes[i].name;
        const char *figure = work_classes[i].figure;
        gpu->peak[i] = -1;
        if (!json_read_number(entry->object, entry->path, figure, 0, &gpu->peak[i], entry->err)) {
            return false;
        }
        if (gpu->peak[i] < 0 || gpu->peak[i] > 1e9 || (is_base && gpu->peak[i] < 0.001)) {
            return refuse(entry, figure,
                          is_base ? "0.001 to 10^9: the others are compared with it" : "0 to 10^9");
        }
    }
    if (speeds == NULL) {
        return true;
    }
    if (!json_check_object(speeds, at, keys, entry->err)) {
        return false;
    }
    for (unsigned i = 0; i < WORK_CLASS_COUNT; i++) {
        const json_t *told = json_object_get(speeds, keys[i]);
        gpu->is_speed_told[i] = told != NULL;
        if (!json_read_number(speeds, at, keys[i], 0, &gpu->speed[i], entry->err)) {
            return false;
        }
        if (gpu->speed[i] > 1e12 || (is_base && told != NULL && fabs(gpu->speed[i] - 1) > 0)) {
            return json_unexpected(at, keys[i], told, is_base ? "1, or nothing" : "0 to 10^12",
                                   entry->err);
        }
    }
    return true;
}

static bool read_gpu(const struct entry *entry)
{
    static const char *const KEYS[] = {
        "name",        "vendor",         "aliases",        "memory_mib",  "mig",    "partitions",
        "fp16_tflops", "bandwidth_gb_s", "inference_tops", "fp64_tflops", "speeds", "watts_busy",
        "watts_idle",  "source",         "sources",        NULL};
    static const char *const FIGURES[] = {"memory_mib",
                                          "mig",
                                          "partitions",
                                          "fp16_tflops",
                                          "bandwidth_gb_s",
                                          "inference_tops",
                                          "fp64_tflops",
                                          "speeds",
                                          "watts_busy",
                                          "watts_idle",
                                          NULL};
    struct catalogue_gpu gpu = {.document = entry->document};
    if (!json_check_object(entry->object, entry->path, KEYS, entry->err) ||
        !read_text(entry, "name", CATALOGUE_MOST_NAME, &gpu.name) ||
        !read_text(entry, "vendor", CATALOGUE_MOST_NAME, &gpu.vendor) ||
        !read_amount(entry, (struct amount){"memory_mib", 1, 1e9, 1, false}, &gpu.memory_mib) ||
        !read_aliases(entry, &gpu) || !read_instances(entry, &gpu) ||
        !read_partitions(entry, &gpu) || !read_speeds(entry, &gpu) ||
        !read_amount(entry, (struct amount){"watts_busy", 0, 1e6, 1000, false}, &gpu.busy_mw) ||
        !read_amount(entry, (struct amount){"watts_idle", 0, 1e6, 1000, false}, &gpu.idle_mw) ||
        !read_cites(entry, FIGURES, &gpu.cites)) {
        return false;
    }
    if (gpu.idle_mw > gpu.busy_mw) {
        return refuse(entry, "watts_idle", "at most watts_busy");
    }
    struct catalogue *catalogue = entry->catalogue;
    for (size_t i = 0; i < catalogue->gpus.count; i++) {
        struct catalogue_gpu *older = &catalogue->gpus.items[i];
        if (strcmp(older->name, gpu.name) == 0) {
            if (older->document == entry->document) {
                return refuse_twice(entry);
            }
            *older = gpu;
            return true;
        }
    }
    vec_push(&catalogue->gpus, gpu);
    return true;
}

/* Speeds that are not told, from the peak figures of the GPU and the base GPU. */
static bool settle_speeds(struct catalogue *catalogue, const char *path, struct err *err)
{
    if (catalogue->gpus.count == 0) {
        return true;
    }
    const struct catalogue_gpu *base = catalogue_find_gpu(catalogue, CATALOGUE_BASE_GPU);
    if (base == NULL || strcmp(base->name, CATALOGUE_BASE_GPU) != 0) {
        return json_unexpected(path, "gpus", NULL, CATALOGUE_BASE_GPU ", the base of all speeds",
                               err);
    }
    for (size_t i = 0; i < catalogue->gpus.count; i++) {
        struct catalogue_gpu *gpu = &catalogue->gpus.items[i];
        for (unsigned j = 0; j < WORK_CLASS_COUNT; j++) {
            if (!gpu->is_speed_told[j]) {
                gpu->speed[j] = gpu->peak[j] / base->peak[j];
            }
        }
    }
    return true;
}

/* -- nodes, pools, prices -------------------------------------------------------------------- */

/* The text under `key`, or "", which names nothing. */
static const char *name_under(const struct entry *entry, const char *key)
{
    const json_t *value = json_object_get(entry->object, key);
    return json_is_string(value) ? json_string_value(value) : "";
}

static bool read_node(const struct entry *entry)
{
    static const char *const KEYS[] = {"name",       "gpu",    "gpus",    "cpus", "memory_mib",
                                       "watts_rest", "source", "sources", NULL};
    static const char *const FIGURES[] = {"gpu", "gpus", "cpus", "memory_mib", "watts_rest", NULL};
    struct catalogue *catalogue = entry->catalogue;
    struct catalogue_node node = {.document = entry->document};
    int64_t gpus = 0;
    if (!json_check_object(entry->object, entry->path, KEYS, entry->err) ||
        !read_text(entry, "name", CATALOGUE_MOST_NAME, &node.name) ||
        !read_amount(entry, (struct amount){"gpus", 1, NODE_MOST_GPUS, 1, false}, &gpus) ||
        !read_amount(entry, (struct amount){"cpus", 0, 1e6, 1000, false}, &node.cpu_milli) ||
        !read_amount(entry, (struct amount){"memory_mib", 0, 1e12, 1, false}, &node.memory_mib) ||
        !read_amount(entry, (struct amount){"watts_rest", 0, 1e6, 1000, false}, &node.rest_mw) ||
        !read_cites(entry, FIGURES, &node.cites)) {
        return false;
    }
    const struct catalogue_gpu *gpu = catalogue_find_gpu(catalogue, name_under(entry, "gpu"));
    if (gpu == NULL) {
        return refuse(entry, "gpu", "a GPU of the catalogue ('berth catalogue gpus' lists them)");
    }
    node.gpu = (uint32_t)(gpu - catalogue->gpus.items);
    node.gpu_count = (uint32_t)gpus;
    for (size_t i = 0; i < catalogue->nodes.count; i++) {
        struct catalogue_node *older = &catalogue->nodes.items[i];
        if (strcmp(older->name, node.name) == 0) {
            if (older->document == entry->document) {
                return refuse_twice(entry);
            }
            *older = node;
            return true;
        }
    }
    vec_push(&catalogue->nodes, node);
    return true;
}

static bool read_billing(const struct entry *entry, enum pool_billing *out)
{
    const char *name = name_under(entry, "billing");
    for (unsigned i = 0; i < BILLING_COUNT; i++) {
        if (strcmp(name, pool_billing_name((enum pool_billing)i)) == 0) {
            *out = (enum pool_billing)i;
            return true;
        }
    }
    return refuse(entry, "billing", "bought, held, up or blocks");
}

/* What the pool kind says besides its name and billing. Years have 365 days. */
static bool read_terms(const struct entry *entry, struct catalogue_pool *pool)
{
    static const double US_PER_YEAR = 365.0 * 24 * 3600e6;
    const bool is_bought = pool->billing == BILLING_BOUGHT;
    const bool is_blocks = pool->billing == BILLING_BLOCKS;
    const struct {
        struct amount amount;
        int64_t *out;
    } AMOUNTS[] = {
        {{"years", 0.01, 100, US_PER_YEAR, !is_bought}, &pool->owned_us},
        {{"power_price_per_kwh", 0, 1000, 1e6, true}, &pool->power_micro_per_kwh},
        {{"pue", 1, 10, 1e6, true}, &pool->pue_ppm},
        {{"months", 0, 1200, 1, true}, &pool->months},
        {{"block_nodes", 1, CLUSTER_MOST_NODES, 1, !is_blocks}, &pool->block_nodes},
        {{"start_delay_s", 0, 1e9, 1e6, true}, &pool->start_delay_us},
        {{"minimum_hold_s", 0, 1e9, 1e6, true}, &pool->minimum_hold_us},
        {{"limit_nodes", -1, CLUSTER_MOST_NODES, 1, true}, &pool->limit_nodes},
        {{"mean_up_h", 0, 1e6, 3600e6, true}, &pool->mean_up_us},
        {{"mean_away_h", 0, 1e6, 3600e6, true}, &pool->mean_away_us},
    };
    for (size_t i = 0; i < sizeof(AMOUNTS) / sizeof(*AMOUNTS); i++) {
        if (!read_amount(entry, AMOUNTS[i].amount, AMOUNTS[i].out)) {
            return false;
        }
    }
    return true;
}

static bool read_pool(const struct entry *entry)
{
    static const char *const KEYS[] = {"name",        "billing",       "source",
                                       "sources",     "years",         "pue",
                                       "months",      "block_nodes",   "power_price_per_kwh",
                                       "limit_nodes", "start_delay_s", "minimum_hold_s",
                                       "mean_up_h",   "mean_away_h",   NULL};
    struct catalogue_pool pool = {
        .pue_ppm = 1000000, .limit_nodes = -1, .document = entry->document};
    if (!json_check_object(entry->object, entry->path, KEYS, entry->err) ||
        !read_text(entry, "name", CATALOGUE_MOST_NAME, &pool.name) ||
        !read_billing(entry, &pool.billing) || !read_terms(entry, &pool) ||
        !read_cites(entry, &KEYS[4], &pool.cites)) {
        return false;
    }
    struct catalogue *catalogue = entry->catalogue;
    for (size_t i = 0; i < catalogue->pools.count; i++) {
        struct catalogue_pool *older = &catalogue->pools.items[i];
        if (strcmp(older->name, pool.name) == 0) {
            if (older->document == entry->document) {
                return refuse_twice(entry);
            }
            *older = pool;
            return true;
        }
    }
    vec_push(&catalogue->pools, pool);
    return true;
}

static bool read_price(const struct entry *entry)
{
    static const char *const KEYS[] = {"node", "pool", "source", "sources", "price", NULL};
    struct catalogue *catalogue = entry->catalogue;
    struct catalogue_price price = {.document = entry->document};
    if (!json_check_object(entry->object, entry->path, KEYS, entry->err) ||
        !read_amount(entry, (struct amount){"price", 0, 1e9, 1e6, false}, &price.price_micro) ||
        !read_cites(entry, &KEYS[4], &price.cites)) {
        return false;
    }
    const struct catalogue_node *node = catalogue_find_node(catalogue, name_under(entry, "node"));
    const struct catalogue_pool *pool = catalogue_find_pool(catalogue, name_under(entry, "pool"));
    if (node == NULL) {
        return refuse(entry, "node", "a node type ('berth catalogue nodes' lists them)");
    }
    if (pool == NULL) {
        return refuse(entry, "pool", "a kind of pool ('berth catalogue pools' lists them)");
    }
    price.node = (uint32_t)(node - catalogue->nodes.items);
    price.pool = (uint32_t)(pool - catalogue->pools.items);
    for (size_t i = 0; i < catalogue->prices.count; i++) {
        struct catalogue_price *older = &catalogue->prices.items[i];
        if (older->node == price.node && older->pool == price.pool) {
            if (older->document == entry->document) {
                return refuse(entry, "node", "a node type that is not priced in this pool yet");
            }
            *older = price;
            return true;
        }
    }
    vec_push(&catalogue->prices, price);
    return true;
}

/* -- documents ------------------------------------------------------------------------------- */

/* A list of entries and who reads one. */
struct list {
    const char *key;
    bool (*read)(const struct entry *entry);
};

static bool read_list(const struct entry *document, struct list list)
{
    const json_t *items = NULL;
    if (!json_read_array(document->object, document->path, list.key, &items, document->err)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(items); i++) {
        char at[JSON_PATH_MOST];
        json_path(at, document->path, list.key, (long)i);
        struct entry entry = *document;
        entry.object = json_array_get(items, i);
        entry.path = at;
        if (!list.read(&entry)) {
            return false;
        }
    }
    return true;
}

bool catalogue_add(struct catalogue *catalogue, const json_t *document, const char *path,
                   struct err *err)
{
    static const char *const KEYS[] = {"about", "currency", "sources", "gpus",
                                       "nodes", "pools",    "prices",  NULL};
    static const struct list LISTS[] = {{"sources", read_source},
                                        {"gpus", read_gpu},
                                        {"nodes", read_node},
                                        {"pools", read_pool},
                                        {"prices", read_price}};
    const char *about = "";
    struct entry entry = {.catalogue = catalogue,
                          .object = document,
                          .path = path,
                          .document = catalogue->document_count++,
                          .err = err};
    if (!json_check_object(document, path, KEYS, err) ||
        !json_read_text(document, path, "about", &about, err)) {
        return false;
    }
    if (json_object_get(document, "currency") != NULL &&
        !read_text(&entry, "currency", 10, &catalogue->currency)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(LISTS) / sizeof(*LISTS); i++) {
        if (!read_list(&entry, LISTS[i])) {
            return false;
        }
    }
    return settle_speeds(catalogue, path, err);
}
