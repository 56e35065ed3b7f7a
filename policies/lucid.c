/*
 * lucid - a short look at every job in a small pool, then the least predicted GPU time first.
 *
 * A job that asks for no more GPUs than the pool has first runs there, fewest GPUs first, for
 * `limit` seconds at most: many end by then, and of the others something is known (here: their
 * estimate becomes their place). They are stopped and wait for the rest of the cluster in the order
 * of estimate times GPUs, the first holding back all others. Jobs that are too large for the pool,
 * need no GPUs or must not be stopped wait there at once. Nobody is stopped outside the pool. A job
 * that is larger than the rest of the cluster may use the pool as well, in which nobody new starts
 * while it is the first to wait.
 *
 * The pool is a number of GPUs, not certain nodes: any placement rule goes with it. What profiling
 * costs is the run's setting: the published simulator begins such jobs from the start afterwards
 * (--checkpoint inf). Pairs of jobs on the same GPUs, the other half of Lucid, are not made: this
 * is its schedule when sharing is switched off (its quiet hours).
 *
 * Good: jobs that fail or end soon never stand behind long ones, no prediction needed for them.
 * Bad: as good as its estimates for the others; a pool too small delays everybody, one too large
 * stands idle.
 */
#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/base/heap.h"
#include "sim/sched.h"

struct lucid_params {
    int64_t pool;
    int64_t limit_us;
};

static const struct param_spec params[] = {
    {.name = "pool",
     .type = PARAM_I64,
     .offset = offsetof(struct lucid_params, pool),
     .dflt = "8",
     .min = 0,
     .max = 1e9,
     .help = "GPUs to look at jobs on; 0: nobody is looked at"},
    {.name = "limit",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct lucid_params, limit_us),
     .dflt = "500",
     .min = 1,
     .max = 1e9,
     .help = "seconds after which a job in the pool is stopped"},
    {.name = NULL},
};

enum home { HOME_NOWHERE, HOME_POOL, HOME_REST };

struct lucid {
    int64_t limit_us;
    int64_t pool_milli;
    int64_t rest_milli; /* of the cluster without the pool */
    int64_t pool_held_milli;
    int64_t rest_held_milli;
    struct heap unknown;    /* who waits for the pool, fewest GPUs first */
    struct heap known;      /* who waits for the rest, least predicted GPU time first */
    VEC(uint32_t) profiled; /* who runs in the pool, in the order of their starts */
    int64_t *held_milli;    /* by job, while it runs */
    uint8_t *homes;         /* by job, while it runs: enum home */
    int64_t wake_us;        /* asked for, or -1 */
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can go wrong */
    const struct lucid_params *wanted = values;
    struct lucid *lucid = state;
    int64_t all_milli = sched_cluster(ctx)->gpu_milli;
    int64_t asked_milli = mul_div_floor(wanted->pool, 1000, 1);
    lucid->limit_us = wanted->limit_us;
    lucid->pool_milli = asked_milli < all_milli ? asked_milli : all_milli;
    lucid->rest_milli = all_milli - lucid->pool_milli;
    lucid->held_milli = mem_alloc(sched_job_count(ctx), sizeof(*lucid->held_milli));
    lucid->homes = mem_alloc(sched_job_count(ctx), sizeof(*lucid->homes));
    lucid->wake_us = -1;
    return true;
}

static void release(void *state)
{
    struct lucid *lucid = state;
    heap_release(&lucid->unknown);
    heap_release(&lucid->known);
    vec_release(&lucid->profiled);
    free(lucid->held_milli);
    free(lucid->homes);
}

static void wait_for_rest(struct lucid *lucid, const struct sched_ctx *ctx, uint32_t job)
{
    struct sched_job facts = sched_job(ctx, job);
    heap_push(&lucid->known, job, mul_div_floor(facts.estimate_us, facts.gpu_milli, 1));
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct lucid *lucid = state;
    struct sched_job facts = sched_job(ctx, job);
    if (facts.preemptible && facts.gpu_milli > 0 && facts.gpu_milli <= lucid->pool_milli) {
        heap_push(&lucid->unknown, job, facts.gpu_milli);
    } else {
        wait_for_rest(lucid, ctx, job);
    }
}

static void leave(struct lucid *lucid, uint32_t job)
{
    bool in_pool = lucid->homes[job] == HOME_POOL;
    *(in_pool ? &lucid->pool_held_milli : &lucid->rest_held_milli) -= lucid->held_milli[job];
    CHECK(lucid->pool_held_milli >= 0 && lucid->rest_held_milli >= 0);
    for (size_t i = 0, kept = 0; in_pool && i < lucid->profiled.count; i++) {
        lucid->profiled.items[kept] = lucid->profiled.items[i];
        kept += lucid->profiled.items[i] != job ? 1 : 0;
    }
    lucid->profiled.count -= in_pool ? 1 : 0;
    lucid->homes[job] = HOME_NOWHERE;
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* everything needed is known here */
    struct lucid *lucid = state;
    if (lucid->homes[job] != HOME_NOWHERE) { /* it gave back its GPUs ahead of its turn */
        leave(lucid, job);
    }
}

static bool start(struct lucid *lucid, struct sched_ctx *ctx, uint32_t job, enum home home)
{
    int64_t before_milli = sched_cluster(ctx)->free_gpu_milli;
    if (!sched_start(ctx, job)) {
        return false;
    }
    lucid->held_milli[job] = before_milli - sched_cluster(ctx)->free_gpu_milli;
    lucid->homes[job] = (uint8_t)home;
    *(home == HOME_POOL ? &lucid->pool_held_milli : &lucid->rest_held_milli) +=
        lucid->held_milli[job];
    return true;
}

/* Those whose time in the pool is over go and wait for the rest. */
static void stop_profiled(struct lucid *lucid, struct sched_ctx *ctx)
{
    while (lucid->profiled.count > 0) {
        uint32_t job = lucid->profiled.items[0];
        if (sched_start_us(ctx, job) + lucid->limit_us > sched_now_us(ctx)) {
            return;
        }
        leave(lucid, job);
        if (!sched_release_ending(ctx, job)) {
            sched_because(ctx, "its time in the pool is over");
            sched_preempt(ctx, job);
            wait_for_rest(lucid, ctx, job);
        }
    }
}

static bool needs_pool(const struct lucid *lucid, const struct sched_ctx *ctx, uint32_t job)
{
    return sched_job(ctx, job).gpu_milli > lucid->rest_milli;
}

static void start_known(struct lucid *lucid, struct sched_ctx *ctx)
{
    sched_because(ctx, "the least predicted GPU time");
    while (heap_count(&lucid->known) > 0) {
        uint32_t job = heap_top(&lucid->known).id;
        bool fits = sched_job(ctx, job).gpu_milli + lucid->rest_held_milli <= lucid->rest_milli;
        if ((!fits && !needs_pool(lucid, ctx, job)) || !start(lucid, ctx, job, HOME_REST)) {
            return;
        }
        (void)heap_pop(&lucid->known); /* the job */
    }
}

static void start_unknown(struct lucid *lucid, struct sched_ctx *ctx)
{
    sched_because(ctx, "to be looked at in the pool");
    bool paused =
        heap_count(&lucid->known) > 0 && needs_pool(lucid, ctx, heap_top(&lucid->known).id);
    while (!paused && heap_count(&lucid->unknown) > 0) {
        uint32_t job = heap_top(&lucid->unknown).id;
        bool fits = sched_job(ctx, job).gpu_milli + lucid->pool_held_milli <= lucid->pool_milli;
        if (!fits || !start(lucid, ctx, job, HOME_POOL)) {
            return;
        }
        (void)heap_pop(&lucid->unknown); /* the job */
        vec_push(&lucid->profiled, job);
    }
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct lucid *lucid = state;
    stop_profiled(lucid, ctx);
    start_known(lucid, ctx);
    start_unknown(lucid, ctx);
    if (lucid->profiled.count > 0) {
        int64_t next_us =
            time_add_us(sched_start_us(ctx, lucid->profiled.items[0]), lucid->limit_us);
        if (next_us != lucid->wake_us) {
            lucid->wake_us = next_us;
            sched_wake_at(ctx, next_us);
        }
    }
}

extern const struct sched_ops sched_policy_lucid;
const struct sched_ops sched_policy_lucid = {
    .name = "lucid",
    .help = "a short run in a pool for everybody, then least predicted GPU time first",
    .source = "Hu et al., Lucid, ASPLOS 2023 (profiler and priority, without packing)",
    .flags = SCHED_PREEMPTS | SCHED_NEEDS_ESTIMATES,
    .state_size = sizeof(struct lucid),
    .params_size = sizeof(struct lucid_params),
    .params = params,
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
