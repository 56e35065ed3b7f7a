/*
 * throughputs.h - Gavel's table of measured training speeds: steps a second by worker type, model
 * and number of GPUs, alone or while two jobs share their GPUs.
 *
 * The file is JSON: worker type ("v100", "v100_unconsolidated") to "('<model>', <gpus>)" to
 * {"null": steps a second alone, "('<other model>', <gpus>)": [mine, the other's]}.
 */
#ifndef WORKLOAD_THROUGHPUTS_H
#define WORKLOAD_THROUGHPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "sim/base/digest.h"
#include "sim/base/err.h"
#include "sim/base/view.h"

/* All zeros is an empty table, in which nothing is found. */
struct throughputs {
    json_t *root;
    char digest[DIGEST_TEXT]; /* of the file; "" when read from memory */
};

/* What runs: a model as traces write it ("ResNet-18 (batch size 32)") on so many GPUs. */
struct throughput_job {
    struct view model;
    uint32_t gpus;
};

/* Reads the table from the file `path`. On success the caller releases it. */
bool throughputs_read(struct throughputs *table, const char *path, struct err *err);

/* The same from a text in memory. */
bool throughputs_read_text(struct throughputs *table, const char *text, size_t length,
                           struct err *err);
void throughputs_release(struct throughputs *table);

/* Does the table have this worker type? */
bool throughputs_has_worker(const struct throughputs *table, struct view worker);

/* Steps a second of `job` alone; 0 when the table does not tell, or tells that it cannot run. */
double throughputs_alone(const struct throughputs *table, struct view worker,
                         struct throughput_job job);

/* Does the table have an entry for `job` alone, be it 0? */
bool throughputs_tells(const struct throughputs *table, struct view worker,
                       struct throughput_job job);

/* Steps a second of `job` while `other` shares its GPUs; 0 as above. */
double throughputs_shared(const struct throughputs *table, struct view worker,
                          struct throughput_job job, struct throughput_job other);

#endif
