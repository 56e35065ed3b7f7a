/*
 * fifo_types.h - FIFO as Gavel's simulator has it: each job in order of submission is given a GPU
 * type for good, while there is room, and nobody overtakes.
 *
 * With speeds a job gets the type on which it is fastest of those with room, and all are dealt anew
 * at every allocation. Without, the simulator means to draw a type with room at random, but takes
 * the last type in the order of names of those with any GPU left, room or not, and strikes the
 * drawn type off the list when the taken one is used up. Both are kept, for schedules equal to its
 * own.
 */
#ifndef POLICIES_LIB_FIFO_TYPES_H
#define POLICIES_LIB_FIFO_TYPES_H

#include "policies/lib/rounds.h"

/* A job that was given a type. */
struct fifo_slot {
    uint32_t job;
    uint32_t type;
    int64_t size_milli;
};

/* All zeros but the random numbers is a beginning. */
struct fifo_types {
    VEC(struct fifo_slot) slots; /* by job */
    struct python_random random;
    bool speeds;
    bool head_stays; /* the head that does not fit where a job ended keeps its place , not so in
                        early versions */
};

void fifo_types_release(struct fifo_types *fifo);

/* Sets x of every job: 1 on its type, else 0. */
void fifo_types_allocate(struct fifo_types *fifo, struct rounds *rounds,
                         const struct cluster *cluster);

#endif
