/*
 * watch.h - laws that are checked record by record while a run goes on, from its log alone.
 */
#ifndef TESTS_CONTRACT_WATCH_H
#define TESTS_CONTRACT_WATCH_H

#include "worlds.h"

enum { WATCH_MOST_NODES = 8 };

struct watch {
    const struct world *world;
    bool conserves_work; /* at the end of an instant nobody waits who fits (whole GPUs, `count`) */
    bool keeps_order;    /* jobs start in submit order */
    int64_t now_us;
    int64_t held_milli[WORLD_MOST_JOBS][WATCH_MOST_NODES];
    bool waits[WORLD_MOST_JOBS];
    uint32_t last_started;
    uint32_t submitted, rejected, finished;
    const char *broken; /* the first law that did not hold, or NULL */
};

void watch_init(struct watch *watch, const struct world *world);
struct log_sink watch_sink(struct watch *watch);

#endif
