/*
 * log.h - a decision log that is read again: decisions.jsonl, a decision a line.
 */
#ifndef DIFF_LOG_H
#define DIFF_LOG_H

#include <jansson.h>

#include "sim/base/file.h"

struct decision_log {
    struct file file;
    char *path;      /* of decisions.jsonl */
    char *folder;    /* the results folder around it; NULL when a bare log was named */
    size_t at;       /* where the next line starts */
    int64_t decided; /* lines read so far, which is also the number of the last one */
};

/* Opens `path`: a decisions.jsonl, or a results folder that has one. The caller releases it with
 * decision_log_release. Errors name the file and say how to make one. Cost: the file is read. */
bool decision_log_open(const char *path, struct decision_log *out, struct err *err);
void decision_log_release(struct decision_log *log);

/* The next line without its end; false behind the last one. */
bool decision_log_next(struct decision_log *log, struct view *line);

/* Starts again at the first line. */
void decision_log_rewind(struct decision_log *log);

/* The decision in `line`, the one just read: an object with "time_s" (a number), "decision", "job"
 * and "queue" (texts) and, unless it is a reject, "nodes" (an array of objects with "node"); or a
 * step on the way to one: "time_s" and "step" (a text), no "decision". The caller owns it. NULL
 * with file:line in *err when it is something else. */
json_t *decision_parse(const struct decision_log *log, struct view line, struct err *err);

/* Members of a parsed decision. */
double decision_time_s(const json_t *decision);
const char *decision_text(const json_t *decision, const char *key); /* NULL when missing */

#endif
