/* test_throughputs.c - Gavel's table answers for a job alone and for two that share. */
#include <criterion/criterion.h>

#include "sim/workload/throughputs.h"

static const char table_text[] = "{\"v100\": {\"('LM (batch size 10)', 2)\": {\"null\": 4.5, "
                                 "\"('A3C', 2)\": [3.0, 2.0]}, \"('A3C', 2)\": {\"null\": 0}}}";

Test(throughputs, a_job_alone_and_two_that_share)
{
    struct throughputs table = {0};
    struct err err = {0};
    cr_assert(throughputs_read_text(&table, table_text, sizeof(table_text) - 1, &err));
    struct view v100 = view_of("v100");
    struct throughput_job lm = {view_of("LM (batch size 10)"), 2};
    struct throughput_job lm_alone = {view_of("LM (batch size 10)"), 1};
    struct throughput_job a3c = {view_of("A3C"), 2};
    cr_expect(throughputs_has_worker(&table, v100));
    cr_expect_not(throughputs_has_worker(&table, view_of("k80")));
    cr_expect_float_eq(throughputs_alone(&table, v100, lm), 4.5, 0);
    cr_expect_float_eq(throughputs_alone(&table, v100, lm_alone), 0, 0);
    cr_expect_float_eq(throughputs_alone(&table, view_of("k80"), lm), 0, 0);
    cr_expect_float_eq(throughputs_alone(&table, v100, a3c), 0, 0);
    cr_expect_float_eq(throughputs_shared(&table, v100, lm, a3c), 3, 0);
    cr_expect_float_eq(throughputs_shared(&table, v100, a3c, lm), 0, 0);
    throughputs_release(&table);
}

Test(throughputs, an_empty_table_tells_nothing)
{
    struct throughputs table = {0};
    struct throughput_job job = {view_of("A3C"), 1};
    cr_expect_float_eq(throughputs_alone(&table, view_of("v100"), job), 0, 0);
    throughputs_release(&table);
}

Test(throughputs, what_is_no_table_is_refused)
{
    struct throughputs table = {0};
    struct err err = {0};
    cr_expect_not(throughputs_read_text(&table, "{\"v100\": 3}", 11, &err));
    cr_expect_str_eq(err.msg, "at v100: found 3, expected an object of models");
    cr_expect_not(throughputs_read_text(&table, "{", 1, &err));
    cr_expect_null(table.root);
}
