/* test_refused_others.c - bad texts of the formats of test_samples_*.c, by line and reason. */
#include <criterion/criterion.h>

#include "sample.h"

#define DLRM                                                                                       \
    "instance_sn,role,app_name,cpu_request,gpu_request,memory_request,creation_time,"              \
    "scheduled_time,deletion_time\n"
#define SPOT                                                                                       \
    "job_name,organization,gpu_model,cpu_request,gpu_request,worker_num,submit_time,duration,"     \
    "job_type\n"
#define ACME                                                                                       \
    "job_id,user,node_num,gpu_num,cpu_num,mem_per_pod_GB,type,state,submit_time,start_time,"       \
    "end_time,gpu_time\n"
#define ALCF     ",job,user,project,node_num,submit_time,run_time,wall_time,node_hour,new_status\n"
#define LUMOS    ",run_time,wait_time,submit_time,gpu_num\n"
#define SDSC     "Job_Number,Interval,Run_Time,Number_of_Allocated_Processors\n"
#define AZURE    "TIMESTAMP,ContextTokens,GeneratedTokens\n"
#define GENAI    "gmt_create,predict_status,exec_time_seconds,groupId\n"
#define MOONCAKE "{\"timestamp\": 0, \"input_length\": 1, \"output_length\": 1, \"hash_ids\": []}\n"

#define MOONCAKE_REST "{\"timestamp\": 0, \"input_length\": 1, \"output_length\": 1}"

static const struct refusal bad[] = {
    {NULL, DLRM, 0, "no jobs in it, expected at least one"},
    {NULL, DLRM ",HN,a,1,1,1,,,\n", 2,
     "column 'instance_sn' is '', expected the name of the instance"},
    {NULL, DLRM "i,HN,a,1,65,1,,,\n", 2,
     "column 'gpu_request' is '65', expected a whole number from 0 to 64"},
    {NULL, DLRM "i,HN,a,1,1,-1,,,\n", 2,
     "column 'memory_request' is '-1', expected GiB, 0 or more"},
    {NULL, DLRM "i,HN,a,1,1,1,-1,,\n", 2,
     "column 'creation_time' is '-1', expected seconds, 0 or more"},
    {NULL, DLRM "i,HN,a,1,1,1,5,6,5.5\n", 2,
     "column 'deletion_time' is '5.5', expected a time not before the instance began"},
    {NULL, DLRM "i,HN,a,1,1,1,,,\ni,HN,a,1,1,1,,,\n", 3,
     "job id 'i' was there before, expected another"},
    {NULL, SPOT ",o,A10,1,1,1,0,1,HP\n", 2,
     "column 'job_name' is '', expected the name of the job"},
    {NULL, SPOT "j,o,A10,1,1,1,0,1,hp\n", 2, "column 'job_type' is 'hp', expected HP or Spot"},
    {NULL, SPOT "j,o,A10,1,1,0,0,1,HP\n", 2,
     "column 'worker_num' is '0', expected a whole number from 1 to 1048576"},
    {NULL, SPOT "j,o,A10,1,1.5,1,0,1,HP\n", 2,
     "column 'gpu_request' is '1.5', expected a share of one GPU, or whole GPUs"},
    {NULL, SPOT "j,o,A10,1,72,1,0,1,HP\n", 2,
     "column 'gpu_request' is '72', expected GPUs from 0 to 64"},
    {NULL, SPOT "j,o,A10,1,1,1,0,1,HP\r\nk,o,A10,1,1,1,0,1", 3,
     "found 8 fields, expected 9 as in the header"},
    {NULL, ACME "1,u,1,1,1,,t,s,2023-03-01 00:00:00,,,\n", 2,
     "column 'submit_time' is '2023-03-01 00:00:00', expected a time like 2023-03-01 "
     "00:18:22+08:00"},
    {NULL, ACME "1,u,1,1,1,,t,s,2023-03-01 00:00:00+0800,,,\n", 2,
     "column 'submit_time' is '2023-03-01 00:00:00+0800', expected a time like 2023-03-01 "
     "00:18:22+08:00"},
    {NULL, ACME "1,u,1,1,1,,t,s,2023-03-01 00:00:00+08:0x,,,\n", 2,
     "column 'submit_time' is '2023-03-01 00:00:00+08:0x', expected a time like 2023-03-01 "
     "00:18:22+08:00"},
    {NULL, ACME "1,u,1,1,1,,t,s,2023-03-01 00:00:00+08:00,,x,\n", 2,
     "column 'end_time' is 'x', expected a time like 2023-03-01 00:18:22+08:00"},
    {NULL, ACME ",u,1,1,1,,t,s,2023-03-01 00:00:00+08:00,,,\n", 2,
     "column 'job_id' is '', expected an id"},
    {NULL, ACME "1,u,1,1.5,1,,t,s,2023-03-01 00:00:00+08:00,,,\n", 2,
     "column 'gpu_num' is '1.5', expected a whole number from 0 to 16777216"},
    {NULL, ACME "1,u,1048576,0,1,1000000,t,s,2023-03-01 00:00:00+08:00,,,\n", 2,
     "column 'mem_per_pod_GB' is '1000000', expected less memory on all nodes"},
    {NULL, ALCF "0,,1,1,1,0,1,1,1,Pass\n", 2, "column 'job' is '', expected an id"},
    {NULL, ALCF "0,1,1,1,1.5,0,1,1,1,Pass\n", 2,
     "column 'node_num' is '1.5', expected a whole number from 0 to 16777216"},
    {NULL, ALCF "0,1,1,1,1,,1,1,1,Pass\n", 2,
     "column 'submit_time' is '', expected a time in seconds"},
    {NULL, LUMOS ",1,0,0,1\n", 2, "column '' is '', expected the number of the row"},
    {NULL, LUMOS "0,-1,0,0,1\n", 2, "column 'run_time' is '-1', expected seconds, 0 or more"},
    {NULL, SDSC "1,-1,0,1\n", 2, "column 'Interval' is '-1', expected seconds, 0 or more"},
    {NULL, SDSC "1,0,-0.5,1\n", 2,
     "column 'Run_Time' is '-0.5', expected seconds, 0 or more, or -1 for missing"},
    {NULL, SDSC "1,0,,1\n", 2,
     "column 'Run_Time' is '', expected seconds, 0 or more, or -1 for missing"},
    {NULL, AZURE "2023-11-16 18:15,1,1\n", 2,
     "column 'TIMESTAMP' is '2023-11-16 18:15', expected a time like 2017-10-09 07:01:55"},
    {NULL, AZURE "2023-11-16 18:15:46.6805900,16777217,1\n", 2,
     "column 'ContextTokens' is '16777217', expected tokens from 0 to 16777216"},
    {NULL, AZURE "2023-11-16 18:15:46.6805900,1,-1\n", 2,
     "column 'GeneratedTokens' is '-1', expected tokens from 0 to 16777216"},
    {"azure_llm:share=0", AZURE "2023-11-16 18:15:46.6805900,1,1\n", 0,
     "'azure_llm': share is '0', expected a number from 0.001 to 1"},
    {NULL, GENAI "2024-11-15 00:00:05,SUCCEED,-1,g\n", 2,
     "column 'exec_time_seconds' is '-1', expected seconds, 0 or more"},
    {NULL, MOONCAKE "\n{\"timestamp\": 0}\n", 3, "no key \"input_length\", expected one"},
    {NULL, MOONCAKE "{\"timestamp\": -1}\n", 2,
     "timestamp is no whole number from 0 to 1152921504606846"},
    {NULL, MOONCAKE "{\"input_length\": 16777217}\n", 2,
     "input_length is no whole number from 0 to 16777216"},
    {NULL, MOONCAKE "{\"output_length\": }\n", 2,
     "output_length is no whole number from 0 to 16777216"},
    {NULL, MOONCAKE "[]\n", 2, "character 1: expected '{'"},
    {NULL, MOONCAKE "{\"timestamp\": 0\n", 2, "character 16: expected ',' or '}'"},
    {NULL, MOONCAKE "{\"timestep\": 0}\n", 2,
     "character 3: expected timestamp, input_length, output_length or hash_ids, each once"},
    {NULL, MOONCAKE "{\"timestamp\": 0, \"timestamp\": 0}\n", 2,
     "character 19: expected timestamp, input_length, output_length or hash_ids, each once"},
    {NULL, MOONCAKE "{\"timestamp", 2,
     "character 3: expected timestamp, input_length, output_length or hash_ids, each once"},
    {NULL, MOONCAKE "{\"timestamp\" 0}\n", 2, "character 14: expected ':'"},
    {NULL, MOONCAKE "{timestamp: 0}\n", 2, "character 2: expected a key"},
    {NULL, MOONCAKE "{\"hash_ids\": 1}\n", 2, "character 14: expected an array of block ids"},
    {NULL, MOONCAKE "{\"hash_ids\": [1,]}\n", 2, "character 17: expected a block id"},
    {NULL, MOONCAKE "{\"hash_ids\": [1 2]}\n", 2, "character 17: expected ',' or ']'"},
    {NULL, MOONCAKE MOONCAKE_REST "}\n", 2, "character 56: expected the end of the line"},
};

Test(refused_others, every_bad_text_by_line_and_reason)
{
    expect_all_refused(bad, sizeof(bad) / sizeof(bad[0]));
}
