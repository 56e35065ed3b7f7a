/* test_samples_batsim.c - Batsim JSON: every kind of profile, what is refused, and back again. */
#include <criterion/criterion.h>

#include "equal.h"
#include "sample.h"
#include "sim/workload/batsim_write.h"
#include "sim/workload/native_write.h"
#include "texts.h"

Test(samples_batsim, profiles_tell_durations)
{
    expect_jobs("batsim.json", "batsim",
                "job_id,submit_s,duration_s,gpus,user,queue,estimate_s,status\n"
                "7,0,5,2,3,q,,\n"
                "all,1,5,4,bob,,,\n"
                "list,1,3,2,,,3600,\n"
                "twice,1,50.4,1,,,1000000,\n"
                "mpi,2,,1,,,,\n"
                "seq-of-mpi,2,,1,,,,\n"
                "new,3,2,4,,,,\n"
                "late,100.25,20.2,4,ann,\"day, night\",10,failed\n");
}

Test(samples_batsim, speed_and_limit_are_settings)
{
    expect_jobs("batsim.json", "batsim:gflops=2.5,walltime=limit",
                "job_id,submit_s,duration_s,gpus,user,queue,estimate_s,status\n"
                "7,0,2,2,3,q,,\n"
                "all,1,2,4,bob,,,\n"
                "list,1,1.2,2,,,3600,\n"
                "twice,1,44.4,1,,,1000000,\n"
                "mpi,2,,1,,,,\n"
                "seq-of-mpi,2,,1,,,,\n"
                "new,3,0.8,4,,,,\n"
                "late,100.25,10,4,ann,\"day, night\",10,failed\n");
}

#define JOB                   "{\"id\": \"a\", \"subtime\": 0, \"res\": 1, \"profile\": \"p\"}"
#define DELAY                 "\"p\": {\"type\": \"delay\", \"delay\": 1}"
#define WORLD(jobs, profiles) "{\"jobs\": [" jobs "], \"profiles\": {" profiles "}}"

Test(samples_batsim, what_is_guessed_is_noted)
{
    expect_note("batsim",
                WORLD(JOB, "\"p\": {\"type\": \"parallel_homogeneous\", \"cpu\": 1e9, "
                           "\"com\": 1}"),
                "1 jobs compute: their duration supposes resources of 1 Gflop/s");
    expect_note("batsim",
                WORLD(JOB, "\"p\": {\"type\": \"parallel_homogeneous\", \"cpu\": 0, "
                           "\"com\": 1}"),
                "1 jobs communicate");
    expect_note("batsim", WORLD(JOB, "\"p\": {\"type\": \"smpi\"}"), "1 jobs have a profile");
    expect_note("batsim", WORLD(JOB, DELAY), "1 jobs have no walltime");
    expect_note("batsim",
                WORLD("{\"id\": \"a\", \"subtime\": 0, \"res\": 1, \"walltime\": 0.5, \"profile\": "
                      "\"p\"}",
                      DELAY),
                "1 jobs run longer than their walltime");
}

struct bad {
    const char *text;
    int64_t line;
    const char *message;
};

static const struct bad bad[] = {
    {"{\"jobs\": 3, \"profiles\": {}}", 1, "at jobs: found '3', expected a list of jobs"},
    {"{\"jobs\": [], \"profiles\": {}, \"jobs\": []}", 1, "\"jobs\" is there twice"},
    {"{\"jobs\": []}", 0, "at profiles: missing, expected an object"},
    {WORLD("", DELAY), 0, "no jobs in it, expected at least one"},
    {WORLD("7", DELAY), 1, "at jobs[0]: found 7, expected an object"},
    {WORLD("{}", DELAY), 1, "at jobs[0].id: missing, expected an id"},
    {WORLD("{\"id\": \"a\"}", DELAY), 1,
     "at jobs[0].subtime: missing, expected a number of seconds"},
    {WORLD("{\"id\": \"a\", \"subtime\": \"0\"}", DELAY), 1,
     "at jobs[0].subtime: found \"0\", expected a number of seconds"},
    {WORLD("{\"id\": \"a\", \"subtime\": 0, \"profile\": \"p\"}", DELAY), 1,
     "at jobs[0].res: missing, expected a number of resources"},
    {WORLD("{\"id\": \"a\", \"subtime\": 0, \"res\": 0, \"profile\": \"p\"}", DELAY), 1,
     "at jobs[0].res: found 0, expected a whole number from 1 to 16777216"},
    {WORLD("{\"id\": \"a\", \"subtime\": 0, \"res\": 1, \"profile\": \"q\"}", DELAY), 1,
     "at jobs[0].profile: found \"q\", expected the name of a profile"},
    {WORLD(JOB "," JOB, DELAY), 1, "jobs[1]: job id 'a' was there before, expected another"},
    {WORLD("{\"id\": \"a\", \"subtime\": 1e300, \"res\": 1, \"profile\": \"p\"}", DELAY), 1,
     "jobs[0]: the submit time is beyond 36,000 years"},
    {WORLD(JOB, "\"p\": 1"), 0, "at profiles.p: found 1, expected an object"},
    {WORLD(JOB, "\"p\": {}"), 0,
     "at profiles.p.type: missing, expected the type of the profile, like \"delay\""},
    {WORLD(JOB, "\"p\": {\"type\": \"delay\"}"), 0,
     "at profiles.p.delay: missing, expected a number of seconds"},
    {WORLD(JOB, "\"p\": {\"type\": \"delay\", \"delay\": -1}"), 0,
     "at profiles.p.delay: found -1, expected a number, 0 or more"},
    {WORLD(JOB, "\"p\": {\"type\": \"delay\", \"delay\": 1e300}"), 0,
     "at profiles.p.delay: found 1e+300, expected a number of at most 10^30"},
    {WORLD(JOB, "\"p\": {\"type\": \"delay\", \"delay\": 1e20}"), 1,
     "jobs[0]: the duration is beyond 36,000 years, expected 0 or more"},
    {WORLD(JOB, "\"p\": {\"type\": \"parallel\", \"cpu\": [1, \"x\"]}"), 0,
     "at profiles.p.cpu[1]: found \"x\", expected a number from 0 to 10^30"},
    {WORLD(JOB, "\"p\": {\"type\": \"composed\", \"seq\": [\"q\"]}"), 0,
     "at profiles.p.seq[0]: found \"q\", expected the name of a profile"},
    {WORLD(JOB, "\"p\": {\"type\": \"composed\", \"seq\": [\"p\"]}"), 0,
     "at profiles.p: a sequence that contains itself, or sequences within sequences deeper than "
     "16"},
};

Test(samples_batsim, bad_workloads_are_refused_with_their_place)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        expect_refused("batsim", bad[i].text, bad[i].line, bad[i].message);
    }
    expect_refused("batsim", "{\"jobs\": [\n}", 2,
                   "not valid JSON: found the end, expected ',' or '}'");
    expect_refused("batsim", "{\"jobs\": [\n{\"id\":\n01}], \"profiles\": {}}", 3,
                   "not valid JSON: invalid token near '0'");
}

Test(samples_batsim, what_batsim_holds_comes_back_equal)
{
    struct text written = {0};
    struct text native = {0};
    struct names notes = {0};
    struct workload first;
    struct workload again;
    struct err err = {0};
    const char *text = "job_id,submit_s,duration_s,gpus,user,queue,estimate_s,status\n"
                       "b,10.000001,5,2,ann,\"q\"\"1\",60,failed\n"
                       "a,10.000001,5,2,,,,\n"
                       "c,1600000000.5,1.25,64,,x,1.5,\n";
    read_written(text, strlen(text), NULL, &first);
    batsim_write(&written, &first, &notes);
    cr_assert_eq(names_count(&notes), 0);
    read_written(written.bytes, written.length, NULL, &again);
    cr_assert_str_eq(again.format, "batsim");
    expect_equal_workloads(&first, &again, "batsim");
    cr_assert(native_write(&native, &again, &err));
    cr_assert_str_eq(native.bytes, text);
    workload_release(&again);
    workload_release(&first);
    names_release(&notes);
    text_release(&native);
    text_release(&written);
}
