/* catalogue_write.c - a catalogue as one JSON document; see catalogue.h. */
#include "sim/base/check.h"
#include "sim/cluster/catalogue.h"
#include "sim/cluster/mig.h"

/* An amount kept times `scale`, as a whole number where it is one. */
static json_t *amount_json(int64_t amount, int64_t scale)
{
    return amount % scale == 0 ? json_integer(amount / scale)
                               : json_real((double)amount / (double)scale);
}

static void set_cites(json_t *object, const struct catalogue *catalogue,
                      const struct catalogue_cites *cites)
{
    const struct catalogue_source *sources = catalogue->sources.items;
    json_object_set_new(object, "source", json_string(sources[cites->source].name));
    json_t *map = json_object();
    for (uint32_t i = 0; i < cites->count; i++) {
        json_object_set_new(map, cites->cites[i].figure,
                            json_string(sources[cites->cites[i].source].name));
    }
    if (cites->count > 0) {
        json_object_set(object, "sources", map);
    }
    json_decref(map);
}

static json_t *source_json(const struct catalogue_source *source)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:b}", "name", source->name, "title", source->title,
                     "address", source->address, "date", source->date, "checked",
                     source->is_checked ? 1 : 0);
}

static json_t *gpu_json(const struct catalogue *catalogue, const struct catalogue_gpu *gpu)
{
    json_t *object = json_pack("{s:s, s:s}", "name", gpu->name, "vendor", gpu->vendor);
    json_t *aliases = json_array();
    json_t *profiles = json_array();
    json_t *partitions = json_array();
    json_t *speeds = json_object();
    for (uint32_t i = 0; i < gpu->alias_count; i++) {
        json_array_append_new(aliases, json_string(gpu->aliases[i]));
    }
    for (uint32_t i = 0; i < gpu->mig_count; i++) {
        struct text name = {0};
        mig_profile_add_name(&name, gpu->mig[i]);
        json_array_append_new(profiles, json_string(name.bytes));
        text_release(&name);
    }
    for (uint32_t i = 0; i < gpu->partition_count; i++) {
        json_array_append_new(partitions, json_pack("{s:s, s:i}", "name", gpu->partitions[i].name,
                                                    "parts", (int)gpu->partitions[i].parts));
    }
    for (unsigned i = 0; i < WORK_CLASS_COUNT; i++) {
        json_object_set_new(object, work_classes[i].figure, json_real(gpu->peak[i]));
        json_object_set_new(speeds, work_classes[i].name, json_real(gpu->speed[i]));
    }
    json_object_set_new(object, "aliases", aliases);
    json_object_set_new(object, "memory_mib", json_integer(gpu->memory_mib));
    json_object_set_new(object, "mig", profiles);
    json_object_set_new(object, "partitions", partitions);
    json_object_set_new(object, "speeds", speeds);
    json_object_set_new(object, "watts_busy", amount_json(gpu->busy_mw, 1000));
    json_object_set_new(object, "watts_idle", amount_json(gpu->idle_mw, 1000));
    set_cites(object, catalogue, &gpu->cites);
    return object;
}

static json_t *node_json(const struct catalogue *catalogue, const struct catalogue_node *node)
{
    json_t *object = json_pack("{s:s, s:s, s:i}", "name", node->name, "gpu",
                               catalogue->gpus.items[node->gpu].name, "gpus", (int)node->gpu_count);
    json_object_set_new(object, "cpus", amount_json(node->cpu_milli, 1000));
    json_object_set_new(object, "memory_mib", json_integer(node->memory_mib));
    json_object_set_new(object, "watts_rest", amount_json(node->rest_mw, 1000));
    set_cites(object, catalogue, &node->cites);
    return object;
}

static json_t *pool_json(const struct catalogue *catalogue, const struct catalogue_pool *pool)
{
    static const int64_t US_PER_YEAR = INT64_C(365) * 24 * 3600000000;
    json_t *object =
        json_pack("{s:s, s:s}", "name", pool->name, "billing", pool_billing_name(pool->billing));
    if (pool->billing == BILLING_BOUGHT) {
        json_object_set_new(object, "years", amount_json(pool->owned_us, US_PER_YEAR));
    }
    if (pool->billing == BILLING_BLOCKS) {
        json_object_set_new(object, "block_nodes", json_integer(pool->block_nodes));
    }
    json_object_set_new(object, "power_price_per_kwh",
                        amount_json(pool->power_micro_per_kwh, 1000000));
    json_object_set_new(object, "pue", amount_json(pool->pue_ppm, 1000000));
    json_object_set_new(object, "months", json_integer(pool->months));
    json_object_set_new(object, "start_delay_s", amount_json(pool->start_delay_us, 1000000));
    json_object_set_new(object, "minimum_hold_s", amount_json(pool->minimum_hold_us, 1000000));
    json_object_set_new(object, "limit_nodes", json_integer(pool->limit_nodes));
    json_object_set_new(object, "mean_up_h", amount_json(pool->mean_up_us, INT64_C(3600000000)));
    json_object_set_new(object, "mean_away_h",
                        amount_json(pool->mean_away_us, INT64_C(3600000000)));
    set_cites(object, catalogue, &pool->cites);
    return object;
}

static json_t *price_json(const struct catalogue *catalogue, const struct catalogue_price *price)
{
    json_t *object = json_pack("{s:s, s:s}", "node", catalogue->nodes.items[price->node].name,
                               "pool", catalogue->pools.items[price->pool].name);
    json_object_set_new(object, "price", amount_json(price->price_micro, 1000000));
    set_cites(object, catalogue, &price->cites);
    return object;
}

void catalogue_add_json(struct text *text, const struct catalogue *catalogue)
{
    json_t *sources = json_array();
    json_t *gpus = json_array();
    json_t *nodes = json_array();
    json_t *pools = json_array();
    json_t *prices = json_array();
    for (size_t i = 0; i < catalogue->sources.count; i++) {
        json_array_append_new(sources, source_json(&catalogue->sources.items[i]));
    }
    for (size_t i = 0; i < catalogue->gpus.count; i++) {
        json_array_append_new(gpus, gpu_json(catalogue, &catalogue->gpus.items[i]));
    }
    for (size_t i = 0; i < catalogue->nodes.count; i++) {
        json_array_append_new(nodes, node_json(catalogue, &catalogue->nodes.items[i]));
    }
    for (size_t i = 0; i < catalogue->pools.count; i++) {
        json_array_append_new(pools, pool_json(catalogue, &catalogue->pools.items[i]));
    }
    for (size_t i = 0; i < catalogue->prices.count; i++) {
        json_array_append_new(prices, price_json(catalogue, &catalogue->prices.items[i]));
    }
    json_t *top =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "currency", catalogue->currency, "sources",
                  sources, "gpus", gpus, "nodes", nodes, "pools", pools, "prices", prices);
    char *dump = json_dumps(top, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    CHECK(dump != NULL);
    text_add(text, dump);
    text_add_char(text, '\n');
    free(dump);
    json_decref(top);
}
