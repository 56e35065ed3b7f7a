/* test_node_use.c - how many GPUs were allocated where, over time. */
#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"
#include "sim/report/node_use.h"

static void tell(struct node_use *use, int64_t time_us, enum log_kind kind, uint32_t job,
                 const struct grant *grants, uint32_t count)
{
    node_use_add(
        use,
        &(struct log_record){
            .time_us = time_us, .kind = kind, .job = job, .grants = grants, .grant_count = count});
}

static void open_cluster(struct cluster *cluster, const char *source)
{
    struct err err = {0};
    cr_assert(cluster_from_short_form(source, cluster, &err), "%s", err.msg);
}

/* 240 steps of 1 us are there at first, so every step of these runs is one microsecond. */
Test(node_use, follows_jobs_that_start_move_shrink_and_leave)
{
    struct cluster cluster;
    struct node_use use;
    open_cluster(&cluster, "3x4");
    node_use_init(&use, &cluster, 2);
    cr_assert_eq(use.rows.count, 3);
    const struct grant both[] = {{.node = 0, .gpu_milli = 4000}, {.node = 1, .gpu_milli = 1000}};
    const struct grant part[] = {{.node = 1, .gpu_milli = 500}, {.node = 1, .gpu_milli = 1500}};
    const struct grant moved[] = {{.node = 2, .gpu_milli = 2000}};
    const struct grant less[] = {{.node = 2, .gpu_milli = 1000}};
    tell(&use, 10, LOG_START, 0, both, 2);
    tell(&use, 20, LOG_START, 1, part, 2);
    tell(&use, 30, LOG_PREEMPT, 0, both, 2);
    tell(&use, 40, LOG_MIGRATE, 1, moved, 1);
    tell(&use, 50, LOG_RESIZE, 1, less, 1);
    tell(&use, 60, LOG_FINISH, 1, less, 1);
    node_use_end(&use, 70);
    static const double expected[3][7] = {
        {0, 1, 1, 0, 0, 0, 0}, {0, 0.25, 0.75, 0.5, 0, 0, 0}, {0, 0, 0, 0, 0.5, 0.25, 0}};
    for (uint32_t row = 0; row < 3; row++) {
        for (uint32_t ten = 0; ten < 7; ten++) {
            cr_expect_float_eq(node_use_share(&use, row, ten * 10 + 5), expected[row][ten], 1e-12,
                               "row %u at %u us", row, ten * 10 + 5);
        }
    }
    cr_assert_eq(profile_used(&use.profile), 70);
    node_use_release(&use);
    cluster_release_all(&cluster);
}

/* 200 nodes of 2 GPUs in 96 rows: 3 a row make 67 rows, the last with 2. */
Test(node_use, of_many_nodes_shares_rows_among_neighbours)
{
    struct cluster cluster;
    struct node_use use;
    open_cluster(&cluster, "200x2");
    node_use_init(&use, &cluster, 1);
    cr_assert_eq(use.rows.count, 67);
    cr_assert_eq(use.nodes_a_row, 3);
    cr_assert_eq(use.rows.items[66].first_node, 198);
    const struct grant grants[] = {{.node = 3, .gpu_milli = 2000},
                                   {.node = 5, .gpu_milli = 1000},
                                   {.node = 199, .gpu_milli = 2000}};
    tell(&use, 0, LOG_START, 0, grants, 3);
    node_use_end(&use, 10);
    cr_expect_float_eq(node_use_share(&use, 0, 0), 0, 1e-12);
    cr_expect_float_eq(node_use_share(&use, 1, 9), 0.5, 1e-12, "3 of 6 GPUs");
    cr_expect_float_eq(node_use_share(&use, 66, 9), 0.5, 1e-12, "2 of 4 GPUs");
    node_use_release(&use);
    cluster_release_all(&cluster);
}

/* Parts that were given back are used again: memory does not grow with the length of a run. */
Test(node_use, keeps_no_more_than_is_held_at_a_time)
{
    struct cluster cluster;
    struct node_use use;
    open_cluster(&cluster, "4x1");
    node_use_init(&use, &cluster, 1);
    for (int64_t i = 0; i < 1000; i++) {
        const struct grant grant = {.node = (uint32_t)i % 4, .gpu_milli = 1000};
        tell(&use, 2 * i, LOG_START, 0, &grant, 1);
        tell(&use, 2 * i + 1, LOG_FINISH, 0, &grant, 1);
    }
    cr_assert_eq(use.parts.count, 1);
    node_use_end(&use, 2000);
    cr_expect_float_eq(node_use_share(&use, 0, 0), 0.125, 1e-12, "1 us in 8, steps of 16 us");
    node_use_release(&use);
    cluster_release_all(&cluster);
}
