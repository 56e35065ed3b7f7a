/*
 * gavel - heterogeneity-aware round-based scheduling: a linear program says which part of its time
 * each job spends on each GPU model, rounds make it happen.
 *
 * goal= is what the program seeks. speeds=true uses each job's speed on each model (the "perf" or
 * heterogeneity-aware variants of the source), false takes one speed for all models, and the
 * published simulator then goes through the models in a new random order each round (types=python
 * draws that order as it does). goal=isolated deals every model to all jobs alike, without a
 * program.
 *
 * Good: clusters of several GPU models, on which jobs differ in what they gain; any goal that is
 * linear. Bad: work per job has to be known for finish_time and makespan; jobs are stopped every
 * few minutes; arrivals wait for the end of the round; a program a change of jobs.
 */
#include "policies/lib/allocation.h"
#include "policies/lib/fifo_types.h"
#include "policies/lib/rounds.h"
#include "sim/sched.h"

struct gavel_params {
    int goal;    /* in goals[], then FIFO */
    int types;   /* 0 in order, 1 as Python */
    int columns; /* 0 first job first, 1 last job first */
    int solver;  /* bit 0: dual; bit 1: presolve */
    int split;   /* 0 even, 1 as solved */
    int head;    /* 0 goes, 1 stays */
    bool speeds;
    int64_t round_us;
    int64_t reset_us;
    int64_t restart_us;
    int64_t seed;
    int64_t optimum;
};

static const struct param_spec params[] = {
    {.name = "goal",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct gavel_params, goal),
     .dflt = "max_min",
     .choices = "isolated|max_min|finish_time|max_sum|makespan|fifo",
     .help = "what the allocation seeks"},
    {.name = "speeds",
     .type = PARAM_BOOL,
     .offset = offsetof(struct gavel_params, speeds),
     .dflt = "true",
     .help = "count the speed of each job on each GPU model"},
    {.name = "types",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct gavel_params, types),
     .dflt = "in_order",
     .choices = "in_order|python",
     .help = "GPU models in the order of the cluster, or shuffled each round as Python's random "
             "does"},
    {.name = "columns",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct gavel_params, columns),
     .dflt = "first",
     .choices = "first|last",
     .help = "which job is the first column of the program: of several optima the solver finds "
             "another"},
    {.name = "solver",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct gavel_params, solver),
     .dflt = "primal",
     .choices = "primal|dual|presolve|presolve_dual",
     .help = "GLPK's simplex, and whether after its presolver: of several optima each finds "
             "another"},
    {.name = "split",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct gavel_params, split),
     .dflt = "even",
     .choices = "even|solved",
     .help = "without speeds, a job's time over the GPU models: by their GPUs, or as the solver "
             "leaves it"},
    {.name = "head",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct gavel_params, head),
     .dflt = "stays",
     .choices = "goes|stays",
     .help = "goal=fifo: a head that does not fit where a job ended goes without a type until the "
             "next allocation (early Gavel), or stays first"},
    {.name = "optimum",
     .type = PARAM_I64,
     .offset = offsetof(struct gavel_params, optimum),
     .dflt = "0",
     .min = 0,
     .max = 4294967295.0,
     .help =
         "0: the optimum that the solver finds; else another one, drawn at random by this seed"},
    {.name = "seed",
     .type = PARAM_I64,
     .offset = offsetof(struct gavel_params, seed),
     .dflt = "5",
     .min = 0,
     .max = 4294967295.0,
     .help = "of types=python"},
    {.name = "round",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct gavel_params, round_us),
     .dflt = "360",
     .min = 1,
     .max = 1e9,
     .help = "the length of a round"},
    {.name = "reset",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct gavel_params, reset_us),
     .dflt = "1920",
     .min = 0,
     .max = 1e9,
     .help = "the least time between two allocations"},
    {.name = "restart",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct gavel_params, restart_us),
     .dflt = "0",
     .min = 0,
     .max = 1e9,
     .help = "what a job that did not run in the round before loses of its round"},
    {0},
};

struct gavel {
    struct rounds rounds;
    struct allocation allocation;
    struct fifo_types fifo;
    bool is_fifo;
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can fail */
    static const enum allocation_goal goals[] = {GOAL_ISOLATED, GOAL_MAX_MIN, GOAL_FINISH_TIME,
                                                 GOAL_MAX_SUM, GOAL_MAKESPAN};
    const struct gavel_params *wanted = values;
    struct gavel *gavel = state;
    gavel->is_fifo = wanted->goal == (int)(sizeof(goals) / sizeof(goals[0]));
    gavel->fifo.speeds = wanted->speeds;
    gavel->fifo.head_stays = wanted->head != 0;
    python_random_init(&gavel->fifo.random, 0);
    gavel->allocation = (struct allocation){
        .goal = gavel->is_fifo ? GOAL_ISOLATED : goals[wanted->goal],
        .speeds = wanted->speeds,
        .last_first = wanted->columns != 0,
        .dual = (wanted->solver & 1) != 0,
        .presolve = (wanted->solver & 2) != 0,
        .split_as_solved = wanted->split != 0,
        .other = (uint64_t)wanted->optimum,
    };
    struct rounds_settings settings = {
        .round_us = wanted->round_us,
        .reset_us = wanted->reset_us,
        .restart_us = wanted->restart_us,
        .only_due = gavel->is_fifo,
        .shuffle = wanted->types != 0,
        .seed = (uint64_t)wanted->seed,
    };
    rounds_init(&gavel->rounds, settings, ctx);
    return true;
}

static void release(void *state)
{
    struct gavel *gavel = state;
    rounds_release(&gavel->rounds);
    fifo_types_release(&gavel->fifo);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* nothing to ask yet */
    struct gavel *gavel = state;
    rounds_submit(&gavel->rounds, job);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct gavel *gavel = state;
    rounds_finish(&gavel->rounds, ctx, job);
}

static void allocate_fifo(void *owner, struct rounds *rounds, struct sched_ctx *ctx)
{
    fifo_types_allocate(owner, rounds, sched_cluster(ctx));
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct gavel *gavel = state;
    if (gavel->is_fifo) {
        rounds_decide(&gavel->rounds, ctx, allocate_fifo, &gavel->fifo);
        return;
    }
    rounds_decide(&gavel->rounds, ctx, allocation_compute, &gavel->allocation);
}

extern const struct sched_ops sched_policy_gavel;
const struct sched_ops sched_policy_gavel = {
    .name = "gavel",
    .help = "time on each GPU model by a linear program, made to happen in rounds",
    .source = "Narayanan et al., Heterogeneity-Aware Cluster Scheduling Policies, OSDI 2020; "
              "stanford-futuredata/gavel",
    .flags = SCHED_PREEMPTS | SCHED_ORACLE | SCHED_NEEDS_SPEEDS,
    .validated =
        "Gavel's simulator: goal=isolated and fifo with speeds=false,types=python and "
        "goal=fifo, job by job, the programs in the mean (results/gavel); Shockwave's, with "
        "round=120,reset=1000,restart=20: all but max_min job by job (results/shockwave)",
    .state_size = sizeof(struct gavel),
    .params_size = sizeof(struct gavel_params),
    .params = params,
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
