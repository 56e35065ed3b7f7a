/*
 * muri.c - jobs of the Muri simulator: Tiresias' table with more columns, and all times in
 * milliseconds. The stages of an iteration (resource_time_0 to 2), by which Muri interleaves jobs,
 * are not kept. Its cluster specifications are those of Tiresias.
 */
#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum muri_column {
    JOB_ID,
    NUM_GPU,
    SUBMIT_TIME,
    ITERATIONS,
    MODEL_NAME,
    BATCH_SIZE,
    DURATION,
    INTERVAL,
    ITERATION_TIME,
    STAGE_0,
    STAGE_1,
    STAGE_2,
    PRIORITY,
};

static const struct column muri_columns[] = {
    [JOB_ID] = {"job_id", true},
    [NUM_GPU] = {"num_gpu", true},
    [SUBMIT_TIME] = {"submit_time", true},
    [ITERATIONS] = {"iterations", true},
    [MODEL_NAME] = {"model_name", true},
    [BATCH_SIZE] = {"batch_size", false},
    [DURATION] = {"duration", true},
    [INTERVAL] = {"interval", false},
    [ITERATION_TIME] = {"iteration_time", true},
    [STAGE_0] = {"resource_time_0", false},
    [STAGE_1] = {"resource_time_1", false},
    [STAGE_2] = {"resource_time_2", false},
    [PRIORITY] = {"priority", false},
    {NULL, false},
};

static const struct number_kind number_submit_ms = {1000, false, -WORKLOAD_MOST_US,
                                                    WORKLOAD_MOST_US, "a time in milliseconds"};
static const struct number_kind number_span_ms = {1000, false, 0, WORKLOAD_MOST_US,
                                                  "milliseconds, 0 or more"};

static bool muri_detect(struct view head)
{
    static const char *const names[] = {"job_id",         "num_gpu",  "submit_time", "model_name",
                                        "iteration_time", "duration", NULL};
    return columns_detect(head, names);
}

static bool muri_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    (void)params; /* it has none */
    struct columns row;
    struct job_draft draft;
    if (!columns_open(&row, file, muri_columns, false, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        int64_t gpus = 0;
        job_draft_init(&draft);
        draft.id = columns_text(&row, JOB_ID);
        if (draft.id.length == 0) {
            return columns_refuse(&row, JOB_ID, "an id", err);
        }
        if (!columns_number(&row, NUM_GPU, &number_count, &gpus, err) ||
            !columns_number(&row, SUBMIT_TIME, &number_submit_ms, &draft.submit_us, err) ||
            !columns_number(&row, DURATION, &number_span_ms, &draft.duration_us, err) ||
            !columns_optional(&row, PRIORITY, &number_any, &draft.priority, err)) {
            return false;
        }
        job_draft_set_gpus(&draft, (uint32_t)gpus);
        if (!workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    workload_note(out, "dropped: model, iterations and stage times of each job (iteration_time, "
                       "resource_time_0 to 2)");
    return err->code == ERR_NONE;
}

extern const struct trace_format trace_format_muri;
const struct trace_format trace_format_muri = {
    .name = "muri",
    .help = "jobs of the Muri simulator, in milliseconds",
    .detect = muri_detect,
    .read = muri_read,
};
