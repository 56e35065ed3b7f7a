/*
 * supply_run.h - the state of changing supply during a run, for the files supply*.c only.
 */
#ifndef ENGINE_SUPPLY_RUN_H
#define ENGINE_SUPPLY_RUN_H

#include <gsl/gsl_rng.h>

#include "sim/base/bitset.h"
#include "sim/base/heap.h"
#include "sim/engine/run.h"

/* In the `epoch` of an event: what its `job` counts. */
enum supply_event {
    ABOUT_SOURCE,  /* a source goes away, or is back */
    ABOUT_OUTAGE,  /* an outage begins, or ends */
    ABOUT_DRAIN,   /* before that outage: nothing new starts there */
    ABOUT_ARRIVAL, /* a node of an elastic pool is there */
    ABOUT_DEMAND,  /* of an elastic pool: somebody may have waited for too long */
    ABOUT_IDLE,    /* a node of an elastic pool may have been idle for long enough */
};

enum outage_unit { OUTAGE_NODE, OUTAGE_GPU, OUTAGE_DOMAIN, OUTAGE_POOL };

/* What goes away, in the numbers of the cluster. */
struct outage {
    enum outage_unit unit;
    uint32_t level;  /* of a domain */
    uint32_t entity; /* node, domain or pool */
    uint32_t gpu;    /* of OUTAGE_GPU: which of the node */
    enum supply_cause cause;
};

/* Something that goes away and comes back again and again. */
struct source {
    struct supply_law law;
    struct outage what;
    uint32_t draws; /* so far: a number for each, so that no stream has to be kept */
};

struct node_supply {
    uint32_t causes;      /* that keep it away now, */
    uint32_t absent;      /* and how many of them are that it has not come, or has left */
    uint32_t closings;    /* drains going on */
    uint32_t *gpu_causes; /* by GPU, as soon as one has failed */
    VEC(uint32_t) jobs;   /* that began here; perhaps twice, perhaps gone */
    uint32_t limit;       /* of the list, before it is gone through */
};

/* A pool that orders nodes and gives them back. */
struct elastic {
    const struct pool_elastic *rules;
    uint32_t pool;
    uint32_t queue;    /* NAMES_NONE: every queue */
    bool nobody;       /* the workload has no job of that queue */
    struct bitset off; /* nodes, counted from the first of the pool */
    uint32_t ordered;  /* on their way */
    uint32_t there;
    int64_t pending_milli;
    struct heap waiting; /* pending jobs, by since when */
    bool is_dirty;       /* what is pending, or on its way, has changed */
};

struct elastic_node {
    int64_t there_us; /* since when; -1: it is not */
    int64_t idle_us;  /* since when nobody is on it; -1: somebody is */
};

struct supply {
    struct event_queue events;
    VEC(struct source) sources;
    VEC(struct outage) outages; /* of the log, and planned ones */
    struct node_supply *nodes;
    struct bitset short_nodes; /* that are away, closed, or lack a GPU */
    gsl_rng *stream;
    int64_t busy_us;       /* when a job last began, ended or was submitted */
    uint64_t quiet_events; /* since then */
    VEC(struct elastic) elastics;
    uint32_t *elastic_of_pool;          /* 1 + its place there; 0: not elastic */
    struct elastic_node *elastic_nodes; /* by node */
    uint64_t changes_seen;              /* of the cluster */
};

/* -- supply.c -- */
void supply_take_node(struct sched_ctx *run, uint32_t node, enum supply_cause cause);
void supply_give_node(struct sched_ctx *run, uint32_t node, enum supply_cause cause);
void supply_change(struct sched_ctx *run, const struct outage *what, bool goes);

/* -- supply_sources.c -- */
/* Everything that is known before the run. False with *err filled when it names what is not there.
 */
bool supply_add_all(struct sched_ctx *run, struct err *err);
/* When the source changes next. */
void supply_schedule(struct sched_ctx *run, uint32_t number, bool is_up);

/* -- supply_elastic.c -- */
void supply_add_elastic(struct sched_ctx *run, uint32_t pool);
void supply_release_elastics(struct supply *supply);
/* A job was recorded: what is pending has changed. */
void supply_note_demand(struct sched_ctx *run, const struct log_record *record);
/* An instant is over: orders what is missing, notes who has become idle. */
void supply_settle_elastics(struct sched_ctx *run);
void supply_arrive(struct sched_ctx *run, uint32_t node);
void supply_look_at_demand(struct sched_ctx *run, uint32_t number);
void supply_look_at_idle(struct sched_ctx *run, uint32_t node);

#endif
