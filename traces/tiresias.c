/*
 * tiresias - job lists of the Tiresias simulator (60_job.csv and others).
 *
 * Header: job_id,num_gpu,submit_time,iterations,model_name,duration,interval; whole seconds.
 * iterations and interval say nothing a replay needs; model_name is dropped.
 */
#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum tiresias_column { JOB_ID, NUM_GPU, SUBMIT_TIME, ITERATIONS, MODEL_NAME, DURATION, INTERVAL };

static const struct column tiresias_columns[] = {
    [JOB_ID] = {"job_id", true},           [NUM_GPU] = {"num_gpu", true},
    [SUBMIT_TIME] = {"submit_time", true}, [ITERATIONS] = {"iterations", false},
    [MODEL_NAME] = {"model_name", true},   [DURATION] = {"duration", true},
    [INTERVAL] = {"interval", true},       {NULL, false},
};

static bool tiresias_detect(struct view head)
{
    static const char *const names[] = {"job_id",   "num_gpu",  "submit_time", "model_name",
                                        "duration", "interval", NULL};
    /* Muri's lists have the same columns and more, in milliseconds. */
    static const char *const muri[] = {"iteration_time", NULL};
    return columns_detect(head, names) && !columns_detect(head, muri);
}

static bool tiresias_read(const void *params, struct file *file, struct workload *out,
                          struct err *err)
{
    (void)params; /* there are none */
    struct columns row;
    struct job_draft draft;
    if (!columns_open(&row, file, tiresias_columns, false, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        int64_t gpus = 0;
        job_draft_init(&draft);
        draft.id = columns_text(&row, JOB_ID);
        if (!columns_number(&row, SUBMIT_TIME, &number_time, &draft.submit_us, err) ||
            !columns_number(&row, DURATION, &number_span, &draft.duration_us, err) ||
            !columns_number(&row, NUM_GPU, &number_count, &gpus, err)) {
            return false;
        }
        job_draft_set_gpus(&draft, (uint32_t)gpus);
        if (!workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    workload_note(out, "model names and iterations are dropped");
    return err->code == ERR_NONE;
}

extern const struct trace_format trace_format_tiresias;
const struct trace_format trace_format_tiresias = {
    .name = "tiresias",
    .help = "job lists of the Tiresias simulator",
    .detect = tiresias_detect,
    .read = tiresias_read,
};
