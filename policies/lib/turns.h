/*
 * turns.h - tenants take turns: again and again one tenant is chosen, and its first job that finds
 * room starts, until nobody who waits finds any.
 *
 * What differs between policies is whom they choose: who has least (drf, maxmin), who is drawn
 * (lottery), whose count of turns is behind (stride). Nobody is stopped. A tenant is a queue or a
 * user.
 */
#ifndef POLICIES_LIB_TURNS_H
#define POLICIES_LIB_TURNS_H

#include "sim/base/vec.h"
#include "sim/sched.h"

struct turns_amount {
    int64_t gpu_milli;
    int64_t cpu_milli;
    int64_t memory_mib;
};

struct turns_tenant {
    VEC(uint32_t) waiting; /* in submit order */
    struct turns_amount held;
    int64_t starts;        /* how often it had its turn */
    int64_t granted_milli; /* with how many milli-GPUs in all, whether still held or not */
    double weight;         /* more than 0 */
    bool blocked;          /* nobody of it finds room in this pass */
};

enum turns_by { TURNS_BY_QUEUE, TURNS_BY_USER };

struct turns_rules {
    int by;      /* enum turns_by */
    bool strict; /* only the first job of a tenant is asked */
};

/* Their entries in the parameters of a policy whose parameters, an `owner`, have a field `rules`.
 */
#define TURNS_PARAMS(owner)                                                                        \
    {.name = "by",                                                                                 \
     .type = PARAM_CHOICE,                                                                         \
     .offset = offsetof(owner, rules.by),                                                          \
     .dflt = "queue",                                                                              \
     .choices = "queue|user",                                                                      \
     .help = "who takes turns"},                                                                   \
    {                                                                                              \
        .name = "strict", .type = PARAM_BOOL, .offset = offsetof(owner, rules.strict),             \
        .dflt = "false", .help = "a tenant whose first job finds no room starts no other"          \
    }

struct turns {
    struct turns_rules rules;
    VEC(struct turns_tenant) tenants;
    struct turns_amount *held; /* by job, while it runs */
};

#define TURNS_NOBODY UINT32_MAX

/* The tenant whose turn it is, of those that wait and are not blocked; one there is. */
typedef uint32_t turns_choose(void *owner, struct turns *turns, struct sched_ctx *ctx);

/* Weights are the GPU weights of the cluster's queues, 1 where none is told and for users. */
void turns_init(struct turns *turns, struct sched_ctx *ctx, const struct turns_rules *rules);
void turns_release(struct turns *turns);

/* `submit` and `finish` of a policy whose state begins with a struct turns. */
void turns_submit(void *state, struct sched_ctx *ctx, uint32_t job);
void turns_finish(void *state, struct sched_ctx *ctx, uint32_t job);

void turns_decide(struct turns *turns, struct sched_ctx *ctx, turns_choose *choose, void *owner);

/* Who may be chosen. */
static inline bool turns_may(const struct turns_tenant *tenant)
{
    return tenant->waiting.count > 0 && !tenant->blocked;
}

/* Of those who may be chosen the one with the smallest value, the first of equals. */
uint32_t turns_least(const struct turns *turns, double (*value)(const struct turns_tenant *));

#endif
