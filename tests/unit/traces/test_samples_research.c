/* test_samples_research.c - the traces of research simulators; the traps are in the samples. */
#include <criterion/criterion.h>

#include "sample.h"
#include "sim/base/file.h"
#include "sim/cluster/cluster.h"

#define HEAD     "job_id,submit_s,duration_s,gpus"
#define TABLE    "throughputs=tests/data/traces/gavel_throughputs.json"
#define PROFILES "profiles=tests/data/profiles"

Test(research, gavel_tells_no_durations_without_a_table)
{
    expect_jobs("gavel.trace", "gavel", HEAD "\n1,0,,4\n0,12.5,,1\n2,20,,0\n");
    expect_jobs("gavel_old.trace", "gavel", HEAD "\n0,6,,1\n1,6.5,,2\n");
}

Test(research, gavel_divides_steps_by_the_throughput)
{
    /* On K80 the table tells 0 for the first: it asks for the model on which it can work. */
    expect_jobs("gavel.trace", "gavel:" TABLE,
                HEAD ",gpu_model,speeds\n1,0,1000,4,v100,0.5:v100=0.5|k80=0\n"
                     "0,12.5,250,1,,4:v100=4|k80=1\n2,20,,0,,\n");
    expect_jobs("gavel.trace", "gavel:" TABLE ",model=k80",
                HEAD ",speeds\n1,0,,4,\n0,12.5,1000,1,1:v100=4|k80=1\n2,20,,0,\n");
    expect_jobs("gavel_old.trace", "gavel:" TABLE,
                HEAD ",speeds\n0,6,150,1,4:v100=4|k80=1\n1,6.5,,2,\n");
    expect_jobs("gavel.trace", "gavel:steps_per_s=3",
                HEAD "\n1,0,166.666667,4\n0,12.5,333.333333,1\n2,20,0,0\n");
}

Test(research, shockwave_tells_durations)
{
    expect_jobs("shockwave.trace", "gavel", HEAD "\n1,0,0.5,2\n0,55,1418,1\n");
}

Test(research, muri_counts_milliseconds)
{
    expect_jobs("muri.csv", "muri",
                HEAD ",priority\na,1.5,90000,1,1\nz,1.5,0,0,1\n7,2.5,1.0005,8,\n");
}

Test(research, elasticflow_takes_the_real_duration)
{
    expect_jobs("elasticflow.csv", "elasticflow",
                HEAD ",estimate_s\n1,5.5,100,1,80.25\n2,6,1,0,\n0,219316,976570,4,\n");
    expect_jobs("elasticflow_plain.csv", "elasticflow", HEAD "\n0,3715485,3930,8\n");
}

Test(research, chronus_counts_minutes)
{
    expect_jobs("chronus.csv", "chronus",
                HEAD ",queue\n1,60,259020,0,vc_b\n2,60,0,1,vc_a\n0,600,1200,4,vc_a\n");
    expect_jobs("chronus.csv", "chronus:zero=drop",
                HEAD ",queue\n2,60,0,1,vc_a\n0,600,1200,4,vc_a\n");
    expect_jobs("chronus.csv", "chronus:zero=one",
                HEAD ",queue\n1,60,259020,1,vc_b\n2,60,0,1,vc_a\n0,600,1200,4,vc_a\n");
}

Test(research, gaia_samples_are_hours_when_not_all_are_whole)
{
    expect_jobs("pai_gaia_hours.csv", "pai_gaia",
                HEAD "\n0,0,91469,1\n2,900,300.96,400\n1,1800,3600,4\n");
    expect_jobs("pai_gaia_seconds.csv", "pai_gaia", HEAD "\n0,0,6302,1\n1,68,1000,3\n");
    expect_jobs("pai_gaia_seconds.csv", "pai_gaia:unit=hours",
                HEAD "\n0,0,22687200,1\n1,244800,3600000,3\n");
}

Test(research, pollux_tells_no_durations_without_profiles)
{
    expect_jobs("pollux.csv", "pollux",
                HEAD "\nsmall-1,100.5,,2\nsmall-0,107,,1\nsmall-2,110,,3\nsmall-3,110,,1\n"
                     "small-4,111,,9\nsmall-5,112,,5\n");
}

/* small-1: 12 steps of 2.5 s. small-0: 20 steps of 2 s. small-2: 16 steps (between 20 and 12), of
 * (1.5 + 2) / 2 s on 3 GPUs with 4 each. small-3: a batch of 64 was not trained with. small-4: no
 * measurement with 9 GPUs or more. small-5: 12 steps, a quarter of the way from 2 s on 4 GPUs to
 * 4 s on 8. */
Test(research, pollux_computes_durations_by_profiles)
{
    expect_jobs("pollux.csv", "pollux:" PROFILES,
                HEAD "\nsmall-1,100.5,30,2\nsmall-0,107,40,1\nsmall-2,110,28,3\nsmall-3,110,,1\n"
                     "small-4,111,,9\nsmall-5,112,30,5\n");
}

/* small-1 has 8 samples on each of 2 GPUs, measured with 4: two passes of 1 s a step. */
Test(research, sia_takes_the_profiles_of_a_type_of_gpu)
{
    expect_jobs("pollux.csv", "sia:" PROFILES ",gpu=fast",
                HEAD "\nsmall-1,100.5,24,2\nsmall-0,107,13.333333,1\nsmall-2,110,,3\n"
                     "small-3,110,,1\nsmall-4,111,,9\nsmall-5,112,,5\n");
}

Test(research, philly_log_adds_up_the_attempts)
{
    expect_jobs("philly_log.json", "philly_json",
                HEAD ",user,queue,status\n"
                     "application_3,1507528800,,1,u2,6214e9,failed\n"
                     "application_1,1507532515,70,4,u1,6214e9,completed\n"
                     "application_5,1507539600,5,1,u1,6214e9,cancelled\n");
}

Test(research, philly_log_gives_each_attempt_when_told_so)
{
    expect_jobs("philly_log.json", "philly_json:jobs=attempts",
                HEAD ",user,queue,status\n"
                     "application_3#1,1507528800,,1,u2,6214e9,failed\n"
                     "application_1#1,1507532515,10,3,u1,6214e9,failed\n"
                     "application_1#2,1507532567,60,4,u1,6214e9,completed\n"
                     "application_5#1,1507539600,,1,u1,6214e9,failed\n"
                     "application_5#3,1507541400,5,1,u1,6214e9,cancelled\n");
}

/* A text from memory has no tables beside it. */
Test(research, pai_tasks_alone_are_submitted_when_they_start)
{
    static const char tasks[] = "j2,worker,2.0,Failed,52.0,60.25,600.0,29.296875,50.0,T4\r\n"
                                "j3,worker,1,Running,40.0,,600.0,20,250.0,MISC\r\n"
                                "j2,worker,1,Terminated,51.0,59,600.0,29.296875,50.0,T4\r\n"
                                "j4,worker,1,Waiting,,,600.0,20,25.0,";
    struct file file = {.bytes = mem_copy_text(tasks, strlen(tasks)), .length = strlen(tasks)};
    struct workload workload;
    struct err err = {0};
    bool ok = trace_read_text(&file, NULL, &workload, &err);
    cr_assert(ok, "%s", err.msg);
    cr_assert_eq(workload.jobs.count, 2, "a job that never started has no submit time");
    cr_assert_str_eq(workload_job_id(&workload, 0), "j3");
    cr_assert_eq(workload.jobs.items[0].duration_us, TIME_UNKNOWN);
    cr_assert_eq(workload.jobs.items[0].outcome, OUTCOME_UNFINISHED);
    cr_assert_eq(workload_shape_gpu_milli(&workload, workload.jobs.items[0].shape), 2500);
    cr_assert_eq(workload.jobs.items[1].submit_us, 11000000);
    cr_assert_eq(workload.jobs.items[1].duration_us, 9250000);
    cr_assert_eq(workload.jobs.items[1].outcome, OUTCOME_FAILED);
    cr_assert_eq(workload_shape_tasks(&workload, workload.jobs.items[1].shape), 3);
    cr_assert_eq(workload_shape_gpu_milli(&workload, workload.jobs.items[1].shape), 1500);
    workload_release(&workload);
    file_release(&file);
}

static void expect_pai(const char *path, const char *format)
{
    struct workload w;
    struct err err = {0};
    bool ok = trace_read(path, format, &w, &err);
    cr_assert(ok, "%s", err.msg);
    static const char *const ids[] = {"j7", "j2", "j1", "j3"};
    static const int64_t gpu_milli[] = {8000, 1000, 5000, 2500};
    static const int64_t run_us[] = {1000000, 8250000, 80000000, TIME_UNKNOWN};
    cr_assert_eq(w.jobs.count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        cr_assert_str_eq(workload_job_id(&w, i), ids[i]);
        cr_assert_eq(workload_shape_gpu_milli(&w, w.jobs.items[i].shape), gpu_milli[i]);
        cr_assert_eq(w.jobs.items[i].duration_us, run_us[i]);
    }
    cr_assert_eq(w.epoch_us, 1000000, "j7 is not in the job table: its task tells");
    cr_assert_eq(w.jobs.items[2].submit_us, 99500000);
    cr_assert_str_eq(names_get(&w.users, w.jobs.items[2].user), "u1");
    const struct shape *gang = &w.shapes.items[w.jobs.items[2].shape];
    cr_assert_eq(gang->group_count, 2, "equal tasks are one group");
    cr_assert_eq(w.groups.items[gang->first_group].request.cpu_milli, 8000);
    cr_assert_eq(w.groups.items[gang->first_group].request.kind, GPU_NONE);
    cr_assert_eq(w.groups.items[gang->first_group + 1].count, 5);
    cr_assert_eq(w.groups.items[gang->first_group + 1].request.memory_mib, 20480);
    const struct shape *half = &w.shapes.items[w.jobs.items[1].shape];
    cr_assert_eq(w.groups.items[half->first_group].request.memory_mib, 30000);
    cr_assert_eq(gang->models, NAMES_NONE);
    workload_release(&w);
}

Test(research, pai_joins_job_and_task_table_whichever_is_given)
{
    expect_pai("tests/data/traces/pai_job_table.csv", NULL);
    expect_pai("tests/data/traces/pai_task_table.csv", NULL);
    expect_pai("tests/data/traces/pai_job_table.csv",
               "pai:tasks=tests/data/traces/pai_task_table.csv");
}

/* j1's instances ran from 119 to 175, j3's ended although its task is running, one of j2 never
 * ended; j7 has no instances, so its task tells. */
Test(research, pai_takes_the_times_of_instances_when_they_are_given)
{
    static const struct {
        const char *path;
        const char *format;
    } ways[] = {
        {"tests/data/traces/pai_instance_table.csv", NULL},
        {"tests/data/traces/pai_job_table.csv",
         "pai:instances=tests/data/traces/pai_instance_table.csv"},
    };
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        struct workload w;
        struct err err = {0};
        bool ok = trace_read(ways[i].path, ways[i].format, &w, &err);
        cr_assert(ok, "%s", err.msg);
        static const char *const ids[] = {"j7", "j2", "j1", "j3"};
        static const int64_t run_us[] = {1000000, TIME_UNKNOWN, 56000000, 4000000};
        cr_assert_eq(w.jobs.count, 4);
        for (uint32_t k = 0; k < 4; k++) {
            cr_assert_str_eq(workload_job_id(&w, k), ids[k]);
            cr_assert_eq(w.jobs.items[k].duration_us, run_us[k], "%s", ids[k]);
        }
        cr_assert_eq(w.jobs.items[2].submit_us, 99500000, "the job table still tells submits");
        workload_release(&w);
    }
}

Test(research, pai_keeps_to_models_when_told_so)
{
    struct workload w;
    struct err err = {0};
    bool ok = trace_read("tests/data/traces/pai_task_table.csv", "pai:models=all", &w, &err);
    cr_assert(ok, "%s", err.msg);
    const struct shape *shape = &w.shapes.items[w.jobs.items[2].shape];
    cr_assert_str_eq(names_get(&w.models, shape->models), "V100");
    workload_release(&w);
}

/* Without j1's parameter server every job is one group, so the native CSV can hold it. */
Test(research, pai_leaves_out_tasks_without_gpus_when_told_so)
{
    struct workload w;
    struct err err = {0};
    bool ok = trace_read("tests/data/traces/pai_task_table.csv", "pai:without_gpu=drop", &w, &err);
    cr_assert(ok, "%s", err.msg);
    cr_assert_str_eq(workload_job_id(&w, 2), "j1");
    const struct shape *shape = &w.shapes.items[w.jobs.items[2].shape];
    cr_assert_eq(shape->group_count, 1);
    cr_assert_eq(w.groups.items[shape->first_group].count, 5);
    cr_assert_eq(w.jobs.items[2].duration_us, 80000000, "its time is still that of all tasks");
    workload_release(&w);
}

static void expect_cluster(const char *path, uint32_t nodes, int64_t gpu_milli, uint32_t models)
{
    struct cluster cluster;
    struct err err = {0};
    bool ok = trace_read_cluster(path, NULL, &cluster, &err);
    cr_assert(ok, "%s", err.msg);
    cr_expect_eq(cluster.nodes.count, nodes);
    cr_expect_eq(cluster.gpu_milli, gpu_milli);
    cr_expect_eq(names_count(&cluster.models), models);
    cluster_release_all(&cluster);
}

Test(research, machine_lists_are_clusters)
{
    expect_cluster("tests/data/traces/pai_machine_spec.csv", 3, 10000, 2);
    expect_cluster("tests/data/traces/philly_machines.csv", 3, 10000, 0);
}
