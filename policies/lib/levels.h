/*
 * levels.h - queues through which jobs sink as they get service, walked in order and packed anew at
 * every pass: what tiresias and gittins have in common.
 *
 * A job starts in the first queue and moves to the end of the next when the service it has had
 * reaches the queue's limit. Queues are walked in order, each from its front, and all jobs packed
 * anew from there (repack.h). Within a queue:
 *
 *   LEVELS_KEPT    a list to whose end jobs come, with those who run moved to the front after every
 *                  pass, as in the simulator of Tiresias' authors
 *   LEVELS_SUBMIT  by submit time; of equal ones those who run first, in the order of their starts,
 *                  then the others in the order in which they began to wait (Lucid)
 *   index          if there is one: the largest first, then as LEVELS_SUBMIT
 */
#ifndef POLICIES_LIB_LEVELS_H
#define POLICIES_LIB_LEVELS_H

#include "policies/lib/repack.h"
#include "sim/base/heap.h"

enum { LEVELS_MOST = 16, LEVELS_GPU_MILLI = 1000, LEVELS_SECOND_US = 1000000 };
enum levels_service { LEVELS_GPU_TIME, LEVELS_TIME };
enum levels_order { LEVELS_KEPT, LEVELS_SUBMIT };
enum levels_demote { LEVELS_EXACT, LEVELS_CODE };
enum levels_at { LEVELS_REACHED, LEVELS_EXCEEDED };

struct levels_rules {
    int64_t limits_us[LEVELS_MOST]; /* seconds, or GPU-seconds */
    uint32_t queues;                /* one more than limits */
    int service;                    /* enum levels_service: GPUs times time, or time */
    int order;                      /* enum levels_order */
    int demote; /* enum levels_demote: at the limit; or as Tiresias' authors' simulator, which looks
                   when anything happens, and for a job's sake after (limit - seconds run) / GPUs
                   seconds, although the seconds run have not been multiplied by GPUs */
    int at;     /* enum levels_at: the limit itself belongs to the next queue, or to this one */
    double
        starve; /* back to the first queue after waiting so many times its running time; 0 never */
    bool fill;  /* start others in the room of a job that finds no place */
    /* What a job is worth that has had so much service, in seconds or GPU-seconds: 0 or more, the
     * largest first. NULL: no index. */
    double (*index)(void *self, double service_s);
    void *self;
};

struct levels_job {
    int64_t forgotten;    /* service, and */
    int64_t forgotten_us; /* time run, before it came back to the first queue */
    int64_t place;        /* in its queue's list while it waits or has just been demoted */
    uint32_t queue;
    uint32_t same_submit; /* the first job submitted at the same time */
    bool is_demoted;      /* in this pass */
};

struct levels {
    struct levels_rules rules;
    struct repack repack;
    struct levels_job *jobs;
    VEC(uint32_t) demoted; /* of one pass */
    struct heap starving;  /* who was preempted, by when it goes back to the first queue */
    int64_t tail;          /* the next place at the end of a list */
    int64_t front;         /* the last place given out at the front of one */
    int64_t wake_us;       /* asked for, or -1 */
    uint32_t last_submitted;
    bool something_happened;
};

/* "3250/7200" into rules->limits_us and queues; an error names the policy. */
bool levels_read_limits(struct levels_rules *rules, struct view text, const char *policy,
                        struct err *err);

void levels_init(struct levels *levels, const struct sched_ctx *ctx,
                 const struct levels_rules *rules);
void levels_release(struct levels *levels);

void levels_submit(struct levels *levels, struct sched_ctx *ctx, uint32_t job);
void levels_finish(struct levels *levels, uint32_t job);
void levels_decide(struct levels *levels, struct sched_ctx *ctx);

/* The index has changed: puts waiting jobs into their new order. O(jobs). */
void levels_reorder(struct levels *levels, struct sched_ctx *ctx);

#endif
