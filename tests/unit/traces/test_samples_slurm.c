/* test_samples_slurm.c - accounting of Slurm: steps, arrays, heterogeneous jobs, attempts, states.
 */
#include <criterion/criterion.h>

#include "sample.h"
#include "texts.h"

Test(samples_slurm, rows_become_jobs)
{
    expect_jobs("sacct.txt", "sacct",
                "job_id,submit_s,duration_s,gpus,user,queue,tasks,mig_profile,cpus,memory_mib,"
                "gpu_model,estimate_s,status\n"
                "106,1709287199,1234,0,eve,cpu,4,,96,10240,,,unfinished\n"
                "101,1709287200,,2,bob,\"gpu,cpu\",,,8,1572864,,,cancelled\n"
                "102_4,1709287205,7200,4,bob,gpu,,,12,1000,a100|v100,7200,timeout\n"
                "102_[5-9%2],1709287205,,4,bob,gpu,,,12,1000,,7200,unfinished\n"
                "103,1709287210,3600,4,ann,gpu,,,16,65536,a100,86400,completed\n"
                "104,1709287230,602,2,ann,gpu,,,68,8193,a100,,failed\n"
                "105,1709287260,400,2,eve,gpu,,1g.5gb,1,2048,a100,600,completed\n"
                "107,1709287560,0,0,eve,gpu,,,1,2048,,,\n");
}

Test(samples_slurm, settings_choose_resources_attempts_shapes_and_queues)
{
    expect_jobs("sacct.txt",
                "sacct:attempts=sum,shape=nodes,tres=requested,running=unknown,queues=account",
                "job_id,submit_s,duration_s,gpus,user,queue,tasks,mig_profile,cpus,memory_mib,"
                "gpu_model,estimate_s,status\n"
                "106,1709287199,,0,eve,lab1,4,,96,10240,,,unfinished\n"
                "101,1709287200,,2,bob,lab2,2,,8,1572864,,,cancelled\n"
                "102_4,1709287205,7200,4,bob,lab2,2,,12,1000,,7200,timeout\n"
                "102_[5-9%2],1709287205,,4,bob,lab2,2,,12,1000,,7200,unfinished\n"
                "103,1709287210,3600,4,ann,lab1,1,,16,65536,,86400,completed\n"
                "104,1709287230,602,2,ann,lab1,,,68,8193,a100,,failed\n"
                "105,1709287260,500,2,eve,lab1,,1g.5gb,1,2048,a100,600,completed\n"
                "107,1709287560,0,0,eve,lab1,,,1,2048,,,\n");
}

#define HEAD "JobID|State|Submit|Start|Elapsed|TimelimitRaw|AllocTRES\n"
#define AT   "2024-03-01T10:00:00"

Test(samples_slurm, attempts_can_be_jobs_of_their_own)
{
    expect_text("sacct:attempts=each",
                "JobIDRaw|Submit|ElapsedRaw\n5|100|1\n5|50.5|2\n6|60|3\n5|70|4",
                "job_id,submit_s,duration_s,gpus\n5#2,50.5,2,0\n6,60,3,0\n5#3,70,4,0\n5,100,1,0\n");
}

Test(samples_slurm, the_last_attempt_is_the_one_submitted_last)
{
    expect_text("sacct", "JobIDRaw|Submit|ElapsedRaw|State\n5|100|1|COMPLETED\n5|50|2|NODE_FAIL\n",
                "job_id,submit_s,duration_s,gpus,status\n5,50,1,0,completed\n");
}

Test(samples_slurm, parsable_with_a_last_bar_is_read)
{
    expect_text(NULL, "JobID|Submit|Elapsed|\n7|" AT "|1-00:00:01|\n7.0|" AT "|00:00:01|\n",
                "job_id,submit_s,duration_s,gpus\n7,1709287200,86401,0\n");
}

Test(samples_slurm, states_and_limits_have_odd_forms)
{
    expect_text(
        "sacct",
        HEAD "1|CANCELLED+|" AT "|" AT "|00:00:01|90|\n"
             "2|OUT_OF_ME+|" AT "|" AT "|00:00:02|Partition_Limit|cpu=1\n"
             "3|PREEMPTED|" AT "|" AT "|00:00:03|UNLIMITED|gres/gpu=2\n"
             "4|PENDING|" AT "|Unknown|00:00:00||gres/gpu:h100=8,gres/gpu=8\n"
             "5|CANCELLED by 0|" AT "|None|00:00:00||mem=512K\n"
             "6|SUSPENDED|" AT "|" AT "|00:01:00|INVALID|node=3\n"
             "7|BOOT_FAIL|" AT "|" AT "|INVALID||\n",
        "job_id,submit_s,duration_s,gpus,tasks,cpus,memory_mib,gpu_model,estimate_s,status\n"
        "1,1709287200,1,0,,,,,5400,cancelled\n"
        "2,1709287200,2,0,,1,,,,failed\n"
        "3,1709287200,3,2,,,,,,cancelled\n"
        "4,1709287200,,8,,,,h100,,unfinished\n"
        "5,1709287200,,0,,,1,,,cancelled\n"
        "6,1709287200,60,0,3,,,,,unfinished\n"
        "7,1709287200,,0,,,,,,node_fail\n");
}

Test(samples_slurm, mig_instances_are_dealt_to_nodes)
{
    expect_text("sacct",
                "JobID|Submit|ElapsedRaw|AllocTRES\n"
                "1|0|1|cpu=4,gres/gpu:a100_3g.20gb=4,gres/gpu=4,node=2\n"
                "2|0|1|cpu=3,gres/gpu:1g.5gb=3,node=2\n"
                "3|0|1|gres/gpu:a100=1,gres/gpu:a100_1g.5gb=2,gres/gpu=3,node=1\n",
                "job_id,submit_s,duration_s,gpus,tasks,mig_profile,cpus,gpu_model\n"
                "1,0,1,4,2,3g.20gb,4,a100\n"
                "2,0,1,3,3,1g.5gb,3,\n"
                "3,0,1,3,,,,a100\n");
}

Test(samples_slurm, blanks_around_types_and_ids_are_no_part_of_them)
{
    expect_text("sacct",
                "JobID|Submit|ElapsedRaw|AllocTRES\n1 +0|0|1|gres/gpu: a100\t=1\n+1|0|1|\n",
                "job_id,submit_s,duration_s,gpus,gpu_model\n1,0,1,1,a100\n+1,0,1,0,\n");
}

Test(samples_slurm, what_is_dropped_or_guessed_is_noted)
{
    static const char text[] =
        HEAD "1+0|RUNNING|" AT "|" AT "|00:00:01|90|gres/shard=1\n"
             "1+1|EXPLODED|" AT "|" AT "|00:00:01|UNLIMITED|cpu=2\n"
             "2_[1-3]|PENDING|" AT "|Unknown|00:00:00|9|\n"
             "2_0.batch|COMPLETED|" AT "|" AT "|00:00:00||\n"
             "3|FAILED|" AT "|" AT "|00:00:00|9|gres/gpu:1g.5gb=1,gres/gpu=2\n"
             "3|FAILED|" AT "|" AT "|00:00:00|9|\n";
    expect_note("sacct", text, "1 rows of job steps are dropped");
    expect_note("sacct", text, "1 parts of heterogeneous jobs");
    expect_note("sacct", text, "1 rows stand for tasks of arrays that never ran");
    expect_note("sacct", text, "1 jobs never started");
    expect_note("sacct", text, "1 jobs have not ended: their duration is what they have run");
    expect_note("sacct:running=unknown", text, "1 jobs have not ended and have no duration");
    expect_note("sacct", text, "1 jobs have no time limit of their own");
    expect_note("sacct", text, "1 jobs ended in a state that has no meaning here");
    expect_note("sacct", text, "1 jobs ask for gres/shard or gres/mps");
    expect_note("sacct", text, "1 jobs ask for several kinds of MIG instances or GPUs");
    expect_note("sacct", text, "1 more attempts of requeued jobs are dropped");
    expect_note("sacct:attempts=sum", text, "1 more attempts of requeued jobs are added");
    expect_note("sacct:attempts=each", text, "1 more attempts of requeued jobs are jobs");
    expect_note("sacct", "JobID|Submit|Elapsed\n1|0|\n", "no job has GPUs or memory");
}

Test(samples_slurm, bars_in_free_text_are_told_apart_when_there_is_one_such_column)
{
    expect_text("sacct", "JobID|JobName|Submit|ElapsedRaw\n1|a|b||0|5\n2|c|0|6\n",
                "job_id,submit_s,duration_s,gpus\n1,0,5,0\n2,0,6,0\n");
    expect_refused(
        "sacct", "JobID|JobName|Submit|ElapsedRaw|Comment\n1|a|b|0|5|\n", 2,
        "found 6 fields, expected 5 as in the header (leave out all columns of free text "
        "but one: a bar in a JobName or Comment looks like a separator)");
    expect_refused("sacct", "JobID|Submit|ElapsedRaw\n1|0|5|\n", 2,
                   "found 4 fields, expected 3 as in the header");
    expect_refused("sacct", "JobID|JobName|Submit|ElapsedRaw\n1|a\nb|0|5\n", 2,
                   "found 2 fields, expected 4 as in the header");
}

Test(samples_slurm, bad_rows_are_refused_with_their_place)
{
    expect_refused("sacct", "JobID|Submit\n1|0\n", 1,
                   "the header has no column 'ElapsedRaw' or 'Elapsed', expected one");
    expect_refused("sacct", "Job|Submit|Elapsed\n1|0|\n", 1,
                   "the header has no column 'JobID', expected one");
    expect_refused("sacct", "JobID|Start|Elapsed\n1|0|\n", 1,
                   "the header has no column 'Submit', expected one");
    expect_refused("sacct", HEAD "|PENDING|0||||\n", 2, "column 'JobID' is '', expected an id");
    expect_refused("sacct", HEAD "1|PENDING|Unknown||||\n", 2,
                   "column 'Submit' is 'Unknown', expected a time like 2024-03-01T12:00:00, or "
                   "Unix seconds");
    expect_refused("sacct", HEAD "1|FAILED|0|0|5 s||\n", 2,
                   "column 'Elapsed' is '5 s', expected a span like 1-02:30:00");
    expect_refused("sacct", HEAD "1|FAILED|0|0||1:30|\n", 2,
                   "column 'TimelimitRaw' is '1:30', expected a whole number from 0 to 16777216");
    expect_refused("sacct", "JobID|Submit|Elapsed|Timelimit\n1|0||90\n", 2,
                   "column 'Timelimit' is '90', expected a span like 1-02:30:00, UNLIMITED or "
                   "Partition_Limit");
    expect_refused("sacct", HEAD "1|FAILED|0|0|||gres/gpu=x\n", 2,
                   "column 'AllocTRES' is 'gres/gpu=x', expected resources like "
                   "cpu=8,mem=64G,node=1,gres/gpu:a100=4");
    expect_refused("sacct", HEAD "1|FAILED|0|0|||gres/gpu=99999999\n", 2,
                   "column 'AllocTRES' is 'gres/gpu=99999999', expected resources like "
                   "cpu=8,mem=64G,node=1,gres/gpu:a100=4");
    expect_refused("sacct", HEAD "1|FAILED|0|0|||mem=1P\n", 2,
                   "column 'AllocTRES' is 'mem=1P', expected resources like "
                   "cpu=8,mem=64G,node=1,gres/gpu:a100=4");
    expect_refused("sacct", HEAD "1.batch|FAILED|0|0|||\n", 0,
                   "no jobs in it, expected at least one");
}
