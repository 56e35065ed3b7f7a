/*
 * native.c - Berth's own CSV (DESIGN 5.1).
 *
 * `gpus`, `cpus` and `memory_mib` are totals of the job. With `tasks` = n each task gets one n-th
 * of them, which has to come out even. What a task's GPUs are:
 *
 *     gpu_memory_mib   so much memory on each of its GPUs (a whole number of them)
 *     mig_profile      so many instances of that profile
 *     gpu_fraction     that share of each GPU, so gpus / gpu_fraction devices; more than one only
 *                      where GPUs are divisible
 *     none of them     whole GPUs, or a share of one when it is less than one
 *
 * Without `tasks`, whole GPUs are a free shape that the placement rule may split over nodes.
 */
#include <stddef.h>

#include "sim/base/parse.h"
#include "sim/workload/columns.h"
#include "sim/workload/outcome.h"
#include "sim/workload/trace_format.h"

enum native_column {
    JOB_ID,
    SUBMIT_S,
    DURATION_S,
    GPUS,
    USER,
    QUEUE,
    TASKS,
    MIN_TASKS,
    GPU_FRACTION_OF_ONE,
    GPU_MEMORY_MIB,
    MIG_PROFILE,
    CPUS,
    MEMORY_MIB,
    GPU_MODEL,
    PRIORITY,
    PREEMPTIBLE,
    ESTIMATE_S,
    CHECKPOINT_S,
    REQUIRED_TOPOLOGY,
    PREFERRED_TOPOLOGY,
    STATUS,
};

static const struct column native_columns[] = {
    [JOB_ID] = {"job_id", true},
    [SUBMIT_S] = {"submit_s", true},
    [DURATION_S] = {"duration_s", true},
    [GPUS] = {"gpus", true},
    [USER] = {"user", false},
    [QUEUE] = {"queue", false},
    [TASKS] = {"tasks", false},
    [MIN_TASKS] = {"min_tasks", false},
    [GPU_FRACTION_OF_ONE] = {"gpu_fraction", false},
    [GPU_MEMORY_MIB] = {"gpu_memory_mib", false},
    [MIG_PROFILE] = {"mig_profile", false},
    [CPUS] = {"cpus", false},
    [MEMORY_MIB] = {"memory_mib", false},
    [GPU_MODEL] = {"gpu_model", false},
    [PRIORITY] = {"priority", false},
    [PREEMPTIBLE] = {"preemptible", false},
    [ESTIMATE_S] = {"estimate_s", false},
    [CHECKPOINT_S] = {"checkpoint_s", false},
    [REQUIRED_TOPOLOGY] = {"required_topology", false},
    [PREFERRED_TOPOLOGY] = {"preferred_topology", false},
    [STATUS] = {"status", false},
    {NULL, false},
};

static const struct number_kind number_tasks = {1, true, 1, WORKLOAD_MOST_TASKS,
                                                "a whole number from 1 to 1048576"};
static const struct number_kind number_share = {1000, false, 1, 1 << 30,
                                                "a share of a GPU, 0.001 or more"};
static const struct number_kind number_positive = {1, true, 1, WORKLOAD_MOST_AMOUNT,
                                                   "a whole number, 1 or more"};

struct native_params {
    bool ignore_unknown;
};

static const struct param_spec native_params[] = {
    {.name = "ignore_unknown",
     .type = PARAM_BOOL,
     .offset = offsetof(struct native_params, ignore_unknown),
     .dflt = "false",
     .help = "pass over columns that are not known"},
    {0},
};

static bool native_detect(struct view head)
{
    static const char *const names[] = {"job_id", "submit_s", "duration_s", "gpus", NULL};
    return columns_detect(head, names);
}

/* "3g.40gb": compute slices of 7 and GB of memory. */
static bool read_mig_profile(const struct columns *row, struct mig_profile *out, struct err *err)
{
    struct view gigabytes = {"", 0};
    struct view slices = view_cut(columns_text(row, MIG_PROFILE), 'g', &gigabytes);
    int64_t compute = 0;
    int64_t memory = 0;
    bool ok =
        gigabytes.length > 3 && gigabytes.at[0] == '.' &&
        memcmp(gigabytes.at + gigabytes.length - 2, "gb", 2) == 0 &&
        parse_i64(slices, &compute) == PARSE_OK && compute >= 1 && compute <= 7 &&
        parse_i64((struct view){gigabytes.at + 1, gigabytes.length - 3}, &memory) == PARSE_OK &&
        memory >= 1 && memory <= 1000;
    if (!ok) {
        return columns_refuse(row, MIG_PROFILE, "a MIG profile like 3g.40gb", err);
    }
    *out = (struct mig_profile){(uint16_t)compute, (uint16_t)memory};
    return true;
}

/* Sets the devices of a task: `milli` divided by what it takes of each. */
static bool set_devices(const struct columns *row, int64_t milli, int64_t milli_each,
                        struct request *request, struct err *err)
{
    if (milli <= 0 || milli % milli_each != 0) {
        return columns_refuse(row, GPUS,
                              milli_each == 1000 ? "a whole number of GPUs a task, at least 1"
                                                 : "a multiple of tasks times gpu_fraction",
                              err);
    }
    int64_t devices = milli / milli_each;
    if (devices > WORKLOAD_MOST_GPUS) {
        return columns_refuse(row, GPUS, "at most 16777216 GPUs a task", err);
    }
    request->gpu_count = (uint32_t)devices;
    return true;
}

/* What one task asks of GPUs, given its part of the total. */
static bool read_gpus(const struct columns *row, int64_t milli, struct request *request,
                      struct err *err)
{
    int kinds = (columns_has(row, GPU_FRACTION_OF_ONE) ? 1 : 0) +
                (columns_has(row, GPU_MEMORY_MIB) ? 1 : 0) +
                (columns_has(row, MIG_PROFILE) ? 1 : 0);
    if (kinds > 1) {
        return err_set(err, ERR_FORMAT, columns_line(row),
                       "only one of gpu_fraction, gpu_memory_mib and mig_profile can be given");
    }
    if (columns_has(row, GPU_FRACTION_OF_ONE)) {
        int64_t share = 0;
        if (!columns_number(row, GPU_FRACTION_OF_ONE, &number_share, &share, err)) {
            return false;
        }
        if (share % 1000 == 0) {
            return columns_refuse(row, GPU_FRACTION_OF_ONE, "no whole number", err);
        }
        request->kind = GPU_FRACTION;
        request->gpu_milli = (uint32_t)share;
        return set_devices(row, milli, share, request, err);
    }
    if (columns_has(row, GPU_MEMORY_MIB)) {
        request->kind = GPU_MEMORY;
        return columns_number(row, GPU_MEMORY_MIB, &number_positive, &request->gpu_memory_mib,
                              err) &&
               set_devices(row, milli, 1000, request, err);
    }
    if (columns_has(row, MIG_PROFILE)) {
        request->kind = GPU_MIG;
        return read_mig_profile(row, &request->mig_profile, err) &&
               set_devices(row, milli, 1000, request, err);
    }
    if (milli == 0) {
        return true;
    }
    if (milli < 1000) {
        request->kind = GPU_FRACTION;
        request->gpu_milli = (uint32_t)milli;
        request->gpu_count = 1;
        return true;
    }
    request->kind = GPU_WHOLE;
    return set_devices(row, milli, 1000, request, err);
}

/* One n-th of the total in a column, in the unit of `kind`; 0 when it is empty. */
static bool read_part(const struct columns *row, enum native_column column,
                      const struct number_kind *kind, int64_t tasks, int64_t *out, struct err *err)
{
    int64_t total = 0;
    if (!columns_optional(row, column, kind, &total, err)) {
        return false;
    }
    if (total % tasks != 0) {
        return columns_refuse(row, column, "an amount that can be dealt evenly to all tasks", err);
    }
    *out = total / tasks;
    return true;
}

static bool read_shape(const struct columns *row, struct job_draft *draft, struct err *err)
{
    int64_t tasks = 1;
    if (!columns_optional(row, TASKS, &number_tasks, &tasks, err)) {
        return false;
    }
    int64_t min_tasks = tasks;
    if (!columns_optional(row, MIN_TASKS, &number_tasks, &min_tasks, err)) {
        return false;
    }
    if (min_tasks > tasks) {
        return columns_refuse(row, MIN_TASKS, "no more than tasks", err);
    }
    struct task_group *group = &draft->groups[0];
    group->count = (uint32_t)tasks;
    group->min_count = (uint32_t)min_tasks;
    int64_t milli = 0;
    if (!columns_number(row, GPUS, &number_gpus, &milli, err)) {
        return false;
    }
    if (milli % tasks != 0) {
        return columns_refuse(row, GPUS, "an amount that can be dealt evenly to all tasks", err);
    }
    if (!read_gpus(row, milli / tasks, &group->request, err) ||
        !read_part(row, CPUS, &number_milli, tasks, &group->request.cpu_milli, err) ||
        !read_part(row, MEMORY_MIB, &number_amount, tasks, &group->request.memory_mib, err)) {
        return false;
    }
    draft->is_free = !columns_has(row, TASKS) && group->request.kind == GPU_WHOLE;
    return true;
}

static bool read_preemptible(const struct columns *row, bool *out, struct err *err)
{
    struct view word = columns_text(row, PREEMPTIBLE);
    bool yes = view_is(word, "true") || view_is(word, "1");
    bool no = view_is(word, "false") || view_is(word, "0");
    if (word.length > 0 && !yes && !no) {
        return columns_refuse(row, PREEMPTIBLE, "true or false", err);
    }
    *out = !no;
    return true;
}

static bool read_status(const struct columns *row, enum job_outcome *out, struct err *err)
{
    bool known = false;
    *out = outcome_of_word(columns_text(row, STATUS), &known);
    return known ||
           columns_refuse(row, STATUS,
                          "completed, failed, cancelled, timeout, node_fail or unfinished", err);
}

static bool read_row(const struct columns *row, struct job_draft *draft, struct err *err)
{
    job_draft_init(draft);
    draft->id = columns_text(row, JOB_ID);
    draft->user = columns_text(row, USER);
    draft->queue = columns_text(row, QUEUE);
    draft->models = columns_text(row, GPU_MODEL);
    draft->required_level = columns_text(row, REQUIRED_TOPOLOGY);
    draft->preferred_level = columns_text(row, PREFERRED_TOPOLOGY);
    if (draft->id.length == 0) {
        return columns_refuse(row, JOB_ID, "an id", err);
    }
    return columns_number(row, SUBMIT_S, &number_time, &draft->submit_us, err) &&
           columns_optional(row, DURATION_S, &number_span, &draft->duration_us, err) &&
           columns_optional(row, ESTIMATE_S, &number_span, &draft->estimate_us, err) &&
           columns_optional(row, CHECKPOINT_S, &number_span, &draft->checkpoint_us, err) &&
           columns_optional(row, PRIORITY, &number_any, &draft->priority, err) &&
           read_preemptible(row, &draft->preemptible, err) &&
           read_status(row, &draft->outcome, err) && read_shape(row, draft, err);
}

static bool native_read(const void *params, struct file *file, struct workload *out,
                        struct err *err)
{
    const struct native_params *settings = params;
    struct columns row;
    struct job_draft draft;
    if (!columns_open(&row, file, native_columns, settings->ignore_unknown, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        if (!read_row(&row, &draft, err) || !workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    return err->code == ERR_NONE;
}

const struct trace_format trace_format_native = {
    .name = "native",
    .help = "Berth's own CSV: job_id,submit_s,duration_s,gpus and optional columns",
    .params_size = sizeof(struct native_params),
    .params = native_params,
    .detect = native_detect,
    .read = native_read,
};
