/*
 * helios_fleetsim.c - a slice of Helios in the table of the fleetsim simulator: '#' lines, then one
 * row a job. submit_time is in microseconds, durations are in seconds.
 *
 * walltime_limit_s and class were made up by whoever made the table (the limit is always the
 * duration), so they are not read.
 */
#include <inttypes.h>

#include "sim/workload/columns.h"
#include "sim/workload/outcome.h"
#include "sim/workload/trace_format.h"

enum fleet_column {
    JOB_ID,
    USER,
    TENANT,
    SUBMIT_TIME,
    NUM_CHIPS,
    CHIP_TYPE,
    DURATION_S,
    FINAL_STATUS,
};

static const struct column fleet_columns[] = {
    [JOB_ID] = {"job_id", true},
    [USER] = {"user", true},
    [TENANT] = {"tenant", true},
    [SUBMIT_TIME] = {"submit_time", true},
    [NUM_CHIPS] = {"num_chips", true},
    [CHIP_TYPE] = {"chip_type", false},
    [DURATION_S] = {"duration_s", true},
    [FINAL_STATUS] = {"final_status", false},
    {NULL, false},
};

static const struct number_kind number_submit_us = {1, true, -WORKLOAD_MOST_US, WORKLOAD_MOST_US,
                                                    "a time in microseconds"};

static bool fleet_detect(struct view head)
{
    static const char *const names[] = {"job_id",    "user",       "tenant", "submit_time",
                                        "num_chips", "duration_s", NULL};
    return columns_detect(head, names);
}

static bool read_row(const struct columns *row, struct job_draft *draft, struct err *err)
{
    int64_t gpus = 0;
    job_draft_init(draft);
    draft->id = columns_text(row, JOB_ID);
    draft->user = columns_text(row, USER);
    draft->queue = columns_text(row, TENANT);
    draft->models = columns_text(row, CHIP_TYPE);
    draft->outcome = outcome_of_word(columns_text(row, FINAL_STATUS), NULL);
    if (draft->id.length == 0) {
        return columns_refuse(row, JOB_ID, "an id", err);
    }
    if (!columns_number(row, SUBMIT_TIME, &number_submit_us, &draft->submit_us, err) ||
        !columns_optional(row, DURATION_S, &number_span, &draft->duration_us, err) ||
        !columns_number(row, NUM_CHIPS, &number_count, &gpus, err)) {
        return false;
    }
    job_draft_set_gpus(draft, (uint32_t)gpus);
    return true;
}

static bool fleet_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    (void)params; /* it has none */
    struct columns row;
    struct job_draft draft;
    if (!columns_open(&row, file, fleet_columns, true, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        if (!read_row(&row, &draft, err) || !workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    workload_note(out, "walltime_limit_s is not read: it repeats the duration");
    return err->code == ERR_NONE;
}

const struct trace_format trace_format_helios_fleetsim = {
    .name = "helios_fleetsim",
    .help = "Helios jobs in the table of the fleetsim simulator",
    .detect = fleet_detect,
    .read = fleet_read,
};
