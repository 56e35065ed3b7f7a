/*
 * helios.c - cluster_log.csv of SenseTime's Helios trace, and the Philly table in the same form
 * that its scheduler was published with (jobname instead of job_id, no node_num).
 *
 * gpu_num and cpu_num are totals of the job; a job without GPUs runs on node_num nodes. Times are
 * local times without a zone. A job's queue is its virtual cluster.
 */
#include <inttypes.h>

#include "sim/workload/columns.h"
#include "sim/workload/outcome.h"
#include "sim/workload/trace_format.h"

enum helios_column {
    JOB_ID,
    JOBNAME,
    USER,
    VC,
    GPU_NUM,
    CPU_NUM,
    NODE_NUM,
    STATE,
    SUBMIT_TIME,
    DURATION,
};

static const struct column helios_columns[] = {
    [JOB_ID] = {"job_id", false},
    [JOBNAME] = {"jobname", false},
    [USER] = {"user", true},
    [VC] = {"vc", true},
    [GPU_NUM] = {"gpu_num", true},
    [CPU_NUM] = {"cpu_num", true},
    [NODE_NUM] = {"node_num", false},
    [STATE] = {"state", true},
    [SUBMIT_TIME] = {"submit_time", true},
    [DURATION] = {"duration", true},
    {NULL, false},
};

static bool helios_detect(struct view head)
{
    static const char *const names[] = {"user",  "vc",          "gpu_num",  "cpu_num",
                                        "state", "submit_time", "duration", NULL};
    return columns_detect(head, names);
}

static bool read_shape(const struct columns *row, struct job_draft *draft, struct err *err)
{
    int64_t gpus = 0;
    int64_t cpu_milli = 0;
    int64_t nodes = 1;
    if (!columns_number(row, GPU_NUM, &number_count, &gpus, err) ||
        !columns_optional(row, CPU_NUM, &number_milli, &cpu_milli, err) ||
        !columns_optional(row, NODE_NUM, &number_count, &nodes, err)) {
        return false;
    }
    job_draft_set_gpus(draft, (uint32_t)gpus);
    draft->groups[0].request.cpu_milli = cpu_milli;
    if (gpus == 0) {
        job_draft_split(draft, nodes);
    }
    return true;
}

static bool read_row(const struct columns *row, struct job_draft *draft, int64_t *unknown_states,
                     struct err *err)
{
    bool known = false;
    job_draft_init(draft);
    draft->id = columns_text(row, columns_has(row, JOB_ID) ? JOB_ID : JOBNAME);
    draft->user = columns_text(row, USER);
    draft->queue = columns_text(row, VC);
    draft->outcome = outcome_of_word(columns_text(row, STATE), &known);
    *unknown_states += known ? 0 : 1;
    if (draft->id.length == 0) {
        return columns_refuse(row, JOB_ID, "an id, there or in column 'jobname'", err);
    }
    return columns_datetime(row, SUBMIT_TIME, &draft->submit_us, err) &&
           columns_optional(row, DURATION, &number_span, &draft->duration_us, err) &&
           read_shape(row, draft, err);
}

static bool helios_read(const void *params, struct file *file, struct workload *out,
                        struct err *err)
{
    (void)params; /* it has none */
    struct columns row;
    struct job_draft draft;
    int64_t unknown_states = 0;
    if (!columns_open(&row, file, helios_columns, true, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        if (!read_row(&row, &draft, &unknown_states, err) ||
            !workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    if (unknown_states > 0) {
        workload_note(out, "%" PRId64 " jobs ended in a state whose meaning is not known",
                      unknown_states);
    }
    workload_note(out, "submit times are local times without a zone");
    return err->code == ERR_NONE;
}

const struct trace_format trace_format_helios = {
    .name = "helios",
    .help = "cluster_log.csv of SenseTime's Helios trace",
    .detect = helios_detect,
    .read = helios_read,
};
