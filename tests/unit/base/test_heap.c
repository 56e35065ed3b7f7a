/* test_heap.c - the queue of numbered things, against a slow one. */
#include <signal.h>

#include <criterion/criterion.h>
#include <gsl/gsl_rng.h>

#include "sim/base/heap.h"
#include "sim/base/rng.h"

enum { IDS = 200 };

/* The slow model: who is in, with which key. */
struct model {
    bool in[IDS];
    int64_t key[IDS];
    size_t count;
};

static uint32_t model_top(const struct model *model)
{
    uint32_t top = UINT32_MAX;
    for (uint32_t id = 0; id < IDS; id++) {
        if (model->in[id] && (top == UINT32_MAX || model->key[id] < model->key[top])) {
            top = id;
        }
    }
    return top;
}

static void assert_same(const struct heap *heap, const struct model *model)
{
    cr_assert_eq(heap_count(heap), model->count);
    for (uint32_t id = 0; id < IDS; id++) {
        cr_assert_eq(heap_contains(heap, id), model->in[id]);
    }
    if (model->count > 0) {
        uint32_t top = model_top(model);
        cr_assert_eq(heap_top(heap).id, top);
        cr_assert_eq(heap_top(heap).key, model->key[top]);
    }
}

/* One random operation on both. Few keys, so that many are equal. */
static void one_step(struct heap *heap, struct model *model, gsl_rng *rng)
{
    uint32_t id = (uint32_t)gsl_rng_uniform_int(rng, IDS);
    int64_t key = (int64_t)gsl_rng_uniform_int(rng, 20) - 10;
    unsigned long what = gsl_rng_uniform_int(rng, 4);
    if (!model->in[id]) {
        heap_push(heap, id, key);
        model->in[id] = true;
        model->key[id] = key;
        model->count++;
    } else if (what == 0) {
        heap_remove(heap, id);
        model->in[id] = false;
        model->count--;
    } else if (what == 1) {
        uint32_t top = model_top(model);
        struct heap_item item = heap_pop(heap);
        cr_assert_eq(item.id, top);
        cr_assert_eq(item.key, model->key[top]);
        model->in[top] = false;
        model->count--;
    } else {
        heap_update(heap, id, key);
        model->key[id] = key;
    }
}

Test(heap, agrees_with_a_slow_model_over_random_operations)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        gsl_rng *rng = rng_new(seed, "heap-test", 0);
        struct heap heap = {0};
        struct model model = {0};
        for (int step = 0; step < 2000; step++) {
            one_step(&heap, &model, rng);
            assert_same(&heap, &model);
        }
        while (model.count > 0) {
            uint32_t top = model_top(&model);
            cr_assert_eq(heap_pop(&heap).id, top);
            model.in[top] = false;
            model.count--;
        }
        cr_assert_eq(heap_count(&heap), 0);
        heap_release(&heap);
        gsl_rng_free(rng);
    }
}

Test(heap, equal_keys_come_out_by_id)
{
    struct heap heap = {0};
    for (uint32_t i = 0; i < 100; i++) {
        heap_push(&heap, (i * 37) % 100, 5);
    }
    for (uint32_t i = 0; i < 100; i++) {
        cr_assert_eq(heap_pop(&heap).id, i);
    }
    heap_release(&heap);
}

Test(heap, extreme_keys_are_ordered)
{
    struct heap heap = {0};
    heap_push(&heap, 0, INT64_MAX);
    heap_push(&heap, 1, INT64_MIN);
    heap_push(&heap, 2, 0);
    cr_assert_eq(heap_pop(&heap).id, 1);
    cr_assert_eq(heap_pop(&heap).id, 2);
    cr_assert_eq(heap_pop(&heap).id, 0);
    heap_release(&heap);
}

Test(heap, an_id_twice_is_a_failed_check, .signal = SIGABRT)
{
    struct heap heap = {0};
    heap_push(&heap, 3, 1);
    heap_push(&heap, 3, 2);
}

Test(heap, popping_an_empty_heap_is_a_failed_check, .signal = SIGABRT)
{
    struct heap heap = {0};
    (void)heap_pop(&heap);
}

Test(heap, removing_a_stranger_is_a_failed_check, .signal = SIGABRT)
{
    struct heap heap = {0};
    heap_push(&heap, 3, 1);
    heap_remove(&heap, 4);
}
