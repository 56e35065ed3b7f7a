/*
 * division.h - fair shares divided in the plainest form of the rule, to hold the core's against:
 * the quotas first, then the rest by priority and weight, in doubles, the operations in the order
 * in which the rule states them.
 */
#ifndef TESTS_STORM_DIVISION_H
#define TESTS_STORM_DIVISION_H

#include <stddef.h>
#include <stdint.h>

#define DIVISION_NO_PARENT UINT32_MAX

enum { DIVISION_MOST_QUEUES = 16 };

/* Amounts of one resource; -1 is unlimited. */
struct division_queue {
    const char *name;
    uint32_t parent;  /* by place, or DIVISION_NO_PARENT */
    uint32_t created; /* the older of two goes first */
    int64_t priority;
    double deserved;
    double limit;
    double weight;
    double request;
    double usage; /* of the past, a share of the capacity */
    double fair;  /* the result */
};

/* Fills `fair` of all queues, which stand in ascending order of their names. */
void division_divide(struct division_queue *queues, size_t count, double total, double k);

#endif
