/*
 * stream.h - a trace made of another without holding it: piece by piece, the file read twice.
 *
 * What a transform does to a job must depend on that job, on those before it and on sums over all
 * of them; and the trace must be a file in native CSV, by submit time, without quoted fields. The
 * first pass looks at everything: that the rows are right and in order, that no id comes twice,
 * which columns the result needs. The second writes. Equal bytes to the transform in memory.
 *
 * Memory: a few pieces; what the transform keeps; 8 bytes a job where ids are not ascending or are
 * replaced, by which ids that come twice are found.
 */
#ifndef TRANSFORM_STREAM_H
#define TRANSFORM_STREAM_H

#include "sim/base/file.h"
#include "sim/workload/workload.h"

enum { STREAM_PIECE_BYTES = 4 << 20, STREAM_MOST_WAITING = 1 << 20 };

struct stream_transform {
    void *state;

    /* A pass begins, of a trace with this epoch. May be missing. */
    void (*begin)(void *state, int64_t epoch_us);

    /* Changes the jobs from number `first` on (those before have been here already), in place; may
     * drop some when `reorder_us` is 0. The piece is as a finished workload with the epoch of the
     * whole trace. False gives up. Missing: jobs stay as they are. */
    bool (*apply)(void *state, struct workload *piece, size_t first);

    /* The first pass is over. False gives up. May be missing. */
    bool (*measured)(void *state);

    /* Which jobs are dropped is known only then: one more pass looks at those that stay. */
    bool looks_twice;

    /* How far a job may come before one that was submitted earlier; at most STREAM_MOST_WAITING
     * jobs lie so near to each other, or streaming is given up. */
    int64_t reorder_us;

    /* What an id becomes, as a number that differs for two of them; missing: ids stay. */
    uint64_t (*new_id)(const void *state, const char *id);
};

struct stream_source {
    const char *path;
    const char *format; /* as in trace_read */
    size_t piece_bytes; /* STREAM_PIECE_BYTES, but for tests */
};

enum stream_result {
    STREAM_DONE,
    STREAM_UNSUITED, /* nothing was written: what cannot be streamed has to be read as a whole,
                        which also says what is wrong with it */
    STREAM_FAILED,   /* *err says why, *out is to be abandoned */
};

/* Looks at the trace: STREAM_DONE means that it can be streamed, with the columns in *columns. */
enum stream_result stream_look(const struct stream_source *source,
                               const struct stream_transform *transform, uint32_t *columns);

/* Writes it, after stream_look found it good. */
enum stream_result stream_write(const struct stream_source *source,
                                const struct stream_transform *transform, uint32_t columns,
                                struct out_file *out, struct err *err);

#endif
