/* test_assignment.c - the assignment of least cost against all others, and AlloX by hand. */
#include <criterion/criterion.h>

#include "policies/lib/assignment.h"
#include "schedule.h"
#include "sim/base/rng.h"

enum { ROWS = 4, COLUMNS = 6 };

/* The least cost of rows from `row` on, by trying every column that is not taken. */
static double least_cost(const double *costs, uint32_t row, uint32_t taken)
{
    if (row == ROWS) {
        return 0;
    }
    double least = 1e18;
    for (uint32_t column = 0; column < COLUMNS; column++) {
        if ((taken >> column & 1) == 0) {
            double rest = least_cost(costs, row + 1, taken | 1U << column);
            double cost = costs[row * COLUMNS + column] + rest;
            least = cost < least ? cost : least;
        }
    }
    return least;
}

Test(assignment, costs_no_more_than_any_other)
{
    gsl_rng *rng = rng_new(7, "costs", 0);
    for (uint32_t round = 0; round < 50; round++) {
        double costs[ROWS * COLUMNS];
        for (uint32_t i = 0; i < ROWS * COLUMNS; i++) {
            costs[i] = (double)gsl_rng_uniform_int(rng, 9) - 2;
        }
        uint32_t column_of[ROWS];
        assignment_solve(costs, ROWS, COLUMNS, column_of);
        double cost = 0;
        uint32_t taken = 0;
        for (uint32_t i = 0; i < ROWS; i++) {
            cr_assert_eq(taken >> column_of[i] & 1, 0);
            taken |= 1U << column_of[i];
            cost += costs[i * COLUMNS + column_of[i]];
        }
        cr_assert_float_eq(cost, least_cost(costs, 0, 0), 1e-9);
    }
    gsl_rng_free(rng);
}

/* On one GPU the shorter job goes first, unless only the oldest is looked at. */
Test(allox, runs_the_shorter_job_first)
{
    assert_schedule("allox:round=10,alpha=1", "1x1", "a,0,40,1,\nb,0,20,1,\n", "a 20-60, b 0-20");
    assert_schedule("allox:round=10,alpha=0.2", "1x1", "a,0,40,1,\nb,0,20,1,\n", "a 0-40, b 40-60");
}

/* Who has a GPU keeps it to the end. */
Test(allox, does_not_stop_who_has_a_gpu)
{
    assert_schedule("allox:round=10", "1x1", "a,0,40,1,\nb,5,10,1,\n", "a 0-40, b 40-50");
}
