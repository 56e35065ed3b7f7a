/*
 * settle.h - does a case come to rest? Rounds are played until a state comes back.
 *
 * Nothing arrives and nothing ends by itself, so every case either reaches a state in which nothing
 * more is evicted, or goes round a cycle of states for ever. A cycle with evictions is a livelock:
 * work is lost again and again and nobody gains.
 */
#ifndef CHECK_SETTLE_H
#define CHECK_SETTLE_H

#include "sim/check/case.h"

enum settle_kind {
    SETTLE_RESTS,   /* the state repeats without evictions */
    SETTLE_LOOPS,   /* it repeats with evictions */
    SETTLE_UNKNOWN, /* no state came back within the rounds allowed */
};

struct settled {
    enum settle_kind kind;
    size_t first_round; /* of the cycle, from 1 */
    size_t length;      /* rounds in the cycle */
    size_t evictions;   /* in the cycle */
    struct text cycle;  /* of a loop: its decisions and what makes them return, lines */
};

/* Plays at most `most_rounds`. False with *err when the core refuses the case. On success the
 * caller releases with settled_release. */
bool case_settle(struct check_case *c, size_t most_rounds, struct settled *out, struct err *err);
void settled_release(struct settled *settled);

#endif
