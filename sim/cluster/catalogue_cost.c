/* catalogue_cost.c - see catalogue_cost.h. */
#include "sim/cluster/catalogue_cost.h"

#include "sim/base/arith.h"
#include "sim/base/check.h"

/* A kilowatt-hour in milliwatt-microseconds. */
static const wide_int MW_US_PER_KWH = (wide_int)1000000 * CATALOGUE_HOUR_US;

/* a / b to the nearest, halves up; a is not negative. */
static wide_int divide(wide_int a, wide_int b)
{
    return a / b + (a % b >= b - a % b ? 1 : 0);
}

static int64_t fit(wide_int value)
{
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

/* a * b * c / d, with a * b in 128 bits and c below 2^60; 2^100 and more stay at INT64_MAX. */
static int64_t product(int64_t a, int64_t b, int64_t c, int64_t d)
{
    wide_int ab = (wide_int)a * b;
    wide_int whole = ab / d;
    if (c > 0 && whole > ((wide_int)INT64_MAX) / c) {
        return INT64_MAX;
    }
    return fit(whole * c + divide(ab % d * c, d));
}

struct pool_terms catalogue_terms(const struct catalogue *catalogue,
                                  const struct catalogue_node *node,
                                  const struct catalogue_pool *pool, int64_t price_micro)
{
    CHECK(price_micro >= 0);
    const struct catalogue_gpu *gpu = &catalogue->gpus.items[node->gpu];
    return (struct pool_terms){
        .billing = pool->billing,
        .price_micro = price_micro,
        .owned_us = pool->owned_us,
        .block_nodes = pool->block_nodes,
        .power_micro_per_kwh = pool->power_micro_per_kwh,
        .pue_ppm = pool->pue_ppm,
        .gpu_count = node->gpu_count,
        .idle_mw = node->rest_mw + gpu->idle_mw * node->gpu_count,
        .busy_mw = gpu->busy_mw - gpu->idle_mw,
    };
}

/* Energy in milliwatt-microseconds times the PUE in millionths: below 2^120 for a building. */
static void add_energy(const struct pool_terms *terms, const struct billed_use *use,
                       struct pool_cost *cost)
{
    wide_int drawn =
        (wide_int)terms->idle_mw * use->node_up_us + (wide_int)terms->busy_mw * use->gpu_busy_us;
    wide_int building = drawn * terms->pue_ppm;
    const wide_int kwh = MW_US_PER_KWH * 1000000;
    cost->energy_wh = fit(divide(building, kwh / 1000));
    wide_int price = terms->power_micro_per_kwh;
    cost->energy_micro = fit(building / kwh * price + divide(building % kwh * price, kwh));
}

struct pool_cost catalogue_cost(const struct pool_terms *terms, const struct billed_use *use)
{
    CHECK(use->nodes >= 0 && use->held_us >= 0);
    CHECK(use->node_up_us >= 0 && use->gpu_busy_us >= 0);
    struct pool_cost cost = {0};
    switch (terms->billing) {
    case BILLING_BOUGHT:
        CHECK(terms->owned_us > 0);
        cost.capital_micro = product(terms->price_micro, use->nodes, use->held_us, terms->owned_us);
        break;
    case BILLING_HELD:
        cost.rent_micro = product(terms->price_micro, use->nodes, use->held_us, CATALOGUE_HOUR_US);
        break;
    case BILLING_UP:
        cost.rent_micro = product(terms->price_micro, use->node_up_us, 1, CATALOGUE_HOUR_US);
        break;
    case BILLING_BLOCKS: {
        CHECK(terms->block_nodes > 0);
        int64_t blocks = mul_div_ceil(use->nodes, 1, terms->block_nodes);
        int64_t months = mul_div_ceil(use->held_us, 1, CATALOGUE_MONTH_US);
        cost.rent_micro =
            product(terms->price_micro, fit((wide_int)blocks * terms->block_nodes), months, 1);
        break;
    }
    case BILLING_COUNT:
        CHECK_NEVER("no billing");
    }
    add_energy(terms, use, &cost);
    return cost;
}

int64_t pool_cost_total_micro(const struct pool_cost *cost)
{
    return fit((wide_int)cost->capital_micro + cost->rent_micro + cost->energy_micro);
}

int64_t catalogue_hour_micro(const struct pool_terms *terms, int64_t busy_ppm)
{
    CHECK(busy_ppm >= 0 && busy_ppm <= 1000000);
    int64_t gpus_us = terms->gpu_count * CATALOGUE_HOUR_US;
    struct billed_use use = {.nodes = 1,
                             .held_us = CATALOGUE_HOUR_US,
                             .node_up_us = CATALOGUE_HOUR_US,
                             .gpu_busy_us = mul_div_floor(gpus_us, busy_ppm, 1000000)};
    struct pool_terms hourly = *terms;
    if (terms->billing == BILLING_BLOCKS) {
        hourly.billing = BILLING_HELD;
        hourly.price_micro =
            fit(divide(terms->price_micro, CATALOGUE_MONTH_US / CATALOGUE_HOUR_US));
    }
    struct pool_cost cost = catalogue_cost(&hourly, &use);
    return pool_cost_total_micro(&cost);
}
