/* test_refused.c - what is no trace is refused with its line, and nothing is left behind. */
#include <criterion/criterion.h>

#include "sample.h"

#define NATIVE "job_id,submit_s,duration_s,gpus\n"
#define OPENB  "name,cpu_milli,memory_mib,num_gpu,gpu_milli\n"
#define PHILLY "timestamp,duration,num_gpus,gpu_time,cluster\n"

static const struct refusal bad[] = {
    {NULL, "", 0, "the file is empty"},
    {NULL, "hello\n", 0, "not the start of any known trace format ('berth list' shows them)"},
    {"native", NATIVE, 0, "no jobs in it, expected at least one"},
    {"native", "job_id,submit_s,duration_s\n", 1, "the header has no column 'gpus', expected one"},
    {"native", "job_id,submit_s,duration_s,gpus,gpu_modle\n", 1,
     "unknown column 'gpu_modle'; did you mean 'gpu_model'? (ignore_unknown=true passes over it)"},
    {"native", "job_id,submit_s,duration_s,gpus,gpus\n", 1, "column 'gpus' is named twice"},
    {"native", NATIVE "a,0,1,1\nb,0,1\n", 3, "found 3 fields, expected 4 as in the header"},
    {"native", NATIVE "a,0,1,1\r\n\r\na,5,1,1", 4, "job id 'a' was there before, expected another"},
    {"native", NATIVE "a,0,-1,1\n", 2, "column 'duration_s' is '-1', expected seconds, 0 or more"},
    {"native", NATIVE "a,,1,1\n", 2, "column 'submit_s' is '', expected a time in seconds"},
    {"native", NATIVE "a,nan,1,1\n", 2, "column 'submit_s' is 'nan', expected a time in seconds"},
    {"native", NATIVE "a,0,inf,1\n", 2,
     "column 'duration_s' is 'inf', expected seconds, 0 or more"},
    {"native", NATIVE "a,0,1,1.5\n", 2,
     "column 'gpus' is '1.5', expected a whole number of GPUs a task, at least 1"},
    {"native", NATIVE "a,0,1,99999999999999999999999\n", 2,
     "column 'gpus' is '99999999999999999999999', expected GPUs from 0 to 16777216"},
    {"native", NATIVE "a,1e300,1,1\n", 2,
     "column 'submit_s' is '1e300', expected a time in seconds"},
    {"native", NATIVE ",0,1,1\n", 2, "column 'job_id' is '', expected an id"},
    {"native", NATIVE "\"a,0,1,1\n", 2, "a quoted field is never closed"},
    {"native", "job_id,submit_s,duration_s,gpus,speeds\na,0,1,1,8:v100\n", 2,
     "column 'speeds' is '8:v100', expected speeds like 8:v100=8|k80=0.5"},
    {"native", "job_id,submit_s,duration_s,gpus,speeds\na,0,1,1,0:v100=8\n", 2,
     "column 'speeds' is '0:v100=8', expected speeds like 8:v100=8|k80=0.5"},
    {"native", "job_id,submit_s,duration_s,gpus,speeds\na,0,1,1,8:v100=-1\n", 2,
     "column 'speeds' is '8:v100=-1', expected speeds like 8:v100=8|k80=0.5"},
    {"native", "job_id,submit_s,duration_s,gpus,speeds\na,0,1,1,8:v100=0\n", 2,
     "column 'speeds' is '8:v100=0', expected a model on which the job can work"},
    {"native", "job_id,submit_s,duration_s,gpus,gpu_model,speeds\na,0,1,1,k80,8:v100=8|k80=0\n", 2,
     "column 'speeds' is '8:v100=8|k80=0', expected a model on which the job can work"},
    {"native", "job_id,submit_s,duration_s,gpus,work_class\na,0,1,1,training\n", 2,
     "column 'work_class' is 'training', expected training_dense, training_memory_bound, inference "
     "or hpc_fp64, perhaps with @MODEL"},
    {"native", "job_id,submit_s,duration_s,gpus,work_class\na,0,1,1,inference@\n", 2,
     "column 'work_class' is 'inference@', expected behind @ a GPU of the catalogue that can do "
     "this work"},
    {"native", "job_id,submit_s,duration_s,gpus,work_class\na,0,1,1,hpc_fp64@Gaudi-3\n", 2,
     "column 'work_class' is 'hpc_fp64@Gaudi-3', expected behind @ a GPU of the catalogue that can "
     "do this work"},
    {"native", "job_id,submit_s,duration_s,gpus,gpu_model,work_class\na,0,1,1,Gaudi-3,hpc_fp64\n",
     2, "column 'work_class' is 'hpc_fp64', expected a model on which the job can work"},
    {"native", "job_id,submit_s,duration_s,gpus,tasks\na,0,1,5,2\n", 2,
     "column 'gpus' is '5', expected a whole number of GPUs a task, at least 1"},
    {"native", "job_id,submit_s,duration_s,gpus,tasks,min_tasks\na,0,1,4,2,3\n", 2,
     "column 'min_tasks' is '3', expected no more than tasks"},
    {"native", "job_id,submit_s,duration_s,gpus,gpu_fraction\na,0,1,1,1\n", 2,
     "column 'gpu_fraction' is '1', expected no whole number"},
    {"native", "job_id,submit_s,duration_s,gpus,gpu_fraction,mig_profile\na,0,1,1,0.5,1g.5gb\n", 2,
     "only one of gpu_fraction, gpu_memory_mib and mig_profile can be given"},
    {"native", "job_id,submit_s,duration_s,gpus,mig_profile\na,0,1,1,8g.5gb\n", 2,
     "column 'mig_profile' is '8g.5gb', expected a MIG profile like 3g.40gb"},
    {"native", "job_id,submit_s,duration_s,gpus,preemptible\na,0,1,1,maybe\n", 2,
     "column 'preemptible' is 'maybe', expected true or false"},
    {"native", "job_id,submit_s,duration_s,gpus,status\na,0,1,1,exploded\n", 2,
     "column 'status' is 'exploded', expected completed, failed, cancelled, timeout, node_fail or "
     "unfinished"},
    {"nativ", NATIVE "a,0,1,1\n", 0, "no trace format 'nativ'; did you mean 'native'?"},
    {"native:speed=1", NATIVE "a,0,1,1\n", 0,
     "'native' has no parameter 'speed'; 'berth list' shows them"},
    {"openb", OPENB "p,1,1,1,0\n", 2,
     "column 'gpu_milli' is '0', expected 0 just where num_gpu is 0"},
    {"openb", OPENB "p,1,1,1,1001\n", 2,
     "column 'gpu_milli' is '1001', expected thousandths from 0 to 1000"},
    {"openb", OPENB "p,-1,1,1,1000\n", 2,
     "column 'cpu_milli' is '-1', expected a whole number, 0 or more"},
    {NULL, "sn,cpu_milli,memory_mib,gpu,model\nn,1,1,0,\n", 0,
     "this is a node list (openb), expected jobs"},
    {"philly", PHILLY "2017-13-01 00:00:00,1,1,1,a\n", 2,
     "column 'timestamp' is '2017-13-01 00:00:00', expected a time like 2017-10-09 07:01:55"},
    {"philly", PHILLY "2017-10-01 00:00:00,-1,1,1,a\n", 2,
     "column 'duration' is '-1', expected seconds, 0 or more"},
    {"tiresias",
     "job_id,num_gpu,submit_time,iterations,model_name,duration,interval\n0,1,0,1,m,,1\n", 2,
     "column 'duration' is '', expected seconds, 0 or more"},
    {"pai_sim",
     "job_id,num_inst,submit_time,num_cpu,num_gpu,gpu_type,duration,user\n0,0,0,1,1,P,1,u\n", 2,
     "column 'num_inst' is '0', expected a whole number from 1 to 1048576"},
    {"helios",
     "job_id,user,vc,gpu_num,cpu_num,state,submit_time,duration\n1,u,v,-1,1,Pass,2020-01-01 "
     "00:00:00,1\n",
     2, "column 'gpu_num' is '-1', expected a whole number from 0 to 16777216"},
    {"helios_fleetsim", "job_id,user,tenant,submit_time,num_chips,duration_s\n1,u,t,0.5,1,1\n", 2,
     "column 'submit_time' is '0.5', expected a time in microseconds"},
    {"gen_parallel",
     "u_id,user,gpu_num,cpu_num,node_num,interval,run_time,wall_time,new_status\n"
     "0,1,1,1,1,-5,1,0,Pass\n",
     2, "column 'interval' is '-5', expected seconds, 0 or more"},
    {"swf", "1 2 3\n", 1, "3 fields, expected 18 numbers"},
    {"swf", "; x\n\n1 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 x\n", 3,
     "field 18 (think time) is 'x', expected a number"},
    {"swf", "1 0 1 1 -2 1 1 1 1 1 1 1 1 1 1 1 1 1\n", 1,
     "field 5 (processors) is '-2', expected 0 or more, or -1 for missing"},
    {"swf", "1 -1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n", 1, "the job has no submit time"},
    {"swf", "; only a header\n", 0, "no jobs in it, expected at least one"},
};

Test(refused, every_bad_text_by_line_and_reason)
{
    expect_all_refused(bad, sizeof(bad) / sizeof(bad[0]));
}
