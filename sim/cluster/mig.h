/*
 * mig.h - the geometry of a GPU that is split into instances (NVIDIA MIG).
 *
 * A GPU is 8 memory slices in a row; compute slice i (of 7) sits on memory slice i, and slice 7 has
 * memory only. An instance covers 1, 2, 4 or 8 memory slices, starts at a multiple of that size,
 * and its compute slices are the first ones it covers, so they must end at or before slice 7:
 *
 *     memory slice   0   1   2   3   4   5   6   7
 *     7g.80gb        [-----------------------------]      start 0
 *     4g.40gb        [-------------]                      start 0
 *     3g.40gb        [-------------][--------------]      start 0 or 4
 *     2g.20gb        [-----][-----][-----]                start 0, 2 or 4
 *     1g.20gb        [-----][-----][-----][-------]       start 0, 2, 4 or 6
 *     1g.10gb        [-][-][-][-][-][-][-]                start 0 to 6
 *
 * GPUs of four memory slices (A30) are seen as eight halves, which allows the same instances.
 */
#ifndef CLUSTER_MIG_H
#define CLUSTER_MIG_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/text.h"
#include "sim/base/view.h"
#include "sim/cluster/request.h"

enum { MIG_MEMORY_SLICES = 8, MIG_COMPUTE_SLICES = 7, MIG_NO_START = 8 };

/* Reads "3g.40gb". False when it is not of that form or a number is 0 or above 7 and 9999. */
bool mig_profile_parse(struct view name, struct mig_profile *out);

/* Appends the name, "3g.40gb". */
void mig_profile_add_name(struct text *text, struct mig_profile profile);

static inline bool mig_profile_is(struct mig_profile a, struct mig_profile b)
{
    return a.compute_slices == b.compute_slices && a.memory_gb == b.memory_gb;
}

/* How many memory slices the instance covers on a GPU with so much memory (to the nearest slice:
 * names round): 1, 2, 4 or 8; 0 when such a GPU has no such instance. */
uint32_t mig_memory_slices(struct mig_profile profile, int64_t gpu_memory_mib);

/* What one instance counts for: its compute slices in sevenths of a GPU, rounded down. */
int64_t mig_gpu_milli(struct mig_profile profile);

/* Where an instance of `slices` memory slices and `compute` compute slices can start when those of
 * the mask `taken` are in use; the highest such place, which keeps the low ones for the large
 * instances that fit nowhere else; MIG_NO_START when there is none. */
uint32_t mig_find_start(uint8_t taken, uint32_t slices, uint32_t compute);

/* The memory slices of an instance that starts there. */
static inline uint8_t mig_slice_mask(uint32_t slices, uint32_t start)
{
    return (uint8_t)(((1U << slices) - 1) << start);
}

#endif
