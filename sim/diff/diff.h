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

/* Compares two logs line by line from where they stand; both are read to the first difference
 * only. When they come with results folders, the settings that differ, who ran and waited, and how
 * far the outcomes drift are told, too. Appends the answer to *out and sets *equal. False when a
 * log or a file beside it cannot be understood. Cost: linear. */
bool diff_logs(struct decision_log *a, struct decision_log *b, const struct diff_options *options,
               struct text *out, bool *equal, struct err *err);

#endif
