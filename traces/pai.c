/*
 * pai.c - the tables of PAI 2020 (cluster-trace-gpu-v2020), which come without a header line:
 *
 *   job       job_name, inst_id, user, status, start_time, end_time
 *   task      job_name, task_name, inst_num, status, start_time, end_time, plan_cpu, plan_mem,
 *             plan_gpu, gpu_type
 *   instance  job_name, task_name, inst_name, worker_name, inst_id, status, start_time, end_time,
 *             machine
 *   machines  machine, gpu_type, cap_cpu, cap_mem, cap_gpu           (pai_machine_spec: a cluster)
 *
 * Any of the first three may be given; the job and the task table are parameters, or lie beside it
 * under the name with "job", "task" and "instance" exchanged. The instance table, 15 times as long,
 * is read only when it is given or named: it tells when each instance ran, which then takes the
 * place of the times of tasks. A job is a gang: a group a task, of inst_num instances, each of
 * plan_cpu and plan_gpu hundredths (per cent) and plan_mem GB. The job's start_time is its
 * submission, so its work is the time from the first start to the last end of its tasks. More than
 * one GPU that is no whole number becomes a fraction of several, for divisible nodes, as in
 * pai_sim.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "sim/workload/pai_tables.h"
#include "sim/workload/trace_format.h"

struct pai_params {
    struct view jobs;
    struct view tasks;
    struct view instances;
    int models;
    int without_gpu;
};

enum { MODELS_NONE, MODELS_ALL };
enum { WITHOUT_GPU_KEEP, WITHOUT_GPU_DROP };

static const struct param_spec pai_params[] = {
    {.name = "jobs",
     .type = PARAM_TEXT,
     .offset = offsetof(struct pai_params, jobs),
     .dflt = "",
     .help = "the job table, when another table is the trace; else the one beside it"},
    {.name = "tasks",
     .type = PARAM_TEXT,
     .offset = offsetof(struct pai_params, tasks),
     .dflt = "",
     .help = "the task table, when another table is the trace; else the one beside it"},
    {.name = "instances",
     .type = PARAM_TEXT,
     .offset = offsetof(struct pai_params, instances),
     .dflt = "",
     .help = "the instance table, for times by instance"},
    {.name = "models",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct pai_params, models),
     .dflt = "none",
     .choices = "none|all",
     .help = "do jobs keep to the nodes of their gpu_type?"},
    {.name = "without_gpu",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct pai_params, without_gpu),
     .dflt = "keep",
     .choices = "keep|drop",
     .help = "tasks without GPUs (parameter servers) of jobs that have other tasks with GPUs"},
    {0},
};

static const char *const kind_names[] = {
    [PAI_JOBS] = "job", [PAI_TASKS] = "task", [PAI_INSTANCES] = "instance"};

static bool pai_detect(struct view head)
{
    enum pai_table table = pai_detect_table(head);
    return table == PAI_JOBS || table == PAI_TASKS || table == PAI_INSTANCES;
}

/* The path of the sister table: `path` with the last `from` in its name replaced by `to`, when that
 * is a file; else NULL. Freed by the caller. */
static char *find_sister(const char *path, const char *from, const char *to)
{
    const char *found = NULL;
    if (path == NULL) {
        return NULL;
    }
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    for (const char *at = strstr(name, from); at != NULL; at = strstr(at + 1, from)) {
        found = at;
    }
    if (found == NULL) {
        return NULL;
    }
    struct text sister = {0};
    text_add_bytes(&sister, path, (size_t)(found - path));
    text_add(&sister, to);
    text_add(&sister, found + strlen(from));
    if (access(sister.bytes, R_OK) != 0) {
        text_release(&sister);
    }
    return sister.bytes;
}

/* The table at `path`, which has to be of this kind. */
static bool read_path(struct pai_tables *tables, const char *path, enum pai_table kind,
                      struct err *err)
{
    struct file file = {0};
    bool ok = file_read(path, FILE_MOST_BYTES, &file, err);
    if (ok && pai_detect_table((struct view){file.bytes, file.length}) != kind) {
        ok = err_set(err, ERR_FORMAT, 0, "%s: not the %s table of PAI", path, kind_names[kind]);
    } else if (ok && !pai_read_table(tables, kind, &file, err)) {
        ok = err_locate(err, path);
        err->line = 0; /* it is said */
    }
    file_release(&file);
    return ok;
}

/* Reads a table that is not the trace itself: the one that is given, else the one beside the trace,
 * which is of kind `trace_kind`, if there is one. */
static bool read_other(struct pai_tables *tables, struct view given, const struct file *trace,
                       enum pai_table trace_kind, enum pai_table kind, struct err *err)
{
    char *path = given.length > 0
                     ? mem_copy_text(given.at, given.length)
                     : find_sister(trace->path, kind_names[trace_kind], kind_names[kind]);
    bool ok = path == NULL || read_path(tables, path, kind, err);
    free(path);
    return ok;
}

/* The job table, the task table, then the instance table, from wherever they come. */
static bool read_tables(struct pai_tables *tables, const struct pai_params *params,
                        struct file *file, struct err *err)
{
    enum pai_table kind = pai_detect_table((struct view){file->bytes, file->length});
    if (kind != PAI_JOBS && kind != PAI_TASKS && kind != PAI_INSTANCES) {
        return err_set(err, ERR_FORMAT, 1,
                       "neither the job table (6 fields) nor the task table (10 fields) nor the "
                       "instance table (9 fields) of PAI");
    }
    bool ok = true;
    if (kind != PAI_INSTANCES) {
        ok = pai_read_table(tables, kind, file, err);
    }
    ok = ok && (kind == PAI_JOBS || read_other(tables, params->jobs, file, kind, PAI_JOBS, err)) &&
         (kind == PAI_TASKS || read_other(tables, params->tasks, file, kind, PAI_TASKS, err));
    if (ok && !tables->has_tasks) {
        return err_set(err, ERR_USAGE, 0,
                       "'pai': the %s table tells no sizes; give the task table "
                       "as tasks=FILE, or put it beside",
                       kind_names[kind]);
    }
    if (kind == PAI_INSTANCES) {
        return ok && pai_read_table(tables, kind, file, err);
    }
    return ok && (params->instances.length == 0 ||
                  read_other(tables, params->instances, file, kind, PAI_INSTANCES, err));
}

/* What was left out or guessed. */
struct counts {
    int64_t jobs_without_tasks, tasks_without_job, untold_submits, untold_durations, too_many;
};

static bool has_gpus(const struct pai_tables *tables, const struct pai_job *job)
{
    bool found = false;
    for (uint32_t t = job->first_task; t != PAI_NONE; t = tables->tasks.items[t].next) {
        found = found || tables->tasks.items[t].group.request.kind != GPU_NONE;
    }
    return found;
}

/* Adds the groups of a job's tasks; equal ones become one. False when there are too many. */
static bool add_groups(const struct pai_tables *tables, const struct pai_job *job, bool only_gpus,
                       struct job_draft *draft)
{
    draft->group_count = 0;
    for (uint32_t t = job->first_task; t != PAI_NONE; t = tables->tasks.items[t].next) {
        const struct task_group *group = &tables->tasks.items[t].group;
        if (only_gpus && group->request.kind == GPU_NONE) {
            continue;
        }
        uint32_t i = 0;
        while (i < draft->group_count &&
               memcmp(&draft->groups[i].request, &group->request, sizeof(group->request)) != 0) {
            i++;
        }
        if (i == WORKLOAD_MOST_GROUPS) {
            return false;
        }
        if (i == draft->group_count) {
            draft->groups[draft->group_count++] = *group;
            continue;
        }
        draft->groups[i].count += group->count;
        if (draft->groups[i].count > WORKLOAD_MOST_TASKS) {
            return false;
        }
        draft->groups[i].min_count = draft->groups[i].count;
    }
    return true;
}

static bool add_job(const struct pai_tables *tables, uint32_t number,
                    const struct pai_params *params, struct workload *out, struct counts *counts,
                    struct err *err)
{
    const struct pai_job *job = &tables->jobs.items[number];
    struct job_draft draft;
    job_draft_init(&draft);
    draft.id = view_of(names_get(&tables->job_names, number));
    if (job->first_task == PAI_NONE) {
        counts->jobs_without_tasks++;
        return true;
    }
    counts->tasks_without_job += tables->has_jobs && !job->is_listed ? 1 : 0;
    draft.submit_us = job->submit_us;
    if (draft.submit_us == TIME_UNKNOWN) {
        draft.submit_us = job->first_start_us;
    }
    if (draft.submit_us == TIME_UNKNOWN) {
        counts->untold_submits++;
        return true;
    }
    bool only_gpus = params->without_gpu == WITHOUT_GPU_DROP && has_gpus(tables, job);
    if (!add_groups(tables, job, only_gpus, &draft)) {
        counts->too_many++;
        return true;
    }
    if (job->first_start_us != TIME_UNKNOWN && job->last_end_us >= job->first_start_us &&
        !job->has_open_task) {
        draft.duration_us = job->last_end_us - job->first_start_us;
    } else {
        counts->untold_durations++;
    }
    draft.outcome = job->outcome;
    if (job->user != NAMES_NONE) {
        draft.user = view_of(names_get(&tables->users, job->user));
    }
    if (params->models == MODELS_ALL && job->model != NAMES_NONE) {
        draft.models = view_of(names_get(&tables->models, job->model));
    }
    return workload_add(out, &draft, job->line, err);
}

static void add_notes(const struct pai_tables *tables, const struct counts *counts,
                      struct workload *out)
{
    workload_note(out, "work is the time from the first start to the last end of a job's %s",
                  tables->has_instances ? "instances" : "tasks");
    if (tables->strange_instances > 0) {
        workload_note(out, "dropped: %" PRId64 " instances of jobs that have no tasks",
                      tables->strange_instances);
    }
    if (!tables->has_jobs) {
        workload_note(out, "guessed, without the job table: a job is submitted when its first task "
                           "starts; users are not told");
    }
    if (counts->tasks_without_job > 0) {
        workload_note(out,
                      "%" PRId64 " jobs have tasks but no row in the job table: taken as "
                      "submitted when the first task starts",
                      counts->tasks_without_job);
    }
    if (counts->jobs_without_tasks > 0) {
        workload_note(out, "dropped: %" PRId64 " jobs without a row in the task table",
                      counts->jobs_without_tasks);
    }
    if (counts->untold_submits > 0) {
        workload_note(out, "dropped: %" PRId64 " jobs without any start time",
                      counts->untold_submits);
    }
    if (counts->too_many > 0) {
        workload_note(out,
                      "dropped: %" PRId64 " jobs of more than %d different tasks or %d "
                      "instances",
                      counts->too_many, WORKLOAD_MOST_GROUPS, WORKLOAD_MOST_TASKS);
    }
    if (counts->untold_durations > 0) {
        workload_note(out, "%" PRId64 " jobs tell no duration: a part has not started or not ended",
                      counts->untold_durations);
    }
    if (tables->empty_tasks > 0) {
        workload_note(out, "dropped: %" PRId64 " tasks without instances", tables->empty_tasks);
    }
}

static bool pai_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    const struct pai_params *settings = params;
    struct pai_tables tables;
    struct counts counts = {0};
    pai_tables_init(&tables);
    bool ok = read_tables(&tables, params, file, err);
    for (uint32_t i = 0; ok && i < tables.jobs.count; i++) {
        ok = add_job(&tables, i, params, out, &counts, err);
    }
    if (ok) {
        add_notes(&tables, &counts, out);
    }
    if (ok && settings->without_gpu == WITHOUT_GPU_DROP) {
        workload_note(out, "dropped: tasks without GPUs of jobs that have tasks with GPUs");
    }
    pai_tables_release(&tables);
    return ok;
}

static bool pai_detect_machines(struct view head)
{
    return pai_detect_table(head) == PAI_MACHINES;
}

static bool pai_read_cluster(const void *params, struct file *file, struct cluster *out,
                             struct err *err)
{
    (void)params; /* none of them is about machines */
    return pai_read_machines(file, out, err);
}

extern const struct trace_format trace_format_pai;
const struct trace_format trace_format_pai = {
    .name = "pai",
    .help = "job, task and instance tables of Alibaba PAI (cluster-trace-gpu-v2020), and its "
            "machine list",
    .params_size = sizeof(struct pai_params),
    .params = pai_params,
    .detect = pai_detect,
    .read = pai_read,
    .detect_cluster = pai_detect_machines,
    .read_cluster = pai_read_cluster,
};
