/*
 * shrink.h - the smallest workload and cluster for which something still happens.
 *
 * Delta debugging (Zeller and Hildebrandt, IEEE TSE 2002) over rows, then columns, then single
 * values of a native CSV; and over queues, pools, keys and amounts of a cluster file; again and
 * again until nothing more can be left out.
 */
#ifndef SHRINK_SHRINK_H
#define SHRINK_SHRINK_H

#include <jansson.h>

#include "sim/base/err.h"
#include "sim/base/text.h"
#include "sim/base/vec.h"

/* A table of text: a native CSV taken apart. */
struct shrink_table {
    VEC(char *) columns;
    VEC(char **) rows; /* of as many fields as there are columns */
};

struct shrink_world {
    struct shrink_table jobs;
    json_t *cluster; /* NULL: there is none to be shrunk */
};

struct shrink {
    struct shrink_world *world;
    /* Does it still happen in this world? */
    bool (*still)(void *self, const struct shrink_world *world);
    void *self;
    uint32_t most_tries; /* how often it may be asked */
    uint32_t tries;      /* how often it was */
};

/* Takes apart a CSV with a header line; lines that begin with '#' are dropped. */
bool shrink_table_read(struct view csv, struct shrink_table *out, struct err *err);
void shrink_table_release(struct shrink_table *table);

/* The CSV again. */
void shrink_table_add(struct text *out, const struct shrink_table *table);

/* Shrinks the world in place. It must happen in the world as it is. */
void shrink_run(struct shrink *shrink);

#endif
