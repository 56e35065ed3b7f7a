/*
 * test_play.c - cases of every kind of request are played to the end, and what was decided is what
 * the rules of the scheduler say; expectations that do not hold are told one by one.
 */
#include <string.h>

#include <criterion/criterion.h>

#include "document.h"

#define CASE(BODY)                                                                                 \
    "{'schema': 'kai-conformance-cases/2', 'cases': [{'id': 'own#0', 'name': 'own', " BODY "}]}"
#define SINGLE(ACTIONS)   "'protocol': {'kind': 'single', 'actions': [" ACTIONS "]}, "
#define QUEUE(NAME, GPUS) "{'name': '" NAME "', 'gpu': {'quota': " GPUS ", 'limit': -1}}"
#define NODE(NAME, GPUS)  "'nodes': [{'name': '" NAME "', 'gpus': " GPUS "}], "
#define WHOLE(GPUS)       "'request': {'gpu_kind': 'whole', 'gpu_devices': " GPUS "}"
#define JOB(NAME, QUEUE, PRIORITY, TASKS)                                                          \
    "{'name': '" NAME "', 'queue': '" QUEUE "', 'priority': " PRIORITY ", 'tasks': [" TASKS "]}"

static void expect_passes(const char *text)
{
    struct judged judged = document_judge(text, NULL);
    cr_expect_str_eq(judged.difference, "", "%s", judged.difference);
    cr_expect_eq(judged.passed, 1);
}

static void expect_fails(const char *text, const char *words)
{
    struct judged judged = document_judge(text, NULL);
    cr_expect_eq(judged.failed, 1, "%s", text);
    cr_expect_str_eq(judged.difference, words, "%s", judged.difference);
}

/* A queue over its quota, and a job of one that is below. */
#define RECLAIM                                                                                    \
    NODE("n0", "2")                                                                                \
    "'queues': [" QUEUE("a", "1") ", " QUEUE("b", "1") "], 'jobs': [" JOB(                         \
        "x", "a", "50",                                                                            \
        "{'state': 'running', 'node': 'n0', " WHOLE(                                               \
            "1") "}") ", " JOB("y", "a", "50",                                                     \
                               "{'state': 'running', 'node': 'n0', " WHOLE(                        \
                                   "1") "}") ", " JOB("z", "b", "50", "{" WHOLE("1") "}") "], "

Test(play, a_queue_below_its_quota_takes_back_what_is_its_own)
{
    expect_passes(CASE(RECLAIM "'expected': {'jobs': {'x': {'status': 'running', 'node': 'n0'},"
                               " 'y': {'status': 'pending'},"
                               " 'z': {'status': 'running', 'node': 'n0', 'gpus_required': 1}},"
                               " 'nodes': {'n0': {'idle_gpus': 0, 'releasing_gpus': 0}}}"));
    expect_passes(CASE(SINGLE("'reclaim'") RECLAIM
                       "'expected': {'tasks': {'y-0': {'status': 'releasing'},"
                       " 'z-0': {'status': 'pipelined', 'gpus_accepted': 1}}}"));
}

Test(play, a_job_of_a_higher_priority_takes_the_place_of_a_lower_one)
{
    expect_passes(CASE("'protocol': {'rounds_until_match': 2, 'rounds_after_match': 1}, " NODE(
        "n0",
        "2") "'queues': "
             "[" QUEUE("q", "2") "], 'jobs': [" JOB(
                 "low", "q", "50",
                 "{'state': 'running', 'node': 'n0', " WHOLE(
                     "2") "}") ", " JOB("high", "q", "75",
                                        "{" WHOLE(
                                            "2") "}") "], "
                                                      "'expected': {'jobs': {'low': {'status': "
                                                      "'pending'}, 'high': {'status': 'running',"
                                                      " 'gpus_accepted': 2, 'cpu_milli_required': "
                                                      "1000, 'memory_bytes_required': 1e9}}}"));
}

/* Two halves of a GPU, and a task that asks for a quarter of its memory. */
#define SHARED                                                                                     \
    "'nodes': [{'name': 'n0', 'gpus': 2, 'gpu_memory_mib': 400}], "                                \
    "'queues': [" QUEUE("q", "2") "], 'jobs': [" JOB(                                              \
        "halves", "q", "60",                                                                       \
        "{'request': {'gpu_kind': 'fraction', 'gpu_portion': 0.5}},"                               \
        " {'request': {'gpu_kind': 'fraction', 'gpu_portion': 0.5}}") ", " JOB("memory", "q",      \
                                                                               "50",               \
                                                                               "{'request': "      \
                                                                               "{'gpu_kind': "     \
                                                                               "'gpu_memory', "    \
                                                                               "'gpu_memory_mib':" \
                                                                               " 100}}") "], "

Test(play, parts_of_a_gpu_are_packed_on_one)
{
    expect_passes(CASE(SHARED "'expected': {'jobs': {'halves': {'status': 'running',"
                              " 'gpus_required': 1, 'gpus_accepted': 1}, 'memory': {'node': 'n0',"
                              " 'gpus_required': 0, 'gpus_accepted': 0.25}},"
                              " 'nodes': {'n0': {'idle_gpus': 0}}}"));
}

Test(play, the_record_of_a_round_says_who_shares_a_gpu)
{
    struct judged judged = document_judge(
        CASE(SINGLE("'allocate'") SHARED "'features': ['shared']"),
        "{'cases': [{}, {'id': 'own#0', 'rounds': [{'binds': 3, 'evictions': 0, 'tasks': {"
        "'halves-0': {'status': 'binding', 'node': 'n0', 'gpu_groups': ['new7']},"
        "'halves-1': {'status': 'binding', 'node': 'n0', 'gpu_groups': ['new7']},"
        "'memory-0': {'status': 'binding', 'node': 'n0', 'gpu_groups': ['new9']}}}]}]}");
    cr_assert_eq(judged.passed, 1, "%s", judged.difference);
    cr_assert_eq(judged.rounds, 1);
}

Test(play, a_case_without_a_record_and_without_expectations_is_only_run)
{
    struct judged judged = document_judge(CASE(SHARED "'features': []"), NULL);
    cr_assert_eq(judged.only_run, 1, "%s", judged.difference);
    cr_assert_eq(judged.rounds, 7);
    judged = document_judge(
        CASE("'protocol': {'asserts': 'none', 'rounds_until_match': 1, 'rounds_after_match': "
             "0}, " SHARED "'expected': {'jobs': {'halves': {'status': 'gated'}}}"),
        NULL);
    cr_assert_eq(judged.only_run, 1, "%s", judged.difference);
    cr_assert_eq(judged.rounds, 1);
}

Test(play, instances_of_gpus_are_counted_by_their_profile)
{
    const char *text =
        CASE(SINGLE("'allocate'") "'nodes': [{'name': 'n0', 'gpus': 0, 'mig_strategy': 'mixed', "
                                  "'mig_instances':"
                                  " {'nvidia.com/mig-1g.5gb': 3}}], 'queues': [" QUEUE(
                                      "q", "2") "], 'jobs': [" JOB("j", "q", "50",
                                                                   "{'request': {'gpu_kind': "
                                                                   "'mig', 'mig':"
                                                                   " {'nvidia.com/mig-1g.5gb': "
                                                                   "2}}}") "], 'features': []");
    struct judged judged = document_judge(
        text, "{'cases': [{'id': 'own#0', 'rounds': [{'nodes': {'n0': {'idle_gpus': 0,"
              " 'releasing_gpus': 0, 'used_gpus': 0, 'idle_cpu_milli': 19999000,"
              " 'idle_memory_bytes': 19e9, 'idle_pods': 109, 'other': {'nvidia.com/mig-1g.5gb':"
              " {'idle': 1, 'releasing': 0, 'used': 2}}}}}]}]}");
    cr_assert_eq(judged.passed, 1, "%s", judged.difference);
}

/* Two zones of two GPUs, the first with one taken. */
#define ZONE(ID) "{'id': '" ID "', 'allocatable': {'cpu_milli': 4000, 'nvidia.com/gpu': 2}}"
#define ZONED(POLICY)                                                                              \
    SINGLE("'allocate'")                                                                           \
    "'nodes': [{'name': 'n0', 'gpus': 4, 'cpu_milli': 8000, 'numa': {'policy': '" POLICY           \
    "', 'scope': 'pod', 'zones': [" ZONE("node-0") ", " ZONE(                                      \
        "node-1") "]}}], "                                                                         \
                  "'queues': [" QUEUE(                                                             \
                      "q",                                                                         \
                      "4") "], 'jobs': [{'name': 'r', 'queue': 'q', 'priority': 50, "              \
                           "'qos_class': 'Guaranteed', 'tasks': [{'state': 'running', 'node': "    \
                           "'n0', " WHOLE("1") ", "                                                \
                                               "'numa_placement': {'node-0': {'cpu_milli': 1000, " \
                                               "'nvidia.com/gpu': 1}}}]}, "                        \
                                               "{'name': 'j', 'queue': 'q', 'priority': 50, "      \
                                               "'qos_class': 'Guaranteed', 'tasks': [{" WHOLE(     \
                                                   "2") "}]}], "

Test(play, a_task_of_one_zone_goes_where_the_zone_has_room)
{
    expect_passes(CASE(ZONED(
        "single-numa-node") "'expected': {'jobs': {'j': {'status': 'binding', 'numa_zones': [1]}},"
                            " 'nodes': {'n0': {'numa_zones_available': {'0': {'cpu_milli': 3000,"
                            " 'nvidia.com/gpu': 1}, '1': {'nvidia.com/gpu': 0, 'cpu_milli': "
                            "3000}}}}}"));
    expect_fails(CASE(ZONED("single-numa-node") "'expected': {'jobs': {'j': {'numa_zones': [0]}}}"),
                 "j-0: its NUMA zones are not those expected");
    expect_fails(CASE(ZONED("none") "'expected': {'jobs': {'j': {'numa_zones': [0]}}}"),
                 "j-0: its NUMA zones are not those expected");
    expect_fails(CASE(ZONED("restricted") "'expected': {'nodes': {'n0': {'numa_zones_available':"
                                          " {'1': {'nvidia.com/gpu': 2, 'cpu_milli': 3000}}}}}"),
                 "n0.nvidia.com/gpu: expected 2, got 0.0");
}

Test(play, binds_that_fail_are_told_and_leave_the_task_pending)
{
    struct judged judged = document_judge(
        CASE(SINGLE("'allocate'") "'config': {'bind_always_fails': true}, " NODE(
            "n0", "1") "'queues': [" QUEUE("q", "1") "], 'jobs': [" JOB("j", "q", "50",
                                                                        "{" WHOLE("1") "}") "]"),
        "{'cases': [{'id': 'own#0', 'rounds': [{'binds': 0, 'events': [{'action': 'allocate',"
        " 'batch': 1, 'kind': 'bind', 'task': 'j-0', 'node': 'n0', 'failed': true}]}]}]}");
    cr_assert_eq(judged.passed, 1, "%s", judged.difference);
}

Test(play, without_the_plugin_that_divides_queues_have_no_shares)
{
    struct judged judged = document_judge(
        CASE(SINGLE(
            "'allocate'") "'config': {'plugins': ['predicates', 'priority'],"
                          " 'plugin_arguments': {'nodeplacement': {'gpu': 'spread'}}}, " NODE(
                              "n0",
                              "1") "'queues': [" QUEUE("q",
                                                       "1") "], 'jobs': [" JOB("j", "q", "50",
                                                                               "{" WHOLE(
                                                                                   "1") "}") "]"),
        "{'cases': [{'id': 'own#0', 'rounds': [{'queues': {}, 'cluster_total': {}, 'binds': "
        "1}]}]}");
    cr_assert_eq(judged.passed, 1, "%s", judged.difference);
}

Test(play, shares_of_queues_and_of_the_cluster_are_recorded)
{
    struct judged judged = document_judge(
        CASE(SINGLE("'allocate'") NODE("n0", "2") "'queues': [" QUEUE("q", "1") "], 'jobs': [" JOB(
            "j", "q", "50", "{" WHOLE("1") "}") "]"),
        "{'cases': [{'id': 'own#0', 'rounds': [{'cluster_total': {'cpu': 20000000, 'memory': 20e9,"
        " 'gpu': 2}, 'queues': {'q': {'gpu': {'deserved': 1, 'fair_share': 1, 'limit': -1,"
        " 'over_quota_weight': 0, 'allocated': 0, 'allocated_non_preemptible': 0, 'requested': 1},"
        " 'cpu': {'deserved': -1, 'fair_share': 1000, 'limit': -1, 'over_quota_weight': 1,"
        " 'allocated': 0, 'allocated_non_preemptible': 0, 'requested': 1000}, 'memory':"
        " {'deserved': -1, 'fair_share': 1e9, 'limit': -1, 'over_quota_weight': 1, 'allocated': 0,"
        " 'allocated_non_preemptible': 0, 'requested': 1e9}}}}]}]}");
    cr_assert_eq(judged.passed, 1, "%s", judged.difference);
}

Test(play, pods_that_must_be_near_or_far_are_so)
{
    const char *nodes =
        CASE("'nodes': [{'name': 'n0', 'labels': {'zone': 'a'}}, {'name': 'n1', 'labels': "
             "{'zone':"
             " 'b'}}], 'queues': [" QUEUE("q", "1") "], 'jobs': [" JOB(
                 "far", "q", "60",
                 "{'labels': {'app': 'x'}, 'pod_anti_affinity_topology_key': 'zone',"
                 " 'node_affinity': ['n0']},"
                 " {'labels': {'app': 'x'}, 'pod_anti_affinity_topology_key': 'zone',"
                 " 'task_priority': 3}") ", " JOB("near", "q", "50",
                                                  "{'labels': {'app': 'y'}, "
                                                  "'pod_affinity_topology_key': 'zone',"
                                                  " 'node_affinity': ['n1']}, {'labels': "
                                                  "{'app': 'y'}, 'pod_affinity_topology_key':"
                                                  " 'zone', 'pod_anti_affinity_topology_key': "
                                                  "''}") "], 'expected': {'tasks': {'far-0': "
                                                         "{'node': 'n0'}, 'far-1': {'node': "
                                                         "'n1'},"
                                                         " 'near-0': {'node': 'n1'}, 'near-1': "
                                                         "{'node': 'n1'}}}");
    expect_passes(nodes);
}

Test(play, a_gang_of_sub_groups_stays_in_its_block)
{
    expect_passes(CASE(
        "'topologies': [{'name': 't', 'levels': ['block']}],"
        "'nodes': [{'name': 'n0', 'gpus': 1, 'labels': {'block': 'a'}},"
        " {'name': 'n1', 'gpus': 1, 'labels': {'block': 'b'}},"
        " {'name': 'n2', 'gpus': 1, 'labels': {'block': 'b'}}], 'queues': [" QUEUE(
            "q", "3") "], 'jobs': [{'name': 'g', 'queue': 'q', 'priority': 50, 'pod_group': {"
                      "'groups': [{'name': 'inner', 'topology_constraint': {'topology': 't', "
                      "'required_level':"
                      " 'block'}, 'pod_sets': [{'name': 'lead'}, {'name': 'work', 'min_available': "
                      "1}]}]},"
                      "'tasks': [{'pod_set': 'lead', " WHOLE("1") "}, {'pod_set': 'work', " WHOLE(
                          "1") "}]}],"
                               "'expected': {'nodes': {'n0': {'idle_gpus': 1}, 'n1': {'idle_gpus': "
                               "0}, 'n2':"
                               " {'idle_gpus': 0}}, 'jobs': {'g': {'status': 'running'}}}"));
}

#define STALE(A, B)                                                                                \
    CASE(SINGLE("'stalegangeviction'") NODE("n0", "2") "'queues': [" QUEUE(                        \
        "q",                                                                                       \
        "2") "], 'jobs': "                                                                         \
             "[{'name': 'g', 'queue': 'q', 'priority': 50, 'stale_for_ms': 5000,"                  \
             " 'staleness_grace_ms': " A ", 'last_start_age_ms': 90000, 'pod_group': {'pod_sets':" \
             " [{'name': 'default', 'min_available': 2}]}, 'tasks': [{'state': 'running', 'node':" \
             " 'n0', " WHOLE("1") "}, {'state': 'failed', " WHOLE(                                 \
                 "1") "}]}],"                                                                      \
                      " 'expected': {'tasks': {'g-0': {'status': '" B "'}}}")

Test(play, a_stale_gang_is_evicted_after_its_grace)
{
    expect_passes(STALE("4000", "releasing"));
    expect_passes(STALE("6000", "running"));
}

#define VICTIM(A, B)                                                                               \
    CASE(SINGLE("'preempt'") NODE(                                                                 \
        "n0",                                                                                      \
        "1") "'queues': [{'name': 'q', 'gpu': {'quota': 1,"                                        \
             " 'limit': -1}, 'preempt_min_runtime_ms': " A                                         \
             "}], 'jobs': [{'name': 'low', 'queue': 'q',"                                          \
             " 'priority': 50, 'last_start_age_ms': 60000, 'tasks': [{'state': 'running', 'node':" \
             " 'n0', " WHOLE("1") "}]}, " JOB(                                                     \
                 "high", "q", "75",                                                                \
                 "{" WHOLE("1") "}") "],"                                                          \
                                     " 'expected': {'tasks': {'low-0': {'status': '" B "'}}}")

Test(play, victims_are_safe_for_the_least_time_of_their_queue)
{
    expect_passes(VICTIM("59000", "releasing"));
    expect_passes(VICTIM("61000", "running"));
}

Test(play, a_deleted_victim_is_released_for_ever)
{
    expect_passes(CASE("'protocol': {'rounds_until_match': 2, 'rounds_after_match': 0}, " NODE(
        "n0",
        "1") "'queues': [" QUEUE("q",
                                 "1") "], 'jobs': [{'name': 'low', 'queue': 'q', 'priority':"
                                      " 50, 'delete_when_evicted': true, 'tasks': [{'state': "
                                      "'running', 'node': 'n0', " WHOLE("1") "}]}, " JOB(
                                          "high", "q", "75",
                                          "{" WHOLE("1") "}") "], 'expected': {'jobs':"
                                                              " {'low': {'status': 'releasing'}, "
                                                              "'high': {'status': 'pending'}}}"));
}

Test(play, device_claims_go_from_round_to_round)
{
    expect_passes(CASE("'nodes': [{'name': 'n0'}], 'queues': [" QUEUE(
        "q",
        "4") "],"
             " 'dra': {'device_classes': ['gpu.example'], 'slices': [{'node': 'n0', 'devices': 2}],"
             " 'claims': [{'name': 'c', 'device_class': 'gpu.example', 'count': 2, 'labels':"
             " {'kai.scheduler/queue': 'q'}}]}, 'jobs': [" JOB(
                 "a", "q", "50", "{'resource_claims': ['c']}") ", " JOB("b", "q", "50",
                                                                        "{'resource_claims': "
                                                                        "['c']}") "],"
                                                                                  " 'expected': "
                                                                                  "{'jobs': {'a': "
                                                                                  "{'status': "
                                                                                  "'running'}, "
                                                                                  "'b': {'status': "
                                                                                  "'running'}},"
                                                                                  " 'nodes': "
                                                                                  "{'n0': "
                                                                                  "{'idle_gpus': "
                                                                                  "0}}}"));
}
