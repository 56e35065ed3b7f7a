/* test_stats.c - figures of workloads small enough to count by hand. */
#include <math.h>

#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"
#include "sim/workload/stats.h"
#include "sim/workload/trace_format.h"

static void measure(const char *csv, const char *cluster_source, struct workload *workload,
                    struct stats *stats)
{
    struct file file = {.bytes = mem_copy_text(csv, strlen(csv)), .length = strlen(csv)};
    struct err err = {0};
    cr_assert(trace_read_text(&file, "native", workload, &err), "%s", err.msg);
    file_release(&file);
    struct cluster cluster;
    if (cluster_source != NULL) {
        cr_assert(cluster_from_short_form(cluster_source, &cluster, &err), "%s", err.msg);
    }
    stats_measure(workload, cluster_source != NULL ? &cluster : NULL, stats);
    if (cluster_source != NULL) {
        cluster_release_all(&cluster);
    }
}

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

static const char four_jobs[] = "job_id,submit_s,duration_s,gpus,user,queue,estimate_s,gpu_model\n"
                                "a,100,3600,2,u,q1,7200,\n"
                                "b,3700,1800,0.5,v,q2,1800,\n"
                                "c,50,,16,u,q1,60,A100\n"
                                "d,3650,7200,0,v,q1,3600,\n";

Test(stats, are_what_can_be_counted_by_hand)
{
    struct workload workload;
    struct stats stats;
    measure(four_jobs, "1x8", &workload, &stats);
    cr_expect_eq(stats.jobs, 4);
    cr_expect_eq(stats.without_gpu, 1);
    cr_expect_eq(stats.fraction, 1);
    cr_expect_eq(stats.multi, 2);
    cr_expect(near(stats.gpu_hours, 2.25));
    cr_expect(near(stats.demand_gpus, 18.5));
    cr_expect_eq(stats.first_us, 50000000);
    cr_expect_eq(stats.last_us, 3700000000);
    cr_expect_not(stats.was_sorted);
    cr_expect_eq(stats.durations.jobs, 3);
    cr_expect_eq(stats.durations.p50_us, 3600000000);
    cr_expect_eq(stats.durations.p90_us, 7200000000);
    cr_expect(near(stats.durations.mean_s, 4200));
    workload_release(&workload);
    stats_release(&stats);
}

Test(stats, compare_estimates_where_both_are_told)
{
    struct workload workload;
    struct stats stats;
    measure(four_jobs, NULL, &workload, &stats);
    cr_expect_eq(stats.estimates.jobs, 4);
    cr_expect_eq(stats.estimates.compared, 3);
    cr_expect_eq(stats.estimates.exact, 1);
    cr_expect_eq(stats.estimates.exceeded, 1);
    cr_expect(near(stats.estimates.mean_accuracy, (0.5 + 1 + 1) / 3));
    cr_expect(near(stats.estimates.p50_accuracy, 1));
    cr_expect(near(stats.load.gpus, 0));
    workload_release(&workload);
    stats_release(&stats);
}

Test(stats, name_the_largest_queue_first)
{
    struct workload workload;
    struct stats stats;
    measure(four_jobs, NULL, &workload, &stats);
    cr_assert_eq(stats.queues.count, 2);
    cr_expect_str_eq(stats.queues.items[0].name, "q1");
    cr_expect_eq(stats.queues.items[0].jobs, 3);
    cr_expect(near(stats.queues.items[0].gpu_hours, 2));
    cr_expect_str_eq(stats.users.items[1].name, "v");
    cr_expect(near(stats.users.items[1].gpu_hours, 0.25));
    workload_release(&workload);
    stats_release(&stats);
}

Test(stats, measure_the_load_on_a_cluster)
{
    struct workload workload;
    struct stats stats;
    measure(four_jobs, "1x8", &workload, &stats);
    cr_expect(near(stats.load.gpus, 8));
    cr_expect(near(stats.load.offered, 2.25 / (8 * 3650 / 3600.0)));
    cr_expect_eq(stats.load.too_large, 1);
    cr_expect_eq(stats.load.bad_models, 1);
    workload_release(&workload);
    stats_release(&stats);
}

/* Two sizes with as many jobs: the smaller comes first; GPUs of equal sums are one size. */
Test(stats, sizes_come_by_jobs_and_then_by_size)
{
    struct workload workload;
    struct stats stats;
    measure("job_id,submit_s,duration_s,gpus,tasks\na,0,1,8,\nb,0,1,8,2\nc,0,1,4,\nd,0,1,4,4\n"
            "e,0,0,1,\n",
            NULL, &workload, &stats);
    cr_assert_eq(stats.sizes.count, 3);
    cr_expect_eq(stats.sizes.items[0].gpu_milli, 4000);
    cr_expect_eq(stats.sizes.items[1].gpu_milli, 8000);
    cr_expect_eq(stats.sizes.items[1].jobs, 2);
    cr_expect_eq(stats.sizes.items[2].jobs, 1);
    cr_expect_eq(stats.gangs, 2);
    cr_expect_eq(stats.durations.zero, 1);
    workload_release(&workload);
    stats_release(&stats);
}

Test(stats, are_valid_json_even_with_odd_names)
{
    struct workload workload;
    struct stats stats;
    measure("job_id,submit_s,duration_s,gpus,user\na,0,,1,\xff\"x\n", "2x2", &workload, &stats);
    json_t *object = stats_json(&workload, &stats);
    cr_assert_not_null(object);
    cr_expect_eq(json_integer_value(json_object_get(object, "jobs")), 1);
    cr_expect_not_null(json_object_get(object, "load"));
    json_decref(object);
    struct text text = {0};
    stats_add_text(&text, &workload, &stats);
    cr_expect_not_null(strstr(text.bytes, "1 jobs tell no duration and cannot be replayed"));
    cr_expect_not_null(strstr(text.bytes, "(the first: a)"));
    text_release(&text);
    workload_release(&workload);
    stats_release(&stats);
}

/* 2017-10-09 was a Monday; 1,507,507,200 s after 1970 it began. */
Test(stats, count_submits_by_hour_and_weekday)
{
    struct workload workload;
    struct stats stats;
    measure("job_id,submit_s,duration_s,gpus\na,1507507200,1,1\nb,1507510799,1,1\n"
            "c,1507510800,1,1\nd,1508111999,1,1\ne,1508111999,2,1\n",
            NULL, &workload, &stats);
    cr_expect(stats.arrivals.is_dated);
    cr_expect_eq(stats.arrivals.by_weekday[0], 3);
    cr_expect_eq(stats.arrivals.by_weekday[6], 2);
    cr_expect_eq(stats.arrivals.by_hour[0], 2);
    cr_expect_eq(stats.arrivals.by_hour[1], 1);
    cr_expect_eq(stats.arrivals.by_hour[23], 2);
    cr_expect_eq(stats.arrivals.at_once, 1);
    cr_expect(near(stats.arrivals.mean_gap_s, 604799.0 / 4));
    cr_expect_eq(stats.arrivals.longest_gap_us, 601199000000);
    workload_release(&workload);
    stats_release(&stats);
    measure("job_id,submit_s,duration_s,gpus\na,-1,1,1\nb,3600,1,1\n", NULL, &workload, &stats);
    cr_expect_not(stats.arrivals.is_dated);
    cr_expect_eq(stats.arrivals.by_hour[23], 1, "before the zero is the day before");
    cr_expect_eq(stats.arrivals.by_weekday[6], 1);
    cr_expect_eq(stats.arrivals.by_weekday[0], 1);
    cr_expect(near(stats.arrivals.gap_variation, 0));
    workload_release(&workload);
    stats_release(&stats);
}

Test(stats, put_every_job_into_one_bin)
{
    struct workload workload;
    struct stats stats;
    measure(four_jobs, NULL, &workload, &stats);
    cr_expect_eq(stats.duration_bins[5].jobs, 2, "1 to 6 h: 3600 s and 7200 s");
    cr_expect_eq(stats.duration_bins[4].jobs, 1);
    cr_expect(near(stats.duration_bins[5].gpu_hours, 2));
    cr_expect_eq(stats.size_bins[0].jobs, 1);
    cr_expect_eq(stats.size_bins[1].jobs, 1);
    cr_expect_eq(stats.size_bins[3].jobs, 1);
    cr_expect_eq(stats.size_bins[6].jobs, 1);
    cr_expect(near(stats.size_bins[1].gpu_hours, 0.25));
    cr_expect_eq(stats.estimates.bins[5], 1);
    cr_expect_eq(stats.estimates.bins[9], 2);
    workload_release(&workload);
    stats_release(&stats);
}

Test(stats, name_the_first_job_of_each_suspicion)
{
    struct workload workload;
    struct stats stats;
    measure("job_id,submit_s,duration_s,gpus,user,estimate_s\na,0,5,1,u,\nb,0,5,1,u,\n"
            "c,0,5,1,v,4\nd,1,0,0,v,\ne,604801,2592001,1,v,\nf,604802,,1,v,\n",
            NULL, &workload, &stats);
    const char *const first[SUSPICION_COUNT] = {"f", "d", "e", "c", "d", "b", "e"};
    for (int i = 0; i < SUSPICION_COUNT; i++) {
        cr_expect_eq(stats.suspects[i].jobs, 1, "%d", i);
        cr_expect_str_eq(workload_job_id(&workload, stats.suspects[i].first_job), first[i]);
    }
    workload_release(&workload);
    stats_release(&stats);
}

/* 1996-09-23 was a Monday; the header's clock is an hour east of Greenwich. */
Test(stats, hours_and_weekdays_are_those_of_the_header_of_an_swf)
{
    static const char text[] = "; UnixStartTime: 843480031\n; TimeZone: 3600\n"
                               "1 0 0 5 1 -1 -1 1 -1 -1 1 1 1 1 1 1 -1 -1\n"
                               "2 86400 0 5 1 -1 -1 1 -1 -1 1 1 1 1 1 1 -1 -1\n";
    struct file file = {.bytes = mem_copy_text(text, strlen(text)), .length = strlen(text)};
    struct workload workload;
    struct stats stats;
    struct err err = {0};
    cr_assert(trace_read_text(&file, "swf", &workload, &err), "%s", err.msg);
    stats_measure(&workload, NULL, &stats);
    cr_expect(stats.arrivals.is_dated);
    cr_expect_eq(stats.arrivals.by_hour[13], 2);
    cr_expect_eq(stats.arrivals.by_weekday[0], 1);
    cr_expect_eq(stats.arrivals.by_weekday[1], 1);
    cr_expect_eq(workload.epoch_us, 0, "the times themselves stay");
    stats_release(&stats);
    workload_release(&workload);
    file_release(&file);
}
