/*
 * profiles.h - measured profiles of training applications, as Pollux and Sia publish them: how long
 * a step takes on a placement, and how many steps a training needs.
 *
 * An application is a folder with
 *   placements[-KIND].csv    seconds a step (and of it, synchronising) by placement and local batch
 *                            size; a placement is its GPUs per node, one digit a node: 4, 22, 444
 *   scalability[-KIND].csv   the same by number of nodes and replicas, beyond those placements
 *   validation-<batch>.csv   progress and steps done at the end of each epoch, by total batch size
 * KIND is a type of GPU in Sia's profiles; columns come in any order.
 */
#ifndef WORKLOAD_PROFILES_H
#define WORKLOAD_PROFILES_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/err.h"
#include "sim/base/file.h"
#include "sim/base/names.h"
#include "sim/base/vec.h"
#include "sim/base/view.h"

/* One measurement: a replica is one GPU. */
struct profile_step {
    uint64_t placement; /* the digits; 0 for a row of scalability.csv */
    uint32_t nodes;
    uint32_t replicas;
    uint32_t local_batch;
    double step_s;
    double sync_s; /* part of step_s */
};

struct profile_epoch {
    double progress; /* in the application's own measure, at the end of the epoch */
    double steps;    /* done by then */
    double metric;
    double grad_sqr, grad_var;
};

/* What was recorded with one total batch size; its epochs follow each other in profile->epochs. */
struct profile_training {
    uint32_t batch;
    size_t first_epoch;
    size_t epoch_count;
};

struct profile {
    VEC(struct profile_step) steps;
    VEC(struct profile_training) trainings; /* by batch size */
    VEC(struct profile_epoch) epochs;
    size_t epoch_count; /* of the shortest training: how many a job trains */
};

/* The applications of a folder, each read when it is first asked for. */
struct profiles {
    char *folder;
    char *kind; /* "" for none */
    struct names names;
    VEC(struct profile) list; /* by number of the name */
};

void profiles_init(struct profiles *profiles, struct view folder, struct view kind);
void profiles_release(struct profiles *profiles);

/* The profile of an application; NULL with *err filled when it cannot be read. It stays until the
 * next call. */
const struct profile *profiles_get(struct profiles *profiles, struct view application,
                                   struct err *err);

/* A job as it runs: GPUs are packed on nodes of `node_gpus`, and each takes its part of `batch`. */
struct profile_run {
    uint32_t replicas;
    uint32_t batch;
    uint32_t node_gpus;
};

/* Seconds a step of `batch` takes; less than 0 when nothing measured tells. Between measured local
 * batch sizes it is interpolated; a local batch beyond the largest measured is done in several
 * passes that synchronise once. Without the very placement, measurements with the nearest numbers
 * of replicas above and below are interpolated. */
double profile_step_s(const struct profile *profile, struct profile_run run);

/* Steps of a whole training with `batch`, interpolated between recorded batch sizes; less than 0
 * beyond them. */
double profile_training_steps(const struct profile *profile, uint32_t batch);

/* Reads a table into the profile; `training_batch` is 0 for a table of step times. The text may be
 * changed in place. For profiles_get, and for tests. */
bool profile_read_table(struct profile *profile, uint32_t training_batch, struct file *file,
                        struct err *err);

#endif
