/* trace_figures.c - the figures of the page about a trace; see trace_page.h. */
#include <inttypes.h>

#include "sim/report/figures.h"
#include "sim/report/trace_page.h"

enum { DEMAND_BUCKETS = 200, CURVE_POINTS = 300, CURVE_LEAST = 5 };

static const char blue[] = "#0072B2";
static const char orange[] = "#E69F00";
static const char red[] = "#D55E00";

static double share(double part, double whole)
{
    return whole > 0 ? 100 * part / whole : 0;
}

/* GPU time submitted a bucket of time over the bucket's length: so many GPUs would have to work all
 * the time to keep up. */
bool trace_figure_demand(struct text *script, const struct trace_page *page)
{
    const struct workload *workload = page->workload;
    int64_t span_us = page->stats->last_us - page->stats->first_us;
    if (span_us < (int64_t)3600 * 1000000 || page->stats->gpu_hours <= 0) {
        return false;
    }
    double *buckets = mem_alloc(DEMAND_BUCKETS, sizeof(*buckets));
    double width_us = (double)span_us / DEMAND_BUCKETS;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        int bucket = (int)((double)job->submit_us / width_us);
        if (job->duration_us != TIME_UNKNOWN) {
            buckets[bucket < DEMAND_BUCKETS ? bucket : DEMAND_BUCKETS - 1] +=
                (double)workload_shape_gpu_milli(workload, job->shape) / 1000 *
                (double)job->duration_us / width_us;
        }
    }
    figure_begin(script, "demand", 300);
    text_addf(script,
              "set xlabel 'days since the first submit'\nset ylabel '%ss to keep up'\n"
              "set xrange [0:%.6g]\nset yrange [0:*]\n$data << EOD\n",
              stats_unit(workload), (double)span_us / 86400e6);
    for (int i = 0; i <= DEMAND_BUCKETS; i++) {
        text_addf(script, "%.6g %.6g\n", i * width_us / 86400e6,
                  buckets[i < DEMAND_BUCKETS ? i : DEMAND_BUCKETS - 1]);
    }
    text_addf(script,
              "EOD\nplot $data using 1:2 with fillsteps fs solid 0.5 noborder lc rgb '%s' "
              "title 'submitted'",
              blue);
    if (page->stats->load.gpus > 0) {
        text_addf(script, ", %.6g with lines lw 1.5 dt 2 lc rgb '%s' title 'the cluster'",
                  page->stats->load.gpus, red);
    }
    text_add_char(script, '\n');
    free(buckets);
    return true;
}

bool trace_figure_hours(struct text *script, const struct trace_page *page)
{
    figure_begin(script, "hours", 220);
    text_add(script, "set xlabel 'hour of the day, on the clock of the trace'\n"
                     "set ylabel '% of jobs'\nset xrange [-0.6:23.6]\nset yrange [0:*]\n"
                     "set xtics 0,3\nset boxwidth 0.8\n$data << EOD\n");
    for (int i = 0; i < 24; i++) {
        text_addf(script, "%d %.6g\n", i,
                  share(page->stats->arrivals.by_hour[i], page->stats->jobs));
    }
    text_addf(script,
              "EOD\nplot $data using 1:2 with boxes fs solid 0.7 noborder lc rgb '%s' notitle\n",
              blue);
    return true;
}

bool trace_figure_weekdays(struct text *script, const struct trace_page *page)
{
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const struct stats_arrivals *arrivals = &page->stats->arrivals;
    if (page->stats->last_us - page->stats->first_us < (int64_t)7 * 86400 * 1000000) {
        return false;
    }
    figure_begin(script, "weekdays", 220);
    text_add(script, "set ylabel '% of jobs'\nset xrange [-0.6:6.6]\nset yrange [0:*]\n"
                     "set boxwidth 0.8\n$data << EOD\n");
    for (int i = 0; i < 7; i++) {
        struct text day = {0};
        text_addf(&day, "day-%d", i + 1);
        text_addf(script, "%d %s %.6g\n", i, arrivals->is_dated ? names[i] : day.bytes,
                  share(arrivals->by_weekday[i], page->stats->jobs));
        text_release(&day);
    }
    text_addf(script,
              "EOD\nplot $data using 1:3:xtic(2) with boxes fs solid 0.7 noborder lc rgb '%s' "
              "notitle\n",
              blue);
    return true;
}

struct timed_job {
    int64_t duration_us;
    double gpu_us;
};

/* Equal jobs are equal in everything that is drawn. */
static int compare_durations(const void *a, const void *b)
{
    const struct timed_job *left = a;
    const struct timed_job *right = b;
    if (left->duration_us != right->duration_us) {
        return left->duration_us < right->duration_us ? -1 : 1;
    }
    return (left->gpu_us > right->gpu_us) - (left->gpu_us < right->gpu_us);
}

bool trace_figure_durations(struct text *script, const struct trace_page *page)
{
    const struct workload *workload = page->workload;
    size_t count = 0;
    double all = 0;
    if (page->stats->durations.jobs < CURVE_LEAST || page->stats->durations.max_us < 2000000) {
        return false;
    }
    struct timed_job *jobs = mem_alloc(workload->jobs.count, sizeof(*jobs));
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        if (job->duration_us != TIME_UNKNOWN) {
            double gpu_us =
                (double)workload_shape_gpu_milli(workload, job->shape) * (double)job->duration_us;
            jobs[count++] = (struct timed_job){job->duration_us, gpu_us};
            all += gpu_us;
        }
    }
    qsort(jobs, count, sizeof(*jobs), compare_durations);
    figure_begin(script, "durations", 320);
    text_add(script, "set xlabel 'duration'\nset ylabel '% of all'\nset logscale x\n"
                     "set xrange [1:*]\nset yrange [0:100]\n"
                     "set xtics ('1 s' 1, '10 s' 10, '1 min' 60, '10 min' 600, '1 h' 3600, "
                     "'10 h' 36000, '4 d' 345600, '40 d' 3456000)\n$data << EOD\n");
    double sum = 0;
    size_t drawn = 0;
    for (size_t i = 0; i < count; i++) {
        sum += jobs[i].gpu_us;
        /* A point wherever either curve has risen: few long jobs have most of the GPU time. */
        size_t rank = (i + 1) * CURVE_POINTS / count;
        size_t height = rank + (size_t)(share(sum, all) / 100 * CURVE_POINTS);
        if (height > drawn || i + 1 == count) {
            drawn = height;
            double seconds = (double)jobs[i].duration_us / 1e6;
            text_addf(script, "%.6g %.6g %.6g\n", seconds < 1 ? 1 : seconds,
                      share((double)i + 1, (double)count), share(sum, all));
        }
    }
    text_addf(script, "EOD\nplot $data using 1:2 with steps lw 2 lc rgb '%s' title 'of jobs'",
              blue);
    if (all > 0) {
        text_addf(script, ", $data using 1:3 with steps lw 2 dt 2 lc rgb '%s' title 'of %s time'",
                  red, stats_unit(workload));
    }
    text_add_char(script, '\n');
    free(jobs);
    return true;
}

bool trace_figure_sizes(struct text *script, const struct trace_page *page)
{
    const struct stats *stats = page->stats;
    figure_begin(script, "sizes", 260);
    text_addf(script,
              "set xlabel '%ss asked for'\nset ylabel '%% of all'\nset yrange [0:*]\n"
              "set style data histograms\nset style histogram clustered gap 1\n"
              "set boxwidth 0.9\n$data << EOD\n",
              stats_unit(page->workload));
    for (int i = 0; i < STATS_SIZE_BINS; i++) {
        text_addf(script, "\"%s\" %.6g %.6g\n", stats_size_bin_name(i),
                  share(stats->size_bins[i].jobs, stats->jobs),
                  share(stats->size_bins[i].gpu_hours, stats->gpu_hours));
    }
    text_addf(script,
              "EOD\nplot $data using 2:xtic(1) fs solid 0.7 noborder lc rgb '%s' title 'of jobs', "
              "$data using 3 fs solid 0.7 noborder lc rgb '%s' title 'of %s time'\n",
              blue, orange, stats_unit(page->workload));
    return true;
}

bool trace_figure_estimates(struct text *script, const struct trace_page *page)
{
    const struct stats_estimates *estimates = &page->stats->estimates;
    if (estimates->compared < CURVE_LEAST) {
        return false;
    }
    figure_begin(script, "estimates", 220);
    text_add(script, "set xlabel 'duration / estimate (1 and more is the last bar)'\n"
                     "set ylabel '% of jobs'\nset xrange [0:1]\nset yrange [0:*]\n"
                     "set boxwidth 0.08\n$data << EOD\n");
    for (int i = 0; i < STATS_ACCURACY_BINS; i++) {
        text_addf(script, "%.6g %.6g\n", (i + 0.5) / STATS_ACCURACY_BINS,
                  share(estimates->bins[i], estimates->compared));
    }
    text_addf(script,
              "EOD\nplot $data using 1:2 with boxes fs solid 0.7 noborder lc rgb '%s' notitle\n",
              blue);
    return true;
}
