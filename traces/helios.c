/*
 * helios - cluster logs of SenseTime's Helios (cluster_log.csv) and tables made in its form.
 *
 * Columns: job_id (or jobname),user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,
 * end_time,duration,queue. Times are `YYYY-MM-DD HH:MM:SS` without a zone; duration is in seconds;
 * queue is the seconds waited, not a queue: the virtual cluster is taken as the queue. gpu_num is
 * the job's total, 0 for a CPU job, which asks for its CPUs on node_num nodes. start, end and wait
 * are the old scheduler's and have no part in a replay.
 */
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
    START_TIME,
    END_TIME,
    DURATION,
    QUEUE,
};

static const struct column helios_columns[] = {
    [JOB_ID] = {"job_id", false},
    [JOBNAME] = {"jobname", false},
    [USER] = {"user", true},
    [VC] = {"vc", true},
    [GPU_NUM] = {"gpu_num", true},
    [CPU_NUM] = {"cpu_num", false},
    [NODE_NUM] = {"node_num", false},
    [STATE] = {"state", true},
    [SUBMIT_TIME] = {"submit_time", true},
    [START_TIME] = {"start_time", false},
    [END_TIME] = {"end_time", false},
    [DURATION] = {"duration", true},
    [QUEUE] = {"queue", false},
    {NULL, false},
};

static bool helios_detect(struct view head)
{
    static const char *const names[] = {"user",        "vc",       "gpu_num", "state",
                                        "submit_time", "duration", NULL};
    return columns_detect(head, names);
}

static bool read_row(const struct columns *row, struct job_draft *draft, bool *known_state,
                     struct err *err)
{
    int64_t gpus = 0;
    int64_t cpu_milli = 0;
    int64_t nodes = 1;
    job_draft_init(draft);
    draft->id = columns_has(row, JOB_ID) ? columns_text(row, JOB_ID) : columns_text(row, JOBNAME);
    draft->user = columns_text(row, USER);
    draft->queue = columns_text(row, VC);
    draft->outcome = outcome_of_word(columns_text(row, STATE), known_state);
    if (draft->id.length == 0) {
        return columns_refuse(row, JOB_ID, "an id, here or in jobname", err);
    }
    if (!columns_datetime(row, SUBMIT_TIME, &draft->submit_us, err) ||
        !columns_optional(row, DURATION, &number_span, &draft->duration_us, err) ||
        !columns_number(row, GPU_NUM, &number_count, &gpus, err) ||
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

static bool helios_read(const void *params, struct file *file, struct workload *out,
                        struct err *err)
{
    (void)params; /* there are none */
    struct columns row;
    struct job_draft draft;
    uint32_t other_states = 0;
    if (!columns_open(&row, file, helios_columns, false, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        bool known_state = false;
        if (!read_row(&row, &draft, &known_state, err) ||
            !workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
        other_states += known_state ? 0 : 1;
    }
    if (other_states > 0) {
        workload_note(out, "%u jobs ended in a state that has no meaning here", other_states);
    }
    workload_note(out, "start, end and waiting of the old scheduler are dropped");
    workload_note(out, "how many nodes a GPU job had is dropped: the placement rule decides");
    return err->code == ERR_NONE;
}

extern const struct trace_format trace_format_helios;
const struct trace_format trace_format_helios = {
    .name = "helios",
    .help = "Helios cluster_log.csv and tables in its form",
    .detect = helios_detect,
    .read = helios_read,
};
