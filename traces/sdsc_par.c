/*
 * sdsc_par - the table made of the Intel Paragon log of SDSC (1995).
 *
 * Header: Job_Number,Interval,Run_Time,Number_of_Allocated_Processors. `Interval` is the seconds
 * since the row before, so submit times are its running sum. There are no users, estimates or
 * outcomes. A Run_Time of -1 is missing, as in the log it was made from; missing=zero takes it for
 * 0.
 */
#include <stddef.h>

#include "sim/base/arith.h"
#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum sdsc_column { JOB_NUMBER, INTERVAL, RUN_TIME, PROCESSORS };

static const struct column sdsc_columns[] = {
    [JOB_NUMBER] = {"Job_Number", true},
    [INTERVAL] = {"Interval", true},
    [RUN_TIME] = {"Run_Time", true},
    [PROCESSORS] = {"Number_of_Allocated_Processors", true},
    {NULL, false},
};

static const struct number_kind number_run_time = {1000000, false, -1000000, WORKLOAD_MOST_US,
                                                   "seconds, 0 or more, or -1 for missing"};

enum missing { MISSING_UNKNOWN, MISSING_ZERO };

struct sdsc_params {
    int missing; /* enum missing */
};

static const struct param_spec sdsc_params[] = {
    {.name = "missing",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct sdsc_params, missing),
     .dflt = "unknown",
     .choices = "unknown|zero",
     .help = "what a run time of -1 is: an unknown duration, or none"},
    {.name = NULL},
};

static bool sdsc_detect(struct view head)
{
    static const char *const names[] = {"Job_Number", "Interval", "Run_Time",
                                        "Number_of_Allocated_Processors", NULL};
    return columns_detect(head, names);
}

static bool read_row(const struct columns *row, const struct sdsc_params *params, int64_t *clock_us,
                     struct job_draft *draft, struct err *err)
{
    int64_t interval_us = 0;
    int64_t processors = 0;
    job_draft_init(draft);
    draft->id = columns_text(row, JOB_NUMBER);
    if (draft->id.length == 0) {
        return columns_refuse(row, JOB_NUMBER, "an id", err);
    }
    if (!columns_number(row, INTERVAL, &number_span, &interval_us, err) ||
        !columns_number(row, RUN_TIME, &number_run_time, &draft->duration_us, err) ||
        !columns_number(row, PROCESSORS, &number_count, &processors, err)) {
        return false;
    }
    if (draft->duration_us == -1000000) {
        draft->duration_us = params->missing == MISSING_ZERO ? 0 : TIME_UNKNOWN;
    } else if (draft->duration_us < 0) {
        return columns_refuse(row, RUN_TIME, number_run_time.expected, err);
    }
    *clock_us = time_add_us(*clock_us, interval_us);
    draft->submit_us = *clock_us;
    job_draft_set_gpus(draft, (uint32_t)processors);
    return true;
}

static bool sdsc_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    struct columns row;
    struct job_draft draft;
    int64_t clock_us = 0;
    if (!columns_open(&row, file, sdsc_columns, false, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        if (!read_row(&row, params, &clock_us, &draft, err) ||
            !workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    workload_note(out, "submit times are running sums of the intervals");
    workload_note(out, "no users, estimates or outcomes: the table has none");
    return err->code == ERR_NONE;
}

extern const struct trace_format trace_format_sdsc_par;
const struct trace_format trace_format_sdsc_par = {
    .name = "sdsc_par",
    .help = "the table made of the SDSC Paragon log (SDSC_95.csv)",
    .unit = "processor",
    .params_size = sizeof(struct sdsc_params),
    .params = sdsc_params,
    .detect = sdsc_detect,
    .read = sdsc_read,
};
