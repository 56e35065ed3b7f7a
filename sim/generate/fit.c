/* fit.c - see fit.h. */
#include "sim/generate/fit.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "sim/base/check.h"
#include "sim/generate/family_fit.h"
#include "sim/generate/fit_parts.h"
#include "sim/generate/generate.h"
#include "sim/generate/ks.h"

enum { FEWEST_JOBS = 20, LONGEST_NOTE = 300, MOST_COMPARED = 2000000, COMPARED_TIMES = 10 };

void fit_options_init(struct fit_options *options)
{
    *options =
        (struct fit_options){.interarrival = FAMILY_COUNT, .duration = FAMILY_COUNT, .seed = 1};
}

void fit_note(struct fit_report *report, const char *fmt, ...)
{
    char note[LONGEST_NOTE];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(note, sizeof(note), fmt, args);
    va_end(args);
    (void)names_add(&report->notes, view_of(note), NULL);
}

/* -- what is measured -------------------------------------------------------------------------- */

double *fit_interarrivals_s(const struct workload *workload, size_t *count)
{
    double *values = mem_alloc(workload->jobs.count, sizeof(*values));
    *count = workload->jobs.count - 1;
    for (size_t i = 0; i < *count; i++) {
        values[i] =
            (double)(workload->jobs.items[i + 1].submit_us - workload->jobs.items[i].submit_us) /
            1e6;
    }
    return values;
}

double *fit_durations_s(const struct workload *workload, size_t *count)
{
    double *values = mem_alloc(workload->jobs.count, sizeof(*values));
    *count = 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        if (workload->jobs.items[i].duration_us != TIME_UNKNOWN) {
            values[(*count)++] = (double)workload->jobs.items[i].duration_us / 1e6;
        }
    }
    return values;
}

double *fit_gpus(const struct workload *workload, size_t *count)
{
    double *values = mem_alloc(workload->jobs.count, sizeof(*values));
    *count = workload->jobs.count;
    for (size_t i = 0; i < *count; i++) {
        values[i] =
            (double)workload_shape_gpu_milli(workload, workload->jobs.items[i].shape) / 1000;
    }
    return values;
}

double fit_resolution_s(const struct workload *workload, bool of_submits)
{
    static const int64_t resolutions_us[] = {1000000, 1000};
    for (size_t r = 0; r < sizeof(resolutions_us) / sizeof(*resolutions_us); r++) {
        bool fits = true;
        for (size_t i = 0; fits && i < workload->jobs.count; i++) {
            const struct job *job = &workload->jobs.items[i];
            int64_t value_us = of_submits ? job->submit_us : job->duration_us;
            fits = value_us == TIME_UNKNOWN || value_us % resolutions_us[r] == 0;
        }
        if (fits) {
            return (double)resolutions_us[r] / 1e6;
        }
    }
    return 0;
}

bool fit_distribution(double *values, size_t count, double resolution_s, enum family family,
                      const struct fit_options *options, struct distribution *out)
{
    if (count == 0) {
        return false;
    }
    ks_sort(values, count);
    if (family == FAMILY_EMPIRICAL) {
        return family_fit(family, values, count, out);
    }
    double *positive = mem_alloc(count, sizeof(*positive));
    double least = resolution_s > 0 ? resolution_s / 2 : 5e-7;
    for (size_t i = 0; i < count; i++) {
        positive[i] = fmax(values[i], least);
    }
    struct family_choice choice = {.distance = 2};
    bool ok = true;
    if (family < FAMILY_COUNT) {
        ok = family_fit(family, positive, count, out);
    } else {
        family_choose(positive, count, !options->parametric, &choice);
        *out = choice.distribution;
        ok = choice.distance <= 1;
    }
    free(positive);
    if (ok && out->family == FAMILY_EMPIRICAL) {
        distribution_release(out);
        return family_fit(FAMILY_EMPIRICAL, values, count, out);
    }
    if (ok) {
        /* Clusters bound durations; a tail beyond what was ever seen would make most of the load.
         */
        out->at_most = fmax(values[count - 1], least);
    }
    return ok;
}

/* -- how good it is ---------------------------------------------------------------------------- */

typedef double *measure_function(const struct workload *workload, size_t *count);

static double mean_of(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
    }
    return count > 0 ? sum / (double)count : 0;
}

static void compare_marginal(measure_function *measure, const struct workload *trace,
                             const struct workload *made, struct fit_marginal *out)
{
    size_t trace_count = 0;
    size_t made_count = 0;
    double *of_trace = measure(trace, &trace_count);
    double *of_made = measure(made, &made_count);
    ks_sort(of_trace, trace_count);
    ks_sort(of_made, made_count);
    double both = (double)trace_count * (double)made_count / (double)(trace_count + made_count);
    out->jobs = trace_count;
    out->mean = mean_of(of_trace, trace_count);
    out->made_mean = mean_of(of_made, made_count);
    out->distance = ks_distance(of_trace, trace_count, of_made, made_count);
    out->probability = ks_probability(out->distance, both);
    double passes = ks_passes_up_to(out->distance);
    out->passes_up_to =
        out->probability >= 0.05 || passes > (double)trace_count ? (double)trace_count : passes;
    free(of_trace);
    free(of_made);
}

static bool measure_fit(const struct workload *trace, const struct generate_model *model,
                        const struct fit_options *fit, struct fit_report *report, struct err *err)
{
    uint64_t jobs = (uint64_t)trace->jobs.count * COMPARED_TIMES;
    jobs = jobs < MOST_COMPARED ? jobs : MOST_COMPARED;
    jobs = jobs > trace->jobs.count ? jobs : trace->jobs.count;
    struct generate_options options = {.jobs = fit->made > 0 ? fit->made : jobs};
    struct workload made;
    if (!generate_workload(model, fit->seed, &options, &made, err)) {
        return false;
    }
    bool own = false;
    for (size_t i = 0; i < model->sizes.classes.count; i++) {
        own = own || model->sizes.classes.items[i].has_duration;
    }
    report->marginals[0] = (struct fit_marginal){
        .name = "interarrival",
        .family = distribution_family_name(model->arrivals.interarrival.family)};
    report->marginals[1] = (struct fit_marginal){
        .name = "duration",
        .family = own ? "by size" : distribution_family_name(model->durations.distribution.family)};
    report->marginals[2] = (struct fit_marginal){.name = "size", .family = "table"};
    compare_marginal(fit_interarrivals_s, trace, &made, &report->marginals[0]);
    compare_marginal(fit_durations_s, trace, &made, &report->marginals[1]);
    compare_marginal(fit_gpus, trace, &made, &report->marginals[2]);
    workload_release(&made);
    return true;
}

bool fit_workload(const struct workload *workload, const struct fit_options *options,
                  struct generate_model *model, struct fit_report *report, struct err *err)
{
    if (workload->jobs.count < FEWEST_JOBS) {
        return err_set(err, ERR_FORMAT, 0, "%zu jobs, expected %d or more to fit a model to",
                       workload->jobs.count, (int)FEWEST_JOBS);
    }
    *report = (struct fit_report){0};
    generate_model_init(model);
    model->name = mem_copy_text("fitted", strlen("fitted"));
    model->estimates.kind = ESTIMATES_NONE;
    fit_sizes(workload, &model->sizes, report);
    bool ok = fit_arrivals(workload, options, &model->arrivals, report, err) &&
              fit_durations(workload, options, model, report, err);
    if (ok) {
        fit_people(workload, model, report);
        fit_estimates(workload, &model->estimates, report);
        ok = measure_fit(workload, model, options, report, err);
    }
    if (!ok) {
        generate_model_release(model);
        fit_report_release(report);
    }
    return ok;
}

void fit_report_release(struct fit_report *report)
{
    names_release(&report->notes);
}

/* -- the report -------------------------------------------------------------------------------- */

static void add_distribution(struct text *text, const struct distribution *distribution)
{
    text_addf(text, "%s", distribution_family_name(distribution->family));
    for (unsigned i = 0; i < distribution_parameter_count(distribution->family); i++) {
        text_addf(text, " %s %.6g", distribution_parameter_name(distribution->family, i),
                  distribution->parameter[i]);
    }
    if (distribution->family == FAMILY_EMPIRICAL) {
        text_addf(text, " of %zu quantiles", distribution->quantiles.count);
    }
    text_add_char(text, '\n');
}

void fit_report_add_text(struct text *text, const struct generate_model *model,
                         const struct fit_report *report)
{
    text_add(text, "interarrival    ");
    add_distribution(text, &model->arrivals.interarrival);
    text_addf(text, "profile         %zu hours\n", model->arrivals.profile.weights.count);
    text_addf(text, "sizes           %zu\n", model->sizes.classes.count);
    text_add(text, "durations       ");
    add_distribution(text, &model->durations.distribution);
    for (size_t i = 0; i < model->sizes.classes.count; i++) {
        const struct model_class *class = &model->sizes.classes.items[i];
        if (class->has_duration) {
            text_addf(text, "  %6.4g GPUs    ", (double)class->gpu_milli / 1000);
            add_distribution(text, &class->duration);
        }
    }
    text_addf(text, "correlation     %.4f of the scores of size and duration\n",
              model->durations.correlation);
    text_addf(text, "users           %u, Zipf %.4f\n", model->users.count, report->user_zipf);
    text_addf(text, "queues          %u, Zipf %.4f\n", model->queues.count, report->queue_zipf);
    text_add(text, "\nagainst jobs made by the model (Kolmogorov-Smirnov):\n"
                   "                    jobs  distance  probability  passes at 5 % up to  "
                   "      mean  model's mean\n");
    for (int i = 0; i < FIT_MARGINALS; i++) {
        const struct fit_marginal *marginal = &report->marginals[i];
        text_addf(text, "  %-14s%8zu  %8.5f  %11.4f  %19.0f  %10.6g  %12.6g  %s\n", marginal->name,
                  marginal->jobs, marginal->distance, marginal->probability, marginal->passes_up_to,
                  marginal->mean, marginal->made_mean, marginal->family);
    }
    for (uint32_t i = 0; i < names_count(&report->notes); i++) {
        text_addf(text, "note            %s\n", names_get(&report->notes, i));
    }
}

json_t *fit_report_json(const struct fit_report *report)
{
    json_t *json = json_object();
    json_t *marginals = json_array();
    for (int i = 0; i < FIT_MARGINALS; i++) {
        const struct fit_marginal *m = &report->marginals[i];
        json_t *row = json_pack("{s:s,s:s,s:I,s:f,s:f,s:f}", "name", m->name, "family", m->family,
                                "jobs", (json_int_t)m->jobs, "distance", m->distance, "probability",
                                m->probability, "passes_up_to", m->passes_up_to);
        CHECK(row != NULL && json_array_append_new(marginals, row) == 0);
    }
    json_t *notes = json_array();
    for (uint32_t i = 0; i < names_count(&report->notes); i++) {
        CHECK(json_array_append_new(notes, json_string(names_get(&report->notes, i))) == 0);
    }
    CHECK(json_object_set_new(json, "marginals", marginals) == 0);
    CHECK(json_object_set_new(json, "user_zipf", json_real(report->user_zipf)) == 0);
    CHECK(json_object_set_new(json, "queue_zipf", json_real(report->queue_zipf)) == 0);
    CHECK(json_object_set_new(json, "notes", notes) == 0);
    return json;
}
