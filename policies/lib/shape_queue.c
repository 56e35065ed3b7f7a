/* shape_queue.c - see shape_queue.h. */
#include "policies/lib/shape_queue.h"

#include "sim/base/check.h"

void shape_queue_init(struct shape_queue *queue, uint32_t job_count, uint32_t shape_count)
{
    *queue = (struct shape_queue){0};
    queue->entries = mem_alloc(job_count, sizeof(*queue->entries));
    queue->firsts = mem_alloc(shape_count, sizeof(*queue->firsts));
    queue->blocked = mem_alloc(shape_count, sizeof(*queue->blocked));
    for (uint32_t i = 0; i < shape_count; i++) {
        queue->firsts[i] = SHAPE_QUEUE_NONE;
    }
}

void shape_queue_release(struct shape_queue *queue)
{
    free(queue->entries);
    free(queue->firsts);
    free(queue->blocked);
    vec_release(&queue->blocked_shapes);
    heap_release(&queue->ready);
}

static bool goes_before(const struct shape_queue_entry *entries, uint32_t a, uint32_t b)
{
    if (entries[a].key != entries[b].key) {
        return entries[a].key < entries[b].key;
    }
    return entries[a].tie != entries[b].tie ? entries[a].tie < entries[b].tie : a < b;
}

/* Joins two heaps of one shape; either may be SHAPE_QUEUE_NONE. */
static uint32_t join(struct shape_queue_entry *entries, uint32_t a, uint32_t b)
{
    if (a == SHAPE_QUEUE_NONE || b == SHAPE_QUEUE_NONE) {
        return a == SHAPE_QUEUE_NONE ? b : a;
    }
    bool a_first = goes_before(entries, a, b);
    uint32_t top = a_first ? a : b;
    uint32_t below = a_first ? b : a;
    uint32_t next = entries[top].child;
    entries[below].sibling = next;
    entries[below].previous = top;
    if (next != SHAPE_QUEUE_NONE) {
        entries[next].previous = below;
    }
    entries[top].child = below;
    return top;
}

/* Makes one heap of a list of siblings: joins them in pairs from the left, then the pairs from the
 * right, which is what keeps taking cheap. */
static uint32_t join_siblings(struct shape_queue_entry *entries, uint32_t first)
{
    uint32_t pairs = SHAPE_QUEUE_NONE; /* last pair first */
    while (first != SHAPE_QUEUE_NONE) {
        uint32_t a = first;
        uint32_t b = entries[a].sibling;
        first = b == SHAPE_QUEUE_NONE ? SHAPE_QUEUE_NONE : entries[b].sibling;
        uint32_t pair = join(entries, a, b);
        entries[pair].sibling = pairs;
        pairs = pair;
    }
    uint32_t all = SHAPE_QUEUE_NONE;
    while (pairs != SHAPE_QUEUE_NONE) {
        uint32_t next = entries[pairs].sibling;
        all = join(entries, all, pairs);
        pairs = next;
    }
    if (all != SHAPE_QUEUE_NONE) {
        entries[all].sibling = SHAPE_QUEUE_NONE;
        entries[all].previous = SHAPE_QUEUE_NONE;
    }
    return all;
}

static void push_ready(struct shape_queue *queue, uint32_t job)
{
    heap_push_tied(&queue->ready, job, queue->entries[job].key, queue->entries[job].tie);
}

/* Gives the shape another first job and keeps the heap of firsts in step. */
static void set_first(struct shape_queue *queue, uint32_t shape, uint32_t job)
{
    uint32_t before = queue->firsts[shape];
    queue->firsts[shape] = job;
    if (job == before || queue->blocked[shape]) {
        return;
    }
    if (before != SHAPE_QUEUE_NONE) {
        heap_remove(&queue->ready, before);
    }
    if (job != SHAPE_QUEUE_NONE) {
        push_ready(queue, job);
    }
}

void shape_queue_add(struct shape_queue *queue, uint32_t job, uint32_t shape, int64_t key)
{
    shape_queue_add_at(queue, job, shape, (struct shape_queue_place){key, 0});
}

void shape_queue_add_at(struct shape_queue *queue, uint32_t job, uint32_t shape,
                        struct shape_queue_place place)
{
    CHECK(!queue->entries[job].waits);
    queue->entries[job] = (struct shape_queue_entry){
        .key = place.key,
        .tie = place.tie,
        .shape = shape,
        .child = SHAPE_QUEUE_NONE,
        .sibling = SHAPE_QUEUE_NONE,
        .previous = SHAPE_QUEUE_NONE,
        .waits = true,
    };
    set_first(queue, shape, join(queue->entries, queue->firsts[shape], job));
    queue->count++;
}

uint32_t shape_queue_first(const struct shape_queue *queue)
{
    return heap_count(&queue->ready) == 0 ? SHAPE_QUEUE_NONE : heap_top(&queue->ready).id;
}

void shape_queue_take(struct shape_queue *queue, uint32_t job)
{
    struct shape_queue_entry *entry = &queue->entries[job];
    CHECK(entry->waits);
    CHECK(queue->firsts[entry->shape] == job);
    entry->waits = false;
    queue->count--;
    set_first(queue, entry->shape, join_siblings(queue->entries, entry->child));
}

void shape_queue_remove(struct shape_queue *queue, uint32_t job)
{
    struct shape_queue_entry *entries = queue->entries;
    struct shape_queue_entry *entry = &entries[job];
    CHECK(entry->waits);
    uint32_t first = queue->firsts[entry->shape];
    if (first == job) {
        shape_queue_take(queue, job);
        return;
    }
    uint32_t previous = entry->previous;
    uint32_t next = entry->sibling;
    if (entries[previous].child == job) {
        entries[previous].child = next;
    } else {
        entries[previous].sibling = next;
    }
    if (next != SHAPE_QUEUE_NONE) {
        entries[next].previous = previous;
    }
    entry->waits = false;
    queue->count--;
    /* What was below it is not before the first of the shape, which therefore stays. */
    uint32_t top = join(entries, first, join_siblings(entries, entry->child));
    CHECK(top == first);
}

void shape_queue_block(struct shape_queue *queue, uint32_t job)
{
    uint32_t shape = queue->entries[job].shape;
    CHECK(queue->firsts[shape] == job);
    CHECK(!queue->blocked[shape]);
    heap_remove(&queue->ready, job);
    queue->blocked[shape] = true;
    vec_push(&queue->blocked_shapes, shape);
}

void shape_queue_unblock(struct shape_queue *queue)
{
    for (size_t i = 0; i < queue->blocked_shapes.count; i++) {
        uint32_t shape = queue->blocked_shapes.items[i];
        queue->blocked[shape] = false;
        uint32_t first = queue->firsts[shape];
        if (first != SHAPE_QUEUE_NONE) {
            push_ready(queue, first);
        }
    }
    vec_clear(&queue->blocked_shapes);
}

void shape_queue_start(struct shape_queue *queue, struct sched_ctx *ctx)
{
    uint64_t releases = sched_cluster(ctx)->releases;
    if (releases != queue->releases) {
        queue->releases = releases;
        shape_queue_unblock(queue);
    }
    uint32_t job = shape_queue_first(queue);
    while (job != SHAPE_QUEUE_NONE) {
        if (sched_start(ctx, job)) {
            shape_queue_take(queue, job);
        } else {
            shape_queue_block(queue, job);
        }
        job = shape_queue_first(queue);
    }
}
