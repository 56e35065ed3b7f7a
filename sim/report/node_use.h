/*
 * node_use.h - how many GPUs were allocated where, over time: what the map of nodes shows.
 *
 * Nodes with GPUs are in the order of the cluster, one a row; of a cluster with more nodes than
 * rows, neighbours share one. A row is a series of a profile, in GPUs. What a job holds is kept
 * here, because a record that moves it tells only where it is now.
 */
#ifndef REPORT_NODE_USE_H
#define REPORT_NODE_USE_H

#include "sim/base/vec.h"
#include "sim/cluster/cluster.h"
#include "sim/log.h"
#include "sim/report/profile.h"

enum { NODE_USE_ROWS = 96, NODE_USE_STEPS = 240 };

struct node_use_row {
    uint32_t first_node;
    int64_t gpu_milli;  /* that there are */
    int64_t held_milli; /* now */
    int64_t since_us;   /* when that last changed */
};

struct node_use_part { /* what a job holds in a row, and the next part */
    uint32_t row;
    uint32_t next; /* 1 + place in `parts`; 0: none */
    int64_t milli;
};

struct node_use {
    const struct cluster *cluster;
    uint32_t *row_of_node; /* of nodes without GPUs: not a row */
    uint32_t nodes_a_row;  /* the last may have fewer */
    VEC(struct node_use_row) rows;
    VEC(struct node_use_part) parts;
    uint32_t unused;  /* 1 + the first unused place in `parts`; 0: none */
    uint32_t *of_job; /* 1 + the first place in `parts`; 0: it holds nothing */
    struct profile profile;
};

/* For a cluster that must outlive it, and so many jobs. */
void node_use_init(struct node_use *use, const struct cluster *cluster, size_t job_count);
void node_use_release(struct node_use *use);

/* Takes the next record. O(grants), and the steps that a change reaches back over. */
void node_use_add(struct node_use *use, const struct log_record *record);

/* The run is over. To be called once. */
void node_use_end(struct node_use *use, int64_t end_us);

/* The share of a row's GPUs that was allocated during a step, 0 to 1. */
double node_use_share(const struct node_use *use, uint32_t row, uint32_t step);

#endif
