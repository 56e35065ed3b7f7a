/* test_compare.c - verdicts: better, worse, equal, too little to tell, nothing to tell. */
#include <criterion/criterion.h>

#include "world.h"

static struct compare_settings settings_of(uint32_t replications)
{
    return (struct compare_settings){.replications = replications, .level = 0.95, .seed = 1};
}

static void compare(struct study_world *world, const struct compare_settings *settings,
                    struct compare *out)
{
    struct err err = {0};
    compare_init(out, &world->plan, settings);
    cr_assert(compare_run(out, &err), "%s", err.msg);
    compare_judge(out);
}

Test(compare, shortest_work_left_first_waits_less_than_fifo_and_says_so_both_ways)
{
    struct study_world world;
    study_world_init(&world, "small", "18x8", 400);
    study_world_add(&world, "fifo");
    study_world_add(&world, "srtf");
    struct compare_settings settings = settings_of(10);
    settings.is_window = true;
    struct compare result;
    compare(&world, &settings, &result);
    const struct compare_policy *srtf = compare_at(&result, 0, 1);
    struct text table = {0};
    compare_add_table(&table, &result);
    cr_assert_eq(srtf->verdict, VERDICT_BETTER, "%s", table.bytes);
    text_release(&table);
    cr_assert_eq(srtf->wins, 10);
    cr_assert_lt(srtf->differences[0].high, 0);
    compare_release(&result);
    struct grid_policy swapped = world.policies[0];
    world.policies[0] = world.policies[1];
    world.policies[1] = swapped;
    compare(&world, &settings, &result);
    cr_assert_eq(compare_at(&result, 0, 1)->verdict, VERDICT_WORSE);
    compare_release(&result);
    study_world_release(&world);
}

Test(compare, a_policy_is_equal_to_itself)
{
    struct study_world world;
    study_world_init(&world, "users", "16x8", 200);
    study_world_add(&world, "easy");
    study_world_add(&world, "easy");
    struct compare_settings settings = settings_of(5);
    settings.is_window = true;
    struct compare result;
    compare(&world, &settings, &result);
    struct text words = {0};
    compare_add_verdict(&words, &result, 0, 1);
    cr_assert_eq(compare_at(&result, 0, 1)->verdict, VERDICT_EQUAL);
    cr_assert_str_eq(words.bytes, "equal in each of 5 replications");
    text_release(&words);
    compare_release(&result);
    study_world_release(&world);
}

Test(compare, one_run_has_no_interval)
{
    struct study_world world;
    study_world_init(&world, "users", "16x8", 200);
    study_world_add(&world, "fifo");
    study_world_add(&world, "srtf");
    struct compare_settings settings = settings_of(1);
    settings.is_window = true;
    struct compare result;
    compare(&world, &settings, &result);
    cr_assert_eq(compare_at(&result, 0, 1)->verdict, VERDICT_NO_INTERVAL);
    compare_release(&result);
    study_world_release(&world);
}

Test(compare, no_mean_is_told_of_an_overloaded_cluster)
{
    struct study_world world;
    study_world_init(&world, "users", "2x8", 400);
    study_world_add(&world, "fifo");
    study_world_add(&world, "srtf");
    struct compare_settings settings = settings_of(5);
    struct compare result;
    compare(&world, &settings, &result);
    cr_assert_gt(result.loads[0].offered, 1);
    cr_assert_eq(compare_at(&result, 0, 1)->verdict, VERDICT_UNSTEADY);
    compare_release(&result);
    study_world_release(&world);
}

Test(compare, means_over_different_jobs_are_refused)
{
    struct study_world world;
    study_world_init(&world, "users", "16x8", 200);
    study_world_add(&world, "fifo");
    study_world_add(&world, "srtf");
    world.settings.horizon_us = world.base.jobs.items[100].submit_us;
    struct compare_settings settings = settings_of(5);
    settings.metric = metric_find("mean_jct_s");
    settings.is_window = true;
    struct compare result;
    compare(&world, &settings, &result);
    cr_assert_gt(compare_at(&result, 0, 0)->censored, 0);
    cr_assert_eq(compare_at(&result, 0, 1)->verdict, VERDICT_CENSORED);
    compare_release(&result);
    study_world_release(&world);
}

Test(compare, replications_are_added_until_the_precision_is_reached)
{
    struct study_world world;
    study_world_init(&world, "users", "64x8", 300);
    study_world_add(&world, "fifo:mode=skip");
    study_world_add(&world, "srtf");
    world.plan.load_count = 1;
    struct compare_settings settings = settings_of(60);
    settings.metric = metric_find("mean_jct_s");
    settings.precision = 0.2;
    settings.is_window = true;
    struct compare result;
    compare(&world, &settings, &result);
    cr_assert(result.reached_precision);
    cr_assert(result.grid.replications >= COMPARE_LEAST_SEQUENTIAL &&
                  result.grid.replications < 60 && result.grid.replications % 10 == 0,
              "%u", result.grid.replications);
    compare_release(&result);
    study_world_release(&world);
}

Test(compare, a_warmup_is_found_for_each_load_and_holds_for_all_policies)
{
    struct study_world world;
    study_world_init(&world, "users", "16x8", 1000);
    study_world_add(&world, "fifo");
    study_world_add(&world, "srtf");
    struct compare_settings settings = settings_of(3);
    settings.warmup_by_mser = true;
    struct compare result;
    compare(&world, &settings, &result);
    for (uint32_t load = 0; load < 2; load++) {
        cr_assert(result.loads[load].warmup_found);
        cr_assert_leq(result.loads[load].warmup_us, grid_at(&result.grid, 0, load, 0)->span_us);
    }
    compare_release(&result);
    study_world_release(&world);
}

Test(compare, tables_have_a_row_for_every_number)
{
    struct study_world world;
    study_world_init(&world, "users", "16x8", 200);
    study_world_add(&world, "fifo");
    study_world_add(&world, "srtf");
    struct compare_settings settings = settings_of(3);
    struct compare result;
    compare(&world, &settings, &result);
    struct text rows = {0};
    compare_add_replications_csv(&rows, &result);
    size_t lines = 0;
    for (const char *at = rows.bytes; (at = strchr(at, '\n')) != NULL; at++) {
        lines++;
    }
    /* Every metric has a value in every run; groups may miss theirs. */
    cr_assert_geq(lines, 1 + 3 * 2 * 2 * metric_count());
    text_release(&rows);
    json_t *json = compare_json(&result);
    json_t *loads = json_object_get(json, "loads");
    cr_assert_eq(json_array_size(loads), 2);
    json_t *policies = json_object_get(json_array_get(loads, 0), "policies");
    cr_assert_not_null(json_object_get(json_array_get(policies, 1), "against_first"));
    cr_assert_null(json_object_get(json_array_get(policies, 0), "against_first"));
    json_decref(json);
    compare_release(&result);
    study_world_release(&world);
}
