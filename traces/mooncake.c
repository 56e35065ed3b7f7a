/*
 * mooncake - requests to Kimi's language models as Mooncake published them: JSON, one a line.
 *
 *     {"timestamp": ms, "input_length": n, "output_length": n, "hash_ids": [block, ...]}
 *
 * A request is a job; how long it takes, and of what, is said by the service model
 * (sim/workload/service_model.h), for the trace tells neither. hash_ids name the blocks of the
 * prompt, so that requests which share a beginning can be told; every prompt is read as a whole
 * here. Ids are line numbers.
 *
 * Lines may be long (a block id for every 512 tokens), and most of their bytes are hash_ids. So the
 * lines are not made into JSON values, which reads 55 MB a second, but scanned as what they are:
 * one object of whole numbers and an array of them, with these four keys in any order.
 */
#include "sim/base/check.h"
#include "sim/base/parse.h"
#include "sim/workload/service_model.h"
#include "sim/workload/trace_format.h"

enum key { TIMESTAMP, INPUT_LENGTH, OUTPUT_LENGTH, HASH_IDS, KEYS };

static const char *const key_names[KEYS] = {"timestamp", "input_length", "output_length",
                                            "hash_ids"};

static const int64_t key_most[KEYS] = {WORKLOAD_MOST_US / 1000, SERVICE_MOST_TOKENS,
                                       SERVICE_MOST_TOKENS, INT64_MAX};

/* A line that is being read, and what was read of it. */
struct scan {
    struct view line;
    size_t at;
    bool seen[KEYS];
    int64_t values[KEYS]; /* of hash_ids nothing */
};

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

static bool unexpected(const struct scan *scan, const char *expected, struct err *err)
{
    return err_set(err, ERR_FORMAT, 0, "character %zu: expected %s", scan->at + 1, expected);
}

/* The next character that is no blank, or 0 at the end. */
static char next_char(struct scan *scan)
{
    while (scan->at < scan->line.length &&
           (scan->line.at[scan->at] == ' ' || scan->line.at[scan->at] == '\t')) {
        scan->at++;
    }
    CHECK(scan->at <= scan->line.length);
    if (scan->at == scan->line.length) {
        return '\0';
    }
    return scan->line.at[scan->at];
}

static bool take(struct scan *scan, char wanted)
{
    bool found = next_char(scan) == wanted;
    scan->at += found ? 1 : 0;
    return found;
}

/* The digits that come next, with a sign. */
static struct view take_number(struct scan *scan)
{
    (void)next_char(scan); /* passes over blanks */
    size_t start = scan->at;
    size_t end = start;
    while (end < scan->line.length && (scan->line.at[end] == '-' ||
                                       (scan->line.at[end] >= '0' && scan->line.at[end] <= '9'))) {
        end++;
    }
    scan->at = end;
    return (struct view){scan->line.at + start, end - start};
}

static bool scan_key(struct scan *scan, enum key *out, struct err *err)
{
    if (!take(scan, '"')) {
        return unexpected(scan, "a key", err);
    }
    struct view rest = {scan->line.at + scan->at, scan->line.length - scan->at};
    struct view name = view_cut(rest, '"', &rest);
    bool closed = rest.at != NULL;
    for (uint32_t i = 0; closed && i < KEYS; i++) {
        if (view_is(name, key_names[i]) && !scan->seen[i]) {
            scan->at += name.length + 1;
            scan->seen[i] = true;
            *out = (enum key)i;
            return take(scan, ':') || unexpected(scan, "':'", err);
        }
    }
    return unexpected(scan, "timestamp, input_length, output_length or hash_ids, each once", err);
}

/* An array of whole numbers, which are passed over. */
static bool scan_blocks(struct scan *scan, struct err *err)
{
    if (!take(scan, '[')) {
        return unexpected(scan, "an array of block ids", err);
    }
    if (take(scan, ']')) {
        return true;
    }
    do {
        if (take_number(scan).length == 0) {
            return unexpected(scan, "a block id", err);
        }
    } while (take(scan, ','));
    return take(scan, ']') || unexpected(scan, "',' or ']'", err);
}

static bool scan_value(struct scan *scan, enum key key, struct err *err)
{
    CHECK(key < KEYS);
    if (key == HASH_IDS) {
        return scan_blocks(scan, err);
    }
    int64_t value = 0;
    if (parse_i64(take_number(scan), &value) != PARSE_OK || value < 0 || value > key_most[key]) {
        return err_set(err, ERR_FORMAT, 0, "%s is no whole number from 0 to %lld", key_names[key],
                       (long long)key_most[key]);
    }
    scan->values[key] = value;
    return true;
}

static bool scan_line(struct scan *scan, struct err *err)
{
    if (!take(scan, '{')) {
        return unexpected(scan, "'{'", err);
    }
    do {
        enum key key = KEYS;
        if (!scan_key(scan, &key, err) || !scan_value(scan, key, err)) {
            return false;
        }
    } while (take(scan, ','));
    if (!take(scan, '}')) {
        return unexpected(scan, "',' or '}'", err);
    }
    if (next_char(scan) != '\0' || scan->at < scan->line.length) {
        return unexpected(scan, "the end of the line", err);
    }
    for (uint32_t i = 0; i < HASH_IDS; i++) {
        if (!scan->seen[i]) {
            return err_set(err, ERR_FORMAT, 0, "no key \"%s\", expected one", key_names[i]);
        }
    }
    return true;
}

static bool read_request(struct view line, const struct service_model *model,
                         struct job_draft *draft, struct err *err)
{
    struct scan scan = {.line = line};
    if (!scan_line(&scan, err)) {
        return false;
    }
    draft->submit_us = scan.values[TIMESTAMP] * 1000;
    draft->duration_us =
        service_time_us(model, scan.values[INPUT_LENGTH], scan.values[OUTPUT_LENGTH]);
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
