/*
 * test_liars.c - the kit itself is judged: small policies that each break one law, and promise it,
 * must be caught; the same policies made honest must not.
 *
 * None of them is in the table, so this is also what happens to a plug-in that promises too much.
 */
#include <criterion/criterion.h>

#include "kit.h"
#include "sim/base/rng.h"
#include "sim/base/vec.h"

/* -- a queue that liars have in common ------------------------------------------------------- */

struct line {
    VEC(uint32_t) jobs; /* who waits, in submit order */
    uint32_t running;
};

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* nothing to ask */
    struct line *line = state;
    vec_push(&line->jobs, job);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx;
    (void)job; /* how many run is all that is kept */
    ((struct line *)state)->running--;
}

static void release(void *state)
{
    struct line *line = state;
    vec_release(&line->jobs);
}

static bool start_nth(struct line *line, struct sched_ctx *ctx, size_t i)
{
    if (!sched_start(ctx, line->jobs.items[i])) {
        return false;
    }
    for (size_t j = i; j + 1 < line->jobs.count; j++) {
        line->jobs.items[j] = line->jobs.items[j + 1];
    }
    line->jobs.count--;
    line->running++;
    return true;
}

static void start_forward(struct line *line, struct sched_ctx *ctx)
{
    size_t i = 0;
    while (i < line->jobs.count) {
        i += start_nth(line, ctx, i) ? 0 : 1;
    }
}

static void start_backward(struct line *line, struct sched_ctx *ctx)
{
    for (size_t i = line->jobs.count; i > 0; i--) {
        (void)start_nth(line, ctx, i - 1); /* who finds no room waits on */
    }
}

/* -- what they do ---------------------------------------------------------------------------- */

/* First in, first out, passing over who finds no room: honest about work conservation only. */
static void skip(void *state, struct sched_ctx *ctx)
{
    start_forward(state, ctx);
}

static void one_at_a_time(void *state, struct sched_ctx *ctx)
{
    struct line *line = state;
    for (size_t i = 0; i < line->jobs.count && line->running == 0; i++) {
        (void)start_nth(line, ctx, i); /* the next one is tried */
    }
}

static void backward_after_a_minute(void *state, struct sched_ctx *ctx)
{
    if (sched_now_us(ctx) < 60 * SECOND_US) {
        start_forward(state, ctx);
    } else {
        start_backward(state, ctx);
    }
}

/* Jobs of less than four seconds go first, the others from the end. */
static void short_by_the_clock(void *state, struct sched_ctx *ctx)
{
    struct line *line = state;
    size_t i = 0;
    while (i < line->jobs.count) {
        bool is_short = sched_job(ctx, line->jobs.items[i]).estimate_us < 4 * SECOND_US;
        i += is_short && start_nth(line, ctx, i) ? 0 : 1;
    }
    start_backward(line, ctx);
}

static void backward_in_large_clusters(void *state, struct sched_ctx *ctx)
{
    if (sched_cluster(ctx)->nodes.count < 5) {
        start_forward(state, ctx);
    } else {
        start_backward(state, ctx);
    }
}

static void by_queue_name(void *state, struct sched_ctx *ctx)
{
    struct line *line = state;
    while (line->jobs.count > 0) {
        size_t best = 0;
        for (size_t i = 1; i < line->jobs.count; i++) {
            const char *name = sched_queue_name(ctx, sched_job(ctx, line->jobs.items[i]).queue);
            uint32_t queue = sched_job(ctx, line->jobs.items[best]).queue;
            best = strcmp(name, sched_queue_name(ctx, queue)) < 0 ? i : best;
        }
        if (!start_nth(line, ctx, best)) {
            return;
        }
    }
}

static void never_the_third(void *state, struct sched_ctx *ctx)
{
    struct line *line = state;
    size_t i = 0;
    while (i < line->jobs.count) {
        i += line->jobs.items[i] != 2 && start_nth(line, ctx, i) ? 0 : 1;
    }
}

/* One task of each gang, on the first node. */
static void half_gangs(void *state, struct sched_ctx *ctx)
{
    struct line *line = state;
    for (size_t i = 0; i < line->jobs.count; i++) {
        struct sched_spot spot = {0};
        if (sched_job(ctx, line->jobs.items[i]).tasks > 1) {
            (void)sched_start_at(ctx, line->jobs.items[i], &spot, 1, 0);
        }
    }
    start_forward(line, ctx);
}

/* Last in, first out. */
static void backward(void *state, struct sched_ctx *ctx)
{
    start_backward(state, ctx);
}

/* -- the dock -------------------------------------------------------------------------------- */

struct liar {
    void (*decide)(void *state, struct sched_ctx *ctx);
    enum sched_law promise;
    const char *law; /* by which of the kit's it is caught; NULL: honest */
};

static const struct liar LIARS[] = {
    {skip, SCHED_LAW_NO_IDLE, NULL},
    {skip, SCHED_LAW_TIME_SCALE, NULL},
    {skip, SCHED_LAW_SPARE_NODES, NULL},
    {skip, SCHED_LAW_SUBMIT_ORDER, "schedule"},
    {backward, SCHED_LAW_SUBMIT_ORDER, "schedule"},
    {one_at_a_time, SCHED_LAW_NO_IDLE, "schedule"},
    {skip, SCHED_LAW_FAIR_TURNS, "schedule"},
    {skip, SCHED_LAW_LEVELS, "schedule"},
    {never_the_third, SCHED_LAW_NONE, "schedule"},
    {half_gangs, SCHED_LAW_NONE, "schedule"},
    {skip, SCHED_LAW_QUEUE_LIMITS, "queue limits"},
    {by_queue_name, SCHED_LAW_NONE, "names"},
    {backward_after_a_minute, SCHED_LAW_NONE, "idle time ahead"},
    {short_by_the_clock, SCHED_LAW_TIME_SCALE, "time scale"},
    {backward_in_large_clusters, SCHED_LAW_SPARE_NODES, "spare nodes"},
    {skip, SCHED_LAW_HEAD_FIRST, "head first"},
    {skip, SCHED_LAW_NO_DELAY, "no delay"},
};

static const struct param_spec LIMITS[] = {
    {.name = "limits", .type = PARAM_TEXT, .dflt = "3/8", .help = "not looked at"},
    {.name = NULL},
};

/* The first law of the kit's that it breaks in some world of many, or NULL. */
static const char *convict(const struct liar *liar, struct text *complaint)
{
    const struct sched_promise laws[] = {{liar->promise, NULL}, {.law = SCHED_LAW_NONE}};
    const struct sched_ops ops = {
        .name = "liar",
        .state_size = sizeof(struct line),
        .params_size = sizeof(struct view),
        .params = LIMITS,
        .laws = laws,
        .submit = submit,
        .finish = finish,
        .release = release,
        .decide = liar->decide,
    };
    char spec[] = "liar";
    const struct variant variant = {&ops, spec, variant_find_laws(&ops, spec), true};
    gsl_rng *random = rng_new(1, "liars", 0);
    const char *broken = NULL;
    for (uint32_t i = 0; i < 1000 && broken == NULL; i++) {
        struct world world;
        world_draw(&world, random, i % 2 == 0 ? WORLD_ANY : WORLD_PLAIN);
        for (uint32_t law = 0; law < KIT_LAW_COUNT && broken == NULL; law++) {
            struct kit_trial trial = {&variant, &world, random, NULL, false, {0}};
            if (kit_judges(&KIT_LAWS[law], &variant) && !KIT_LAWS[law].judge(&trial)) {
                broken = KIT_LAWS[law].name;
                text_add(complaint, trial.complaint.bytes);
            }
            text_release(&trial.complaint);
        }
    }
    gsl_rng_free(random);
    return broken;
}

Test(liars, are_caught_by_the_law_they_break_and_honest_ones_are_not)
{
    for (size_t i = 0; i < sizeof(LIARS) / sizeof(*LIARS); i++) {
        struct text complaint = {0};
        const char *broken = convict(&LIARS[i], &complaint);
        if (LIARS[i].law == NULL) {
            cr_assert_null(broken, "liar %zu is honest, but: %s", i, complaint.bytes);
        } else {
            cr_assert_not_null(broken, "liar %zu breaks '%s' and was not caught", i, LIARS[i].law);
            cr_assert_str_eq(broken, LIARS[i].law, "liar %zu: %s", i, complaint.bytes);
        }
        text_release(&complaint);
    }
}
