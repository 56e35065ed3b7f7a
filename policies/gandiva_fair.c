/*
 * gandiva_fair - every job the same part of every GPU model, in rounds.
 *
 * The time-sharing at the heart of Gandiva_fair (Chaudhary et al., EuroSys 2020) as the Shockwave
 * simulator has it: the GPUs of a type divided by the number of jobs is each job's fraction of
 * time, whatever its size, and at most all of its time. No tickets of users and no trading of
 * models.
 *
 * Good: fair by the clock without knowing anything; no program to solve. Bad: a job of many GPUs
 * gets as much time as a job of one, so many times its GPUs; jobs are stopped every few minutes.
 */
#include "policies/lib/allocation.h"
#include "policies/lib/rounds.h"
#include "sim/sched.h"

struct gandiva_params {
    int64_t round_us;
    int64_t reset_us;
    int64_t restart_us;
};

static const struct param_spec params[] = {
    {.name = "round",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct gandiva_params, round_us),
     .dflt = "120",
     .min = 1,
     .max = 1e9,
     .help = "the length of a round"},
    {.name = "reset",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct gandiva_params, reset_us),
     .dflt = "1000",
     .min = 0,
     .max = 1e9,
     .help = "the least time between two allocations"},
    {.name = "restart",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct gandiva_params, restart_us),
     .dflt = "0",
     .min = 0,
     .max = 1e9,
     .help = "what a job that did not run in the round before loses of its round"},
    {0},
};

struct gandiva {
    struct rounds rounds;
    struct allocation allocation;
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can fail */
    const struct gandiva_params *wanted = values;
    struct gandiva *gandiva = state;
    gandiva->allocation = (struct allocation){.goal = GOAL_PROPORTIONAL};
    struct rounds_settings settings = {
        .round_us = wanted->round_us,
        .reset_us = wanted->reset_us,
        .restart_us = wanted->restart_us,
    };
    rounds_init(&gandiva->rounds, settings, ctx);
    return true;
}

static void release(void *state)
{
    struct gandiva *gandiva = state;
    rounds_release(&gandiva->rounds);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* nothing to ask yet */
    struct gandiva *gandiva = state;
    rounds_submit(&gandiva->rounds, job);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct gandiva *gandiva = state;
    rounds_finish(&gandiva->rounds, ctx, job);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct gandiva *gandiva = state;
    rounds_decide(&gandiva->rounds, ctx, allocation_compute, &gandiva->allocation);
}

extern const struct sched_ops sched_policy_gandiva_fair;
const struct sched_ops sched_policy_gandiva_fair = {
    .name = "gandiva_fair",
    .help = "every job the same part of the time of every GPU model, in rounds",
    .source = "Chaudhary et al., Balancing Efficiency and Fairness in Heterogeneous GPU Clusters, "
              "EuroSys 2020; uw-mad-dash/shockwave, gandiva_fair_proportional.py",
    .flags = SCHED_PREEMPTS | SCHED_NEEDS_SPEEDS,
    .validated = "Shockwave's simulator: restart=20, job by job (results/shockwave)",
    .state_size = sizeof(struct gandiva),
    .params_size = sizeof(struct gandiva_params),
    .params = params,
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
