/* test_expand.c - the compact form of large cases is what it stands for. */
#include <string.h>

#include <criterion/criterion.h>

#include "document.h"
#include "sim/check/expand.h"

static void expect_expanded(const char *compact, const char *plain)
{
    json_t *document = document_of(compact);
    json_t *expected = document_of(plain);
    struct err err = {0};
    json_t *got = case_expand(document, &err);
    cr_assert_not_null(got, "%s", err.msg);
    char *words = json_dumps(got, JSON_COMPACT);
    cr_expect(json_equal(got, expected), "%s", words);
    free(words);
    json_decref(got);
    json_decref(expected);
    json_decref(document);
}

Test(expand, names_count_divide_and_repeat_with_zeros_in_front)
{
    expect_expanded("{'nodes': [{'count': 3, 'item': {'name': 'n{i}', 'rack': 'r{i/2}',"
                    " 'row': '{i%2}', 'tag': '{i:03}-{i%2:02}'}}]}",
                    "{'nodes': [{'name': 'n0', 'rack': 'r0', 'row': '0', 'tag': '000-00'},"
                    " {'name': 'n1', 'rack': 'r0', 'row': '1', 'tag': '001-01'},"
                    " {'name': 'n2', 'rack': 'r1', 'row': '0', 'tag': '002-00'}]}");
}

Test(expand, a_cycle_gives_its_values_in_turn)
{
    expect_expanded("{'nodes': [{'count': 3, 'item': {'gpus': {'cycle': [8, 4]}}}]}",
                    "{'nodes': [{'gpus': 8}, {'gpus': 4}, {'gpus': 8}]}");
}

Test(expand, plain_items_stay_between_copies)
{
    expect_expanded("{'nodes': [{'name': 'a{i}'}, {'count': 1, 'item': {'name': 'b{i}'}},"
                    " {'count': 0, 'item': {}}, {'count': 2}, {'name': 'c{'}]}",
                    "{'nodes': [{'name': 'a{i}'}, {'name': 'b0'}, {'count': 2}, {'name': 'c{'}]}");
}

Test(expand, tasks_of_copied_jobs_are_expanded_after_the_jobs)
{
    expect_expanded("{'jobs': [{'count': 2, 'item': {'name': 'j{i}', 'tasks': [{'count': 2, 'item':"
                    " {'name': 't{i}'}}], 'levels': ['l{i}', 7, ['x{i}']]}}]}",
                    "{'jobs': [{'name': 'j0', 'tasks': [{'name': 't0'}, {'name': 't0'}],"
                    " 'levels': ['l0', 7, ['x0']]},"
                    " {'name': 'j1', 'tasks': [{'name': 't1'}, {'name': 't1'}],"
                    " 'levels': ['l1', 7, ['x1']]}]}");
}

Test(expand, what_is_no_list_is_left_to_the_reader)
{
    expect_expanded("{'nodes': 7, 'jobs': {}}", "{'nodes': 7, 'jobs': {}}");
}

Test(expand, patterns_and_counts_without_sense_are_refused)
{
    static const struct {
        const char *compact, *words;
    } ROWS[] = {
        {"{'nodes': [{'count': 1, 'item': {'name': '{k}'}}]}",
         "'{k}' is none of {i}, {i%K}, {i/K} and {i:0W}"},
        {"{'nodes': [{'count': 1, 'item': {'name': '{}'}}]}", "'{}' is none of"},
        {"{'nodes': [{'count': 1, 'item': {'name': '{i%}'}}]}", "'{i%}' is none of"},
        {"{'nodes': [{'count': 1, 'item': {'name': '{i%0}'}}]}", "'{i%0}' is none of"},
        {"{'nodes': [{'count': 1, 'item': {'name': '{i/x}'}}]}", "'{i/x}' is none of"},
        {"{'nodes': [{'count': 1, 'item': {'name': '{i*2}'}}]}", "'{i*2}' is none of"},
        {"{'nodes': [{'count': 1, 'item': {'name': '{i:}'}}]}", "'{i:}' is none of"},
        {"{'nodes': [{'count': 1, 'item': {'name': '{i:-1}'}}]}", "'{i:-1}' is none of"},
        {"{'nodes': [{'count': 1, 'item': {'name': '{i:21}'}}]}", "'{i:21}' is none of"},
        {"{'jobs': [{'count': 1, 'item': {'levels': ['{j}']}}]}", "'{j}' is none of"},
        {"{'jobs': [{'tasks': [{'count': 1, 'item': {'name': '{j}'}}]}]}", "'{j}' is none of"},
        {"{'nodes': [{'count': -1, 'item': {}}]}", "count is -1, expected 0 to 1000000"},
        {"{'nodes': [{'count': 1000001, 'item': {}}]}", "count is 1000001, expected 0 to 1000000"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        json_t *document = document_of(ROWS[i].compact);
        struct err err = {0};
        cr_expect_null(case_expand(document, &err), "%s", ROWS[i].compact);
        cr_expect_not_null(strstr(err.msg, ROWS[i].words), "%s: %s", ROWS[i].compact, err.msg);
        json_decref(document);
    }
}
