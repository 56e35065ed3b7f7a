/* fit_sizes.c - the sizes and durations of a trace; see fit.h. */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "sim/base/check.h"
#include "sim/generate/fit_parts.h"
#include "sim/generate/ks.h"

enum { JOBS_FOR_OWN = 100 };

/* What classes are told apart by. */
struct class_key {
    int64_t gpu_milli;
    uint32_t tasks;
    uint32_t min_tasks;
    uint32_t models;
};

static struct class_key key_of(const struct workload *workload, uint32_t number)
{
    const struct shape *shape = &workload->shapes.items[number];
    uint32_t tasks = shape->is_free ? 0 : workload_shape_tasks(workload, number);
    int64_t milli = workload_shape_gpu_milli(workload, number);
    int64_t each = tasks > 0 ? tasks : 1;
    /* Shares of several GPUs and slices of MIG are beyond a model: up to what it can say. */
    if (milli % each != 0 || (milli / each >= 1000 && milli / each % 1000 != 0)) {
        int64_t of_task = (milli + each - 1) / each;
        of_task = of_task < 1000 ? of_task : (of_task + 999) / 1000 * 1000;
        milli = of_task * each;
    }
    int64_t most = (int64_t)MODEL_MOST_GPUS * 1000;
    return (struct class_key){
        .gpu_milli = milli < most ? milli : most - most % (each * 1000),
        .tasks = tasks,
        .min_tasks = shape->is_free ? 0 : workload_shape_min_tasks(workload, number),
        .models = shape->models,
    };
}

static bool is_of(const struct model_class *class, const struct class_key *key,
                  const char *gpu_model)
{
    uint32_t min_tasks = key->min_tasks == key->tasks ? 0 : key->min_tasks;
    bool same_model =
        (class->gpu_model == NULL && gpu_model == NULL) ||
        (class->gpu_model != NULL && gpu_model != NULL && strcmp(class->gpu_model, gpu_model) == 0);
    return class->gpu_milli == key->gpu_milli && class->tasks == key->tasks &&
           class->min_tasks == min_tasks && same_model;
}

/* Of more classes than a model holds, the last one stands for the rest. */
uint32_t fit_class_of(const struct workload *workload, const struct model_sizes *sizes,
                      uint32_t shape)
{
    struct class_key key = key_of(workload, shape);
    const char *gpu_model =
        key.models == NAMES_NONE ? NULL : names_get(&workload->models, key.models);
    for (uint32_t i = 0; i < sizes->classes.count; i++) {
        if (is_of(&sizes->classes.items[i], &key, gpu_model)) {
            return i;
        }
    }
    return (uint32_t)sizes->classes.count;
}

static double cpu_of(const struct workload *workload, uint32_t number, bool memory)
{
    const struct shape *shape = &workload->shapes.items[number];
    double sum = 0;
    for (uint32_t i = 0; i < shape->group_count; i++) {
        const struct task_group *group = &workload->groups.items[shape->first_group + i];
        int64_t each = memory ? group->request.memory_mib : group->request.cpu_milli;
        sum += (double)each * group->count;
    }
    return sum;
}

static void add_class(const struct workload *workload, struct model_sizes *out, uint32_t shape)
{
    struct class_key key = key_of(workload, shape);
    const char *gpu_model =
        key.models == NAMES_NONE ? NULL : names_get(&workload->models, key.models);
    struct model_class class = {
        .gpu_milli = key.gpu_milli,
        .tasks = key.tasks,
        .min_tasks = key.min_tasks == key.tasks ? 0 : key.min_tasks,
        .gpu_model = gpu_model == NULL ? NULL : mem_copy_text(gpu_model, strlen(gpu_model)),
        .duration = {.at_most = DISTRIBUTION_MOST},
    };
    vec_push(&out->classes, class);
}

/* The mean over a class, as whole units of every task. */
static int64_t even_share(double sum, double jobs, uint32_t tasks, int64_t unit)
{
    int64_t each = tasks > 0 ? tasks : 1;
    return llround(sum / jobs / (double)(each * unit)) * each * unit;
}

void fit_sizes(const struct workload *workload, struct model_sizes *out, struct fit_report *report)
{
    size_t shape_count = workload->shapes.count;
    double *jobs = mem_alloc(shape_count, sizeof(*jobs));
    double *cpus = mem_alloc(MODEL_MOST_CLASSES, sizeof(*cpus));
    double *memory = mem_alloc(MODEL_MOST_CLASSES, sizeof(*memory));
    for (size_t i = 0; i < workload->jobs.count; i++) {
        jobs[workload->jobs.items[i].shape]++;
    }
    vec_clear(&out->classes);
    for (uint32_t i = 0; i < shape_count; i++) {
        uint32_t class = fit_class_of(workload, out, i);
        if (class == out->classes.count && class < MODEL_MOST_CLASSES) {
            add_class(workload, out, i);
        } else if (class == MODEL_MOST_CLASSES) {
            class = MODEL_MOST_CLASSES - 1;
            fit_note(report, "more than 4096 shapes: the rest counts as the last of them");
        }
        out->classes.items[class].weight += jobs[i];
        cpus[class] += jobs[i] * cpu_of(workload, i, false);
        memory[class] += jobs[i] * cpu_of(workload, i, true);
    }
    for (uint32_t i = 0; i < out->classes.count; i++) {
        struct model_class *class = &out->classes.items[i];
        class->cpu_milli = even_share(cpus[i], class->weight, class->tasks, 1000);
        class->memory_mib = even_share(memory[i], class->weight, class->tasks, 1);
    }
    free(jobs);
    free(cpus);
    free(memory);
}

/* -- durations --------------------------------------------------------------------------------- */

/* The durations of jobs of class `class`, or of all for NAMES_NONE. */
static double *durations_of(const struct workload *workload, const uint32_t *class_of_shape,
                            uint32_t class, size_t *count)
{
    double *values = mem_alloc(workload->jobs.count, sizeof(*values));
    *count = 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        if (job->duration_us != TIME_UNKNOWN &&
            (class == NAMES_NONE || class_of_shape[job->shape] == class)) {
            values[(*count)++] = (double)job->duration_us / 1e6;
        }
    }
    return values;
}

/* -- the correlation --------------------------------------------------------------------------- */

/* A job as the likelihood of the correlation sees it: the normal score of its duration, and between
 * which scores that of its size lies. */
struct scored {
    double duration;
    double size_low;
    double size_high;
};

/* Mean log-likelihood of the sizes, given the durations: a size score given duration score z is
 * normal with mean rho z and variance 1 - rho^2. */
static double log_likelihood(const struct scored *jobs, size_t count, double rho)
{
    double spread = sqrt(1 - rho * rho);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double low = (jobs[i].size_low - rho * jobs[i].duration) / spread;
        double high = (jobs[i].size_high - rho * jobs[i].duration) / spread;
        double chance = low > 0 ? gsl_cdf_ugaussian_Q(low) - gsl_cdf_ugaussian_Q(high)
                                : gsl_cdf_ugaussian_P(high) - gsl_cdf_ugaussian_P(low);
        sum += log(fmax(chance, 1e-300));
    }
    return sum / (double)count;
}

/* The greatest likelihood, by golden section. */
static double best_correlation(const struct scored *jobs, size_t count)
{
    static const double golden = 0.6180339887498949;
    double low = -0.99;
    double high = 0.99;
    double left = high - golden * (high - low);
    double right = low + golden * (high - low);
    double at_left = log_likelihood(jobs, count, left);
    double at_right = log_likelihood(jobs, count, right);
    while (high - low > 1e-4) {
        if (at_left > at_right) {
            high = right;
            right = left;
            at_right = at_left;
            left = high - golden * (high - low);
            at_left = log_likelihood(jobs, count, left);
        } else {
            low = left;
            left = right;
            at_left = at_right;
            right = low + golden * (high - low);
            at_right = log_likelihood(jobs, count, right);
        }
    }
    return (low + high) / 2;
}

static double score(double share)
{
    return share <= 0 ? -HUGE_VAL : share >= 1 ? HUGE_VAL : gsl_cdf_ugaussian_Pinv(share);
}

/* The share of sorted values below x, those equal to it counted half. */
static double mid_rank(const double *sorted, size_t count, double x)
{
    size_t bounds[2] = {0, 0}; /* how many are below x, and how many are not above it */
    for (int side = 0; side < 2; side++) {
        size_t low = 0;
        size_t high = count;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            bool is_before = side == 0 ? sorted[middle] < x : sorted[middle] <= x;
            low = is_before ? middle + 1 : low;
            high = is_before ? high : middle;
        }
        bounds[side] = low;
    }
    return (double)(bounds[0] + bounds[1]) / 2 / (double)count;
}

static double fit_correlation(const struct workload *workload, const double *sorted, size_t count)
{
    struct scored *jobs = mem_alloc(count, sizeof(*jobs));
    size_t gpu_count = 0;
    double *gpus = fit_gpus(workload, &gpu_count);
    double *by_size = fit_gpus(workload, &gpu_count);
    ks_sort(by_size, gpu_count);
    size_t used = 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        if (workload->jobs.items[i].duration_us == TIME_UNKNOWN) {
            continue;
        }
        double duration_s = (double)workload->jobs.items[i].duration_us / 1e6;
        double below = mid_rank(by_size, gpu_count, gpus[i] - 1e-9);
        double upto = mid_rank(by_size, gpu_count, gpus[i] + 1e-9);
        jobs[used++] =
            (struct scored){score(mid_rank(sorted, count, duration_s)), score(below), score(upto)};
    }
    double rho = best_correlation(jobs, used);
    free(jobs);
    free(gpus);
    free(by_size);
    return rho;
}

/* ---------------------------------------------------------------------------------------------- */

static void fit_own(const struct workload *workload, const struct fit_options *options,
                    struct generate_model *model, const uint32_t *class_of_shape)
{
    for (uint32_t i = 0; i < model->sizes.classes.count; i++) {
        struct model_class *class = &model->sizes.classes.items[i];
        size_t count = 0;
        double *values = durations_of(workload, class_of_shape, i, &count);
        class->has_duration =
            count >= JOBS_FOR_OWN && fit_distribution(values, count, model->durations.round_s,
                                                      options->duration, options, &class->duration);
        free(values);
    }
}

bool fit_durations(const struct workload *workload, const struct fit_options *options,
                   struct generate_model *model, struct fit_report *report, struct err *err)
{
    size_t count = 0;
    double *values = durations_of(workload, NULL, NAMES_NONE, &count);
    struct distribution fitted;
    model->durations.round_s = fit_resolution_s(workload, false);
    bool ok = count > 0 && fit_distribution(values, count, model->durations.round_s,
                                            options->duration, options, &fitted);
    if (!ok) {
        free(values);
        return err_set(err, ERR_FORMAT, 0, "the durations of %zu jobs cannot be %s", count,
                       options->duration < FAMILY_COUNT
                           ? distribution_family_name(options->duration)
                           : "of any family");
    }
    distribution_release(&model->durations.distribution);
    model->durations.distribution = fitted;
    if (count < workload->jobs.count) {
        fit_note(report, "%zu jobs tell no duration; those of the model all do",
                 workload->jobs.count - count);
    }
    if (options->durations == FIT_DURATIONS_COPULA) {
        double *sorted = durations_of(workload, NULL, NAMES_NONE, &count);
        ks_sort(sorted, count);
        model->durations.correlation = fit_correlation(workload, sorted, count);
        free(sorted);
    } else if (options->durations == FIT_DURATIONS_SIZES && model->sizes.classes.count > 1) {
        uint32_t *class_of_shape = mem_alloc(workload->shapes.count, sizeof(*class_of_shape));
        for (uint32_t i = 0; i < workload->shapes.count; i++) {
            class_of_shape[i] = fit_class_of(workload, &model->sizes, i);
        }
        fit_own(workload, options, model, class_of_shape);
        free(class_of_shape);
    }
    free(values);
    return true;
}
