/*
 * fuzz_case.c - any bytes as a recorded case, a benchmark or single decisions: played or judged, or
 * refused with a reason.
 */
#include "sim/base/check.h"
#include "sim/check/expand.h"
#include "sim/check/play.h"
#include "sim/check/vector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void play(const json_t *document)
{
    struct err err = {0};
    struct check_case c;
    struct played played;
    const struct play_log silent = {0};
    if (!case_read(document, &c, &err)) {
        CHECK(err.code == ERR_FORMAT && err.msg[0] != '\0');
        return;
    }
    /* Few rounds are enough to meet every path, and a case may ask for very many. */
    c.rounds_until = c.rounds_until > 2 ? 2 : c.rounds_until;
    c.rounds_after = c.rounds_after > 1 ? 1 : c.rounds_after;
    if (case_play(&c, &silent, true, &played, &err)) {
        played_release(&played);
    } else {
        CHECK(err.msg[0] != '\0');
    }
    case_release(&c);
}

static void ignore(void *arg, const struct vector_result *result)
{
    (void)arg;
    (void)result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_error_t problem;
    json_t *document = json_loadb((const char *)data, size, 0, &problem);
    struct err err = {0};
    if (document == NULL) {
        return 0;
    }
    if (json_object_get(document, "functions") != NULL) {
        (void)vectors_judge(document, NULL, ignore, NULL, &err);
    } else {
        json_t *plain = case_expand(document, &err);
        if (plain != NULL) {
            play(plain);
            json_decref(plain);
        }
    }
    json_decref(document);
    return 0;
}
