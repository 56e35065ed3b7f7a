/* test_settle.c - a case is played until its state comes back: it rests, or it goes round. */
#include <string.h>

#include <criterion/criterion.h>

#include "document.h"

#define CASE(BODY)                                                                                 \
    "{'schema': 'kai-conformance-cases/2', 'cases': [{'id': 'own#0', 'queues': [{'name': 'q',"     \
    " 'gpu': {'quota': 4, 'limit': -1}}], " BODY "}]}"
#define ONE_GPU "'request': {'gpu_kind': 'whole', 'gpu_devices': 1}"

Test(settle, a_cluster_in_which_all_run_rests)
{
    struct judged judged = document_settle(
        CASE("'nodes': [{'name': 'n0', 'gpus': 2}], 'jobs': [{'name': 'j', 'queue': 'q', 'tasks':"
             " [{" ONE_GPU "}, {'request': {'gpu_kind': 'fraction', 'gpu_portion': 0.5}},"
             " {'request': {'gpu_kind': 'fraction', 'gpu_portion': 0.5}, 'state': 'running',"
             " 'node': 'n0', 'gpu_groups': ['given']}]}]"));
    cr_assert_eq(judged.passed, 1, "%s", judged.difference);
    cr_assert_eq(judged.rounds, 2);
}

Test(settle, devices_of_claims_are_part_of_the_state)
{
    struct judged judged = document_settle(
        CASE("'nodes': [{'name': 'n0'}], 'dra': {'device_classes': ['gpu.x'], 'slices': [{'node':"
             " 'n0', 'devices': 1}], 'claims': [{'name': 'c', 'device_class': 'gpu.x', 'labels':"
             " {'kai.scheduler/queue': 'q'}}]}, 'jobs': [{'name': 'j', 'queue': 'q', 'tasks': [{"
             "'resource_claims': ['c']}]}]"));
    cr_assert_eq(judged.passed, 1, "%s", judged.difference);
    cr_assert_eq(judged.rounds, 2);
}

/* One of two pod sets is enough to start, and too few to stay. */
Test(settle, a_gang_that_starts_with_too_few_to_stay_goes_round)
{
    struct judged judged = document_settle(
        CASE("'nodes': [{'name': 'n0', 'gpus': 1}], 'jobs': [{'name': 'j', 'queue': 'q',"
             " 'priority': 50, 'pod_group': {'groups': [{'name': 'g', 'min_sub_group': 1,"
             " 'pod_sets': [{'name': 'x'}, {'name': 'y'}]}]}, 'tasks': [{'pod_set': 'x', " ONE_GPU
             "}, {'pod_set': 'y', " ONE_GPU "}]}]"));
    cr_assert_eq(judged.failed, 1);
    cr_assert_str_eq(judged.difference,
                     "never settles: from round 1 on, every 1 round(s) the same state again with 1"
                     " eviction(s)\n"
                     "  round 1\n"
                     "    allocate: j-0 is bound to n0\n"
                     "    stalegangeviction: j-0 is evicted from n0\n"
                     "    j-0, evicted by stalegangeviction, comes back pending and is bound in the"
                     " next round",
                     "%s", judged.difference);
}

Test(settle, a_case_without_sense_is_refused)
{
    struct judged judged = document_settle(CASE("'nodes': [{'name': 'n'}, {'name': 'n'}]"));
    cr_assert_str_eq(judged.difference, "refused: node \"n\" is given twice");
}

/* An elastic job over its quota loses a task to the queue below its own, and takes it back first: a
 * job that no node can hold stands before the one that was promised the GPU. */
Test(settle, the_rules_that_close_a_circle_are_told)
{
    struct judged judged = document_settle(
        "{'schema': 'kai-conformance-cases/2', 'cases': [{'id': 'own#0', 'nodes': [{'name': 'n',"
        " 'gpus': 3}], 'queues': [{'name': 'small', 'gpu': {'quota': 1, 'limit': -1,"
        " 'over_quota_weight': 1}}, {'name': 'wide', 'gpu': {'quota': 1, 'limit': -1,"
        " 'over_quota_weight': 3}}], 'jobs': [{'name': 'stretch', 'queue': 'wide', 'priority': 50,"
        " 'age_minutes': 2, 'pod_group': {'pod_sets': [{}]}, 'tasks': [{'state': 'running',"
        " 'node': 'n', " ONE_GPU "}, {'state': 'running', 'node': 'n', " ONE_GPU "}, {'state':"
        " 'running', 'node': 'n', " ONE_GPU
        "}]}, {'name': 'huge', 'queue': 'small', 'priority': 50,"
        " 'age_minutes': 3, 'tasks': [{'request': {'gpu_kind': 'whole', 'gpu_devices': 4}}]},"
        " {'name': 'one', 'queue': 'small', 'priority': 50, 'age_minutes': 1, 'tasks': [{" ONE_GPU
        "}]}]}]}");
    cr_assert_eq(judged.failed, 1);
    cr_assert_str_eq(judged.difference,
                     "never settles: from round 2 on, every 1 round(s) the same state again with 1"
                     " eviction(s)\n"
                     "  round 2\n"
                     "    allocate: stretch-2 is bound to n\n"
                     "    reclaim: stretch-2 is evicted from n for one\n"
                     "    reclaim: one-0 is promised n for one\n"
                     "    one has no place of its own yet: what it was promised is being released\n"
                     "    stretch-2, evicted by reclaim for one, comes back pending and is bound in"
                     " the next round: allocation puts it before the job that it was evicted for",
                     "%s", judged.difference);
}
