/*
 * shockwave - a greedy stand-in for Shockwave: each round the GPUs to the jobs whose progress adds
 * most to the welfare of all, with a push for those that would end late and for the longest.
 *
 * NOT the published policy, which plans many rounds ahead by an integer program and predicts how
 * batch sizes will change from a Dirichlet prior. Its three aims are here, one round at a time.
 * With u the done part of a job's work, the value of a round per GPU is
 *
 *     (log(u after) - log(u now)) / GPUs * max(1, rho / rhomax)^lambda  +  k * late
 *
 * where the logarithm makes it Nash welfare (u no less than `origin`); rho is the time from
 * submission to the end if it ran on from now, over the time it would take alone on its share of
 * the cluster, as in themis; and late is 1 if the job alone, from now on, takes longer than all
 * that is left takes the whole cluster, so that it decides when all ends.
 *
 * Good: short mean completion and a short end of all, at no cost to look at. Bad: sees neither the
 * next round nor the next batch size; needs to know the work of jobs; jobs are stopped every few
 * minutes.
 */
#include <math.h>

#include "policies/lib/rounds.h"
#include "sim/sched.h"

struct shockwave_params {
    double k;
    double lambda;
    double rhomax;
    double origin;
    int64_t round_us;
    int64_t restart_us;
};

static const struct param_spec params[] = {
    {.name = "k",
     .type = PARAM_F64,
     .offset = offsetof(struct shockwave_params, k),
     .dflt = "10",
     .min = 0,
     .max = 1e9,
     .help = "the push for jobs that decide when all ends"},
    {.name = "lambda",
     .type = PARAM_F64,
     .offset = offsetof(struct shockwave_params, lambda),
     .dflt = "5",
     .min = 0,
     .max = 100,
     .help = "how strong the push for jobs that would end late is"},
    {.name = "rhomax",
     .type = PARAM_F64,
     .offset = offsetof(struct shockwave_params, rhomax),
     .dflt = "1",
     .min = 0.01,
     .max = 1e6,
     .help = "how late a job may end, in times of that on its share, without a push"},
    {.name = "origin",
     .type = PARAM_F64,
     .offset = offsetof(struct shockwave_params, origin),
     .dflt = "0.000001",
     .min = 1e-12,
     .max = 1,
     .help = "the done part of a job that has not begun, in logarithms"},
    {.name = "round",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct shockwave_params, round_us),
     .dflt = "120",
     .min = 1,
     .max = 1e9,
     .help = "the length of a round"},
    {.name = "restart",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct shockwave_params, restart_us),
     .dflt = "0",
     .min = 0,
     .max = 1e9,
     .help = "what a job that did not run in the round before loses of its round"},
    {0},
};

struct shockwave {
    struct rounds rounds;
    struct shockwave_params params;
};

/* Of a job, in microseconds at reference speed. */
struct standing {
    double work_us;
    double left_us;
    double gpus;
};

static struct standing standing_of(const struct rounds *rounds, struct sched_ctx *ctx, size_t at)
{
    const struct rounds_job *job = &rounds->jobs.items[at];
    return (struct standing){
        .work_us = (double)sched_duration_us(ctx, job->job),
        .left_us = (double)sched_remaining_us(ctx, job->job),
        .gpus = (double)job->size_milli / 1000,
    };
}

static double value_of(const struct shockwave *shockwave, struct sched_ctx *ctx, size_t at,
                       double all_left_us)
{
    const struct shockwave_params *wanted = &shockwave->params;
    struct standing job = standing_of(&shockwave->rounds, ctx, at);
    if (job.work_us <= 0) {
        return 1;
    }
    double gpus = (double)sched_cluster(ctx)->gpu_milli / 1000;
    double done = (job.work_us - job.left_us) / job.work_us;
    double after = done + fmin(job.left_us, (double)wanted->round_us) / job.work_us;
    double gain = log(fmax(after, wanted->origin)) - log(fmax(done, wanted->origin));
    double crowding = gpus > 0 ? job.gpus * (double)shockwave->rounds.jobs.count / gpus : 1;
    uint32_t number = shockwave->rounds.jobs.items[at].job;
    double age_us = (double)(sched_now_us(ctx) - sched_job(ctx, number).submit_us);
    double rho = (age_us + job.left_us) / (job.work_us * fmax(crowding, 1));
    double push = pow(fmax(rho / wanted->rhomax, 1), wanted->lambda);
    double late = job.left_us > all_left_us ? wanted->k : 0;
    return gain / job.gpus * push + late;
}

static void set_values(void *owner, struct rounds *rounds, struct sched_ctx *ctx)
{
    const struct shockwave *shockwave = owner;
    double gpus = (double)sched_cluster(ctx)->gpu_milli / 1000;
    double all_left_us = 0; /* of the whole cluster, if all were always busy */
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        struct standing job = standing_of(rounds, ctx, i);
        all_left_us += gpus > 0 ? job.left_us * job.gpus / gpus : 0;
    }
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        double value = value_of(shockwave, ctx, i, all_left_us);
        for (uint32_t k = 0; k < rounds->type_count; k++) {
            rounds_cells(rounds, i)[k].x = value;
        }
    }
}

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can fail */
    struct shockwave *shockwave = state;
    shockwave->params = *(const struct shockwave_params *)values;
    struct rounds_settings settings = {
        .round_us = shockwave->params.round_us,
        .restart_us = shockwave->params.restart_us,
        .every_round = true,
    };
    rounds_init(&shockwave->rounds, settings, ctx);
    return true;
}

static void release(void *state)
{
    rounds_release(&((struct shockwave *)state)->rounds);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* nothing to ask yet */
    rounds_submit(&((struct shockwave *)state)->rounds, job);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    rounds_finish(&((struct shockwave *)state)->rounds, ctx, job);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    rounds_decide(&((struct shockwave *)state)->rounds, ctx, set_values, state);
}

static const struct sched_promise laws[] = {
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_shockwave;
const struct sched_ops sched_policy_shockwave = {
    .name = "shockwave",
    .help = "greedy stand-in for Shockwave: welfare of a round, with a push for the late (not the "
            "published program)",
    .source = "Zheng et al., Shockwave: Fair and Efficient Cluster Scheduling for Dynamic "
              "Adaptation in Machine Learning, NSDI 2023 (its aims, not its method)",
    .flags = SCHED_PREEMPTS | SCHED_ORACLE,
    .state_size = sizeof(struct shockwave),
    .params_size = sizeof(struct shockwave_params),
    .params = params,
    .laws = laws,
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
