/* test_rebuild.c - names that are taken, traces that lack something: small cases by hand. */
#include <criterion/criterion.h>

#include "sim/transform/anonymise.h"
#include "sim/transform/rebuild.h"
#include "sim/transform/resample.h"
#include "sim/transform/scale.h"
#include "sim/workload/trace_format.h"
#include "world.h"

static void take(const char *csv, struct workload *out)
{
    struct file file = {.bytes = mem_copy_text(csv, strlen(csv)), .length = strlen(csv)};
    struct err err = {0};
    cr_assert(trace_read_text(&file, "native", out, &err), "%s", err.msg);
    file_release(&file);
}

/* Copies of job "a" pass over "a~2" and "a~3", which are other jobs of the trace. */
Test(rebuild, ids_of_copies_pass_over_what_is_taken)
{
    struct workload from;
    struct workload out;
    struct rebuild_ids ids;
    take("job_id,submit_s,duration_s,gpus\na,0,1,1\na~2,1,1,1\na~3,2,1,1\n", &from);
    workload_init(&out);
    rebuild_ids_init(&ids, &from);
    const char *const expected[] = {"a", "a~4", "a~5"};
    for (int i = 0; i < 3; i++) {
        struct view id = rebuild_ids_next(&ids, &from, &from.jobs.items[0], &out);
        cr_expect(view_is(id, expected[i]), "%.*s", VIEW_ARG(id));
    }
    rebuild_ids_release(&ids);
    workload_release(&from);
    workload_release(&out);
}

Test(rebuild, copies_of_users_pass_over_names_that_are_taken)
{
    struct workload from;
    struct workload out;
    struct err err = {0};
    struct scale_users twice = {.factor = 2, .tolerance = 0.01, .seed = 1};
    take("job_id,submit_s,duration_s,gpus,user\na,0,1,1,u\nb,100,1,1,u+1\n", &from);
    cr_assert(scale_by_users(&twice, &from, &out, &err), "%s", err.msg);
    cr_expect_eq(out.jobs.count, 4);
    cr_expect_eq(names_count(&out.users), 4);
    cr_expect_neq(names_find(&out.users, view_of("u++1")), NAMES_NONE);
    cr_expect_neq(names_find(&out.users, view_of("u+1+1")), NAMES_NONE);
    workload_release(&from);
    workload_release(&out);
}

Test(rebuild, users_of_a_trace_without_durations_weigh_their_jobs)
{
    struct workload from;
    struct workload out;
    struct err err = {0};
    struct scale_users half = {.factor = 0.5, .tolerance = 0.01, .seed = 1};
    take("job_id,submit_s,duration_s,gpus,user\na,0,,1,u\nb,1,,1,v\nc,2,,1,w\nd,3,,1,x\n", &from);
    cr_assert(scale_by_users(&half, &from, &out, &err), "%s", err.msg);
    cr_expect_eq(out.jobs.count, 2);
    workload_release(&from);
    workload_release(&out);
}

Test(rebuild, scaling_by_users_needs_users)
{
    struct workload from;
    struct workload out;
    struct err err = {0};
    struct scale_users half = {.factor = 0.5, .tolerance = 1, .seed = 1};
    take("job_id,submit_s,duration_s,gpus\na,0,1,1\nb,1,1,1\n", &from);
    cr_assert_not(scale_by_users(&half, &from, &out, &err));
    cr_expect_not_null(strstr(err.msg, "the trace names no users"));
    cr_expect(scale_offered_load(&from, 0) <= 0, "no cluster, no load");
    workload_release(&from);
}

/* Else who sees a queue named like a person would know the person's replacement. */
Test(rebuild, one_word_as_user_and_queue_gets_two_replacements)
{
    struct workload workload;
    struct err err = {0};
    struct anonymise settings = {.key = siphash_key_of(view_of("k"))};
    take("job_id,submit_s,duration_s,gpus,user,queue\nann,0,1,1,ann,ann\nb,1,1,1,,ann\n",
         &workload);
    cr_assert(anonymise_apply(&settings, &workload, &err), "%s", err.msg);
    const struct job *job = &workload.jobs.items[0];
    const char *id = workload_job_id(&workload, 0);
    const char *user = names_get(&workload.users, job->user);
    const char *queue = names_get(&workload.queues, job->queue);
    cr_expect_str_neq(id + 1, user + 1);
    cr_expect_str_neq(user + 1, queue + 1);
    cr_expect_eq(strlen(user), 17);
    cr_expect_str_eq(names_get(&workload.users, workload.jobs.items[1].user), "",
                     "who had no name has none");
    workload_release(&workload);
}

Test(rebuild, blocks_of_days_have_a_bound)
{
    struct workload from;
    struct workload out;
    struct err err = {0};
    struct resample_days days = {.days = 1, .seed = 1};
    take("job_id,submit_s,duration_s,gpus\na,0,1,1\nb,1000000000000,1,1\n", &from);
    cr_assert_not(resample_by_days(&days, &from, &out, &err));
    cr_expect_not_null(strstr(err.msg, "blocks of days, expected at most"));
    workload_release(&from);
}

/* Gangs, fractions, models, levels, checkpoints: a draft of a job is that job. */
Test(rebuild, drafts_are_the_jobs_they_were_made_of)
{
    struct workload from;
    struct workload out;
    struct err err = {0};
    struct job_draft draft;
    job_draft_init(&draft);
    take("job_id,submit_s,duration_s,gpus,user,queue,tasks,min_tasks,gpu_fraction,gpu_memory_mib,"
         "mig_profile,cpus,memory_mib,gpu_model,priority,preemptible,estimate_s,checkpoint_s,"
         "required_topology,preferred_topology,status\n"
         "a,5,60,8,u,q,4,2,,,,16,4096,A100|H100,3,false,90,10,rack,block,completed\n"
         "b,6,,0.5,v,q,,,0.5,,,,,,,,,,,,failed\nc,7,1,2,,,,,,,3g.40gb,,,,,,,,,,\n"
         "d,8,1,1,,,,,,8192,,,,,-4,,,,,,\ne,9,0,7,,,,,,,,,,,,,,,,,\n",
         &from);
    rebuild_begin(&out, &from);
    for (size_t i = 0; i < from.jobs.count; i++) {
        rebuild_draft(&from, &from.jobs.items[i], &draft);
        cr_assert(workload_add(&out, &draft, 0, &err), "%s", err.msg);
    }
    cr_assert(workload_finish(&out, &err), "%s", err.msg);
    world_expect_equal(&from, &out);
    workload_release(&from);
    workload_release(&out);
}
