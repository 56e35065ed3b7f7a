/* test_profiles.c - durations by the profiles of Pollux, worked out by hand. */
#include <criterion/criterion.h>

#include "sim/workload/profiles.h"

#define STEPS "placement,local_bsz,step_time,sync_time\n"

static void read_table(struct profile *profile, uint32_t batch, const char *text)
{
    struct file file = {.bytes = mem_copy_text(text, strlen(text)), .length = strlen(text)};
    struct err err = {0};
    bool ok = profile_read_table(profile, batch, &file, &err);
    cr_assert(ok, "%s", err.msg);
    file_release(&file);
}

static void release(struct profile *profile)
{
    vec_release(&profile->steps);
    vec_release(&profile->trainings);
    vec_release(&profile->epochs);
}

static void expect_step(const struct profile *profile, uint32_t replicas, uint32_t batch,
                        double step_s)
{
    double found = profile_step_s(profile, (struct profile_run){replicas, batch, 4});
    cr_expect_float_eq(found, step_s, 1e-12, "%u GPUs, batch %u: %.6f s", replicas, batch, found);
}

Test(profiles, a_measured_placement_is_interpolated_by_local_batch)
{
    struct profile profile = {0};
    read_table(&profile, 0, STEPS "1,4,1,0\n1,8,3,0\n24,2,7,1\n222,2,9,1\n");
    expect_step(&profile, 1, 4, 1);
    expect_step(&profile, 1, 6, 2);
    expect_step(&profile, 1, 2, 1);
    expect_step(&profile, 6, 12, 7);
    release(&profile);
}

Test(profiles, a_batch_beyond_the_largest_takes_several_passes_but_synchronises_once)
{
    struct profile profile = {0};
    read_table(&profile, 0, STEPS "2,4,5,2\n2,8,9,2\n");
    expect_step(&profile, 2, 16, 9);
    expect_step(&profile, 2, 32, 9 + 7);
    expect_step(&profile, 2, 20, 6 + 4);
    release(&profile);
}

Test(profiles, without_the_placement_the_numbers_of_replicas_around_it_tell)
{
    struct profile profile = {0};
    read_table(&profile, 0, STEPS "4,8,2,0\n");
    read_table(&profile, 0,
               "num_nodes,num_replicas,local_bsz,step_time,sync_time\n"
               "4,8,8,9,0\n2,8,8,4,0\n");
    expect_step(&profile, 5, 40, 2.5);
    expect_step(&profile, 8, 64, 4);
    expect_step(&profile, 9, 72, -1);
    expect_step(&profile, 3, 24, -1);
    release(&profile);
}

Test(profiles, steps_of_a_training_are_interpolated_by_batch_to_the_epochs_that_all_have)
{
    struct profile profile = {0};
    read_table(&profile, 32, "iteration,progress,metric\n5,1,-1\n9,2,0\n14,3,1\n");
    read_table(&profile, 16, "iteration,progress,metric\n10,1,0\n21.0,2,0\n");
    cr_assert_eq(profile.trainings.items[0].batch, 16);
    cr_assert_eq(profile.epoch_count, 2);
    cr_expect_float_eq(profile_training_steps(&profile, 16), 21, 1e-12);
    cr_expect_float_eq(profile_training_steps(&profile, 24), 15, 1e-12);
    cr_expect_float_eq(profile_training_steps(&profile, 32), 9, 1e-12);
    cr_expect_lt(profile_training_steps(&profile, 15), 0);
    cr_expect_lt(profile_training_steps(&profile, 33), 0);
    release(&profile);
}

static void expect_refused_table(uint32_t batch, const char *text, int64_t line, const char *words)
{
    struct profile profile = {0};
    struct file file = {.bytes = mem_copy_text(text, strlen(text)), .length = strlen(text)};
    struct err err = {0};
    cr_expect_not(profile_read_table(&profile, batch, &file, &err), "%s", text);
    cr_expect_eq(err.line, line, "line %d: %s", (int)err.line, err.msg);
    cr_expect_not_null(strstr(err.msg, words), "%s", err.msg);
    file_release(&file);
    release(&profile);
}

Test(profiles, bad_tables_are_refused_by_line)
{
    expect_refused_table(0, STEPS "0,4,1,0\n", 2, "GPUs per node, a digit each");
    expect_refused_table(0, STEPS "1,4,1,0\n,4,1,0\n", 3, "GPUs per node, a digit each");
    expect_refused_table(0, STEPS "1,4,-1,0\n", 2, "a number from 0 to 1e15");
    expect_refused_table(0, STEPS "1,0,1,0\n", 2, "a batch size of 1 or more");
    expect_refused_table(0, "local_bsz,step_time,sync_time\n1,1,1\n", 2, "num_nodes");
    expect_refused_table(8, "progress,iteration,metric\n", 1, "no epochs");
    expect_refused_table(8, "progress,iteration,metric\n1,nan,1\n", 2, "iteration");
}
