/*
 * pai_tables.h - the tables of PAI 2020 without header lines: which one a text is, its rows, and
 * the jobs that come together from two of them. A header line in front is passed over, because
 * users join the published .header files to the data.
 */
#ifndef WORKLOAD_PAI_TABLES_H
#define WORKLOAD_PAI_TABLES_H

#include "sim/base/file.h"
#include "sim/cluster/cluster.h"
#include "sim/workload/workload.h"

#define PAI_NONE UINT32_MAX

enum pai_table { PAI_UNKNOWN, PAI_JOBS, PAI_TASKS, PAI_INSTANCES, PAI_MACHINES };

struct pai_task {
    struct task_group group;
    uint32_t next; /* of the same job, in the order of rows; PAI_NONE at the end */
};

struct pai_job {
    int64_t submit_us;      /* start_time of the job table; TIME_UNKNOWN */
    int64_t first_start_us; /* of its tasks; TIME_UNKNOWN */
    int64_t last_end_us;    /* likewise */
    int64_t line;           /* where it is first named */
    uint32_t user;          /* in users, or NAMES_NONE */
    uint32_t model;         /* gpu_type of its first GPU task, in models, or NAMES_NONE */
    uint32_t first_task, last_task;
    enum job_outcome outcome;
    bool is_listed;     /* in the job table */
    bool has_open_task; /* one without a start or an end; of instances, when it has any */
    bool has_instances;
};

struct pai_tables {
    struct names job_names; /* the number of a name is that of the job */
    struct names users;
    struct names models;
    VEC(struct pai_job) jobs;
    VEC(struct pai_task) tasks;
    int64_t empty_tasks;       /* left out: no instances */
    int64_t strange_instances; /* rows of the instance table whose job has no tasks */
    bool has_jobs, has_tasks, has_instances;
};

void pai_tables_init(struct pai_tables *tables);
void pai_tables_release(struct pai_tables *tables);

/* Which table begins like this? By the fields of its first row. */
enum pai_table pai_detect_table(struct view head);

/* Adds the rows of the job, task or instance table, the last of which is read last: what a job's
 * instances tell of its times takes the place of what its tasks told. Errors carry the line. */
bool pai_read_table(struct pai_tables *tables, enum pai_table table, struct file *file,
                    struct err *err);

/* Reads the machine list into a new cluster, finished. */
bool pai_read_machines(struct file *file, struct cluster *out, struct err *err);

#endif
