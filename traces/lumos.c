/*
 * lumos - the table of attempts that Lumos made of Microsoft's Philly trace.
 *
 * Header: ,run_time,wait_time,submit_time,gpu_num; the first column has no name and is the number
 * of the row. A row is one attempt of a job, and nothing tells which attempts belong together, so
 * each becomes a job: there are more of them than jobs in Philly. submit_time is in seconds since
 * 1970 (UTC), run_time and wait_time in seconds.
 */
#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum lumos_column { ROW, RUN_TIME, WAIT_TIME, SUBMIT_TIME, GPU_NUM };

static const struct column lumos_columns[] = {
    [ROW] = {"", true},
    [RUN_TIME] = {"run_time", true},
    [WAIT_TIME] = {"wait_time", true},
    [SUBMIT_TIME] = {"submit_time", true},
    [GPU_NUM] = {"gpu_num", true},
    {NULL, false},
};

/* The tables of ALCF have these columns too, and more. */
static bool lumos_detect(struct view head)
{
    static const char *const names[] = {"",        "run_time", "wait_time", "submit_time",
                                        "gpu_num", NULL};
    static const char *const alcf[] = {"new_status", NULL};
    return columns_detect(head, names) && !columns_detect(head, alcf);
}

static bool read_row(const struct columns *row, struct job_draft *draft, struct err *err)
{
    int64_t gpus = 0;
    job_draft_init(draft);
    draft->id = columns_text(row, ROW);
    if (draft->id.length == 0) {
        return columns_refuse(row, ROW, "the number of the row", err);
    }
    if (!columns_number(row, SUBMIT_TIME, &number_time, &draft->submit_us, err) ||
        !columns_optional(row, RUN_TIME, &number_span, &draft->duration_us, err) ||
        !columns_number(row, GPU_NUM, &number_count, &gpus, err)) {
        return false;
    }
    job_draft_set_gpus(draft, (uint32_t)gpus);
    return true;
}

static bool lumos_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    (void)params; /* there are none */
    struct columns row;
    struct job_draft draft;
    if (!columns_open(&row, file, lumos_columns, false, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        if (!read_row(&row, &draft, err) || !workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    workload_note(out, "every row is one attempt, and an attempt is a job here: Philly has fewer");
    workload_note(out, "ids are the numbers of the rows: the table has no others");
    workload_note(out, "no users, queues, estimates or outcomes: the table has none");
    workload_note(out, "waiting under the old scheduler is dropped");
    return err->code == ERR_NONE;
}

extern const struct trace_format trace_format_lumos;
const struct trace_format trace_format_lumos = {
    .name = "lumos",
    .help = "philly_df_schedule.csv, attempts of Philly's jobs as Lumos tabled them",
    .detect = lumos_detect,
    .read = lumos_read,
};
