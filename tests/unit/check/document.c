/* document.c - see document.h. */
#include "document.h"

#include <stdio.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/base/file.h"
#include "sim/base/text.h"
#include "sim/check/suite.h"

static struct text with_quotes(const char *text)
{
    struct text out = {0};
    text_add(&out, text);
    for (size_t i = 0; i < out.length; i++) {
        out.bytes[i] = (char)(out.bytes[i] == '\'' ? '"' : out.bytes[i]);
    }
    return out;
}

json_t *document_of(const char *text)
{
    struct text quoted = with_quotes(text);
    json_error_t problem;
    json_t *document = json_loads(quoted.bytes, JSON_DECODE_ANY, &problem);
    cr_assert_not_null(document, "%s: %s", problem.text, text);
    text_release(&quoted);
    return document;
}

static void collect(void *arg, const struct suite_result *result)
{
    struct judged *judged = arg;
    judged->passed += result->verdict == VERDICT_PASSED;
    judged->failed += result->verdict == VERDICT_FAILED;
    judged->only_run += result->verdict == VERDICT_ONLY_RUN;
    judged->rounds = result->rounds;
    if (result->verdict == VERDICT_FAILED && judged->difference[0] == '\0') {
        (void)snprintf(judged->difference, sizeof judged->difference, "%s", result->difference);
    }
}

static void write_quoted(const char *folder, const char *name, const char *text)
{
    struct text path = {0};
    struct text quoted = with_quotes(text);
    struct err err = {0};
    text_addf(&path, "%s/%s", folder, name);
    cr_assert(file_write(path.bytes, (struct view){quoted.bytes, quoted.length}, &err), "%s",
              err.msg);
    text_release(&path);
    text_release(&quoted);
}

static struct judged judge(const char *text, const char *traces, bool settle)
{
    char folder[] = "/tmp/berth-check-XXXXXX";
    char path[64], beside[64];
    struct judged judged = {0};
    const struct suite_options options = {
        .threads = 1, .settle = settle, .report = collect, .arg = &judged};
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/case.json", folder);
    (void)snprintf(beside, sizeof beside, "%s/traces.json", folder);
    write_quoted(folder, "case.json", text);
    if (traces != NULL) {
        write_quoted(folder, "traces.json", traces);
    }
    struct err err = {0};
    const char *paths[] = {path};
    if (!suite_run(paths, 1, &options, &err)) {
        judged.failed++;
        (void)snprintf(judged.difference, sizeof judged.difference, "%s", err.msg);
    }
    (void)unlink(path);
    (void)unlink(beside);
    (void)rmdir(folder);
    return judged;
}

struct judged document_judge(const char *text, const char *traces)
{
    return judge(text, traces, false);
}

struct judged document_settle(const char *text)
{
    return judge(text, NULL, true);
}
