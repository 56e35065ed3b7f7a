/*
 * slurm_text.h - how Slurm writes resources and states.
 */
#ifndef WORKLOAD_SLURM_TEXT_H
#define WORKLOAD_SLURM_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/cluster/request.h"
#include "sim/workload/workload.h"

enum { SLURM_MOST_GPU_TYPES = 8 };

/* GPUs of one type: "a100", "a100_1g.5gb". */
struct slurm_gpu_type {
    struct view name;
    int64_t count;
};

/* "cpu=8,mem=64G,node=1,gres/gpu=4,gres/gpu:a100=4" */
struct slurm_tres {
    int64_t cpu_milli;
    int64_t memory_mib;
    int64_t nodes;
    int64_t gpus; /* of all types; what no type is told of is in none of `types` */
    uint32_t type_count;
    struct slurm_gpu_type types[SLURM_MOST_GPU_TYPES];
    bool has_shares; /* gres/shard or gres/mps, which are parts of GPUs and not read */
};

/* Reads trackable resources; others than the above are passed over. False when an item is not of
 * the form name=number, or there are more types of GPUs than can be kept. Counts are at most
 * WORKLOAD_MOST_GPUS, amounts at most WORKLOAD_MOST_AMOUNT. */
bool slurm_tres_read(struct view text, struct slurm_tres *out);

/* Reads generic resources of a node, "gpu:a100:4(S:0-1),gpu:v100:2,shard:8", into the GPUs of *out.
 * "(null)" and nothing are no GPUs. */
bool slurm_gres_read(struct view text, struct slurm_tres *out);

/* The MIG profile at the end of a GPU type, "a100_1g.5gb" or "1g.5gb"; *model is what stands before
 * it. False when it is no MIG type. */
bool slurm_mig_type(struct view type, struct mig_profile *profile, struct view *model);

/* The models of all types joined by '|', in the arena unless it is one; MIG profiles are cut off.
 * Empty when no type is told. */
struct view slurm_models(const struct slurm_tres *tres, struct arena *arena);

/* The model of the type with most GPUs, of equal ones the first; empty when no type is told. */
struct view slurm_most_model(const struct slurm_tres *tres);

/* "A|B" and "B|C" give "A|B|C", in the arena unless it is one of them. */
struct view slurm_join_models(struct view models, struct view more, struct arena *arena);

/* "64G", "1.50T", "512": mebibytes, rounded up. */
bool slurm_memory_mib(struct view text, int64_t *out);

/* The outcome that a job state stands for; "CANCELLED by 1234" and "CANCELLED+" are read too. */
enum job_outcome slurm_outcome(struct view state, bool *known);

#endif
