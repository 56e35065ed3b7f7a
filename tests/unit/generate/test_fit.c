/*
 * test_fit.c - a fit to jobs that were made from known parameters finds these again: within 5 % at
 * 100,000 jobs, for every family and every part of a model. And models of real traces pass.
 */
#include <math.h>

#include <criterion/criterion.h>

#include "sim/base/json_read.h"
#include "sim/generate/fit_parts.h"
#include "sim/generate/ks.h"
#include "sim/workload/trace_format.h"
#include "tests/unit/generate/make.h"

enum { JOBS = 100000 };

static const double within = 0.05;

struct fitted {
    struct generate_model model;
    struct fit_report report;
};

/* Measured on as many jobs as the trace has, to be quick. */
static struct fitted fit(const struct workload *workload, const struct fit_options *options)
{
    struct fitted fitted;
    struct err err = {0};
    struct fit_options quick = *options;
    quick.made = workload->jobs.count;
    cr_assert(fit_workload(workload, &quick, &fitted.model, &fitted.report, &err), "%s", err.msg);
    return fitted;
}

static struct fitted fit_jobs(const char *json, const struct fit_options *options)
{
    struct workload workload = make_jobs(json, 3, (struct generate_options){.jobs = JOBS});
    struct fitted fitted = fit(&workload, options);
    workload_release(&workload);
    return fitted;
}

static void release(struct fitted *fitted)
{
    generate_model_release(&fitted->model);
    fit_report_release(&fitted->report);
}

static void expect_distribution(const struct distribution *got, enum family family,
                                const double *wanted)
{
    cr_assert_eq(got->family, family, "%s instead of %s", distribution_family_name(got->family),
                 distribution_family_name(family));
    for (unsigned i = 0; i < distribution_parameter_count(family); i++) {
        cr_assert_leq(fabs(got->parameter[i] - wanted[i]), within * fabs(wanted[i]) + 1e-12,
                      "%s: %s is %g, made with %g", distribution_family_name(family),
                      distribution_parameter_name(family, i), got->parameter[i], wanted[i]);
    }
}

/* -- families ---------------------------------------------------------------------------------- */

static const struct {
    enum family family;
    double parameters[DISTRIBUTION_MOST_PARAMETERS];
} FAMILIES[] = {
    {FAMILY_CONSTANT, {30}},
    {FAMILY_EXPONENTIAL, {60}},
    {FAMILY_GAMMA, {0.7, 1000}},
    {FAMILY_HYPEREXPONENTIAL, {0.8, 100, 5000}},
    {FAMILY_HYPERGAMMA, {0.6, 2, 100, 5, 2000}},
    {FAMILY_LOGGAMMA, {10, 0.5}},
    {FAMILY_LOGHYPERGAMMA, {0.7, 4.2, 0.94, 312, 0.03}},
    {FAMILY_LOGNORMAL, {7, 2}},
    {FAMILY_LOGUNIFORM, {10, 100000}},
    {FAMILY_WEIBULL, {0.5, 1000}},
};

/* The one distribution stands for both interarrival times and durations. */
static void recover(size_t row, bool is_told)
{
    struct distribution d = distribution_of(FAMILIES[row].family, FAMILIES[row].parameters);
    struct generate_model model;
    struct workload workload;
    struct err err = {0};
    struct fit_options fit_options;
    struct generate_options options = {.jobs = JOBS};
    generate_model_init(&model);
    model.arrivals.interarrival = d;
    model.durations.distribution = d;
    cr_assert(generate_workload(&model, 3, &options, &workload, &err), "%s", err.msg);
    fit_options_init(&fit_options);
    fit_options.interarrival = is_told ? d.family : FAMILY_COUNT;
    fit_options.duration = is_told ? d.family : FAMILY_COUNT;
    struct fitted fitted = fit(&workload, &fit_options);
    expect_distribution(&fitted.model.arrivals.interarrival, d.family, d.parameter);
    expect_distribution(&fitted.model.durations.distribution, d.family, d.parameter);
    cr_assert_eq(fitted.model.arrivals.profile.weights.count, 0);
    for (int i = 0; i < FIT_MARGINALS; i++) {
        cr_assert_geq(fitted.report.marginals[i].probability, 0.01, "%s: %s at %g",
                      distribution_family_name(d.family), fitted.report.marginals[i].name,
                      fitted.report.marginals[i].distance);
    }
    release(&fitted);
    workload_release(&workload);
    generate_model_release(&model);
}

Test(fit, families_and_their_parameters_come_back_within_5_percent)
{
    for (size_t i = 0; i < sizeof(FAMILIES) / sizeof(*FAMILIES); i++) {
        recover(i, false);
    }
}

Test(fit, a_family_that_is_told_is_fitted)
{
    recover(4, true);
    recover(9, true);
}

/* -- the other parts --------------------------------------------------------------------------- */

Test(fit, the_rate_and_the_hours_of_the_week_come_back)
{
    struct fit_options options;
    fit_options_init(&options);
    struct generate_model model = make_model("{'arrivals': {'interarrival': {'family': "
                                             "'exponential', 'mean': 30}}}");
    for (int i = 0; i < 168; i++) {
        bool is_night = i % 24 < 8;
        bool is_weekend = i / 24 >= 5;
        vec_push(&model.arrivals.profile.weights, is_weekend ? 0.5 : is_night ? 0.7 : 1.5);
    }
    /* A trace that starts at 0 starts on a Thursday, as 1970 did. */
    model.arrivals.start_s = 3 * 86400;
    struct workload workload;
    struct err err = {0};
    struct generate_options made = {.jobs = JOBS};
    cr_assert(generate_workload(&model, 3, &made, &workload, &err), "%s", err.msg);
    struct fitted fitted = fit(&workload, &options);
    const struct model_arrivals *got = &fitted.model.arrivals;
    expect_distribution(&got->interarrival, FAMILY_EXPONENTIAL, (const double[]){30});
    cr_assert_eq(got->profile.weights.count, 168);
    double sum = 0;
    for (int i = 0; i < 168; i++) {
        sum += model.arrivals.profile.weights.items[i] / 168;
    }
    double mean_off = 0;
    for (int i = 0; i < 168; i++) {
        mean_off +=
            got->profile.weights.items[i] * sum / model.arrivals.profile.weights.items[i] / 168;
        /* Some 600 jobs an hour of the week. */
        cr_assert_float_eq(got->profile.weights.items[i] * sum /
                               model.arrivals.profile.weights.items[i],
                           1, 0.3, "hour %d", i);
    }
    cr_assert_float_eq(mean_off, 1, 0.02);
    release(&fitted);
    workload_release(&workload);
    generate_model_release(&model);
}

Test(fit, the_correlation_of_size_and_duration_comes_back)
{
    static const double CORRELATIONS[] = {-0.6, 0.2, 0.8};
    struct fit_options options;
    fit_options_init(&options);
    options.durations = FIT_DURATIONS_COPULA;
    for (size_t i = 0; i < sizeof(CORRELATIONS) / sizeof(*CORRELATIONS); i++) {
        struct text json = {0};
        text_addf(&json,
                  "{'sizes': {'family': 'powers'}, 'durations': {'correlation': %g, "
                  "'distribution': {'family': 'lognormal', 'mu': 6, 'sigma': 2}}}",
                  CORRELATIONS[i]);
        struct fitted fitted = fit_jobs(json.bytes, &options);
        cr_assert_float_eq(fitted.model.durations.correlation / CORRELATIONS[i], 1, within, "%g",
                           fitted.model.durations.correlation);
        expect_distribution(&fitted.model.durations.distribution, FAMILY_LOGNORMAL,
                            (const double[]){6, 2});
        release(&fitted);
        text_release(&json);
    }
}

/* Durations of whole thousands of seconds: most jobs share theirs with many others. */
Test(fit, tied_durations_do_not_hide_the_correlation)
{
    struct fit_options options;
    fit_options_init(&options);
    options.durations = FIT_DURATIONS_COPULA;
    struct fitted fitted = fit_jobs(
        "{'sizes': {'family': 'powers'}, 'durations': {'correlation': 0.5, 'round_s': 1000, "
        "'distribution': {'family': 'lognormal', 'mu': 7.5, 'sigma': 1}}}",
        &options);
    cr_assert_float_eq(fitted.model.durations.correlation, 0.45, 0.05, "%g",
                       fitted.model.durations.correlation);
    release(&fitted);
}

Test(fit, a_fitted_distribution_ends_at_the_largest_value)
{
    struct fit_options options;
    fit_options_init(&options);
    struct workload workload = make_jobs("{}", 3, (struct generate_options){.jobs = 500});
    struct fitted fitted = fit(&workload, &options);
    size_t count = 0;
    double *durations = fit_durations_s(&workload, &count);
    ks_sort(durations, count);
    cr_assert_float_eq(fitted.model.durations.distribution.at_most, durations[count - 1], 1e-9);
    free(durations);
    release(&fitted);
    workload_release(&workload);
}

Test(fit, exponents_of_users_and_queues_come_back)
{
    struct fit_options options;
    fit_options_init(&options);
    struct fitted fitted = fit_jobs(
        "{'users': {'count': 200, 'zipf': 1.3}, 'queues': {'count': 20, 'zipf': 0.8, 'by': "
        "'job'}}",
        &options);
    cr_assert_float_eq(fitted.report.user_zipf / 1.3, 1, within, "%g", fitted.report.user_zipf);
    cr_assert_float_eq(fitted.report.queue_zipf / 0.8, 1, within, "%g", fitted.report.queue_zipf);
    cr_assert_eq(fitted.model.users.count, 200);
    cr_assert_eq(fitted.model.queues.classes.count, 20);
    cr_assert_not(fitted.model.queues.by_user);
    release(&fitted);
}

Test(fit, queues_of_users_are_found_out)
{
    struct fit_options options;
    fit_options_init(&options);
    struct fitted fitted =
        fit_jobs("{'users': {'count': 50, 'zipf': 0.5}, 'queues': {'count': 5}}", &options);
    cr_assert(fitted.model.queues.by_user);
    release(&fitted);
}

Test(fit, shapes_their_shares_and_their_durations_come_back)
{
    struct fit_options options;
    fit_options_init(&options);
    struct fitted fitted = fit_jobs(
        "{'sizes': {'classes': [{'gpus': 0, 'cpus': 6, 'weight': 1}, {'gpus': 0.25, 'weight': 3}, "
        "{'gpus': 1, 'weight': 4, 'gpu_model': 'A', 'duration': {'family': 'exponential', 'mean': "
        "50}},"
        " {'gpus': 32, 'tasks': 4, 'min_tasks': 2, 'memory_mib': 4096, 'weight': 2}]}}",
        &options);
    const struct model_sizes *sizes = &fitted.model.sizes;
    cr_assert_eq(sizes->classes.count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct model_class *class = &sizes->classes.items[i];
        double share = class->weight / JOBS;
        double mean = class->duration.parameter[0];
        cr_assert(class->has_duration);
        cr_assert_eq(class->duration.family, FAMILY_EXPONENTIAL);
        cr_assert_float_eq(mean / (class->gpu_milli == 1000 ? 50 : 3600), 1, within);
        switch (class->gpu_milli) {
        case 0:
            cr_assert_float_eq(share, 0.1, 0.005);
            cr_assert_eq(class->cpu_milli, 6000);
            break;
        case 250:
            cr_assert_float_eq(share, 0.3, 0.01);
            break;
        case 1000:
            cr_assert_float_eq(share, 0.4, 0.01);
            cr_assert_str_eq(class->gpu_model, "A");
            break;
        default:
            cr_assert_float_eq(share, 0.2, 0.01);
            cr_assert_eq(class->gpu_milli, 32000);
            cr_assert_eq(class->tasks, 4);
            cr_assert_eq(class->min_tasks, 2);
            cr_assert_eq(class->memory_mib, 4096);
            break;
        }
    }
    release(&fitted);
}

Test(fit, popular_estimates_come_back)
{
    struct fit_options options;
    fit_options_init(&options);
    struct fitted fitted =
        fit_jobs("{'estimates': {'kind': 'modal', 'modal_chance': 0.9}}", &options);
    const struct model_estimates *got = &fitted.model.estimates;
    cr_assert_eq(got->kind, ESTIMATES_MODAL);
    cr_assert_float_eq(got->modal_chance / 0.9, 1, within, "%g", got->modal_chance);
    size_t found = 0;
    for (size_t i = 0; i < got->modal_s.count; i++) {
        found += got->modal_s.items[i] > 3599 && got->modal_s.items[i] < 3601;
    }
    cr_assert_eq(found, 1);
    release(&fitted);
}

/* A factor so large that nearly no estimate has to be raised to the duration. */
Test(fit, the_power_of_estimates_and_their_spread_come_back)
{
    struct fit_options options;
    fit_options_init(&options);
    struct fitted fitted = fit_jobs("{'durations': {'distribution': {'family': 'lognormal', 'mu': "
                                    "8, 'sigma': 1}}, 'estimates': "
                                    "{'kind': 'factor', 'power': 0.6, 'factor': {'family': "
                                    "'lognormal', 'mu': 7, 'sigma': 0.7}}}",
                                    &options);
    const struct model_estimates *got = &fitted.model.estimates;
    cr_assert_eq(got->kind, ESTIMATES_FACTOR);
    cr_assert_float_eq(got->power / 0.6, 1, within, "%g", got->power);
    cr_assert_float_eq(got->exceed_chance, 0, 0);
    expect_distribution(&got->factor, FAMILY_LOGNORMAL, (const double[]){7, 0.7});
    release(&fitted);
}

/* Jobs that run longer hide what was asked for, and durations of seconds what a minute rounds. */
Test(fit, estimates_that_some_exceed_come_back)
{
    struct fit_options options;
    fit_options_init(&options);
    struct fitted fitted = fit_jobs("{'estimates': {'kind': 'factor', 'power': 0.9, "
                                    "'exceed_chance': 0.3, 'factor': "
                                    "{'family': 'lognormal', 'mu': 4, 'sigma': 0.6}}}",
                                    &options);
    const struct model_estimates *got = &fitted.model.estimates;
    cr_assert_float_eq(got->power / 0.9, 1, within, "%g", got->power);
    cr_assert_float_eq(got->exceed_chance / 0.3, 1, within, "%g", got->exceed_chance);
    expect_distribution(&got->factor, FAMILY_LOGNORMAL, (const double[]){4, 0.6});
    release(&fitted);
}

/* -- tables, resolutions, refusals ------------------------------------------------------------- */

/* Whole seconds, many of them 0 or 600: no parametric family is like that. */
Test(fit, clumped_values_become_a_table_that_passes_at_full_size)
{
    struct fit_options options;
    fit_options_init(&options);
    struct fitted fitted = fit_jobs(
        "{'arrivals': {'interarrival': {'family': 'empirical', 'quantiles': [[0, 0], [0.2, 0], "
        "[0.6, "
        "30], [0.7, 600], [0.95, 600], [1, 9000]]}, 'round_s': 1}, 'durations': {'distribution': "
        "{'family': 'empirical', 'quantiles': [[0, 1], [0.3, 1], [0.31, 60], [0.6, 60], [1, "
        "1e6]]}, "
        "'round_s': 1}}",
        &options);
    cr_assert_eq(fitted.model.arrivals.interarrival.family, FAMILY_EMPIRICAL);
    cr_assert_eq(fitted.model.durations.distribution.family, FAMILY_EMPIRICAL);
    cr_assert_float_eq(fitted.model.arrivals.round_s, 1, 0);
    cr_assert_float_eq(fitted.model.durations.round_s, 1, 0);
    for (int i = 0; i < FIT_MARGINALS; i++) {
        cr_assert_geq(fitted.report.marginals[i].probability, 0.05, "%s",
                      fitted.report.marginals[i].name);
    }
    release(&fitted);
}

Test(fit, parametric_means_no_tables)
{
    struct fit_options options;
    fit_options_init(&options);
    options.parametric = true;
    struct fitted fitted = fit_jobs("{'durations': {'distribution': {'family': 'empirical', "
                                    "'quantiles': [[0, 1], [0.5, 60], [0.7, "
                                    "60], [1, 1e6]]}, 'round_s': 1}}",
                                    &options);
    cr_assert_neq(fitted.model.durations.distribution.family, FAMILY_EMPIRICAL);
    cr_assert_lt(fitted.report.marginals[1].probability, 0.05);
    cr_assert_lt(fitted.report.marginals[1].passes_up_to, JOBS);
    release(&fitted);
}

static void refuse(const char *csv, const char *words)
{
    struct fit_options options;
    struct fitted fitted;
    struct workload workload;
    struct err err = {0};
    char *text = mem_copy_text(csv, strlen(csv));
    struct file file = {.bytes = text, .length = strlen(csv)};
    fit_options_init(&options);
    cr_assert(trace_read_text(&file, "native", &workload, &err), "%s", err.msg);
    cr_assert_not(fit_workload(&workload, &options, &fitted.model, &fitted.report, &err));
    cr_assert_not_null(strstr(err.msg, words), "%s", err.msg);
    workload_release(&workload);
    free(text);
}

Test(fit, what_cannot_be_fitted_is_refused)
{
    struct text same = {0};
    struct text untold = {0};
    text_add(&same, "job_id,submit_s,duration_s,gpus\n");
    text_add(&untold, "job_id,submit_s,duration_s,gpus\n");
    refuse("job_id,submit_s,duration_s,gpus\na,0,1,1\n", "1 jobs, expected 20 or more");
    for (int i = 0; i < 30; i++) {
        text_addf(&same, "%d,5,%d,1\n", i, i);
        text_addf(&untold, "%d,%d,,1\n", i, i * i);
    }
    refuse(same.bytes, "submitted at one time");
    refuse(untold.bytes, "the durations of 0 jobs");
    text_release(&same);
    text_release(&untold);
}

Test(fit, the_report_goes_into_the_model_and_the_model_still_reads)
{
    struct fit_options options;
    fit_options_init(&options);
    struct workload workload = make_jobs("{}", 3, (struct generate_options){.jobs = 500});
    struct fitted fitted = fit(&workload, &options);
    json_t *json = generate_model_json(&fitted.model);
    struct generate_model again;
    struct err err = {0};
    cr_assert_eq(json_object_set_new(json, "fit", fit_report_json(&fitted.report)), 0);
    cr_assert(generate_model_read_json(json, &again, &err), "%s", err.msg);
    cr_assert_eq(json_array_size(json_object_get(json_object_get(json, "fit"), "marginals")), 3);
    struct text text = {0};
    fit_report_add_text(&text, &fitted.model, &fitted.report);
    cr_assert_not_null(strstr(text.bytes, "interarrival"));
    text_release(&text);
    json_decref(json);
    generate_model_release(&again);
    release(&fitted);
    workload_release(&workload);
}

/* -- real traces ------------------------------------------------------------------------------- */

Test(fit, a_fitted_philly_passes_its_tests_with_all_82247_jobs)
{
    char *path = make_trace_path("philly/philly.csv");
    if (path == NULL) {
        return;
    }
    struct fit_options options;
    struct workload workload;
    struct err err = {0};
    fit_options_init(&options);
    cr_assert(trace_read(path, NULL, &workload, &err), "%s", err.msg);
    struct fitted fitted = fit(&workload, &options);
    for (int i = 0; i < FIT_MARGINALS; i++) {
        const struct fit_marginal *marginal = &fitted.report.marginals[i];
        cr_assert_geq(marginal->probability, 0.05, "%s: %g", marginal->name, marginal->distance);
        cr_assert_geq(marginal->passes_up_to, 82246);
        cr_assert_float_eq(marginal->made_mean / marginal->mean, 1, 0.05, "%s: mean %g",
                           marginal->name, marginal->made_mean);
    }
    release(&fitted);
    workload_release(&workload);
    free(path);
}

static double distance_of(double *(*measure)(const struct workload *, size_t *),
                          const struct workload *a, const struct workload *b, double *probability)
{
    size_t a_count = 0;
    size_t b_count = 0;
    double *left = measure(a, &a_count);
    double *right = measure(b, &b_count);
    ks_sort(left, a_count);
    ks_sort(right, b_count);
    double distance = ks_distance(left, a_count, right, b_count);
    *probability =
        ks_probability(distance, (double)a_count * (double)b_count / (double)(a_count + b_count));
    free(left);
    free(right);
    return distance;
}

/* A published output of the model of Lublin and Feitelson for 256 nodes, 10,000 jobs: the preset
 * makes jobs that the test cannot tell from it. */
Test(fit, the_preset_of_lublin_and_feitelson_agrees_with_an_output_of_theirs)
{
    char *path = make_trace_path("pwa/lublin_256.swf");
    if (path == NULL) {
        return;
    }
    double *(*const measures[])(const struct workload *, size_t *) = {fit_interarrivals_s,
                                                                      fit_durations_s, fit_gpus};
    struct err err = {0};
    struct workload theirs;
    struct workload ours;
    struct generate_model model;
    json_t *json =
        json_parse(generate_preset_find("lublin"), strlen(generate_preset_find("lublin")), &err);
    cr_assert(generate_model_set(json, "sizes.high=8", &err));
    cr_assert(generate_model_set(json, "sizes.middle=5.5", &err));
    cr_assert(generate_model_read_json(json, &model, &err), "%s", err.msg);
    struct generate_options options = {.jobs = 50000};
    cr_assert(generate_workload(&model, 1, &options, &ours, &err), "%s", err.msg);
    cr_assert(trace_read(path, NULL, &theirs, &err), "%s", err.msg);
    for (size_t i = 0; i < sizeof(measures) / sizeof(*measures); i++) {
        double probability = 0;
        double distance = distance_of(measures[i], &theirs, &ours, &probability);
        cr_assert_geq(probability, 0.05, "measure %zu: %g", i, distance);
    }
    workload_release(&theirs);
    workload_release(&ours);
    generate_model_release(&model);
    json_decref(json);
    free(path);
}
