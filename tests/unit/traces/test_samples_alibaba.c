/* test_samples_alibaba.c - jobs and clusters of Alibaba's newer traces, as samples with their
 * traps. */
#include <criterion/criterion.h>

#include "sample.h"
#include "sim/base/file.h"

Test(samples_alibaba, dlrm_runs_from_scheduling_to_deletion)
{
    expect_jobs("dlrm.csv", "dlrm",
                "job_id,submit_s,duration_s,gpus,user,queue,tasks,cpus,memory_mib,status\n"
                "i-a,0,,1,app_x,HN,1,12,122880,unfinished\n"
                "i-d,0,,1,\"app,z\",HN,1,8,10240,\n"
                "i-c,100,,0,app_y,CN,,64,327680,unfinished\n"
                "i-b,300,579.5,0,app_y,CN,,64,512,\n"
                "i-e,1000,0,1,app_x,HN,1,8,10240,\n");
}

Test(samples_alibaba, dlrm_is_cut_off_at_the_ends_when_told_so)
{
    expect_jobs("dlrm.csv", "dlrm:lifetime=window",
                "job_id,submit_s,duration_s,gpus,user,queue,tasks,cpus,memory_mib,status\n"
                "i-a,0,1000,1,app_x,HN,1,12,122880,unfinished\n"
                "i-d,0,250,1,\"app,z\",HN,1,8,10240,\n"
                "i-c,100,890,0,app_y,CN,,64,327680,unfinished\n"
                "i-b,300,579.5,0,app_y,CN,,64,512,\n"
                "i-e,1000,0,1,app_x,HN,1,8,10240,\n");
}

Test(samples_alibaba, spot_jobs_are_gangs_and_spot_ones_are_preemptible)
{
    expect_jobs("spot_jobs.csv", "spot",
                "job_id,submit_s,duration_s,gpus,queue,tasks,gpu_fraction,cpus,gpu_model,priority,"
                "preemptible\n"
                "j-1,0,120,0.5,org-2,,0.5,4,A10,,\n"
                "j-2,60,3600,16,org-1,16,,128,H800,1,false\n"
                "\"j,3\",60,,0,org-2,2,,8,A10,,\n"
                "j-4,61,0,16,org-1,2,,192,H800,,\n");
}

static void read_sample_cluster(const char *path, const char *format, struct cluster *out)
{
    struct err err = {0};
    cr_assert(trace_read_cluster(path, format, out, &err), "%s", err.msg);
}

Test(samples_alibaba, spot_nodes_keep_names_models_and_the_order_of_rows)
{
    struct cluster cluster;
    read_sample_cluster("tests/data/traces/spot_nodes.csv", NULL, &cluster);
    cr_assert_eq(cluster.nodes.count, 4);
    cr_expect_str_eq(cluster.nodes.items[3].name, "3");
    cr_expect_eq(cluster.gpu_milli, 10000);
    cr_expect_eq(names_count(&cluster.models), 2);
    cr_expect_eq(cluster_pool(&cluster, 1)->gpu_count, 8);
    cr_expect_eq(cluster_pool(&cluster, 1)->cpu_milli, 192000);
    cr_expect_eq(cluster_pool(&cluster, 1)->memory_mib, UNLIMITED);
    cr_expect_eq(cluster_pool(&cluster, 2)->model, NAMES_NONE);
    cr_expect_eq(cluster_pool(&cluster, 0)->model, cluster_pool(&cluster, 3)->model);
    cluster_release_all(&cluster);
}

Test(samples_alibaba, lingjun_parts_access_switches_of_one_name_by_aggregation_switch)
{
    struct cluster cluster;
    read_sample_cluster("tests/data/traces/lingjun.csv", NULL, &cluster);
    cr_assert_eq(cluster.nodes.count, 4);
    cr_expect_str_eq(cluster.nodes.items[0].name, "h3");
    cr_expect_eq(cluster.gpu_milli, 32000);
    cr_assert_eq(cluster.level_count, 3);
    cr_expect_str_eq(cluster.levels[0].label, "DSW");
    cr_expect_eq(cluster.levels[1].domains.count, 2);
    cr_expect_eq(cluster.levels[2].domains.count, 3);
    cr_expect_eq(cluster.levels[2].domain_of_node[0], cluster.levels[2].domain_of_node[3]);
    cluster_release_all(&cluster);
}

Test(samples_alibaba, lingjun_joins_access_switches_of_one_name_when_told_so)
{
    struct cluster cluster;
    read_sample_cluster("tests/data/traces/lingjun.csv", "lingjun:asw=global,gpus=4", &cluster);
    cr_expect_eq(cluster.gpu_milli, 16000);
    cr_assert_eq(cluster.level_count, 2);
    cr_assert_eq(cluster.levels[1].domains.count, 2);
    cr_expect_eq(cluster.levels[1].domains.items[0].node_count, 3);
    cr_expect_eq(cluster_pool(&cluster, 0)->label_count, 3);
    cluster_release_all(&cluster);
}

struct bad_nodes {
    const char *text;
    int64_t line;
    const char *message;
};

#define SPOT_NODES "gpu_model,gpu_capacity_num,cpu_num,node_name\n"
#define TOPO       "ip,DSW,PSW,ASW\n"

static const struct bad_nodes bad_nodes[] = {
    {SPOT_NODES, 1, "no nodes follow the header, expected at least one"},
    {SPOT_NODES "A10,65,1,n\n", 2,
     "column 'gpu_capacity_num' is '65', expected a whole number from 0 to 64"},
    {SPOT_NODES ",1,1,n\n", 2, "column 'gpu_model' is '', expected the model of the node's GPUs"},
    {SPOT_NODES "A10,1,1,\n", 2, "column 'node_name' is '', expected the name of the node"},
    {SPOT_NODES "A10,1,1,n\nA10,1,1,n\n", 3, "pool \"A10\": there is another node \"n\""},
    {TOPO, 1, "no hosts follow the header, expected at least one"},
    {TOPO "h,G,,S\n", 2, "column 'PSW' is '', expected a name"},
    {TOPO ",G,P,S\n", 2, "column 'ip' is '', expected a name"},
    {TOPO "h,G,P,S\nh,G,P,S\n", 3, "pool \"host\": there is another node \"h\""},
};

Test(samples_alibaba, bad_node_lists_are_refused_by_line_and_reason)
{
    for (size_t i = 0; i < sizeof(bad_nodes) / sizeof(bad_nodes[0]); i++) {
        const char *text = bad_nodes[i].text;
        struct file file = {.bytes = mem_copy_text(text, strlen(text)), .length = strlen(text)};
        struct cluster cluster;
        struct err err = {0};
        cr_assert_not(trace_read_cluster_text(&file, NULL, &cluster, &err), "read: %s", text);
        cr_expect_str_eq(err.msg, bad_nodes[i].message);
        cr_expect_eq(err.line, bad_nodes[i].line, "line %d: %s", (int)err.line, err.msg);
        file_release(&file);
    }
}
