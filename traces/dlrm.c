/*
 * dlrm - Alibaba's trace of GPU-disaggregated recommendation models (2025).
 *
 * Header: instance_sn,role,app_name,cpu_request,cpu_limit,gpu_request,gpu_limit,rdma_request,
 * rdma_limit,memory_request,memory_limit,disk_request,disk_limit,max_instance_per_node,
 * creation_time,scheduled_time,deletion_time. An instance is a job of one task; its role (CN
 * without GPU, HN with one) is taken as the queue, its application as the user. Times are seconds
 * from the start of the trace. An instance without creation_time was there before, one without
 * deletion_time is alive at the end.
 *
 * lifetime=told: an instance runs from scheduled_time to deletion_time, and one that lacks either
 * has an unknown duration. lifetime=window: what lies outside the trace is cut off, so that every
 * instance runs within it; its end is the last time of the file.
 */
#include <stddef.h>

#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum dlrm_column {
    INSTANCE,
    ROLE,
    APP,
    CPU,
    GPU,
    MEMORY,
    CREATION_TIME,
    SCHEDULED_TIME,
    DELETION_TIME,
};

static const struct column dlrm_columns[] = {
    [INSTANCE] = {"instance_sn", true},
    [ROLE] = {"role", true},
    [APP] = {"app_name", true},
    [CPU] = {"cpu_request", true},
    [GPU] = {"gpu_request", true},
    [MEMORY] = {"memory_request", true},
    [CREATION_TIME] = {"creation_time", true},
    [SCHEDULED_TIME] = {"scheduled_time", true},
    [DELETION_TIME] = {"deletion_time", true},
    {NULL, false},
};

static const struct number_kind number_instance_gpus = {1, true, 0, NODE_MOST_GPUS,
                                                        "a whole number from 0 to 64"};

/* Thousandths of a GiB. */
static const struct number_kind number_gib = {1000, false, 0, (int64_t)1 << 33, "GiB, 0 or more"};

enum lifetime { LIFETIME_TOLD, LIFETIME_WINDOW };

struct dlrm_params {
    int lifetime; /* enum lifetime */
};

static const struct param_spec dlrm_params[] = {
    {.name = "lifetime",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct dlrm_params, lifetime),
     .dflt = "told",
     .choices = "told|window",
     .help = "told: durations that the trace tells; window: all, cut off at its ends"},
    {.name = NULL},
};

/* Jobs that are alive at the end, which is known after the last row only. */
struct alive {
    uint32_t job;
    int64_t from_us;
};

struct reading {
    struct columns row;
    int lifetime;
    int64_t end_us;  /* the last time of the file */
    int64_t from_us; /* when the instance of the row began, as far as is known */
    uint32_t there_before;
    VEC(struct alive) alive;
};

static bool dlrm_detect(struct view head)
{
    static const char *const names[] = {"instance_sn", "role",          "app_name",
                                        "gpu_request", "creation_time", NULL};
    return columns_detect(head, names);
}

static bool read_request(const struct columns *row, struct request *request, struct err *err)
{
    int64_t gpus = 0;
    int64_t gib_milli = 0;
    if (!columns_number(row, CPU, &number_milli, &request->cpu_milli, err) ||
        !columns_number(row, GPU, &number_instance_gpus, &gpus, err) ||
        !columns_number(row, MEMORY, &number_gib, &gib_milli, err)) {
        return false;
    }
    request->memory_mib = (gib_milli * 1024 + 500) / 1000;
    request->gpu_count = (uint32_t)gpus;
    request->kind = gpus > 0 ? GPU_WHOLE : GPU_NONE;
    return true;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Sets the submit time and, when both ends are known, the duration. */
static bool read_times(struct reading *reading, struct job_draft *draft, struct err *err)
{
    const struct columns *row = &reading->row;
    int64_t created_us = TIME_UNKNOWN;
    int64_t scheduled_us = TIME_UNKNOWN;
    int64_t deleted_us = TIME_UNKNOWN;
    if (!columns_optional(row, CREATION_TIME, &number_span, &created_us, err) ||
        !columns_optional(row, SCHEDULED_TIME, &number_span, &scheduled_us, err) ||
        !columns_optional(row, DELETION_TIME, &number_span, &deleted_us, err)) {
        return false;
    }
    draft->submit_us = later(created_us, 0);
    reading->there_before += created_us == TIME_UNKNOWN ? 1 : 0;
    reading->end_us = later(reading->end_us, later(scheduled_us, later(deleted_us, created_us)));
    reading->from_us = later(scheduled_us, draft->submit_us);
    if (deleted_us == TIME_UNKNOWN) {
        draft->outcome = OUTCOME_UNFINISHED;
        return true;
    }
    if (deleted_us < reading->from_us) {
        return columns_refuse(row, DELETION_TIME, "a time not before the instance began", err);
    }
    if (scheduled_us != TIME_UNKNOWN || reading->lifetime == LIFETIME_WINDOW) {
        draft->duration_us = deleted_us - reading->from_us;
    }
    return true;
}

static bool add_row(struct reading *reading, struct workload *out, struct err *err)
{
    const struct columns *row = &reading->row;
    struct job_draft draft;
    job_draft_init(&draft);
    draft.id = columns_text(row, INSTANCE);
    draft.queue = columns_text(row, ROLE);
    draft.user = columns_text(row, APP);
    if (draft.id.length == 0) {
        return columns_refuse(row, INSTANCE, "the name of the instance", err);
    }
    if (!read_times(reading, &draft, err) || !read_request(row, &draft.groups[0].request, err) ||
        !workload_add(out, &draft, columns_line(row), err)) {
        return false;
    }
    if (draft.outcome == OUTCOME_UNFINISHED) {
        struct alive alive = {(uint32_t)out->jobs.count - 1, reading->from_us};
        vec_push(&reading->alive, alive);
    }
    return true;
}

static bool dlrm_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    const struct dlrm_params *settings = params;
    struct reading reading = {.lifetime = settings->lifetime};
    bool ok = columns_open(&reading.row, file, dlrm_columns, true, err);
    while (ok && columns_next(&reading.row, err)) {
        ok = add_row(&reading, out, err);
    }
    ok = ok && err->code == ERR_NONE;
    bool window = settings->lifetime == LIFETIME_WINDOW;
    for (size_t i = 0; ok && window && i < reading.alive.count; i++) {
        const struct alive *alive = &reading.alive.items[i];
        out->jobs.items[alive->job].duration_us = reading.end_us - alive->from_us;
    }
    workload_note(out, "%u instances were there before the trace and are submitted at its start",
                  reading.there_before);
    workload_note(out, "%u instances are alive at the end of the trace",
                  (uint32_t)reading.alive.count);
    workload_note(out, "durations of both are %s",
                  window ? "cut off at the ends of the trace" : "unknown (lifetime=told)");
    workload_note(out, "limits, RDMA, disk and instances per node are dropped");
    vec_release(&reading.alive);
    return ok;
}

extern const struct trace_format trace_format_dlrm;
const struct trace_format trace_format_dlrm = {
    .name = "dlrm",
    .help = "Alibaba's trace of disaggregated recommendation models (2025)",
    .params_size = sizeof(struct dlrm_params),
    .params = dlrm_params,
    .detect = dlrm_detect,
    .read = dlrm_read,
};
