/* timeline.c - see timeline.h. */
#include "sim/report/timeline.h"

#include "sim/base/check.h"
#include "sim/report/row.h"

bool timeline_open(struct timeline *timeline, const char *path, struct err *err)
{
    CHECK(timeline->sample_us >= 0);
    timeline->next_us = 0;
    timeline->last_us = -1;
    if (!out_file_open(&timeline->file, path, err)) {
        return false;
    }
    text_add(&timeline->file.text,
             "time_s,gpus_total,gpus_allocated,jobs_running,jobs_pending,gpus_pending");
    text_add(&timeline->file.text,
             timeline->has_fragmentation ? ",gpus_fragmented,gpus_stranded\n" : "\n");
    return true;
}

static void add_row(struct timeline *timeline, int64_t time_us, const struct fold_state *state)
{
    char *at = row_begin(&timeline->file.text, (size_t)8 * ROW_NUMBER);
    at = row_put_comma(row_put_seconds(at, time_us));
    at = row_put_comma(row_put_milli(at, timeline->total_milli - state->away_milli));
    at = row_put_comma(row_put_milli(at, state->allocated_milli));
    at = row_put_comma(row_put_u64(at, state->running));
    at = row_put_comma(row_put_u64(at, state->pending));
    at = row_put_milli(at, state->pending_milli);
    if (timeline->has_fragmentation) {
        at = row_put_milli(row_put_comma(at), state->fragmented_milli);
        at = row_put_milli(row_put_comma(at), state->stranded_milli);
    }
    row_end(&timeline->file, at);
    timeline->last_us = time_us;
    timeline->last = *state;
}

static bool same_state(const struct fold_state *a, const struct fold_state *b)
{
    return a->allocated_milli == b->allocated_milli && a->away_milli == b->away_milli &&
           a->pending_milli == b->pending_milli && a->running == b->running &&
           a->pending == b->pending && a->fragmented_milli == b->fragmented_milli &&
           a->stranded_milli == b->stranded_milli;
}

static void add_samples(struct timeline *timeline, int64_t until_us, const struct fold_state *state)
{
    while (timeline->next_us < until_us) {
        add_row(timeline, timeline->next_us, state);
        timeline->next_us += timeline->sample_us;
    }
}

void timeline_add(struct timeline *timeline, int64_t from_us, int64_t until_us,
                  const struct fold_state *state)
{
    CHECK(from_us < until_us);
    if (timeline->sample_us > 0) {
        add_samples(timeline, until_us, state);
    } else if (timeline->last_us < 0 || !same_state(state, &timeline->last)) {
        add_row(timeline, from_us, state);
    }
}

void timeline_end(struct timeline *timeline, int64_t end_us, const struct fold_state *state)
{
    if (timeline->sample_us > 0) {
        add_samples(timeline, end_us + 1, state);
    } else if (timeline->last_us < end_us) {
        add_row(timeline, end_us, state);
    }
}
