/*
 * column_map.h - how the columns of a stranger's table become those of Berth's own CSV.
 *
 *     job_id=JobID,submit_s=start/1000,duration_s=end - start,gpus=1,queue='research'
 *
 * On the left stands a column of native_row.h, on the right where its value comes from:
 *
 *     name             a column of the table, as its header writes it; "in quotes" if need be
 *     name*N, name/N   the same times or by a number (a unit: ms/1000, hours*3600)
 *     a - b            a difference of two of these; the blanks tell it from a name with a hyphen
 *     12.5             this number in every row
 *     'text'           this text in every row
 *
 * A name that the header has is that column, whatever else it looks like. Dates and spans
 * (time_text.h) are read where a time is wanted.
 */
#ifndef WORKLOAD_COLUMN_MAP_H
#define WORKLOAD_COLUMN_MAP_H

#include "sim/base/arith.h"
#include "sim/base/csv.h"
#include "sim/workload/native_row.h"

enum { COLUMN_MAP_VALUE_MOST = 64 };

/* A column of the table, times factor_over / factor_under. */
struct column_term {
    uint32_t field;
    int64_t factor_over;
    int64_t factor_under;
};

/* Where the value of one native column comes from. */
struct column_source {
    struct view text;    /* as the user wrote it */
    bool is_constant;    /* then its value is `constant` */
    uint32_t term_count; /* else 1, or 2 for a difference */
    struct view constant;
    struct column_term terms[2];
    struct view computed;              /* of the row just mapped, when there was arithmetic */
    char value[COLUMN_MAP_VALUE_MOST]; /* where its text is */
};

struct column_map {
    struct column_source sources[NATIVE_COLUMN_COUNT]; /* text.at is NULL where nothing is given */
    struct columns row;      /* the row just mapped, bound to native_columns */
    uint64_t unknown_states; /* words of `status` that mean nothing here, so far */
    uint64_t missing_words;  /* fields such as "null" or "N/A" taken for empty, so far */
};

/* Reads "target=source,..." and looks the columns up in the header, the row that `table` has just
 * read. Errors are ERR_USAGE: an unknown target or column is named with the nearest one, the header
 * and what can be written. The text must outlive the map. */
bool column_map_read(struct view text, const struct csv *table, struct column_map *out,
                     struct err *err);

/* Computes map->row, whose texts live until the next call or row, from the row `table` has just
 * read. O(columns). */
bool column_map_row(struct column_map *map, const struct csv *table, struct err *err);

#endif
