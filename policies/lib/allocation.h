/*
 * allocation.h - the fractional allocations of Gavel and its relatives: which part of its time each
 * job is to spend on each GPU type. What the rounds (rounds.h) then make happen.
 *
 * Every allocation gives a job at most all of its time, and a type at most all of its GPUs. The
 * linear programs are solved by GLPK's simplex with given settings from a fixed order of rows and
 * columns, so that equal inputs give the same one of several optima. Other solvers give others:
 * schedules agree with those of the published simulators in the mean, not job by job.
 */
#ifndef POLICIES_LIB_ALLOCATION_H
#define POLICIES_LIB_ALLOCATION_H

#include "policies/lib/rounds.h"

enum allocation_goal {
    GOAL_PROPORTIONAL, /* GPUs of a type / jobs; no program */
    GOAL_ISOLATED,     /* the same divided by the size of the job; no program */
    GOAL_MAX_MIN,      /* greatest least normalised throughput: least attained service */
    GOAL_FINISH_TIME,  /* least greatest ratio of finish time to that on a share of one's own */
    GOAL_MAX_SUM,      /* greatest sum of throughputs */
    GOAL_MAKESPAN,     /* shortest time in which all that are there can end */
};

struct allocation {
    enum allocation_goal goal;
    bool speeds;          /* a job's speed on each type counts; else one for all types */
    bool split_as_solved; /* without speeds: a job's time on the types as the solver leaves it */
    bool dual;            /* by the dual simplex, */
    bool presolve;        /* after GLPK's presolver: other optima */
    bool last_first;      /* jobs are columns of the program from the last to the first */
    uint64_t other;       /* not 0: another of the optima, drawn at random by this seed */
    uint64_t drawn;       /* programs so far */
};

/* A rounds_allocate, with a struct allocation as its owner. Where no program can be solved, or GLPK
 * breaks off, each job has the share of GOAL_ISOLATED. */
void allocation_compute(void *owner, struct rounds *rounds, struct sched_ctx *ctx);

#endif
