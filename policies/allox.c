/*
 * allox - every job to the GPU and the place in its queue that make the sum of completion times
 * least, by an assignment of least cost; in rounds.
 *
 * A job that is k-th from the end of a GPU's queue delays itself and the k - 1 after it, so it
 * costs k times its time there. The assignment of jobs to (GPU, k) of least cost is the best order
 * if no more jobs come. Who is first on a GPU gets all of that GPU's time; the others are assigned
 * anew when jobs change.
 *
 * As Shockwave's simulator has it, which lifts AlloX's limit to jobs of one GPU: a job is assigned
 * one GPU, and one of g GPUs gets 1/g of the time. Jobs of one GPU keep theirs to the end; larger
 * ones keep their part of time and are assigned again.
 *
 * Good: short mean completion over GPU models on which jobs differ. Bad: work has to be known; long
 * jobs starve; jobs x GPUs x jobs costs to look at; no notion of gangs.
 */
#include "policies/lib/assignment.h"
#include "policies/lib/rounds.h"
#include "sim/base/mem.h"
#include "sim/sched.h"

enum { MOST_CELLS = 1 << 26 };

struct allox_params {
    double alpha;
    int64_t round_us;
    int64_t reset_us;
    int64_t restart_us;
};

static const struct param_spec params[] = {
    {.name = "alpha",
     .type = PARAM_F64,
     .offset = offsetof(struct allox_params, alpha),
     .dflt = "0.2",
     .min = 0,
     .max = 1,
     .help = "the part of the jobs, oldest first, that is assigned; not fewer than there are GPUs"},
    {.name = "round",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct allox_params, round_us),
     .dflt = "120",
     .min = 1,
     .max = 1e9,
     .help = "the length of a round"},
    {.name = "reset",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct allox_params, reset_us),
     .dflt = "1000",
     .min = 0,
     .max = 1e9,
     .help = "the least time between two allocations"},
    {.name = "restart",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct allox_params, restart_us),
     .dflt = "0",
     .min = 0,
     .max = 1e9,
     .help = "what a job that did not run in the round before loses of its round"},
    {0},
};

struct allox {
    struct rounds rounds;
    double alpha;
};

/* One assignment: the jobs that have no GPU of their own, and the GPUs that nobody owns. */
struct matching {
    struct rounds *rounds;
    uint32_t *jobs; /* places in rounds->jobs, by submission */
    uint32_t job_count;
    uint32_t *types; /* of each GPU */
    uint32_t gpu_count;
};

static bool owns_a_gpu(struct rounds *rounds, size_t at)
{
    double sum = 0;
    for (uint32_t k = 0; k < rounds->type_count; k++) {
        sum += rounds_cells(rounds, at)[k].x;
    }
    return rounds->jobs.items[at].has_x && sum >= 1;
}

static void find_sides(struct matching *matching)
{
    struct rounds *rounds = matching->rounds;
    int64_t gpus[ROUNDS_MOST_TYPES];
    int64_t all = 0;
    for (uint32_t k = 0; k < rounds->type_count; k++) {
        gpus[k] = rounds->types[k].milli / 1000;
        all += gpus[k];
    }
    matching->jobs = mem_alloc(rounds->jobs.count + 1, sizeof(uint32_t));
    matching->types = mem_alloc((size_t)all + 1, sizeof(uint32_t));
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        if (!owns_a_gpu(rounds, i)) {
            matching->jobs[matching->job_count++] = (uint32_t)i;
            continue;
        }
        for (uint32_t k = 0; k < rounds->type_count; k++) {
            gpus[k] -= rounds_cells(rounds, i)[k].x >= 1 ? 1 : 0;
        }
    }
    for (uint32_t k = 0; k < rounds->type_count; k++) {
        for (int64_t i = 0; i < gpus[k]; i++) {
            matching->types[matching->gpu_count++] = k;
        }
    }
}

static double steps_left(struct sched_ctx *ctx, const struct rounds_job *job)
{
    double left_us = (double)sched_remaining_us(ctx, job->job);
    double per_us = sched_step_speed(ctx, job->job, NAMES_NONE) / 1e6;
    return job->no_steps ? -(double)job->past_steps : (double)(int64_t)(left_us * per_us + 0.5);
}

/* Column k * GPUs + g: k-th from the end, from 0, on GPU g. */
static void fill_costs(const struct matching *matching, struct sched_ctx *ctx, double *costs)
{
    for (uint32_t i = 0; i < matching->job_count; i++) {
        uint32_t at = matching->jobs[i];
        const struct rounds_job *job = &matching->rounds->jobs.items[at];
        double left = steps_left(ctx, job);
        int64_t age_us = sched_now_us(ctx) - sched_job(ctx, job->job).submit_us;
        double age_s = (double)age_us / 1e6;
        for (uint32_t k = 0; k < matching->job_count; k++) {
            for (uint32_t g = 0; g < matching->gpu_count; g++) {
                double per_s = rounds_cells(matching->rounds, at)[matching->types[g]].steps_per_s;
                double alone_s = left / (per_s > 0 ? per_s : 1e-10);
                *costs++ = (double)(k + 1) * alone_s + age_s;
            }
        }
    }
}

/* Who is first on a GPU, furthest from the end, gets its time. */
static void give_gpus(const struct matching *matching, const uint32_t *columns)
{
    for (uint32_t g = 0; g < matching->gpu_count; g++) {
        uint32_t first = ASSIGNMENT_NONE;
        for (uint32_t i = 0; i < matching->job_count; i++) {
            if (columns[i] % matching->gpu_count == g &&
                (first == ASSIGNMENT_NONE || columns[i] > columns[first])) {
                first = i;
            }
        }
        if (first == ASSIGNMENT_NONE) {
            continue;
        }
        uint32_t at = matching->jobs[first];
        double gpus = (double)matching->rounds->jobs.items[at].size_milli / 1000;
        struct rounds_cell *cell = &rounds_cells(matching->rounds, at)[matching->types[g]];
        cell->x = gpus > 1 ? 1 / gpus : 1;
    }
}

static void allocate(void *owner, struct rounds *rounds, struct sched_ctx *ctx)
{
    const struct allox *allox = owner;
    if (rounds_recall(rounds, ctx)) {
        return;
    }
    struct matching matching = {.rounds = rounds};
    find_sides(&matching);
    uint32_t most = (uint32_t)(allox->alpha * matching.job_count);
    most = most > matching.gpu_count ? most : matching.gpu_count;
    matching.job_count = matching.job_count < most ? matching.job_count : most;
    uint64_t columns = (uint64_t)matching.job_count * matching.gpu_count;
    uint64_t cells = columns * matching.job_count;
    while (cells > MOST_CELLS) { /* the jobs that came last wait for the next assignment */
        matching.job_count--;
        columns = (uint64_t)matching.job_count * matching.gpu_count;
        cells = columns * matching.job_count;
    }
    if (cells > 0) {
        double *costs = mem_alloc(cells, sizeof(*costs));
        uint32_t *column_of = mem_alloc(matching.job_count, sizeof(*column_of));
        fill_costs(&matching, ctx, costs);
        assignment_solve(costs, matching.job_count, (uint32_t)columns, column_of);
        give_gpus(&matching, column_of);
        free(column_of);
        free(costs);
    }
    free(matching.jobs);
    free(matching.types);
    rounds_remember(rounds, ctx);
}

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can fail */
    const struct allox_params *wanted = values;
    struct rounds_settings settings = {
        .round_us = wanted->round_us,
        .reset_us = wanted->reset_us,
        .restart_us = wanted->restart_us,
    };
    ((struct allox *)state)->alpha = wanted->alpha;
    rounds_init(&((struct allox *)state)->rounds, settings, ctx);
    return true;
}

static void release(void *state)
{
    rounds_release(&((struct allox *)state)->rounds);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* nothing to ask yet */
    rounds_submit(&((struct allox *)state)->rounds, job);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    rounds_finish(&((struct allox *)state)->rounds, ctx, job);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    rounds_decide(&((struct allox *)state)->rounds, ctx, allocate, state);
}

static const struct sched_promise laws[] = {
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_allox;
const struct sched_ops sched_policy_allox = {
    .name = "allox",
    .help = "jobs to GPUs and places in their queues by an assignment of least cost, in rounds",
    .source = "Le et al., AlloX: Compute Allocation in Hybrid Clusters, EuroSys 2020; "
              "uw-mad-dash/shockwave, allox.py",
    .flags = SCHED_PREEMPTS | SCHED_ORACLE | SCHED_NEEDS_SPEEDS,
    .validated = "Shockwave's simulator: restart=20, in the mean (results/shockwave)",
    .state_size = sizeof(struct allox),
    .params_size = sizeof(struct allox_params),
    .params = params,
    .laws = laws,
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
