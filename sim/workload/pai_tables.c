/* pai_tables.c - see pai_tables.h. */
#include "sim/workload/pai_tables.h"

#include "sim/base/check.h"
#include "sim/base/csv.h"
#include "sim/base/parse.h"
#include "sim/workload/columns.h"

enum { JOB_NAME, JOB_INST_ID, JOB_USER, JOB_STATUS, JOB_START, JOB_END, JOB_FIELDS };
enum {
    TASK_JOB_NAME,
    TASK_NAME,
    TASK_INSTANCES,
    TASK_STATUS,
    TASK_START,
    TASK_END,
    TASK_CPU,
    TASK_MEMORY,
    TASK_GPU,
    TASK_GPU_TYPE,
    TASK_FIELDS,
};
enum { INSTANCE_STATUS = 5, INSTANCE_START, INSTANCE_END, INSTANCE_MACHINE, INSTANCE_FIELDS };
enum { MACHINE, MACHINE_MODEL, MACHINE_CPU, MACHINE_MEMORY, MACHINE_GPU, MACHINE_FIELDS };
enum { MILLI_IN_PERCENT = 10, WHOLE = 100, MIB_IN_GB = 1024 };

static const char *const job_fields[] = {"job_name", "inst_id",    "user",
                                         "status",   "start_time", "end_time"};
static const char *const task_fields[] = {"job_name",   "task_name", "inst_num", "status",
                                          "start_time", "end_time",  "plan_cpu", "plan_mem",
                                          "plan_gpu",   "gpu_type"};
static const char *const instance_fields[] = {"job_name",    "task_name", "inst_name",
                                              "worker_name", "inst_id",   "status",
                                              "start_time",  "end_time",  "machine"};
static const char *const machine_fields[] = {"machine", "gpu_type", "cap_cpu", "cap_mem",
                                             "cap_gpu"};

/* Percent of a CPU or GPU, in whole per cents; memory in MiB. */
static const struct number_kind number_percent = {1, false, 0, (int64_t)WORKLOAD_MOST_GPUS *WHOLE,
                                                  "per cent, 0 or more"};
static const struct number_kind number_gpu_percent = {1, false, 0, 1 << 24, "per cent, 0 or more"};
static const struct number_kind number_milli_gb = {1000, false, 0, WORKLOAD_MOST_AMOUNT / 2,
                                                   "GB, 0 or more"};
static const struct number_kind number_instances = {1, true, 0, WORKLOAD_MOST_TASKS,
                                                    "a whole number from 0 to 1048576"};
static const struct number_kind number_node_gpus = {1, true, 0, NODE_MOST_GPUS,
                                                    "a whole number from 0 to 64"};

void pai_tables_init(struct pai_tables *tables)
{
    *tables = (struct pai_tables){0};
}

void pai_tables_release(struct pai_tables *tables)
{
    names_release(&tables->job_names);
    names_release(&tables->users);
    names_release(&tables->models);
    vec_release(&tables->jobs);
    vec_release(&tables->tasks);
    *tables = (struct pai_tables){0};
}

/* -- rows ------------------------------------------------------------------------------------ */

struct rows {
    struct csv csv;
    const char *const *names;
    uint32_t count;
};

static bool next_row(struct rows *rows, struct err *err)
{
    bool is_header = true;
    while (is_header) {
        if (!csv_next(&rows->csv, err)) {
            return false;
        }
        /* Only a first line can be one: the names of jobs are hashes. */
        is_header = rows->csv.line == 1 && view_is(rows->csv.fields[0], rows->names[0]);
    }
    if (rows->csv.count != rows->count) {
        return err_set(err, ERR_FORMAT, rows->csv.line, "found %u fields, expected %u: %s to %s",
                       rows->csv.count, rows->count, rows->names[0], rows->names[rows->count - 1]);
    }
    for (uint32_t i = 0; i < rows->count; i++) {
        rows->csv.fields[i] = view_trim(rows->csv.fields[i]);
    }
    return true;
}

/* A number; an empty field leaves *out as it is. */
static bool number(const struct rows *rows, uint32_t field, const struct number_kind *kind,
                   int64_t *out, struct err *err)
{
    struct view found = rows->csv.fields[field];
    int64_t value = 0;
    if (found.length == 0) {
        return true;
    }
    enum parse_result result =
        kind->whole ? parse_i64(found, &value) : parse_scaled(found, kind->scale, &value);
    if (result != PARSE_OK || value < kind->min || value > kind->max) {
        return err_set(err, ERR_FORMAT, rows->csv.line, "%s is '%.*s', expected %s",
                       rows->names[field], VIEW_ARG(found), kind->expected);
    }
    *out = value;
    return true;
}

/* -- which table ----------------------------------------------------------------------------- */

static bool is_status(struct view v)
{
    return view_is(v, "Terminated") || view_is(v, "Failed") || view_is(v, "Running") ||
           view_is(v, "Waiting");
}

static bool is_number_or_empty(struct view v)
{
    double value = 0;
    return v.length == 0 || parse_f64(v, &value) == PARSE_OK;
}

enum pai_table pai_detect_table(struct view head)
{
    struct view rest = head;
    struct view fields[TASK_FIELDS];
    uint32_t count = 0;
    for (int line = 0; line < 2; line++) {
        struct view left = view_trim(view_cut(rest, '\n', &rest));
        for (count = 0; left.at != NULL && count < TASK_FIELDS; count++) {
            fields[count] = view_trim(view_cut(left, ',', &left));
        }
        if (left.at != NULL || count < MACHINE_FIELDS) {
            return PAI_UNKNOWN;
        }
        bool is_header = view_is(fields[count - 1], job_fields[JOB_END]) ||
                         view_is(fields[count - 1], task_fields[TASK_GPU_TYPE]) ||
                         view_is(fields[count - 1], machine_fields[MACHINE_GPU]) ||
                         view_is(fields[count - 1], machine_fields[MACHINE]);
        if (!is_header) {
            break;
        }
    }
    if (count == JOB_FIELDS && is_status(fields[JOB_STATUS]) &&
        is_number_or_empty(fields[JOB_START]) && is_number_or_empty(fields[JOB_END])) {
        return PAI_JOBS;
    }
    if (count == TASK_FIELDS && is_status(fields[TASK_STATUS]) &&
        is_number_or_empty(fields[TASK_INSTANCES]) && is_number_or_empty(fields[TASK_GPU])) {
        return PAI_TASKS;
    }
    if (count == INSTANCE_FIELDS && is_status(fields[INSTANCE_STATUS]) &&
        is_number_or_empty(fields[INSTANCE_START]) && is_number_or_empty(fields[INSTANCE_END])) {
        return PAI_INSTANCES;
    }
    if (count == MACHINE_FIELDS && fields[MACHINE_GPU].length > 0 && fields[MACHINE].length > 0 &&
        fields[MACHINE_MODEL].length > 0 && !is_number_or_empty(fields[MACHINE_MODEL]) &&
        is_number_or_empty(fields[MACHINE_CPU]) && is_number_or_empty(fields[MACHINE_MEMORY]) &&
        is_number_or_empty(fields[MACHINE_GPU])) {
        return PAI_MACHINES;
    }
    return PAI_UNKNOWN;
}

/* -- jobs and tasks -------------------------------------------------------------------------- */

static struct pai_job *job_of_row(struct pai_tables *tables, const struct rows *rows,
                                  struct err *err)
{
    struct view name = rows->csv.fields[0];
    bool is_new = false;
    if (name.length == 0) {
        (void)err_set(err, ERR_FORMAT, rows->csv.line, "job_name is empty, expected a name");
        return NULL;
    }
    uint32_t job_number = names_add(&tables->job_names, name, &is_new);
    if (is_new) {
        struct pai_job job = {.submit_us = TIME_UNKNOWN,
                              .first_start_us = TIME_UNKNOWN,
                              .last_end_us = TIME_UNKNOWN,
                              .line = rows->csv.line,
                              .user = NAMES_NONE,
                              .model = NAMES_NONE,
                              .first_task = PAI_NONE,
                              .last_task = PAI_NONE};
        vec_push(&tables->jobs, job);
    }
    return &tables->jobs.items[job_number];
}

static enum job_outcome outcome_of(struct view status)
{
    if (view_is(status, "Terminated")) {
        return OUTCOME_COMPLETED;
    }
    if (view_is(status, "Failed")) {
        return OUTCOME_FAILED;
    }
    return view_is(status, "Running") || view_is(status, "Waiting") ? OUTCOME_UNFINISHED
                                                                    : OUTCOME_UNKNOWN;
}

static bool read_job(struct pai_tables *tables, const struct rows *rows, struct err *err)
{
    struct pai_job *job = job_of_row(tables, rows, err);
    if (job == NULL) {
        return false;
    }
    if (job->is_listed) {
        return err_set(err, ERR_FORMAT, rows->csv.line,
                       "job_name '%.*s' was there before, expected another",
                       VIEW_ARG(rows->csv.fields[JOB_NAME]));
    }
    job->is_listed = true;
    job->outcome = outcome_of(rows->csv.fields[JOB_STATUS]);
    if (rows->csv.fields[JOB_USER].length > 0) {
        job->user = names_add(&tables->users, rows->csv.fields[JOB_USER], NULL);
    }
    return number(rows, JOB_START, &number_time, &job->submit_us, err);
}

/* What one instance of the task asks for. */
static bool read_request(const struct rows *rows, struct request *request, struct err *err)
{
    int64_t cpu_percent = 0;
    int64_t memory_milli_gb = 0;
    int64_t gpu_percent = 0;
    if (!number(rows, TASK_CPU, &number_percent, &cpu_percent, err) ||
        !number(rows, TASK_MEMORY, &number_milli_gb, &memory_milli_gb, err) ||
        !number(rows, TASK_GPU, &number_gpu_percent, &gpu_percent, err)) {
        return false;
    }
    request->cpu_milli = cpu_percent * MILLI_IN_PERCENT;
    request->memory_mib =
        memory_milli_gb / 1000 * MIB_IN_GB + memory_milli_gb % 1000 * MIB_IN_GB / 1000;
    if (gpu_percent > 0 && gpu_percent % WHOLE == 0) {
        request->kind = GPU_WHOLE;
        request->gpu_count = (uint32_t)(gpu_percent / WHOLE);
    } else if (gpu_percent > 0) {
        request->kind = GPU_FRACTION;
        request->gpu_count = 1;
        request->gpu_milli = (uint32_t)(gpu_percent * MILLI_IN_PERCENT);
    }
    return true;
}

/* The times of a task or an instance, in this field and the next. */
static bool read_times(const struct rows *rows, uint32_t start_field, struct pai_job *job,
                       struct err *err)
{
    int64_t start_us = TIME_UNKNOWN;
    int64_t end_us = TIME_UNKNOWN;
    if (!number(rows, start_field, &number_time, &start_us, err) ||
        !number(rows, start_field + 1, &number_time, &end_us, err)) {
        return false;
    }
    job->has_open_task = job->has_open_task || start_us == TIME_UNKNOWN || end_us == TIME_UNKNOWN;
    if (start_us != TIME_UNKNOWN &&
        (job->first_start_us == TIME_UNKNOWN || start_us < job->first_start_us)) {
        job->first_start_us = start_us;
    }
    if (end_us != TIME_UNKNOWN && (job->last_end_us == TIME_UNKNOWN || end_us > job->last_end_us)) {
        job->last_end_us = end_us;
    }
    return true;
}

/* Worse outcomes of later tasks win while the job table does not tell. */
static void add_outcome(struct pai_job *job, enum job_outcome outcome)
{
    if (job->is_listed) {
        return;
    }
    bool is_worse = outcome == OUTCOME_FAILED ||
                    (outcome == OUTCOME_UNFINISHED && job->outcome != OUTCOME_FAILED);
    if (job->outcome == OUTCOME_UNKNOWN || is_worse) {
        job->outcome = outcome;
    }
}

static bool read_task(struct pai_tables *tables, const struct rows *rows, struct err *err)
{
    struct pai_task task = {.next = PAI_NONE};
    int64_t instances = 0;
    struct pai_job *job = job_of_row(tables, rows, err);
    if (job == NULL || !number(rows, TASK_INSTANCES, &number_instances, &instances, err) ||
        !read_request(rows, &task.group.request, err) || !read_times(rows, TASK_START, job, err)) {
        return false;
    }
    if (instances == 0) {
        tables->empty_tasks++;
        return true;
    }
    task.group.count = (uint32_t)instances;
    task.group.min_count = task.group.count;
    add_outcome(job, outcome_of(rows->csv.fields[TASK_STATUS]));
    if (job->model == NAMES_NONE && task.group.request.kind != GPU_NONE &&
        rows->csv.fields[TASK_GPU_TYPE].length > 0) {
        job->model = names_add(&tables->models, rows->csv.fields[TASK_GPU_TYPE], NULL);
    }
    uint32_t at = (uint32_t)tables->tasks.count;
    vec_push(&tables->tasks, task);
    if (job->last_task == PAI_NONE) {
        job->first_task = at;
    } else {
        tables->tasks.items[job->last_task].next = at;
    }
    job->last_task = at;
    return true;
}

/* The first instance of a job makes what its tasks told of times forgotten. */
static bool read_instance(struct pai_tables *tables, const struct rows *rows, struct err *err)
{
    uint32_t number = names_find(&tables->job_names, rows->csv.fields[0]);
    if (number == NAMES_NONE || tables->jobs.items[number].first_task == PAI_NONE) {
        tables->strange_instances++;
        return true;
    }
    struct pai_job *job = &tables->jobs.items[number];
    if (!job->has_instances) {
        job->has_instances = true;
        job->has_open_task = false;
        job->first_start_us = TIME_UNKNOWN;
        job->last_end_us = TIME_UNKNOWN;
    }
    return read_times(rows, INSTANCE_START, job, err);
}

bool pai_read_table(struct pai_tables *tables, enum pai_table table, struct file *file,
                    struct err *err)
{
    static const struct {
        const char *const *names;
        uint32_t count;
        bool (*read)(struct pai_tables *tables, const struct rows *rows, struct err *err);
    } kinds[] = {
        [PAI_JOBS] = {job_fields, JOB_FIELDS, read_job},
        [PAI_TASKS] = {task_fields, TASK_FIELDS, read_task},
        [PAI_INSTANCES] = {instance_fields, INSTANCE_FIELDS, read_instance},
    };
    CHECK(table == PAI_JOBS || table == PAI_TASKS || table == PAI_INSTANCES);
    struct rows rows = {.names = kinds[table].names, .count = kinds[table].count};
    csv_init(&rows.csv, file->bytes, file->length, ',');
    tables->has_jobs = tables->has_jobs || table == PAI_JOBS;
    tables->has_tasks = tables->has_tasks || table == PAI_TASKS;
    tables->has_instances = tables->has_instances || table == PAI_INSTANCES;
    while (next_row(&rows, err)) {
        if (!kinds[table].read(tables, &rows, err)) {
            return false;
        }
    }
    return err->code == ERR_NONE;
}

/* -- machines -------------------------------------------------------------------------------- */

static bool add_machine(const struct rows *rows, struct cluster *out, struct err *err)
{
    struct pool pool = {.node_count = 1, .model = NAMES_NONE};
    struct node_draft node = {0};
    int64_t gigabytes = 0;
    int64_t gpus = 0;
    struct view name = rows->csv.fields[MACHINE];
    struct view model = rows->csv.fields[MACHINE_MODEL];
    if (!number(rows, MACHINE_CPU, &number_milli, &pool.cpu_milli, err) ||
        !number(rows, MACHINE_MEMORY, &number_count, &gigabytes, err) ||
        !number(rows, MACHINE_GPU, &number_node_gpus, &gpus, err)) {
        return false;
    }
    if (name.length == 0 || model.length == 0) {
        return err_set(err, ERR_FORMAT, rows->csv.line, "%s is empty, expected a name",
                       machine_fields[name.length == 0 ? MACHINE : MACHINE_MODEL]);
    }
    pool.gpu_count = (uint32_t)gpus;
    pool.memory_mib = gigabytes * MIB_IN_GB;
    pool.name = arena_copy_text(&out->arena, model.at, model.length);
    if (gpus > 0) {
        pool.model = names_add(&out->models, model, NULL);
        if (pool.model >= CLUSTER_MOST_MODELS) {
            return err_set(err, ERR_FORMAT, rows->csv.line, "more than 64 different gpu_type");
        }
    }
    node.name = arena_copy_text(&out->arena, name.at, name.length);
    if (!cluster_add_pool(out, &pool, &node, err)) {
        err->line = rows->csv.line;
        return false;
    }
    return true;
}

bool pai_read_machines(struct file *file, struct cluster *out, struct err *err)
{
    struct rows rows = {.names = machine_fields, .count = MACHINE_FIELDS};
    csv_init(&rows.csv, file->bytes, file->length, ',');
    cluster_init(out, NULL, 0);
    bool ok = true;
    while (ok && next_row(&rows, err)) {
        ok = add_machine(&rows, out, err);
    }
    ok = ok && err->code == ERR_NONE;
    if (ok && out->nodes.count == 0) {
        ok = err_set(err, ERR_FORMAT, 0, "no machines in it, expected at least one");
    }
    if (!ok) {
        cluster_release_all(out);
        return false;
    }
    cluster_finish(out);
    return true;
}
