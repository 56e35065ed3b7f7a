/*
 * philly - the table that researchers made of Microsoft's Philly trace (philly.csv).
 *
 * Header: timestamp,duration,num_gpus,gpu_time,cluster. `timestamp` is the submit time on a naive
 * local clock, `cluster` the virtual cluster, taken as the queue. Rows are not sorted and have no
 * id, user, status or estimate; ids are row numbers. gpu_time is duration times GPUs and says
 * nothing new.
 */
#include "sim/base/text.h"
#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum philly_column { TIMESTAMP, DURATION, NUM_GPUS, GPU_TIME, CLUSTER };

static const struct column philly_columns[] = {
    [TIMESTAMP] = {"timestamp", true}, [DURATION] = {"duration", true},
    [NUM_GPUS] = {"num_gpus", true},   [GPU_TIME] = {"gpu_time", false},
    [CLUSTER] = {"cluster", true},     {NULL, false},
};

static bool philly_detect(struct view head)
{
    static const char *const names[] = {"timestamp", "duration", "num_gpus", "cluster", NULL};
    return columns_detect(head, names);
}

static bool read_row(const struct columns *row, struct job_draft *draft, struct err *err)
{
    int64_t gpus = 0;
    job_draft_init(draft);
    draft->queue = columns_text(row, CLUSTER);
    if (!columns_datetime(row, TIMESTAMP, &draft->submit_us, err) ||
        !columns_number(row, DURATION, &number_span, &draft->duration_us, err) ||
        !columns_number(row, NUM_GPUS, &number_count, &gpus, err)) {
        return false;
    }
    job_draft_set_gpus(draft, (uint32_t)gpus);
    return true;
}

static bool philly_read(const void *params, struct file *file, struct workload *out,
                        struct err *err)
{
    (void)params; /* there are none */
    struct columns row;
    struct job_draft draft;
    struct text id = {0};
    bool ok = columns_open(&row, file, philly_columns, false, err);
    for (int64_t number = 1; ok && columns_next(&row, err); number++) {
        text_clear(&id);
        text_add_i64(&id, number);
        ok = read_row(&row, &draft, err);
        draft.id = (struct view){id.bytes, id.length};
        ok = ok && workload_add(out, &draft, columns_line(&row), err);
    }
    text_release(&id);
    workload_note(out, "ids are row numbers: the table has none");
    workload_note(out, "no users, estimates or outcomes: the table has none");
    workload_note(out, "times are the naive local clock of the trace");
    return ok && err->code == ERR_NONE;
}

extern const struct trace_format trace_format_philly;
const struct trace_format trace_format_philly = {
    .name = "philly",
    .help = "philly.csv, the table made of Microsoft's Philly trace",
    .detect = philly_detect,
    .read = philly_read,
};
