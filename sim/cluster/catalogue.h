/*
 * catalogue.h - what can be bought or rented: GPU models, node types, kinds of pools, prices.
 *
 * A catalogue comes with the program (the files of catalogue/, compiled in) and is overridden by
 * documents of the same form: an entry of the same name replaces the older one, a new name adds
 * one. Every figure names its source. Prices are examples for the user to replace, in one
 * currency, kept as integers of a millionth of it so that sums are exact.
 *
 *     {"currency": "USD",
 *      "sources": [{"name": "quote-17", "title": "our vendor's quote", "address": "none",
 *                   "date": "2026-11-24", "checked": true}],
 *      "gpus": [{"name": "H100", "vendor": "NVIDIA", "memory_mib": 81920, "aliases": ["h100"],
 *                "mig": ["1g.10gb"], "partitions": [{"name": "CPX", "parts": 8}],
 *                "fp16_tflops": 989.4, "bandwidth_gb_s": 3350, "inference_tops": 1978.9,
 *                "fp64_tflops": 66.9, "speeds": {"training_dense": 2.4},
 *                "watts_busy": 700, "watts_idle": 105,
 *                "source": "quote-17", "sources": {"watts_idle": "estimate"}}],
 *      "nodes": [{"name": "ours", "gpu": "H100", "gpus": 8, "cpus": 112, "memory_mib": 2097152,
 *                 "watts_rest": 4600, "source": "quote-17"}],
 *      "pools": [{"name": "on_premises", "billing": "bought", "years": 4, ...}],
 *      "prices": [{"node": "ours", "pool": "on_premises", "price": 310000, "source": "quote-17"}]}
 *
 * A document may use the names of earlier ones. The speed of a GPU at a class of work is told, or
 * else the ratio of its peak figure to that of the base GPU: a bound from data sheets, not a
 * measurement.
 */
#ifndef CLUSTER_CATALOGUE_H
#define CLUSTER_CATALOGUE_H

#include <jansson.h>

#include "sim/base/file.h"
#include "sim/cluster/cluster.h"

#define CATALOGUE_BASE_GPU "A100-80GB" /* whose speed is 1 at every class of work */

enum { CATALOGUE_MOST_NAME = 60 /* bytes of the name of an entry */, CATALOGUE_MOST_PARTS = 64 };

/* What a job mostly does, which decides the figure of a GPU that bounds its speed. */
enum work_class {
    WORK_TRAINING_DENSE,        /* large matrix products in 16 bits */
    WORK_TRAINING_MEMORY_BOUND, /* small batches, embeddings, decoding */
    WORK_INFERENCE,             /* matrix products in 8 bits */
    WORK_HPC_FP64,              /* double precision */
    WORK_CLASS_COUNT,
};

struct work_class_info {
    const char *name;   /* "training_dense" */
    const char *figure; /* the key of the peak figure in a GPU's entry */
    const char *help;   /* what the ratio is of */
};

extern const struct work_class_info work_classes[WORK_CLASS_COUNT];

/* The class of this name, or WORK_CLASS_COUNT. */
enum work_class work_class_find(struct view name);

struct catalogue_source {
    const char *name;
    const char *title;
    const char *address; /* "none" where there is none */
    const char *date;    /* of the document where it has one, else of its reading; YYYY, -MM, -DD */
    bool is_checked;     /* figures were compared with the document, not written from memory */
    uint32_t document;   /* which document told it, from 0; the same in the other entries */
};

/* A figure whose source is not that of its entry. */
struct catalogue_cite {
    const char *figure;
    uint32_t source;
};

/* Where the figures of an entry are from. */
struct catalogue_cites {
    uint32_t source; /* in catalogue->sources, of every figure without a cite */
    uint32_t count;
    const struct catalogue_cite *cites;
};

/* A way of splitting a GPU into `parts` equal ones that the system sees as GPUs. */
struct catalogue_partition {
    const char *name;
    uint32_t parts;
};

struct catalogue_gpu {
    const char *name; /* the GPU model in cluster files and traces */
    const char *vendor;
    uint32_t alias_count; /* other names it is found by */
    const char *const *aliases;
    int64_t memory_mib;
    uint32_t mig_count; /* instances it can be split into */
    struct mig_profile mig[POOL_MOST_MIG_PROFILES];
    uint32_t partition_count;
    const struct catalogue_partition *partitions;
    double peak[WORK_CLASS_COUNT];  /* TFLOPS, GB/s, TOPS, TFLOPS; 0: it cannot do that work */
    double speed[WORK_CLASS_COUNT]; /* relative to the base GPU */
    bool is_speed_told[WORK_CLASS_COUNT];
    int64_t busy_mw; /* milliwatts with work on it */
    int64_t idle_mw; /* and without */
    struct catalogue_cites cites;
    uint32_t document;
};

struct catalogue_node {
    const char *name;
    uint32_t gpu; /* in catalogue->gpus */
    uint32_t gpu_count;
    int64_t cpu_milli;
    int64_t memory_mib;
    int64_t rest_mw; /* milliwatts of all but the GPUs, while the node is up */
    struct catalogue_cites cites;
    uint32_t document;
};

/* What money is asked for. */
enum pool_billing {
    BILLING_BOUGHT, /* a price per node, spread evenly over the years it is owned, and its energy */
    BILLING_HELD,   /* a price per node and hour, from first to last, up or not */
    BILLING_UP,     /* a price per node and hour that it is up */
    BILLING_BLOCKS, /* a price per node and month, in whole blocks of nodes and started months */
    BILLING_COUNT,
};

struct catalogue_pool {
    const char *name;
    enum pool_billing billing;
    int64_t owned_us;            /* bought: over which the price is spread */
    int64_t power_micro_per_kwh; /* 0: energy is in the price */
    int64_t pue_ppm;             /* power of the building by that of its nodes, millionths */
    int64_t months;              /* held and blocks: the shortest contract; 0: none */
    int64_t block_nodes;         /* blocks: nodes of one */
    int64_t start_delay_us;      /* from asking for a node until it is up */
    int64_t minimum_hold_us;     /* a node is paid for at least so long; applied by the caller */
    int64_t limit_nodes;         /* that can be had at once; -1: no limit */
    int64_t mean_up_us;          /* until a node is taken away, exponential; 0: it never is */
    int64_t mean_away_us;        /* until one can be had again */
    struct catalogue_cites cites;
    uint32_t document;
};

struct catalogue_price {
    uint32_t node;
    uint32_t pool;
    int64_t price_micro; /* by the billing of the pool: a node, a node-hour, a node-month */
    struct catalogue_cites cites;
    uint32_t document;
};

/* Entries keep their place when they are replaced. */
struct catalogue {
    struct arena arena;
    const char *currency;
    uint32_t document_count;
    VEC(struct catalogue_source) sources;
    VEC(struct catalogue_gpu) gpus;
    VEC(struct catalogue_node) nodes;
    VEC(struct catalogue_pool) pools;
    VEC(struct catalogue_price) prices;
};

/* The shipped catalogue. About a millisecond. */
void catalogue_init(struct catalogue *catalogue);

/* An empty one. */
void catalogue_init_empty(struct catalogue *catalogue);
void catalogue_release(struct catalogue *catalogue);

/* Reads a document into it. `path` is its place in a larger JSON text, "" at the top; errors name
 * the place. After an error the catalogue may only be released. */
bool catalogue_add(struct catalogue *catalogue, const json_t *document, const char *path,
                   struct err *err);

/* The same of the text of a file; the caller adds the file's name to an error. */
bool catalogue_add_file(struct catalogue *catalogue, const struct file *file, struct err *err);

/* By name; a GPU by its aliases too. NULL when there is none. Linear. */
const struct catalogue_gpu *catalogue_find_gpu(const struct catalogue *catalogue, const char *name);
const struct catalogue_node *catalogue_find_node(const struct catalogue *catalogue,
                                                 const char *name);
const struct catalogue_pool *catalogue_find_pool(const struct catalogue *catalogue,
                                                 const char *name);

/* The price of a node type in a kind of pool, or NULL when none is told. */
const struct catalogue_price *catalogue_find_price(const struct catalogue *catalogue,
                                                   const struct catalogue_node *node,
                                                   const struct catalogue_pool *pool);

/* The source of a figure of an entry. */
const struct catalogue_source *catalogue_source_of(const struct catalogue *catalogue,
                                                   const struct catalogue_cites *cites,
                                                   const char *figure);

/* "bought", "held", "up", "blocks". */
const char *pool_billing_name(enum pool_billing billing);

/* Appends the catalogue as one document, with the speeds it works by: reading it into an empty
 * catalogue gives an equal one. */
void catalogue_add_json(struct text *text, const struct catalogue *catalogue);

#endif
