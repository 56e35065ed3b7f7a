/*
 * anonymise.h - a trace that can be shown: names of people, groups and jobs replaced, time moved.
 *
 * The same key gives the same name the same replacement in every trace, so traces of several months
 * still fit together; without the key a name can be neither undone nor checked. Sizes, durations
 * and the pattern of submits are what a trace is for and stay: who knows when a job ran may still
 * find it.
 */
#ifndef TRANSFORM_ANONYMISE_H
#define TRANSFORM_ANONYMISE_H

#include "sim/base/siphash.h"
#include "sim/workload/workload.h"

enum anonymise_time {
    ANONYMISE_WEEKS, /* moved back by 1 to 4096 weeks that the key tells: hour and weekday stay */
    ANONYMISE_ZERO,  /* the first submit is 0 */
    ANONYMISE_KEEP,
};

struct anonymise {
    struct siphash_key key;
    enum anonymise_time when;
    bool keeps_queues; /* for a queue tree that names them */
};

/* In place. Ids, users and queues become a letter (j, u, q) and 16 hexadecimal digits; a name that
 * is empty stays so. GPU models and topology levels stay: a replay needs them. An error, and then
 * *workload is only good for releasing, when two names get the same replacement. O(names). */
bool anonymise_apply(const struct anonymise *anonymise, struct workload *workload, struct err *err);

/* What the replacement of a name is made of; `kind` is its letter. */
uint64_t anonymise_name(const struct anonymise *anonymise, char kind, const char *name);

#endif
