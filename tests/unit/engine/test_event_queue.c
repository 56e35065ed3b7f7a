/* test_event_queue.c - the total order of events. */
#include <criterion/criterion.h>
#include <gsl/gsl_rng.h>

#include "sim/base/rng.h"
#include "sim/engine/event_queue.h"

static const enum event_class CLASSES[] = {EVENT_FINISH, EVENT_REPAIR, EVENT_FAIL,
                                           EVENT_SUBMIT, EVENT_TIMER,  EVENT_DECIDE};

Test(event_queue, orders_each_pair_of_classes_of_one_instant)
{
    for (size_t a = 0; a < 6; a++) {
        for (size_t b = 0; b < 6; b++) {
            struct event_queue queue = {0};
            event_queue_push(&queue, 7, CLASSES[b], 2, 0);
            event_queue_push(&queue, 7, CLASSES[a], 1, 0);
            struct event first = event_queue_pop(&queue);
            uint32_t expected = a < b ? 1 : 2; /* equal classes: the one made first */
            cr_assert_eq(first.job, expected);
            cr_assert_eq(event_class_of(&first), CLASSES[a < b ? a : b]);
            event_queue_release(&queue);
        }
    }
}

Test(event_queue, gives_back_thousands_of_events_in_order)
{
    struct event_queue queue = {0};
    gsl_rng *stream = rng_new(1, "test.events", 0);
    for (uint32_t i = 0; i < 5000; i++) {
        int64_t time_us = (int64_t)gsl_rng_uniform_int(stream, 50);
        size_t class = gsl_rng_uniform_int(stream, 6);
        event_queue_push(&queue, time_us, CLASSES[class], i, 0);
    }
    gsl_rng_free(stream);
    struct event last = event_queue_pop(&queue);
    for (uint32_t i = 1; i < 5000; i++) {
        struct event next = event_queue_pop(&queue);
        cr_assert(last.time_us < next.time_us ||
                  (last.time_us == next.time_us && last.order < next.order));
        last = next;
    }
    cr_assert_null(event_queue_top(&queue));
    event_queue_release(&queue);
}
