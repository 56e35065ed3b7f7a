/*
 * pai_sim.c - inputs of Alibaba's PAI simulator (pai_fmt_*.csv): num_inst instances a job, each
 * with num_gpu GPUs and num_cpu CPUs, of which the simulator keeps hundredths.
 *
 * More than one GPU need not be a whole number there, because it places jobs on one big node on
 * which only sums count: 2.5 becomes a fraction of 2500 milli-GPUs, which fits on divisible nodes.
 * Durations are cut to whole seconds, at least one. Jobs of one submit time come by job id.
 */
#include <inttypes.h>
#include <stddef.h>

#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum pai_column {
    JOB_ID,
    NUM_INST,
    SUBMIT_TIME,
    NUM_CPU,
    NUM_GPU,
    GPU_TYPE,
    DURATION,
    USER,
    USER_DUR,
    GROUP_DUR,
    GROUP_GPU_DUR,
};

static const struct column pai_columns[] = {
    [JOB_ID] = {"job_id", true},
    [NUM_INST] = {"num_inst", true},
    [SUBMIT_TIME] = {"submit_time", true},
    [NUM_CPU] = {"num_cpu", true},
    [NUM_GPU] = {"num_gpu", true},
    [GPU_TYPE] = {"gpu_type", false},
    [DURATION] = {"duration", true},
    [USER] = {"user", false},
    [USER_DUR] = {"user_dur", false},
    [GROUP_DUR] = {"group_dur", false},
    [GROUP_GPU_DUR] = {"group_gpu_dur", false},
    {NULL, false},
};

enum { MODELS_NONE, MODELS_V100, MODELS_ALL };
enum { ESTIMATE_NONE, ESTIMATE_USER, ESTIMATE_GROUP, ESTIMATE_GROUP_GPU };
enum { SECOND_US = 1000000, MINUTE_US = 60 * SECOND_US, MILLI_IN_HUNDREDTH = 10, WHOLE_GPU = 100 };

struct pai_params {
    int64_t per_minute;
    int models;
    int estimate;
};

static const struct param_spec pai_params[] = {
    {.name = "models",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct pai_params, models),
     .dflt = "none",
     .choices = "none|v100|all",
     .help = "which jobs keep to the nodes of their gpu_type"},
    {.name = "estimate",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct pai_params, estimate),
     .dflt = "none",
     .choices = "none|user_dur|group_dur|group_gpu_dur",
     .help = "the column taken as the user's estimate"},
    {.name = "per_minute",
     .type = PARAM_I64,
     .offset = offsetof(struct pai_params, per_minute),
     .dflt = "0",
     .min = 0,
     .max = 1e9,
     .help = "jobs that come together at every full minute, in their order; 0: as the trace says"},
    {0},
};

static const struct number_kind number_instances = {1, true, 1, WORKLOAD_MOST_TASKS,
                                                    "a whole number from 1 to 1048576"};
static const struct number_kind number_hundredths = {100, false, 0, 1 << 24,
                                                     "an amount from 0 to 167772"};

static bool pai_detect(struct view head)
{
    static const char *const names[] = {"job_id",  "num_inst", "submit_time", "num_cpu",
                                        "num_gpu", "duration", NULL};
    return columns_detect(head, names);
}

static bool read_request(const struct columns *row, const struct pai_params *params,
                         struct job_draft *draft, struct err *err)
{
    int64_t instances = 0;
    int64_t gpus = 0;
    int64_t cpus = 0;
    if (!columns_number(row, NUM_INST, &number_instances, &instances, err) ||
        !columns_number(row, NUM_GPU, &number_hundredths, &gpus, err) ||
        !columns_number(row, NUM_CPU, &number_hundredths, &cpus, err)) {
        return false;
    }
    struct task_group *group = &draft->groups[0];
    group->count = (uint32_t)instances;
    group->min_count = (uint32_t)instances;
    group->request.cpu_milli = cpus * MILLI_IN_HUNDREDTH;
    if (gpus == 0) {
        return true;
    }
    if (gpus % WHOLE_GPU == 0) {
        group->request.kind = GPU_WHOLE;
        group->request.gpu_count = (uint32_t)(gpus / WHOLE_GPU);
    } else {
        group->request.kind = GPU_FRACTION;
        group->request.gpu_count = 1;
        group->request.gpu_milli = (uint32_t)(gpus * MILLI_IN_HUNDREDTH);
    }
    struct view type = columns_text(row, GPU_TYPE);
    if (params->models == MODELS_ALL || (params->models == MODELS_V100 && view_is(type, "V100"))) {
        draft->models = type;
    }
    return true;
}

static bool read_times(const struct columns *row, const struct pai_params *params,
                       struct job_draft *draft, struct err *err)
{
    static const enum pai_column estimates[] = {
        [ESTIMATE_USER] = USER_DUR,
        [ESTIMATE_GROUP] = GROUP_DUR,
        [ESTIMATE_GROUP_GPU] = GROUP_GPU_DUR,
    };
    if (!columns_number(row, SUBMIT_TIME, &number_time, &draft->submit_us, err) ||
        !columns_number(row, DURATION, &number_span, &draft->duration_us, err)) {
        return false;
    }
    draft->duration_us -= draft->duration_us % SECOND_US;
    draft->duration_us = draft->duration_us == 0 ? SECOND_US : draft->duration_us;
    return params->estimate == ESTIMATE_NONE ||
           columns_optional(row, estimates[params->estimate], &number_span, &draft->estimate_us,
                            err);
}

typedef VEC(int64_t) key_vec;

static bool read_rows(struct columns *row, const struct pai_params *params, struct workload *out,
                      key_vec *keys, struct err *err)
{
    struct job_draft draft;
    while (columns_next(row, err)) {
        int64_t id = 0;
        job_draft_init(&draft);
        draft.id = columns_text(row, JOB_ID);
        draft.user = columns_text(row, USER);
        if (!columns_number(row, JOB_ID, &number_any, &id, err) ||
            !read_request(row, params, &draft, err) || !read_times(row, params, &draft, err) ||
            !workload_add(out, &draft, columns_line(row), err)) {
            return false;
        }
        vec_push(keys, id);
    }
    return err->code == ERR_NONE;
}

/* The simulator's ARRIVAL setting: the i-th job by (submit time, id) comes at minute i /
 * per_minute.
 */
static void spread_arrivals(struct workload *out, int64_t per_minute)
{
    size_t count = out->jobs.count;
    int64_t *submits = mem_alloc(count, sizeof(*submits));
    for (size_t i = 0; i < count; i++) {
        submits[i] = out->jobs.items[i].submit_us;
    }
    workload_order(out, submits);
    free(submits);
    for (size_t i = 0; i < count; i++) {
        out->jobs.items[i].submit_us = (int64_t)i / per_minute * MINUTE_US;
    }
    workload_note(out, "submit times replaced: %" PRId64 " jobs a minute", per_minute);
}

static bool pai_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    struct columns row;
    key_vec keys = {0};
    bool ok = columns_open(&row, file, pai_columns, true, err) &&
              read_rows(&row, params, out, &keys, err);
    if (ok) {
        const struct pai_params *settings = params;
        workload_order(out, keys.items);
        if (settings->per_minute > 0) {
            spread_arrivals(out, settings->per_minute);
        }
    }
    vec_release(&keys);
    return ok;
}

const struct trace_format trace_format_pai_sim = {
    .name = "pai_sim",
    .help = "inputs of Alibaba's PAI simulator (cluster-trace-gpu-v2020)",
    .params_size = sizeof(struct pai_params),
    .params = pai_params,
    .detect = pai_detect,
    .read = pai_read,
};
