/* test_count_tree.c - the row of small numbers against a plain array. */
#include <criterion/criterion.h>

#include "model.h"
#include "sim/base/rng.h"
#include "sim/cluster/count_tree.h"

static uint32_t slow_next(const uint32_t *row, uint32_t count, uint32_t from, uint32_t least)
{
    for (uint32_t i = from; i < count; i++) {
        if (row[i] >= least) {
            return i;
        }
    }
    return COUNT_TREE_END;
}

Test(count_tree, agrees_with_an_array)
{
    static const uint32_t SIZES[] = {1, 2, 7, 8, 9, 63, 64, 65, 500, 4096, 5000};
    gsl_rng *stream = rng_new(1, "test.count_tree", 0);
    for (size_t s = 0; s < sizeof(SIZES) / sizeof(*SIZES); s++) {
        uint32_t count = SIZES[s];
        uint32_t row[5000] = {0};
        struct count_tree tree;
        count_tree_init(&tree, count);
        for (int step = 0; step < 3000; step++) {
            uint32_t place = draw(stream, count);
            uint32_t most = draw(stream, 3) == 0 ? COUNT_TREE_LARGEST + 1 : 3;
            row[place] = draw(stream, most);
            count_tree_set(&tree, place, row[place]);
            cr_assert_eq(count_tree_get(&tree, place), row[place]);
            uint32_t from = draw(stream, 2) == 0 ? 0 : draw(stream, count + 2);
            uint32_t least = 1 + draw(stream, draw(stream, 2) == 0 ? 3 : COUNT_TREE_LARGEST);
            uint32_t found = count_tree_next(&tree, from, least);
            cr_assert_eq(found, slow_next(row, count, from, least), "size %u step %d", count, step);
            if (step % 100 == 0) {
                count_tree_check(&tree, count);
            }
        }
        count_tree_release(&tree);
    }
    gsl_rng_free(stream);
}
