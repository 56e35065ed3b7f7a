/*
 * alcf - job logs of Argonne's ThetaGPU, Theta and Mira as Lumos cleaned them.
 *
 * Header:
 * ,job,user,project,state,gpu_num,cpu_num,node_num,submit_time,wait_time,run_time,wall_time,
 * node_hour,new_status; the first column has no name. Whole numbers may be written "1.0". A job's
 * size is its nodes: gpu_num equals node_num on ThetaGPU, which has eight GPUs a node, and is 0
 * elsewhere. submit_time is in seconds since 1970 (UTC), the others in seconds; wall_time is what
 * was asked for. The user 0 stands for all whose names were removed. `state` is an exit code on
 * Mira, and node_hour is in node-seconds there: neither is read.
 */
#include "sim/workload/columns.h"
#include "sim/workload/outcome.h"
#include "sim/workload/trace_format.h"

enum alcf_column {
    JOB,
    USER,
    PROJECT,
    NODE_NUM,
    SUBMIT_TIME,
    RUN_TIME,
    WALL_TIME,
    NEW_STATUS,
};

static const struct column alcf_columns[] = {
    [JOB] = {"job", true},
    [USER] = {"user", true},
    [PROJECT] = {"project", true},
    [NODE_NUM] = {"node_num", true},
    [SUBMIT_TIME] = {"submit_time", true},
    [RUN_TIME] = {"run_time", true},
    [WALL_TIME] = {"wall_time", true},
    [NEW_STATUS] = {"new_status", true},
    {NULL, false},
};

static bool alcf_detect(struct view head)
{
    static const char *const names[] = {"job",       "project",   "node_num",   "run_time",
                                        "wall_time", "node_hour", "new_status", NULL};
    return columns_detect(head, names);
}

/* A number that names something, without the ".0" of a whole one; "" for 0, which names nobody. */
static struct view name_of_number(struct view number)
{
    if (number.length > 2 && number.at[number.length - 2] == '.' &&
        number.at[number.length - 1] == '0') {
        number.length -= 2;
    }
    return view_is(number, "0") ? (struct view){"", 0} : number;
}

static bool read_row(const struct columns *row, struct job_draft *draft, struct err *err)
{
    int64_t nodes = 0;
    job_draft_init(draft);
    draft->id = columns_text(row, JOB);
    draft->user = name_of_number(columns_text(row, USER));
    draft->queue = name_of_number(columns_text(row, PROJECT));
    draft->outcome = outcome_of_word(columns_text(row, NEW_STATUS), NULL);
    if (draft->id.length == 0) {
        return columns_refuse(row, JOB, "an id", err);
    }
    if (!columns_number(row, SUBMIT_TIME, &number_time, &draft->submit_us, err) ||
        !columns_optional(row, RUN_TIME, &number_span, &draft->duration_us, err) ||
        !columns_optional(row, WALL_TIME, &number_span, &draft->estimate_us, err) ||
        !columns_number(row, NODE_NUM, &number_count, &nodes, err)) {
        return false;
    }
    job_draft_set_gpus(draft, (uint32_t)nodes);
    return true;
}

static bool alcf_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    (void)params; /* there are none */
    struct columns row;
    struct job_draft draft;
    uint32_t nobody = 0;
    if (!columns_open(&row, file, alcf_columns, true, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        if (!read_row(&row, &draft, err) || !workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
        nobody += draft.user.length == 0 ? 1 : 0;
    }
    workload_note(out, "a job's size is its nodes: gpu_num, cpu_num and node_hour are dropped");
    workload_note(out, "projects are queues; state and waiting are dropped");
    if (nobody > 0) {
        workload_note(out, "%u jobs have no user: their names were removed", nobody);
    }
    return err->code == ERR_NONE;
}

extern const struct trace_format trace_format_alcf;
const struct trace_format trace_format_alcf = {
    .name = "alcf",
    .help = "job logs of ALCF (ThetaGPU, Theta, Mira) as Lumos cleaned them",
    .unit = "node",
    .detect = alcf_detect,
    .read = alcf_read,
};
