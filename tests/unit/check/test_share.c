/* test_share.c - divisions of fair shares against records and by hand. */
#include <stdio.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/base/json_read.h"
#include "sim/check/fairsim.h"
#include "sim/check/share.h"

struct counts {
    size_t passed, failed;
    char first[200];
};

static void count(void *arg, const struct suite_result *result)
{
    struct counts *counts = arg;
    if (result->verdict == VERDICT_PASSED) {
        counts->passed++;
    } else if (counts->failed++ == 0) {
        (void)snprintf(counts->first, sizeof(counts->first), "%s: %s", result->id,
                       result->difference);
    }
}

Test(share, answers_all_recorded_requests_alike)
{
    const char *folder = getenv("BERTH_CONFORMANCE");
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/share-requests.json",
                   folder != NULL ? folder : "../shared/conformance");
    if (access(path, R_OK) != 0) {
        cr_skip_test("no recorded requests at %s", path);
    }
    struct counts counts = {0};
    struct err err = {0};
    cr_assert(share_requests_run(path, count, &counts, &err), "%s", err.msg);
    cr_assert_eq(counts.failed, 0, "%zu differ, the first: %s", counts.failed, counts.first);
    cr_assert_eq(counts.passed, 250);
}

static json_t *parse(const char *text)
{
    struct err err = {0};
    json_t *value = json_parse(text, strlen(text), &err);
    cr_assert_not_null(value, "%s", err.msg);
    return value;
}

static void assert_gpus(const char *text, const char *expected)
{
    json_t *value = parse(text);
    struct share_request request;
    struct err err = {0};
    cr_assert(share_read(value, "", &request, &err), "%s", err.msg);
    share_divide(&request);
    struct text found = {0};
    for (size_t i = 0; i < request.queues.count; i++) {
        const struct share_queue *queue = &request.queues.items[i];
        text_addf(&found, "%s=%g ", queue->uid, queue->shares[CORE_GPU].fair_share);
    }
    cr_assert_str_eq(found.bytes, expected);
    text_release(&found);
    share_release(&request);
    json_decref(value);
}

/* Examples of the specification, 3.4. */
Test(share, weighs_usage_by_k)
{
    static const char REQUEST[] =
        "{\"k\":%s,\"totalResource\":{\"GPU\":10},\"queues\":["
        "{\"uid\":\"A\",\"resourceShare\":{\"gpu\":{\"request\":10,\"usage\":0.8}}},"
        "{\"uid\":\"B\",\"resourceShare\":{\"gpu\":{\"request\":10,\"usage\":0.2}}}]}";
    static const char *const CASES[][2] = {
        {"0", "A=5 B=5 "}, {"0.5", "A=4 B=6 "}, {"1", "A=2 B=8 "}};
    for (size_t i = 0; i < 3; i++) {
        struct text text = {0};
        const char *mark = strstr(REQUEST, "%s");
        text_add_bytes(&text, REQUEST, (size_t)(mark - REQUEST));
        text_add(&text, CASES[i][0]);
        text_add(&text, mark + 2);
        assert_gpus(text.bytes, CASES[i][1]);
        text_release(&text);
    }
}

/* 12 GPUs: 6 each for the two departments, then 4 and 2 by weight 2 to 1 inside the first. */
Test(share, divides_a_tree_level_by_level)
{
    assert_gpus("{\"totalResource\":{\"GPU\":12},\"queues\":["
                "{\"uid\":\"d1\"},{\"uid\":\"d2\"},"
                "{\"uid\":\"x\",\"parent\":\"d1\",\"resourceShare\":{\"gpu\":"
                "{\"request\":9,\"overQuotaWeight\":2}}},"
                "{\"uid\":\"y\",\"parent\":\"d1\",\"resourceShare\":{\"gpu\":{\"request\":9}}},"
                "{\"uid\":\"z\",\"parent\":\"d2\",\"resourceShare\":{\"gpu\":{\"request\":9}}}]}",
                "d1=6 d2=6 x=4 y=2 z=6 ");
}

Test(share, refuses_what_is_no_tree)
{
    static const char *const BAD[] = {
        "{\"queues\":[{\"uid\":\"a\",\"parent\":\"b\"},{\"uid\":\"b\",\"parent\":\"a\"}]}",
        "{\"queues\":[{\"uid\":\"a\",\"parent\":\"c\"}]}",
        "{\"queues\":[{\"uid\":\"a\"},{\"uid\":\"a\"}]}",
        "{\"queues\":[{\"uid\":\"a\",\"creationTimestamp\":\"today\"}]}",
        "{\"queues\":[{}]}",
        "{\"queue\":[]}",
    };
    for (size_t i = 0; i < sizeof(BAD) / sizeof(*BAD); i++) {
        json_t *value = parse(BAD[i]);
        struct share_request request;
        struct err err = {0};
        cr_assert(!share_read(value, "", &request, &err), "%s", BAD[i]);
        cr_assert(err.msg[0] != '\0');
        json_decref(value);
    }
}

/* -- over time ------------------------------------------------------------------------------- */

/* Mean allocation of queue `a`, and how often it changed. */
static double mean_of_a(const char *k, const char *gpus, const char *weight, uint32_t *changes)
{
    struct text config = {0};
    text_addf(&config,
              "{\"Cycles\":600,\"WindowSize\":100,\"KValue\":%s,\"Nodes\":[{\"GPUs\":16}],"
              "\"Queues\":[{\"Name\":\"a\",\"Weight\":%s},{\"Name\":\"b\"}],\"Jobs\":{\"a\":"
              "{\"GPUs\":%s,\"NumJobs\":20},\"b\":{\"GPUs\":%s,\"NumJobs\":20}}}",
              k, weight, gpus, gpus);
    json_t *value = parse(config.bytes);
    struct text csv = {0};
    struct err err = {0};
    cr_assert(fairsim_is_config(value) && fairsim_run(value, &csv, &err), "%s", err.msg);
    double sum = 0;
    double last = 0;
    *changes = 0;
    for (const char *at = strstr(csv.bytes, ",a,"); at != NULL; at = strstr(at + 1, ",a,")) {
        double now = strtod(at + 3, NULL);
        *changes += now > last || now < last ? 1 : 0;
        last = now;
        sum += now;
    }
    text_release(&csv);
    text_release(&config);
    json_decref(value);
    return sum / 600;
}

Test(fairsim, alternates_whole_clusters_only_with_history)
{
    uint32_t changes = 0;
    cr_assert_float_eq(mean_of_a("0", "16", "1", &changes), 16, 1e-9);
    cr_assert_eq(changes, 1);
    cr_assert_float_eq(mean_of_a("1", "16", "1", &changes), 8, 0.5);
    cr_assert_gt(changes, 4);
}

Test(fairsim, gives_single_gpus_by_weight)
{
    uint32_t changes = 0;
    cr_assert_float_eq(mean_of_a("1", "1", "3", &changes), 12, 0.12);
}

/* -- refusals -------------------------------------------------------------------------------- */

#define QUEUE(BODY) "{\"queues\":[{\"uid\":\"a\"," BODY "}]}"

Test(share, names_what_is_wrong_in_a_request)
{
    static const char *const ROWS[][2] = {
        {"{\"queues\":[{}]}", "at queues[0].uid: missing, expected an id or a name"},
        {QUEUE("\"creationTimestamp\":\"2026-13-01T00:05:00Z\""),
         "at queues[0].creationTimestamp: found \"2026-13-01T00:05:00Z\", expected a time such as "
         "2026-01-01T00:05:00Z"},
        {QUEUE("\"creationTimestamp\":\"2026-01-01T00:05:00+\""),
         "at queues[0].creationTimestamp: found \"2026-01-01T00:05:00+\", expected a time such as "
         "2026-01-01T00:05:00Z"},
        {QUEUE("\"creationTimestamp\":\"2026-0x-01T00:05:00Z\""),
         "at queues[0].creationTimestamp: found \"2026-0x-01T00:05:00Z\", expected a time such as "
         "2026-01-01T00:05:00Z"},
        {QUEUE("\"creationTimestamp\":7"),
         "at queues[0].creationTimestamp: found 7, expected a string"},
        {QUEUE("\"resourceShare\":{\"cpu\":{\"usage\":-1}}"),
         "at queues[0].resourceShare.cpu.usage: found -1, expected a number, 0 or more"},
        {QUEUE("\"resourceShare\":{\"cpu\":{\"cores\":1}}"),
         "at queues[0].resourceShare.cpu: unknown key \"cores\""},
        {QUEUE("\"priority\":1.5"), "at queues[0].priority: found 1.5, expected a whole number "
                                    "from -2147483648 to 2147483647"},
        {"{\"k\":-1,\"queues\":[]}", "at k: found -1, expected a number, 0 or more"},
        {"{\"queues\":[],\"totalResource\":{\"GPU\":-3}}",
         "at totalResource.GPU: found -3, expected a number, 0 or more"},
    };
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
        json_t *value = parse(ROWS[i][0]);
        struct share_request request;
        struct err err = {0};
        cr_expect_not(share_read(value, "", &request, &err), "%s", ROWS[i][0]);
        cr_expect_str_eq(err.msg, ROWS[i][1], "%s", err.msg);
        json_decref(value);
    }
}

Test(share, answers_by_the_id_of_the_queue)
{
    json_t *value =
        parse("{\"totalResource\":{\"GPU\":3,\"CPU\":8},\"queues\":[{\"name\":\"a\"}]}");
    struct share_request request;
    struct err err = {0};
    cr_assert(share_read(value, "", &request, &err), "%s", err.msg);
    share_divide(&request);
    json_t *answer = share_answer_json(&request);
    char *text = json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(6));
    cr_assert_str_eq(text, "{\"a\":{\"cpu\":8.0,\"gpu\":3.0,\"memory\":0.0}}", "%s", text);
    free(text);
    json_decref(answer);
    share_release(&request);
    json_decref(value);
}

#define SIM(BODY) "{\"Queues\":[{\"Name\":\"a\"}],\"Nodes\":[{\"GPUs\":2}]," BODY "}"

Test(fairsim, names_what_is_wrong_in_a_configuration)
{
    static const char *const ROWS[][2] = {
        {SIM("\"Cycle\":5"), "at the top: unknown key \"Cycle\"; did you mean \"Cycles\"?"},
        {SIM("\"Cycles\":0"), "at Cycles: found 0, expected a whole number from 1 to 1048576"},
        {SIM("\"WindowSize\":0"),
         "at WindowSize: found 0, expected a whole number from 1 to 1048576"},
        {SIM("\"HalfLifePeriod\":-1"), "at HalfLifePeriod: found -1, expected a number, 0 or more"},
        {SIM("\"KValue\":-1"), "at KValue: found -1, expected a number, 0 or more"},
        {"{\"Queues\":[],\"Nodes\":3}", "at Nodes: found 3, expected an array"},
        {"{\"Queues\":[],\"Nodes\":[{\"gpus\":3}]}", "at Nodes[0]: unknown key \"gpus\""},
        {"{\"Queues\":[],\"Nodes\":[{\"GPUs\":-3}]}",
         "at Nodes[0].GPUs: found -3, expected a whole number from 0 to 1048576"},
        {"{\"Queues\":[],\"Nodes\":[{\"GPUs\":3,\"Count\":\"x\"}]}",
         "at Nodes[0].Count: found \"x\", expected a whole number from 0 to 1048576"},
        {"{\"Queues\":[],\"Nodes\":[{\"GPUs\":1000000}]}",
         "node \"node-00000000\": gpus must be a number from 0 to 100000"},
        {"{\"Queues\":[],\"Nodes\":[{\"GPUs\":3,\"Count\":0}]}",
         "at Nodes: no GPUs, expected nodes with \"GPUs\""},
        {"{\"Queues\":3,\"Nodes\":[{\"GPUs\":3}]}", "at Queues: found 3, expected an array"},
        {"{\"Queues\":[{\"Parent\":\"b\"}],\"Nodes\":[{\"GPUs\":3}]}",
         "at Queues[0].Name: missing, expected a name"},
        {"{\"Queues\":[{\"Name\":1}],\"Nodes\":[{\"GPUs\":3}]}",
         "at Queues[0].Name: found 1, expected a string"},
        {"{\"Queues\":[{\"Name\":\"a\",\"Parent\":1}],\"Nodes\":[{\"GPUs\":3}]}",
         "at Queues[0].Parent: found 1, expected a string"},
        {"{\"Queues\":[{\"Name\":\"a\",\"Priority\":0.5}],\"Nodes\":[{\"GPUs\":3}]}",
         "at Queues[0].Priority: found 0.5, expected a whole number from -2147483648 to "
         "2147483647"},
        {"{\"Queues\":[{\"Name\":\"a\",\"DeservedGPUs\":-2}],\"Nodes\":[{\"GPUs\":3}]}",
         "at Queues[0].DeservedGPUs: found -2, expected a number, -1 or more"},
        {"{\"Queues\":[{\"Name\":\"a\",\"Weight\":-2}],\"Nodes\":[{\"GPUs\":3}]}",
         "at Queues[0].Weight: found -2, expected a number, 0 or more"},
        {"{\"Queues\":[{\"Name\":\"a\",\"Quota\":2}],\"Nodes\":[{\"GPUs\":3}]}",
         "at Queues[0]: unknown key \"Quota\""},
        {"{\"Queues\":[{\"Name\":\"a\"},{\"Name\":\"a\"}],\"Nodes\":[{\"GPUs\":3}]}",
         "queue \"a\" is given twice"},
        {"{\"Queues\":[{\"Name\":\"a\",\"Parent\":\"b\"}],\"Nodes\":[{\"GPUs\":3}]}",
         "at Queues[0]: the parent \"b\" is no queue of this list"},
        {SIM("\"Jobs\":{\"b\":{}}"), "at Jobs.b: found an object, expected the name of a queue"},
        {SIM("\"Jobs\":{\"a\":{\"GPUs\":1.5}}"),
         "at Jobs.a.GPUs: found 1.5, expected a whole number, or less than 1"},
        {SIM("\"Jobs\":{\"a\":{\"GPUs\":1e300}}"),
         "at Jobs.a.GPUs: found 1e+300, expected a whole number, or less than 1"},
        {SIM("\"Jobs\":{\"a\":{\"GPUs\":-1}}"),
         "at Jobs.a.GPUs: found -1, expected a number, 0 or more"},
        {SIM("\"Jobs\":{\"a\":{\"NumPods\":0}}"),
         "at Jobs.a.NumPods: found 0, expected a whole number from 1 to 1048576"},
        {SIM("\"Jobs\":{\"a\":{\"NumJobs\":-1}}"),
         "at Jobs.a.NumJobs: found -1, expected a whole number from 0 to 1048576"},
        {SIM("\"Jobs\":{\"a\":{\"Pods\":1}}"), "at Jobs.a: unknown key \"Pods\""},
    };
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
        json_t *value = parse(ROWS[i][0]);
        struct text csv = {0};
        struct err err = {0};
        cr_expect_not(fairsim_run(value, &csv, &err), "%s", ROWS[i][0]);
        cr_expect_str_eq(err.msg, ROWS[i][1], "%s", err.msg);
        text_release(&csv);
        json_decref(value);
    }
}

/* Two GPUs: three halves in the child queue, and one whole GPU of a queue without jobs of its own.
 */
Test(fairsim, tells_leaves_only_and_packs_halves)
{
    json_t *value = parse(
        "{\"Cycles\":2,\"Nodes\":[{\"GPUs\":2}],\"Queues\":[{\"Name\":\"top\",\"DeservedGPUs\":2},"
        "{\"Name\":\"a,1\",\"Parent\":\"top\"},{\"Name\":\"idle\",\"Parent\":\"\"}],"
        "\"Jobs\":{\"a,1\":{\"GPUs\":0.5,\"NumJobs\":3}}}");
    struct text csv = {0};
    struct err err = {0};
    cr_assert(fairsim_run(value, &csv, &err), "%s", err.msg);
    cr_assert_str_eq(csv.bytes,
                     "Time,QueueID,Allocation,FairShare\n"
                     "0,\"a,1\",1.500000,1.500000\n0,idle,0.000000,0.000000\n"
                     "1,\"a,1\",1.500000,1.500000\n1,idle,0.000000,0.000000\n",
                     "%s", csv.bytes);
    text_release(&csv);
    json_decref(value);
}
