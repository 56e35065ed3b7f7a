/* assignment.c - see assignment.h. */
#include "policies/lib/assignment.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

/* The search: prices of rows and columns, and the tree of shortest paths from one row. */
struct search {
    const double *costs;
    uint32_t rows, columns;
    double *row_price, *column_price;
    double *distance;    /* to each column */
    uint32_t *before;    /* each column: the row the path comes from */
    uint32_t *row_of;    /* each column, or ASSIGNMENT_NONE */
    uint32_t *column_of; /* each row */
    bool *row_seen, *column_seen;
    uint32_t *open; /* columns not seen yet */
};

/* The free column nearest to `row`; *least is its distance. */
static uint32_t find_path(struct search *s, uint32_t row, double *least)
{
    uint32_t open_count = s->columns;
    for (uint32_t i = 0; i < s->columns; i++) {
        s->open[i] = s->columns - i - 1;
        s->distance[i] = HUGE_VAL;
        s->column_seen[i] = false;
    }
    memset(s->row_seen, 0, s->rows * sizeof(*s->row_seen));
    *least = 0;
    uint32_t sink = ASSIGNMENT_NONE;
    while (sink == ASSIGNMENT_NONE) {
        CHECK(open_count > 0);
        s->row_seen[row] = true;
        uint32_t best = 0;
        double lowest = HUGE_VAL;
        for (uint32_t i = 0; i < open_count; i++) {
            uint32_t column = s->open[i];
            double length = *least + s->costs[(size_t)row * s->columns + column] -
                            s->row_price[row] - s->column_price[column];
            if (length < s->distance[column]) {
                s->before[column] = row;
                s->distance[column] = length;
            }
            bool is_free = s->row_of[column] == ASSIGNMENT_NONE;
            double distance = s->distance[column];
            if (distance < lowest || (is_free && !(distance > lowest))) {
                lowest = distance;
                best = i;
            }
        }
        *least = lowest;
        uint32_t column = s->open[best];
        if (s->row_of[column] == ASSIGNMENT_NONE) {
            sink = column;
        } else {
            row = s->row_of[column];
        }
        s->column_seen[column] = true;
        s->open[best] = s->open[--open_count];
    }
    return sink;
}

static void add_row(struct search *s, uint32_t row)
{
    double least = 0;
    uint32_t column = find_path(s, row, &least);
    s->row_price[row] += least;
    for (uint32_t i = 0; i < s->rows; i++) {
        if (s->row_seen[i] && i != row) {
            s->row_price[i] += least - s->distance[s->column_of[i]];
        }
    }
    for (uint32_t i = 0; i < s->columns; i++) {
        if (s->column_seen[i]) {
            s->column_price[i] -= least - s->distance[i];
        }
    }
    for (uint32_t i = ASSIGNMENT_NONE; i != row;) {
        i = s->before[column];
        s->row_of[column] = i;
        uint32_t left = s->column_of[i];
        s->column_of[i] = column;
        column = left;
    }
}

void assignment_solve(const double *costs, uint32_t rows, uint32_t columns, uint32_t *column_of)
{
    CHECK(rows <= columns);
    struct search s = {.costs = costs, .rows = rows, .columns = columns, .column_of = column_of};
    s.row_price = mem_alloc(rows + 1, sizeof(double));
    s.column_price = mem_alloc(columns + 1, sizeof(double));
    s.distance = mem_alloc(columns + 1, sizeof(double));
    s.before = mem_alloc(columns + 1, sizeof(uint32_t));
    s.row_of = mem_alloc(columns + 1, sizeof(uint32_t));
    s.row_seen = mem_alloc(rows + 1, sizeof(bool));
    s.column_seen = mem_alloc(columns + 1, sizeof(bool));
    s.open = mem_alloc(columns + 1, sizeof(uint32_t));
    for (uint32_t i = 0; i < columns; i++) {
        s.row_of[i] = ASSIGNMENT_NONE;
    }
    for (uint32_t i = 0; i < rows; i++) {
        column_of[i] = ASSIGNMENT_NONE;
    }
    for (uint32_t i = 0; i < rows; i++) {
        add_row(&s, i);
    }
    free(s.row_price);
    free(s.column_price);
    free(s.distance);
    free(s.before);
    free(s.row_of);
    free(s.row_seen);
    free(s.column_seen);
    free(s.open);
}
