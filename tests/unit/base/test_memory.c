/* test_memory.c - mem, arena, vec. */
#include <signal.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <criterion/criterion.h>

#include "sim/base/arena.h"
#include "sim/base/vec.h"

Test(mem, alloc_is_zeroed_and_never_null)
{
    unsigned char *some = mem_alloc(1000, 3);
    for (size_t i = 0; i < 3000; i++) {
        cr_assert_eq(some[i], 0);
    }
    free(some);
    void *none = mem_alloc(0, 8);
    cr_assert_not_null(none);
    free(none);
}

Test(mem, alloc_of_an_overflowing_product_ends_the_program, .exit_code = 1)
{
    /* Read at run time, so that the compiler does not see the size. */
    volatile size_t count = SIZE_MAX / 2;
    free(mem_alloc(count, 4));
}

Test(mem, grow_doubles_and_keeps_the_items)
{
    size_t capacity = 0;
    int *items = mem_grow(NULL, &capacity, 1, sizeof(*items));
    cr_assert_eq(capacity, 8);
    for (int i = 0; i < 8; i++) {
        items[i] = i;
    }
    items = mem_grow(items, &capacity, 9, sizeof(*items));
    cr_assert_eq(capacity, 16);
    items = mem_grow(items, &capacity, 100, sizeof(*items));
    cr_assert_eq(capacity, 100);
    for (int i = 0; i < 8; i++) {
        cr_assert_eq(items[i], i);
    }
    cr_assert_eq(mem_grow(items, &capacity, 50, sizeof(*items)), items);
    cr_assert_eq(capacity, 100);
    free(items);
}

Test(mem, copied_text_ends_in_nul)
{
    char *copy = mem_copy_text("abcdef", 3);
    cr_assert_str_eq(copy, "abc");
    free(copy);
    copy = mem_copy_text(NULL, 0);
    cr_assert_str_eq(copy, "");
    free(copy);
}

Test(arena, blocks_are_zeroed_aligned_and_apart)
{
    struct arena arena = {0};
    unsigned char *blocks[200];
    for (size_t i = 0; i < 200; i++) {
        size_t size = 1 + i * 37 % 5000;
        blocks[i] = arena_alloc(&arena, 1, size);
        cr_assert_eq((uintptr_t)blocks[i] % alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++) {
            cr_assert_eq(blocks[i][k], 0);
        }
        memset(blocks[i], (int)(i % 255) + 1, size);
        /* An odd piece of text between them, so that alignment has something to do. */
        cr_assert_str_eq(arena_copy_text(&arena, "odd", 3), "odd");
    }
    for (size_t i = 0; i < 200; i++) {
        size_t size = 1 + i * 37 % 5000;
        cr_assert_eq(blocks[i][0], i % 255 + 1);
        cr_assert_eq(blocks[i][size - 1], i % 255 + 1);
    }
    arena_release(&arena);
    cr_assert_null(arena.newest);
    cr_assert_eq(arena.used_bytes, 0);
}

Test(arena, one_item_may_be_larger_than_a_block)
{
    struct arena arena = {0};
    char *large = arena_alloc(&arena, 1 << 20, 3);
    large[(3 << 20) - 1] = 'x';
    char *small = arena_alloc(&arena, 1, 1);
    *small = 'y';
    cr_assert_eq(large[(3 << 20) - 1], 'x');
    arena_release(&arena);
}

Test(arena, an_impossible_size_is_a_failed_check, .signal = SIGABRT)
{
    struct arena arena = {0};
    volatile size_t count = SIZE_MAX;
    (void)arena_alloc(&arena, count, 16);
}

Test(vec, pushes_pops_clears_and_releases)
{
    VEC(uint32_t) numbers = {0};
    for (uint32_t i = 0; i < 1000; i++) {
        vec_push(&numbers, i * i);
    }
    cr_assert_eq(numbers.count, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        cr_assert_eq(numbers.items[i], i * i);
    }
    cr_assert_eq(vec_pop(&numbers), 999 * 999);
    cr_assert_eq(numbers.count, 999);
    vec_clear(&numbers);
    cr_assert_eq(numbers.count, 0);
    cr_assert(numbers.capacity >= 1000);
    vec_release(&numbers);
    cr_assert_null(numbers.items);
    vec_push(&numbers, 5);
    cr_assert_eq(numbers.items[0], 5);
    vec_release(&numbers);
}

Test(vec, reserve_makes_room_once)
{
    VEC(char) letters = {0};
    vec_reserve(&letters, 777);
    cr_assert_eq(letters.capacity, 777);
    const char *before = letters.items;
    for (int i = 0; i < 777; i++) {
        vec_push(&letters, 'a');
    }
    cr_assert_eq(letters.items, before);
    vec_release(&letters);
}
