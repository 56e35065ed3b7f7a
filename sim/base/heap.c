/* heap.c - see heap.h. */
#include "sim/base/heap.h"

#include "sim/base/check.h"

enum { ARITY = 4 };

void heap_release(struct heap *heap)
{
    vec_release(&heap->items);
    vec_release(&heap->places);
}

static bool before(struct heap_item a, struct heap_item b)
{
    if (a.key != b.key) {
        return a.key < b.key;
    }
    return a.tie != b.tie ? a.tie < b.tie : a.id < b.id;
}

static void put(struct heap *heap, size_t at, struct heap_item item)
{
    heap->items.items[at] = item;
    heap->places.items[item.id] = (uint32_t)at + 1;
}

static void sift_up(struct heap *heap, size_t at, struct heap_item item)
{
    while (at > 0) {
        size_t parent = (at - 1) / ARITY;
        if (!before(item, heap->items.items[parent])) {
            break;
        }
        put(heap, at, heap->items.items[parent]);
        at = parent;
    }
    put(heap, at, item);
}

static void sift_down(struct heap *heap, size_t at, struct heap_item item)
{
    for (;;) {
        size_t first = at * ARITY + 1;
        if (first >= heap->items.count) {
            break;
        }
        size_t end = first + ARITY < heap->items.count ? first + ARITY : heap->items.count;
        size_t least = first;
        for (size_t child = first + 1; child < end; child++) {
            if (before(heap->items.items[child], heap->items.items[least])) {
                least = child;
            }
        }
        if (!before(heap->items.items[least], item)) {
            break;
        }
        put(heap, at, heap->items.items[least]);
        at = least;
    }
    put(heap, at, item);
}

/* Puts `item` where it belongs, starting from a place that is free. */
static void settle(struct heap *heap, size_t at, struct heap_item item)
{
    if (at > 0 && before(item, heap->items.items[(at - 1) / ARITY])) {
        sift_up(heap, at, item);
    } else {
        sift_down(heap, at, item);
    }
}

bool heap_contains(const struct heap *heap, uint32_t id)
{
    return id < heap->places.count && heap->places.items[id] != 0;
}

void heap_push(struct heap *heap, uint32_t id, int64_t key)
{
    heap_push_tied(heap, id, key, 0);
}

void heap_push_tied(struct heap *heap, uint32_t id, int64_t key, int64_t tie)
{
    CHECK(!heap_contains(heap, id));
    while (heap->places.count <= id) {
        vec_push(&heap->places, 0);
    }
    struct heap_item item = {key, tie, id};
    vec_push(&heap->items, item);
    sift_up(heap, heap->items.count - 1, item);
}

void heap_remove(struct heap *heap, uint32_t id)
{
    CHECK(heap_contains(heap, id));
    size_t at = heap->places.items[id] - 1;
    heap->places.items[id] = 0;
    struct heap_item last = vec_pop(&heap->items);
    if (at < heap->items.count) {
        settle(heap, at, last);
    }
}

void heap_update(struct heap *heap, uint32_t id, int64_t key)
{
    CHECK(heap_contains(heap, id));
    settle(heap, heap->places.items[id] - 1, (struct heap_item){key, 0, id});
}

struct heap_item heap_pop(struct heap *heap)
{
    CHECK(heap->items.count > 0);
    struct heap_item top = heap_top(heap);
    heap_remove(heap, top.id);
    return top;
}
