/*
 * lottery - lottery scheduling: every turn is drawn.
 *
 * Whose job starts next is drawn among the tenants that wait and find room, each with as many
 * tickets as its weight.
 *
 * Good: proportional in the mean with no state at all, no starvation. Bad: far off in the short
 * run; every seed is another schedule.
 */
#include "policies/lib/turns.h"
#include "sim/base/rng.h"
#include "sim/sched.h"

struct lottery_params {
    struct turns_rules rules;
    int64_t seed;
};

static const struct param_spec params[] = {
    TURNS_PARAMS(struct lottery_params),
    {.name = "seed",
     .type = PARAM_I64,
     .offset = offsetof(struct lottery_params, seed),
     .dflt = "0",
     .min = 0,
     .max = 1e15,
     .help = "of the draws"},
    {0},
};

struct lottery {
    struct turns turns; /* first: turns_submit and turns_finish find it there */
    gsl_rng *stream;
};

static uint32_t choose(void *owner, struct turns *turns, struct sched_ctx *ctx)
{
    (void)ctx; /* weights say it all */
    struct lottery *lottery = owner;
    double tickets = 0;
    uint32_t last = TURNS_NOBODY;
    uint32_t candidates = 0;
    for (uint32_t i = 0; i < turns->tenants.count; i++) {
        const struct turns_tenant *tenant = &turns->tenants.items[i];
        tickets += turns_may(tenant) ? tenant->weight : 0;
        last = turns_may(tenant) ? i : last;
        candidates += turns_may(tenant) ? 1 : 0;
    }
    if (candidates == 1) {
        return last; /* without a choice nothing is drawn, so that quiet times change nothing */
    }
    double drawn = gsl_rng_uniform(lottery->stream) * tickets;
    for (uint32_t i = 0; i < turns->tenants.count; i++) {
        const struct turns_tenant *tenant = &turns->tenants.items[i];
        if (!turns_may(tenant)) {
            continue;
        }
        if (drawn < tenant->weight) {
            return i;
        }
        drawn -= tenant->weight;
    }
    return last;
}

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can fail */
    const struct lottery_params *wanted = values;
    struct lottery *lottery = state;
    turns_init(&lottery->turns, ctx, &wanted->rules);
    lottery->stream = rng_new((uint64_t)wanted->seed, "policy.lottery", 0);
    return true;
}

static void release(void *state)
{
    struct lottery *lottery = state;
    turns_release(&lottery->turns);
    gsl_rng_free(lottery->stream);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    turns_decide(&((struct lottery *)state)->turns, ctx, choose, state);
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_NO_IDLE, "strict=false"},
    {SCHED_LAW_TIME_SCALE, NULL},
    {SCHED_LAW_SPARE_NODES, NULL},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_lottery;
const struct sched_ops sched_policy_lottery = {
    .name = "lottery",
    .help = "the tenant whose job starts next is drawn, weights are tickets",
    .source = "Waldspurger and Weihl, Lottery Scheduling, OSDI 1994",
    .state_size = sizeof(struct lottery),
    .params_size = sizeof(struct lottery_params),
    .params = params,
    .laws = laws,
    .init = init,
    .release = release,
    .submit = turns_submit,
    .finish = turns_finish,
    .decide = decide,
};
