/*
 * slurm_priority.h - Slurm's multifactor priority over its main and backfill passes: all of the
 * policies multifactor and fairtree but the fair-share factor.
 *
 *     priority = weight_age * age + weight_fairshare * fairshare + weight_size * size
 *              + weight_queue * queue + weight_priority * class  (+ the trace's priority as nice)
 *
 * Every factor is between 0 and 1: age the time waited over `max_age`; size the GPUs over those of
 * the cluster, or what is left to 1 (favor=small); queue the `priority` of the queue in the cluster
 * file over the greatest there; class the priority of the job in the trace, where above 0, over the
 * greatest there (Slurm's QOS). With use=nice that priority is added as it is instead. Priorities
 * are whole numbers, rounded down, of equal ones who came first.
 *
 * They are computed when a job comes, and for all who wait every `period` seconds, counted from
 * when somebody began to wait; a period in which nothing runs is left out.
 */
#ifndef POLICIES_LIB_SLURM_PRIORITY_H
#define POLICIES_LIB_SLURM_PRIORITY_H

#include "policies/lib/fair_usage.h"
#include "policies/lib/slurm_passes.h"

enum slurm_favor { SLURM_FAVOR_LARGE, SLURM_FAVOR_SMALL };
enum slurm_use { SLURM_USE_CLASS, SLURM_USE_NICE };

struct slurm_weights {
    double age;
    double fairshare;
    double size;
    double queue;
    double priority;
    int64_t max_age_us;
    int64_t half_life_us;
    int64_t period_us;
    int favor; /* enum slurm_favor */
    int use;   /* enum slurm_use */
};

/* Their entries in the parameters of a policy whose parameters, an `owner`, have a field `weights`.
 */
#define SLURM_WEIGHT(owner, field, default, text)                                                  \
    {                                                                                              \
        .name = "weight_" #field, .type = PARAM_F64, .offset = offsetof(owner, weights.field),     \
        .dflt = (default), .min = 0, .max = 1e9, .help = (text)                                    \
    }
#define SLURM_SPAN(owner, label, field, default, least, text)                                      \
    {                                                                                              \
        .name = (label), .type = PARAM_SECONDS, .offset = offsetof(owner, weights.field),          \
        .dflt = (default), .min = (least), .max = 1e9, .help = (text)                              \
    }
#define SLURM_WEIGHTS(owner)                                                                       \
    SLURM_WEIGHT(owner, age, "1000", "of the time waited (PriorityWeightAge)"),                    \
        SLURM_WEIGHT(owner, fairshare, "10000", "of what is owed (PriorityWeightFairshare)"),      \
        SLURM_WEIGHT(owner, size, "1000", "of the GPUs asked for (PriorityWeightJobSize)"),        \
        SLURM_WEIGHT(owner, queue, "1000", "of the queue's priority (PriorityWeightPartition)"),   \
        SLURM_WEIGHT(owner, priority, "1000", "of the job's priority (PriorityWeightQOS)"),        \
        SLURM_SPAN(owner, "max_age", max_age_us, "604800", 1,                                      \
                   "seconds of waiting at which age is 1 (PriorityMaxAge)"),                       \
        SLURM_SPAN(owner, "half_life", half_life_us, "604800", 0,                                  \
                   "seconds in which usage counts half (PriorityDecayHalfLife); 0: always whole"), \
        SLURM_SPAN(owner, "period", period_us, "300", 1,                                           \
                   "seconds between computing priorities anew (PriorityCalcPeriod)"),              \
        {.name = "favor",                                                                          \
         .type = PARAM_CHOICE,                                                                     \
         .offset = offsetof(owner, weights.favor),                                                 \
         .dflt = "large",                                                                          \
         .choices = "large|small",                                                                 \
         .help = "which jobs the size factor prefers (PriorityFavorSmall)"},                       \
    {                                                                                              \
        .name = "use", .type = PARAM_CHOICE, .offset = offsetof(owner, weights.use),               \
        .dflt = "class", .choices = "class|nice",                                                  \
        .help = "the trace's priority is a class that has a weight, or is added (less nice)"       \
    }

struct slurm_priority {
    struct slurm_weights weights;
    struct slurm_passes passes;
    struct fair_usage usage;
    double *queue_factors;
    int32_t most_priority; /* of all jobs; at least 1 */
    int64_t computed_us;   /* when priorities were computed last, or -1: nobody waited since */
    int64_t wake_us;
    /* Fills usage->leaves[].factor. */
    void (*share)(struct slurm_priority *priority, int64_t now_us);
    double dampening; /* for `share` */
};

/* `share` and `dampening` are the caller's to set before. */
void slurm_priority_init(struct slurm_priority *priority, const struct sched_ctx *ctx,
                         const struct slurm_weights *weights, const struct slurm_limits *limits);

/* Functions of a policy whose state is a struct slurm_priority. */
void slurm_priority_release(void *state);
void slurm_priority_submit(void *state, struct sched_ctx *ctx, uint32_t job);
void slurm_priority_finish(void *state, struct sched_ctx *ctx, uint32_t job);
void slurm_priority_decide(void *state, struct sched_ctx *ctx);

#endif
