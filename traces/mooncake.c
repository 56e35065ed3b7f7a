/*
 * mooncake - requests to Kimi's language models as Mooncake published them: JSON, one a line.
 *
 *     {"timestamp": ms, "input_length": n, "output_length": n, "hash_ids": [block, ...]}
 *
 * A request is a job; how long it takes, and of what, is said by the service model
 * (sim/workload/service_model.h), for the trace tells neither. hash_ids name the blocks of the
 * prompt, so that requests which share a beginning can be told; every prompt is read as a whole
 * here. Ids are line numbers. Lines may be long (a block id for every 512 tokens).
 */
#include "sim/base/json_read.h"
#include "sim/workload/service_model.h"
#include "sim/workload/trace_format.h"

static const char *const keys[] = {"timestamp", "input_length", "output_length", "hash_ids", NULL};

/* A line of this trace begins with an object that has these keys within its first few hundred
 * bytes, as they stand before hash_ids. */
static bool has_word(struct view line, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= line.length; i++) {
        if (memcmp(line.at + i, word, length) == 0) {
            return true;
        }
    }
    return false;
}

static bool mooncake_detect(struct view head)
{
    struct view rest = {0};
    struct view line = view_cut(head, '\n', &rest);
    return line.length > 0 && line.at[0] == '{' && has_word(line, "\"timestamp\"") &&
           has_word(line, "\"input_length\"") && has_word(line, "\"output_length\"");
}

/* Reads a whole number that must be there. */
static bool read_whole(const json_t *object, const char *key, int64_t most, int64_t *out,
                       struct err *err)
{
    struct json_range range = {0, most};
    if (json_object_get(object, key) == NULL) {
        return err_set(err, ERR_FORMAT, 0, "no key \"%s\", expected one", key);
    }
    return json_read_whole(object, "", key, range, out, err);
}

static bool read_request(struct view line, const struct service_model *model,
                         struct job_draft *draft, struct err *err)
{
    int64_t ms = 0;
    int64_t prompt = 0;
    int64_t generated = 0;
    json_t *object = json_parse(line.at, line.length, err);
    if (object == NULL) {
        return false;
    }
    bool ok = json_check_object(object, "", keys, err) &&
              read_whole(object, "timestamp", WORKLOAD_MOST_US / 1000, &ms, err) &&
              read_whole(object, "input_length", SERVICE_MOST_TOKENS, &prompt, err) &&
              read_whole(object, "output_length", SERVICE_MOST_TOKENS, &generated, err);
    json_decref(object);
    if (!ok) {
        return false;
    }
    draft->submit_us = ms * 1000;
    draft->duration_us = service_time_us(model, prompt, generated);
    service_set_request(model, draft);
    return true;
}

static bool mooncake_read(const void *params, struct file *file, struct workload *out,
                          struct err *err)
{
    struct job_draft draft;
    struct text id = {0};
    struct view rest = {file->bytes, file->length};
    bool ok = true;
    for (int64_t number = 1; ok && rest.length > 0; number++) {
        struct view line = view_trim(view_cut(rest, '\n', &rest));
        if (line.length == 0) {
            continue;
        }
        text_clear(&id);
        text_add_i64(&id, number);
        job_draft_init(&draft);
        draft.id = (struct view){id.bytes, id.length};
        ok = read_request(line, params, &draft, err);
        if (!ok) {
            err->line = number;
        }
        ok = ok && workload_add(out, &draft, number, err);
    }
    text_release(&id);
    service_note(params, out);
    workload_note(out, "ids are line numbers; no users, queues or outcomes: the trace has none");
    workload_note(out, "hash_ids are dropped: no prompt is shortened by what was read before");
    return ok;
}

extern const struct trace_format trace_format_mooncake;
const struct trace_format trace_format_mooncake = {
    .name = "mooncake",
    .help = "requests to language models as Mooncake published them, with a service model",
    .params_size = sizeof(struct service_model),
    .params = service_model_params,
    .detect = mooncake_detect,
    .read = mooncake_read,
};
