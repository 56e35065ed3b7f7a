/*
 * test_saves.c - writing checkpoints takes time: schedules worked out by hand, and the best
 * interval found by simulation against the formula (J. T. Daly, FGCS 22, 2006).
 */
#include <math.h>

#include <criterion/criterion.h>
#include <gsl/gsl_multifit.h>

#include "sim/engine/supply.h"
#include "world.h"

static void run_world(struct world *world)
{
    cr_assert(world_run(world), "%s", world->err.msg);
}

static void fail(struct world *world, struct supply_spec *spec, int64_t from_s, int64_t until_s)
{
    const char *name = world->cluster.nodes.items[0].name;
    vec_push(&spec->outages,
             ((struct supply_outage){.from_us = from_s * SECOND_US,
                                     .until_us = until_s * SECOND_US,
                                     .unit = SUPPLY_NODES,
                                     .name = names_add(&spec->names, view_of(name), NULL)}));
    world->settings.supply = spec;
}

static void release(struct world *world, struct supply_spec *spec)
{
    vec_release(&spec->outages);
    names_release(&spec->names);
    world_release(world);
}

Test(saves, the_work_stands_still_after_each_interval_but_not_after_the_last)
{
    struct world world;
    world_init(&world, "1x1", "a,0,30,1,,\n");
    world.settings.checkpoint_us = 10 * SECOND_US;
    world.settings.save_us = 2 * SECOND_US;
    run_world(&world);
    cr_assert_str_eq(world.log.bytes, "0 submit a\n0 start a 0:1\n34 finish a 0:1\n34 end\n");
    world_release(&world);
}

Test(saves, nobody_saves_who_loses_nothing_or_everything)
{
    const int64_t intervals_us[] = {0, PARAM_NEVER_US};
    for (int i = 0; i < 2; i++) {
        struct world world;
        world_init(&world, "1x1", "a,0,30,1,,\n");
        world.settings.checkpoint_us = intervals_us[i];
        world.settings.save_us = 2 * SECOND_US;
        run_world(&world);
        cr_assert_str_eq(world.log.bytes, "0 submit a\n0 start a 0:1\n30 finish a 0:1\n30 end\n");
        world_release(&world);
    }
}

/* Saves from 10 to 12, 22 to 24, ...: stopped at `at_s`, it has lost so much. */
static void check_loss(int64_t at_s, const char *lost, int64_t end_s)
{
    struct world world;
    struct supply_spec spec = {0};
    world_init(&world, "1x1", "a,0,30,1,,\n");
    world.settings.checkpoint_us = 10 * SECOND_US;
    world.settings.save_us = 2 * SECOND_US;
    fail(&world, &spec, at_s, 100);
    run_world(&world);
    struct text expected = {0};
    text_addf(&expected, "0 submit a\n0 start a 0:1\n%d interrupt a 0:1%s\n%d away 0\n100 back 0\n",
              (int)at_s, lost, (int)at_s);
    text_addf(&expected, "100 start a 0:1\n%d finish a 0:1\n%d end\n", (int)end_s, (int)end_s);
    cr_assert_str_eq(world.log.bytes, expected.bytes);
    text_release(&expected);
    release(&world, &spec);
}

Test(saves, a_checkpoint_counts_from_the_end_of_its_save)
{
    check_loss(10, " lost 10", 134); /* all of it again */
    check_loss(11, " lost 10", 134);
    check_loss(12, "", 122); /* 20 left: one save */
    check_loss(15, " lost 3", 122);
    check_loss(23, " lost 10", 122);
    check_loss(24, "", 110);
    check_loss(33, " lost 9", 110);
}

Test(saves, a_resized_job_goes_on_saving_where_it_was)
{
    struct world world;
    struct supply_spec spec = {0};
    world_init(&world, "1x2", "a,0,20,2,2,1\nb,0,1,1,,\n");
    world.settings.checkpoint_us = 10 * SECOND_US;
    world.settings.save_us = 4 * SECOND_US;
    run_world(&world);
    cr_assert_str_eq(world.log.bytes,
                     "0 submit a\n0 submit b\n0 start a 0:1 0:1\n24 finish a 0:1 0:1\n"
                     "24 start b 0:1\n25 finish b 0:1\n25 end\n");
    release(&world, &spec);
}

/* Starts job 0 with a lease of exactly one interval, and another lease a second later. */
static void lease_one_interval(void *state, struct sched_ctx *ctx)
{
    (void)state;
    if (sched_job_state(ctx, 0) == SCHED_PENDING && sched_start(ctx, 0)) {
        cr_assert_eq(sched_lease(ctx, 0, 10 * SECOND_US), 10 * SECOND_US);
        sched_wake_at(ctx, 11 * SECOND_US);
    } else if (sched_now_us(ctx) == 11 * SECOND_US) {
        (void)sched_lease(ctx, 0, 100 * SECOND_US);
    }
}

static const struct sched_ops lease_policy = {.name = "lease", .decide = lease_one_interval};

Test(saves, a_lease_that_ends_where_a_save_is_due_begins_it)
{
    struct world world;
    world_init(&world, "1x1", "a,0,15,1,,\n");
    world.policy = &lease_policy;
    world.settings.checkpoint_us = 10 * SECOND_US;
    world.settings.save_us = 4 * SECOND_US;
    run_world(&world);
    /* Ten seconds of work, a save from 10 to 14 of which the new lease comes in the middle, five.
     */
    cr_assert_str_eq(world.log.bytes, "0 submit a\n0 start a 0:1\n19 finish a 0:1\n19 end\n");
    world_release(&world);
}

/* -- the best interval ----------------------------------------------------------------------- */

enum { JOBS = 40, FAILURES = 400, POINTS = 9, MTBFS = 5 };
#define HOUR_S 3600.0
static const double SAVE_S = 120;
static const double RESTORE_S = 60;

static double daly_s(double mtbf_s)
{
    double part = SAVE_S / (2 * mtbf_s);
    return sqrt(2 * SAVE_S * mtbf_s) * (1 + sqrt(part) / 3 + part / 9) - SAVE_S;
}

/* JOBS jobs, each of so much work that its node fails about FAILURES times. */
static void init_failing(struct world *world, struct supply_spec *spec, double mtbf_s)
{
    struct text jobs = {0};
    struct text cluster = {0};
    for (int i = 0; i < JOBS; i++) {
        text_addf(&jobs, "%d,0,%.0f,1,,\n", i, FAILURES * mtbf_s);
    }
    text_addf(&cluster, "%dx1", JOBS);
    world_init(world, cluster.bytes, jobs.bytes);
    *spec = (struct supply_spec){.failure_count = 1};
    spec->failures[0] = (struct supply_failures){SUPPLY_NODES, 0, {mtbf_s * 1e6, 1, 1}};
    world->settings.supply = spec;
    world->settings.save_us = (int64_t)(SAVE_S * 1e6);
    world->settings.restore_us = (int64_t)(RESTORE_S * 1e6);
    text_release(&jobs);
    text_release(&cluster);
}

static void add_ends(void *self, const struct log_record *record)
{
    double *sum_s = self;
    *sum_s += record->kind == LOG_FINISH ? (double)record->time_us / 1e6 : 0;
}

static double run_for_ends_s(struct world *world)
{
    double sum_s = 0;
    struct log_sink sink = {&sum_s, add_ends};
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
    return sum_s;
}

static double time_by_interval_s(double mtbf_s, double interval_s)
{
    struct world world;
    struct supply_spec spec;
    init_failing(&world, &spec, mtbf_s);
    world.settings.checkpoint_us = (int64_t)(interval_s * 1e6);
    double sum_s = run_for_ends_s(&world);
    release(&world, &spec);
    return sum_s;
}

/* The least of the cubic through the times of intervals from two thirds to one and a half of
 * `guess_s`, in the logarithm of the interval; least squares. */
static double best_interval_s(double mtbf_s, double guess_s)
{
    gsl_matrix *powers = gsl_matrix_alloc(POINTS, 4);
    gsl_vector *times = gsl_vector_alloc(POINTS);
    gsl_vector *fit = gsl_vector_alloc(4);
    gsl_matrix *covariance = gsl_matrix_alloc(4, 4);
    gsl_multifit_linear_workspace *space = gsl_multifit_linear_alloc(POINTS, 4);
    for (int i = 0; i < POINTS; i++) {
        double x = log(1.5) * (2.0 * i / (POINTS - 1) - 1);
        double seconds = time_by_interval_s(mtbf_s, guess_s * exp(x));
        gsl_vector_set(times, (size_t)i, seconds / (JOBS * FAILURES * mtbf_s));
        for (int power = 0; power < 4; power++) {
            gsl_matrix_set(powers, (size_t)i, (size_t)power, pow(x, power));
        }
    }
    double chi_squared = 0;
    (void)gsl_multifit_linear(powers, times, fit, covariance, &chi_squared, space);
    double b = gsl_vector_get(fit, 1);
    double c = gsl_vector_get(fit, 2);
    double d = gsl_vector_get(fit, 3);
    double x = (-c + sqrt(c * c - 3 * b * d)) / (3 * d); /* where the derivative rises through 0 */
    gsl_matrix_free(powers);
    gsl_vector_free(times);
    gsl_vector_free(fit);
    gsl_matrix_free(covariance);
    gsl_multifit_linear_free(space);
    return guess_s * exp(x);
}

Test(saves, the_best_interval_is_that_of_daly_within_five_percent_from_an_hour_to_a_month,
     .timeout = 120)
{
    const double mtbfs_s[MTBFS] = {1 * HOUR_S, 6 * HOUR_S, 24 * HOUR_S, 168 * HOUR_S, 720 * HOUR_S};
    for (int i = 0; i < MTBFS; i++) {
        double formula_s = daly_s(mtbfs_s[i]);
        double found_s = best_interval_s(mtbfs_s[i], formula_s);
        cr_log_info("MTBF %.0f h: best %.1f s, Daly %.1f s, %+.2f %%\n", mtbfs_s[i] / HOUR_S,
                    found_s, formula_s, 100 * (found_s / formula_s - 1));
        cr_assert_lt(fabs(found_s / formula_s - 1), 0.05, "MTBF %.0f h: %.1f s, not %.1f s",
                     mtbfs_s[i] / HOUR_S, found_s, formula_s);
    }
}

static uint64_t fingerprint_of(enum checkpoint_rule rule, double interval_s)
{
    struct world world;
    struct supply_spec spec;
    init_failing(&world, &spec, 24 * HOUR_S);
    world.settings.checkpoint_rule = rule;
    world.settings.checkpoint_us = (int64_t)round(interval_s * 1e6);
    (void)run_for_ends_s(&world);
    uint64_t fingerprint = world.result.fingerprint;
    release(&world, &spec);
    return fingerprint;
}

Test(saves, the_rules_choose_what_the_formulas_say)
{
    double young_s = sqrt(2 * SAVE_S * 24 * HOUR_S);
    cr_assert_eq(fingerprint_of(CHECKPOINT_YOUNG, 0), fingerprint_of(CHECKPOINT_FIXED, young_s));
    cr_assert_eq(fingerprint_of(CHECKPOINT_DALY, 0),
                 fingerprint_of(CHECKPOINT_FIXED, daly_s(24 * HOUR_S)));
    cr_assert_neq(fingerprint_of(CHECKPOINT_YOUNG, 0), fingerprint_of(CHECKPOINT_DALY, 0));
}

/* When a gang of three nodes with two GPUs each ends that does 601 s of work. */
static int64_t end_of_gang_us(double node_mtbf_us, double gpu_mtbf_us)
{
    struct world world;
    struct supply_spec spec = {.failure_count = 2};
    world_init(&world, "4x2", "a,0,601,6,3,\n");
    spec.failures[0] = (struct supply_failures){SUPPLY_NODES, 0, {node_mtbf_us, 1, 1}};
    spec.failures[1] = (struct supply_failures){SUPPLY_GPUS, 0, {gpu_mtbf_us, 1, 1}};
    world.settings.supply = &spec;
    world.settings.save_us = 20 * SECOND_US;
    world.settings.checkpoint_rule = CHECKPOINT_YOUNG;
    run_world(&world);
    cr_assert_null(strstr(world.log.bytes, "interrupt"), "%s", world.log.bytes);
    int64_t end_us = world.result.end_us;
    world_release(&world);
    return end_us;
}

Test(saves, a_gang_is_saved_by_the_failures_of_all_its_nodes_and_gpus)
{
    /* 3 nodes / 30 h and 6 GPUs / 20 h: 2.5 h. Young: sqrt(2 x 20 s x 9000 s) = 600 s: one save. */
    cr_assert_eq(end_of_gang_us(30 * 3600e6, 20 * 3600e6), 621 * SECOND_US);
    cr_assert_eq(end_of_gang_us(31 * 3600e6, 20 * 3600e6), 601 * SECOND_US);
    cr_assert_eq(end_of_gang_us(30 * 3600e6, 21 * 3600e6), 601 * SECOND_US);
}
