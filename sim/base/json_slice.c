/* json_slice.c - see json_slice.h. */
#include "sim/base/json_slice.h"

#include "sim/base/check.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void skip_space(struct json_slices *slices)
{
    while (slices->at < slices->end && is_space(*slices->at)) {
        slices->line += *slices->at == '\n' ? 1 : 0;
        slices->at++;
    }
}

/* What stands at slices->at is not what was expected. */
static bool unexpected(const struct json_slices *slices, const char *what, const char *expected,
                       struct err *err)
{
    bool at_end = slices->at >= slices->end;
    return err_set(err, ERR_FORMAT, slices->line, "%sfound %s%.*s%s, expected %s", what,
                   at_end ? "the end" : "'", at_end ? 0 : 1, at_end ? "" : slices->at,
                   at_end ? "" : "'", expected);
}

static bool broken(const struct json_slices *slices, const char *expected, struct err *err)
{
    return unexpected(slices, "not valid JSON: ", expected, err);
}

/* The position behind the string whose opening quote is at `at`; NULL when it never ends. */
static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++) {
        at += *at == '\\' ? 1 : 0;
    }
    return at < end ? at + 1 : NULL;
}

/* The position behind the value at `at`; NULL when it never ends. Only its extent is looked for. */
static const char *skip_value(const char *at, const char *end, int64_t *line)
{
    int64_t depth = 0;
    do {
        char c = *at;
        if (c == '"') {
            at = skip_string(at, end);
            if (at == NULL) {
                return NULL;
            }
            continue;
        }
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= c == '}' || c == ']' ? 1 : 0;
        *line += c == '\n' ? 1 : 0;
        at++;
        /* A number or a word ends where something else begins. */
        while (depth == 0 && c != '}' && c != ']' && at < end && !is_space(*at) && *at != ',' &&
               *at != '}' && *at != ']') {
            at++;
        }
    } while (depth > 0 && at < end);
    return depth > 0 ? NULL : at;
}

bool json_slices_open(struct json_slices *slices, struct json_slice value, char bracket,
                      struct err *err)
{
    CHECK(bracket == '{' || bracket == '[');
    *slices = (struct json_slices){
        .at = value.text.at,
        .end = value.text.at + value.text.length,
        .line = value.line,
        .closing = bracket == '{' ? '}' : ']',
        .is_first = true,
    };
    skip_space(slices);
    if (slices->at == slices->end || *slices->at != bracket) {
        return unexpected(slices, "", bracket == '{' ? "an object" : "an array", err);
    }
    slices->at++;
    return true;
}

/* At the bracket that closes everything: nothing may follow. */
static bool close_slices(struct json_slices *slices, struct err *err)
{
    slices->at++;
    skip_space(slices);
    if (slices->at < slices->end) {
        return broken(slices, "nothing behind the value", err);
    }
    return false;
}

/* The key in front of a value of an object. */
static bool read_key(struct json_slices *slices, struct view *key, struct err *err)
{
    const char *start = slices->at;
    const char *stop =
        start < slices->end && *start == '"' ? skip_string(start, slices->end) : NULL;
    if (stop == NULL) {
        return broken(slices, "a key in quotes", err);
    }
    *key = (struct view){start + 1, (size_t)(stop - start) - 2};
    slices->at = stop;
    skip_space(slices);
    if (slices->at == slices->end || *slices->at != ':') {
        return broken(slices, "':'", err);
    }
    slices->at++;
    skip_space(slices);
    return true;
}

bool json_slices_next(struct json_slices *slices, struct view *key, struct json_slice *value,
                      struct err *err)
{
    err->code = ERR_NONE;
    skip_space(slices);
    if (slices->at < slices->end && *slices->at == slices->closing) {
        return close_slices(slices, err);
    }
    if (!slices->is_first) {
        if (slices->at == slices->end || *slices->at != ',') {
            return broken(slices, slices->closing == '}' ? "',' or '}'" : "',' or ']'", err);
        }
        slices->at++;
        skip_space(slices);
    }
    slices->is_first = false;
    if (slices->closing == '}' && !read_key(slices, key, err)) {
        return false;
    }
    if (slices->at == slices->end || strchr(",:]}", *slices->at) != NULL) {
        return broken(slices, "a value", err);
    }
    value->line = slices->line;
    const char *stop = skip_value(slices->at, slices->end, &slices->line);
    if (stop == NULL) {
        slices->at = slices->end;
        return broken(slices, "the end of the value", err);
    }
    value->text = (struct view){slices->at, (size_t)(stop - slices->at)};
    slices->at = stop;
    return true;
}

json_t *json_slice_parse(struct json_slice value, struct err *err)
{
    json_error_t problem;
    json_t *parsed = json_loadb(value.text.at, value.text.length,
                                JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (parsed == NULL) {
        int64_t line = value.line + (problem.line > 0 ? problem.line - 1 : 0);
        (void)err_set(err, ERR_FORMAT, line, "not valid JSON: %s", problem.text);
    }
    return parsed;
}
