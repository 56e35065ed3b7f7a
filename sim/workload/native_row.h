/*
 * native_row.h - the columns of Berth's own CSV (DESIGN 5.1), and a job from one row of them.
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
 * `speeds` tells how fast the job works on GPU models, in any unit: `8:v100=8|k80=0.5` makes 8
 * steps a second where duration_s was told, and these on those models; 0: it cannot work there, and
 * without gpu_model it then asks for the others of the list. Jobs with equal speeds are of one
 * class (speeds.h). Where it is empty, `work_class` may name a class of work: training_dense,
 * training_memory_bound, inference or hpc_fp64, with "@MODEL" where duration_s holds on another GPU
 * than A100-80GB; speeds are then those of the catalogue (work_speeds.h).
 *
 * Without `tasks`, whole GPUs are a free shape that the placement rule may split over nodes.
 */
#ifndef WORKLOAD_NATIVE_ROW_H
#define WORKLOAD_NATIVE_ROW_H

#include "sim/workload/columns.h"
#include "sim/workload/workload.h"

enum native_column {
    NATIVE_JOB_ID,
    NATIVE_SUBMIT_S,
    NATIVE_DURATION_S,
    NATIVE_GPUS,
    NATIVE_USER,
    NATIVE_QUEUE,
    NATIVE_TASKS,
    NATIVE_MIN_TASKS,
    NATIVE_GPU_FRACTION_OF_ONE,
    NATIVE_GPU_MEMORY_MIB,
    NATIVE_MIG_PROFILE,
    NATIVE_CPUS,
    NATIVE_MEMORY_MIB,
    NATIVE_GPU_MODEL,
    NATIVE_PRIORITY,
    NATIVE_PREEMPTIBLE,
    NATIVE_ESTIMATE_S,
    NATIVE_CHECKPOINT_S,
    NATIVE_REQUIRED_TOPOLOGY,
    NATIVE_PREFERRED_TOPOLOGY,
    NATIVE_STATUS,
    NATIVE_SPEEDS,
    NATIVE_WORK_CLASS,
    NATIVE_COLUMN_COUNT,
};

/* By enum native_column; ends with a NULL name. */
extern const struct column native_columns[NATIVE_COLUMN_COUNT + 1];

/* Fills *draft from a row whose columns are bound to native_columns; its texts are those of the
 * row. An error names line and column. */
bool native_row_read(const struct columns *row, struct job_draft *draft, struct err *err);

/* Then its speeds, as a class of `speeds`, which the draft refers to; nothing where none are told.
 * A job that cannot work on some models asks for others from then on, in the bytes of *models, the
 * caller's. */
bool native_row_speeds(const struct columns *row, struct speeds *speeds, struct job_draft *draft,
                       struct text *models, struct err *err);

#endif
