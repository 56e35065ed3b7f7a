/* test_row_rules.c - rows that contradict themselves, notes, and arrivals of the PAI simulator. */
#include <criterion/criterion.h>

#include "sim/workload/trace_format.h"

/* Reads a text by a format; the caller releases *out when this is true. */
static bool read_text(const char *text, const char *format, struct workload *out, struct err *err)
{
    struct file file = {.bytes = mem_copy_text(text, strlen(text)), .length = strlen(text)};
    bool ok = trace_read_text(&file, format, out, err);
    file_release(&file);
    return ok;
}

static void expect_refusal(const char *text, int64_t line, const char *words)
{
    struct workload workload;
    struct err err = {0};
    cr_assert(!read_text(text, NULL, &workload, &err), "read: %s", text);
    cr_assert_eq(err.code, ERR_FORMAT);
    cr_assert_eq(err.line, line, "line %d: %s", (int)err.line, err.msg);
    cr_assert_not_null(strstr(err.msg, words), "%s", err.msg);
}

static bool has_note(const struct workload *workload, const char *words)
{
    for (uint32_t i = 0; i < names_count(&workload->notes); i++) {
        if (strstr(names_get(&workload->notes, i), words) != NULL) {
            return true;
        }
    }
    return false;
}

#define PODS                                                                                       \
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,"            \
    "deletion_time,scheduled_time\n"

Test(row_rules, openb_pods_that_contradict_themselves_are_refused)
{
    expect_refusal(PODS "a,1000,10,0,500,,LS,Running,0,9,1\n", 2, "gpu_milli");
    expect_refusal(PODS "a,1000,10,1,0,,LS,Running,0,9,1\n", 2, "gpu_milli");
    expect_refusal(PODS "a,1000,10,0,0,,LS,Running,0,9,1\nb,1,1,0,0,,LS,Running,5,9,4\n", 3,
                   "scheduled_time");
    expect_refusal(PODS "a,1000,10,0,0,,LS,Running,0,9,10\n", 2, "deletion_time");
    expect_refusal(PODS ",1000,10,0,0,,LS,Running,0,9,1\n", 2, "name");
}

Test(row_rules, openb_says_how_many_pods_tell_no_duration)
{
    const char *text = PODS "a,1000,10,1,1000,,LS,Pending,0,9,\n"
                            "b,1000,10,1,250,A10|T4,BE,Running,2,9,4\r\n"
                            "c,1000,10,2,1000,,BE,Pending,3.0,9,";
    struct workload workload;
    struct err err = {0};
    cr_assert(read_text(text, NULL, &workload, &err), "%s", err.msg);
    cr_assert(has_note(&workload, "2 pods tell no duration"));
    cr_assert_eq(workload.jobs.items[0].duration_us, TIME_UNKNOWN);
    cr_assert_eq(workload.jobs.items[1].duration_us, 5000000);
    workload_release(&workload);
    cr_assert(read_text(text, "openb:lifetime=created", &workload, &err), "%s", err.msg);
    cr_assert(!has_note(&workload, "tell no duration"));
    cr_assert_eq(workload.jobs.items[2].duration_us, 6000000);
    workload_release(&workload);
}

Test(row_rules, helios_says_how_many_states_have_no_meaning)
{
    const char *header = "job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,"
                         "end_time,duration,queue\n";
    struct text text = {0};
    text_add(&text, header);
    text_add(&text, "1,u,6214e9,8,4,1,COMPLETED,2020-04-01 00:00:05,,,7,0\n");
    text_add(&text, "2,u,6214e9,0,4,1,SUSPENDED,2020-04-01 00:00:06,,,7,0\n");
    struct workload workload;
    struct err err = {0};
    cr_assert(read_text(text.bytes, NULL, &workload, &err), "%s", err.msg);
    cr_assert(has_note(&workload, "1 jobs ended in a state"));
    cr_assert_str_eq(names_get(&workload.queues, 0), "6214e9");
    cr_assert_eq(workload.jobs.items[1].outcome, OUTCOME_UNKNOWN);
    workload_release(&workload);
    text_release(&text);
}

Test(row_rules, pai_jobs_can_come_so_many_a_minute)
{
    const char *text = "job_id,num_inst,submit_time,num_cpu,num_gpu,gpu_type,duration,user\n"
                       "10,1,5,6,0.5,T4,100,u\n"
                       "9,1,5,6,0.5,T4,100,u\n"
                       "8,1,7,6,0.5,T4,100,u\n";
    struct workload workload;
    struct err err = {0};
    cr_assert(read_text(text, "pai_sim:per_minute=2", &workload, &err), "%s", err.msg);
    cr_assert_str_eq(workload_job_id(&workload, 0), "9", "of one submit time the smaller id");
    cr_assert_str_eq(workload_job_id(&workload, 1), "10");
    cr_assert_eq(workload.jobs.items[1].submit_us, 0);
    cr_assert_str_eq(workload_job_id(&workload, 2), "8");
    cr_assert_eq(workload.jobs.items[2].submit_us, 60000000);
    workload_release(&workload);
    cr_assert(read_text(text, NULL, &workload, &err), "%s", err.msg);
    cr_assert_eq(workload.jobs.items[2].submit_us, 2000000);
    workload_release(&workload);
}

/* Not every caller hands over a fresh struct err. */
Test(row_rules, an_old_error_does_not_stop_a_named_cluster_format)
{
    struct cluster cluster;
    struct err err = {.code = ERR_IO};
    cr_assert(!trace_read_cluster("/nonexistent", "tiresias", &cluster, &err));
    cr_assert_not_null(strstr(err.msg, "/nonexistent"));
}
