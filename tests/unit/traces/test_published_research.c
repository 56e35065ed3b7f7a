/*
 * test_published_research.c - what is published of the workloads of Pollux and Sia and of the
 * machine list of PAI: counts, spans, sums, machines by model.
 */
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/base/text.h"
#include "sim/cluster/cluster.h"
#include "sim/workload/stats.h"
#include "sim/workload/trace_format.h"

struct list {
    const char *file;
    const char *format; /* '@' stands for the folder of the traces */
    uint32_t jobs, told;
    double gpus; /* of all jobs */
    int64_t first_us, last_us;
};

static const struct list lists[] = {
    {"pollux/workloads/workload-1.csv", "pollux:profiles=@/pollux/traces", 160, 160, 1092,
     107000000, 27695000000},
    {"sia/workloads/philly/workload-1.csv", "sia:profiles=@/sia/traces", 160, 160, 1612, 107000000,
     27695000000},
    {"sia/workloads/saturn/workload-1.csv", "sia:profiles=@/sia/traces", 160, 160, 1516, 401000000,
     28098000000},
    {"sia/workloads/newtrace/workload-1.csv", "sia:profiles=@/sia/traces", 960, 960, 9020,
     487661836, 172603693348},
};

/* `text` with the folder of the traces for each '@'; freed by the caller. */
static char *expand(const char *text)
{
    const char *folder = getenv("BERTH_TRACES");
    struct text out = {0};
    for (; *text != '\0'; text++) {
        if (*text == '@') {
            text_add(&out, folder == NULL ? "../shared/traces" : folder);
        } else {
            text_add_char(&out, *text);
        }
    }
    return out.bytes;
}

static void expect_list(const struct list *list)
{
    struct text file = {0};
    text_addf(&file, "@/%s", list->file);
    char *path = expand(file.bytes);
    char *format = expand(list->format);
    struct workload workload;
    struct stats stats;
    struct err err = {0};
    if (access(path, R_OK) != 0) {
        (void)fprintf(stderr, "passed over: %s is not there\n", path);
    } else {
        bool ok = trace_read(path, format, &workload, &err);
        cr_assert(ok, "%s", err.msg);
        stats_measure(&workload, NULL, &stats);
        cr_expect_eq(stats.jobs, list->jobs, "%s", path);
        cr_expect_eq(stats.durations.jobs, list->told, "%s: %u", path, stats.durations.jobs);
        cr_expect_float_eq(stats.demand_gpus, list->gpus, 0.001, "%s", path);
        cr_expect_eq(stats.first_us, list->first_us, "%s", path);
        cr_expect_eq(stats.last_us, list->last_us, "%s", path);
        stats_release(&stats);
        workload_release(&workload);
    }
    text_release(&file);
    free(path);
    free(format);
}

Test(published_research, workloads_of_pollux_and_sia_agree)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        expect_list(&lists[i]);
    }
}

static void expect_machines(const struct cluster *cluster)
{
    static const struct {
        const char *model;
        uint32_t nodes;
    } published[] = {{"P100", 798}, {"T4", 497}, {"MISC", 280}, {"V100M32", 135}, {"V100", 104}};
    cr_expect_eq(cluster->nodes.count, 1897);
    cr_expect_eq(cluster->gpu_milli, 6742000);
    cr_expect_eq(names_count(&cluster->models), 5);
    for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
        uint32_t model = names_find(&cluster->models, view_of(published[i].model));
        uint32_t nodes = 0;
        for (size_t p = 0; p < cluster->pools.count; p++) {
            nodes += cluster->pools.items[p].model == model ? 1 : 0;
        }
        cr_expect_eq(nodes, published[i].nodes, "%s: %u", published[i].model, nodes);
    }
}

/* The archive is read as it was published: a tar.gz of one table without a header. */
Test(published_research, machine_list_of_pai_agrees)
{
    char *path = expand("@/pai-2020/pai_machine_spec.tar.gz");
    if (access(path, R_OK) != 0) {
        free(path);
        cr_skip_test("no public traces here: set BERTH_TRACES");
    }
    struct cluster cluster;
    struct err err = {0};
    bool ok = trace_read_cluster(path, NULL, &cluster, &err);
    cr_assert(ok, "%s", err.msg);
    expect_machines(&cluster);
    cluster_release_all(&cluster);
    free(path);
}

/* Every file of these folders is found out to be of its format, and is read. */
Test(published_research, every_file_of_the_research_folders_is_read)
{
    static const struct {
        const char *file;
        const char *format;
    } files[] = {
        {"gavel/physical_cluster/debug.trace", "gavel"},
        {"gavel/physical_cluster/debug_v2.trace", "gavel"},
        {"gavel/physical_cluster/highmem_test.trace", "gavel"},
        {"muri/trace1_pr.csv", "muri"},
        {"muri/trace2_pr.csv", "muri"},
        {"muri/trace3_pr.csv", "muri"},
        {"muri/trace4_pr.csv", "muri"},
        {"muri/job_type_1.csv", "muri"},
        {"muri/job_type_2.csv", "muri"},
        {"muri/job_type_3.csv", "muri"},
        {"muri/job_type_4.csv", "muri"},
        {"elasticflow/resnet_cifar_trace.csv", "elasticflow"},
        {"sia/workloads/scale/scale_32x/workload-1.csv", "pollux"},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct text file = {0};
        text_addf(&file, "@/%s", files[i].file);
        char *path = expand(file.bytes);
        struct workload workload;
        struct err err = {0};
        if (access(path, R_OK) == 0) {
            bool ok = trace_read(path, NULL, &workload, &err);
            cr_assert(ok, "%s", err.msg);
            cr_expect_str_eq(workload.format, files[i].format, "%s", path);
            workload_release(&workload);
        }
        text_release(&file);
        free(path);
    }
}
