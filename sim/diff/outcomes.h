/*
 * outcomes.h - what became of the jobs of a run: its jobs.csv read again, and how far two differ.
 */
#ifndef DIFF_OUTCOMES_H
#define DIFF_OUTCOMES_H

#include <stdint.h>

#include <jansson.h>

#include "sim/base/err.h"
#include "sim/base/names.h"
#include "sim/base/text.h"

#define OUTCOME_NEVER_US INT64_MIN /* never started, never ended */

struct outcome {
    int64_t submit_us;
    int64_t start_us; /* the first start */
    int64_t end_us;
    int64_t wait_us; /* all of it, also between preemption and the next start */
    int64_t gpu_milli;
    int64_t preemptions;
    uint32_t queue;    /* number in outcomes.queues */
    const char *state; /* completed, running, pending or rejected */
};

struct outcomes {
    struct names jobs; /* ids; a job's number is its row */
    struct names queues;
    struct names states;
    VEC(struct outcome) rows; /* in submit order */
};

/* Reads jobs.csv of a results folder; released by the caller. Errors name file and line. */
bool outcomes_read(const char *folder, struct outcomes *out, struct err *err);
void outcomes_release(struct outcomes *outcomes);

/* How far the outcomes of two runs drift apart: jobs that start, end or are preempted otherwise,
 * the mean waits, who gains and who loses most. */
struct drift {
    int64_t jobs;   /* in both */
    int64_t only_a; /* jobs that the other run does not know */
    int64_t only_b;
    int64_t starts;    /* jobs with another first start */
    int64_t ends;      /* jobs with another end */
    int64_t preempted; /* jobs with another number of preemptions */
    int64_t preemptions_a;
    int64_t preemptions_b;
    double wait_mean_a_s; /* over the jobs that are in both */
    double wait_mean_b_s;
    int64_t sooner; /* jobs that wait less in B, and the one with the largest difference */
    int64_t later;
    const char *most_sooner; /* NULL when there is none; lives as long as A's outcomes */
    const char *most_later;
    double most_sooner_s;
    double most_later_s;
};

void drift_measure(const struct outcomes *a, const struct outcomes *b, struct drift *out);
void drift_print(const struct drift *drift, struct text *out);

/* The same as a new object. */
json_t *drift_json(const struct drift *drift);

#endif
