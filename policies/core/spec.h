/*
 * spec.h - what a caller says about nodes, queues, jobs and tasks.
 *
 * Plain structs to be filled with designated initialisers; everything is copied by the call that
 * takes it, so they may live on the stack. A zeroed field means "none" unless its comment says
 * otherwise. Names are compared byte by byte. Units: CPU in milli-cores, memory in bytes, GPU
 * memory in MiB, GPUs in devices; times are nanoseconds on the caller's clock (the records of the
 * original resolve nanoseconds, and creation times decide ties). -1 in quota or limit is unlimited.
 */
#ifndef CORE_SPEC_H
#define CORE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More is refused: no node has it, and sums of it would leave the range of their type. */
#define CORE_MOST_GPUS    100000 /* of a node or a request, of any kind; MIG likewise */
#define CORE_MOST_GPU_MIB (INT64_C(1) << 40)
#define CORE_MOST_MEMBERS 1000000000 /* as the minimum of a sub-group */
#define CORE_MOST_AMOUNT  1e18       /* CPU, memory, pods, other resources */

/* A time or a duration that is not given. As a creation time it counts as earlier than any. */
#define CORE_UNSET INT64_MIN
/* "No such thing" wherever an index of a node, queue, job, task or group is expected. */
#define CORE_NONE  UINT32_MAX

enum core_status {
    CORE_PENDING,
    CORE_GATED,
    CORE_ALLOCATED,
    CORE_PIPELINED,
    CORE_BINDING,
    CORE_BOUND,
    CORE_RUNNING,
    CORE_RELEASING,
    CORE_STUCK, /* in releasing: the deletion time passed long ago */
    CORE_SUCCEEDED,
    CORE_FAILED,
    CORE_UNKNOWN,
    CORE_DELETED,
    CORE_STATUS_COUNT
};

/* The three accounted resources, in the order of every array of three. */
enum core_resource { CORE_CPU, CORE_MEM, CORE_GPU, CORE_RESOURCE_COUNT };

/* An amount of a further resource: MIG profiles and storage as they are, others in thousandths. */
struct core_amount {
    const char *name;
    double amount;
};
struct core_amounts {
    const struct core_amount *items;
    size_t count;
};

struct core_label {
    const char *key, *value;
};
struct core_labels {
    const struct core_label *items;
    size_t count;
};

struct core_texts {
    const char *const *items;
    size_t count;
};

/* NUMA. Amounts are named "cpu", "memory", "gpu" or by their resource name. */
enum core_numa_policy {
    CORE_NUMA_NONE,
    CORE_NUMA_BEST_EFFORT,
    CORE_NUMA_RESTRICTED,
    CORE_NUMA_SINGLE
};
struct core_zone_spec {
    const char *id;
    struct core_amounts allocatable, available;
};
struct core_numa_spec {
    enum core_numa_policy policy;
    bool per_container; /* the scope; else per pod */
    const struct core_zone_spec *zones;
    size_t zone_count; /* 0: the node reports no topology */
};
struct core_zone_amount { /* what a task holds on a zone of its node */
    const char *zone;
    struct core_amounts amounts;
};

struct core_taint {
    const char *key, *value, *effect;
};

struct core_node_spec {
    const char *name;
    double cpu_milli, memory_bytes, gpus, pods; /* allocatable; gpus without those of DRA */
    struct core_amounts others;                 /* MIG profiles and extended resources */
    int64_t gpu_memory_mib;                     /* of each GPU, rounded to hundreds; 0: 100 */
    bool gpu_memory_unknown;
    bool not_ready;
    double dra_gpus; /* devices of DRA GPU slices, on top of gpus */
    /* The GPU count, MIG mode, topology values and whatever selectors ask for. */
    struct core_labels labels;
    const struct core_taint *taints;
    size_t taint_count;
    struct core_numa_spec numa;
};

struct core_share_spec {
    double quota, limit, weight;
};
struct core_queue_spec {
    const char *name;
    const char *parent; /* NULL: top level */
    int priority;       /* higher first; the usual value is 100 */
    int64_t created_ns;
    struct core_share_spec shares[CORE_RESOURCE_COUNT];
    double usage[CORE_RESOURCE_COUNT];                      /* history, as part of the cluster */
    int64_t preempt_min_runtime_ns, reclaim_min_runtime_ns; /* or CORE_UNSET */
};

struct core_topology_spec {
    const char *name;
    struct core_texts levels; /* node label keys, coarsest first, at most 16 */
};

/* A constraint without a topology name is none. Levels may be NULL. */
struct core_topology_want {
    const char *topology, *required, *preferred;
};

/* A node of a job's sub-group tree. They are listed parents first; item 0 is the root: a set with
 * the name "". */
struct core_group_spec {
    const char *name;
    uint32_t parent; /* index in the list; ignored for the root */
    bool is_pod_set;
    int64_t min; /* of a pod set: members; of a set: sub-groups, -1 for all of them */
    struct core_topology_want topology;
};

struct core_job_spec {
    const char *name; /* the id: names of two namespaces must differ */
    const char *namespace_name;
    const char *queue; /* one that does not exist is legal: the job is never scheduled */
    int priority;
    bool preemptible;
    int64_t created_ns;
    int64_t last_start_ns, last_eviction_ns, stale_since_ns; /* or CORE_UNSET */
    int64_t preemption_delay_ns;                             /* 0 or less: none */
    int64_t staleness_grace_ns; /* CORE_UNSET: the default of the settings; negative: never */
    const struct core_group_spec *groups; /* NULL: one pod set "default" with min 1 */
    size_t group_count;
};

/* What a task asks of the GPUs. */
enum core_gpu_kind {
    CORE_GPU_REGULAR, /* whole devices, or none */
    CORE_GPU_FRACTION,
    CORE_GPU_MEMORY,
    CORE_GPU_MIG,
    CORE_GPU_UNTYPED /* none of them; unit records of the original only */
};
struct core_gpu_need {
    int64_t count;
    double portion; /* of each device; 1 is whole */
    int64_t memory_mib;
    struct core_amounts mig; /* full resource names of the profiles */
    int64_t dra;             /* devices of GPU classes that are not named claims of a core_claim */
};

struct core_request_spec {
    double cpu_milli, memory_bytes;
    struct core_amounts others; /* without MIG */
    enum core_gpu_kind kind;
    struct core_gpu_need gpu;
    /* Unit records carry vectors that do not follow from the need: then these count. */
    bool exact_vector;
    double vector_gpus, vector_pods; /* MIG amounts then come from `others` */
};

struct core_toleration {
    const char *key, *op, *value, *effect; /* op: "Exists" or "Equal" */
};
/* A requirement on a node label: its value is one of `values` (with `negate`: is none of them). */
struct core_node_term {
    const char *key;
    struct core_texts values;
    bool negate;
};
/* Required (anti-)affinity to the tasks of the same namespace that carry all of `labels`. */
struct core_pod_term {
    bool anti;
    const char *topology_key;
    struct core_labels labels;
};

struct core_task_spec {
    const char *name;    /* the id, unique in the snapshot */
    uint32_t job;        /* index given by core_add_job */
    const char *pod_set; /* NULL: "default" */
    int64_t created_ns;
    enum core_status status;
    bool is_virtual;          /* the status was set by a step that is not committed */
    const char *node;         /* NULL: none; one that is not in the snapshot is legal */
    struct core_texts groups; /* of a shared task: ids of its GPUs, one per device */
    struct core_request_spec request;
    struct core_labels labels; /* those of the task order and of pod affinity */
    struct core_labels node_selector;
    const struct core_node_term *node_terms; /* all of them must hold */
    size_t node_term_count;
    const struct core_pod_term *pod_terms;
    size_t pod_term_count;
    const struct core_toleration *tolerations;
    size_t toleration_count;
    const int *host_ports;
    size_t host_port_count;
    const char *priority_class; /* with class_priority: part of the signature only */
    int class_priority;
    const char *nominated_node;
    struct core_texts missing_volumes; /* volume claims that do not exist */
    struct core_texts claims;          /* DRA claims by name, in the job's namespace */
    bool legacy_mig;
    bool reservation; /* a reservation pod: charges no GPU */
    bool utility;     /* a reservation or scaling pod */
    bool foreign;     /* another scheduler's: its request is taken from the cluster total */
    bool guaranteed;  /* quality-of-service class, for NUMA */
    const struct core_zone_amount *zones; /* observed NUMA placement */
    size_t zone_count;
};

/* Dynamic resource allocation, as far as it counts GPUs. */
struct core_device {
    const char *pool, *name; /* the pool is named like its node */
};
/* What of a claim changes: who holds it, and the devices it has while somebody does. */
struct core_claim_state {
    struct core_texts holders; /* names of tasks, and of pods that are no tasks */
    const struct core_device *devices;
    size_t device_count;
};
/* Classes whose name contains "gpu" are GPUs and count as such. */
struct core_claim_spec {
    const char *name, *namespace_name, *device_class;
    bool unknown_class; /* not in the list of classes: gets no devices */
    int64_t count;
    const char *queue_label; /* NULL: none */
    struct core_claim_state state;
};

#endif
