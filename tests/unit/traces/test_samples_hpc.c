/* test_samples_hpc.c - logs of machines and of research clusters, as samples with their traps. */
#include <criterion/criterion.h>

#include "sample.h"

Test(samples_hpc, acme_of_seren_counts_from_the_start_in_utc)
{
    expect_jobs("acme_seren.csv", "acme",
                "job_id,submit_s,duration_s,gpus,user,queue,tasks,cpus,status\n"
                "6,1677596400,,0,ub,Other,2,8,cancelled\n"
                "7,1677601102,3600,16,ua,Pretrain,,128,completed\n"
                "8,1677601102,,1,ub,\"Eval, short\",,4,timeout\n"
                "9,1677601103,0,8,ub,Eval,,4,node_fail\n");
}

Test(samples_hpc, acme_of_kalos_counts_from_the_start_and_adds_up_memory)
{
    expect_jobs("acme_kalos.csv", "acme",
                "job_id,submit_s,duration_s,gpus,user,queue,tasks,cpus,memory_mib,status\n"
                "dlc1,1684321258,8,16,uc,Other,,24,205824,failed\n"
                "dlc0,1684323000,60,0,uc,Other,2,8,8192,completed\n");
}

Test(samples_hpc, alcf_sizes_are_nodes_and_user_0_is_nobody)
{
    expect_jobs("alcf.csv", "alcf",
                "job_id,submit_s,duration_s,gpus,user,queue,estimate_s,status\n"
                "101,1672529190,3602.3,8,,,3600,failed\n"
                "102,1672529197,2305.54,1,24166353,33510060,3600,completed\n"
                "103,1672529197,,0,5,7,,cancelled\n");
}

Test(samples_hpc, lumos_makes_a_job_of_every_attempt)
{
    expect_jobs("lumos.csv", "lumos",
                "job_id,submit_s,duration_s,gpus\n"
                "1,1502114580,60,8\n"
                "0,1502114581,1389243,1\n"
                "2,1502114581,30,8\n"
                "3,1502114582,,0\n");
}

Test(samples_hpc, sdsc_par_sums_intervals_and_misses_minus_one)
{
    expect_jobs("sdsc_par.csv", "sdsc_par",
                "job_id,submit_s,duration_s,gpus\n"
                "1,0,37349,128\n"
                "3,4751.5,,1\n"
                "2,4751.5,0,4\n");
}

Test(samples_hpc, sdsc_par_takes_missing_run_times_for_none_when_told_so)
{
    expect_jobs("sdsc_par.csv", "sdsc_par:missing=zero",
                "job_id,submit_s,duration_s,gpus\n"
                "1,0,37349,128\n"
                "3,4751.5,0,1\n"
                "2,4751.5,0,4\n");
}
