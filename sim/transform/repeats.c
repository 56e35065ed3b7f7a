/* repeats.c - see repeats.h. The numbers are dealt by their first byte where they lie and sorted
 * part by part, for sorting them at once would take as much memory again. */
#include "sim/transform/repeats.h"

#include <stdlib.h>

enum { PARTS = 256, PART_SHIFT = 56 };

void repeats_add(struct repeats *repeats, uint64_t number)
{
    vec_push(&repeats->numbers, number);
}

void repeats_release(struct repeats *repeats)
{
    vec_release(&repeats->numbers);
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

/* Every number to its part, by following the circles of exchanges. */
static void deal(uint64_t *numbers, size_t count, size_t ends[PARTS])
{
    size_t starts[PARTS];
    size_t sizes[PARTS] = {0};
    for (size_t i = 0; i < count; i++) {
        sizes[numbers[i] >> PART_SHIFT]++;
    }
    size_t sum = 0;
    for (size_t i = 0; i < PARTS; i++) {
        starts[i] = sum;
        sum += sizes[i];
        ends[i] = sum;
    }
    for (size_t i = 0; i < PARTS; i++) {
        while (starts[i] < ends[i]) {
            uint64_t number = numbers[starts[i]];
            size_t part = number >> PART_SHIFT;
            numbers[starts[i]] = numbers[starts[part]];
            numbers[starts[part]++] = number;
        }
    }
}

bool repeats_find(struct repeats *repeats)
{
    uint64_t *numbers = repeats->numbers.items;
    size_t count = repeats->numbers.count;
    size_t ends[PARTS] = {0};
    size_t from = 0;
    if (count < 2) {
        return false;
    }
    deal(numbers, count, ends);
    for (size_t i = 0; i < PARTS; i++) {
        qsort(numbers + from, ends[i] - from, sizeof(*numbers), by_size);
        from = ends[i];
    }
    for (size_t i = 1; i < count; i++) {
        if (numbers[i] == numbers[i - 1]) {
            return true;
        }
    }
    return false;
}
