/*
 * test_files.c - which files of a folder are judged, which of their cases, with which records; one
 * case explained; cycles timed.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/base/file.h"
#include "sim/base/text.h"
#include "sim/check/suite.h"

#define ONE_CASE(ID, NAME)                                                                         \
    "{\"id\": \"" ID "\", \"name\": \"" NAME "\", \"features\": [\"small\", \"" NAME               \
    "\"], \"protocol\": {\"kind\": \"single\"}, \"nodes\": [{\"name\": \"n0\", \"gpus\": 1}],"     \
    " \"queues\": [{\"name\": \"q\", \"gpu\": {\"quota\": 1, \"limit\": -1}}], \"jobs\": [{"       \
    "\"name\": \"j\", \"queue\": \"q\", \"tasks\": [{\"request\": {\"gpu_kind\": \"whole\"}}]}]}"
#define CASES(LIST) "{\"schema\": \"kai-conformance-cases/2\", \"cases\": [" LIST "]}"

static char folder[64];

static const char *path_of(const char *name, char out[256])
{
    (void)snprintf(out, 256, "%s/%s", folder, name);
    return out;
}

static void write_file(const char *name, const char *text)
{
    char path[256];
    struct err err = {0};
    cr_assert(file_write(path_of(name, path), view_of(text), &err), "%s", err.msg);
}

static void make_folder(void)
{
    char path[256];
    (void)snprintf(folder, sizeof folder, "/tmp/berth-files-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(mkdir(path_of("cases", path), 0700), 0);
    cr_assert_eq(mkdir(path_of("traces", path), 0700), 0);
    cr_assert_eq(mkdir(path_of("empty", path), 0700), 0);
    write_file("cases/b.json", CASES(ONE_CASE("b#0", "plain") ", " ONE_CASE("b#1", "other")));
    write_file("cases/a.json", CASES(ONE_CASE("a#0", "plain")));
    write_file("cases/notes.txt", "no JSON");
    write_file("traces/b.json", "{\"cases\": [{\"id\": \"b#1\", \"rounds\": [{\"binds\": 2}]}]}");
    write_file("bench.json", "{\"schema\": \"kai-conformance-benchmark/1\", \"case\": {\"id\": "
                             "\"bench\", \"protocol\": {\"kind\": \"single\"}, \"nodes\": [{"
                             "\"count\": 2, \"item\": {\"name\": \"n{i}\", \"gpus\": 1}}]}}");
    write_file("index.json", "{\"schema\": \"kai-index/1\"}");
}

static void remove_folder(void)
{
    static const char *const NAMES[] = {
        "cases/a.json", "cases/b.json",    "cases/notes.txt", "traces/b.json", "bench.json",
        "index.json",   "cases/more.json", "vectors.json",    "shares.json",   "traces.json"};
    char path[256];
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        (void)unlink(path_of(NAMES[i], path));
    }
    (void)rmdir(path_of("cases", path));
    (void)rmdir(path_of("traces", path));
    (void)rmdir(path_of("empty", path));
    (void)rmdir(folder);
}

TestSuite(files, .init = make_folder, .fini = remove_folder);

/* The ids in the order of their reports, with p, f or r for passed, failed, only run. */
static void add_id(void *arg, const struct suite_result *result)
{
    static const char LETTERS[] = {'p', 'f', 'r'};
    text_addf(arg, "%s%s:%c", ((struct text *)arg)->length > 0 ? " " : "", result->id,
              LETTERS[result->verdict]);
}

static void expect_ids(const char *name, const char *filter, const char *ids)
{
    char path[256];
    struct text got = {0};
    struct err err = {0};
    const struct suite_options options = {
        .threads = 1, .filter = filter, .report = add_id, .arg = &got};
    const char *paths[] = {path_of(name, path)};
    text_add(&got, "");
    cr_assert(suite_run(paths, 1, &options, &err), "%s", err.msg);
    cr_expect_str_eq(got.bytes, ids, "%s", got.bytes);
    text_release(&got);
}

static void expect_error(const char *name, const char *words)
{
    char path[256], whole[512];
    struct text got = {0};
    struct err err = {0};
    const struct suite_options options = {.threads = 1, .report = add_id, .arg = &got};
    const char *paths[] = {path_of(name, path)};
    cr_assert_not(suite_run(paths, 1, &options, &err), "%s", name);
    (void)snprintf(whole, sizeof whole, "%s%s", path, words);
    cr_expect_str_eq(err.msg, whole, "%s", err.msg);
    text_release(&got);
}

Test(files, a_folder_is_read_in_the_order_of_its_names_with_the_records_beside)
{
    expect_ids("", NULL, "bench:r a#0:r b#0:r b#1:f");
}

Test(files, a_filter_finds_ids_names_and_features)
{
    expect_ids("", "a#", "a#0:r");
    expect_ids("", "plain", "a#0:r b#0:r");
    expect_ids("", "small", "a#0:r b#0:r b#1:f");
    expect_ids("", "none", "");
}

static void count_file(void *arg, const char *path, size_t number, size_t count)
{
    (void)path;
    text_addf(arg, "%zu/%zu ", number, count);
}

Test(files, each_file_is_announced)
{
    struct text got = {0};
    struct err err = {0};
    const char *paths[] = {folder};
    const struct suite_options options = {
        .threads = 1, .report = add_id, .arg = &got, .file = count_file};
    cr_assert(suite_run(paths, 1, &options, &err), "%s", err.msg);
    cr_assert_str_eq(got.bytes, "0/4  bench:r1/4  a#0:r2/4  b#0:r b#1:f3/4 ", "%s", got.bytes);
    text_release(&got);
}

Test(files, a_record_in_traces_json_counts_too)
{
    write_file("traces.json", "{\"cases\": [{\"id\": \"bench\", \"rounds\": [{\"binds\": 0}]}]}");
    expect_ids("bench.json", NULL, "bench:p");
    write_file("traces.json", "{\"cases\": ");
    char path[256];
    struct err err = {0};
    const struct suite_options options = {.threads = 1, .report = add_id};
    const char *paths[] = {path_of("bench.json", path)};
    cr_assert_not(suite_run(paths, 1, &options, &err));
    cr_assert_not_null(strstr(err.msg, "traces.json"), "%s", err.msg);
}

Test(files, what_cannot_be_judged_is_refused_when_it_is_named)
{
    expect_error("index.json", ": its schema is none that can be checked");
    expect_error("empty", ": no .json file below this folder");
    expect_error("none.json", ": cannot be read: No such file or directory");
    char path[256];
    struct err err = {0};
    struct text got = {0};
    const struct suite_options options = {.threads = 1, .report = add_id, .arg = &got};
    const char *paths[] = {path_of("cases/more.json", path)};
    write_file("cases/more.json", "{\"cases\": [1,\n2");
    cr_assert_not(suite_run(paths, 1, &options, &err));
    cr_assert_eq(err.line, 2, "%s", err.msg);
}

/* A number that no integer holds is read as a real one. */
Test(files, amounts_beyond_integers_are_read)
{
    write_file("cases/more.json",
               CASES("{\"id\": \"m#0\", \"protocol\": {\"kind\": \"single\"}, \"nodes\": [{"
                     "\"name\": \"n\", \"memory_bytes\": 99999999999999999999}]}"));
    expect_ids("cases/more.json", NULL, "m#0:f");
}

Test(files, decisions_and_share_requests_are_judged_by_their_schema)
{
    write_file("vectors.json",
               "{\"schema\": \"kai-vectors/2\", \"family\": \"f\", \"functions\": [{\"function\": "
               "\"quantity_compare\", \"vectors\": [{\"input\": {\"l\": 1, \"r\": 1}, \"output\": "
               "{}}, {\"name\": \"w\", \"input\": {\"l\": 1, \"r\": 1}, \"output\": {\"result\": "
               "1}}]}]}");
    expect_ids("vectors.json", NULL, "f/quantity_compare/unnamed:p f/quantity_compare/w:f");
    expect_ids("vectors.json", "w", "f/quantity_compare/w:f");
    write_file(
        "shares.json",
        "{\"schema\": \"kai-share-requests/1\", \"vectors\": [{\"name\": \"s\", \"request\": "
        "{\"totalResource\": {\"GPU\": 2}, \"queues\": [{\"uid\": \"a\"}]}, "
        "\"response_any_of\": [{\"a\": {\"gpu\": 1}}, {\"a\": {\"gpu\": 2}}]}]}");
    expect_ids("shares.json", NULL, "s:p");
    expect_ids("shares.json", "s", "");
}

static void add_line(void *arg, const char *line)
{
    text_addf(arg, "%s\n", line);
}

Test(files, one_case_is_explained_by_its_id_or_a_part_of_it)
{
    struct text told = {0};
    struct err err = {0};
    const struct play_log log = {.line = add_line, .arg = &told};
    const char *paths[] = {folder};
    cr_assert(suite_explain(paths, 1, "a#", &log, &err), "%s", err.msg);
    cr_assert_eq(strncmp(told.bytes, "== round 1\n", 11), 0, "%s", told.bytes);
    cr_assert_not_null(strstr(told.bytes, "*** bind j-0 on n0\n"), "%s", told.bytes);
    cr_assert(suite_explain(paths, 1, "b#1", &log, &err), "%s", err.msg);
    cr_assert_not(suite_explain(paths, 1, "b#", &log, &err));
    cr_assert_str_eq(err.msg, "2 cases contain 'b#' in their id, expected one");
    cr_assert_not(suite_explain(paths, 1, "zz", &log, &err));
    cr_assert_str_eq(err.msg, "0 cases contain 'zz' in their id, expected one");
    text_release(&told);
}

static void keep_timing(void *arg, const struct suite_result *result)
{
    *(struct timing *)arg = *result->timing;
}

Test(files, cycles_are_timed_and_their_decisions_counted)
{
    char path[256];
    struct err err = {0};
    struct timing timing = {0};
    const struct suite_options options = {.repeats = 2, .report = keep_timing, .arg = &timing};
    const char *paths[] = {path_of("cases/a.json", path)};
    cr_assert(suite_run(paths, 1, &options, &err), "%s", err.msg);
    cr_assert_gt(timing.first_ms, 0);
    cr_assert_gt(timing.cycle_ms, 0);
    cr_assert_eq(timing.events, 1);
    double sum = 0;
    for (int i = 0; i < CORE_ACTION_COUNT; i++) {
        sum += timing.action_ms[i];
    }
    cr_assert_leq(sum, timing.cycle_ms * 1.001);
}
