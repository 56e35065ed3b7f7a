/* test_refused_cases.c - cases without sense are refused by the place of what is wrong. */
#include <string.h>

#include <criterion/criterion.h>

#include "document.h"
#include "sim/base/text.h"

#define ONE_JOB(BODY)  "'queues': [{'name': 'q'}], 'jobs': [{'name': 'j', 'queue': 'q', " BODY "}]"
#define ONE_TASK(BODY) ONE_JOB("'tasks': [{" BODY "}]")

Test(refused_cases, every_part_without_sense_has_its_words)
{
    static const struct {
        const char *body, *words;
    } ROWS[] = {
        {"'protocol': {'kind': 'twice'}", "protocol: kind is neither single nor rounds"},
        {"'protocol': {'rounds_until_match': -1}", "protocol: the rounds must be from 0 to 100000"},
        {"'protocol': {'rounds_until_match': 100001}",
         "protocol: the rounds must be from 0 to 100000"},
        {"'protocol': {'rounds_after_match': -1}", "protocol: the rounds must be from 0 to 100000"},
        {"'protocol': {'rounds_after_match': 100001}",
         "protocol: the rounds must be from 0 to 100000"},
        {"'protocol': {'actions': ['sleep']}", "protocol.actions[0]: no such action"},
        {"'protocol': {'actions': [1]}", "protocol.actions[0]: expected a text"},
        {"'protocol': {'actions': [1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7]}",
         "protocol.actions: more than 16 actions"},
        {"'jobs': 3", "jobs: expected a list"},
        {"'nodes': 3", "nodes: expected a list"},
        {"'nodes': [{'gpus': 1}]", "nodes[0].name: expected a name"},
        {"'nodes': [{'name': 'n'}, {'name': 'n'}]", "node \"n\" is given twice"},
        {"'nodes': [{'name': 'n', 'labels': {'a': 1}}]", "nodes[0].labels.a: expected a text"},
        {"'nodes': [{'name': 'n', 'gpus': 'many'}]", "nodes[0].gpus: expected a number"},
        {"'nodes': [{'name': 'n', 'mig_instances': {'x': true}}]",
         "nodes[0].mig_instances.x: expected a number"},
        {"'nodes': [{'name': 'n', 'gpu_memory_known': 1}]",
         "nodes[0].gpu_memory_known: expected true or false"},
        {"'nodes': [{'name': 'n', 'gpu_memory_mib': 1.5}]",
         "nodes[0].gpu_memory_mib: expected a whole number"},
        {"'nodes': [{'name': 'n', 'gpus': -1}]",
         "node \"n\": gpus must be a number from 0 to 100000"},
        {"'queues': [{'name': 'q'}, {'name': 'q'}]", "queue \"q\" is given twice"},
        {"'queues': [{'name': 'q', 'creation_order': 99999999}]",
         "queues[0].creation_order: expected a number from -10000000 to 10000000"},
        {"'queues': [{'name': 'q', 'reclaim_min_runtime_ms': 9e15}]",
         "queues[0].reclaim_min_runtime_ms: expected a number from -500000000000 to 4000000000000"},
        {"'topologies': [{'name': 't'}, {'name': 't'}]", "topology \"t\" is given twice"},
        {"'topologies': [{'levels': []}]", "topologies[0].name: expected a name"},
        {"'config': {'plugin_arguments': {'p': {'k': 1}}}",
         "config.plugin_arguments.k: expected a text"},
        {"'config': {'plugins': 'all'}", "config.plugins: expected a list"},
        {"'jobs': [{'tasks': [{}]}]", "jobs[0].name: expected a name"},
        {"'queues': [{'name': 'q'}], 'jobs': [{'name': 'j', 'queue': 'q'}, {'name': 'j', 'queue':"
         " 'q'}]",
         "job \"j\" is given twice"},
        {ONE_JOB("'age_minutes': 1e9"), "jobs[0]: an age out of range"},
        {ONE_JOB("'age_minutes': 'nan'"), "jobs[0]: an age out of range"},
        {ONE_JOB("'priority': 0.5"), "jobs[0].priority: expected a whole number"},
        {ONE_TASK("'state': 'asleep'"), "jobs[0].tasks[0]: no such state"},
        {ONE_TASK("'request': {'gpu_kind': 'half'}"), "jobs[0].tasks[0].request: no such gpu_kind"},
        {ONE_TASK("'gpu_groups': [1]"), "jobs[0].tasks[0].gpu_groups[0]: expected a text"},
        {ONE_JOB("'tasks': [{'name': 't'}, {'name': 't'}]"), "task \"t\" is given twice"},
        {ONE_JOB("'pod_group': {'pod_sets': [{'min_available': -1}]}"),
         "job \"j\": minimum of sub-group \"default\" is negative"},
        {"'dra': {'claims': [{'name': 'c'}]}",
         "dra.claims[0].device_class: expected a device class"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        char text[2048], words[512];
        (void)snprintf(text, sizeof text,
                       "{'schema': 'kai-conformance-cases/2', 'cases': [{'id': 'own', %s}]}",
                       ROWS[i].body);
        (void)snprintf(words, sizeof words, "refused: %s", ROWS[i].words);
        struct judged judged = document_judge(text, NULL);
        cr_expect_eq(judged.failed, 1, "%s", ROWS[i].body);
        cr_expect_str_eq(judged.difference, words, "%s: %s", ROWS[i].body, judged.difference);
    }
}

Test(refused_cases, a_case_is_an_object)
{
    struct judged judged =
        document_judge("{'schema': 'kai-conformance-cases/2', 'cases': [7]}", NULL);
    cr_assert_str_eq(judged.difference, "refused: document: expected an object", "%s",
                     judged.difference);
}

Test(refused_cases, groups_are_nested_to_a_bound)
{
    struct text text = {0};
    text_add(&text, "{'schema': 'kai-conformance-cases/2', 'cases': [{'queues': [{'name': 'q'}],"
                    " 'jobs': [{'name': 'j', 'queue': 'q', 'pod_group': {");
    for (int i = 0; i < 60; i++) {
        text_add(&text, "'groups': [{");
    }
    for (int i = 0; i < 60; i++) {
        text_add(&text, "}]");
    }
    text_add(&text, "}}]}]}");
    struct judged judged = document_judge(text.bytes, NULL);
    cr_assert_eq(judged.failed, 1);
    cr_assert_eq(strncmp(judged.difference, "refused: jobs[0].pod_group.groups[0].groups[0].", 47),
                 0, "%s", judged.difference);
    text_release(&text);
}
