/* test_catalogue_cost.c - costs of pools, computed by hand to the millionth. */
#include <criterion/criterion.h>

#include "sim/cluster/catalogue_cost.h"

#define H CATALOGUE_HOUR_US

/* 270,000 over 4 years; 4,600 W and eight GPUs of 105 to 700 W; 0.12 a kWh, PUE 1.58. */
static struct pool_terms bought(void)
{
    return (struct pool_terms){.billing = BILLING_BOUGHT,
                               .price_micro = INT64_C(270000000000),
                               .owned_us = 4 * 8760 * H,
                               .power_micro_per_kwh = 120000,
                               .pue_ppm = 1580000,
                               .gpu_count = 8,
                               .idle_mw = 5440000,
                               .busy_mw = 595000};
}

Test(catalogue_cost, what_is_bought_costs_its_price_over_the_years_and_its_energy)
{
    struct pool_terms terms = bought();
    /* Two nodes for 100 hours, up for 90 of them each, 360 GPU-hours busy. */
    struct billed_use use = {
        .nodes = 2, .held_us = 100 * H, .node_up_us = 180 * H, .gpu_busy_us = 360 * H};
    struct pool_cost cost = catalogue_cost(&terms, &use);
    /* 2 * 270000 * 100 / 35040 = 1541.095890410958... */
    cr_assert_eq(cost.capital_micro, INT64_C(1541095890));
    /* 5.44 kW * 180 h + 0.595 kW * 360 h = 1193.4 kWh; * 1.58 = 1885.572 kWh; * 0.12 */
    cr_assert_eq(cost.energy_wh, 1885572);
    cr_assert_eq(cost.energy_micro, 226268640);
    cr_assert_eq(cost.rent_micro, 0);
    cr_assert_eq(pool_cost_total_micro(&cost), INT64_C(1541095890) + 226268640);
}

Test(catalogue_cost, a_node_that_is_down_costs_its_price_and_no_energy)
{
    struct pool_terms terms = bought();
    struct billed_use use = {.nodes = 1, .held_us = 4 * 8760 * H};
    struct pool_cost cost = catalogue_cost(&terms, &use);
    cr_assert_eq(pool_cost_total_micro(&cost), INT64_C(270000000000));
}

Test(catalogue_cost, what_is_reserved_is_paid_by_the_hour_held)
{
    struct pool_terms terms = {
        .billing = BILLING_HELD, .price_micro = 33024000, .pue_ppm = 1000000};
    struct billed_use use = {.nodes = 3, .held_us = 10 * H + H / 2, .node_up_us = 5 * H};
    struct pool_cost cost = catalogue_cost(&terms, &use);
    cr_assert_eq(cost.rent_micro, INT64_C(33024000) * 3 * 21 / 2);
    cr_assert_eq(pool_cost_total_micro(&cost), cost.rent_micro);
}

Test(catalogue_cost, what_is_on_demand_is_paid_by_the_time_up)
{
    struct pool_terms terms = {.billing = BILLING_UP,
                               .price_micro = 21957642,
                               .pue_ppm = 1000000,
                               .gpu_count = 8,
                               .idle_mw = 1980000};
    struct billed_use use = {.nodes = 100, .held_us = 1000 * H, .node_up_us = H / 3};
    struct pool_cost cost = catalogue_cost(&terms, &use);
    cr_assert_eq(cost.rent_micro, 7319214);
    /* Energy is told, but not asked for: its price is in the rent. */
    cr_assert_eq(cost.energy_wh, 660);
    cr_assert_eq(cost.energy_micro, 0);
}

Test(catalogue_cost, blocks_are_paid_whole_by_started_months)
{
    struct pool_terms terms = {.billing = BILLING_BLOCKS,
                               .price_micro = INT64_C(36999000000),
                               .block_nodes = 4,
                               .pue_ppm = 1000000};
    struct billed_use use = {.nodes = 5, .held_us = CATALOGUE_MONTH_US + 1};
    struct pool_cost cost = catalogue_cost(&terms, &use);
    cr_assert_eq(cost.rent_micro, INT64_C(36999000000) * 8 * 2);
    use = (struct billed_use){.nodes = 4, .held_us = CATALOGUE_MONTH_US};
    cost = catalogue_cost(&terms, &use);
    cr_assert_eq(cost.rent_micro, INT64_C(36999000000) * 4);
    use = (struct billed_use){.nodes = 0, .held_us = CATALOGUE_MONTH_US};
    cost = catalogue_cost(&terms, &use);
    cr_assert_eq(cost.rent_micro, 0);
}

Test(catalogue_cost, halves_are_rounded_up)
{
    struct pool_terms terms = {.billing = BILLING_UP, .price_micro = 1, .pue_ppm = 1000000};
    struct billed_use use = {.node_up_us = H / 2};
    cr_assert_eq(catalogue_cost(&terms, &use).rent_micro, 1);
    use.node_up_us = H / 2 - 1;
    cr_assert_eq(catalogue_cost(&terms, &use).rent_micro, 0);
    use.node_up_us = H + H / 2;
    cr_assert_eq(catalogue_cost(&terms, &use).rent_micro, 2);
}

Test(catalogue_cost, money_beyond_all_bounds_stays_at_the_bound)
{
    struct pool_terms terms = bought();
    terms.price_micro = INT64_C(1000000000000000);
    terms.owned_us = 1;
    struct billed_use use = {
        .nodes = 1 << 20, .held_us = INT64_MAX, .node_up_us = INT64_MAX, .gpu_busy_us = INT64_MAX};
    struct pool_cost cost = catalogue_cost(&terms, &use);
    cr_assert_eq(cost.capital_micro, INT64_MAX);
    cr_assert_eq(cost.energy_micro, INT64_C(2931587312767378));
    terms.power_micro_per_kwh = 1000000000;
    cr_assert_eq(catalogue_cost(&terms, &use).energy_micro, INT64_MAX);
    cr_assert_eq(pool_cost_total_micro(&cost), INT64_MAX);
}

Test(catalogue_cost, an_hour_of_a_shipped_node)
{
    struct catalogue catalogue;
    catalogue_init(&catalogue);
    const struct catalogue_node *node = catalogue_find_node(&catalogue, "dgx-h100");
    const struct catalogue_pool *pool = catalogue_find_pool(&catalogue, "on_premises");
    struct pool_terms terms = catalogue_terms(&catalogue, node, pool, INT64_C(270000000000));
    struct pool_terms expected = bought();
    cr_assert_eq(terms.owned_us, expected.owned_us);
    cr_assert_eq(terms.idle_mw, expected.idle_mw);
    cr_assert_eq(terms.busy_mw, expected.busy_mw);
    /* 270000 / 35040 + 10.2 kW * 1.58 * 0.12, and with idle GPUs 5.44 kW. */
    cr_assert_eq(catalogue_hour_micro(&terms, 1000000), 7705479 + 1933920);
    cr_assert_eq(catalogue_hour_micro(&terms, 0), 7705479 + 1031424);
    cr_assert_eq(catalogue_hour_micro(&terms, 500000), 7705479 + 1482672);
    pool = catalogue_find_pool(&catalogue, "dgx_cloud");
    terms = catalogue_terms(&catalogue, node, pool, INT64_C(36999000000));
    cr_assert_eq(catalogue_hour_micro(&terms, 1000000), 50683562);
    catalogue_release(&catalogue);
}
