/*
 * test_suite.c - recorded cases and decisions are judged: right ones pass, wrong ones are told with
 * their first difference, and all of the public records that lie beside the checkout pass.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/base/file.h"
#include "sim/check/settle.h"
#include "sim/check/suite.h"
#include "sim/check/vector.h"

struct counts {
    size_t passed, failed, only_run;
    char first[512];
};

static void count(void *arg, const struct suite_result *result)
{
    struct counts *counts = arg;
    counts->passed += result->verdict == VERDICT_PASSED;
    counts->failed += result->verdict == VERDICT_FAILED;
    counts->only_run += result->verdict == VERDICT_ONLY_RUN;
    if (result->verdict == VERDICT_FAILED && counts->first[0] == '\0') {
        (void)snprintf(counts->first, sizeof counts->first, "%s: %s", result->id,
                       result->difference);
    }
}

static struct counts judge(const char *path, bool settle)
{
    struct counts counts = {0};
    const struct suite_options options = {
        .threads = 2, .settle = settle, .report = count, .arg = &counts};
    struct err err = {0};
    cr_assert(suite_run(&path, 1, &options, &err), "%s", err.msg);
    return counts;
}

/* Writes a document to a file of its own and judges it. */
static struct counts judge_text(const char *text)
{
    char path[] = "/tmp/berth-suite-XXXXXX";
    int file = mkstemp(path);
    struct err err = {0};
    cr_assert(file >= 0 && close(file) == 0);
    cr_assert(file_write(path, view_of(text), &err), "%s", err.msg);
    struct counts counts = judge(path, false);
    (void)unlink(path);
    return counts;
}

#define ONE_CASE(EXPECTED)                                                                         \
    "{\"schema\": \"kai-conformance-cases/2\", \"cases\": [{\"id\": \"own#0\","                    \
    " \"protocol\": {\"kind\": \"single\", \"actions\": [\"allocate\"]},"                          \
    " \"nodes\": [{\"name\": \"n0\", \"gpus\": 2}],"                                               \
    " \"queues\": [{\"name\": \"q\", \"gpu\": {\"quota\": 2, \"limit\": -1,"                       \
    " \"over_quota_weight\": 1}}],"                                                                \
    " \"jobs\": [{\"name\": \"j\", \"namespace\": \"\", \"queue\": \"q\", \"priority\": 50,"       \
    " \"tasks\": [{\"request\": {\"gpu_kind\": \"whole\", \"gpu_devices\": 2}}]}],"                \
    " \"expected\": {\"jobs\": {\"j\": " EXPECTED "}, \"nodes\": {\"n0\": {\"idle_gpus\": 0,"      \
    " \"releasing_gpus\": 0}}}}]}"

Test(suite, a_case_that_holds_passes)
{
    struct counts counts =
        judge_text(ONE_CASE("{\"status\": \"binding\", \"node\": \"n0\", \"gpus_required\": 2}"));
    cr_assert_eq(counts.passed, 1, "%s", counts.first);
    cr_assert_eq(counts.failed, 0);
}

Test(suite, a_wrong_expectation_is_told)
{
    struct counts counts = judge_text(ONE_CASE("{\"status\": \"pending\", \"gpus_required\": 2}"));
    cr_assert_eq(counts.failed, 1);
    cr_assert_not_null(strstr(counts.first, "j-0: status: expected pending, got binding"), "%s",
                       counts.first);
    counts = judge_text(ONE_CASE("{\"status\": \"binding\", \"gpus_required\": 1}"));
    cr_assert_not_null(strstr(counts.first, "gpus_required: expected 1, got 2"), "%s",
                       counts.first);
    counts = judge_text(ONE_CASE("{\"status\": \"binding\", \"node\": \"n1\"}"));
    cr_assert_not_null(strstr(counts.first, "node: expected n1, got n0"), "%s", counts.first);
}

Test(suite, a_queue_without_a_name_is_refused)
{
    struct counts counts =
        judge_text("{\"schema\": \"kai-conformance-cases/2\", \"cases\": [{\"id\": \"own#0\","
                   " \"protocol\": {\"kind\": \"single\", \"actions\": [\"allocate\"]},"
                   " \"queues\": [{}]}]}");
    cr_assert_eq(counts.failed, 1);
    cr_assert_not_null(strstr(counts.first, "queues[0].name: expected a name"), "%s", counts.first);
}

#define ONE_VECTOR(RESULT)                                                                         \
    "{\"schema\": \"kai-vectors/2\", \"family\": \"own\", \"functions\": [{\"function\":"          \
    " \"quantity_compare\", \"vectors\": [{\"name\": \"v\", \"input\": {\"l\": -1, \"r\": 7},"     \
    " \"output\": {\"result\": " RESULT "}}]}]}"

Test(suite, a_decision_is_compared_with_its_record)
{
    struct counts counts = judge_text(ONE_VECTOR("1"));
    cr_assert_eq(counts.passed, 1, "%s", counts.first);
    counts = judge_text(ONE_VECTOR("-1"));
    cr_assert_eq(counts.failed, 1);
    cr_assert_not_null(strstr(counts.first, "result: expected -1, got 1"), "%s", counts.first);
}

Test(suite, an_unknown_function_is_an_error)
{
    const char *text = "{\"family\": \"own\", \"functions\": [{\"function\": \"guess\"}]}";
    struct err err = {0};
    json_t *document = json_loads(text, 0, NULL);
    cr_assert_not(vectors_judge(document, NULL, NULL, NULL, &err));
    cr_assert_not_null(strstr(err.msg, "no function 'guess' is known"), "%s", err.msg);
    json_decref(document);
}

/* Records that lie beside the checkout; NULL and a message where they do not. */
static const char *records(const char *part, char path[512])
{
    const char *root = getenv("BERTH_CONFORMANCE");
    struct stat status;
    (void)snprintf(path, 512, "%s/%s", root == NULL ? "../shared/conformance" : root, part);
    if (stat(path, &status) != 0) {
        (void)fprintf(stderr, "passed over: %s is not there\n", path);
        return NULL;
    }
    return path;
}

static void all_pass(const char *part, size_t least)
{
    char path[512];
    if (records(part, path) != NULL) {
        struct counts counts = judge(path, false);
        cr_assert_eq(counts.failed, 0, "%zu failed, first %s", counts.failed, counts.first);
        cr_assert_geq(counts.passed, least);
    }
}

Test(suite, every_named_case_passes)
{
    all_pass("named", 78);
}

Test(suite, every_allocation_of_the_random_cases_passes)
{
    all_pass("random/cases/allocate-00.json", 100);
    all_pass("random/cases/allocate-01.json", 100);
    all_pass("random/cases/allocate-02.json", 100);
}

Test(suite, every_single_decision_passes)
{
    all_pass("vectors", 19278);
}

Test(suite, every_share_request_passes)
{
    all_pass("share-requests.json", 250);
}

Test(suite, every_livelock_is_found)
{
    char path[512];
    if (records("livelock/cases", path) != NULL) {
        struct counts counts = judge(path, true);
        cr_assert_eq(counts.passed, 0);
        cr_assert_eq(counts.failed, 16);
    }
}

#if !defined(__SANITIZE_ADDRESS__)
Test(suite, every_random_case_passes)
{
    all_pass("random", 3271);
}
#endif
