/*
 * shape_queue.h - waiting jobs in order, kept by shape, so that a pass asks once a shape.
 *
 * Jobs of one shape are interchangeable for "is there room?". When the first job of a shape finds
 * none, no other job of that shape will until something is released. The queue therefore hands out
 * the first job over all shapes that are not blocked; a pass costs as many questions as there are
 * waiting shapes, plus the jobs it starts, however many jobs wait.
 *
 * Order is (key, tie, job). Every shape has a pairing heap, linked through one entry a job; the
 * first jobs of the shapes that are not blocked stand in one more heap.
 */
#ifndef POLICIES_LIB_SHAPE_QUEUE_H
#define POLICIES_LIB_SHAPE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/heap.h"
#include "sim/base/vec.h"
#include "sim/sched.h"

#define SHAPE_QUEUE_NONE UINT32_MAX

struct shape_queue_entry {
    int64_t key;
    int64_t tie;
    uint32_t shape;
    uint32_t child;    /* the first of the jobs below this one */
    uint32_t sibling;  /* the next job below the same one */
    uint32_t previous; /* the sibling before, or of the first the job above */
    bool waits;
};

struct shape_queue {
    struct shape_queue_entry *entries; /* by job */
    uint32_t *firsts;                  /* by shape; SHAPE_QUEUE_NONE when no job of it waits */
    bool *blocked;                     /* by shape */
    VEC(uint32_t) blocked_shapes;
    struct heap ready; /* the first jobs of the shapes that are not blocked */
    uint32_t count;    /* jobs waiting */
    uint64_t releases; /* of the cluster, when shape_queue_start last blocked shapes */
};

/* An empty queue for jobs and shapes with numbers below these; released with
 * shape_queue_release. O(jobs + shapes). */
void shape_queue_init(struct shape_queue *queue, uint32_t job_count, uint32_t shape_count);
void shape_queue_release(struct shape_queue *queue);

/* Adds a job that does not wait yet. O(1) within its shape, O(log shapes) if it is first there. */
void shape_queue_add(struct shape_queue *queue, uint32_t job, uint32_t shape, int64_t key);

/* The same with a second key, for equal first ones; shape_queue_add has tie 0. */
struct shape_queue_place {
    int64_t key;
    int64_t tie;
};
void shape_queue_add_at(struct shape_queue *queue, uint32_t job, uint32_t shape,
                        struct shape_queue_place place);

/* The first job of all shapes that are not blocked, or SHAPE_QUEUE_NONE. O(1). */
uint32_t shape_queue_first(const struct shape_queue *queue);

/* Takes the first job of its shape out of the queue. Amortised O(log jobs of the shape). */
void shape_queue_take(struct shape_queue *queue, uint32_t job);

/* Takes any job out of the queue, wherever in its shape it stands. Same cost. */
void shape_queue_remove(struct shape_queue *queue, uint32_t job);

/* The job found no room: its shape is passed over until shape_queue_unblock. */
void shape_queue_block(struct shape_queue *queue, uint32_t job);

/* Something was released: every shape may be tried again. O(blocked shapes). */
void shape_queue_unblock(struct shape_queue *queue);

/* A whole pass: starts who finds room, in order, passing over who does not. Shapes blocked by an
 * earlier pass are asked again only if the cluster got something back since. */
void shape_queue_start(struct shape_queue *queue, struct sched_ctx *ctx);

#endif
