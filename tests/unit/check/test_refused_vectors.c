/*
 * test_refused_vectors.c - single decisions whose input makes no sense are refused with the place
 * and what was expected there; and no part of an input can be left out or replaced so that judging
 * it ends in anything but an answer or such an error.
 */
#include <glob.h>
#include <string.h>

#include <criterion/criterion.h>

#include "sim/base/text.h"
#include "sim/check/read.h"
#include "sim/check/vector.h"

static void ignore(void *arg, const struct vector_result *result)
{
    (void)arg;
    (void)result;
}

#define NODE  "\"node\": {\"name\": \"n\", \"allocatable\": {\"gpu\": 1}}"
#define TASK  "\"task\": {\"id\": \"t\"}"
#define JOB   "\"job\": {\"uid\": \"j\", \"tasks\": [{\"id\": \"t\"}]}"
#define WORLD "\"jobs\": [{\"uid\": \"p\", \"tasks\": [{\"id\": \"p0\"}]}], \"nodes\": []"

/* A function, its input, and what the refusal must say. */
static const struct {
    const char *function, *input, *words;
} REFUSED[] = {
    {"task_fits_idle", "3", "input: expected an object"},
    {"task_fits_idle", "{" NODE "}", "input.task: expected a task"},
    {"task_fits_idle", "{" TASK "}", "input.node: expected a node"},
    {"task_fits_idle_or_releasing", "{" NODE "}", "input.task: expected a task"},
    {"node_type_predicate", "{" TASK "}", "input.node: expected a node"},
    {"quota_on_node", "{" NODE ", \"task\": 3}", "input.task: expected a task"},
    {"accepted_on_node", "{" NODE ", \"task\": []}", "input.task: expected a task"},
    {"sum_idle_gpus", "{}", "input.node: expected a node"},
    {"score_gpu_pack", "{\"group\": \"a\"}", "input.node: expected a node"},
    {"gpu_choice", "{" TASK "}", "input.node: expected a node"},
    {"group_fits", "{}", "input.node: expected a node"},
    {"node_add_task", "{" NODE "}", "input.task: expected a task"},
    {"node_accounting", "{" NODE ", \"ops\": [{}]}", "input.ops[0].task: expected a task"},
    {"node_scores", "{\"nodes\": [{}, 4]}", "input.nodes[1]: expected a node"},
    {"node_scores", "{" TASK "}", "input.nodes: expected at least one node"},
    {"placement_range", "{\"nodes\": [{}], \"resource\": \"x\"}",
     "input.resource: expected a resource of one of the nodes"},
    {"task_order", "{\"l\": {\"id\": \"a\"}}", "input.r: expected a task"},
    {"task_order", "{\"l\": {\"status\": \"lost\"}}", "input.l: no such status"},
    {"job_order", "{\"l\": {}}", "input.r: expected a job"},
    {"job_ready", "{}", "input.job: expected a job"},
    {"job_ready", "{\"job\": {\"tasks\": [7]}}", "input.job.tasks[0]: expected a task"},
    {"job_ready", "{\"job\": {\"pod_group\": {\"pod_sets\": [{\"min_available\": -1}]}}}",
     "input.job: job \"a job without a name\": minimum of sub-group \"default\" is negative"},
    {"stale_gang", "{\"job\": \"j\"}", "input.job: expected a job"},
    {"jobs_order", "{\"jobs\": [{\"uid\": \"a\"}, {\"uid\": \"a\"}]}",
     "input.jobs[1]: job \"a\" is given twice"},
    {"failed_job_table", "{\"ops\": [{\"op\": \"check\"}]}", "input.ops[0].job: expected a job"},
    {"queue_order", "{}", "input.l_queue: expected a queue"},
    {"queue_order", "{\"l_queue\": {}, \"r_queue\": {}, \"l_victims\": [1]}",
     "input.l_victims[0]: expected a job"},
    {"fair_share_tree", "{\"queues\": {\"a\": 1}}", "input.queues.a: expected a queue"},
    {"fair_share_tree",
     "{\"queues\": {\"a\": {\"parent_queue\": \"b\"}, \"b\": {\"parent_queue\": \"a\"}}}",
     "queue \"a\" is its own ancestor"},
    {"job_capacity", "{}", "input.job: expected a job"},
    {"job_capacity", "{" JOB ", \"tasks\": [\"u\"]}", "input.tasks[0]: no such task"},
    {"task_on_node_capacity", "{" JOB "}", "input.node: expected a node"},
    {"can_reclaim", "{\"reclaimer_queue\": \"q\"}", "input.reclaimer_queue: no such queue"},
    {"reclaim_victim_filter", "{\"queues\": {\"a\": {}}, \"reclaimer_queue\": \"a\"}",
     "input.reclaimee_queue: no such queue"},
    {"reclaimable",
     "{\"queues\": {\"a\": {}}, \"reclaimer_queue\": \"a\", \"reclaimees\": {\"b\": [{}]}}",
     "input.reclaimees.b: no such queue"},
    {"victim_bundles", "{}", "input.job: expected a job"},
    {"victim_bundles", "{" JOB ", \"tasks\": [{\"pod_set\": \"x\"}]}",
     "input.tasks[0]: its pod set is none of the job's"},
    {"min_runtime_protection", "{\"pending_job\": {}}", "input.victim_job: expected a job"},
    {"min_runtime_elastic_victim", "{" JOB ", \"tasks\": [{\"id\": \"u\", \"pod_set\": \"x\"}]}",
     "input.tasks[0]: its pod set is none of its job's"},
    {"node_local_scenarios", "{" WORLD "}", "input.pending_job: no such job"},
    {"multi_node_scenarios", "{" WORLD ", \"pending_job\": \"p\", \"feasible_nodes\": [\"m\"]}",
     "input.feasible_nodes[0]: no such node"},
    {"idle_gpu_filter",
     "{" WORLD ", \"pending_job\": \"p\", \"potential_victims\": [{\"job\": \"v\"}]}",
     "input.potential_victims[0].job: no such job"},
    {"idle_gpu_filter",
     "{" WORLD ", \"pending_job\": \"p\", \"potential_victims\": [{\"job\": \"p\"}]}",
     "input.potential_victims[0].tasks: expected the tasks of the victim"},
    {"topology_idle_gpu_filter",
     "{" WORLD ", \"pending_job\": \"p\", \"recorded_victims\": [{\"job\": \"p\", \"tasks\":"
     " [{\"id\": \"new\"}]}]}",
     "input.recorded_victims[0].tasks[0]: expected a task of this job"},
    {"scenario_same", "{\"a\": {" WORLD ", \"pending_job\": \"p\"}}",
     "input.b.pending_job: no such job"},
    {"topology_subset", "{" JOB ", \"sub_group\": \"g\"}", "input.sub_group: no such sub-group"},
    {"topology_subset", "{" JOB ", \"pod_sets\": [\"g\"]}", "input.pod_sets[0]: no such pod set"},
    {"topology_subset", "{" JOB ", \"node_set\": [\"n\"]}", "input.node_set[0]: no such node"},
    {"topology_subset", "{" JOB ", \"nodes\": [{\"name\": \"n\"}, {\"name\": \"n\"}]}",
     "input.nodes[1]: expected a node that is not listed before"},
    {"node_pods_capacity", "{}", "input.node: expected a node"},
    {"tasks_homogeneous", "{\"tasks\": [1]}", "input.tasks[0]: expected a task"},
    {"status_classes", "{}", "input: no such status"},
    {"usage_decay", "{\"length\": -1}", "input: length is out of range"},
    {"quantity_compare", "{\"l\": \"much\"}", "input.l: expected a number"},
    {"pod_request", "{\"pod\": {\"containers\": 1}}", "input.pod.containers: expected a list"},
};

Test(refused_vectors, input_without_sense_is_named)
{
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        struct text text = {0};
        struct err err = {0};
        text_addf(&text,
                  "{\"family\": \"own\", \"functions\": [{\"function\": \"%s\", \"vectors\":"
                  " [{\"name\": \"v\", \"input\": %s}]}]}",
                  REFUSED[i].function, REFUSED[i].input);
        json_t *document = json_loads(text.bytes, 0, NULL);
        cr_assert_not_null(document, "%s", text.bytes);
        cr_expect_not(vectors_judge(document, NULL, ignore, NULL, &err), "%s is not refused",
                      text.bytes);
        cr_expect_eq(err.code, ERR_FORMAT);
        cr_expect_not_null(strstr(err.msg, REFUSED[i].words), "%s: %s", REFUSED[i].input, err.msg);
        cr_expect_eq(strncmp(err.msg, REFUSED[i].function, strlen(REFUSED[i].function)), 0);
        cr_expect_not_null(strstr(err.msg, ", vector 0 'v': "), "%s", err.msg);
        json_decref(document);
        text_release(&text);
    }
}

/* What is put in the place of each part of an input; NULL: nothing, it is left out. */
static json_t *substitute(int kind)
{
    switch (kind) {
    case 1:
        return json_integer(-1);
    case 2:
        return json_integer(INT64_MAX);
    case 3:
        return json_real(1e300);
    case 4:
        return json_string("?");
    case 5:
        return json_string("");
    case 6:
        return json_array();
    case 7:
        return json_object();
    case 8:
        return json_string("inf");
    default:
        return NULL;
    }
}
enum { SUBSTITUTES = 9 };

static void judge(const json_t *document)
{
    struct err err = {0};
    cr_assert(vectors_judge(document, NULL, ignore, NULL, &err) || err.msg[0] != '\0');
}

static void spoil(const json_t *document, json_t *part, int depth);

static void spoil_member(const json_t *document, json_t *object, const char *key, int depth)
{
    json_t *kept = json_incref(json_object_get(object, key));
    for (int kind = 0; kind < SUBSTITUTES; kind++) {
        json_t *other = substitute(kind);
        if (other == NULL) {
            json_object_del(object, key);
        } else {
            json_object_set_new(object, key, other);
        }
        judge(document);
    }
    json_object_set_new(object, key, kept);
    spoil(document, kept, depth + 1);
}

static void spoil_item(const json_t *document, json_t *list, size_t at, int depth)
{
    json_t *kept = json_incref(json_array_get(list, at));
    for (int kind = 1; kind < SUBSTITUTES; kind++) {
        json_array_set_new(list, at, substitute(kind));
        judge(document);
    }
    json_array_remove(list, at);
    judge(document);
    json_array_insert_new(list, at, kept);
    spoil(document, kept, depth + 1);
}

/* Judges the document once for each part and each substitute. */
static void spoil(const json_t *document, json_t *part, int depth)
{
    if (depth > 12) {
        return;
    }
    for (size_t i = 0; i < json_array_size(part); i++) {
        spoil_item(document, part, i, depth);
    }
    json_t *names = json_array();
    const char *key;
    json_t *value;
    json_object_foreach(part, key, value)
    {
        json_array_append_new(names, json_string(key));
    }
    for (size_t i = 0; i < json_array_size(names); i++) {
        spoil_member(document, part, json_string_value(json_array_get(names, i)), depth);
    }
    json_decref(names);
}

/* One vector at a time, in a document of its own. */
static void spoil_file(const char *path)
{
    struct err err = {0};
    json_t *document = read_document(path, &err);
    cr_assert_not_null(document, "%s", err.msg);
    json_t *functions = json_object_get(document, "functions");
    for (size_t f = 0; f < json_array_size(functions); f++) {
        json_t *group = json_array_get(functions, f);
        json_t *vectors = json_object_get(group, "vectors");
        for (size_t i = 0; i < json_array_size(vectors); i++) {
            json_t *vector = json_array_get(vectors, i);
            json_t *alone =
                json_pack("{s:s, s:[{s:O, s:[O]}]}", "family", "own", "functions", "function",
                          json_object_get(group, "function"), "vectors", vector);
            cr_assert_not_null(alone);
            spoil(alone, json_object_get(vector, "input"), 0);
            json_decref(alone);
        }
    }
    json_decref(document);
}

Test(refused_vectors, no_part_of_an_input_is_trusted, .timeout = 600)
{
    glob_t files;
    cr_assert_eq(glob("tests/fuzz/corpus/case/vector_*.json", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        spoil_file(files.gl_pathv[i]);
    }
    cr_assert_gt(files.gl_pathc, 25);
    globfree(&files);
}
