/*
 * pai_sim - job lists of the simulator that came with Alibaba's PAI trace (2020).
 *
 * Header: job_id,num_inst,submit_time,num_cpu,num_gpu,gpu_type,duration,user,user_dur,group_dur,
 * group_gpu_dur. As in that simulator GPUs and CPUs are counted in hundredths, rounded; a duration
 * is cut to whole seconds and is at least one. num_gpu and num_cpu are of one instance. gpu_type
 * names a model for the simulator's heterogeneous mode only, so it is used with types=true alone.
 * The three predictions of the duration are dropped; estimate=NAME takes one as the user's
 * estimate.
 */
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
    [GPU_TYPE] = {"gpu_type", true},
    [DURATION] = {"duration", true},
    [USER] = {"user", true},
    [USER_DUR] = {"user_dur", false},
    [GROUP_DUR] = {"group_dur", false},
    [GROUP_GPU_DUR] = {"group_gpu_dur", false},
    {NULL, false},
};

static const struct number_kind number_hundredths = {100, false, 0, INT64_C(1000000000),
                                                     "an amount from 0 to 10^7"};
static const struct number_kind number_instances = {1, true, 1, 1 << 20,
                                                    "a whole number from 1 to 1048576"};

enum pai_estimate { ESTIMATE_NONE, ESTIMATE_USER, ESTIMATE_GROUP, ESTIMATE_GROUP_GPU };

struct pai_params {
    bool types;
    int estimate; /* enum pai_estimate */
};

static const struct param_spec pai_params[] = {
    {.name = "types",
     .type = PARAM_BOOL,
     .offset = offsetof(struct pai_params, types),
     .dflt = "false",
     .help = "jobs run on GPUs of their type only"},
    {.name = "estimate",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct pai_params, estimate),
     .dflt = "none",
     .choices = "none|user_dur|group_dur|group_gpu_dur",
     .help = "which prediction is taken for the user's estimate"},
    {.name = NULL},
};

static bool pai_detect(struct view head)
{
    static const char *const names[] = {"job_id",  "num_inst", "submit_time", "num_cpu",
                                        "num_gpu", "gpu_type", "duration",    NULL};
    return columns_detect(head, names);
}

/* What one instance asks for: whole GPUs where the amount is whole, else an amount that only a
 * divisible node can give when it is above one GPU. */
static void set_request(struct request *request, int64_t gpu_hundredths, int64_t cpu_hundredths)
{
    request->cpu_milli = cpu_hundredths * 10;
    if (gpu_hundredths == 0) {
        return;
    }
    if (gpu_hundredths % 100 == 0) {
        request->kind = GPU_WHOLE;
        request->gpu_count = (uint32_t)(gpu_hundredths / 100);
        return;
    }
    request->kind = GPU_FRACTION;
    request->gpu_count = 1;
    request->gpu_milli = (uint32_t)(gpu_hundredths * 10);
}

static bool read_estimate(const struct columns *row, int estimate, int64_t *out, struct err *err)
{
    if (estimate == ESTIMATE_NONE) {
        return true;
    }
    return columns_number(row, (uint32_t)(USER_DUR + estimate - ESTIMATE_USER), &number_span, out,
                          err);
}

static bool read_row(const struct columns *row, const struct pai_params *params,
                     struct job_draft *draft, struct err *err)
{
    int64_t instances = 0;
    int64_t gpu_hundredths = 0;
    int64_t cpu_hundredths = 0;
    job_draft_init(draft);
    draft->id = columns_text(row, JOB_ID);
    draft->user = columns_text(row, USER);
    if (params->types) {
        draft->models = columns_text(row, GPU_TYPE);
    }
    if (!columns_number(row, SUBMIT_TIME, &number_time, &draft->submit_us, err) ||
        !columns_number(row, DURATION, &number_span, &draft->duration_us, err) ||
        !columns_number(row, NUM_INST, &number_instances, &instances, err) ||
        !columns_number(row, NUM_GPU, &number_hundredths, &gpu_hundredths, err) ||
        !columns_number(row, NUM_CPU, &number_hundredths, &cpu_hundredths, err) ||
        !read_estimate(row, params->estimate, &draft->estimate_us, err)) {
        return false;
    }
    draft->duration_us -= draft->duration_us % 1000000;
    draft->duration_us = draft->duration_us < 1000000 ? 1000000 : draft->duration_us;
    draft->groups[0].count = (uint32_t)instances;
    draft->groups[0].min_count = (uint32_t)instances;
    set_request(&draft->groups[0].request, gpu_hundredths, cpu_hundredths);
    return true;
}

static bool pai_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    struct columns row;
    struct job_draft draft;
    if (!columns_open(&row, file, pai_columns, false, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        if (!read_row(&row, params, &draft, err) ||
            !workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    workload_note(out, "GPUs and CPUs are rounded to hundredths, durations cut to whole seconds");
    return err->code == ERR_NONE;
}

extern const struct trace_format trace_format_pai_sim;
const struct trace_format trace_format_pai_sim = {
    .name = "pai_sim",
    .help = "job lists of the simulator of Alibaba's PAI trace (2020)",
    .params_size = sizeof(struct pai_params),
    .params = pai_params,
    .detect = pai_detect,
    .read = pai_read,
};
