/*
 * event_queue.h - what is still to happen, in a total order: (time, class, sequence).
 *
 * Submits are not in it: they are the workload's job list, already in order. An event of a job that
 * has since been stopped is stale; it is recognised by its epoch when it comes out.
 */
#ifndef ENGINE_EVENT_QUEUE_H
#define ENGINE_EVENT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/vec.h"

/* In the order in which they are applied within one instant. */
enum event_class {
    EVENT_EARLY_SUBMIT, /* a submit with --tie submit */
    EVENT_FINISH,
    EVENT_REPAIR,
    EVENT_FAIL,
    EVENT_SUBMIT,
    EVENT_TIMER,
    EVENT_DECIDE,
};

struct event {
    int64_t time_us;
    uint64_t order; /* class in the top byte, sequence below */
    uint32_t job;
    uint32_t epoch; /* of the job when the event was made */
};

struct event_queue {
    VEC(struct event) events; /* a 4-ary heap */
    uint64_t sequence;
};

static inline enum event_class event_class_of(const struct event *event)
{
    return (enum event_class)(event->order >> 56);
}

void event_queue_release(struct event_queue *queue);

/* O(log n). */
void event_queue_push(struct event_queue *queue, int64_t time_us, enum event_class class,
                      uint32_t job, uint32_t epoch);

/* The next event, or NULL; valid until the queue changes. */
static inline const struct event *event_queue_top(const struct event_queue *queue)
{
    return queue->events.count > 0 ? &queue->events.items[0] : NULL;
}

/* Removes the next event of a queue that is not empty. O(log n). */
struct event event_queue_pop(struct event_queue *queue);

#endif
