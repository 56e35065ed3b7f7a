/*
 * workload.h - the jobs of a trace in memory, the one form that every importer makes.
 *
 * Jobs are gangs of tasks. What a job asks for is its *shape*: task groups with a count, a minimum
 * and a request, or a *free shape*, a number of GPUs that the placement rule may split over nodes.
 * Equal shapes are stored once and have one number, so whatever depends on the shape only (does it
 * fit? can it ever fit?) is computed once a shape, not once a job.
 *
 * Job records are kept small: a million of them is a normal trace.
 */
#ifndef WORKLOAD_WORKLOAD_H
#define WORKLOAD_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/digest.h"
#include "sim/base/err.h"
#include "sim/base/names.h"
#include "sim/base/text.h"
#include "sim/base/vec.h"
#include "sim/cluster/request.h"
#include "sim/workload/speeds.h"

#define TIME_UNKNOWN INT64_MIN /* a time or duration that the trace does not tell */

/* No time or duration of a workload is longer (36,000 years), so sums of a few never overflow. */
#define WORKLOAD_MOST_US ((int64_t)1 << 60)

enum {
    WORKLOAD_MOST_GROUPS = 64,
    WORKLOAD_MOST_JOBS = 1 << 30,
    WORKLOAD_MOST_TASKS = 1 << 20,
    WORKLOAD_MOST_GPUS = 1 << 24, /* of one task, and of a whole job of free shape */
};

/* Milli-CPUs or MiB of one task; all tasks of a job together stay far below overflow. */
#define WORKLOAD_MOST_AMOUNT ((int64_t)1 << 40)

/* How the job ended in the trace; it has no influence on a replay. */
enum job_outcome {
    OUTCOME_UNKNOWN,
    OUTCOME_COMPLETED,
    OUTCOME_FAILED,
    OUTCOME_CANCELLED,
    OUTCOME_TIMEOUT,
    OUTCOME_NODE_FAIL,
    OUTCOME_UNFINISHED,
};

struct task_group {
    struct request request; /* of one task; `models` is always 0 here, see shape.models */
    uint32_t count;
    uint32_t min_count; /* the job runs while at least so many have a place */
};

struct shape {
    uint32_t first_group; /* in workload->groups */
    uint32_t group_count;
    bool is_free;             /* one group of one task whose whole GPUs may be split over nodes */
    uint32_t models;          /* number in workload->models ("A100|H100"), or NAMES_NONE: any */
    uint32_t required_level;  /* number in workload->levels, or NAMES_NONE */
    uint32_t preferred_level; /* same */
};

struct job {
    int64_t submit_us;     /* since workload->epoch_us */
    int64_t duration_us;   /* work at reference speed; TIME_UNKNOWN when not told */
    int64_t estimate_us;   /* what the user said it would take; TIME_UNKNOWN when not told */
    int64_t checkpoint_us; /* interval; TIME_UNKNOWN: as the run's settings say */
    uint32_t id;           /* number in workload->ids */
    uint32_t user;         /* number in workload->users */
    uint32_t queue;        /* number in workload->queues */
    uint32_t shape;        /* number in workload->shapes */
    int32_t priority;
    uint8_t outcome; /* enum job_outcome */
    bool preemptible;
    uint16_t speed_class; /* number in workload->speeds, or SPEED_NO_CLASS */
};

_Static_assert(sizeof(struct job) == 56, "a job record has no padding");

struct workload {
    VEC(struct job) jobs; /* by submit time; of equal times in the order of adding */
    VEC(struct shape) shapes;
    VEC(struct task_group) groups;
    struct names ids;
    struct names users;  /* "" when the trace tells none */
    struct names queues; /* "" likewise */
    struct names models;
    struct names levels;
    struct speeds speeds; /* of the classes of jobs on GPU models */
    struct names notes;   /* what the importer dropped or guessed, a sentence each */
    int64_t epoch_us;     /* the first submit, in the trace's own time */
    /* What is added to a time of the trace to make it one since 1970 on the clock by which hours
     * and weekdays are counted; 0 when the trace does not tell another. */
    int64_t clock_offset_us;
    int64_t clock_zone_us;    /* the part of it that is how far east of Greenwich the clock is */
    bool was_sorted;          /* rows came by submit time */
    char digest[DIGEST_TEXT]; /* of the file */
    const char *format;       /* name of the importer */
    /* By what they ask for; used while adding. */
    struct lookup shape_lookup;
    bool shapes_are_keyed; /* shapes that fell together were met: they are hashed with the key */
    struct siphash_key shape_key;
};

/* A job as an importer describes it; all times in the trace's own base. Start from JOB_DRAFT. */
struct job_draft {
    struct view id, user, queue, models, required_level, preferred_level;
    int64_t submit_us;
    int64_t duration_us;
    int64_t estimate_us;
    int64_t checkpoint_us;
    int64_t priority;
    const struct speeds *speeds; /* that tell speed_class; of the workload itself or of another */
    uint32_t speed_class;        /* SPEED_NO_CLASS: works at the same speed everywhere */
    enum job_outcome outcome;
    bool preemptible;
    bool is_free;
    uint32_t group_count;
    struct task_group groups[WORKLOAD_MOST_GROUPS];
};

/* Fills *draft: times unknown, preemptible, one group of one task that asks for nothing. */
void job_draft_init(struct job_draft *draft);

/* Sets a free shape of `gpus` whole GPUs, or CPU only when 0. */
void job_draft_set_gpus(struct job_draft *draft, uint32_t gpus);

/* Deals the one task of the draft, which has no GPUs, to `nodes` tasks of equal CPU and memory. It
 * stays one task when it does not come out even, or when `nodes` is below 2 or too many. */
void job_draft_split(struct job_draft *draft, int64_t nodes);

void workload_init(struct workload *workload);
void workload_release(struct workload *workload);

/* Adds a job; `line` is where it stands in the trace. An error says what cannot be: an id that was
 * there before, a missing submit time, a negative duration, a time beyond WORKLOAD_MOST_US, too
 * many jobs. Nothing asked for at all is fine. Amortised O(length of the names). */
bool workload_add(struct workload *workload, const struct job_draft *draft, int64_t line,
                  struct err *err);

/* Notes a fact for the reader of `trace stats`; equal notes are kept once. */
void workload_note(struct workload *workload, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts the jobs added so far into the order of `keys` (one a job; equal keys keep their order). For
 * formats in which jobs of one submit time have another order than that of the rows; was_sorted
 * still tells of the rows. To be called before workload_finish. */
void workload_order(struct workload *workload, const int64_t *keys);

/* To be called once after the last job: sorts by submit time (stable), makes the first submit 0 and
 * keeps it as the epoch. An empty workload is an error. */
bool workload_finish(struct workload *workload, struct err *err);

/* Milli-GPUs that the whole job asks for (GPU memory counts 0: it depends on the node). */
int64_t workload_shape_gpu_milli(const struct workload *workload, uint32_t shape);

/* Tasks of all groups, and the least it can run with. */
uint32_t workload_shape_tasks(const struct workload *workload, uint32_t shape);
uint32_t workload_shape_min_tasks(const struct workload *workload, uint32_t shape);

static inline const char *workload_job_id(const struct workload *workload, uint32_t job)
{
    return names_get(&workload->ids, workload->jobs.items[job].id);
}

#endif
