/*
 * fgd - fragmentation gradient descent: the node, and the GPU on it, where the task makes least of
 * what is free useless to typical tasks.
 *
 * The loss of a node is what a task drawn from the typical ones could not use of it, on average
 * (policies/lib/typical.h); a task goes where the loss grows least, or shrinks most. Of equally
 * good nodes and GPUs the first is taken. score=exact compares the growth in integers;
 * score=published is the whole number 100 / (1 + e^growth), growth in GPUs, of the authors'
 * simulator, which makes many places equal.
 *
 * typical=history learns the typical tasks from what was submitted, up to the task in hand.
 * typical=trace looks into the future: the tasks of the whole trace are known from the start, as in
 * the paper. training=N learns from the first N tasks only; halflife=N makes what was seen count
 * half after every N tasks. MIG instances are neither learned from nor told apart by score.
 *
 * Good: gets the most out of a cluster with shared GPUs and a recurrent mix of tasks. Bad: when the
 * mix changes it has kept the wrong holes; it knows no topology and no later departures.
 */
#include <math.h>

#include "policies/lib/node_states.h"
#include "policies/lib/parts.h"
#include "policies/lib/typical.h"
#include "sim/base/check.h"
#include "sim/cluster/fit.h"
#include "sim/place.h"

enum fgd_score { SCORE_EXACT, SCORE_PUBLISHED };
enum fgd_typical { TYPICAL_HISTORY, TYPICAL_TRACE };

struct fgd_params {
    int score;   /* enum fgd_score */
    int typical; /* enum fgd_typical */
    int64_t share;
    int64_t training;
    int64_t halflife;
};

static const struct param_spec params[] = {
    {.name = "score",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct fgd_params, score),
     .dflt = "exact",
     .choices = "exact|published",
     .help = "compare what is lost, or the paper's whole numbers up to 100"},
    {.name = "typical",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct fgd_params, typical),
     .dflt = "history",
     .choices = "history|trace",
     .help = "typical tasks are those submitted so far, or (the future!) of the whole trace"},
    {.name = "share",
     .type = PARAM_I64,
     .offset = offsetof(struct fgd_params, share),
     .dflt = "95",
     .min = 1,
     .max = 100,
     .help = "per cent of the tasks that the typical kinds make up"},
    {.name = "training",
     .type = PARAM_I64,
     .offset = offsetof(struct fgd_params, training),
     .dflt = "0",
     .min = 0,
     .max = 1e9,
     .help = "learn from the first so many tasks only; 0: from all"},
    {.name = "halflife",
     .type = PARAM_I64,
     .offset = offsetof(struct fgd_params, halflife),
     .dflt = "0",
     .min = 0,
     .max = 1e9,
     .help = "after so many tasks what was seen before counts half; 0: never"},
    {.name = NULL},
};

struct fgd {
    struct fgd_params params;
    struct node_states *states;
    struct typical typical;
    int64_t learned; /* tasks */
    int64_t fresh;   /* of these, since the typical ones were chosen */
    int64_t aging;   /* of these, since counts were halved */
};

/* -- learning -------------------------------------------------------------------------------- */

static bool foresees(const void *values)
{
    return ((const struct fgd_params *)values)->typical == TYPICAL_TRACE;
}

static bool is_trained(const struct fgd *fgd)
{
    return fgd->params.training > 0 && fgd->learned >= fgd->params.training;
}

static void learn(void *state, const struct place_demand *demand)
{
    struct fgd *fgd = state;
    if (is_trained(fgd)) {
        return;
    }
    struct request request = *demand->request;
    if (demand->is_free && request.kind == GPU_WHOLE) {
        request = part_request(&request, 1); /* its parts may be as small as that */
    }
    typical_see(&fgd->typical, &request, demand->tasks);
    fgd->learned += demand->tasks;
    fgd->fresh += demand->tasks;
    fgd->aging += demand->tasks;
    if (fgd->params.halflife > 0 && fgd->aging >= fgd->params.halflife) {
        typical_halve(&fgd->typical);
        fgd->aging = 0;
    }
}

/* Choosing anew makes every score stale, so it is done when there is a sixteenth more to go by, or
 * no more to come. */
static void choose_typical(struct fgd *fgd)
{
    bool all = foresees(&fgd->params) || is_trained(fgd);
    if (fgd->fresh > 0 &&
        (all || fgd->typical.kinds.count == 0 || fgd->fresh >= fgd->typical.tasks / 16)) {
        typical_choose(&fgd->typical, fgd->params.share);
        node_states_forget(fgd->states);
        fgd->fresh = 0;
    }
}

/* -- scores ---------------------------------------------------------------------------------- */

/* More is better; `before` is of the node as it is. */
static int64_t score_of(const struct fgd *fgd, const struct typical_node *before,
                        const struct typical_node *after)
{
    if (fgd->params.score == SCORE_EXACT) {
        return typical_loss(&fgd->typical, before) - typical_loss(&fgd->typical, after);
    }
    double gain = (typical_loss_published(&fgd->typical, before) -
                   typical_loss_published(&fgd->typical, after)) /
                  1000;
    return (int64_t)(1.0 / (1.0 + exp(-gain)) * 100);
}

/* A GPU has less than before; those before it still rise. */
static void take_milli(struct typical_node *node, uint32_t place, int32_t milli)
{
    int32_t left = node->free[place] - milli;
    for (; place > 0 && node->free[place - 1] > left; place--) {
        node->free[place] = node->free[place - 1];
    }
    node->free[place] = left;
}

/* Takes whole GPUs (the last ones), CPU, and what counts over all GPUs. */
static void take_request(struct typical_node *node, const struct request *request, int64_t milli)
{
    if (node->free_cpu_milli != UNLIMITED) {
        node->free_cpu_milli -= request->cpu_milli;
    }
    node->free_gpu_milli -= milli;
    if (request->kind == GPU_WHOLE) {
        for (uint32_t i = 0; node->gpu_count > 0 && i < request->gpu_count; i++) {
            CHECK(node->free[node->gpu_count - 1] == 1000);
            take_milli(node, node->gpu_count - 1, 1000);
        }
    }
}

static void node_of_look(struct typical_node *node, const struct node_look *look)
{
    node->pool = look->pool;
    node->free_gpu_milli = look->free_gpu_milli;
    node->free_cpu_milli = look->free_cpu_milli;
    node->gpu_count = look->gpu_count;
    for (uint32_t i = 0; i < look->gpu_count; i++) {
        node->free[i] = look->gpus[i].free_milli;
    }
}

static bool has_room(const struct node_gpu *gpu, const struct gpu_need *need)
{
    return gpu->free_milli >= need->milli && gpu->free_memory_mib >= need->memory_mib;
}

/* The best that one of the GPUs makes of it. */
static int64_t score_one_gpu(const struct fgd *fgd, const struct node_look *look,
                             const struct typical_node *before, const struct request *request)
{
    struct gpu_need need;
    bool possible = fit_gpu_need(look->pool, request, &need);
    CHECK(possible);
    int64_t best = INT64_MIN;
    int32_t last_milli = -1;
    for (uint32_t i = 0; i < look->gpu_count; i++) {
        if (!has_room(&look->gpus[i], &need) || look->gpus[i].free_milli == last_milli) {
            continue;
        }
        last_milli = look->gpus[i].free_milli;
        struct typical_node after = *before;
        take_request(&after, request, need.milli);
        take_milli(&after, i, (int32_t)need.milli);
        int64_t score = score_of(fgd, before, &after);
        best = score > best ? score : best;
    }
    return best;
}

/* On several shared GPUs: the tightest ones, as cluster_choose has it. */
static void take_shared(struct typical_node *after, const struct node_look *look,
                        const struct request *request)
{
    struct gpu_need need;
    bool possible = fit_gpu_need(look->pool, request, &need);
    CHECK(possible);
    take_request(after, request, need.milli * request->gpu_count);
    uint32_t left = request->gpu_count;
    for (uint32_t i = 0; left > 0 && i < look->gpu_count; i++) {
        if (has_room(&look->gpus[i], &need)) {
            take_milli(after, i, (int32_t)need.milli); /* those behind i stay in place */
            left--;
        }
    }
}

static int64_t score(void *rule, const struct node_look *look, const struct request *request)
{
    const struct fgd *fgd = rule;
    struct typical_node before;
    node_of_look(&before, look);
    struct typical_node after = before;
    switch ((enum gpu_kind)request->kind) {
    case GPU_NONE:
    case GPU_WHOLE:
        take_request(&after, request, request_gpu_milli(request));
        break;
    case GPU_FRACTION:
    case GPU_MEMORY:
        if (request->gpu_count == 1 && !look->pool->divisible) {
            return score_one_gpu(fgd, look, &before, request);
        }
        take_shared(&after, look, request);
        break;
    case GPU_MIG:
        return 0;
    }
    return score_of(fgd, &before, &after);
}

/* -- the rule -------------------------------------------------------------------------------- */

static bool init(void *state, const void *values, const struct cluster *cluster, uint64_t seed,
                 struct err *err)
{
    (void)seed; /* nothing is drawn */
    (void)err;  /* nothing can go wrong */
    struct fgd *fgd = state;
    fgd->params = *(const struct fgd_params *)values;
    fgd->states = node_states_new(cluster, score, fgd);
    return true;
}

static void release(void *state)
{
    struct fgd *fgd = state;
    node_states_free(fgd->states);
    typical_release(&fgd->typical);
}

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    struct fgd *fgd = state;
    choose_typical(fgd);
    return node_states_best(fgd->states, cluster, request, filter);
}

/* The first of the GPUs that make the best of it. */
static uint32_t best_gpu(const struct fgd *fgd, const struct cluster *cluster, uint32_t number,
                         const struct request *request)
{
    struct node_look look;
    struct typical_node before = {0};
    struct gpu_need need;
    node_look_at(&look, cluster, number);
    node_of_look(&before, &look);
    bool possible = fit_gpu_need(look.pool, request, &need);
    CHECK(possible);
    const struct gpu *gpus = &cluster->gpus.items[cluster->nodes.items[number].first_gpu];
    uint32_t best = NODE_MOST_GPUS;
    int64_t best_score = 0;
    for (uint32_t gpu = 0; gpu < look.gpu_count; gpu++) {
        if (gpus[gpu].free_milli < need.milli || gpus[gpu].free_memory_mib < need.memory_mib) {
            continue;
        }
        uint32_t place = 0;
        while (before.free[place] != gpus[gpu].free_milli) {
            place++;
        }
        struct typical_node after = before;
        take_request(&after, request, need.milli);
        take_milli(&after, place, (int32_t)need.milli);
        int64_t found = score_of(fgd, &before, &after);
        if (best == NODE_MOST_GPUS || found > best_score) {
            best = gpu;
            best_score = found;
        }
    }
    CHECK(best < NODE_MOST_GPUS);
    return best;
}

static void choose(void *state, const struct cluster *cluster, uint32_t node,
                   const struct request *request, struct grant *out)
{
    cluster_choose(cluster, node, request, out);
    bool shared = request->kind == GPU_FRACTION || request->kind == GPU_MEMORY;
    if (shared && request->gpu_count == 1 && !cluster_pool(cluster, node)->divisible) {
        out->gpus = UINT64_C(1) << best_gpu(state, cluster, node, request);
    }
}

static bool next_part(void *state, const struct cluster *cluster, const struct place_split *split,
                      uint32_t *node, uint32_t *count)
{
    struct part part = part_next(pick, state, cluster, split->request, split->filter,
                                 split->request->gpu_count - split->placed);
    *node = part.node;
    *count = part.count;
    return part.count > 0;
}

extern const struct place_ops place_rule_fgd;
const struct place_ops place_rule_fgd = {
    .name = "fgd",
    .help = "where least of what is free becomes useless to typical tasks",
    .source = "Weng et al., Beware of Fragmentation, USENIX ATC 2023, and its simulator",
    .state_size = sizeof(struct fgd),
    .params_size = sizeof(struct fgd_params),
    .params = params,
    .validated = "FGD's simulator, FGD, node and GPU of every pod (score=published,typical=trace): "
                 "results/fgd",
    .init = init,
    .release = release,
    .foresees = foresees,
    .learn = learn,
    .pick = pick,
    .choose = choose,
    .next_part = next_part,
};
