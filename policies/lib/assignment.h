/*
 * assignment.h - the assignment of least cost: every row gets a column of its own.
 *
 * Shortest augmenting paths, row by row (Jonker and Volgenant; Crouse, IEEE Transactions on
 * Aerospace and Electronic Systems 52, 2016). Of equal costs the order of search decides, which is
 * that of scipy's linear_sum_assignment, so that schedules of simulators that use it come out.
 */
#ifndef POLICIES_LIB_ASSIGNMENT_H
#define POLICIES_LIB_ASSIGNMENT_H

#include <stdint.h>

#define ASSIGNMENT_NONE UINT32_MAX

/* costs[row * columns + column], finite; rows <= columns. Fills column_of[rows]. O(rows^2 columns).
 */
void assignment_solve(const double *costs, uint32_t rows, uint32_t columns, uint32_t *column_of);

#endif
