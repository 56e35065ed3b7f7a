/* native_write.c - see native_write.h; native_row.h says what the columns mean. */
#include "sim/workload/native_write.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/workload/outcome.h"

enum column_number {
    USER,
    QUEUE,
    TASKS,
    MIN_TASKS,
    FRACTION,
    MEMORY_OF_GPU,
    MIG_PROFILE,
    CPUS,
    MEMORY,
    MODEL,
    PRIORITY,
    PREEMPTIBLE,
    ESTIMATE,
    CHECKPOINT,
    REQUIRED,
    PREFERRED,
    STATUS,
    SPEEDS,
    COLUMN_COUNT,
};

static const char *const column_names[COLUMN_COUNT] = {
    "user",
    "queue",
    "tasks",
    "min_tasks",
    "gpu_fraction",
    "gpu_memory_mib",
    "mig_profile",
    "cpus",
    "memory_mib",
    "gpu_model",
    "priority",
    "preemptible",
    "estimate_s",
    "checkpoint_s",
    "required_topology",
    "preferred_topology",
    "status",
    "speeds",
};

/* A job with its shape and its one task group. */
struct row {
    const struct workload *workload;
    const struct job *job;
    const struct shape *shape;
    const struct task_group *group;
};

static struct row row_of(const struct workload *workload, size_t number)
{
    const struct job *job = &workload->jobs.items[number];
    const struct shape *shape = &workload->shapes.items[job->shape];
    const struct task_group *group = &workload->groups.items[shape->first_group];
    return (struct row){workload, job, shape, group};
}

/* Whole GPUs without a number of tasks would be read as a free shape. */
static bool needs_tasks(const struct row *row)
{
    return row->group->count > 1 || (row->group->request.kind == GPU_WHOLE && !row->shape->is_free);
}

static bool name_is_empty(const struct names *names, uint32_t number)
{
    return number == NAMES_NONE || names_get(names, number)[0] == '\0';
}

static bool is_needed(const struct row *row, enum column_number column)
{
    const struct workload *workload = row->workload;
    const struct request *request = &row->group->request;
    switch (column) {
    case USER:
        return !name_is_empty(&workload->users, row->job->user);
    case QUEUE:
        return !name_is_empty(&workload->queues, row->job->queue);
    case TASKS:
        return needs_tasks(row);
    case MIN_TASKS:
        return row->group->min_count != row->group->count;
    case FRACTION:
        return request->kind == GPU_FRACTION;
    case MEMORY_OF_GPU:
        return request->kind == GPU_MEMORY;
    case MIG_PROFILE:
        return request->kind == GPU_MIG;
    case CPUS:
        return request->cpu_milli > 0;
    case MEMORY:
        return request->memory_mib > 0;
    case MODEL:
        return row->shape->models != NAMES_NONE;
    case PRIORITY:
        return row->job->priority != 0;
    case PREEMPTIBLE:
        return !row->job->preemptible;
    case ESTIMATE:
        return row->job->estimate_us != TIME_UNKNOWN;
    case CHECKPOINT:
        return row->job->checkpoint_us != TIME_UNKNOWN;
    case REQUIRED:
        return row->shape->required_level != NAMES_NONE;
    case PREFERRED:
        return row->shape->preferred_level != NAMES_NONE;
    case STATUS:
        return row->job->outcome != OUTCOME_UNKNOWN;
    case SPEEDS:
        return row->job->speed_class != SPEED_NO_CLASS;
    case COLUMN_COUNT:
        break;
    }
    return false;
}

/* With as many digits as it needs to be read back as it is. */
static void add_speed(struct text *text, double per_s)
{
    char digits[32];
    (void)snprintf(digits, sizeof(digits), "%.15g", per_s);
    double read = strtod(digits, NULL);
    bool same = !(read < per_s) && !(read > per_s);
    text_addf(text, same ? "%.15g" : "%.17g", per_s);
}

static void add_speeds(struct text *text, const struct speeds *speeds, uint32_t class_number)
{
    struct text value = {0};
    const struct speed_class *told = &speeds->by_class.items[class_number - 1];
    add_speed(&value, told->reference_per_s);
    for (uint32_t i = 0; i < told->count; i++) {
        const struct speed *speed = &speeds->list.items[told->first + i];
        text_add_char(&value, i == 0 ? ':' : '|');
        text_addf(&value, "%s=", names_get(&speeds->models, speed->model));
        add_speed(&value, speed->per_s);
    }
    text_add_csv(text, value.bytes);
    text_release(&value);
}

static void add_value(struct text *text, const struct row *row, enum column_number column)
{
    const struct workload *workload = row->workload;
    const struct request *request = &row->group->request;
    switch (column) {
    case USER:
        text_add_csv(text, names_get(&workload->users, row->job->user));
        break;
    case QUEUE:
        text_add_csv(text, names_get(&workload->queues, row->job->queue));
        break;
    case TASKS:
        text_add_i64(text, row->group->count);
        break;
    case MIN_TASKS:
        text_add_i64(text, row->group->min_count);
        break;
    case FRACTION:
        text_add_milli(text, request->gpu_milli);
        break;
    case MEMORY_OF_GPU:
        text_add_i64(text, request->gpu_memory_mib);
        break;
    case MIG_PROFILE:
        text_addf(text, "%ug.%ugb", (unsigned)request->mig_profile.compute_slices,
                  (unsigned)request->mig_profile.memory_gb);
        break;
    case CPUS:
        text_add_milli(text, request->cpu_milli * row->group->count);
        break;
    case MEMORY:
        text_add_i64(text, request->memory_mib * row->group->count);
        break;
    case MODEL:
        text_add_csv(text, names_get(&workload->models, row->shape->models));
        break;
    case PRIORITY:
        text_add_i64(text, row->job->priority);
        break;
    case PREEMPTIBLE:
        text_add(text, "false");
        break;
    case ESTIMATE:
        text_add_seconds(text, row->job->estimate_us);
        break;
    case CHECKPOINT:
        text_add_seconds(text, row->job->checkpoint_us);
        break;
    case REQUIRED:
        text_add_csv(text, names_get(&workload->levels, row->shape->required_level));
        break;
    case PREFERRED:
        text_add_csv(text, names_get(&workload->levels, row->shape->preferred_level));
        break;
    case STATUS:
        text_add(text, outcome_word((enum job_outcome)row->job->outcome));
        break;
    case SPEEDS:
        add_speeds(text, &workload->speeds, row->job->speed_class);
        break;
    case COLUMN_COUNT:
        break;
    }
}

/* The job's total: GPUs of all tasks, or the part of them that a fraction takes. */
static int64_t total_milli(const struct row *row)
{
    const struct request *request = &row->group->request;
    int64_t milli_each = request->kind == GPU_FRACTION ? request->gpu_milli : 1000;
    return request->kind == GPU_NONE ? 0
                                     : milli_each * request->gpu_count * (int64_t)row->group->count;
}

static void add_row(struct text *text, const struct row *row, uint32_t used)
{
    text_add_csv(text, names_get(&row->workload->ids, row->job->id));
    text_add_char(text, ',');
    text_add_seconds(text, row->workload->epoch_us + row->job->submit_us);
    text_add_char(text, ',');
    if (row->job->duration_us != TIME_UNKNOWN) {
        text_add_seconds(text, row->job->duration_us);
    }
    text_add_char(text, ',');
    text_add_milli(text, total_milli(row));
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        if ((used >> i & 1) != 0) {
            text_add_char(text, ',');
            if (is_needed(row, (enum column_number)i)) {
                add_value(text, row, (enum column_number)i);
            }
        }
    }
    text_add_char(text, '\n');
}

bool native_used_columns(const struct workload *workload, uint32_t *out, struct err *err)
{
    uint32_t used = 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        struct row row = row_of(workload, i);
        if (row.shape->group_count != 1) {
            return err_set(err, ERR_FORMAT, 0,
                           "job '%.60s' has %u task groups, but the native CSV holds one a job",
                           workload_job_id(workload, (uint32_t)i), row.shape->group_count);
        }
        for (unsigned k = 0; k < COLUMN_COUNT; k++) {
            used |= is_needed(&row, (enum column_number)k) ? 1U << k : 0;
        }
    }
    *out = used;
    return true;
}

void native_write_header(struct text *text, uint32_t columns)
{
    text_add(text, "job_id,submit_s,duration_s,gpus");
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        if ((columns >> i & 1) != 0) {
            text_add_char(text, ',');
            text_add(text, column_names[i]);
        }
    }
    text_add_char(text, '\n');
}

void native_write_rows(struct text *text, const struct workload *workload, uint32_t columns)
{
    for (size_t i = 0; i < workload->jobs.count; i++) {
        struct row row = row_of(workload, i);
        add_row(text, &row, columns);
    }
}

bool native_write(struct text *text, const struct workload *workload, struct err *err)
{
    uint32_t columns = 0;
    if (!native_used_columns(workload, &columns, err)) {
        return false;
    }
    native_write_header(text, columns);
    native_write_rows(text, workload, columns);
    return true;
}

void native_write_first(struct out_file *out, const struct workload *workload, size_t count,
                        uint32_t columns)
{
    for (size_t i = 0; i < count; i++) {
        struct row row = row_of(workload, i);
        add_row(&out->text, &row, columns);
        out_file_flush_if_large(out);
    }
}

bool native_write_file(struct out_file *out, const struct workload *workload, struct err *err)
{
    uint32_t columns = 0;
    if (!native_used_columns(workload, &columns, err)) {
        return false;
    }
    native_write_header(&out->text, columns);
    native_write_first(out, workload, workload->jobs.count, columns);
    return true;
}
