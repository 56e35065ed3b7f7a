/*
 * causes.h - every pending second of every job, by what it waited for.
 *
 * The engine says when the cause of a shape changes; jobs of one shape and queue wait for the same,
 * so they are kept as a group with the time it spent under each cause, and a job's own times are
 * the differences between its leaving and its joining. Sums are integers: what a job waited is
 * exactly the sum of its causes, and the sum over jobs is that over queues, sizes and hours.
 *
 * A second is also charged to a holder: the queue that holds most GPUs (the smallest number of
 * equal ones) where GPUs are what is missing; the queue of the job pending longest where the order
 * is; the job's own queue where its limit is; nobody where the scheduler's period or a failure is.
 */
#ifndef REPORT_CAUSES_H
#define REPORT_CAUSES_H

#include <jansson.h>

#include "sim/base/bitset.h"
#include "sim/base/file.h"
#include "sim/base/vec.h"
#include "sim/log.h"
#include "sim/report/numbers.h"
#include "sim/report/wide.h"
#include "sim/workload/workload.h"

#define CAUSES_NOBODY UINT32_MAX

enum { CAUSES_MOST_JOBS = 1 << 24, CAUSES_HOUR_US = 3600 };

/* Pending time, and the same times the GPUs asked for. */
struct causes_sum {
    wide job_us;
    wide milli_us;
};

struct causes_group {
    uint32_t shape;
    uint32_t queue;
    uint32_t next;  /* group of the same shape, or UINT32_MAX */
    uint32_t count; /* jobs that wait in it now */
    uint32_t place; /* in `active` while there are any */
    int64_t since_us;
    uint8_t cause;
    int64_t us[WAIT_CAUSE_COUNT];
};

struct causes {
    const struct workload *workload;
    int64_t now_us;
    int64_t (*by_job)[WAIT_CAUSE_COUNT]; /* of a job that waits: minus what its group had then */
    int64_t *told_since_us;              /* by job, while a cause of its own is told */
    uint8_t *told;                       /* by job: that cause; WAIT_CAUSE_COUNT: its group's */
    uint32_t *first_group;               /* by shape */
    VEC(struct causes_group) groups;
    VEC(uint32_t) active;    /* groups with jobs */
    VEC(uint32_t) told_jobs; /* jobs that wait with a cause of their own */
    uint32_t *told_places;   /* by job: where in told_jobs */
    uint8_t *shape_cause;    /* by shape: as logged last for all queues */
    struct bitset pending;   /* jobs */
    /* Who holds most: a tree of winners over the queues. */
    int64_t *held_milli; /* by queue */
    int64_t *job_milli;  /* held by job */
    uint32_t *winners;
    uint32_t leaves;
    uint32_t top;    /* queue that holds most; CAUSES_NOBODY when nobody holds any */
    uint32_t oldest; /* queue of the job pending longest, or CAUSES_NOBODY */
    struct causes_sum (*by_queue)[WAIT_CAUSE_COUNT];
    struct causes_sum (*by_holder)[WAIT_CAUSE_COUNT]; /* one more than queues: nobody */
    struct causes_sum by_size[SIZE_CLASS_COUNT][WAIT_CAUSE_COUNT];
    struct causes_sum total[WAIT_CAUSE_COUNT];
    VEC(struct causes_sum) hours; /* by hour of the run, then by cause */
    /* GPUs that nobody holds, by what the job pending longest waits for; the last while none is. */
    int64_t idle_milli;
    int64_t idle_since_us;
    wide idle[WAIT_CAUSE_COUNT + 1];
};

/* The workload, of at most CAUSES_MOST_JOBS, must outlive it; `gpu_milli`: of the cluster. 120
 * bytes a job. */
void causes_init(struct causes *causes, const struct workload *workload, int64_t gpu_milli);
void causes_release(struct causes *causes);

/* Takes the next record. O(log queues) each, plus the groups that wait when a holder changes. */
void causes_add(struct causes *causes, const struct log_record *record);

/* To be called once, at the end: settles what still waits. */
void causes_end(struct causes *causes);

/* All causes of a job together, in microseconds: its pending time. */
int64_t causes_of_job_us(const struct causes *causes, uint32_t job);

/* causes.csv: a row a job that waited, `job_id,queue,gpus,pending_s` and a column a cause. */
void causes_write_jobs(struct out_file *out, const struct causes *causes);

/* causes_by.csv: `by,name` (all, queue, holder, user, gpus, hour), pending_s and gpu_hours by
 * cause. */
void causes_add_sums(struct text *out, const struct causes *causes);

/* By cause: hours and GPU-hours of pending jobs, and the share of all hours; a new object. */
json_t *causes_json(const struct causes *causes);

/* GPU-hours that nobody held, by what the job pending longest waited for; a new object. */
json_t *causes_idle_json(const struct causes *causes);

/* Lines for the terminal; nothing when nobody waited. */
void causes_print(struct text *out, const struct causes *causes);

#endif
