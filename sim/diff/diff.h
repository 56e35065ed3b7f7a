/*
 * diff.h - the first decision in which two runs part, what it was made of, and what came of it.
 */
#ifndef DIFF_DIFF_H
#define DIFF_DIFF_H

#include "sim/diff/log.h"
#include "sim/diff/outcomes.h"

struct diff_options {
    int64_t context; /* so many equal decisions are shown before the first difference */
    bool json;       /* one JSON object instead of text */
};

struct diff_answer {
    bool equal;
    double time_s; /* of the first difference */
};

/* Compares two logs line by line from where they stand; both are read to the first difference
 * only. When they come with results folders, the settings that differ, who ran and waited, and how
 * far the outcomes drift are told, too. Appends the answer to *out. False when a
 * log or a file beside it cannot be understood. Cost: linear. */
bool diff_logs(struct decision_log *a, struct decision_log *b, const struct diff_options *options,
               struct text *out, struct diff_answer *answer, struct err *err);

/* Compares the steps that two logs tell (log lines with "step"), and appends the first that differ
 * with equal ones before them; nothing when neither log has any. `jobs` are the ids of jobs by
 * number, by which steps call them; NULL: numbers stay. */
bool diff_steps(struct decision_log *a, struct decision_log *b, int64_t context,
                const struct names *jobs, struct text *out, struct err *err);

#endif
