/* fuzz_catalogue.c - catalogues: any bytes are read or refused, what is read has costs and speeds,
 * and reads back as it was written. A document that starts with a blank is read on top of the
 * shipped catalogue, any other on top of nothing. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/check.h"
#include "sim/cluster/catalogue_cost.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_price(const struct catalogue *catalogue, const struct catalogue_price *price)
{
    const struct catalogue_node *node = &catalogue->nodes.items[price->node];
    const struct catalogue_pool *pool = &catalogue->pools.items[price->pool];
    CHECK(catalogue_find_price(catalogue, node, pool) == price);
    CHECK(catalogue_source_of(catalogue, &price->cites, "price") != NULL);
    struct pool_terms terms = catalogue_terms(catalogue, node, pool, price->price_micro);
    int64_t idle = catalogue_hour_micro(&terms, 0);
    int64_t busy = catalogue_hour_micro(&terms, 1000000);
    CHECK(idle >= 0 && busy >= idle);
    struct pool_use use = {
        .nodes = 3, .held_us = INT64_MAX, .node_up_us = INT64_MAX, .gpu_busy_us = INT64_MAX};
    struct pool_cost cost = catalogue_cost(&terms, &use);
    CHECK(cost.capital_micro >= 0 && cost.rent_micro >= 0);
    CHECK(cost.energy_micro >= 0 && cost.energy_wh >= 0);
    CHECK(pool_cost_total_micro(&cost) >= cost.rent_micro);
}

static void check_all(const struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->gpus.count; i++) {
        const struct catalogue_gpu *gpu = &catalogue->gpus.items[i];
        CHECK(catalogue_find_gpu(catalogue, gpu->name) == gpu);
        CHECK(gpu->idle_mw >= 0 && gpu->busy_mw >= gpu->idle_mw);
        for (unsigned j = 0; j < WORK_CLASS_COUNT; j++) {
            CHECK(isfinite(gpu->speed[j]) && gpu->speed[j] >= 0);
        }
    }
    for (size_t i = 0; i < catalogue->nodes.count; i++) {
        CHECK(catalogue->nodes.items[i].gpu < catalogue->gpus.count);
    }
    for (size_t i = 0; i < catalogue->prices.count; i++) {
        check_price(catalogue, &catalogue->prices.items[i]);
    }
}

static void check_reads_back(const struct catalogue *catalogue)
{
    struct catalogue copy;
    struct err err = {0};
    struct text text = {0};
    catalogue_init_empty(&copy);
    catalogue_add_json(&text, catalogue);
    struct file file = {.bytes = text.bytes, .length = text.length};
    bool ok = catalogue_add_file(&copy, &file, &err);
    CHECK(ok);
    CHECK(copy.sources.count == catalogue->sources.count);
    CHECK(copy.gpus.count == catalogue->gpus.count);
    CHECK(copy.nodes.count == catalogue->nodes.count);
    CHECK(copy.pools.count == catalogue->pools.count);
    CHECK(copy.prices.count == catalogue->prices.count);
    check_all(&copy);
    text_release(&text);
    catalogue_release(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct catalogue catalogue;
    struct err err = {0};
    char *bytes = mem_copy_text((const char *)data, size);
    struct file file = {.bytes = bytes, .length = size};
    if (size > 0 && data[0] == ' ') {
        catalogue_init(&catalogue);
    } else {
        catalogue_init_empty(&catalogue);
    }
    if (catalogue_add_file(&catalogue, &file, &err)) {
        check_all(&catalogue);
        check_reads_back(&catalogue);
    } else {
        CHECK(err.code == ERR_FORMAT);
        CHECK(err.msg[0] != '\0');
    }
    catalogue_release(&catalogue);
    free(bytes);
    return 0;
}
