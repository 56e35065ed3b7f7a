/* test_generate.c - what generated workloads are like, and what a changed parameter changes. */
#include <math.h>

#include <criterion/criterion.h>

#include "sim/generate/ks.h"
#include "sim/workload/native_write.h"
#include "sim/workload/stats.h"
#include "tests/unit/generate/make.h"

static const char RICH[] =
    "{'sizes': {'family': 'powers', 'most': 32, 'gpus_per_node': 8, 'elastic_chance': 0.5}, "
    "'durations': {'distribution': {'family': 'lognormal', 'mu': 6, 'sigma': 1.5}, 'correlation': "
    "0.3}, 'users': {'count': 20, 'zipf': 1}, 'queues': {'count': 4}, 'estimates': {'kind': "
    "'modal'}}";

static double size_of(const struct workload *workload, size_t job)
{
    return (double)workload_shape_gpu_milli(workload, workload->jobs.items[job].shape) / 1000;
}

static bool same_text(const struct workload *a, const struct workload *b)
{
    struct text left = {0};
    struct text right = {0};
    struct err err = {0};
    cr_assert(native_write(&left, a, &err) && native_write(&right, b, &err), "%s", err.msg);
    bool same = left.length == right.length && memcmp(left.bytes, right.bytes, left.length) == 0;
    text_release(&left);
    text_release(&right);
    return same;
}

Test(generate, equal_seeds_give_equal_bytes_and_other_seeds_others)
{
    struct generate_options options = {.jobs = 2000};
    struct workload a = make_jobs(RICH, 5, options);
    struct workload b = make_jobs(RICH, 5, options);
    struct workload c = make_jobs(RICH, 6, options);
    cr_assert(same_text(&a, &b));
    cr_assert_not(same_text(&a, &c));
    workload_release(&a);
    workload_release(&b);
    workload_release(&c);
}

/* A longer workload begins with the shorter one. */
Test(generate, more_jobs_leave_the_first_ones_as_they_are)
{
    struct workload a = make_jobs(RICH, 5, (struct generate_options){.jobs = 500});
    struct workload b = make_jobs(RICH, 5, (struct generate_options){.jobs = 1000});
    for (size_t i = 0; i < 500; i++) {
        cr_assert_eq(a.jobs.items[i].submit_us, b.jobs.items[i].submit_us);
        cr_assert_eq(a.jobs.items[i].duration_us, b.jobs.items[i].duration_us);
        cr_assert_float_eq(size_of(&a, i), size_of(&b, i), 0);
    }
    workload_release(&a);
    workload_release(&b);
}

/* Twice the rate: the same jobs in half the time. */
Test(generate, the_rate_changes_submit_times_only)
{
    struct workload a = make_jobs(
        "{'arrivals': {'rate': 1}, 'users': {'count': 9}, 'estimates': {'kind': 'modal'}}", 5,
        (struct generate_options){.jobs = 500});
    struct workload b = make_jobs(
        "{'arrivals': {'rate': 2}, 'users': {'count': 9}, 'estimates': {'kind': 'modal'}}", 5,
        (struct generate_options){.jobs = 500});
    for (size_t i = 0; i < 500; i++) {
        cr_assert_leq(llabs(a.jobs.items[i].submit_us - 2 * b.jobs.items[i].submit_us), 4);
        cr_assert_eq(a.jobs.items[i].duration_us, b.jobs.items[i].duration_us);
        cr_assert_eq(a.jobs.items[i].estimate_us, b.jobs.items[i].estimate_us);
        cr_assert_eq(a.jobs.items[i].user, b.jobs.items[i].user);
    }
    workload_release(&a);
    workload_release(&b);
}

Test(generate, more_users_change_owners_only)
{
    struct workload a =
        make_jobs("{'users': {'count': 9}}", 5, (struct generate_options){.jobs = 500});
    struct workload b =
        make_jobs("{'users': {'count': 90}}", 5, (struct generate_options){.jobs = 500});
    size_t moved = 0;
    for (size_t i = 0; i < 500; i++) {
        cr_assert_eq(a.jobs.items[i].submit_us, b.jobs.items[i].submit_us);
        cr_assert_eq(a.jobs.items[i].duration_us, b.jobs.items[i].duration_us);
        moved += strcmp(names_get(&a.users, a.jobs.items[i].user),
                        names_get(&b.users, b.jobs.items[i].user)) != 0;
    }
    cr_assert_gt(moved, 100);
    workload_release(&a);
    workload_release(&b);
}

/* Bursts add jobs between those that were there: these keep their sizes, durations, times. */
Test(generate, bursts_leave_the_other_jobs_as_they_are)
{
    struct workload a =
        make_jobs("{'durations': {'distribution': {'family': 'lognormal', 'mu': 6, 'sigma': 2}}}",
                  5, (struct generate_options){.jobs = 300});
    struct workload b = make_jobs(
        "{'arrivals': {'burst': {'chance': 0.3, 'more_jobs': 4, 'gap': {'family': 'constant', "
        "'value': "
        "1}}}, 'durations': {'distribution': {'family': 'lognormal', 'mu': 6, 'sigma': 2}}}",
        5, (struct generate_options){.jobs = 600});
    size_t found = 0;
    for (size_t i = 0, k = 0; i < 300 && k < 600; i++) {
        while (k < 600 && (b.jobs.items[k].submit_us != a.jobs.items[i].submit_us ||
                           b.jobs.items[k].duration_us != a.jobs.items[i].duration_us)) {
            k++;
        }
        found += k < 600 ? 1 : 0;
    }
    /* 0.3 * 4 further jobs an arrival: 600 jobs hold some 270 of the 300. */
    cr_assert_gt(found, 220);
    workload_release(&a);
    workload_release(&b);
}

Test(generate, a_burst_shares_user_queue_and_shape_but_not_durations)
{
    struct workload w =
        make_jobs("{'arrivals': {'interarrival': {'family': 'constant', 'value': 1000}, 'burst': "
                  "{'chance': 1, "
                  "'more_jobs': 3, 'gap': {'family': 'constant', 'value': 1}}}, 'sizes': "
                  "{'family': 'powers'}, "
                  "'users': {'count': 50, 'zipf': 0}, 'queues': {'count': 7, 'by': 'job'}}",
                  5, (struct generate_options){.jobs = 2000});
    size_t leaders = 1;
    for (size_t i = 1; i < w.jobs.count; i++) {
        const struct job *before = &w.jobs.items[i - 1];
        const struct job *job = &w.jobs.items[i];
        if (job->submit_us - before->submit_us > 500000000) {
            leaders++;
            continue;
        }
        cr_assert_eq(job->submit_us - before->submit_us, 1000000);
        cr_assert_eq(job->user, before->user);
        cr_assert_eq(job->queue, before->queue);
        cr_assert_eq(job->shape, before->shape);
        cr_assert_neq(job->duration_us, before->duration_us);
    }
    /* One leader and three more on the average. */
    cr_assert_float_eq(2000.0 / (double)leaders, 4, 0.35);
    workload_release(&w);
}

Test(generate, the_profile_gives_every_part_of_the_day_its_share)
{
    struct workload w =
        make_jobs("{'arrivals': {'profile': {'period_s': 86400, 'weights': [1, 3, 0, 4]}}}", 5,
                  (struct generate_options){.jobs = 80000});
    double counts[4] = {0};
    for (size_t i = 0; i < w.jobs.count; i++) {
        int64_t second = (w.jobs.items[i].submit_us + w.epoch_us) / 1000000 % 86400;
        counts[second / 21600]++;
    }
    cr_assert_float_eq(counts[0], 10000, 400);
    cr_assert_float_eq(counts[1], 30000, 600);
    cr_assert_float_eq(counts[2], 0, 0);
    cr_assert_float_eq(counts[3], 40000, 600);
    workload_release(&w);
}

Test(generate, the_profile_keeps_exponential_steps_exponential)
{
    struct generate_model model = make_model("{'arrivals': {'interarrival': {'family': "
                                             "'exponential', 'mean': 1}, 'profile': {'period_s': "
                                             "40000, 'weights': [1, 3]}}}");
    struct workload w;
    struct err err = {0};
    struct generate_options options = {.jobs = 30000};
    cr_assert(generate_workload(&model, 5, &options, &w, &err));
    double *steps = mem_alloc(w.jobs.count, sizeof(*steps));
    size_t count = 0;
    for (size_t i = 1; i < w.jobs.count; i++) {
        if ((w.jobs.items[i].submit_us + w.epoch_us) % 40000000000 < 20000000000) {
            steps[count++] =
                (double)(w.jobs.items[i].submit_us - w.jobs.items[i - 1].submit_us) / 1e6;
        }
    }
    ks_sort(steps, count);
    /* Half the mean rate of one a second. */
    struct distribution slow = distribution_of(FAMILY_EXPONENTIAL, (const double[]){2});
    double distance = ks_distance_to(steps, count, &slow);
    cr_assert_gt(ks_probability(distance, (double)count), 0.01, "%g", distance);
    free(steps);
    workload_release(&w);
    generate_model_release(&model);
}

Test(generate, a_load_is_met)
{
    static const char *const MODELS[] = {
        "{}",
        "{'arrivals': {'interarrival': {'family': 'weibull', 'shape': 0.4, 'scale': 9}, 'profile': "
        "{'period_s': 86400, 'weights': [1, 9, 0, 3]}, 'burst': {'chance': 0.2, 'more_jobs': 3}}}",
        "{'arrivals': {'process': 'users'}, 'users': {'count': 30}, 'sizes': {'family': 'powers'}}",
    };
    for (size_t i = 0; i < sizeof(MODELS) / sizeof(*MODELS); i++) {
        struct generate_options options = {.jobs = 3000, .load = 0.7, .gpu_milli = 64000};
        struct workload w = make_jobs(MODELS[i], 3, options);
        struct stats stats;
        stats_measure(&w, NULL, &stats);
        double span_h = (double)(stats.last_us - stats.first_us) / 3.6e9;
        cr_assert_float_eq(stats.gpu_hours / (64 * span_h), 0.7, 0.002, "%s: %g", MODELS[i],
                           stats.gpu_hours / (64 * span_h));
        cr_assert_eq(names_count(&w.notes), 1);
        stats_release(&stats);
        workload_release(&w);
    }
}

Test(generate, a_load_is_met_over_days_too)
{
    struct generate_options options = {
        .span_us = INT64_C(20) * 86400 * 1000000, .load = 0.9, .gpu_milli = 100000};
    struct workload w = make_jobs("{'sizes': {'family': 'powers'}}", 3, options);
    struct stats stats;
    stats_measure(&w, NULL, &stats);
    cr_assert_float_eq(stats.gpu_hours / (100 * 480.0), 0.9, 0.01);
    cr_assert_lt(stats.last_us, options.span_us);
    cr_assert_gt(stats.last_us, options.span_us / 100 * 98);
    stats_release(&stats);
    workload_release(&w);
}

/* Five users who wait for their only GPU's job cannot use more than five GPUs. */
Test(generate, a_load_that_no_rate_offers_is_an_error)
{
    struct generate_model model =
        make_model("{'arrivals': {'process': 'users'}, 'users': {'count': 5, 'zipf': 0}}");
    struct generate_options options = {.jobs = 500, .load = 1, .gpu_milli = 64000};
    struct workload w;
    struct err err = {0};
    cr_assert_not(generate_workload(&model, 1, &options, &w, &err));
    cr_assert_not_null(strstr(err.msg, "no rate of arrivals offers a load of 1"), "%s", err.msg);
    generate_model_release(&model);
}

Test(generate, days_end_the_workload)
{
    struct generate_options options = {.span_us = INT64_C(10) * 86400 * 1000000};
    struct workload w = make_jobs("{}", 3, options);
    cr_assert_float_eq((double)w.jobs.count, 14400, 500);
    cr_assert_lt(w.epoch_us + w.jobs.items[w.jobs.count - 1].submit_us, options.span_us);
    workload_release(&w);
}

Test(generate, arrivals_beyond_all_time_are_an_error)
{
    struct generate_model model =
        make_model("{'arrivals': {'interarrival': {'family': 'constant', 'value': 1e11}}}");
    struct generate_options options = {.jobs = 500};
    struct workload w;
    struct err err = {0};
    cr_assert_not(generate_workload(&model, 1, &options, &w, &err));
    cr_assert_not_null(strstr(err.msg, "days after the start"), "%s", err.msg);
    generate_model_release(&model);
}

/* A user's next job comes after the one before has ended and some thinking. */
Test(generate, users_wait_for_the_end_and_think)
{
    struct workload w = make_jobs(
        "{'arrivals': {'process': 'users', 'think': {'family': 'constant', 'value': 100}, 'pause': "
        "{'family': 'constant', 'value': 5000}, 'session_jobs': 3}, 'users': {'count': 6, 'zipf': "
        "0}}",
        5, (struct generate_options){.jobs = 3000});
    int64_t free_us[7] = {0};
    size_t thinking = 0;
    size_t pausing = 0;
    for (size_t i = 0; i < w.jobs.count; i++) {
        const struct job *job = &w.jobs.items[i];
        int64_t gap_us = job->submit_us - free_us[job->user];
        if (free_us[job->user] > 0) {
            bool thinks = llabs(gap_us - 100000000) <= 2;
            bool pauses = llabs(gap_us - 5000000000) <= 2;
            cr_assert(thinks || pauses, "job %zu: %lld", i, (long long)gap_us);
            thinking += thinks;
            pausing += pauses;
        }
        free_us[job->user] = job->submit_us + job->duration_us;
    }
    cr_assert_float_eq((double)thinking / (double)pausing, 2, 0.15);
    workload_release(&w);
}

Test(generate, more_users_leave_what_the_first_ones_do_as_it_is)
{
    const char *few = "{'arrivals': {'process': 'users'}, 'users': {'count': 2, 'zipf': 0}}";
    const char *many = "{'arrivals': {'process': 'users'}, 'users': {'count': 4, 'zipf': 0}}";
    struct workload a = make_jobs(few, 5, (struct generate_options){.jobs = 100});
    struct workload b = make_jobs(many, 5, (struct generate_options){.jobs = 250});
    uint32_t user = names_find(&b.users, view_of("u1"));
    size_t k = 0;
    size_t matched = 0;
    for (size_t i = 0; i < a.jobs.count; i++) {
        if (strcmp(names_get(&a.users, a.jobs.items[i].user), "u1") != 0) {
            continue;
        }
        while (k < b.jobs.count && b.jobs.items[k].user != user) {
            k++;
        }
        if (k < b.jobs.count) {
            cr_assert_eq(a.jobs.items[i].duration_us, b.jobs.items[k].duration_us);
            cr_assert_eq(a.epoch_us + a.jobs.items[i].submit_us,
                         b.epoch_us + b.jobs.items[k].submit_us);
            matched++;
            k++;
        }
    }
    cr_assert_gt(matched, 20);
    workload_release(&a);
    workload_release(&b);
}

Test(generate, shapes_follow_tasks_nodes_and_shares)
{
    struct workload w = make_jobs(
        "{'sizes': {'classes': [{'gpus': 0, 'cpus': 4}, {'gpus': 0.5}, {'gpus': 4}, {'gpus': 24}, "
        "{'gpus': 12}, {'gpus': 6, 'tasks': 3, 'min_tasks': 2}], 'gpus_per_node': 8}}",
        5, (struct generate_options){.jobs = 1000});
    size_t seen = 0;
    for (uint32_t i = 0; i < w.shapes.count; i++) {
        const struct shape *shape = &w.shapes.items[i];
        const struct task_group *group = &w.groups.items[shape->first_group];
        switch (workload_shape_gpu_milli(&w, i)) {
        case 0:
            cr_assert_eq(group->request.kind, GPU_NONE);
            cr_assert_eq(group->request.cpu_milli, 4000);
            break;
        case 500:
            cr_assert_eq(group->request.kind, GPU_FRACTION);
            break;
        case 4000:
            cr_assert_eq(group->request.gpu_count, 4);
            cr_assert_not(shape->is_free);
            break;
        case 24000:
            cr_assert_eq(group->count, 3);
            cr_assert_eq(group->request.gpu_count, 8);
            break;
        case 12000:
            cr_assert(shape->is_free);
            break;
        default:
            cr_assert_eq(group->count, 3);
            cr_assert_eq(group->min_count, 2);
            cr_assert_eq(group->request.gpu_count, 2);
            break;
        }
        seen++;
    }
    cr_assert_eq(seen, 6);
    workload_release(&w);
}

Test(generate, gangs_are_elastic_with_the_chance_given)
{
    struct workload w = make_jobs("{'sizes': {'classes': [{'gpus': 20, 'tasks': 5}], "
                                  "'elastic_chance': 0.25, 'elastic_share': "
                                  "0.5}}",
                                  5, (struct generate_options){.jobs = 8000});
    size_t elastic = 0;
    for (size_t i = 0; i < w.jobs.count; i++) {
        uint32_t least = workload_shape_min_tasks(&w, w.jobs.items[i].shape);
        cr_assert(least == 5 || least == 3);
        elastic += least == 3;
    }
    cr_assert_float_eq((double)elastic / 8000, 0.25, 0.02);
    workload_release(&w);
}

Test(generate, modal_estimates_are_the_nearest_round_value_that_is_enough)
{
    struct workload w = make_jobs("{'estimates': {'kind': 'modal', 'factor': {'family': "
                                  "'constant', 'value': 2}, 'modal_chance': "
                                  "0.8, 'modal_s': [1800, 7200, 86400]}}",
                                  5, (struct generate_options){.jobs = 5000});
    size_t modal = 0;
    for (size_t i = 0; i < w.jobs.count; i++) {
        const struct job *job = &w.jobs.items[i];
        double wanted_s = 2 * (double)job->duration_us / 1e6;
        /* Halfway in the logarithm: 3600 s and 24942 s. */
        double next_s = wanted_s <= 3600 ? 1800 : wanted_s < 24941.5 ? 7200 : 86400;
        next_s = next_s < wanted_s / 2 ? 86400 : next_s;
        double minute_s = ceil(wanted_s / 60) * 60;
        double got_s = (double)job->estimate_us / 1e6;
        cr_assert(fabs(got_s - next_s) < 1e-3 || fabs(got_s - minute_s) < 61, "%g for %g", got_s,
                  wanted_s);
        cr_assert_geq(job->estimate_us, job->duration_us);
        modal += fabs(got_s - next_s) < 1e-3;
    }
    cr_assert_float_eq((double)modal / 5000, 0.8, 0.03);
    workload_release(&w);
}

/* A lognormal factor around 1 is below 1 for half of the jobs; only these can exceed. */
Test(generate, no_more_jobs_exceed_their_estimate_than_the_chance_says)
{
    struct workload w = make_jobs(
        "{'durations': {'distribution': {'family': 'constant', 'value': 36000}}, 'estimates': "
        "{'kind': "
        "'factor', 'exceed_chance': 0.2, 'factor': {'family': 'lognormal', 'mu': 0, 'sigma': 1}}}",
        5, (struct generate_options){.jobs = 20000});
    size_t exceeded = 0;
    size_t exact = 0;
    for (size_t i = 0; i < w.jobs.count; i++) {
        exceeded += w.jobs.items[i].duration_us > w.jobs.items[i].estimate_us;
        exact += w.jobs.items[i].duration_us == w.jobs.items[i].estimate_us;
    }
    cr_assert_float_eq((double)exceeded / 20000, 0.1, 0.01);
    cr_assert_float_eq((double)exact / 20000, 0.4, 0.02);
    workload_release(&w);
}

Test(generate, powers_of_two_fall_by_the_ratio)
{
    struct workload w =
        make_jobs("{'sizes': {'family': 'powers', 'least': 2, 'most': 16, 'ratio': 0.5}}", 5,
                  (struct generate_options){.jobs = 15000});
    double counts[17] = {0};
    for (size_t i = 0; i < w.jobs.count; i++) {
        counts[(int)size_of(&w, i)]++;
    }
    cr_assert_float_eq(counts[2], 8000, 300);
    cr_assert_float_eq(counts[4], 4000, 250);
    cr_assert_float_eq(counts[8], 2000, 200);
    cr_assert_float_eq(counts[16], 1000, 150);
    workload_release(&w);
}

Test(generate, columns_of_the_examples_are_enough_for_all_jobs)
{
    struct generate_model model = make_model(RICH);
    struct generate_options options = {.jobs = 3000};
    struct err err = {0};
    struct workload examples;
    struct workload w;
    uint32_t enough = 0;
    uint32_t needed = 0;
    struct generator *generator = generator_open(&model, 1, &options, &err);
    cr_assert_not_null(generator);
    cr_assert(generator_examples(generator, &examples, &err));
    cr_assert(generate_workload(&model, 1, &options, &w, &err));
    cr_assert(native_used_columns(&examples, &enough, &err));
    cr_assert(native_used_columns(&w, &needed, &err));
    cr_assert_eq(needed & ~enough, 0);
    cr_assert_eq(needed, enough);
    workload_release(&examples);
    workload_release(&w);
    generator_close(generator);
    generate_model_release(&model);
}
