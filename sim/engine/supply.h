/*
 * supply.h - nodes and GPUs that fail and are repaired: what a run is told of it.
 *
 * Nodes, GPUs and the domains of a topology level fail and are repaired, each on its own: an
 * alternating renewal process, new at time 0, with Weibull times up (shape 1: exponential) and
 * exponential times down. Its random stream belongs to (seed, purpose, entity). Clocks go on while
 * something else keeps a node away; a node is away from the first of its causes to the end of the
 * last. Or outages are replayed from a log.
 *
 * What is told here names things as users do; a run looks them up in its cluster.
 */
#ifndef ENGINE_SUPPLY_H
#define ENGINE_SUPPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/digest.h"
#include "sim/base/err.h"
#include "sim/base/names.h"
#include "sim/base/vec.h"
#include "sim/base/view.h"

struct supply_law {
    double mean_up_us;   /* 0: never away */
    double mean_down_us; /* 0: back at once */
    double shape;        /* of the Weibull distribution of times up */
};

enum supply_unit { SUPPLY_NODES, SUPPLY_GPUS, SUPPLY_DOMAINS };

/* Everything of one kind in the cluster fails by this law. */
struct supply_failures {
    enum supply_unit unit;
    uint32_t name; /* of SUPPLY_DOMAINS: the label of the topology level, in spec->names */
    struct supply_law law;
};

/* One line of a failure log, in the time of the trace. */
struct supply_outage {
    int64_t from_us;
    int64_t until_us; /* PARAM_NEVER_US: it does not come back */
    enum supply_unit unit;
    uint32_t name;  /* of the node or of the domain, in spec->names */
    uint32_t level; /* of SUPPLY_DOMAINS: the label of its level, in spec->names */
    uint32_t gpu;   /* of SUPPLY_GPUS: its number on the node */
    int64_t line;
};

enum { SUPPLY_MOST_FAILURES = 18 };

struct supply_spec {
    uint32_t failure_count;
    struct supply_failures failures[SUPPLY_MOST_FAILURES];
    VEC(struct supply_outage) outages;
    struct names names;
    /* For run.json and messages; NULL when not told. */
    char *failures_text;
    char *log_path;
    char log_digest[DIGEST_TEXT];
};

void supply_spec_free(struct supply_spec *spec); /* NULL is fine */

/* Adds failures by laws: "node=mtbf:720h,repair:4h,shape:0.7;rack=...;gpu=...", where any topology
 * level of the cluster may stand for "rack". Times are seconds, or have a unit: s, m, h or d. */
bool supply_spec_read_failures(struct supply_spec *spec, struct view text, struct err *err);

/* Adds the outages of a failure log: CSV with the columns time_s, node, kind and until_s, times as
 * in the trace. `kind` is node, gpu0, gpu1, ... or a topology level, of which `node` then names a
 * domain; an empty until_s means that it does not come back. */
bool supply_spec_read_log(struct supply_spec *spec, const char *path, struct err *err);

/* A length of time with a unit as above; false: it is none. */
bool supply_read_duration_us(struct view text, int64_t *out);

#endif
