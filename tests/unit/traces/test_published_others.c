/*
 * test_published_others.c - published figures of public traces that are no row of jobs each:
 * request streams, node lists, and those that count differently.
 */
#include <math.h>

#include <criterion/criterion.h>

#include "public_trace.h"
#include "sim/cluster/cluster.h"
#include "sim/workload/stats.h"
#include "sim/workload/trace_format.h"

static void read_public(const char *file, const char *format, struct workload *workload,
                        struct stats *stats)
{
    char *path = get_public_trace(file);
    struct err err = {0};
    cr_assert(trace_read(path, format, workload, &err), "%s", err.msg);
    stats_measure(workload, NULL, stats);
    free(path);
}

/* Tokens of one kind in a stream: their percentiles, mean and sum. */
struct tokens {
    int64_t p50, p90, p99, most;
    double mean;
    int64_t sum;
};

struct stream {
    const char *file;
    const char *importer;
    uint32_t requests;
    int64_t first_us; /* in the time of the trace */
    int64_t span_us;
    struct tokens prompts;
    struct tokens answers;
};

static const struct stream streams[] = {
    {.file = "azure-llm-2023/AzureLLMInferenceTrace_conv.csv",
     .importer = "azure_llm",
     .requests = 19366,
     .first_us = 1700158546680590,
     .span_us = 3501721937,
     .prompts = {1020, 2735, 4142, 14050, 1154.70, 22361870},
     .answers = {129, 424, 601, 1000, 211.13, 4088665}},
    {.file = "azure-llm-2023/AzureLLMInferenceTrace_code.csv",
     .importer = "azure_llm",
     .requests = 8819,
     .first_us = 1700158623979960,
     .span_us = 3435948056,
     .prompts = {1469, 5194, 7436, 7437, 2047.85, 18059974},
     .answers = {13, 55, 252, 1899, 27.88, 245896}},
};

/* With one token a second of one kind, and the other for nothing, durations are tokens. */
static void expect_tokens(const struct stream *stream, bool prompts)
{
    struct text format = {0};
    struct workload workload;
    struct stats stats;
    const struct tokens *tokens = prompts ? &stream->prompts : &stream->answers;
    text_addf(&format, "%s:prefill_tokens_per_s=%s,decode_tokens_per_s=%s", stream->importer,
              prompts ? "1" : "1000000000", prompts ? "1000000000" : "1");
    read_public(stream->file, format.bytes, &workload, &stats);
    cr_expect_eq(stats.jobs, stream->requests, "%s", stream->file);
    cr_expect_eq(stats.first_us, stream->first_us, "%s", stream->file);
    cr_expect_eq(stats.last_us - stats.first_us, stream->span_us, "%s", stream->file);
    cr_expect(stats.was_sorted);
    cr_expect_eq((stats.durations.p50_us + 500000) / 1000000, tokens->p50, "%s", stream->file);
    cr_expect_eq((stats.durations.p90_us + 500000) / 1000000, tokens->p90, "%s", stream->file);
    cr_expect_eq((stats.durations.p99_us + 500000) / 1000000, tokens->p99, "%s", stream->file);
    cr_expect_eq((stats.durations.max_us + 500000) / 1000000, tokens->most, "%s", stream->file);
    cr_expect_float_eq(stats.durations.mean_s, tokens->mean, 0.00501, "%s", stream->file);
    cr_expect_float_eq(stats.gpu_hours * 3600, (double)tokens->sum, 0.5, "%s", stream->file);
    stats_release(&stats);
    workload_release(&workload);
    text_release(&format);
}

Test(published_others, tokens_of_every_request_stream_agree)
{
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        expect_tokens(&streams[i], true);
        expect_tokens(&streams[i], false);
    }
}

/* Published from the table as it is, in which fifteen run times are -1, of 337 processors in all.
 */
Test(published_others, sdsc_par_agrees_when_missing_run_times_count_as_minus_one)
{
    enum { MISSING = 15, THEIR_PROCESSORS = 337 };
    struct workload workload;
    struct stats stats;
    read_public("pwa/sdsc-par-95/SDSC_95.csv", NULL, &workload, &stats);
    double told = stats.durations.jobs;
    cr_expect_eq(stats.durations.jobs + MISSING, 76872);
    cr_expect_float_eq(stats.gpu_hours - THEIR_PROCESSORS / 3600.0, 2504040.1, 0.0501);
    cr_expect_float_eq((stats.durations.mean_s * told - MISSING) / (told + MISSING), 3163.4,
                       0.0501);
    stats_release(&stats);
    workload_release(&workload);
}

/* 16485 CN without GPU, 7386 HN with one, of 156 applications; 8878 are alive at the end, and
 * everything lasts until then when what is outside of the trace is cut off. */
Test(published_others, dlrm_has_all_roles_applications_and_instances_alive)
{
    struct workload workload;
    struct stats stats;
    read_public("alibaba-dlrm-2025/disaggregated_DLRM_trace.csv", "dlrm:lifetime=window", &workload,
                &stats);
    cr_assert_eq(stats.queues.count, 2);
    cr_expect_eq(stats.queues.items[0].jobs, 7386);
    cr_expect_eq(stats.queues.items[1].jobs, 16485);
    cr_expect_eq(stats.users.count, 156);
    cr_expect_eq(stats.outcomes[OUTCOME_UNFINISHED], 8878);
    cr_expect_eq(stats.durations.jobs, 23871);
    cr_expect_eq(stats.durations.max_us, (int64_t)2677541 * 1000000);
    stats_release(&stats);
    workload_release(&workload);
}

struct alcf_excess {
    const char *file;
    uint32_t exceeded;
};

Test(published_others, alcf_jobs_that_ran_longer_than_asked_for)
{
    static const struct alcf_excess logs[] = {
        {"alcf/data_thetagpu.csv", 5593},
        {"alcf/data_theta.csv", 2979},
        {"alcf/data_mira.csv", 4261},
    };
    for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
        struct workload workload;
        struct stats stats;
        read_public(logs[i].file, NULL, &workload, &stats);
        cr_expect_eq(stats.estimates.exceeded, logs[i].exceeded, "%s", logs[i].file);
        stats_release(&stats);
        workload_release(&workload);
    }
}

static void read_public_cluster(const char *file, const char *format, struct cluster *cluster)
{
    char *path = get_public_trace(file);
    struct err err = {0};
    cr_assert(trace_read_cluster(path, format, cluster, &err), "%s", err.msg);
    free(path);
}

struct kind {
    const char *model;
    uint32_t gpus; /* a node */
    uint32_t nodes;
};

/* 4278 nodes and 10412 GPUs of six models. */
Test(published_others, node_list_of_spot_has_all_nodes)
{
    static const struct kind kinds[] = {
        {"A10", 1, 2494},         {"GPU-series-1", 1, 902},   {"GPU-series-1", 4, 10},
        {"GPU-series-1", 8, 77},  {"A100-SXM4-80GB", 8, 432}, {"H800", 8, 219},
        {"GPU-series-2", 8, 122}, {"A800-SXM4-80GB", 8, 22},
    };
    struct cluster cluster;
    read_public_cluster("alibaba-spot-2026-nodes/node_info_df.csv", NULL, &cluster);
    cr_expect_eq(cluster.nodes.count, 4278);
    cr_expect_eq(cluster.gpu_milli, 10412000);
    cr_expect_eq(names_count(&cluster.models), 6);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        uint32_t nodes = 0;
        uint32_t model = names_find(&cluster.models, view_of(kinds[i].model));
        for (uint32_t node = 0; node < cluster.nodes.count; node++) {
            const struct pool *pool = cluster_pool(&cluster, node);
            nodes += pool->model == model && pool->gpu_count == kinds[i].gpus ? 1 : 0;
        }
        cr_expect_eq(nodes, kinds[i].nodes, "%s x %u: %u nodes", kinds[i].model, kinds[i].gpus,
                     nodes);
    }
    cluster_release_all(&cluster);
}

static uint32_t nodes_of_domain(const struct level *level, const char *name)
{
    for (size_t i = 0; i < level->domains.count; i++) {
        if (strcmp(level->domains.items[i].name, name) == 0) {
            return level->domains.items[i].node_count;
        }
    }
    return 0;
}

static uint32_t largest_domain(const struct level *level)
{
    uint32_t most = 0;
    for (size_t i = 0; i < level->domains.count; i++) {
        uint32_t count = level->domains.items[i].node_count;
        most = count > most ? count : most;
    }
    return most;
}

/* 847 hosts under one core switch and three aggregation switches. */
Test(published_others, topology_of_lingjun_has_all_hosts_and_switches)
{
    struct cluster cluster;
    read_public_cluster("alibaba-lingjun-2023-topo/topo.csv", NULL, &cluster);
    cr_expect_eq(cluster.nodes.count, 847);
    cr_assert_eq(cluster.level_count, 3);
    cr_expect_eq(nodes_of_domain(&cluster.levels[0], "G6"), 847);
    cr_expect_eq(cluster.levels[1].domains.count, 3);
    cr_expect_eq(nodes_of_domain(&cluster.levels[1], "G6/P8"), 179);
    cr_expect_eq(nodes_of_domain(&cluster.levels[1], "G6/P10"), 362);
    cr_expect_eq(nodes_of_domain(&cluster.levels[1], "G6/P12"), 306);
    cr_expect_eq(largest_domain(&cluster.levels[2]), 8);
    cluster_release_all(&cluster);
}

/* 48 names of access switches, with at most 24 hosts each. */
Test(published_others, access_switches_of_lingjun_by_name)
{
    struct cluster cluster;
    read_public_cluster("alibaba-lingjun-2023-topo/topo.csv", "lingjun:asw=global", &cluster);
    cr_assert_eq(cluster.level_count, 2);
    cr_expect_eq(cluster.levels[1].domains.count, 48);
    cr_expect_leq(largest_domain(&cluster.levels[1]), 24);
    cluster_release_all(&cluster);
}
