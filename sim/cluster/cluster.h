/*
 * cluster.h - the modelled cluster: what there is, what is free, what fits where.
 *
 * One model for the engine, every policy and the placement core. A cluster is pools of equal nodes
 * and single nodes, in the order of the file; a node has GPUs of one model, CPU and memory. A
 * *grant* is what one task (or one part of a job of free shape) holds on one node. Placing a grant
 * and releasing it are exact inverses in integers, so undoing is releasing.
 *
 * GPUs of a node are either separate devices (at most 64) or *divisible*: one quantity without
 * borders between devices, for clusters of which only sums are known. Nodes of more than 64 GPUs
 * are divisible.
 *
 * A node can be away (broken, not there yet) and a GPU broken: it then looks like one that is used
 * up, so that every search passes it over, and counts in no sum.
 *
 * An index answers "which node is the first / tightest / emptiest that fits" without looking at
 * every node; it is kept up by place and release, at a cost that does not depend on the number of
 * nodes beyond a logarithm.
 */
#ifndef CLUSTER_CLUSTER_H
#define CLUSTER_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/bitset.h"
#include "sim/base/err.h"
#include "sim/base/names.h"
#include "sim/base/vec.h"
#include "sim/cluster/pool_supply.h"
#include "sim/cluster/queue_spec.h"
#include "sim/cluster/request.h"

#define NODE_NONE  UINT32_MAX
#define UNLIMITED  INT64_MAX /* a CPU or memory capacity that nothing bounds */
#define DOMAIN_ANY UINT32_MAX

/* Less than any request asks for, so that nothing fits on a node that is away. */
#define NODE_AWAY_CPU (-1)

#define DOMAIN_NONE (UINT32_MAX - 1) /* a node without the label belongs to no domain */

enum {
    NODE_MOST_GPUS = 64,                /* with borders between them */
    NODE_MOST_DIVISIBLE_GPUS = 1 << 20, /* without */
    CLUSTER_MOST_NODES = 1 << 20,
    CLUSTER_MOST_GPUS = 1 << 24, /* with borders between them */
    CLUSTER_MOST_MODELS = 64,
    CLUSTER_MOST_LEVELS = 16,
    POOL_MOST_MIG_PROFILES = 16,
    CLUSTER_RECENT_CHANGES = 256, /* a power of two */
};

/* One GPU of a node that is not divisible. */
struct gpu {
    int16_t free_milli;  /* 1000 when nobody is on it */
    uint16_t tasks;      /* how many are on it */
    uint8_t mig_slices;  /* bit i: memory slice i of 8 is taken */
    uint8_t mig_compute; /* compute slices taken, of 7 */
    uint8_t group;       /* taken whole: of how many GPUs of the node that were taken at once */
    uint8_t unused;
    int64_t free_memory_mib;
};

_Static_assert(sizeof(struct gpu) == 16, "no padding: GPUs are compared as bytes");

/* A label of a node; the keys of a node differ from each other. */
struct label {
    const char *key;
    const char *value;
};

/* What all nodes of a pool have in common. A single node of the file is a pool of one; such pools
 * may share a name, nodes never do. */
struct pool {
    const char *name;
    uint32_t first_node; /* set by cluster_add_pool; its nodes follow each other */
    uint32_t node_count;
    uint32_t gpu_count; /* a node */
    uint32_t model;     /* number in cluster->models, or NAMES_NONE when not told */
    bool divisible;
    uint32_t mig_profile_count; /* more than 0: GPUs are offered as these instances only */
    struct mig_profile mig_profiles[POOL_MOST_MIG_PROFILES];
    int64_t gpu_memory_mib; /* a GPU; 0 when not told */
    int64_t cpu_milli;      /* a node, or UNLIMITED */
    int64_t memory_mib;     /* a node, or UNLIMITED */
    double price_per_hour;  /* a node; 0 when not told */
    uint32_t label_count;   /* copied from the node draft by cluster_add_pool, like the labels */
    const struct label *labels;
    const struct pool_supply *supply; /* copied likewise; NULL: its nodes are there all the time */
};

struct node {
    const char *name;
    uint32_t pool;
    uint32_t first_gpu; /* in cluster->gpus; unused when divisible */
    /* What is free now. */
    uint64_t idle_gpus;     /* bit i: nobody is on GPU i; 0 when divisible */
    int64_t free_gpu_milli; /* over all its GPUs; the only figure of a divisible node */
    int64_t free_cpu_milli; /* UNLIMITED stays UNLIMITED; NODE_AWAY_CPU: the node is away */
    int64_t free_memory_mib;
    uint32_t broken_gpus; /* how many; nobody can be on them */
    bool is_closed;       /* who is here stays, nobody comes */
};

/* What a task, or a part of a job of free shape, holds on one node. */
struct grant {
    uint32_t node;
    uint32_t group;         /* the task group it is for; set by the engine */
    uint64_t gpus;          /* bit i: GPU i of the node; 0 on a divisible node */
    int64_t gpu_milli;      /* in all, over its GPUs */
    int64_t gpu_memory_mib; /* in all; 0 for whole GPUs */
    int64_t cpu_milli;
    int64_t memory_mib;
    uint8_t mig_slices[8];  /* of MIG: memory slices taken on its i-th GPU, by position */
    uint8_t mig_compute[8]; /* of MIG: compute slices taken there */
};

typedef VEC(struct grant) grant_vec;

/* Where a task may go: everywhere, or only into one domain of one topology level. */
struct node_filter {
    uint32_t level;  /* in cluster->levels; ignored when domain is DOMAIN_ANY */
    uint32_t domain; /* number of the domain within its level, or DOMAIN_ANY */
};

/* The nodes that have the same labels of all levels down to this one. */
struct domain {
    const char *name;    /* values of the labels joined by '/' */
    uint32_t first_node; /* its nodes are among first_node .. last_node, */
    uint32_t last_node;  /* where nodes of other domains may be too */
    uint32_t node_count;
    int64_t free_gpu_milli;
};

struct level {
    const char *label;          /* the key of the node label */
    VEC(struct domain) domains; /* in the order in which nodes first name them */
    uint32_t *domain_of_node;   /* by node; DOMAIN_NONE when the node lacks a label */
};

struct node_index; /* index.c */

struct cluster {
    struct arena arena;
    struct names models;
    struct names node_names; /* the number of a name is the number of the node */
    struct names notes;      /* what a reader of node lists dropped or guessed, a sentence each */
    VEC(struct pool) pools;
    VEC(struct node) nodes; /* pool by pool; the number of a node is its place here */
    VEC(struct gpu) gpus;
    VEC(struct queue_spec) queues; /* empty when the file names none */
    uint32_t level_count;
    struct level levels[CLUSTER_MOST_LEVELS];
    struct node_index *index;
    char digest[33]; /* of the file or of the short form it was made from */
    /* Sums over all nodes that are there, without broken GPUs. */
    int64_t gpu_milli; /* what there is */
    int64_t free_gpu_milli;
    int64_t idle_gpu_count;    /* GPUs nobody is on, divisible nodes counted in whole free GPUs */
    uint64_t releases;         /* how often something was given back; see cluster_release */
    int64_t away_gpu_milli;    /* of nodes that are away, and of broken GPUs */
    uint64_t presence_changes; /* how often anything went away or came back */
    /* The nodes that changed last, for those who keep something by node: change i is at place i
     * modulo CLUSTER_RECENT_CHANGES. Who fell further behind has to look at every node. */
    uint64_t change_count;
    uint32_t recent_changes[CLUSTER_RECENT_CHANGES];
};

/* -- making one ------------------------------------------------------------------------------ */

struct node_draft {
    const char *name;
    size_t label_count;
    const struct label *labels; /* in any order; copied */
};

/* An empty cluster with these topology levels, coarsest first. */
void cluster_init(struct cluster *cluster, const char *const *levels, uint32_t level_count);

/* Adds a pool of draft->node_count nodes, named "<pool>-<i>" (a pool of one node: the pool's name)
 * when node->name is NULL. All its nodes carry the labels of `node`. A pool that cannot be
 * (too many nodes in all, two nodes of one name, negative amounts) is an error that names it. */
bool cluster_add_pool(struct cluster *cluster, const struct pool *draft,
                      const struct node_draft *node, struct err *err);

/* Notes a fact for the user; equal notes are kept once. Notes are not part of the cluster: no file
 * and no copy has them. */
void cluster_note(struct cluster *cluster, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* To be called once after the last pool: builds the index and the domains. */
void cluster_finish(struct cluster *cluster);
void cluster_release_all(struct cluster *cluster);

/* A copy with nothing placed on it; released like any cluster. O(nodes). */
void cluster_init_empty_copy(struct cluster *copy, const struct cluster *cluster);

/* The same of those pools only that carry this label; false, and nothing made, when none does. */
bool cluster_init_empty_part(struct cluster *part, const struct cluster *cluster,
                             const struct label *label);

/* -- what fits ------------------------------------------------------------------------------- */

/* Does the request fit on this node now? O(1) for whole GPUs, O(GPUs of the node) for shared ones.
 */
bool cluster_fits(const struct cluster *cluster, uint32_t node, const struct request *request);

/* The node with the smallest number at or after `from` that passes the filter and on which the
 * request fits, or NODE_NONE. About O(log nodes). */
uint32_t cluster_first_fit(const struct cluster *cluster, const struct request *request,
                           struct node_filter filter, uint32_t from);

/* The node that fits and keeps the fewest idle GPUs afterwards (of equal ones: the fewest free
 * milli-GPUs, then the smallest number), or NODE_NONE. */
uint32_t cluster_best_fit(const struct cluster *cluster, const struct request *request,
                          struct node_filter filter);

/* The node that fits and keeps the most idle GPUs afterwards (then most free milli-GPUs, then
 * smallest number), or NODE_NONE. */
uint32_t cluster_worst_fit(const struct cluster *cluster, const struct request *request,
                           struct node_filter filter);

/* How many whole GPUs a part of a free-shape request can get on this node: idle GPUs, bounded by
 * the CPU and memory that come with them (request->gpu_count GPUs share request->cpu_milli and
 * memory_mib evenly) and by the models it accepts. */
uint32_t cluster_whole_room(const struct cluster *cluster, uint32_t node,
                            const struct request *request);

/* The same on a node of this pool that nobody is on. */
uint32_t cluster_idle_room(const struct pool *pool, const struct request *request);

/* -- taking and giving back ------------------------------------------------------------------ */

/* Fills *out with what the request gets on a node on which it fits: whole GPUs by lowest number; a
 * shared GPU is the one with the least room that fits, then the lowest number. Changes nothing. */
void cluster_choose(const struct cluster *cluster, uint32_t node, const struct request *request,
                    struct grant *out);

/* The same, when the caller says which GPUs a request for shared ones gets (`gpus` 0, a divisible
 * node, or another kind of request: cluster_choose). False, *out undefined: it does not fit. */
bool cluster_choose_among(const struct cluster *cluster, uint32_t node,
                          const struct request *request, uint64_t gpus, struct grant *out);

/* Fills *out with `count` of the whole GPUs of a free-shape request, given that `before` of them
 * have been granted already: CPU and memory are dealt so that all parts add up exactly. */
void cluster_choose_part(const struct cluster *cluster, uint32_t node,
                         const struct request *request, uint32_t before, uint32_t count,
                         struct grant *out);

/* Takes what the grant says; it must be free (checked). O(log nodes) plus its GPUs. */
void cluster_place(struct cluster *cluster, const struct grant *grant);

/* Gives back what was placed by an equal grant. Raises cluster->releases. Same cost. */
void cluster_release(struct cluster *cluster, const struct grant *grant);

/* Like cluster_release for a grant placed a moment ago and now taken back: cluster->releases stays,
 * because nothing became free that was not free before. */
void cluster_undo(struct cluster *cluster, const struct grant *grant);

/* -- going away and coming back (presence.c) --------------------------------------------------- */

/* The node is not there from now on. Nobody is on it, and none of its GPUs is broken (checked).
 * O(log nodes) plus its GPUs, like the three that follow. */
void cluster_take_away(struct cluster *cluster, uint32_t node);

/* It is there again, idle. Raises cluster->releases. */
void cluster_bring_back(struct cluster *cluster, uint32_t node);

/* One GPU of a node that is there, on which nobody is, is lost (`gpu`: its number; of a divisible
 * node ignored), or serves again. Mending raises cluster->releases. */
void cluster_break_gpu(struct cluster *cluster, uint32_t node, uint32_t gpu);
void cluster_mend_gpu(struct cluster *cluster, uint32_t node, uint32_t gpu);

/* From now on nothing new fits on the node, or again it does. What is free there still counts in
 * the sums. Opening raises cluster->releases. */
void cluster_close_node(struct cluster *cluster, uint32_t node);
void cluster_open_node(struct cluster *cluster, uint32_t node);

/* Does any pool of it come and go? */
bool cluster_has_supply(const struct cluster *cluster);

/* Every invariant: sums, masks, index. O(nodes and GPUs). */
void cluster_check(const struct cluster *cluster);

/* -- names ----------------------------------------------------------------------------------- */

/* "A|B" to the models of the cluster; 0 (and false) when it has none of them. */
bool cluster_model_mask(const struct cluster *cluster, const char *alternatives, uint64_t *out);

/* The number of the node with this name, or NODE_NONE. */
uint32_t cluster_find_node(const struct cluster *cluster, const char *name);

/* The number of a topology level, or CLUSTER_MOST_LEVELS. */
uint32_t cluster_find_level(const struct cluster *cluster, const char *label);

static inline bool cluster_is_away(const struct cluster *cluster, uint32_t node)
{
    return cluster->nodes.items[node].free_cpu_milli == NODE_AWAY_CPU;
}

static inline const struct pool *cluster_pool(const struct cluster *cluster, uint32_t node)
{
    return &cluster->pools.items[cluster->nodes.items[node].pool];
}

#endif
