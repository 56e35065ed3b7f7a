/*
 * numbers.h - the metrics of one run as plain data. README.md gives the formula of each.
 *
 * Times are in seconds, GPU time in GPU-hours. "Measured" jobs are those submitted at or after the
 * warm-up; counts by state are over all jobs. A figure that has no meaning for the run (a mean over
 * no job, a ratio to no capacity) has a count or a capacity of 0 beside it and is 0 itself.
 */
#ifndef REPORT_NUMBERS_H
#define REPORT_NUMBERS_H

#include <stdint.h>

#include "sim/base/vec.h"

/* How a quantity is spread over jobs. Percentiles are nearest-rank: values that occurred. */
struct report_spread {
    uint32_t count; /* of jobs that have the quantity; the rest is 0 when this is */
    double mean;
    double p50;
    double p90;
    double p95;
    double p99;
    double max;
};

struct report_counts {
    uint32_t submitted; /* = completed + running + pending + rejected */
    uint32_t completed;
    uint32_t running; /* at the end */
    uint32_t pending; /* at the end: never started, or preempted and not started again */
    uint32_t rejected;
};

/* Jobs by the GPUs they ask for; the upper bounds are inclusive. */
enum size_class {
    SIZE_NONE,     /* no GPU */
    SIZE_PART,     /* less than one */
    SIZE_ONE,      /* one */
    SIZE_UP_TO_4,  /* more than one, up to 4 */
    SIZE_UP_TO_8,  /* 5 to 8 */
    SIZE_UP_TO_16, /* 9 to 16 */
    SIZE_UP_TO_64, /* 17 to 64 */
    SIZE_LARGER,   /* more than 64 */
    SIZE_CLASS_COUNT,
};

/* "0", "<1", "1", "2-4", ...: GPUs of the class. */
const char *size_class_name(enum size_class size);
enum size_class size_class_of(int64_t gpu_milli);

struct report_queue {
    const char *name;
    struct report_counts counts;
    struct report_spread wait; /* of measured jobs */
    double gpu_hours;          /* allocated after the warm-up */
    double share;              /* of all GPU time allocated after the warm-up */
    uint32_t spec;             /* index in cluster->queues, or QUEUE_NO_PARENT when not there */
};

/* See fragment.h; means over the time after the warm-up. */
struct report_fragmentation {
    uint32_t kinds;     /* of the typical workload; 0: it was not measured */
    double tasks_share; /* of the trace's tasks that are of these kinds */
    double gpus;        /* fragmented */
    double stranded_gpus;
    double of_free; /* fragmented, of what was free; 0 when nothing ever was */
};

/* Jobs of one priority. */
struct report_priority {
    int32_t priority;
    struct report_spread wait;
};

/* Waits longer than a minute, ten minutes, an hour, a day. */
enum { WAITED_COUNT = 4 };

/* What became of the GPU time that there was, over the whole run; each factor is of what the one
 * before left: allocated of all; of that, neither lost to preemptions nor spent on starting and
 * restoring; of that, work at reference speed. */
struct report_goodput {
    double allocated;
    double kept;
    double speed;
    double goodput; /* their product */
    double overhead_gpu_hours;
};

struct report_reason {
    const char *text;
    uint32_t count;
};

struct report_numbers {
    struct report_counts counts; /* of all jobs */
    uint32_t not_submitted;      /* jobs of the trace whose time had not come at the end */
    uint32_t measured;           /* jobs submitted after the warm-up, rejected ones included */

    double warmup_s;
    double end_s;      /* of the run, from the first submit */
    double makespan_s; /* last completion minus first submit; 0 when nothing completed */
    double tau_s;

    /* Of measured jobs. */
    struct report_spread wait; /* that started */
    struct report_spread wait_by_size[SIZE_CLASS_COUNT];
    struct report_spread wait_censored; /* that started or still wait, which count until the end */
    struct report_spread queueing;      /* completed: completion time minus time running */
    struct report_spread completion;    /* completed */
    struct report_spread slowdown;      /* completed, with a duration above 0 */
    struct report_spread bounded_slowdown; /* completed */
    struct report_spread gpu_slowdown; /* bounded slowdown per GPU: completion over (T or tau) and
                                          GPUs; completed, with GPUs */
    VEC(struct report_priority) wait_by_priority; /* highest first; one entry: all are equal */
    uint32_t waited[WAITED_COUNT];                /* jobs that waited longer, or still do */
    uint32_t starved; /* that waited, or still wait, over ten times the median of their size class
                         and over an hour */
    double oldest_pending_s;   /* the longest time since its submit of a pending job */
    double wait_by_gpus_s;     /* mean wait weighted with GPUs */
    double wait_by_gpu_time_s; /* mean wait weighted with GPUs times duration */

    /* Of the cluster, from the warm-up to the end. */
    double capacity_gpu_hours;
    double allocated_gpu_hours;
    double allocation_ratio;

    /* Of the whole run. */
    uint32_t preemptions;
    uint32_t interruptions;  /* runs that ended because something they held went away */
    uint32_t preempted_jobs; /* at least once */
    uint32_t migrations;
    uint32_t resizes;
    double lost_gpu_hours; /* work done again after preemptions and migrations */

    struct report_fragmentation fragmentation;
    struct report_goodput goodput;

    VEC(struct report_queue) queues; /* by number in the workload, then those of the cluster file */
    VEC(struct report_reason) reasons; /* of rejections, most frequent first */
};

#endif
