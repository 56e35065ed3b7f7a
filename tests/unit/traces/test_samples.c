/* test_samples.c - every importer reads its sample as it should; the traps are in the samples. */
#include <criterion/criterion.h>

#include "sample.h"
#include "sim/base/file.h"
#include "sim/cluster/cluster_file.h"
#include "sim/workload/native_write.h"

Test(samples, native_reads_every_column)
{
    expect_jobs("native_all.csv", "native",
                "job_id,submit_s,duration_s,gpus,user,queue,tasks,min_tasks,gpu_fraction,gpu_"
                "memory_mib,mig_profile,cpus,memory_mib,gpu_model,priority,preemptible,estimate_s,"
                "checkpoint_s,required_topology,preferred_topology,status\n"
                "\"a,b\",-2.000001,,0,,,,,,,,2.5,,,,,,,,,cancelled\n"
                "gang,10,1,16,ann,b,4,2,,,,16,400,,,,,,block,,failed\n"
                "half,10,0,1,,,,,0.5,,,,,,,,,,,,\n"
                "mem,11,5,2,,,,,,20480,,,,,,,,,,,\n"
                "mig,12,5,2,,,2,,,,3g.40gb,,,,,,,,,,\n"
                "part,13,5,0.25,,,,,0.25,,,,,,,,,,,,\n"
                "node,13,5,2,,,1,,,,,,,,,,,,,,\n"
                "late,1000.5,60,8,ann,\"team \"\"a\"\", "
                "east\",,,,,,8,1024,A100|H100,-5,false,120,600,,rack,completed\n");
}

Test(samples, native_reads_speeds_of_gpu_models)
{
    expect_jobs("native_speeds.csv", "native",
                "job_id,submit_s,duration_s,gpus,speeds\n"
                "a,0,10,1,8:v100=8|k80=0.1\n"
                "b,1,10,1,\n"
                "c,2,10,1,8:v100=8|k80=0.1\n"
                "d,3,10,1,3\n");
}

Test(samples, openb_runs_from_scheduling_to_deletion)
{
    expect_jobs("openb_pods.csv", "openb",
                "job_id,submit_s,duration_s,gpus,tasks,gpu_fraction,cpus,memory_mib,gpu_model\n"
                "pod-1,40,55,1,1,,12,16384,V100M16|V100M32\n"
                "pod-2,50,20,0.5,,0.5,4,8192,\n"
                "pod-3,50,,0,,,1,,\n"
                "pod-4,70,0,2,1,,8,4096,\n");
}

Test(samples, openb_runs_from_creation_when_told_so)
{
    expect_jobs("openb_pods.csv", "openb:lifetime=created",
                "job_id,submit_s,duration_s,gpus,tasks,gpu_fraction,cpus,memory_mib,gpu_model\n"
                "pod-1,40,60,1,1,,12,16384,V100M16|V100M32\n"
                "pod-2,50,30,0.5,,0.5,4,8192,\n"
                "pod-3,50,40,0,,,1,,\n"
                "pod-4,70,0,2,1,,8,4096,\n");
}

Test(samples, openb_without_times_keeps_the_order_of_rows)
{
    expect_jobs("openb_untimed.csv", "openb",
                "job_id,submit_s,duration_s,gpus,tasks,gpu_fraction,cpus,memory_mib\n"
                "pod-b,0,,8,1,,1,10\n"
                "pod-a,0,,0.01,,0.01,1,10\n");
}

Test(samples, philly_is_sorted_and_keeps_local_time)
{
    expect_jobs("philly.csv", "philly",
                "job_id,submit_s,duration_s,gpus,queue\n"
                "2,1509840000,1,1,vc1\n"
                "1,1509847199,66,4,vc2\n"
                "3,1509850800,10,0,vc1\n");
}

Test(samples, tiresias_reads_crlf_without_a_last_newline)
{
    expect_jobs("tiresias.csv", "tiresias",
                "job_id,submit_s,duration_s,gpus\n"
                "0,0,30,4\n"
                "4,3,9.5,1\n"
                "1,5,20,1\n"
                "2,5,20,2\n"
                "3,40,0,0\n");
}

Test(samples, pai_sim_counts_hundredths_and_orders_by_job_id)
{
    expect_jobs("pai_sim.csv", "pai_sim",
                "job_id,submit_s,duration_s,gpus,user,tasks,gpu_fraction,cpus\n"
                "5,0,10,5,u2,2,2.5,8.26\n"
                "3,3,1,8,u1,1,,64\n"
                "7,3,1454,0.5,u1,,0.5,6\n"
                "6,4,1,0,u2,,,12\n");
}

Test(samples, pai_sim_takes_models_and_estimates_when_told_so)
{
    expect_jobs(
        "pai_sim.csv", "pai_sim:models=v100,estimate=user_dur",
        "job_id,submit_s,duration_s,gpus,user,tasks,gpu_fraction,cpus,gpu_model,estimate_s\n"
        "5,0,10,5,u2,2,2.5,8.26,,\n"
        "3,3,1,8,u1,1,,64,V100,1\n"
        "7,3,1454,0.5,u1,,0.5,6,,2567.799\n"
        "6,4,1,0,u2,,,12,,5\n");
}

Test(samples, helios_makes_gangs_of_cpu_jobs_that_come_out_even)
{
    expect_jobs("helios.csv", "helios",
                "job_id,submit_s,duration_s,gpus,user,queue,tasks,cpus,status\n"
                "11,1585699200,1,0,u2,vcB,2,8,cancelled\n"
                "10,1585699210,60,16,u1,vcA,,96,completed\n"
                "12,1585699211,,0,u2,vcB,2,9,node_fail\n"
                "13,1585699211,5,1,u1,vcA,,,\n");
}

Test(samples, helios_fleetsim_passes_over_remarks_and_reads_microseconds)
{
    expect_jobs("helios_fleetsim.csv", "helios_fleetsim",
                "job_id,submit_s,duration_s,gpus,user,queue,gpu_model,status\n"
                "3,1.5,7,0,b,vc2,,failed\n"
                "1,5835,24,128,a,vc1,,cancelled\n"
                "2,5835.000001,0.5,8,b,vc2,A100,node_fail\n");
}

Test(samples, gen_parallel_sums_intervals)
{
    expect_jobs("gen_parallel.csv", "gen_parallel",
                "job_id,submit_s,duration_s,gpus,user,tasks,cpus,estimate_s,status\n"
                "0,0,84,1,1,,1,,completed\n"
                "2,10,87,0,1,2,64,300,cancelled\n"
                "1,10,5,8,2,,,,failed\n");
}

Test(samples, gen_parallel_sizes_by_nodes_when_told_so)
{
    expect_jobs("gen_parallel.csv", "gen_parallel:size=nodes",
                "job_id,submit_s,duration_s,gpus,user,estimate_s,status\n"
                "0,0,84,1,1,,completed\n"
                "2,10,87,2,1,300,cancelled\n"
                "1,10,5,1,2,,failed\n");
}

Test(samples, swf_orders_by_job_number_and_drops_partial_rows)
{
    expect_jobs("sample.swf", "swf",
                "job_id,submit_s,duration_s,gpus,user,queue,estimate_s,status\n"
                "3,0,,0,,1,,cancelled\n"
                "1,10,100,8,3,,50,failed\n"
                "2,10,30,4,3,2,60,completed\n"
                "5,11,0.5,2,4,1,315360000,completed\n");
}

Test(samples, swf_cleans_as_pyss_does)
{
    expect_jobs("sample.swf", "swf:rules=pyss,procs=requested",
                "job_id,submit_s,duration_s,gpus,user,queue,estimate_s,status\n"
                "3,1,1,1,,1,1,cancelled\n"
                "1,10,1,1,3,,1,failed\n"
                "2,10,30,4,3,2,60,completed\n"
                "5,11,1,2,4,1,9000000000,completed\n");
}

static void expect_cluster(const char *sample, const char *json)
{
    struct text path = {0};
    struct text written = {0};
    struct cluster cluster;
    struct err err = {0};
    text_addf(&path, "tests/data/traces/%s", sample);
    cr_assert(trace_read_cluster(path.bytes, NULL, &cluster, &err), "%s", err.msg);
    cluster_add_json(&written, &cluster);
    struct file expected = {.bytes = mem_copy_text(json, strlen(json)), .length = strlen(json)};
    struct cluster same;
    cr_assert(cluster_from_json(&expected, &same, &err), "%s", err.msg);
    struct text same_written = {0};
    cluster_add_json(&same_written, &same);
    cr_assert_str_eq(written.bytes, same_written.bytes);
    cr_assert_eq(strlen(cluster.digest), strlen("06ca57ebbe09e242e967c4c4f85be7a0"));
    text_release(&same_written);
    cluster_release_all(&same);
    file_release(&expected);
    cluster_release_all(&cluster);
    text_release(&written);
    text_release(&path);
}

Test(samples, openb_nodes_keep_the_order_of_rows)
{
    struct cluster cluster;
    struct err err = {0};
    cr_assert(trace_read_cluster("tests/data/traces/openb_nodes.csv", NULL, &cluster, &err), "%s",
              err.msg);
    cr_assert_eq(cluster.nodes.count, 4);
    cr_expect_str_eq(cluster.nodes.items[0].name, "n1");
    cr_expect_str_eq(cluster.nodes.items[1].name, "n0");
    cr_expect_eq(cluster.gpu_milli, 18000);
    cr_expect_eq(cluster_pool(&cluster, 1)->model, NAMES_NONE);
    cr_expect_eq(cluster_pool(&cluster, 0)->model, cluster_pool(&cluster, 3)->model);
    cr_expect_eq(cluster_pool(&cluster, 2)->cpu_milli, 64000);
    cr_expect_eq(cluster_pool(&cluster, 2)->memory_mib, 262144);
    cluster_release_all(&cluster);
}

Test(samples, tiresias_cluster_has_a_level_of_switches)
{
    expect_cluster("tiresias_cluster.csv",
                   "{\"pools\": [{\"name\": \"switch0\", \"nodes\": 3, \"gpus\": 4, \"cpus\": 40,"
                   " \"memory_mib\": 262144, \"labels\": {\"switch\": \"switch0\"}},"
                   "{\"name\": \"switch1\", \"nodes\": 3, \"gpus\": 4, \"cpus\": 40,"
                   " \"memory_mib\": 262144, \"labels\": {\"switch\": \"switch1\"}}],"
                   "\"topology\": [\"switch\"]}");
}

/* Every sample, and what is written of it, give the same bytes when written again. */
Test(samples, what_is_written_reads_back_equal)
{
    static const char *const samples[] = {
        "native_all.csv",   "openb_pods.csv", "openb_untimed.csv", "philly.csv",
        "tiresias.csv",     "pai_sim.csv",    "helios.csv",        "helios_fleetsim.csv",
        "gen_parallel.csv", "sample.swf",     "demo.csv",
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct text path = {0};
        struct text first = {0};
        struct text second = {0};
        struct workload workload;
        struct err err = {0};
        text_addf(&path, "tests/data/traces/%s", samples[i]);
        cr_assert(trace_read(path.bytes, NULL, &workload, &err), "%s", err.msg);
        cr_assert(native_write(&first, &workload, &err), "%s", err.msg);
        struct file file = {.bytes = mem_copy_text(first.bytes, first.length),
                            .length = first.length};
        struct workload again;
        cr_assert(trace_read_text(&file, NULL, &again, &err), "%s: %s", samples[i], err.msg);
        cr_assert_eq(again.jobs.count, workload.jobs.count);
        cr_assert_eq(again.shapes.count, workload.shapes.count);
        cr_assert_eq(again.epoch_us, workload.epoch_us);
        cr_assert(native_write(&second, &again, &err), "%s", err.msg);
        cr_assert_str_eq(second.bytes, first.bytes);
        workload_release(&again);
        workload_release(&workload);
        file_release(&file);
        text_release(&second);
        text_release(&first);
        text_release(&path);
    }
}
