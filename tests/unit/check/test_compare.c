/*
 * test_compare.c - what a round decided is compared with a record: the first difference by its
 * place, names of shared GPUs and the order within a batch of evictions left aside.
 */
#include <string.h>

#include <criterion/criterion.h>

#include "document.h"
#include "sim/check/compare.h"

/* The difference of the rounds to the record, which must be `words` ("": none). */
static void expect_difference(const char *got, const char *recorded, const char *words)
{
    json_t *mine = document_of(got);
    json_t *theirs = document_of(recorded);
    struct text difference = {0};
    text_add(&difference, "");
    compare_rounds(mine, theirs, &difference);
    cr_expect_str_eq(difference.bytes, words, "%s", difference.bytes);
    text_release(&difference);
    json_decref(mine);
    json_decref(theirs);
}

Test(compare, another_number_of_rounds_is_told)
{
    expect_difference("[{}, {}]", "{'rounds': [{}]}", "expected 1 rounds, got 2");
}

Test(compare, the_first_difference_is_told_by_its_path)
{
    expect_difference(
        "[{}, {'tasks': {'b': {'node': 'n0'}, 'a': {'status': 'bound'}}}]",
        "{'rounds': [{}, {'tasks': {'b': {'node': 'n1'}, 'a': {'status': 'gated'}}}]}",
        "round 2: tasks.a.status: expected \"gated\", got \"bound\"");
    expect_difference("[{'events': [{'kind': 'bind'}]}]", "{'rounds': [{'events': []}]}",
                      "round 1: events[0]: expected nothing, got {\"kind\":\"bind\"}");
    expect_difference("[{}]", "{'rounds': [{'binds': 2}]}",
                      "round 1: binds: expected 2, got nothing");
}

Test(compare, what_a_decision_was_based_on_is_told_before_it)
{
    expect_difference("[{'binds': 1, 'events': [], 'queues': {'q': 1}}]",
                      "{'rounds': [{'binds': 2, 'events': [1], 'queues': {'q': 2}}]}",
                      "round 1: queues.q: expected 2, got 1");
}

Test(compare, parts_that_a_record_leaves_out_are_not_compared)
{
    expect_difference("[{'binds': 1, 'reasons': {'j': 'x'}}]", "{'rounds': [{'reasons': {}}]}", "");
}

Test(compare, numbers_may_differ_by_what_rounding_leaves)
{
    expect_difference("[{'cluster_total': {'gpu': 1.000001}}]",
                      "{'rounds': [{'cluster_total': {'gpu': 1}}]}", "");
    expect_difference("[{'cluster_total': {'gpu': 1.25}}]",
                      "{'rounds': [{'cluster_total': {'gpu': 1}}]}",
                      "round 1: cluster_total.gpu: expected 1, got 1.25");
    expect_difference("[{'binds': '1'}]", "{'rounds': [{'binds': 1}]}",
                      "round 1: binds: expected 1, got \"1\"");
}

Test(compare, one_of_the_variants_is_enough)
{
    const char *recorded = "{'rounds': [{'binds': 1}], 'variants': [{'rounds': [{'binds': 2}]},"
                           " {'rounds': [{'binds': 3}]}]}";
    expect_difference("[{'binds': 3}]", recorded, "");
    expect_difference("[{'binds': 4}]", recorded, "round 1: binds: expected 1, got 4");
}

Test(compare, evictions_of_a_batch_have_no_order_and_no_place)
{
    expect_difference("[{'events': [{'kind': 'evict', 'batch': 1, 'task': 'b', 'node': 'n0'},"
                      " {'kind': 'evict', 'batch': 1, 'task': 'a', 'preemptor': 'p'}]}]",
                      "{'rounds': [{'events': [{'kind': 'evict', 'batch': 1, 'task': 'a'},"
                      " {'kind': 'evict', 'batch': 1, 'task': 'b', 'gpu_groups': ['g']}]}]}",
                      "");
    expect_difference("[{'events': [{'kind': 'evict', 'batch': 1, 'task': 'b'},"
                      " {'kind': 'evict', 'batch': 2, 'task': 'a'}]}]",
                      "{'rounds': [{'events': [{'kind': 'evict', 'batch': 1, 'task': 'a'},"
                      " {'kind': 'evict', 'batch': 2, 'task': 'b'}]}]}",
                      "round 1: events[0].task: expected \"a\", got \"b\"");
    expect_difference("[{'events': [{'kind': 'bind', 'batch': 1, 'task': 'b'},"
                      " {'kind': 'bind', 'batch': 1, 'task': 'a'}]}]",
                      "{'rounds': [{'events': [{'kind': 'bind', 'batch': 1, 'task': 'a'},"
                      " {'kind': 'bind', 'batch': 1, 'task': 'b'}]}]}",
                      "round 1: events[0].task: expected \"a\", got \"b\"");
}

Test(compare, made_gpus_are_the_same_when_the_same_tasks_hold_them)
{
    expect_difference(
        "[{'tasks': {'a': {'gpu_groups': ['new1']}, 'b': {'gpu_groups': ['new1']},"
        " 'c': {'gpu_groups': ['new0', 'given']}}, 'events': [{'kind': 'bind', 'gpu_groups': "
        "['new0']}]}]",
        "{'rounds': [{'tasks': {'a': {'gpu_groups': ['new-x']}, 'b': {'gpu_groups': ['new-x']},"
        " 'c': {'gpu_groups': ['given', 'new-y']}}, 'events': [{'kind': 'bind', 'gpu_groups':"
        " ['new-y']}]}]}",
        "");
    expect_difference(
        "[{'tasks': {'a': {'gpu_groups': ['new1']}, 'b': {'gpu_groups': ['new0']}}}]",
        "{'rounds': [{'tasks': {'a': {'gpu_groups': ['newx']}, 'b': {'gpu_groups': ['newx']}}}]}",
        "round 1: tasks.b.gpu_groups[0]: expected \"fresh000000\", got \"fresh000001\"");
}

Test(compare, given_gpus_keep_their_names)
{
    expect_difference("[{'tasks': {'a': {'gpu_groups': ['g0', 3]}}}]",
                      "{'rounds': [{'tasks': {'a': {'gpu_groups': ['g1', 3]}}}]}",
                      "round 1: tasks.a.gpu_groups[1]: expected \"g1\", got \"g0\"");
}
