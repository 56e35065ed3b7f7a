/*
 * trace_pieces.h - a native CSV read piece by piece, for what does not need all jobs at once.
 *
 * Reading so is for files that are right: at anything else (another format, quoted fields, a row
 * that is refused) it gives up, and trace_read says what is wrong.
 */
#ifndef WORKLOAD_TRACE_PIECES_H
#define WORKLOAD_TRACE_PIECES_H

#include "sim/workload/workload.h"

struct trace_pieces;

/* Opens the file at `path` when it is a regular one in native CSV; NULL otherwise. `format` as in
 * trace_read. A piece has about `piece_bytes` of text. */
struct trace_pieces *trace_pieces_open(const char *path, const char *format, size_t piece_bytes);
void trace_pieces_free(struct trace_pieces *pieces);

/* Adds the jobs of the next piece to *out, in the order of the rows, with submit times in the
 * trace's own base; out->jobs grows by none at the end only. False when it gives up. */
bool trace_pieces_next(struct trace_pieces *pieces, struct workload *out);

#endif
