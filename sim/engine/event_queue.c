/* event_queue.c - see event_queue.h. */
#include "sim/engine/event_queue.h"

#include "sim/base/check.h"

enum { ARITY = 4, CLASS_SHIFT = 56 };

void event_queue_release(struct event_queue *queue)
{
    vec_release(&queue->events);
}

static inline bool before(const struct event *a, const struct event *b)
{
    return a->time_us < b->time_us || (a->time_us == b->time_us && a->order < b->order);
}

void event_queue_push(struct event_queue *queue, int64_t time_us, enum event_class class,
                      uint32_t job, uint32_t epoch)
{
    CHECK(queue->sequence < UINT64_C(1) << CLASS_SHIFT);
    struct event event = {time_us, (uint64_t) class << CLASS_SHIFT | queue->sequence++, job, epoch};
    vec_push(&queue->events, event);
    size_t at = queue->events.count - 1;
    while (at > 0) {
        size_t parent = (at - 1) / ARITY;
        if (!before(&event, &queue->events.items[parent])) {
            break;
        }
        queue->events.items[at] = queue->events.items[parent];
        at = parent;
    }
    queue->events.items[at] = event;
}

struct event event_queue_pop(struct event_queue *queue)
{
    CHECK(queue->events.count > 0);
    struct event top = queue->events.items[0];
    struct event last = vec_pop(&queue->events);
    size_t count = queue->events.count;
    size_t at = 0;
    for (;;) {
        size_t first = at * ARITY + 1;
        if (first >= count) {
            break;
        }
        size_t end = first + ARITY < count ? first + ARITY : count;
        size_t least = first;
        for (size_t child = first + 1; child < end; child++) {
            if (before(&queue->events.items[child], &queue->events.items[least])) {
                least = child;
            }
        }
        if (!before(&queue->events.items[least], &last)) {
            break;
        }
        queue->events.items[at] = queue->events.items[least];
        at = least;
    }
    if (count > 0) {
        queue->events.items[at] = last;
    }
    return top;
}
