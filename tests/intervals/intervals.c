/*
 * intervals.c - are the intervals of `berth compare` honest? Many experiments on queues whose mean
 * wait is known.
 *
 *     intervals EXPERIMENTS THREADS
 *
 * An experiment is what a user would do: REPLICATIONS runs of a generated workload, their mean wait
 * with its interval. Truth is Erlang's formula for M/M/c and that of Pollaczek and Khinchine for
 * M/G/1. Prints a table as CSV and exits with 1 when a figure is outside its bar:
 *
 *     coverage  share of the experiments whose 95 % interval holds the truth: 0.93 to 0.97
 *     narrower  mean half-width of paired differences (fifo, sjf) over that of unpaired ones, and
 *               what the spreads and the correlation of all runs say it should be: within 3 %
 *               (0 where all durations are equal: sjf is then fifo)
 *     a_a       share of experiments in which a policy differs "surely" from itself on other
 *               replications, at 5 %: at most 0.065
 *     a_family  the same for any of four such comparisons after Holm's correction
 */
#include <math.h>
#include <stdio.h>

#include "sim/base/check.h"
#include "sim/base/parse.h"
#include "sim/cli/chosen.h"
#include "sim/study/grid.h"
#include "sim/study/stats.h"
#include "sim/workload/trace_format.h"

enum { REPLICATIONS = 20, FAMILY = 4, BATCH = 500 };

static const double MEAN_SERVICE_S = 1000;

struct setting {
    const char *name;
    uint32_t servers;
    double load;
    const char *service; /* JSON of a distribution of mean MEAN_SERVICE_S */
    double variation;    /* squared coefficient of variation of the service */
    uint32_t jobs;       /* a run; the first quarter is warm-up. Means of shorter runs are so skewed
                            that Student's interval covers less: 0.92 with a quarter of the jobs */
};

static const struct setting settings_list[] = {
    {"M/M/1", 1, 0.5, "{\"family\": \"exponential\", \"mean\": 1000}", 1, 5000},
    {"M/M/1", 1, 0.8, "{\"family\": \"exponential\", \"mean\": 1000}", 1, 10000},
    {"M/M/8", 8, 0.8, "{\"family\": \"exponential\", \"mean\": 1000}", 1, 10000},
    {"M/M/32", 32, 0.9, "{\"family\": \"exponential\", \"mean\": 1000}", 1, 20000},
    {"M/D/1", 1, 0.7, "{\"family\": \"constant\", \"value\": 1000}", 0, 5000},
    /* Gamma of shape 1/2: twice the variance of the exponential. */
    {"M/G/1", 1, 0.6, "{\"family\": \"gamma\", \"shape\": 0.5, \"scale\": 2000}", 2, 5000},
};

static double true_wait_s(const struct setting *setting)
{
    if (setting->servers == 1) {
        return setting->load * MEAN_SERVICE_S * (1 + setting->variation) /
               (2 * (1 - setting->load));
    }
    double offered = setting->load * setting->servers;
    double blocked = 1; /* Erlang B, by its recursion */
    for (uint32_t i = 1; i <= setting->servers; i++) {
        blocked = offered * blocked / (i + offered * blocked);
    }
    double waits = blocked / (1 - setting->load + setting->load * blocked);
    return waits * MEAN_SERVICE_S / (setting->servers * (1 - setting->load));
}

/* The waits of every run: fifo, then sjf. */
struct waits {
    size_t count;
    double *of[2];
};

static void read_model(const struct setting *setting, struct generate_model *model)
{
    struct text text = {0};
    struct err err = {0};
    text_addf(&text,
              "{\"name\": \"queue\", \"arrivals\": {\"interarrival\": {\"family\": "
              "\"exponential\", \"mean\": %.17g}}, \"sizes\": {\"classes\": [{\"gpus\": 1, "
              "\"weight\": 1}]}, \"durations\": {\"distribution\": %s}}",
              MEAN_SERVICE_S / (setting->load * setting->servers), setting->service);
    CHECK(generate_model_read(view_of(text.bytes), model, &err));
    text_release(&text);
}

/* Adds BATCH runs, with a seed of their own, so that the grid of one batch is forgotten before the
 * next. */
static void run_batch(struct grid_plan *plan, struct waits *waits)
{
    struct grid grid;
    struct err err = {0};
    grid_init(&grid, plan);
    CHECK(grid_extend(&grid, BATCH, &err));
    for (uint32_t policy = 0; policy < 2; policy++) {
        grid_column(&grid, 0, policy, 0, waits->of[policy] + waits->count);
    }
    waits->count += BATCH;
    grid_release(&grid);
}

static void run_all(const struct setting *setting, size_t count, unsigned threads,
                    struct waits *waits)
{
    struct generate_model model;
    struct replicate replicate = {
        .kind = REPLICATE_MODEL, .model = &model, .options = {.jobs = setting->jobs}};
    struct workload base;
    struct cluster cluster;
    struct engine_settings engine;
    struct report_options report;
    struct chosen_policy fifo;
    struct chosen_policy sjf;
    struct chosen_place place;
    struct err err = {0};
    struct text size = {0};
    text_addf(&size, "1x%u", setting->servers);
    read_model(setting, &model);
    CHECK(generate_workload(&model, 1, &replicate.options, &base, &err));
    CHECK(trace_read_cluster(size.bytes, NULL, &cluster, &err));
    CHECK(chosen_policy_read("fifo", &fifo, &err) && chosen_policy_read("sjf", &sjf, &err) &&
          chosen_place_read("count", &place, &err));
    replicate.base = &base;
    engine_settings_init(&engine);
    engine.estimates = ESTIMATES_ORACLE;
    report_options_init(&report);
    const struct grid_policy policies[] = {{.label = "fifo",
                                            .ops = fifo.ops,
                                            .params = fifo.params,
                                            .place = place.ops,
                                            .place_params = place.params},
                                           {.label = "sjf",
                                            .ops = sjf.ops,
                                            .params = sjf.params,
                                            .place = place.ops,
                                            .place_params = place.params}};
    const double factor = 1;
    const int64_t warmup_us =
        (int64_t)(setting->jobs / 4.0 * MEAN_SERVICE_S * 1e6 / (setting->load * setting->servers));
    struct grid_plan plan = {.settings = &engine,
                             .report = &report,
                             .cluster = &cluster,
                             .replicate = &replicate,
                             .policies = policies,
                             .policy_count = 2,
                             .factors = &factor,
                             .warmup_us = &warmup_us,
                             .load_count = 1,
                             .threads = threads};
    while (waits->count < count) {
        replicate.seed = 1000 + waits->count / BATCH;
        run_batch(&plan, waits);
    }
    text_release(&size);
    free(fifo.params);
    free(sjf.params);
    free(place.params);
    cluster_release_all(&cluster);
    workload_release(&base);
    generate_model_release(&model);
}

static double half_width(const double *values, size_t count)
{
    struct stats_estimate estimate;
    stats_estimate(values, count, 0.95, INTERVAL_T, 0, &estimate);
    return (estimate.high - estimate.low) / 2;
}

/* Share of the experiments whose interval holds the truth. */
static double coverage(const struct waits *waits, double truth)
{
    size_t experiments = waits->count / REPLICATIONS;
    double hits = 0;
    for (size_t e = 0; e < experiments; e++) {
        struct stats_estimate estimate;
        stats_estimate(waits->of[0] + e * REPLICATIONS, REPLICATIONS, 0.95, INTERVAL_T, 0,
                       &estimate);
        hits += estimate.low <= truth && truth <= estimate.high;
    }
    return hits / (double)experiments;
}

/* Half-widths of differences on the same replications over those on others, in the mean. */
static double narrower(const struct waits *waits)
{
    size_t experiments = waits->count / REPLICATIONS;
    double paired = 0;
    double unpaired = 0;
    for (size_t e = 0; e < experiments; e++) {
        const double *a = waits->of[0] + e * REPLICATIONS;
        const double *b = waits->of[1] + e * REPLICATIONS;
        const double *other = waits->of[1] + (e + 1) % experiments * REPLICATIONS;
        double same[REPLICATIONS];
        double apart[REPLICATIONS];
        for (size_t r = 0; r < REPLICATIONS; r++) {
            same[r] = b[r] - a[r];
            apart[r] = other[r] - a[r];
        }
        paired += half_width(same, REPLICATIONS);
        unpaired += half_width(apart, REPLICATIONS);
    }
    return paired / unpaired;
}

/* sqrt(var(A) + var(B) - 2 cov) over sqrt(var(A) + var(B)), from all runs. */
static double narrower_in_theory(const struct waits *waits)
{
    struct stats_estimate a;
    struct stats_estimate b;
    stats_estimate(waits->of[0], waits->count, 0.95, INTERVAL_T, 0, &a);
    stats_estimate(waits->of[1], waits->count, 0.95, INTERVAL_T, 0, &b);
    double r = stats_correlation(waits->of[0], waits->of[1], waits->count);
    double both = a.sd * a.sd + b.sd * b.sd;
    return sqrt((both - 2 * r * a.sd * b.sd) / both);
}

/* p of fifo in experiment e against fifo `apart` experiments later. */
static double p_of_equals(const struct waits *waits, size_t e, size_t apart)
{
    size_t experiments = waits->count / REPLICATIONS;
    const double *a = waits->of[0] + e * REPLICATIONS;
    const double *b = waits->of[0] + (e + apart) % experiments * REPLICATIONS;
    double differences[REPLICATIONS];
    for (size_t r = 0; r < REPLICATIONS; r++) {
        differences[r] = b[r] - a[r];
    }
    struct stats_estimate estimate;
    stats_estimate(differences, REPLICATIONS, 0.95, INTERVAL_T, 0, &estimate);
    return estimate.p;
}

/* Share of experiments in which any of `family` comparisons of equals is called different. */
static double false_alarms(const struct waits *waits, size_t family)
{
    size_t experiments = waits->count / REPLICATIONS;
    double alarms = 0;
    for (size_t e = 0; e < experiments; e++) {
        double p[FAMILY];
        bool alarm = false;
        for (size_t i = 0; i < family; i++) {
            p[i] = p_of_equals(waits, e, i + 1);
        }
        stats_holm(p, family);
        for (size_t i = 0; i < family; i++) {
            alarm = alarm || p[i] < 0.05;
        }
        alarms += alarm;
    }
    return alarms / (double)experiments;
}

static bool judge(const struct setting *setting, const struct waits *waits)
{
    double truth = true_wait_s(setting);
    double covered = coverage(waits, truth);
    double ratio = narrower(waits);
    double theory = narrower_in_theory(waits);
    double alarms = false_alarms(waits, 1);
    double family = false_alarms(waits, FAMILY);
    struct stats_estimate all;
    stats_estimate(waits->of[0], waits->count, 0.95, INTERVAL_T, 0, &all);
    bool good = covered >= 0.93 && covered <= 0.97 && fabs(ratio - theory) <= 0.03 * theory &&
                alarms <= 0.065 && family <= 0.065;
    (void)printf("%s,%g,%zu,%.2f,%.2f,%.3f,%.4f,%.4f,%.3f,%.3f,%s\n", setting->name, setting->load,
                 waits->count / REPLICATIONS, truth, all.mean, covered, ratio, theory, alarms,
                 family, good ? "yes" : "no");
    return good;
}

int main(int argc, char **argv)
{
    int64_t experiments = 0;
    int64_t threads = 0;
    if (argc != 3 || parse_i64(view_of(argv[1]), &experiments) != PARSE_OK || experiments < 25 ||
        experiments % (BATCH / REPLICATIONS) != 0 ||
        parse_i64(view_of(argv[2]), &threads) != PARSE_OK || threads < 0) {
        (void)fprintf(stderr, "usage: intervals EXPERIMENTS THREADS, a multiple of %d\n",
                      BATCH / REPLICATIONS);
        return 2;
    }
    bool good = true;
    (void)printf("queue,load,experiments,true_wait_s,mean_wait_s,coverage,narrower,"
                 "narrower_in_theory,a_a,a_family,good\n");
    for (size_t i = 0; i < sizeof(settings_list) / sizeof(settings_list[0]); i++) {
        size_t count = (size_t)experiments * REPLICATIONS;
        struct waits waits = {
            .of = {mem_alloc(count, sizeof(double)), mem_alloc(count, sizeof(double))}};
        run_all(&settings_list[i], count, (unsigned)threads, &waits);
        good = judge(&settings_list[i], &waits) && good;
        (void)fflush(stdout);
        free(waits.of[0]);
        free(waits.of[1]);
    }
    return good ? 0 : 1;
}
