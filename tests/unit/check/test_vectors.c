/* test_vectors.c - an answer is compared with its record: what counts as equal, and what is told.
 */
#include <string.h>

#include <criterion/criterion.h>

#include "document.h"

#define FILE_OF(FAMILY, FUNCTION, VECTOR)                                                          \
    "{'schema': 'kai-vectors/2', 'family': '" FAMILY "', 'functions': [{'function': '" FUNCTION    \
    "', 'vectors': [{'name': 'v', " VECTOR "}]}]}"

/* Two pod sets at their minimum, and this order of their eviction. */
#define TWO_SETS(ORDER)                                                                            \
    "'input': {'job': {'pod_group': {'pod_sets': [{'name': 'a', 'min_available': 1}, {'name': "    \
    "'b',"                                                                                         \
    " 'min_available': 1}]}, 'tasks': [{'id': 'a-0', 'pod_set': 'a', 'status': 'running'}, {'id':" \
    " 'b-0', 'pod_set': 'b', 'status': 'running'}]}}, 'output': {'tasks': " ORDER "}"

Test(vectors, the_first_part_that_differs_is_told_by_its_path)
{
    static const struct {
        const char *text, *difference;
    } ROWS[] = {
        {FILE_OF("own", "quantity_compare", "'input': {'l': -1, 'r': 7}, 'output': {'result': 1}"),
         ""},
        {FILE_OF("own", "quantity_compare",
                 "'input': {'l': -1, 'r': 7}, 'output': {'result': '1'}"),
         "result: expected \"1\", got 1.0"},
        {FILE_OF("own", "quantity_compare", "'input': {'l': -1, 'r': 7}"),
         "the answer: expected nothing, got {\"result\":1.0}"},
        {FILE_OF("own", "quantity_compare", "'input': {'l': 3, 'r': 3}"), ""},
        {FILE_OF("own", "quantity_compare",
                 "'input': {'l': 3, 'r': 3}, 'output': {'more': {'a': [1]}}"),
         "more: expected {\"a\":[1]}, got nothing"},
        {FILE_OF(
             "own", "quantity_compare",
             "'input': {'l': 3, 'r': 7}, 'output': {'result': -1, 'rest': 1e-13, 'message': 'x'}"),
         ""},
        {FILE_OF("own", "quantity_compare",
                 "'input': {'l': 3, 'r': 7}, 'output_any_of': [{'result': 5}, {'result': 1}]"),
         "none of 2 answers; of the first: result: expected 5, got -1.0"},
        {FILE_OF("own", "quantity_compare",
                 "'input': {'l': 3, 'r': 7}, 'output_any_of': [{'result': 5}, {'result': -1}]"),
         ""},
        {FILE_OF("own", "quantity_compare", "'input': {'l': 3, 'r': 7}, 'output': 7"),
         "the answer: expected 7, got {\"result\":-1.0}"},
        {FILE_OF("own", "fair_share_tree",
                 "'input': {'queues': {'a': {}}, 'totals': {'gpu': 3}}, 'output': {'a': [2]}"),
         "a: expected [2], got nothing"},
        {FILE_OF("own", "usage_decay",
                 "'input': {'length': 3, 'half_life_seconds': 0}, 'output': {'weights': [1, 0.5,"
                 " 0.25]}"),
         "weights[1]: expected 0.5, got 1.0"},
        {FILE_OF("own", "usage_decay",
                 "'input': {'length': 2, 'half_life_seconds': 0}, 'output': {'weights': [1]}"),
         "weights: expected [1], got [1.0,1.0]"},
        {FILE_OF("own", "tasks_to_evict", TWO_SETS("['a-0', 'b-0']")), ""},
        {FILE_OF("own", "tasks_to_evict", "'unordered': 'pod_sets', " TWO_SETS("['b-0', 'a-0']")),
         ""},
        {FILE_OF("own", "tasks_to_evict", "'unordered': 'pod_sets', " TWO_SETS("['b-0', 'c-0']")),
         "tasks[0]: expected \"b-0\", got \"a-0\""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct judged judged = document_judge(ROWS[i].text, NULL);
        cr_expect_str_eq(judged.difference, ROWS[i].difference, "%s", judged.difference);
    }
}

Test(vectors, a_file_has_a_family_functions_and_lists)
{
    static const struct {
        const char *text, *words;
    } ROWS[] = {
        {"{'schema': 'kai-vectors/2', 'functions': []}",
         "a vector file has a family and functions"},
        {"{'schema': 'kai-vectors/2', 'family': 'own', 'functions': {}}",
         "a vector file has a family and functions"},
        {"{'schema': 'kai-vectors/2', 'family': 'own', 'functions': [{'vectors': []}]}",
         "functions[0]: no function '' is known"},
        {"{'schema': 'kai-vectors/2', 'family': 'own', 'functions': [{'function':"
         " 'quantity_compare'}]}",
         "functions[0].vectors: expected a list"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct judged judged = document_judge(ROWS[i].text, NULL);
        cr_expect_not_null(strstr(judged.difference, ROWS[i].words), "%s", judged.difference);
    }
}
