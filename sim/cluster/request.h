/*
 * request.h - what one task asks of one node.
 *
 * Plain data, compared byte by byte when shapes are interned: always start from `(struct
 * request){0}` or memset, so that padding is zero too.
 */
#ifndef CLUSTER_REQUEST_H
#define CLUSTER_REQUEST_H

#include <stdint.h>

enum gpu_kind {
    GPU_NONE = 0, /* CPU only */
    GPU_WHOLE,    /* gpu_count whole GPUs */
    GPU_FRACTION, /* gpu_milli of each of gpu_count GPUs */
    GPU_MEMORY,   /* gpu_memory_mib of each of gpu_count GPUs */
    GPU_MIG,      /* gpu_count instances of mig_profile, each on any GPU of the node */
};

/* A MIG instance: compute slices of 7 and memory in GB, as its name says ("3g.40gb"). */
struct mig_profile {
    uint16_t compute_slices;
    uint16_t memory_gb;
};

struct request {
    int64_t gpu_memory_mib; /* of GPU_MEMORY, a GPU */
    int64_t cpu_milli;
    int64_t memory_mib;
    uint64_t models;    /* bit i: GPU model i of the cluster will do; 0: any will do */
    uint32_t gpu_count; /* devices */
    uint32_t gpu_milli; /* of GPU_FRACTION, a GPU, 1 to 999; on a divisible node any amount */
    uint32_t kind;      /* enum gpu_kind */
    struct mig_profile mig_profile;
};

_Static_assert(sizeof(struct request) == 48, "no padding: requests are compared as bytes");

/* What a request counts for in milli-GPUs: 1000 a whole GPU, the fraction of a shared one, a
 * seventh (rounded down) a compute slice of MIG. A request by GPU memory counts on the node it
 * gets, so it is 0 here. */
int64_t request_gpu_milli(const struct request *request);

#endif
