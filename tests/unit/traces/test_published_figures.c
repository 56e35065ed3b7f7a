/*
 * test_published_figures.c - figures of public traces, computed independently of Berth, row by row:
 * what an importer reads has to agree with them to the last digit given.
 */
#include <math.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/base/text.h"
#include "sim/cluster/cluster.h"
#include "sim/workload/stats.h"
#include "sim/workload/trace_format.h"

struct figures {
    const char *file;
    const char *format; /* NULL: detected; '@' in it stands for the folder of the traces */
    uint32_t jobs;
    uint32_t told; /* jobs that tell a duration */
    double hours;
    double
        negative_hours; /* 0 or less: part of `hours` by run times below 0, taken as they stand */
    double p50_s, p90_s, p99_s, mean_s, max_s;
    int64_t first_s, last_s;
    double zero, multi, fraction; /* shares of jobs */
    bool sorted;
    const char *sizes; /* size:jobs of the ten sizes with most jobs */
    size_t distinct;
    double sum;
};

static const struct figures all_figures[] = {
#include "published_figures.inc"
#include "published_figures_research.inc"
};

/* Pod lists of openb: pods, GPU-hours (-1: no times), shares, GPUs asked for. */
struct variant {
    const char *name;
    uint32_t pods;
    double hours;
    double zero, multi, fraction;
    double sum;
};

static const struct variant variants[] = {
    {"default", 8152, 51470.7, 0.1335, 0.0092, 0.3776, 6086.8},
    {"cpu0", 7064, 51470.7, 0.0000, 0.0106, 0.4357, 6086.8},
    {"cpu037", 7336, 51470.7, 0.0371, 0.0102, 0.4196, 6086.8},
    {"cpu050", 7439, 51470.7, 0.0504, 0.0101, 0.4138, 6086.8},
    {"cpu072", 7608, 51470.7, 0.0715, 0.0099, 0.4046, 6086.8},
    {"cpu100", 7853, 51470.7, 0.1005, 0.0096, 0.3920, 6086.8},
    {"cpu200", 8832, 51470.7, 0.2002, 0.0085, 0.3485, 6086.8},
    {"cpu235", 9240, 51470.7, 0.2355, 0.0081, 0.3331, 6086.8},
    {"cpu250", 9420, 51470.7, 0.2501, 0.0080, 0.3268, 6086.8},
    {"cpu300", 10094, 51470.7, 0.3002, 0.0074, 0.3049, 6086.8},
    {"gpushare20", 8152, 44713.7, 0.1335, 0.0107, 0.2851, 6531.5},
    {"gpushare40", 8152, 42418, 0.1335, 0.0076, 0.4908, 5641.25},
    {"gpushare60", 8152, 34408.3, 0.1335, 0.0037, 0.6419, 4908.34},
    {"gpushare80", 8152, 25662.3, 0.1335, 0.0021, 0.7702, 4408.19},
    {"gpushare100", 8152, 15150, 0.1335, 0.0000, 0.8665, 3952.67},
    {"gpuspec05", 8152, 51470.7, 0.1335, 0.0092, 0.3776, 6086.8},
    {"gpuspec10", 8152, 51470.7, 0.1335, 0.0092, 0.3776, 6086.8},
    {"gpuspec20", 8152, 51470.7, 0.1335, 0.0092, 0.3776, 6086.8},
    {"gpuspec25", 8152, 51470.7, 0.1335, 0.0092, 0.3776, 6086.8},
    {"gpuspec33", 8152, 51470.7, 0.1335, 0.0092, 0.3776, 6086.8},
    {"multigpu20", 8324, -1, 0.1307, 0.0297, 0.3698, 7086.8},
    {"multigpu30", 8508, -1, 0.1279, 0.0507, 0.3618, 8086.8},
    {"multigpu40", 8746, -1, 0.1244, 0.0765, 0.3519, 9442.8},
    {"multigpu50", 9061, -1, 0.1201, 0.1086, 0.3397, 11358.8},
};

static const char *traces_folder(void)
{
    const char *folder = getenv("BERTH_TRACES");
    return folder == NULL ? "../shared/traces" : folder;
}

/* The path of a trace that is there, else NULL with a message; freed by the caller. */
static char *find_trace(const char *file)
{
    struct text path = {0};
    text_addf(&path, "%s/%s", traces_folder(), file);
    if (access(path.bytes, R_OK) != 0) {
        (void)fprintf(stderr, "passed over: %s is not there\n", path.bytes);
        text_release(&path);
    }
    return path.bytes;
}

/* Equal to as many decimals as were published. */
static void expect_near(const char *what, const char *file, double found, double published,
                        double tolerance)
{
    cr_expect(fabs(found - published) <= tolerance, "%s of %s is %.6f, expected %.6f", what, file,
              found, published);
}

static double share(uint32_t part, const struct stats *stats)
{
    return (double)part / stats->jobs;
}

static void expect_sizes(const struct figures *figures, const struct stats *stats)
{
    struct text top = {0};
    for (size_t i = 0; i < stats->sizes.count && i < 10; i++) {
        text_add(&top, i > 0 ? " " : "");
        text_add_milli(&top, stats->sizes.items[i].gpu_milli);
        text_addf(&top, ":%u", stats->sizes.items[i].jobs);
    }
    /* Sizes with equally many jobs have no published order, so each is looked up. */
    struct view rest = view_of(figures->sizes);
    while (rest.length > 0) {
        struct text wanted = {0};
        struct view word = view_cut(rest, ' ', &rest);
        text_addf(&wanted, " %.*s ", (int)word.length, word.at);
        struct text padded = {0};
        text_addf(&padded, " %s ", top.bytes);
        cr_expect(strstr(padded.bytes, wanted.bytes) != NULL,
                  "sizes of %s are %s, expected %s among them", figures->file, top.bytes,
                  wanted.bytes);
        text_release(&wanted);
        text_release(&padded);
    }
    cr_expect_eq(stats->sizes.count, figures->distinct, "%s", figures->file);
    expect_near("sum of sizes", figures->file, stats->demand_gpus, figures->sum, 0.05);
    text_release(&top);
}

static void expect_figures(const struct figures *figures, const struct stats *stats)
{
    const char *file = figures->file;
    cr_expect_eq(stats->jobs, figures->jobs, "%s", file);
    cr_expect_eq(stats->durations.jobs, figures->told, "%s", file);
    expect_near("resource-hours", file, stats->gpu_hours, figures->hours - figures->negative_hours,
                0.0501);
    expect_near("p50", file, (double)stats->durations.p50_us / 1e6, figures->p50_s, 0.0501);
    expect_near("p90", file, (double)stats->durations.p90_us / 1e6, figures->p90_s, 0.0501);
    expect_near("p99", file, (double)stats->durations.p99_us / 1e6, figures->p99_s, 0.0501);
    expect_near("mean", file, stats->durations.mean_s, figures->mean_s, 0.0501);
    expect_near("max", file, (double)stats->durations.max_us / 1e6, figures->max_s, 0.0501);
    cr_expect_eq(stats->first_us, figures->first_s * 1000000, "first submit of %s", file);
    cr_expect_eq(stats->last_us, figures->last_s * 1000000, "last submit of %s", file);
    expect_near("share without GPU", file, share(stats->without_gpu, stats), figures->zero, 5.1e-5);
    expect_near("share of multi", file, share(stats->multi, stats), figures->multi, 5.1e-5);
    expect_near("share of fractions", file, share(stats->fraction, stats), figures->fraction,
                5.1e-5);
    cr_expect_eq(stats->was_sorted, figures->sorted, "order of %s", file);
    expect_sizes(figures, stats);
}

/* A format with the folder of the traces put in; freed by the caller. NULL stays NULL. */
static char *expand_format(const char *format)
{
    struct text text = {0};
    for (const char *c = format; c != NULL && *c != '\0'; c++) {
        if (*c == '@') {
            text_add(&text, traces_folder());
        } else {
            text_add_char(&text, *c);
        }
    }
    return text.bytes;
}

Test(published, figures_of_every_trace_agree, .timeout = 300)
{
    if (access(traces_folder(), R_OK) != 0) {
        cr_skip_test("no public traces here: set BERTH_TRACES");
    }
    for (size_t i = 0; i < sizeof(all_figures) / sizeof(all_figures[0]); i++) {
        const struct figures *figures = &all_figures[i];
        char *path = find_trace(figures->file);
        if (path == NULL) {
            continue;
        }
        struct workload workload;
        struct stats stats;
        struct err err = {0};
        char *format = expand_format(figures->format);
        bool ok = trace_read(path, format, &workload, &err);
        cr_assert(ok, "%s", err.msg);
        free(format);
        stats_measure(&workload, NULL, &stats);
        expect_figures(figures, &stats);
        stats_release(&stats);
        workload_release(&workload);
        free(path);
    }
}

static void expect_variant(const struct variant *variant, const char *path)
{
    struct workload workload;
    struct stats stats;
    struct err err = {0};
    cr_assert(trace_read(path, NULL, &workload, &err), "%s", err.msg);
    stats_measure(&workload, NULL, &stats);
    cr_expect_eq(stats.jobs, variant->pods, "%s", path);
    if (variant->hours < 0) {
        cr_expect_eq(stats.durations.jobs, 0, "%s", path);
    } else {
        expect_near("GPU-hours", path, stats.gpu_hours, variant->hours, 0.0501);
    }
    expect_near("share without GPU", path, share(stats.without_gpu, &stats), variant->zero, 5.1e-5);
    expect_near("share of multi", path, share(stats.multi, &stats), variant->multi, 5.1e-5);
    expect_near("share of fractions", path, share(stats.fraction, &stats), variant->fraction,
                5.1e-5);
    expect_near("sum of sizes", path, stats.demand_gpus, variant->sum, 0.00501);
    stats_release(&stats);
    workload_release(&workload);
}

Test(published, figures_of_every_openb_variant_agree, .timeout = 300)
{
    if (access(traces_folder(), R_OK) != 0) {
        cr_skip_test("no public traces here: set BERTH_TRACES");
    }
    for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
        struct text file = {0};
        text_addf(&file, "openb/openb_pod_list_%s.csv", variants[i].name);
        char *path = find_trace(file.bytes);
        if (path != NULL) {
            expect_variant(&variants[i], path);
        }
        free(path);
        text_release(&file);
    }
}

/* 1523 nodes and 6212 GPUs of seven models, 310 nodes without any. */
Test(published, node_list_of_openb_has_all_nodes)
{
    char *path = find_trace("openb/openb_node_list_all_node.csv");
    if (path == NULL) {
        cr_skip_test("no public traces here: set BERTH_TRACES");
    }
    struct cluster cluster;
    struct err err = {0};
    cr_assert(trace_read_cluster(path, NULL, &cluster, &err), "%s", err.msg);
    cr_expect_eq(cluster.nodes.count, 1523);
    cr_expect_eq(cluster.gpu_milli, 6212000);
    cr_expect_eq(names_count(&cluster.models), 7);
    cluster_release_all(&cluster);
    free(path);
}
