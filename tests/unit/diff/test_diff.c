/* test_diff.c - the first difference of two decision logs, on logs written by hand. */
#include <string.h>

#include <criterion/criterion.h>

#include "sim/base/mem.h"
#include "sim/diff/diff.h"

#define START_A                                                                                    \
    "{\"time_s\":0,\"decision\":\"start\",\"job\":\"a\",\"queue\":\"q\",\"gpus\":2,"               \
    "\"nodes\":[{\"node\":\"n0\",\"gpus\":2}]}\n"
#define START_B                                                                                    \
    "{\"time_s\":5,\"decision\":\"start\",\"job\":\"b\",\"queue\":\"r\",\"gpus\":1,"               \
    "\"nodes\":[{\"node\":\"n0\",\"gpus\":1}]}\n"
#define START_B_LATE                                                                               \
    "{\"time_s\":7.5,\"decision\":\"start\",\"job\":\"b\",\"queue\":\"r\","                        \
    "\"gpus\":1,\"nodes\":[{\"node\":\"n1\",\"gpus\":1}]}\n"
#define STOP_A                                                                                     \
    "{\"time_s\":6,\"decision\":\"preempt\",\"job\":\"a\",\"queue\":\"q\",\"gpus\":2,"             \
    "\"nodes\":[{\"node\":\"n0\",\"gpus\":2}],\"lost_s\":6}\n"

/* A log out of a text, as if it had been read from a file. */
static struct decision_log log_of(const char *text)
{
    return (struct decision_log){
        .file = {.bytes = mem_copy_text(text, strlen(text)), .length = strlen(text)},
        .path = mem_copy_text("log", 3),
    };
}

/* Compares; the caller frees the answer's text. */
static bool compare(const char *a, const char *b, int64_t context, struct text *out, bool *equal,
                    struct err *err)
{
    struct decision_log log_a = log_of(a);
    struct decision_log log_b = log_of(b);
    struct diff_options options = {.context = context};
    struct diff_answer answer;
    bool ok = diff_logs(&log_a, &log_b, &options, out, &answer, err);
    *equal = answer.equal;
    decision_log_release(&log_a);
    decision_log_release(&log_b);
    return ok;
}

static void expect_words(const char *a, const char *b, const char *words)
{
    struct text out = {0};
    struct err err = {0};
    bool equal = true;
    cr_assert(compare(a, b, 1, &out, &equal, &err), "%s", err.msg);
    cr_assert_not(equal);
    cr_assert_not_null(strstr(out.bytes, words), "'%s' is not in:\n%s", words, out.bytes);
    text_release(&out);
}

Test(diff, equal_logs_are_equal_with_or_without_a_last_newline)
{
    struct text out = {0};
    struct err err = {0};
    bool equal = false;
    cr_assert(compare(START_A "{}", START_A "{}\n", 0, &out, &equal, &err), "%s", err.msg);
    cr_assert(equal);
    cr_assert_str_eq(out.bytes, "equal: 2 decisions\n");
    text_release(&out);
}

Test(diff, the_first_difference_is_named_with_its_members_and_the_earlier_time)
{
    const char *a = START_A START_B STOP_A;
    const char *b = START_A START_B_LATE;
    expect_words(a, b, "the first difference is decision 2, at 5 s (5.0 s)");
    expect_words(a, b, "they differ in time_s, nodes\n");
    expect_words(b, a, "the first difference is decision 2, at 5 s (5.0 s)");
}

Test(diff, a_log_that_ends_earlier_differs)
{
    expect_words(START_A, START_A START_B, "A: no more decisions\n");
    expect_words(START_A START_B, START_A, "B: no more decisions\n");
    expect_words("", START_A, "the first difference is decision 1, at 0 s");
}

Test(diff, what_was_equal_before_is_shown_as_far_as_asked)
{
    expect_words(START_A START_B STOP_A, START_A START_B, "equal before it\n  2  " START_B);
}

Test(diff, the_world_before_the_difference_holds_what_was_decided_and_not_what_was_stopped)
{
    expect_words(START_A START_B, START_A START_B STOP_A,
                 "  node n0: 3 GPUs held by 2 jobs: a (2), b (1)\n");
    expect_words(START_A START_B STOP_A, START_A START_B STOP_A START_B_LATE,
                 "  all                             1            1\n");
}

Test(diff, a_line_that_is_no_decision_is_refused_with_its_place)
{
    static const struct {
        const char *line;
        const char *words;
    } ROWS[] = {
        {"{", "log:2: "},
        {"[7]", "log:2: expected an object, a decision of a run"},
        {"{\"time_s\":\"x\"}", "log:2: at time_s: found \"x\", expected a number of seconds"},
        {"{\"time_s\":1,\"decision\":\"start\",\"queue\":\"q\"}",
         "log:2: at job: missing, expected a text"},
        {"{\"time_s\":1,\"decision\":\"start\",\"job\":\"a\",\"queue\":\"q\",\"nodes\":3}",
         "log:2: at nodes: found 3, expected an array of nodes"},
        {"{\"time_s\":1,\"decision\":\"start\",\"job\":\"a\",\"queue\":\"q\",\"nodes\":[{}]}",
         "log:2: at nodes.node: missing, expected the name of a node"},
    };
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct text a = {0};
        struct text out = {0};
        struct err err = {0};
        bool equal;
        text_addf(&a, START_A "%s\n", ROWS[i].line);
        cr_assert_not(compare(a.bytes, START_A START_B, 0, &out, &equal, &err));
        cr_assert_not_null(strstr(err.msg, ROWS[i].words), "'%s' is not in '%s'", ROWS[i].words,
                           err.msg);
        cr_assert_eq(out.length, 0);
        text_release(&a);
        text_release(&out);
    }
}

/* It would be neither a step nor a decision. */
Test(diff, a_step_that_says_it_is_a_decision_has_all_of_one)
{
    struct text out = {0};
    struct err err = {0};
    bool equal = true;
    const char *both = "{\"time_s\":1,\"step\":\"order\",\"decision\":\"start\"}\n";
    cr_assert_not(compare(both, START_A, 1, &out, &equal, &err));
    cr_assert_not_null(strstr(err.msg, "job"), "%s", err.msg);
    cr_assert_not(compare("{\"time_s\":1e300,\"step\":\"order\"}", START_A, 1, &out, &equal, &err));
    cr_assert_not_null(strstr(err.msg, "time_s"), "%s", err.msg);
}

#define STEP(text) "{\"time_s\":5,\"step\":\"" text "\"}\n"

Test(diff, the_first_step_that_differs_is_shown_with_names_of_jobs)
{
    struct decision_log a =
        log_of(START_A STEP("pop 0000000001") STEP("0000000001-0000000000: score 7") START_B);
    struct decision_log b =
        log_of(START_A STEP("pop 0000000001") STEP("0000000001-0000000000: score 8") START_B_LATE);
    struct names jobs = {0};
    (void)names_add(&jobs, view_of("first"), NULL);
    (void)names_add(&jobs, view_of("second"), NULL);
    struct text out = {0};
    struct err err = {0};
    cr_assert(diff_steps(&a, &b, 3, &jobs, &out, &err), "%s", err.msg);
    cr_assert_str_eq(out.bytes, "the first step that differs\n"
                                "     pop second\n"
                                "  A  second-0: score 7\n"
                                "  B  second-0: score 8\n");
    names_release(&jobs);
    text_release(&out);
    decision_log_release(&a);
    decision_log_release(&b);
}

Test(diff, logs_without_steps_have_none_that_differs)
{
    struct decision_log a = log_of(START_A);
    struct decision_log b = log_of(START_A START_B);
    struct text out = {0};
    struct err err = {0};
    cr_assert(diff_steps(&a, &b, 3, NULL, &out, &err), "%s", err.msg);
    cr_assert_eq(out.length, 0);
    decision_log_release(&a);
    decision_log_release(&b);
}

static struct outcome waited(int64_t wait_s, int64_t preemptions)
{
    return (struct outcome){.start_us = wait_s * 1000000,
                            .end_us = wait_s * 1000000 + 10,
                            .wait_us = wait_s * 1000000,
                            .preemptions = preemptions};
}

static void add_job(struct outcomes *outcomes, const char *id, struct outcome row)
{
    (void)names_add(&outcomes->jobs, view_of(id), NULL);
    vec_push(&outcomes->rows, row);
}

Test(diff, waits_of_any_length_are_compared)
{
    struct outcomes a = {0};
    struct outcomes b = {0};
    add_job(&a, "j", waited(9000000000000, 0));
    add_job(&b, "j", waited(-9000000000000, 0));
    struct drift drift;
    drift_measure(&a, &b, &drift);
    cr_assert_float_eq(drift.most_sooner_s, 18000000000000.0, 1);
    outcomes_release(&a);
    outcomes_release(&b);
}

Test(diff, drift_counts_jobs_by_name_and_names_who_gains_and_loses_most)
{
    struct outcomes a = {0};
    struct outcomes b = {0};
    add_job(&a, "same", waited(5, 0));
    add_job(&a, "gains", waited(60, 1));
    add_job(&a, "loses", waited(0, 0));
    add_job(&a, "gone", waited(0, 0));
    add_job(&b, "loses", waited(30, 0));
    add_job(&b, "gains", waited(10, 0));
    add_job(&b, "same", waited(5, 0));
    struct drift drift;
    drift_measure(&a, &b, &drift);
    cr_assert_eq(drift.jobs, 3);
    cr_assert_eq(drift.only_a, 1);
    cr_assert_eq(drift.only_b, 0);
    cr_assert_eq(drift.starts, 2);
    cr_assert_eq(drift.ends, 2);
    cr_assert_eq(drift.preempted, 1);
    cr_assert_float_eq(drift.wait_mean_a_s, 65.0 / 3, 1e-12);
    cr_assert_float_eq(drift.wait_mean_b_s, 15, 1e-12);
    cr_assert_str_eq(drift.most_sooner, "gains");
    cr_assert_float_eq(drift.most_sooner_s, 50, 1e-12);
    cr_assert_str_eq(drift.most_later, "loses");
    cr_assert_float_eq(drift.most_later_s, 30, 1e-12);
    outcomes_release(&a);
    outcomes_release(&b);
}
