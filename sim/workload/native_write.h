/*
 * native_write.h - a workload as Berth's own CSV; traces/native.c reads it back into an equal one.
 */
#ifndef WORKLOAD_NATIVE_WRITE_H
#define WORKLOAD_NATIVE_WRITE_H

#include "sim/base/file.h"
#include "sim/workload/workload.h"

/* Appends the header and a row a job, in the order of the jobs, with the submit times of the
 * original trace. Optional columns are left out when no job needs them. A job with more than one
 * task group has no row in this form: that is an error which names it. O(jobs). */
bool native_write(struct text *text, const struct workload *workload, struct err *err);

/* The parts of it, for tables that are written piece by piece: the optional columns that the jobs
 * of a workload need, as a set that can be joined with |; the header line with these columns; and
 * the rows of a workload, which needs no others. */
bool native_used_columns(const struct workload *workload, uint32_t *out, struct err *err);
void native_write_header(struct text *text, uint32_t columns);
void native_write_rows(struct text *text, const struct workload *workload, uint32_t columns);
/* The rows of the first `count` jobs, into a file. */
void native_write_first(struct out_file *out, const struct workload *workload, size_t count,
                        uint32_t columns);
/* The same into a file, which goes to disk as it grows: a quarter of a megabyte of memory. */
bool native_write_file(struct out_file *out, const struct workload *workload, struct err *err);

#endif
