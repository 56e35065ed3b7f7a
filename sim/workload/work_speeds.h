/*
 * work_speeds.h - speeds of a class of work by the shipped catalogue, for jobs of which nothing was
 * measured: "training_dense" or "training_dense@V100-16GB".
 *
 * The duration of such a job holds on the model behind the '@', the catalogue's base GPU without
 * it. On the others it works at the ratio of their speeds at that class, where a GPU of several
 * equal parts ("MI300X/CPX") has its part; on a model that the catalogue lacks, at the speed of
 * the first.
 */
#ifndef WORKLOAD_WORK_SPEEDS_H
#define WORKLOAD_WORK_SPEEDS_H

#include "sim/workload/speeds.h"

enum work_speeds_result {
    WORK_SPEEDS_OK,
    WORK_SPEEDS_NO_CLASS, /* no class of work of that name */
    WORK_SPEEDS_NO_MODEL, /* no GPU of the catalogue, or one that cannot do that work */
    WORK_SPEEDS_TOO_MANY, /* classes in the table */
};

/* The class of this name in the table, added when it is not there yet (a millisecond). */
enum work_speeds_result work_speeds_class(struct speeds *speeds, struct view name, uint32_t *out);

#endif
