/* test_refused_research.c - what is no trace of a research simulator, by line and reason. */
#include <criterion/criterion.h>

#include "sample.h"

#define GAVEL  "m\tc\td\t-n\t1\t10\t1\t1\t-1\t0\n"
#define POLLUX "name,time,application,num_replicas,batch_size\n"
#define LOG    "\"submitted_time\": \"2017-10-09 07:00:00\""

static const struct refusal bad[] = {
    {"gavel", "a\tb\n", 1, "2 fields between tabs, expected 7, 10 or 12 as in every row"},
    {"gavel", GAVEL "\na\tb\t-n\t1\t1\t0\t1\n", 3,
     "7 fields between tabs, expected 7, 10 or 12 as in every row"},
    {"gavel", GAVEL "m\tc\td\t-n\t1\t-10\t1\t1\t-1\t0\n", 2,
     "field 6 (total steps) is '-10', expected a number, 0 or more"},
    {"gavel", GAVEL "m\tc\td\t-n\t1\t10\t1.5\t1\t-1\t0\n", 2,
     "field 7 (GPUs) is '1.5', expected a whole number from 0 to 16777216"},
    {"gavel", GAVEL "m\tc\td\t-n\t1\t10\t1\t1\t-1\tsoon\n", 2,
     "field 10 (arrival) is 'soon', expected a time in seconds"},
    {"gavel", GAVEL "m\tc\td\t-n\t1\t10\t1\tx\t-1\t0\n", 2,
     "field 8 (priority weight) is 'x', expected a number"},
    {"gavel", GAVEL "m\tc\td\t-n\t1\t10\t1\t1\t\t0\n", 2,
     "field 9 (SLO) is '', expected a number, -1 for none"},
    {"gavel", "m\tc\td\t-n\t1\t10\t1\tgns\t1\t-1\t-5\t0\n", 1,
     "field 11 (duration) is '-5', expected seconds, 0 or more"},
    {"gavel:throughputs=tests/data/traces/gavel_throughputs.json,model=h100", GAVEL, 0,
     "'gavel': model is 'h100', which is no worker type of "
     "tests/data/traces/gavel_throughputs.json"},
    {"gavel:throughputs=tests/data/traces/philly_log.json", GAVEL, 0,
     "tests/data/traces/philly_log.json: at the top: found an array, expected an object of worker "
     "types"},
    {"muri",
     "job_id,num_gpu,submit_time,iterations,model_name,duration,iteration_time\n1,1,x,1,m,1,1\n", 2,
     "column 'submit_time' is 'x', expected a time in milliseconds"},
    {"muri",
     "job_id,num_gpu,submit_time,iterations,model_name,duration,iteration_time\n1,1,1,1,m,-1,1\n",
     2, "column 'duration' is '-1', expected milliseconds, 0 or more"},
    {"elasticflow",
     "job_id,submit_time,iteration,model_name,ddl,batch_size,num_gpu,duration\n,1,1,m,1,1,1,1\n", 2,
     "column 'job_id' is '', expected an id"},
    {"chronus",
     "job_id,user,num_gpu,submit_time,duration,expect_time_list,job_type\n1,u,1,1.5,1,1,soft\n", 2,
     "column 'submit_time' is '1.5', expected whole minutes, 0 or more"},
    {"chronus", "job_id,user,num_gpu,submit_time,duration,expect_time_list\n", 1,
     "the header has no column 'job_type', expected one"},
    {"pai_gaia", "arrival_time,length,cpus\n0,-1,1\n", 2,
     "column 'length' is '-1', expected a time from 0 to 461168601"},
    {"pollux", POLLUX "a,1,b,0,1\n", 2,
     "column 'num_replicas' is '0', expected a whole number from 1 to 65536"},
    {"pollux", POLLUX "a,1,b,1,\n", 2,
     "column 'batch_size' is '', expected a batch size of 1 or more"},
    {"pollux:profiles=tests/data/profiles", POLLUX "a,1,../small,1,1\n", 2,
     "'../small' is no name of an application"},
    {"pollux:profiles=tests/data/profiles", POLLUX "a,1,large,1,1\n", 2,
     "tests/data/profiles/large: cannot be opened: No such file or directory"},
    {"sia:profiles=tests/data/profiles,gpu=slow", POLLUX "a,1,small,1,8\n", 2,
     "tests/data/profiles/small/placements-slow.csv: cannot be read: No such file or "
     "directory"},
    {"philly_json", "{}", 1, "found '{', expected an array"},
    {"philly_json", "[\n{\"jobid\": 1}]", 2, "at jobid: found 1, expected a string"},
    {"philly_json", "[\n\n{" LOG "}]", 3, "a job without 'jobid', expected one"},
    {"philly_json", "[\n{\n\"a\": \"", 3,
     "not valid JSON: found the end, expected the end of the value"},
    {"philly_json", "[7]", 1, "at the top: found 7, expected an object: a job"},
    {"philly_json", "[] x", 1, "not valid JSON: found 'x', expected nothing behind the value"},
    {"philly_json", "[]", 0, "no jobs in it, expected at least one"},
    {"philly_json", "[[]]", 1, "at the top: found an array, expected an object: a job"},
    {"philly_json", "[{\"jobid\": \"a\", \"submitted_time\": \"noon\"}]", 1,
     "at submitted_time: found \"noon\", expected a time like 2017-10-09 07:01:55, or null"},
    {"philly_json",
     "[{\"jobid\": \"a\", " LOG ", \"attempts\": [{\"start_time\": \"2017-10-09 07:00:01\", "
     "\"end_time\": \"2017-10-09 07:00:00\"}]}]",
     1,
     "at attempts[0].end_time: found \"2017-10-09 07:00:00\", expected no time before start_time"},
    {"pai", "a,b\n", 1,
     "neither the job table (6 fields) nor the task table (10 fields) nor the instance table (9 "
     "fields) of PAI"},
    {NULL, "j,t,n,w,i,Terminated,1.5,2.5,m\n", 0,
     "'pai': the instance table tells no sizes; give the task table as tasks=FILE, or put it "
     "beside"},
    {"pai:instances=tests/data/traces/pai_job_table.csv", "j,t,1,Failed,1,2,600,1,50,T4\n", 0,
     "tests/data/traces/pai_job_table.csv: not the instance table of PAI"},
    {"pai", "j,i,u,Failed,1,2\n", 0,
     "'pai': the job table tells no sizes; give the task table as tasks=FILE, or put it beside"},
    {"pai", "j,t,1,Failed,1,2,600,1,50,T4\nj,t,1,Failed,1,2,600,1,50\n", 2,
     "found 9 fields, expected 10: job_name to gpu_type"},
    {"pai", "j,t,1,Failed,1,2,600,1,50,T4\nj,t,one,Failed,1,2,600,1,50,T4\n", 2,
     "inst_num is 'one', expected a whole number from 0 to 1048576"},
    {"pai", "j,i,u,Failed,1,2\nj,i,u,Failed,1,2\n", 2,
     "job_name 'j' was there before, expected another"},
    {"pai:tasks=tests/data/traces/pai_job_table.csv", "j,i,u,Failed,1,2\n", 0,
     "tests/data/traces/pai_job_table.csv: not the task table of PAI"},
};

Test(refused, every_bad_text_of_a_research_simulator)
{
    expect_all_refused(bad, sizeof(bad) / sizeof(bad[0]));
}
