/*
 * world.h - a random world: a workload, a cluster, a policy, a placement rule and settings, as the
 * texts that a user would write. Each world leaves out a random part of what there is (swarm
 * testing: Groce et al., ISSTA 2012). One draw a statement, so that all compilers draw the same.
 */
#ifndef TESTS_STORM_WORLD_H
#define TESTS_STORM_WORLD_H

#include "sim/base/text.h"

struct storm_world {
    struct text csv;     /* native */
    struct text cluster; /* JSON */
    struct text policy;  /* NAME[:key=value,...] */
    struct text place;
    struct text options; /* words of `berth run`, one blank between them */
};

/* The world of this seed; the same on any machine. Released with storm_world_release. */
void storm_world_draw(uint64_t seed, struct storm_world *world);
void storm_world_release(struct storm_world *world);

#endif
