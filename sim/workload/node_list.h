/*
 * node_list.h - nodes as lists of them tell: what a node has, also where some of its GPUs are split
 * into MIG instances and others are not.
 */
#ifndef WORKLOAD_NODE_LIST_H
#define WORKLOAD_NODE_LIST_H

#include "sim/cluster/cluster.h"

enum { NODE_ENTRY_MOST_LABELS = 24 };

/* So many instances of one MIG profile. */
struct mig_instances {
    struct mig_profile profile;
    int64_t count;
};

struct node_entry {
    struct view name;
    struct view model;      /* of its GPUs; may be empty */
    int64_t gpus;           /* that are not split */
    int64_t mig_gpus;       /* that are split; 0 with instances: as few as can hold them */
    int64_t gpu_memory_mib; /* 0: not told; of split GPUs then guessed from the profiles */
    int64_t cpu_milli;      /* or UNLIMITED, like the memory */
    int64_t memory_mib;
    uint32_t mig_count;
    struct mig_instances mig[POOL_MOST_MIG_PROFILES];
    uint32_t label_count;
    struct label labels[NODE_ENTRY_MOST_LABELS];
};

/* An entry that has nothing yet, without limits of CPU and memory. */
void node_entry_init(struct node_entry *entry, struct view name);

/* Adds instances of a profile; false when there are too many profiles or instances for one node. */
bool node_entry_add_mig(struct node_entry *entry, struct mig_profile profile, int64_t count);

/* Adds the node, in a pool of its own named by its kind; what is guessed is noted in the cluster. A
 * node with whole and split GPUs becomes two, the second named "<name>-mig", with CPU and memory in
 * proportion. An error says what cannot be, with `line`. */
bool node_list_add(struct cluster *cluster, const struct node_entry *entry, int64_t line,
                   struct err *err);

/* Memory of a GPU, in MiB, on which all these profiles exist; 0 when there is none. */
int64_t node_list_mig_memory(const struct mig_instances *mig, uint32_t count);

/* How many GPUs of so much memory hold all instances, the large ones placed first; more than
 * NODE_MOST_GPUS when 64 do not. */
uint32_t node_list_mig_gpus(const struct mig_instances *mig, uint32_t count,
                            int64_t gpu_memory_mib);

#endif
