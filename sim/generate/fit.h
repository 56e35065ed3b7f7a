/*
 * fit.h - a model from a trace: what parameters would have made it.
 *
 * Each part is fitted by itself: the profile of the rate, interarrival times on the clock of that
 * profile, sizes as a table, durations (of each size, or of all and a correlation), users and
 * queues, estimates. How good the whole is, is measured on jobs that the model makes.
 */
#ifndef GENERATE_FIT_H
#define GENERATE_FIT_H

#include "sim/generate/model.h"
#include "sim/workload/workload.h"

enum fit_profile {
    FIT_PROFILE_AUTO, /* the week from 28 days of trace on, the day from 3 days on, where the hours
                         differ by more than chance */
    FIT_PROFILE_FLAT,
    FIT_PROFILE_DAY,
    FIT_PROFILE_WEEK,
};

enum fit_durations {
    FIT_DURATIONS_SIZES,  /* a distribution for each size with 100 jobs or more */
    FIT_DURATIONS_COPULA, /* one distribution, and the correlation with the size */
    FIT_DURATIONS_PLAIN,  /* one distribution */
};

struct fit_options {
    enum fit_profile profile;
    enum fit_durations durations;
    enum family interarrival; /* FAMILY_COUNT: chosen by family_choose */
    enum family duration;     /* likewise */
    bool parametric;          /* choose among the parametric families only */
    uint64_t seed;            /* of the jobs that the fit is measured on */
    uint64_t made;            /* how many of them; 0: ten times the trace's, 2,000,000 at most */
};

/* A trace's values against those of generated jobs. */
struct fit_marginal {
    const char *name;    /* "interarrival", "duration", "size" */
    const char *family;  /* what stands for it in the model */
    size_t jobs;         /* of the trace */
    double mean;         /* of the trace: seconds, or GPUs */
    double made_mean;    /* of the generated jobs */
    double distance;     /* of Kolmogorov and Smirnov */
    double probability;  /* of such a distance, were the model true */
    double passes_up_to; /* jobs: the 5 % test passes for a sample of so many */
};

enum { FIT_MARGINALS = 3 };

struct fit_report {
    struct fit_marginal marginals[FIT_MARGINALS];
    double user_zipf; /* 0 without users */
    double queue_zipf;
    struct names notes; /* a sentence each */
};

void fit_options_init(struct fit_options *options);

/* Fits a finished workload. On success the caller releases *model and *report. Fails when there are
 * too few jobs (20) or durations, or no two submit times. O(jobs log jobs). */
bool fit_workload(const struct workload *workload, const struct fit_options *options,
                  struct generate_model *model, struct fit_report *report, struct err *err);
void fit_report_release(struct fit_report *report);

/* Appends the report for people, or makes it for tools (a new reference): the key "fit" of the
 * model's JSON. */
void fit_report_add_text(struct text *text, const struct generate_model *model,
                         const struct fit_report *report);
json_t *fit_report_json(const struct fit_report *report);

#endif
