/* scored.h - a rule at work on a few nodes whose use is set by hand. */
#ifndef TESTS_UNIT_PLACE_SCORED_H
#define TESTS_UNIT_PLACE_SCORED_H

#include "sim/place.h"

struct scored {
    const struct place_ops *rule;
    struct cluster cluster;
    _Alignas(16) char state[512];
    _Alignas(16) char params[128];
};

/* Nodes from the pools of a cluster file; the rule with these settings. */
void scored_open(struct scored *scored, const char *rule, const char *settings, const char *pools);
void scored_close(struct scored *scored);

/* A task of whole GPUs, of a part of one (milli below 1000), or without GPUs (0). */
struct request scored_task(int64_t gpu_milli, int64_t cpu_milli);

/* The rule learns that there are so many of these tasks. */
void scored_learn(struct scored *scored, struct request request, uint32_t tasks);

/* Takes the task to this node, on the cluster's own choice of GPUs. */
void scored_take(struct scored *scored, uint32_t node, int64_t gpu_milli, int64_t cpu_milli);

/* The same on one GPU, by its number. */
void scored_take_part(struct scored *scored, uint32_t node, uint32_t gpu, int64_t gpu_milli);

/* The node for the task, or NODE_NONE. */
uint32_t scored_pick(struct scored *scored, int64_t gpu_milli, int64_t cpu_milli);

/* The GPUs, as bits, that the task would get on this node. */
uint64_t scored_choose(struct scored *scored, uint32_t node, int64_t gpu_milli, int64_t cpu_milli);

#endif
