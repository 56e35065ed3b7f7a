/*
 * elasticflow.c - jobs of the ElasticFlow simulator, in seconds. A job is its duration on num_gpu
 * GPUs; its deadline (ddl, absolute) has no place in a workload and is not kept.
 */
#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum elasticflow_column {
    JOB_ID,
    SUBMIT_TIME,
    REAL_ITERATION,
    ITERATION,
    MODEL_NAME,
    DDL,
    BATCH_SIZE,
    NUM_GPU,
    REAL_DURATION,
    DURATION,
    BEST_EFFORT,
};

static const struct column elasticflow_columns[] = {
    [JOB_ID] = {"job_id", true},
    [SUBMIT_TIME] = {"submit_time", true},
    [REAL_ITERATION] = {"real_iteration", false},
    [ITERATION] = {"iteration", true},
    [MODEL_NAME] = {"model_name", true},
    [DDL] = {"ddl", true},
    [BATCH_SIZE] = {"batch_size", true},
    [NUM_GPU] = {"num_gpu", true},
    [REAL_DURATION] = {"real_duration", false},
    [DURATION] = {"duration", true},
    [BEST_EFFORT] = {"best_effort", false},
    {NULL, false},
};

static bool elasticflow_detect(struct view head)
{
    static const char *const names[] = {"job_id",     "submit_time", "iteration", "ddl",
                                        "batch_size", "num_gpu",     "duration",  NULL};
    return columns_detect(head, names);
}

/* The user's iterations (`iteration`, `duration`) may differ from those that were really needed
 * (`real_iteration`, `real_duration`): the first is then an estimate. */
static bool read_durations(const struct columns *row, struct job_draft *draft, struct err *err)
{
    int64_t said_us = 0;
    if (!columns_number(row, DURATION, &number_span, &said_us, err)) {
        return false;
    }
    draft->duration_us = said_us;
    if (!columns_optional(row, REAL_DURATION, &number_span, &draft->duration_us, err)) {
        return false;
    }
    if (draft->duration_us != said_us) {
        draft->estimate_us = said_us;
    }
    return true;
}

static bool elasticflow_read(const void *params, struct file *file, struct workload *out,
                             struct err *err)
{
    (void)params; /* it has none */
    struct columns row;
    struct job_draft draft;
    if (!columns_open(&row, file, elasticflow_columns, false, err)) {
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
            !columns_number(&row, SUBMIT_TIME, &number_time, &draft.submit_us, err) ||
            !read_durations(&row, &draft, err)) {
            return false;
        }
        job_draft_set_gpus(&draft, (uint32_t)gpus);
        if (!workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    workload_note(out, "dropped: deadline, model, batch size and iterations of each job");
    return err->code == ERR_NONE;
}

extern const struct trace_format trace_format_elasticflow;
const struct trace_format trace_format_elasticflow = {
    .name = "elasticflow",
    .help = "jobs of the ElasticFlow simulator; durations on num_gpu GPUs",
    .detect = elasticflow_detect,
    .read = elasticflow_read,
};
