/*
 * philly.c - philly.csv, the table of jobs made from Microsoft's Philly trace: one row a job with
 * its virtual cluster, submit time, run time and GPUs; no ids, users, waits or outcomes.
 *
 * Submit times are local wall-clock times without a zone and are kept so: the trace spans the end
 * of daylight saving, and nobody knows the zone for sure. The number of its row is a job's id.
 */
#include <inttypes.h>

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

static bool philly_read(const void *params, struct file *file, struct workload *out,
                        struct err *err)
{
    (void)params; /* it has none */
    struct columns row;
    struct job_draft draft;
    char number[24];
    if (!columns_open(&row, file, philly_columns, true, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        int64_t gpus = 0;
        job_draft_init(&draft);
        if (!columns_datetime(&row, TIMESTAMP, &draft.submit_us, err) ||
            !columns_number(&row, DURATION, &number_span, &draft.duration_us, err) ||
            !columns_number(&row, NUM_GPUS, &number_count, &gpus, err)) {
            return false;
        }
        (void)snprintf(number, sizeof(number), "%zu", out->jobs.count + 1);
        draft.id = view_of(number);
        draft.queue = columns_text(&row, CLUSTER);
        job_draft_set_gpus(&draft, (uint32_t)gpus);
        if (!workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    workload_note(out, "submit times are local times without a zone");
    return err->code == ERR_NONE;
}

const struct trace_format trace_format_philly = {
    .name = "philly",
    .help = "philly.csv: jobs of Microsoft's Philly trace by virtual cluster",
    .detect = philly_detect,
    .read = philly_read,
};
