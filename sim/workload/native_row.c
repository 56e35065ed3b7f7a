/* native_row.c - see native_row.h. */
#include "sim/workload/native_row.h"

#include <math.h>

#include "sim/base/parse.h"
#include "sim/cluster/mig.h"
#include "sim/workload/outcome.h"
#include "sim/workload/work_speeds.h"

const struct column native_columns[NATIVE_COLUMN_COUNT + 1] = {
    [NATIVE_JOB_ID] = {"job_id", true},
    [NATIVE_SUBMIT_S] = {"submit_s", true},
    [NATIVE_DURATION_S] = {"duration_s", true},
    [NATIVE_GPUS] = {"gpus", true},
    [NATIVE_USER] = {"user", false},
    [NATIVE_QUEUE] = {"queue", false},
    [NATIVE_TASKS] = {"tasks", false},
    [NATIVE_MIN_TASKS] = {"min_tasks", false},
    [NATIVE_GPU_FRACTION_OF_ONE] = {"gpu_fraction", false},
    [NATIVE_GPU_MEMORY_MIB] = {"gpu_memory_mib", false},
    [NATIVE_MIG_PROFILE] = {"mig_profile", false},
    [NATIVE_CPUS] = {"cpus", false},
    [NATIVE_MEMORY_MIB] = {"memory_mib", false},
    [NATIVE_GPU_MODEL] = {"gpu_model", false},
    [NATIVE_PRIORITY] = {"priority", false},
    [NATIVE_PREEMPTIBLE] = {"preemptible", false},
    [NATIVE_ESTIMATE_S] = {"estimate_s", false},
    [NATIVE_CHECKPOINT_S] = {"checkpoint_s", false},
    [NATIVE_REQUIRED_TOPOLOGY] = {"required_topology", false},
    [NATIVE_PREFERRED_TOPOLOGY] = {"preferred_topology", false},
    [NATIVE_STATUS] = {"status", false},
    [NATIVE_SPEEDS] = {"speeds", false},
    [NATIVE_WORK_CLASS] = {"work_class", false},
    [NATIVE_COLUMN_COUNT] = {NULL, false},
};

static const struct number_kind number_tasks = {1, true, 1, WORKLOAD_MOST_TASKS,
                                                "a whole number from 1 to 1048576"};
static const struct number_kind number_share = {1000, false, 1, 1 << 30,
                                                "a share of a GPU, 0.001 or more"};
static const struct number_kind number_positive = {1, true, 1, WORKLOAD_MOST_AMOUNT,
                                                   "a whole number, 1 or more"};

static bool read_mig_profile(const struct columns *row, struct mig_profile *out, struct err *err)
{
    return mig_profile_parse(columns_text(row, NATIVE_MIG_PROFILE), out) ||
           columns_refuse(row, NATIVE_MIG_PROFILE, "a MIG profile like 3g.40gb", err);
}

/* Sets the devices of a task: `milli` divided by what it takes of each. */
static bool set_devices(const struct columns *row, int64_t milli, int64_t milli_each,
                        struct request *request, struct err *err)
{
    if (milli <= 0 || milli % milli_each != 0) {
        return columns_refuse(row, NATIVE_GPUS,
                              milli_each == 1000 ? "a whole number of GPUs a task, at least 1"
                                                 : "a multiple of tasks times gpu_fraction",
                              err);
    }
    int64_t devices = milli / milli_each;
    if (devices > WORKLOAD_MOST_GPUS) {
        return columns_refuse(row, NATIVE_GPUS, "at most 16777216 GPUs a task", err);
    }
    request->gpu_count = (uint32_t)devices;
    return true;
}

/* What one task asks of GPUs, given its part of the total. */
static bool read_gpus(const struct columns *row, int64_t milli, struct request *request,
                      struct err *err)
{
    int kinds = (columns_has(row, NATIVE_GPU_FRACTION_OF_ONE) ? 1 : 0) +
                (columns_has(row, NATIVE_GPU_MEMORY_MIB) ? 1 : 0) +
                (columns_has(row, NATIVE_MIG_PROFILE) ? 1 : 0);
    if (kinds > 1) {
        return err_set(err, ERR_FORMAT, columns_line(row),
                       "only one of gpu_fraction, gpu_memory_mib and mig_profile can be given");
    }
    if (columns_has(row, NATIVE_GPU_FRACTION_OF_ONE)) {
        int64_t share = 0;
        if (!columns_number(row, NATIVE_GPU_FRACTION_OF_ONE, &number_share, &share, err)) {
            return false;
        }
        if (share % 1000 == 0) {
            return columns_refuse(row, NATIVE_GPU_FRACTION_OF_ONE, "no whole number", err);
        }
        request->kind = GPU_FRACTION;
        request->gpu_milli = (uint32_t)share;
        return set_devices(row, milli, share, request, err);
    }
    if (columns_has(row, NATIVE_GPU_MEMORY_MIB)) {
        request->kind = GPU_MEMORY;
        return columns_number(row, NATIVE_GPU_MEMORY_MIB, &number_positive,
                              &request->gpu_memory_mib, err) &&
               set_devices(row, milli, 1000, request, err);
    }
    if (columns_has(row, NATIVE_MIG_PROFILE)) {
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
    if (!columns_optional(row, NATIVE_TASKS, &number_tasks, &tasks, err)) {
        return false;
    }
    int64_t min_tasks = tasks;
    if (!columns_optional(row, NATIVE_MIN_TASKS, &number_tasks, &min_tasks, err)) {
        return false;
    }
    if (min_tasks > tasks) {
        return columns_refuse(row, NATIVE_MIN_TASKS, "no more than tasks", err);
    }
    struct task_group *group = &draft->groups[0];
    group->count = (uint32_t)tasks;
    group->min_count = (uint32_t)min_tasks;
    int64_t milli = 0;
    if (!columns_number(row, NATIVE_GPUS, &number_gpus, &milli, err)) {
        return false;
    }
    if (milli % tasks != 0) {
        return columns_refuse(row, NATIVE_GPUS, "an amount that can be dealt evenly to all tasks",
                              err);
    }
    if (!read_gpus(row, milli / tasks, &group->request, err) ||
        !read_part(row, NATIVE_CPUS, &number_milli, tasks, &group->request.cpu_milli, err) ||
        !read_part(row, NATIVE_MEMORY_MIB, &number_amount, tasks, &group->request.memory_mib,
                   err)) {
        return false;
    }
    draft->is_free = !columns_has(row, NATIVE_TASKS) && group->request.kind == GPU_WHOLE;
    return true;
}

static bool read_preemptible(const struct columns *row, bool *out, struct err *err)
{
    struct view word = columns_text(row, NATIVE_PREEMPTIBLE);
    bool yes = view_is(word, "true") || view_is(word, "1");
    bool no = view_is(word, "false") || view_is(word, "0");
    if (word.length > 0 && !yes && !no) {
        return columns_refuse(row, NATIVE_PREEMPTIBLE, "true or false", err);
    }
    *out = !no;
    return true;
}

static bool read_status(const struct columns *row, enum job_outcome *out, struct err *err)
{
    bool known = false;
    *out = outcome_of_word(columns_text(row, NATIVE_STATUS), &known);
    return known ||
           columns_refuse(row, NATIVE_STATUS,
                          "completed, failed, cancelled, timeout, node_fail or unfinished", err);
}

bool native_row_read(const struct columns *row, struct job_draft *draft, struct err *err)
{
    job_draft_init(draft);
    draft->id = columns_text(row, NATIVE_JOB_ID);
    draft->user = columns_text(row, NATIVE_USER);
    draft->queue = columns_text(row, NATIVE_QUEUE);
    draft->models = columns_text(row, NATIVE_GPU_MODEL);
    draft->required_level = columns_text(row, NATIVE_REQUIRED_TOPOLOGY);
    draft->preferred_level = columns_text(row, NATIVE_PREFERRED_TOPOLOGY);
    if (draft->id.length == 0) {
        return columns_refuse(row, NATIVE_JOB_ID, "an id", err);
    }
    return columns_number(row, NATIVE_SUBMIT_S, &number_time, &draft->submit_us, err) &&
           columns_optional(row, NATIVE_DURATION_S, &number_span, &draft->duration_us, err) &&
           columns_optional(row, NATIVE_ESTIMATE_S, &number_span, &draft->estimate_us, err) &&
           columns_optional(row, NATIVE_CHECKPOINT_S, &number_span, &draft->checkpoint_us, err) &&
           columns_optional(row, NATIVE_PRIORITY, &number_any, &draft->priority, err) &&
           read_preemptible(row, &draft->preemptible, err) &&
           read_status(row, &draft->outcome, err) && read_shape(row, draft, err);
}

static bool read_speed(struct view text, double least, double *out)
{
    return parse_f64(text, out) == PARSE_OK && isfinite(*out) && *out >= least;
}

/* The class of the column `speeds`. */
static bool read_speeds(const struct columns *row, struct view text, struct speeds *speeds,
                        struct job_draft *draft, struct err *err)
{
    draft->speed_class = speeds_find(speeds, text);
    if (draft->speed_class != SPEED_NO_CLASS) {
        return true;
    }
    static const char expected[] = "speeds like 8:v100=8|k80=0.5";
    struct view rest = text;
    double per_s = 0;
    if (!read_speed(view_cut(rest, ':', &rest), 1e-12, &per_s)) {
        return columns_refuse(row, NATIVE_SPEEDS, expected, err);
    }
    draft->speed_class = speeds_add(speeds, text, per_s);
    if (draft->speed_class == SPEED_NO_CLASS) {
        return columns_refuse(row, NATIVE_SPEEDS, "at most 65535 different speeds", err);
    }
    while (rest.at != NULL) {
        struct view value = view_cut(rest, '|', &rest);
        struct view model = view_cut(value, '=', &value);
        if (model.length == 0 || value.at == NULL || !read_speed(value, 0, &per_s)) {
            return columns_refuse(row, NATIVE_SPEEDS, expected, err);
        }
        speeds_tell(speeds, model, per_s);
    }
    return true;
}

/* The class of the column `work_class`. */
static bool read_work_class(const struct columns *row, struct view text, struct speeds *speeds,
                            struct job_draft *draft, struct err *err)
{
    static const char *const EXPECTED[] = {
        [WORK_SPEEDS_NO_CLASS] = "training_dense, training_memory_bound, inference or hpc_fp64, "
                                 "perhaps with @MODEL",
        [WORK_SPEEDS_NO_MODEL] = "behind @ a GPU of the catalogue that can do this work",
        [WORK_SPEEDS_TOO_MANY] = "at most 65535 different speeds",
    };
    enum work_speeds_result result = work_speeds_class(speeds, text, &draft->speed_class);
    return result == WORK_SPEEDS_OK ||
           columns_refuse(row, NATIVE_WORK_CLASS, EXPECTED[result], err);
}

bool native_row_speeds(const struct columns *row, struct speeds *speeds, struct job_draft *draft,
                       struct text *models, struct err *err)
{
    struct view text = columns_text(row, NATIVE_SPEEDS);
    struct view work = columns_text(row, NATIVE_WORK_CLASS);
    if (text.length == 0 && work.length == 0) {
        return true;
    }
    draft->speeds = speeds;
    if (!(text.length > 0 ? read_speeds(row, text, speeds, draft, err)
                          : read_work_class(row, work, speeds, draft, err))) {
        return false;
    }
    text_clear(models);
    if (!speeds_suit(speeds, draft->speed_class, draft->models, models)) {
        if (models->length == 0) {
            return columns_refuse(row, text.length > 0 ? NATIVE_SPEEDS : NATIVE_WORK_CLASS,
                                  "a model on which the job can work", err);
        }
        draft->models = (struct view){models->bytes, models->length};
    }
    return true;
}
