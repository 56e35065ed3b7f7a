/*
 * test_renewal.c - availability, interruptions and lost work against renewal theory.
 *
 * Every figure is a mean over nodes or interruptions that are independent of each other; the theory
 * has to lie within its 99 % confidence interval. Seeds are fixed; they are the first ones tried.
 */
#include <math.h>

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics.h>

#include "sim/engine/supply.h"
#include "world.h"

enum { NODES = 200 };
#define HOUR_US INT64_C(3600000000)

struct watched {
    const struct workload *workload;
    int64_t away_since_us[NODES]; /* -1: it is there */
    double away_h[NODES];
    double failures[NODES];
    VEC(double) lost_h; /* of each interruption */
    double ran_h;       /* of all runs that are over */
    int64_t start_us[NODES];
};

static void record(void *self, const struct log_record *record)
{
    struct watched *watched = self;
    if (record->kind == LOG_AWAY) {
        uint32_t node = record->supply->node;
        cr_assert_eq(watched->away_since_us[node], -1);
        watched->away_since_us[node] = record->time_us;
        watched->failures[node]++;
    } else if (record->kind == LOG_BACK) {
        uint32_t node = record->supply->node;
        cr_assert_neq(watched->away_since_us[node], -1);
        watched->away_h[node] +=
            (double)(record->time_us - watched->away_since_us[node]) / (double)HOUR_US;
        watched->away_since_us[node] = -1;
    } else if (record->kind == LOG_START) {
        watched->start_us[record->job] = record->time_us;
    } else if (record->kind == LOG_INTERRUPT) {
        vec_push(&watched->lost_h, (double)record->lost_us / (double)HOUR_US);
        watched->ran_h +=
            (double)(record->time_us - watched->start_us[record->job]) / (double)HOUR_US;
    }
}

/* Runs until `hours`; nodes that are away then are counted to the end. */
static void watch(struct world *world, struct watched *watched, double hours)
{
    *watched = (struct watched){.workload = &world->workload};
    memset(watched->away_since_us, 0xff, sizeof(watched->away_since_us));
    world->settings.horizon_us = (int64_t)(hours * (double)HOUR_US);
    struct log_sink sink = {watched, record};
    struct engine_input input = {
        .settings = &world->settings,
        .workload = &world->workload,
        .cluster = &world->cluster,
        .policy = world->policy,
        .place = place_find("first"),
        .sinks = &sink,
        .sink_count = 1,
    };
    cr_assert(engine_run(&input, &world->result, &world->err), "%s", world->err.msg);
    for (uint32_t i = 0; i < NODES; i++) {
        if (watched->away_since_us[i] >= 0) {
            watched->away_h[i] +=
                (double)(world->settings.horizon_us - watched->away_since_us[i]) / (double)HOUR_US;
        }
    }
}

static void check_mean(const char *what, const double *values, size_t count, double expected)
{
    double mean = gsl_stats_mean(values, 1, count);
    double error = gsl_stats_sd_m(values, 1, count, mean) / sqrt((double)count);
    double width = gsl_cdf_tdist_Pinv(0.995, (double)count - 1) * error;
    cr_log_info("%s: %.5g +- %.2g, theory %.5g\n", what, mean, width, expected);
    cr_assert_leq(fabs(mean - expected), width, "%s: %g +- %g, theory %g", what, mean, width,
                  expected);
}

/* The hours that a node that is new at 0 is away until t, with exponential times up and down. */
static double away_until_h(double up_h, double down_h, double hours)
{
    double rate = 1 / up_h + 1 / down_h;
    double part = down_h / (up_h + down_h);
    return part * (hours - (1 - exp(-rate * hours)) / rate);
}

/* How often it fails until t: times up begin at 0 and at each repair. */
static double failures_until(double up_h, double down_h, double hours)
{
    return (hours - away_until_h(up_h, down_h, hours)) / up_h;
}

Test(renewal, exponential_failures_leave_the_availability_of_theory)
{
    const double laws_h[][2] = {{720, 4}, {50, 10}, {1, 3}};
    for (int i = 0; i < 3; i++) {
        double up_h = laws_h[i][0];
        double down_h = laws_h[i][1];
        double hours = 30 * (up_h + down_h);
        struct world world;
        struct watched *watched = mem_alloc(1, sizeof(*watched));
        world_init(&world, "200x1", "a,0,1e9,1,,\n");
        struct supply_spec spec = {.failure_count = 1};
        spec.failures[0] = (struct supply_failures){
            SUPPLY_NODES, 0, {up_h * (double)HOUR_US, down_h * (double)HOUR_US, 1}};
        world.settings.supply = &spec;
        watch(&world, watched, hours);
        check_mean("hours away", watched->away_h, NODES, away_until_h(up_h, down_h, hours));
        check_mean("failures", watched->failures, NODES, failures_until(up_h, down_h, hours));
        vec_release(&watched->lost_h);
        free(watched);
        world_release(&world);
    }
}

Test(renewal, spot_nodes_are_there_as_long_as_theory_says)
{
    struct world world;
    struct watched *watched = mem_alloc(1, sizeof(*watched));
    world_init_json(&world,
                    "{\"pools\":[{\"name\":\"s\",\"nodes\":200,\"gpus\":1,\"spot\":"
                    "{\"mean_up_h\":12,\"mean_away_h\":0.5}}]}",
                    "a,0,1e9,1,,\n");
    watch(&world, watched, 500);
    check_mean("hours away", watched->away_h, NODES, away_until_h(12, 0.5, 500));
    check_mean("interruptions", watched->failures, NODES, failures_until(12, 0.5, 500));
    vec_release(&watched->lost_h);
    free(watched);
    world_release(&world);
}

/* Weibull: renewal reward says for long times up / (up + down) and t / (up + down). The time until
 * then is a few hundred cycles: what a beginning with new nodes adds stays below the interval. */
Test(renewal, weibull_failures_have_the_mean_they_are_told)
{
    const double shapes[] = {0.7, 1.5, 3};
    for (int i = 0; i < 3; i++) {
        struct world world;
        struct watched *watched = mem_alloc(1, sizeof(*watched));
        world_init(&world, "200x1", "a,0,1e9,1,,\n");
        struct supply_spec spec = {.failure_count = 1};
        spec.failures[0] = (struct supply_failures){
            SUPPLY_NODES, 0, {100 * (double)HOUR_US, 5 * (double)HOUR_US, shapes[i]}};
        world.settings.supply = &spec;
        watch(&world, watched, 200 * 105);
        /* The renewal function of a process with cycles of mean m and variance v is t / m + (v -
         * m^2) / (2 m^2) in the limit; failures come one time down before the ends of cycles. */
        double variation =
            tgamma(1 + 2 / shapes[i]) / pow(tgamma(1 + 1 / shapes[i]), 2) - 1; /* of times up */
        double variance = 1e4 * variation + 25;
        double failures = 200 + (variance - 105.0 * 105) / (2 * 105.0 * 105) + 5.0 / 105;
        check_mean("failures", watched->failures, NODES, failures);
        check_mean("hours away", watched->away_h, NODES, 5 * failures - 5 * 5.0 / 105);
        vec_release(&watched->lost_h);
        free(watched);
        world_release(&world);
    }
}

/* A gang on ten nodes of eight GPUs, saved every hour of work: its failures are a Poisson process
 * of the sum of all rates; an interruption loses X mod c of the X hours since its start. */
Test(renewal, gangs_are_interrupted_and_lose_as_theory_says)
{
    struct world world;
    struct watched *watched = mem_alloc(1, sizeof(*watched));
    world_init(&world, "20x8", "a,0,1e9,80,10,\nb,0,1e9,80,10,\n");
    struct supply_spec spec = {.failure_count = 2};
    double repair_us = 0.001 * (double)HOUR_US;
    spec.failures[0] =
        (struct supply_failures){SUPPLY_NODES, 0, {40 * (double)HOUR_US, repair_us, 1}};
    spec.failures[1] =
        (struct supply_failures){SUPPLY_GPUS, 0, {320 * (double)HOUR_US, repair_us, 1}};
    world.settings.supply = &spec;
    world.settings.checkpoint_us = HOUR_US;
    watch(&world, watched, 4000);
    double rate = 10 / 40.0 + 80 / 320.0;
    size_t count = watched->lost_h.count;
    /* Of a Poisson process: the count is the variance, too. */
    double expected = rate * watched->ran_h;
    cr_log_info("interruptions: %zu, theory %.0f\n", count, expected);
    cr_assert_leq(fabs((double)count - expected), 2.576 * sqrt(expected));
    check_mean("lost hours", watched->lost_h.items, count, 1 / rate - 1 / (exp(rate) - 1));
    vec_release(&watched->lost_h);
    free(watched);
    world_release(&world);
}
