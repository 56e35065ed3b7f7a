/*
 * suite.h - files of recorded cases, benchmarks, single decisions and share requests, judged.
 *
 * A folder stands for every file below it, in the order of the paths. The trace of a case is looked
 * for by the case's id in ../traces/<file> and in traces.json beside the file.
 */
#ifndef CHECK_SUITE_H
#define CHECK_SUITE_H

#include "sim/check/play.h"
#include "sim/check/timing.h"

enum verdict {
    VERDICT_PASSED,
    VERDICT_FAILED,
    VERDICT_ONLY_RUN, /* there was nothing to compare with */
};

struct suite_result {
    const char *path; /* of the file */
    const char *id;   /* of the case, or of the decision with its family */
    enum verdict verdict;
    const char *difference;      /* the first one; "" when passed */
    size_t rounds;               /* 0 for single decisions */
    const struct timing *timing; /* when cycles are timed, else NULL */
};

struct suite_options {
    const char *filter; /* only ids, names and feature tags that contain this; NULL: all */
    unsigned threads;   /* 0: one a processor */
    bool settle;        /* instead: look for states that come back with evictions */
    size_t repeats;     /* instead: time so many cycles; 0: do not */
    void (*report)(void *arg, const struct suite_result *result); /* in order, from one thread */
    /* Before a file: how many there are and which this is; may be NULL. */
    void (*file)(void *arg, const char *path, size_t number, size_t count);
    void *arg;
};

/* Judges every file below the paths. False with *err when a path holds nothing to judge, or a
 * document is no JSON or of an unknown kind. A case that cannot be built is reported as failed. */
bool suite_run(const char *const *paths, size_t count, const struct suite_options *options,
               struct err *err);

/* Plays the one case whose id is `id`, or the only one that contains it, with every step told. */
bool suite_explain(const char *const *paths, size_t count, const char *id,
                   const struct play_log *log, struct err *err);

#endif
