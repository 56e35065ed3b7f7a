/* log.c - see log.h. */
#include "sim/diff/log.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/base/json_read.h"
#include "sim/base/mem.h"

#define MOST_SECONDS 1e12 /* so that microseconds are whole numbers in 64 bits */

bool decision_log_open(const char *path, struct decision_log *out, struct err *err)
{
    *out = (struct decision_log){0};
    struct stat status;
    struct text name = {0};
    text_add(&name, path);
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        out->folder = mem_copy_text(path, strlen(path));
        text_add(&name, "/decisions.jsonl");
        if (stat(name.bytes, &status) != 0) {
            (void)err_set(err, ERR_USAGE, 0,
                          "%.200s: has no decisions.jsonl, expected the results of "
                          "'berth run --log decisions'",
                          path);
            text_release(&name);
            decision_log_release(out);
            return false;
        }
    }
    out->path = name.bytes;
    if (!file_read(out->path, FILE_MOST_BYTES, &out->file, err)) {
        decision_log_release(out);
        return false;
    }
    return true;
}

void decision_log_release(struct decision_log *log)
{
    if (log->file.bytes != NULL) {
        file_release(&log->file);
    }
    free(log->path);
    free(log->folder);
    *log = (struct decision_log){0};
}

bool decision_log_next(struct decision_log *log, struct view *line)
{
    if (log->at >= log->file.length) {
        return false;
    }
    const char *start = log->file.bytes + log->at;
    const char *end = memchr(start, '\n', log->file.length - log->at);
    size_t length = end == NULL ? log->file.length - log->at : (size_t)(end - start);
    log->at += length + (end == NULL ? 0 : 1);
    log->decided++;
    *line = (struct view){start, length};
    return true;
}

void decision_log_rewind(struct decision_log *log)
{
    log->at = 0;
    log->decided = 0;
}

static bool check_decision(const json_t *decision, struct err *err)
{
    static const char *const TEXTS[] = {"decision", "job", "queue"};
    bool is_step = json_is_string(json_object_get(decision, "step")) &&
                   json_object_get(decision, "decision") == NULL;
    if (!json_is_object(decision)) {
        return err_set(err, ERR_FORMAT, 0, "expected an object, a decision of a run");
    }
    const json_t *moment = json_object_get(decision, "time_s");
    if (!json_is_number(moment) || fabs(json_number_value(moment)) > MOST_SECONDS) {
        return json_unexpected("", "time_s", moment, "a number of seconds", err);
    }
    for (size_t i = 0; !is_step && i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
        const json_t *text = json_object_get(decision, TEXTS[i]);
        if (!json_is_string(text)) {
            return json_unexpected("", TEXTS[i], text, "a text", err);
        }
    }
    const json_t *nodes = json_object_get(decision, "nodes");
    if (nodes == NULL) {
        return true;
    }
    if (!json_is_array(nodes)) {
        return json_unexpected("", "nodes", nodes, "an array of nodes", err);
    }
    size_t index;
    json_t *node;
    json_array_foreach(nodes, index, node)
    {
        if (!json_is_string(json_object_get(node, "node"))) {
            return json_unexpected("nodes", "node", json_object_get(node, "node"),
                                   "the name of a node", err);
        }
    }
    return true;
}

json_t *decision_parse(const struct decision_log *log, struct view line, struct err *err)
{
    json_t *decision = json_parse(line.at, line.length, err);
    if (decision == NULL || !check_decision(decision, err)) {
        json_decref(decision);
        err->line = log->decided;
        (void)err_locate(err, log->path);
        return NULL;
    }
    return decision;
}

double decision_time_s(const json_t *decision)
{
    return json_number_value(json_object_get(decision, "time_s"));
}

const char *decision_text(const json_t *decision, const char *key)
{
    return json_string_value(json_object_get(decision, key));
}
