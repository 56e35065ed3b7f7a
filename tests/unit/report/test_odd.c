/* test_odd.c - names that are no text, places that cannot be written, and steps counted slowly. */
#include <math.h>
#include <sys/stat.h>

#include <criterion/criterion.h>

#include "sim/base/file.h"
#include "sim/base/rng.h"
#include "sim/report/profile.h"
#include "tests/unit/report/story.h"

/* -- names ----------------------------------------------------------------------------------- */

/* 0xff occurs in no UTF-8. Tables keep the bytes of the trace, JSON has a question mark for each
 * that cannot be in it. */
Test(names, that_are_not_utf8_stay_in_tables_and_are_mended_in_json)
{
    struct story story;
    struct err err = {0};
    story_init(&story, "1x1");
    story.options.log_decisions = true;
    story.options.html = true;
    story_add_job(&story, "j\xff", "q\xff", 0, SECOND_US, 1);
    story_add_job(&story, "\xc3\xa9\xc3", "q\xff", 0, SECOND_US, 1);
    story_open(&story, true);
    story_tell(&story, 0, LOG_SUBMIT, 0, 1);
    story_tell(&story, 0, LOG_SUBMIT, 1, 1);
    story_tell_record(
        &story,
        (struct log_record){
            .time_us = 0, .kind = LOG_REJECT, .job = 1, .gpu_milli = 1000, .reason = "no \xff"});
    cr_assert(story_end(&story, 2 * SECOND_US, &err), "%s", err.msg);
    story_expect(&story, "jobs.csv",
                 "job_id,user,queue,gpus,submit_s,start_s,end_s,wait_s,jct_s,run_s,preemptions,"
                 "state,lost_s,reason\n"
                 "j\xff,u,q\xff,1,0,,,,,,0,pending,0,\n"
                 "\xc3\xa9\xc3,u,q\xff,1,0,,,,,,0,rejected,0,no \xff\n");
    story_expect(&story, "decisions.jsonl",
                 "{\"time_s\":0,\"decision\":\"reject\",\"job\":\"\xc3\xa9?\",\"queue\":\"q?\","
                 "\"gpus\":1,\"reason\":\"no ?\"}\n");
    struct text summary = {0};
    story_read(&story, "summary.json", &summary);
    json_t *root = json_loads(summary.bytes, 0, NULL); /* jansson takes UTF-8 only */
    cr_assert_not_null(root);
    const json_t *first =
        json_array_get(json_object_get(json_object_get(root, "censored"), "first_jobs"), 0);
    cr_assert_str_eq(json_string_value(first), "j?");
    json_decref(root);
    text_release(&summary);
    story_release(&story);
}

/* Line breaks, quotes and commas of a name are inside quotes; nothing else is quoted. */
Test(names, are_quoted_in_tables_only_where_they_must_be)
{
    struct story story;
    struct err err = {0};
    story_init(&story, "1x1");
    story_add_job(&story, "a\nb", "x\"y", 0, SECOND_US, 1);
    story_add_job(&story, " c;'d", "", 0, SECOND_US, 1);
    story_open(&story, true);
    story_tell(&story, 0, LOG_SUBMIT, 0, 1);
    story_tell(&story, 0, LOG_SUBMIT, 1, 1);
    cr_assert(story_end(&story, 0, &err), "%s", err.msg);
    story_expect(&story, "jobs.csv",
                 "job_id,user,queue,gpus,submit_s,start_s,end_s,wait_s,jct_s,run_s,preemptions,"
                 "state,lost_s,reason\n"
                 "\"a\nb\",u,\"x\"\"y\",1,0,,,,,,0,pending,0,\n"
                 " c;'d,u,,1,0,,,,,,0,pending,0,\n");
    story_release(&story);
}

/* -- places ---------------------------------------------------------------------------------- */

static void make_results(struct story *story)
{
    struct text path = {0};
    struct err err = {0};
    cr_assert_eq(mkdir(story->folder, 0777), 0);
    text_addf(&path, "%s/run.json", story->folder);
    cr_assert(file_write(path.bytes, view_of("older"), &err), "%s", err.msg);
    text_clear(&path);
    text_addf(&path, "%s/report.html", story->folder);
    cr_assert(file_write(path.bytes, view_of("older"), &err), "%s", err.msg);
    text_release(&path);
}

/* Works for the superuser too, whom no permission stops. */
Test(places, a_folder_below_a_file_is_refused_and_nothing_made)
{
    struct story story;
    struct err err = {0};
    story_init_all(&story);
    cr_assert(workload_finish(&story.workload, &err));
    cr_assert(file_write(story.folder, view_of("a file"), &err));
    struct text path = {0};
    text_addf(&path, "%s/inner", story.folder);
    struct report *report =
        report_open(&story.options, &story.workload, &story.cluster, path.bytes, &err);
    cr_assert_null(report);
    cr_assert_neq(err.code, ERR_NONE);
    cr_assert_not_null(strstr(err.msg, path.bytes), "%s", err.msg);
    cr_assert_eq(story_count_entries(&story), 1);
    text_release(&path);
    story_release(&story);
}

Test(places, a_run_that_is_given_up_leaves_the_older_results)
{
    struct story story;
    story_init_all(&story);
    make_results(&story);
    story_open(&story, true);
    story_tell_all(&story);
    story_expect(&story, "run.json", "older");
    report_free(story.report);
    story.report = NULL;
    story_expect(&story, "run.json", "older");
    story_expect(&story, "report.html", "older");
    cr_assert_eq(story_count_entries(&story), 1);
    story_release(&story);
}

Test(places, new_results_leave_no_file_of_older_ones)
{
    struct story story;
    struct err err = {0};
    struct stat info;
    story_init_all(&story);
    make_results(&story);
    story_open(&story, true);
    story_tell_all(&story);
    cr_assert(story_end(&story, 200 * SECOND_US, &err), "%s", err.msg);
    struct text path = {0};
    text_addf(&path, "%s/report.html", story.folder);
    cr_assert_neq(stat(path.bytes, &info), 0, "this run has no page");
    cr_assert_eq(story_count_entries(&story), 1);
    text_release(&path);
    story_release(&story);
}

Test(places, a_folder_with_other_files_is_refused_and_left_alone)
{
    struct story story;
    struct err err = {0};
    story_init_all(&story);
    cr_assert(workload_finish(&story.workload, &err));
    cr_assert_eq(mkdir(story.folder, 0777), 0);
    struct text path = {0};
    text_addf(&path, "%s/thesis.tex", story.folder);
    cr_assert(file_write(path.bytes, view_of("mine"), &err));
    cr_assert_null(
        report_open(&story.options, &story.workload, &story.cluster, story.folder, &err));
    cr_assert_eq(err.code, ERR_USAGE);
    story_expect(&story, "thesis.tex", "mine");
    cr_assert_eq(story_count_entries(&story), 1);
    text_release(&path);
    story_release(&story);
}

/* -- steps over time, one microsecond after the other ----------------------------------------- */

enum { MOST_US = 600, BUCKETS = 8, SERIES = 2 };

static void check_buckets(const struct profile *profile, double values[SERIES][MOST_US],
                          int64_t end_us)
{
    int64_t width_us = 1;
    while (width_us * BUCKETS < end_us) {
        width_us *= 2;
    }
    cr_assert_eq(profile->width_us, width_us, "no wider than needed");
    cr_assert_eq(profile_used(profile), (end_us + width_us - 1) / width_us);
    for (uint32_t series = 0; series < SERIES; series++) {
        for (uint32_t bucket = 0; bucket < profile_used(profile); bucket++) {
            double sum = 0;
            double peak = 0;
            int64_t count = 0;
            for (int64_t at_us = bucket * width_us;
                 at_us < end_us && at_us < (bucket + 1) * width_us; at_us++) {
                sum += values[series][at_us];
                peak = fmax(peak, values[series][at_us]);
                count++;
            }
            double mean = sum / (double)count;
            cr_assert(fabs(profile_mean(profile, series, bucket) - mean) <= 1e-12 * (1 + mean));
            cr_assert(fabs(profile_peak(profile, series, bucket) - peak) <= 0);
        }
    }
}

Test(profile, every_bucket_is_that_of_a_slow_count_at_every_width)
{
    gsl_rng *rng = rng_new(3, "test", 0);
    for (int round = 0; round < 50; round++) {
        double values[SERIES][MOST_US] = {{0}};
        struct profile profile;
        profile_init(&profile, BUCKETS, SERIES);
        int64_t now_us = 0;
        int64_t longest_us = 1 + round;
        for (;;) {
            int64_t until_us =
                now_us + 1 + (int64_t)gsl_rng_uniform_int(rng, (unsigned long)longest_us);
            if (until_us > MOST_US) {
                break;
            }
            for (uint32_t series = 0; series < SERIES; series++) {
                double value = (double)gsl_rng_uniform_int(rng, 9);
                profile_add(&profile, series, now_us, until_us, value);
                for (int64_t at_us = now_us; at_us < until_us; at_us++) {
                    values[series][at_us] = value;
                }
            }
            now_us = until_us;
            check_buckets(&profile, values, now_us);
        }
        profile_release(&profile);
    }
    gsl_rng_free(rng);
}
