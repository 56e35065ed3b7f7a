/*
 * fuzz_diff.c - two results folders of any content: what `berth diff` says of them, as text and as
 * JSON, with the files beside the logs and without. Equal logs are called equal.
 *
 * Bytes: decisions.jsonl, run.json and jobs.csv of one folder, then of the other, with a line "==="
 * between files; a file that is not there is left out. One log alone is compared with itself.
 */
#include "fuzz_folder.h"
#include "sim/diff/diff.h"
#include "sim/diff/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES = 3 };

static const char *const FILE_NAMES[FILES] = {"decisions.jsonl", "run.json", "jobs.csv"};

/* The lines up to the next "===", without that line; rest->at is NULL behind the last. */
static struct view next_part(struct view *rest)
{
    struct view part = {rest->at, 0};
    while (rest->at != NULL) {
        struct view line = view_cut(*rest, '\n', rest);
        if (view_is(line, "===")) {
            break;
        }
        part.length = (size_t)(line.at + line.length - part.at);
        part.length += rest->at != NULL ? 1 : 0;
    }
    return part;
}

static char *make_folder(struct view *rest)
{
    char *folder = fuzz_folder_make();
    for (int i = 0; i < FILES && rest->at != NULL; i++) {
        fuzz_folder_put(folder, FILE_NAMES[i], next_part(rest));
    }
    return folder;
}

static void compare(const char *path_a, const char *path_b, bool json, bool same)
{
    struct err err = {0};
    struct decision_log a;
    struct decision_log b;
    if (!decision_log_open(path_a, &a, &err)) {
        CHECK(err.msg[0] != '\0');
        return;
    }
    if (!decision_log_open(path_b, &b, &err)) {
        CHECK(err.msg[0] != '\0');
        decision_log_release(&a);
        return;
    }
    struct text out = {0};
    struct diff_options options = {.context = 3, .json = json};
    struct diff_answer answer = {0};
    if (diff_logs(&a, &b, &options, &out, &answer, &err)) {
        CHECK(out.length > 0);
        CHECK(answer.equal || !same);
    } else {
        CHECK(err.code != ERR_NONE && err.msg[0] != '\0');
    }
    text_clear(&out);
    decision_log_rewind(&a);
    decision_log_rewind(&b);
    if (!diff_steps(&a, &b, 2, NULL, &out, &err)) {
        CHECK(err.msg[0] != '\0');
    }
    text_release(&out);
    decision_log_release(&a);
    decision_log_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = mem_copy_text((const char *)data, size);
    struct view rest = {bytes, size};
    char *a = make_folder(&rest);
    char *b = make_folder(&rest);
    char *log_a = fuzz_folder_path(a, FILE_NAMES[0]);
    char *log_b = fuzz_folder_path(b, FILE_NAMES[0]);
    compare(a, b, false, false);
    compare(a, b, true, false);
    compare(log_a, log_b, false, false);
    compare(log_a, log_a, true, true);
    free(log_a);
    free(log_b);
    fuzz_folder_remove(a);
    fuzz_folder_remove(b);
    free(bytes);
    return 0;
}
