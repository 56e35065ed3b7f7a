/*
 * chronus.c - jobs of the Chronus simulator: Tiresias' table with more columns. Submit times and
 * durations are taken for minutes: their authors do not say so, but the span (14 days) and the
 * longest duration (72 hours) do. The user is a virtual cluster and becomes the queue. Deadlines
 * (expect_time_list, with the values of expect_value_list) are not kept.
 */
#include <inttypes.h>
#include <stddef.h>

#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum chronus_column {
    JOB_ID,
    USER,
    NUM_GPU,
    SUBMIT_TIME,
    ITERATIONS,
    MODEL_NAME,
    DURATION,
    INTERVAL,
    EXPECT_TIME_LIST,
    EXPECT_VALUE_LIST,
    BEST_EFFORT,
    JOB_TYPE,
};

static const struct column chronus_columns[] = {
    [JOB_ID] = {"job_id", true},
    [USER] = {"user", true},
    [NUM_GPU] = {"num_gpu", true},
    [SUBMIT_TIME] = {"submit_time", true},
    [ITERATIONS] = {"iterations", false},
    [MODEL_NAME] = {"model_name", false},
    [DURATION] = {"duration", true},
    [INTERVAL] = {"interval", false},
    [EXPECT_TIME_LIST] = {"expect_time_list", true},
    [EXPECT_VALUE_LIST] = {"expect_value_list", false},
    [BEST_EFFORT] = {"best_effort", false},
    [JOB_TYPE] = {"job_type", true},
    {NULL, false},
};

enum { MINUTE_US = 60 * 1000000 };
enum { ZERO_KEEP, ZERO_DROP, ZERO_ONE };

struct chronus_params {
    int zero;
};

static const struct param_spec chronus_params[] = {
    {.name = "zero",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct chronus_params, zero),
     .dflt = "keep",
     .choices = "keep|drop|one",
     .help = "what becomes of jobs with num_gpu 0: as they are, left out, or taken for 1 GPU"},
    {0},
};

static const struct number_kind number_minutes = {1, true, 0, WORKLOAD_MOST_US / MINUTE_US,
                                                  "whole minutes, 0 or more"};

static bool chronus_detect(struct view head)
{
    static const char *const names[] = {"job_id",           "user",     "num_gpu", "submit_time",
                                        "expect_time_list", "job_type", NULL};
    return columns_detect(head, names);
}

static bool read_row(const struct columns *row, struct job_draft *draft, int64_t *gpus,
                     struct err *err)
{
    int64_t submit = 0;
    int64_t duration = 0;
    job_draft_init(draft);
    draft->id = columns_text(row, JOB_ID);
    draft->queue = columns_text(row, USER);
    if (draft->id.length == 0) {
        return columns_refuse(row, JOB_ID, "an id", err);
    }
    if (!columns_number(row, NUM_GPU, &number_count, gpus, err) ||
        !columns_number(row, SUBMIT_TIME, &number_minutes, &submit, err) ||
        !columns_number(row, DURATION, &number_minutes, &duration, err)) {
        return false;
    }
    draft->submit_us = submit * MINUTE_US;
    draft->duration_us = duration * MINUTE_US;
    return true;
}

static bool chronus_read(const void *params, struct file *file, struct workload *out,
                         struct err *err)
{
    static const char *const became[] = {
        [ZERO_KEEP] = "kept", [ZERO_DROP] = "left out", [ZERO_ONE] = "taken for 1 GPU"};
    const struct chronus_params *settings = params;
    struct columns row;
    struct job_draft draft;
    int64_t zeros = 0;
    if (!columns_open(&row, file, chronus_columns, false, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        int64_t gpus = 0;
        if (!read_row(&row, &draft, &gpus, err)) {
            return false;
        }
        if (gpus == 0) {
            zeros++;
            gpus = settings->zero == ZERO_ONE ? 1 : 0;
            if (settings->zero == ZERO_DROP) {
                continue;
            }
        }
        job_draft_set_gpus(&draft, (uint32_t)gpus);
        if (!workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    workload_note(out, "guessed: submit times and durations are minutes");
    workload_note(out, "dropped: deadlines and their values, job_type, model and iterations");
    if (zeros > 0) {
        workload_note(out, "%" PRId64 " jobs with num_gpu 0 were %s", zeros,
                      became[settings->zero]);
    }
    return err->code == ERR_NONE;
}

extern const struct trace_format trace_format_chronus;
const struct trace_format trace_format_chronus = {
    .name = "chronus",
    .help = "jobs of the Chronus simulator, in minutes",
    .params_size = sizeof(struct chronus_params),
    .params = chronus_params,
    .detect = chronus_detect,
    .read = chronus_read,
};
