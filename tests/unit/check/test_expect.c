/* test_expect.c - an expectation that does not hold is told by who it is about and what was got. */
#include <string.h>

#include <criterion/criterion.h>

#include "document.h"

/* One running job, one that is bound, one that no node can take. */
#define CASE(BODY)                                                                                 \
    "{'schema': 'kai-conformance-cases/2', 'cases': [{'id': 'own#0', 'protocol': {'kind':"         \
    " 'single', 'actions': ['allocate']}, 'nodes': [{'name': 'n0', 'gpus': 3, 'gpu_memory_mib':"   \
    " 200}], 'queues': [{'name': 'q', 'gpu': {'quota': 4, 'limit': -1}}], 'jobs': [{'name': 'a',"  \
    " 'queue': 'q', 'priority': 50, 'last_start_age_ms': 5000, 'tasks': [{'state': 'running',"     \
    " 'node': 'n0', 'request': {'gpu_kind': 'whole', 'gpu_devices': 1}}]}, {'name': 'b',"          \
    " 'queue': 'q', 'priority': 60, 'tasks': [{'request': {'gpu_kind': 'gpu_memory',"              \
    " 'gpu_memory_mib': 100, 'gpu_devices': 2}}]}, {'name': 'c', 'queue': 'q', 'priority': 50,"    \
    " 'tasks': [{'request': {'gpu_kind': 'whole', 'gpu_devices': 9}}]}], " BODY "}]}"

Test(expect, each_failing_expectation_has_its_words)
{
    static const struct {
        const char *body, *difference;
    } ROWS[] = {
        {"'expected': {'jobs': {'d': {}}}", "d is expected, but not in the case"},
        {"'expected': {'tasks': {'a': {}}}", "a is expected, but not in the case"},
        {"'expected': {'jobs': {'c': {'node': 'n0'}}}", "c-0: node: expected n0, got none"},
        {"'expected': {'tasks': {'a-0': {'status': 'bound'}}}",
         "a-0: status: expected bound, got running"},
        {"'expected': {'jobs': {'b': {'gpus_accepted': 2}}}",
         "b: gpus_accepted: expected 2, got 1"},
        {"'expected': {'jobs': {'b': {'gpus_required': 1}}}",
         "b: gpus_required: expected 1, got 0"},
        {"'expected': {'jobs': {'a': {'cpu_milli_required': 5}}}",
         "a: cpu_milli_required: expected 5, got 1000"},
        {"'expected': {'jobs': {'a': {'memory_bytes_required': 5}}}",
         "a: memory_bytes_required: expected 5, got 1e+09"},
        {"'expected': {'jobs': {'a': {'status': 'running', 'last_start_older_than_ms': 5001}}}",
         "a: started less than 5001 ms ago"},
        {"'expected': {'jobs': {'a': {'status': 'running', 'numa_zones': [0]}}}",
         "a-0: its NUMA zones are not those expected"},
        {"'expected': {'jobs': {'b': {'error_message': 'x'}}}",
         "b: expected to be refused with a reason, there is none"},
        {"'expected': {'nodes': {'n0': {'idle_gpus': 3}}}", "n0: idle_gpus: expected 3, got 0"},
        {"'expected': {'nodes': {'n0': {'releasing_gpus': 1}}}",
         "n0: releasing_gpus: expected 1, got 0"},
        {"'expected': {'nodes': {'n9': {'idle_gpus': 3}}}", "n9: idle_gpus: expected 3, got nan"},
        {"'expected': {'nodes': {'n0': {'numa_zones_available': {'0': {'cpu': 1}}}}}",
         "n0: expected {\"cpu\":1}, got nothing"},
        {"'limits': {'max_binds': 0}", "1 binds, at most 0 are allowed"},
        {"'limits': {'max_evictions': 0, 'max_pipelines': -1}",
         "0 pipelines, at most -1 are allowed"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        char text[2048];
        (void)snprintf(text, sizeof text, CASE("%s"), ROWS[i].body);
        struct judged judged = document_judge(text, NULL);
        cr_expect_eq(judged.failed, 1, "%s", ROWS[i].body);
        cr_expect_str_eq(judged.difference, ROWS[i].difference, "%s", judged.difference);
    }
}

Test(expect, what_holds_of_every_kind_passes)
{
    struct judged judged = document_judge(
        CASE("'limits': {'max_binds': 1, 'max_evictions': 0, 'max_pipelines': 0},"
             " 'expected': {'jobs': {'a': {'status': 'running', 'last_start_older_than_ms': 5000,"
             " 'numa_zones': []}, 'b': {'node': 'n0', 'gpus_accepted': 1}, 'c': {'status':"
             " 'pending', 'error_message': 'x', 'gpus_required': 9}}, 'unmatched_tasks': ['z']}"),
        NULL);
    cr_assert_eq(judged.passed, 1, "%s", judged.difference);
}
