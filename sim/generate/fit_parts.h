/*
 * fit_parts.h - the parts of a fit; see fit.h.
 */
#ifndef GENERATE_FIT_PARTS_H
#define GENERATE_FIT_PARTS_H

#include "sim/generate/fit.h"

void fit_note(struct fit_report *report, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What is measured of a workload: one value a job, in the order of the jobs. The caller frees them;
 * *count is their number. */
double *fit_interarrivals_s(const struct workload *workload, size_t *count);
double *fit_durations_s(const struct workload *workload, size_t *count);
double *fit_gpus(const struct workload *workload, size_t *count);

/* Values of whole seconds, or of whole milliseconds, have that resolution; 0 for finer ones. */
double fit_resolution_s(const struct workload *workload, bool of_submits);

/* Sorts the values and fits or chooses a family, bounded by the largest value. Families of positive
 * values see half a resolution in the place of zeros. */
bool fit_distribution(double *values, size_t count, double resolution_s, enum family family,
                      const struct fit_options *options, struct distribution *out);

bool fit_arrivals(const struct workload *workload, const struct fit_options *options,
                  struct model_arrivals *out, struct fit_report *report, struct err *err);
void fit_sizes(const struct workload *workload, struct model_sizes *out, struct fit_report *report);
bool fit_durations(const struct workload *workload, const struct fit_options *options,
                   struct generate_model *model, struct fit_report *report, struct err *err);

/* Users, queues and estimates. */
void fit_people(const struct workload *workload, struct generate_model *model,
                struct fit_report *report);
void fit_estimates(const struct workload *workload, struct model_estimates *out,
                   struct fit_report *report);

/* The class of the model's sizes that a shape of the trace went to. */
uint32_t fit_class_of(const struct workload *workload, const struct model_sizes *sizes,
                      uint32_t shape);

#endif
