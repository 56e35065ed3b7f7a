/*
 * acme - job tables of Shanghai AI Laboratory's Acme clusters, Seren and Kalos.
 *
 * Seren: job_id,user,node_num,gpu_num,cpu_num,type,state,submit_time,start_time,end_time,duration,
 * queue,gpu_time; Kalos has mem_per_pod_GB and shared_mem_per_pod after cpu_num, and fail_time and
 * stop_time after end_time. Times carry their zone, "2023-03-01 00:18:22+08:00", and become UTC.
 * `duration` counts from the start on Seren and from the submit on Kalos, so it is not read: a job
 * ran from start_time to end_time. `queue` is the seconds waited, not a queue: the type of the job
 * is taken as the queue. gpu_num and cpu_num are the job's totals, memory is that of one node.
 */
#include "sim/base/parse.h"
#include "sim/workload/columns.h"
#include "sim/workload/outcome.h"
#include "sim/workload/trace_format.h"

enum acme_column {
    JOB_ID,
    USER,
    NODE_NUM,
    GPU_NUM,
    CPU_NUM,
    MEMORY,
    TYPE,
    STATE,
    SUBMIT_TIME,
    START_TIME,
    END_TIME,
};

static const struct column acme_columns[] = {
    [JOB_ID] = {"job_id", true},
    [USER] = {"user", true},
    [NODE_NUM] = {"node_num", true},
    [GPU_NUM] = {"gpu_num", true},
    [CPU_NUM] = {"cpu_num", true},
    [MEMORY] = {"mem_per_pod_GB", false},
    [TYPE] = {"type", true},
    [STATE] = {"state", true},
    [SUBMIT_TIME] = {"submit_time", true},
    [START_TIME] = {"start_time", true},
    [END_TIME] = {"end_time", true},
    {NULL, false},
};

/* Thousandths of a GB, which Kubernetes' users mean as GiB. */
static const struct number_kind number_gib = {1000, false, 0, (int64_t)1 << 30, "GB, 0 or more"};
static const struct number_kind number_nodes = {1, true, 0, 1 << 20,
                                                "a whole number from 0 to 1048576"};

static bool acme_detect(struct view head)
{
    static const char *const names[] = {"job_id",      "node_num",   "gpu_num",  "type",
                                        "submit_time", "start_time", "gpu_time", NULL};
    return columns_detect(head, names);
}

/* "+08:00" or "-05:30" in microseconds; false when the text is neither. */
static bool parse_zone(struct view zone, int64_t *out)
{
    static const char form[] = "+hh:mm";
    int64_t digits[6] = {0};
    if (zone.length != sizeof(form) - 1 || zone.at[3] != ':' ||
        (zone.at[0] != '+' && zone.at[0] != '-')) {
        return false;
    }
    for (uint32_t i = 1; i < 6; i++) {
        if (i != 3 && (zone.at[i] < '0' || zone.at[i] > '9')) {
            return false;
        }
        digits[i] = zone.at[i] - '0';
    }
    int64_t minutes = (digits[1] * 10 + digits[2]) * 60 + digits[4] * 10 + digits[5];
    *out = (zone.at[0] == '-' ? -minutes : minutes) * 60000000;
    return true;
}

/* A time with its zone, in microseconds since 1970 (UTC). */
static bool read_time(const struct columns *row, uint32_t column, int64_t *out, struct err *err)
{
    enum { ZONE_LENGTH = 6 };
    struct view local = columns_text(row, column);
    int64_t zone_us = 0;
    int64_t local_us = 0;
    if (local.length > ZONE_LENGTH) {
        local.length -= ZONE_LENGTH;
        if (parse_zone((struct view){local.at + local.length, ZONE_LENGTH}, &zone_us) &&
            parse_datetime_us(local, &local_us) == PARSE_OK) {
            *out = local_us - zone_us;
            return true;
        }
    }
    return columns_refuse(row, column, "a time like 2023-03-01 00:18:22+08:00", err);
}

static bool read_times(const struct columns *row, struct job_draft *draft, bool *backwards,
                       struct err *err)
{
    int64_t start_us = TIME_UNKNOWN;
    int64_t end_us = TIME_UNKNOWN;
    if (!read_time(row, SUBMIT_TIME, &draft->submit_us, err) ||
        (columns_has(row, START_TIME) && !read_time(row, START_TIME, &start_us, err)) ||
        (columns_has(row, END_TIME) && !read_time(row, END_TIME, &end_us, err))) {
        return false;
    }
    bool told = start_us != TIME_UNKNOWN && end_us != TIME_UNKNOWN;
    *backwards = told && end_us < start_us;
    draft->duration_us = told && !*backwards ? end_us - start_us : TIME_UNKNOWN;
    return true;
}

static bool read_shape(const struct columns *row, struct job_draft *draft, struct err *err)
{
    int64_t gpus = 0;
    int64_t nodes = 1;
    int64_t cpu_milli = 0;
    int64_t gib_milli = 0;
    if (!columns_number(row, GPU_NUM, &number_count, &gpus, err) ||
        !columns_optional(row, NODE_NUM, &number_nodes, &nodes, err) ||
        !columns_optional(row, CPU_NUM, &number_milli, &cpu_milli, err) ||
        !columns_optional(row, MEMORY, &number_gib, &gib_milli, err)) {
        return false;
    }
    int64_t node_mib = (gib_milli * 1024 + 500) / 1000;
    int64_t memory_mib = node_mib * (nodes > 0 ? nodes : 1);
    if (memory_mib > WORKLOAD_MOST_AMOUNT) {
        return columns_refuse(row, MEMORY, "less memory on all nodes", err);
    }
    job_draft_set_gpus(draft, (uint32_t)gpus);
    draft->groups[0].request.cpu_milli = cpu_milli;
    draft->groups[0].request.memory_mib = memory_mib;
    if (gpus == 0) {
        job_draft_split(draft, nodes);
    }
    return true;
}

static bool read_row(const struct columns *row, struct job_draft *draft, bool *backwards,
                     struct err *err)
{
    job_draft_init(draft);
    draft->id = columns_text(row, JOB_ID);
    draft->user = columns_text(row, USER);
    draft->queue = columns_text(row, TYPE);
    draft->outcome = outcome_of_word(columns_text(row, STATE), NULL);
    if (draft->id.length == 0) {
        return columns_refuse(row, JOB_ID, "an id", err);
    }
    return read_times(row, draft, backwards, err) && read_shape(row, draft, err);
}

static bool acme_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    (void)params; /* there are none */
    struct columns row;
    struct job_draft draft;
    uint32_t backwards = 0;
    uint32_t untold = 0;
    if (!columns_open(&row, file, acme_columns, true, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        bool is_backwards = false;
        if (!read_row(&row, &draft, &is_backwards, err) ||
            !workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
        backwards += is_backwards ? 1 : 0;
        untold += draft.duration_us == TIME_UNKNOWN && !is_backwards ? 1 : 0;
    }
    workload_note(out, "types of jobs are queues; times are UTC");
    workload_note(out, "durations are end less start: the table's own count from the submit on "
                       "Kalos and from the start on Seren");
    workload_note(out, "how many nodes a GPU job had is dropped: the placement rule decides");
    workload_note(out, "waiting, gpu_time, shared memory, fail_time and stop_time are dropped");
    if (backwards > 0) {
        workload_note(out, "%u jobs end before they start: no duration", backwards);
    }
    if (untold > 0) {
        workload_note(out, "%u jobs lack a start or an end: no duration", untold);
    }
    return err->code == ERR_NONE;
}

extern const struct trace_format trace_format_acme;
const struct trace_format trace_format_acme = {
    .name = "acme",
    .help = "job tables of the Acme clusters Seren and Kalos",
    .detect = acme_detect,
    .read = acme_read,
};
