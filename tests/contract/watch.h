/*
 * watch.h - laws that are checked record by record while a run goes on, from its log alone.
 *
 * Always: time goes on; no GPU gives more than it has; who starts waited; a gang starts with all
 * its tasks, each whole on one node. On demand: what the policy promises (watch->laws).
 */
#ifndef TESTS_CONTRACT_WATCH_H
#define TESTS_CONTRACT_WATCH_H

#include "worlds.h"

enum { WATCH_MOST_NODES = 8, WATCH_MOST_GPUS = 4, WATCH_MOST_LIMITS = 4 };

/* What a job holds and has held. */
struct watch_job {
    int64_t gpu_milli[WATCH_MOST_NODES][WATCH_MOST_GPUS];
    int64_t service_milli_us; /* up to since_us */
    int64_t since_us;         /* of what it holds */
    int64_t held_milli;
    bool waits;
};

struct watch {
    const struct world *world;
    unsigned laws;        /* bits of enum sched_law */
    uint32_t limit_count; /* of SCHED_LAW_LEVELS, in GPU-seconds */
    uint32_t limits_s[WATCH_MOST_LIMITS];
    int64_t now_us;
    struct watch_job jobs[WORLD_MOST_JOBS];
    uint32_t last_started;
    uint32_t submitted, rejected, finished;
    const char *broken; /* the first law that did not hold, or NULL */
};

void watch_init(struct watch *watch, const struct world *world);
struct log_sink watch_sink(struct watch *watch);

static inline bool watch_judges(const struct watch *watch, enum sched_law law)
{
    return (watch->laws & 1U << law) != 0;
}

#endif
