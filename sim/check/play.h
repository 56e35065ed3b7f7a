/*
 * play.h - a case from its first to its last round.
 */
#ifndef CHECK_PLAY_H
#define CHECK_PLAY_H

#include "sim/check/record.h"

/* Where each step of the decisions is told as a line; `line` may be NULL. */
struct play_log {
    void (*line)(void *arg, const char *text);
    void *arg;
};

struct played {
    json_t *rounds;    /* in the form of recorded rounds, with "reasons" for what is pending */
    struct text unmet; /* the first expectation or limit that did not hold; empty: all held */
};

/* Plays the rounds of the protocol: sessions, their actions, folding back, and the assertions in
 * between. On success the caller releases with played_release. Fails when the core refuses the
 * case. Limits are not checked for benchmarks (`check_limits`), where they mean nothing. */
bool case_play(struct check_case *c, const struct play_log *log, bool check_limits,
               struct played *out, struct err *err);
void played_release(struct played *played);

/* One session: opens it, runs the actions of the case, records the round, folds back. NULL with
 * *err when the core refuses. The caller calls json_decref. */
json_t *play_round(struct check_case *c, const struct play_log *log, struct group_names *names,
                   struct err *err);

#endif
