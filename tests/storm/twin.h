/*
 * twin.h - the log of the real engine held against that of the reference engine (plain.h): the same
 * starts, stops, ends and rejections, in the same order, on the same GPUs.
 */
#ifndef TESTS_STORM_TWIN_H
#define TESTS_STORM_TWIN_H

#include "plain.h"
#include "sim/log.h"

struct twin {
    struct plain plain;
    bool compares;     /* the world is one for the reference engine */
    size_t next;       /* the event of it that is due */
    char differs[200]; /* the first difference; "" */
};

/* Runs the reference engine if the world, this policy and this rule with these parameters are for
 * it. Released with twin_release. */
void twin_init(struct twin *twin, struct plain_input *input, const struct sched_ops *policy,
               const void *policy_params, const char *place);
void twin_release(struct twin *twin);

struct log_sink twin_sink(struct twin *twin);

/* After the run: did everything come? */
void twin_end(struct twin *twin);

#endif
