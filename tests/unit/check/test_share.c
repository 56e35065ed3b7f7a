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
