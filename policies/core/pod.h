/*
 * pod.h - what a whole pod asks for (specification 1.3): containers, overhead and annotations as
 * the request of one task.
 */
#ifndef CORE_POD_H
#define CORE_POD_H

#include "policies/core/spec.h"
#include "sim/base/arena.h"

/* Requests are named as in Kubernetes ("cpu" in cores, "nvidia.com/gpu", ...) and in plain units.
 */
struct core_container {
    struct core_amounts requests;
    bool sidecar; /* an init container that runs on beside the containers */
};

struct core_pod {
    const struct core_container *containers;
    size_t container_count;
    const struct core_container *init_containers; /* in the order in which they start */
    size_t init_container_count;
    struct core_amounts overhead;
    struct core_labels annotations, labels;
    struct core_texts known; /* resources that some node has; others are dropped */
};

struct core_pod_request {
    /* By component: "cpu" in milli-cores, "memory", "gpu", "pods", MIG profiles and storage as they
     * are, other resources in thousandths. Without components of 0. */
    struct core_amounts amounts;
    struct core_gpu_need gpu;
    enum core_gpu_kind kind;
    struct core_texts groups; /* the shared GPU that a label names */
    bool legacy_mig;
};

/* Works it out; what the result points to lives in `arena`, names in the pod. O(resources squared).
 */
void core_pod_request(const struct core_pod *pod, struct arena *arena,
                      struct core_pod_request *out);

#endif
