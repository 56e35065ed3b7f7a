/* fit_people.c - the users, queues and estimates of a trace; see fit.h. */
#include <math.h>

#include <jansson.h>

#include "sim/base/check.h"
#include "sim/generate/fit_parts.h"
#include "sim/generate/ks.h"

/* The share of jobs of users with one queue from which on queues belong to users. */
static const double mostly = 0.95;

enum { MODAL_VALUES = 20 };

/* The exponent under which shares like 1 / k^s make these counts, most first, most likely: where
 * the mean of log k under the shares is that under the counts. It falls in s. */
static double zipf_of(const double *counts, size_t count)
{
    double all = 0;
    double wanted = 0;
    for (size_t k = 0; k < count; k++) {
        all += counts[k];
        wanted += counts[k] * log((double)k + 1);
    }
    wanted /= all;
    double low = 0;
    double high = 20;
    for (int i = 0; i < 50; i++) {
        double s = (low + high) / 2;
        double sum = 0;
        double weighted = 0;
        for (size_t k = 0; k < count; k++) {
            double share = pow((double)k + 1, -s);
            sum += share;
            weighted += share * log((double)k + 1);
        }
        if (weighted / sum > wanted) {
            low = s;
        } else {
            high = s;
        }
    }
    return (low + high) / 2;
}

/* Jobs by number of user or queue; the caller frees them. */
static double *counts_of(const struct workload *workload, bool of_users, size_t *count)
{
    *count = names_count(of_users ? &workload->users : &workload->queues);
    double *counts = mem_alloc(*count, sizeof(*counts));
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        counts[of_users ? job->user : job->queue]++;
    }
    return counts;
}

static double zipf_of_sorted(double *counts, size_t count)
{
    if (count < 2) {
        return 0;
    }
    ks_sort(counts, count);
    for (size_t i = 0; i < count / 2; i++) {
        double most = counts[count - 1 - i];
        counts[count - 1 - i] = counts[i];
        counts[i] = most;
    }
    return zipf_of(counts, count);
}

static bool is_told(const struct names *names)
{
    return names_count(names) > 1 || (names_count(names) == 1 && names_get(names, 0)[0] != '\0');
}

/* Does nearly every job come from a user whose jobs are all in one queue? */
static bool queues_belong_to_users(const struct workload *workload)
{
    size_t users = names_count(&workload->users);
    uint32_t *queue = mem_alloc(users, sizeof(*queue));
    bool *has_several = mem_alloc(users, sizeof(*has_several));
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        has_several[job->user] =
            has_several[job->user] || (queue[job->user] != 0 && queue[job->user] != job->queue + 1);
        queue[job->user] = job->queue + 1;
    }
    double single = 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        single += has_several[workload->jobs.items[i].user] ? 0 : 1;
    }
    free(queue);
    free(has_several);
    return single >= mostly * (double)workload->jobs.count;
}

/* A name that JSON can hold. */
static char *queue_name(const struct workload *workload, uint32_t number)
{
    const char *name = names_get(&workload->queues, number);
    size_t length = strlen(name);
    json_t *json = json_stringn(name, length);
    char made_up[24];
    if (json == NULL || length == 0 || length > 200) {
        length = (size_t)snprintf(made_up, sizeof(made_up), "queue-%u", number + 1);
        name = made_up;
    }
    json_decref(json);
    return mem_copy_text(name, length);
}

void fit_people(const struct workload *workload, struct generate_model *model,
                struct fit_report *report)
{
    size_t count = 0;
    if (is_told(&workload->users)) {
        double *counts = counts_of(workload, true, &count);
        report->user_zipf = zipf_of_sorted(counts, count);
        model->users.count = (uint32_t)(count < MODEL_MOST_USERS ? count : MODEL_MOST_USERS);
        model->users.zipf = report->user_zipf;
        free(counts);
    }
    if (!is_told(&workload->queues)) {
        return;
    }
    double *counts = counts_of(workload, false, &count);
    if (count <= MODEL_MOST_CLASSES) {
        for (uint32_t i = 0; i < count; i++) {
            struct model_queue queue = {queue_name(workload, i), counts[i]};
            vec_push(&model->queues.classes, queue);
        }
    }
    report->queue_zipf = zipf_of_sorted(counts, count);
    model->queues.count = (uint32_t)(count < MODEL_MOST_USERS ? count : MODEL_MOST_USERS);
    model->queues.zipf = report->queue_zipf;
    model->queues.by_user = model->users.count > 0 && queues_belong_to_users(workload);
    free(counts);
}

/* -- estimates --------------------------------------------------------------------------------- */

struct popular {
    double value_s;
    double jobs;
};

static int compare_popular(const void *a, const void *b)
{
    const struct popular *left = a;
    const struct popular *right = b;
    if (left->jobs < right->jobs || left->jobs > right->jobs) {
        return left->jobs < right->jobs ? 1 : -1;
    }
    return (left->value_s > right->value_s) - (left->value_s < right->value_s);
}

/* The most popular values go to *out; the share of jobs that they have is returned. */
static double find_modal(const double *sorted, size_t count, struct model_estimates *out)
{
    VEC(struct popular) runs = {0};
    for (size_t i = 0; i < count; i++) {
        size_t last = runs.count;
        if (last > 0 && !(sorted[i] > runs.items[last - 1].value_s)) {
            runs.items[last - 1].jobs++;
        } else {
            struct popular run = {sorted[i], 1};
            vec_push(&runs, run);
        }
    }
    CHECK(runs.count > 0);
    qsort(runs.items, runs.count, sizeof(*runs.items), compare_popular);
    double share = 0;
    vec_clear(&out->modal_s);
    for (size_t i = 0; i < runs.count && i < MODAL_VALUES; i++) {
        if (runs.items[i].value_s > 0) {
            vec_push(&out->modal_s, runs.items[i].value_s);
            share += runs.items[i].jobs / (double)count;
        }
    }
    ks_sort(out->modal_s.items, out->modal_s.count);
    vec_release(&runs);
    return fmin(share, 1);
}

/* Logarithms of a duration and its estimate. */
struct told {
    double duration;
    double estimate;
};

/* The line of least squares through the logarithms: estimate = factor * duration^power with a
 * lognormal factor. A power outside of 0 to 1 is cut. */
static void fit_power(const struct told *jobs, size_t count, struct model_estimates *out)
{
    double mean_duration = 0;
    double mean_estimate = 0;
    double variance = 0;
    double covariance = 0;
    double spread = 0;
    for (size_t i = 0; i < count; i++) {
        mean_duration += jobs[i].duration / (double)count;
        mean_estimate += jobs[i].estimate / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        double off = jobs[i].duration - mean_duration;
        variance += off * off;
        covariance += off * (jobs[i].estimate - mean_estimate);
    }
    out->power = variance > 0 ? fmin(fmax(covariance / variance, 0), 1) : 1;
    double mu = mean_estimate - out->power * mean_duration;
    for (size_t i = 0; i < count; i++) {
        double off = jobs[i].estimate - out->power * jobs[i].duration - mu;
        spread += off * off / (double)count;
    }
    double sigma = fmax(sqrt(spread), 1e-3);
    distribution_release(&out->factor);
    out->factor = distribution_of(FAMILY_LOGNORMAL, (const double[]){mu, sigma});
}

/* Does the estimate show the factor? Not that of a job which ran longer: the model moves it below
 * the duration. Nor that of a job of less than a minute: estimates are whole minutes, at least one.
 * To leave these out by their duration moves no line through the others. */
static bool tells_factor(const struct job *job)
{
    const int64_t minute_us = 60000000;
    return job->duration_us <= job->estimate_us && job->duration_us >= minute_us;
}

void fit_estimates(const struct workload *workload, struct model_estimates *out,
                   struct fit_report *report)
{
    double *values = mem_alloc(workload->jobs.count, sizeof(*values));
    struct told *jobs = mem_alloc(workload->jobs.count, sizeof(*jobs));
    size_t count = 0;
    size_t within = 0; /* of them: did not run longer than estimated */
    size_t kept = 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        if (job->estimate_us > 0 && job->duration_us > 0) {
            values[count] = (double)job->estimate_us / 1e6;
            count++;
            within += job->duration_us <= job->estimate_us ? 1 : 0;
            if (tells_factor(job)) {
                jobs[kept++] = (struct told){log((double)job->duration_us / 1e6),
                                             log((double)job->estimate_us / 1e6)};
            }
        }
    }
    if (2 * count > workload->jobs.count && kept > 0) {
        ks_sort(values, count);
        fit_power(jobs, kept, out);
        out->exceed_chance = (double)(count - within) / (double)count;
        out->modal_chance = find_modal(values, count, out);
        out->kind = out->modal_chance >= 0.5 ? ESTIMATES_MODAL : ESTIMATES_FACTOR;
    } else if (count > 0) {
        fit_note(report, "%zu jobs tell an estimate, too few to be fitted", count);
    }
    free(values);
    free(jobs);
}
