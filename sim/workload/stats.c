/* stats.c - see stats.h. */
#include "sim/workload/stats.h"

#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/cluster/cluster.h"
#include "sim/workload/trace_format.h"

static const double milli_us_per_hour = 3.6e12; /* milli-GPUs times microseconds in a GPU-hour */

static int compare_i64(const void *a, const void *b)
{
    const int64_t *left = a;
    const int64_t *right = b;
    return (*left > *right) - (*left < *right);
}

static int compare_f64(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

/* Most jobs first, then the smaller size; sizes differ. */
static int compare_sizes(const void *a, const void *b)
{
    const struct stats_size *left = a;
    const struct stats_size *right = b;
    if (left->jobs != right->jobs) {
        return left->jobs < right->jobs ? 1 : -1;
    }
    return (left->gpu_milli > right->gpu_milli) - (left->gpu_milli < right->gpu_milli);
}

static int compare_by_milli(const void *a, const void *b)
{
    const struct stats_size *left = a;
    const struct stats_size *right = b;
    return (left->gpu_milli > right->gpu_milli) - (left->gpu_milli < right->gpu_milli);
}

static int compare_parts(const void *a, const void *b)
{
    const struct stats_part *left = a;
    const struct stats_part *right = b;
    if (left->gpu_hours < right->gpu_hours || left->gpu_hours > right->gpu_hours) {
        return left->gpu_hours < right->gpu_hours ? 1 : -1;
    }
    if (left->jobs != right->jobs) {
        return left->jobs < right->jobs ? 1 : -1;
    }
    return (left->number > right->number) - (left->number < right->number);
}

/* The position of the nearest-rank percentile among `count` sorted values. */
static size_t rank_of(size_t count, unsigned percent)
{
    return (count * percent + 99) / 100 - 1;
}

static void measure_durations(const struct workload *workload, struct stats_durations *out)
{
    int64_t *values = mem_alloc(workload->jobs.count, sizeof(*values));
    size_t count = 0;
    wide_int sum = 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        int64_t duration_us = workload->jobs.items[i].duration_us;
        if (duration_us != TIME_UNKNOWN) {
            values[count++] = duration_us;
            sum += duration_us;
            out->zero += duration_us == 0 ? 1 : 0;
        }
    }
    out->jobs = (uint32_t)count;
    if (count > 0) {
        qsort(values, count, sizeof(*values), compare_i64);
        out->p50_us = values[rank_of(count, 50)];
        out->p90_us = values[rank_of(count, 90)];
        out->p99_us = values[rank_of(count, 99)];
        out->max_us = values[count - 1];
        out->mean_s = (double)sum / (double)count / 1e6;
    }
    free(values);
}

static void measure_estimates(const struct workload *workload, struct stats_estimates *out)
{
    double *accuracies = mem_alloc(workload->jobs.count, sizeof(*accuracies));
    double sum = 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        if (job->estimate_us == TIME_UNKNOWN) {
            continue;
        }
        out->jobs++;
        if (job->duration_us == TIME_UNKNOWN) {
            continue;
        }
        out->exact += job->duration_us == job->estimate_us ? 1 : 0;
        out->exceeded += job->duration_us > job->estimate_us ? 1 : 0;
        double accuracy = job->duration_us >= job->estimate_us
                              ? 1
                              : (double)job->duration_us / (double)job->estimate_us;
        int bin = (int)(accuracy * STATS_ACCURACY_BINS);
        out->bins[bin < STATS_ACCURACY_BINS ? bin : STATS_ACCURACY_BINS - 1]++;
        accuracies[out->compared++] = accuracy;
        sum += accuracy;
    }
    if (out->compared > 0) {
        qsort(accuracies, out->compared, sizeof(*accuracies), compare_f64);
        out->mean_accuracy = sum / out->compared;
        out->p50_accuracy = accuracies[rank_of(out->compared, 50)];
    }
    free(accuracies);
}

/* Sizes by shape first: there are far fewer shapes than jobs. */
static void measure_sizes(const struct workload *workload, struct stats *out)
{
    size_t shape_count = workload->shapes.count;
    struct stats_size *by_shape = mem_alloc(shape_count, sizeof(*by_shape));
    for (size_t i = 0; i < shape_count; i++) {
        by_shape[i].gpu_milli = workload_shape_gpu_milli(workload, (uint32_t)i);
    }
    for (size_t i = 0; i < workload->jobs.count; i++) {
        by_shape[workload->jobs.items[i].shape].jobs++;
    }
    wide_int demand_milli = 0;
    for (size_t i = 0; i < shape_count; i++) {
        const struct stats_size *size = &by_shape[i];
        demand_milli += (wide_int)size->gpu_milli * size->jobs;
        out->without_gpu += size->gpu_milli == 0 ? size->jobs : 0;
        out->fraction += size->gpu_milli > 0 && size->gpu_milli < 1000 ? size->jobs : 0;
        out->multi += size->gpu_milli > 1000 ? size->jobs : 0;
        out->gangs += workload_shape_tasks(workload, (uint32_t)i) > 1 ? size->jobs : 0;
    }
    out->demand_gpus = (double)demand_milli / 1000;
    qsort(by_shape, shape_count, sizeof(*by_shape), compare_by_milli);
    for (size_t i = 0; i < shape_count; i++) {
        size_t last = out->sizes.count;
        if (last > 0 && out->sizes.items[last - 1].gpu_milli == by_shape[i].gpu_milli) {
            out->sizes.items[last - 1].jobs += by_shape[i].jobs;
        } else {
            vec_push(&out->sizes, by_shape[i]);
        }
    }
    qsort(out->sizes.items, out->sizes.count, sizeof(*out->sizes.items), compare_sizes);
    free(by_shape);
}

/* Fills the queues and users, and the GPU time. */
static void measure_parts(const struct workload *workload, struct stats *out)
{
    uint32_t queue_count = names_count(&workload->queues);
    uint32_t user_count = names_count(&workload->users);
    wide_int *by_queue = mem_alloc(queue_count, sizeof(*by_queue));
    wide_int *by_user = mem_alloc(user_count, sizeof(*by_user));
    int64_t *by_shape = mem_alloc(workload->shapes.count, sizeof(*by_shape));
    for (uint32_t i = 0; i < queue_count; i++) {
        struct stats_part part = {.name = names_get(&workload->queues, i), .number = i};
        vec_push(&out->queues, part);
    }
    for (uint32_t i = 0; i < user_count; i++) {
        struct stats_part part = {.name = names_get(&workload->users, i), .number = i};
        vec_push(&out->users, part);
    }
    for (size_t i = 0; i < workload->shapes.count; i++) {
        by_shape[i] = workload_shape_gpu_milli(workload, (uint32_t)i);
    }
    wide_int all = 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        wide_int work = job->duration_us == TIME_UNKNOWN
                            ? 0
                            : (wide_int)by_shape[job->shape] * job->duration_us;
        all += work;
        by_queue[job->queue] += work;
        by_user[job->user] += work;
        out->queues.items[job->queue].jobs++;
        out->users.items[job->user].jobs++;
    }
    out->gpu_hours = (double)all / milli_us_per_hour;
    for (uint32_t i = 0; i < queue_count; i++) {
        out->queues.items[i].gpu_hours = (double)by_queue[i] / milli_us_per_hour;
    }
    for (uint32_t i = 0; i < user_count; i++) {
        out->users.items[i].gpu_hours = (double)by_user[i] / milli_us_per_hour;
    }
    qsort(out->queues.items, queue_count, sizeof(*out->queues.items), compare_parts);
    qsort(out->users.items, user_count, sizeof(*out->users.items), compare_parts);
    free(by_shape);
    free(by_user);
    free(by_queue);
}

static void measure_load(const struct workload *workload, const struct cluster *cluster,
                         struct stats *out)
{
    int64_t span_us = out->last_us - out->first_us;
    double capacity =
        (double)cluster->gpu_milli * (double)span_us / milli_us_per_hour; /* in GPU-hours */
    out->load.gpus = (double)cluster->gpu_milli / 1000;
    out->load.offered = capacity > 0 ? out->gpu_hours / capacity : 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        uint32_t number = workload->jobs.items[i].shape;
        const struct shape *shape = &workload->shapes.items[number];
        uint64_t mask = 0;
        bool too_large = workload_shape_gpu_milli(workload, number) > cluster->gpu_milli;
        bool bad_model =
            shape->models != NAMES_NONE &&
            !cluster_model_mask(cluster, names_get(&workload->models, shape->models), &mask);
        out->load.too_large += too_large ? 1 : 0;
        out->load.bad_models += bad_model ? 1 : 0;
    }
}

void stats_measure(const struct workload *workload, const struct cluster *cluster,
                   struct stats *out)
{
    CHECK(workload->jobs.count > 0);
    *out = (struct stats){
        .jobs = (uint32_t)workload->jobs.count,
        .first_us = workload->epoch_us,
        .last_us = workload->epoch_us + workload->jobs.items[workload->jobs.count - 1].submit_us,
        .was_sorted = workload->was_sorted,
    };
    for (size_t i = 0; i < workload->jobs.count; i++) {
        out->outcomes[workload->jobs.items[i].outcome]++;
    }
    measure_durations(workload, &out->durations);
    measure_estimates(workload, &out->estimates);
    measure_sizes(workload, out);
    measure_parts(workload, out);
    stats_measure_arrivals(workload, &out->arrivals);
    stats_measure_bins(workload, out);
    stats_measure_suspects(workload, out);
    if (cluster != NULL) {
        measure_load(workload, cluster, out);
    }
}

void stats_release(struct stats *stats)
{
    vec_release(&stats->sizes);
    vec_release(&stats->queues);
    vec_release(&stats->users);
}

const char *stats_unit(const struct workload *workload)
{
    const struct trace_format *format = trace_format_find(workload->format);
    return format == NULL || format->unit == NULL ? "GPU" : format->unit;
}
