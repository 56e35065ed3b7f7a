/*
 * dotprod - by the dot product of what the task asks for and what is free, over CPUs and GPUs.
 *
 * sign=largest takes the node whose free CPUs and GPUs are most like the task's in proportion and
 * size (Tetris); sign=smallest the one with the smallest product, the tightest (the FGD study's).
 * norm says what both are divided by before: the node's capacity, the largest node's (max), or what
 * the task asks for (pod). gpus=merge counts all free GPUs of a node together; gpus=share looks at
 * the GPUs in use one by one and at the idle ones together, and the task gets those that made the
 * best product. score=published compares whole per cent, rounded down, as FGD's simulator does. Of
 * equally good nodes and GPUs the first is taken.
 *
 * Good: weighs resources by how much of them is left (largest), or packs all of them (smallest).
 * Bad: the two opposite conventions go by one name; neither knows what the next task asks for.
 */
#include <math.h>

#include "policies/lib/node_states.h"
#include "policies/lib/parts.h"
#include "sim/base/check.h"
#include "sim/cluster/fit.h"
#include "sim/place.h"

enum dotprod_sign { SIGN_LARGEST, SIGN_SMALLEST };
enum dotprod_norm { NORM_NODE, NORM_MAX, NORM_POD };
enum dotprod_gpus { GPUS_MERGE, GPUS_SHARE };
enum dotprod_score { SCORE_EXACT, SCORE_PUBLISHED };

struct dotprod_params {
    int sign;  /* enum dotprod_sign */
    int norm;  /* enum dotprod_norm */
    int gpus;  /* enum dotprod_gpus */
    int score; /* enum dotprod_score */
};

static const struct param_spec params[] = {
    {.name = "sign",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct dotprod_params, sign),
     .dflt = "largest",
     .choices = "largest|smallest",
     .help = "the product that is best"},
    {.name = "norm",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct dotprod_params, norm),
     .dflt = "node",
     .choices = "node|max|pod",
     .help = "amounts are parts of the node, of the largest node, or of what the task asks for"},
    {.name = "gpus",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct dotprod_params, gpus),
     .dflt = "merge",
     .choices = "merge|share",
     .help = "free GPUs of a node count together, or shared ones each alone"},
    {.name = "score",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct dotprod_params, score),
     .dflt = "exact",
     .choices = "exact|published",
     .help = "compare to twelve digits, or whole per cent"},
    {.name = NULL},
};

struct dotprod {
    struct dotprod_params params;
    struct node_states *states;
    struct node_most most;
};

/* -- products -------------------------------------------------------------------------------- */

/* What the task asks for, or what is free, of CPUs and GPUs. */
struct amounts {
    int64_t cpu_milli;
    int64_t gpu_milli;
};

static double part_of(int64_t amount, int64_t whole)
{
    return whole > 0 ? (double)amount / (double)whole : 0;
}

/* The order of operations is that of the simulator, which decides ties. */
static double product(const struct dotprod *dotprod, const struct pool *pool, struct amounts asked,
                      struct amounts free)
{
    struct amounts whole = asked;
    if (dotprod->params.norm == NORM_NODE) {
        whole.cpu_milli = pool->cpu_milli == UNLIMITED ? 0 : pool->cpu_milli;
        whole.gpu_milli = INT64_C(1000) * pool->gpu_count;
    } else if (dotprod->params.norm == NORM_MAX) {
        whole = (struct amounts){dotprod->most.cpu_milli, dotprod->most.gpu_milli};
    }
    double cpus = free.cpu_milli == UNLIMITED ? 0 : part_of(free.cpu_milli, whole.cpu_milli);
    double sum = 0;
    sum += cpus * part_of(asked.cpu_milli, whole.cpu_milli);
    sum += part_of(free.gpu_milli, whole.gpu_milli) * part_of(asked.gpu_milli, whole.gpu_milli);
    sum /= 2;
    return dotprod->params.norm == NORM_POD ? tanh(sum / 10) : sum;
}

/* More is better, from 0 to 1. */
static double goodness(const struct dotprod *dotprod, const struct pool *pool, struct amounts asked,
                       struct amounts free)
{
    double value = product(dotprod, pool, asked, free);
    return dotprod->params.sign == SIGN_SMALLEST ? 1 - value : value;
}

static int64_t whole_score(const struct dotprod *dotprod, double good)
{
    return (int64_t)(good * (dotprod->params.score == SCORE_PUBLISHED ? 100 : 1e12));
}

/* -- GPUs one by one ------------------------------------------------------------------------- */

static bool goes_by_gpu(const struct dotprod *dotprod, const struct pool *pool,
                        const struct request *request)
{
    bool shared = request->kind == GPU_FRACTION || request->kind == GPU_MEMORY;
    return dotprod->params.gpus == GPUS_SHARE && shared && request->gpu_count == 1 &&
           !pool->divisible;
}

struct amounts_of_task {
    struct amounts asked;
    struct gpu_need need;
};

static struct amounts_of_task amounts_of(const struct pool *pool, const struct request *request)
{
    struct amounts_of_task task = {
        .asked = {request->cpu_milli, request_gpu_milli(request)},
        .need = {.milli = 1000},
    };
    if (request->kind == GPU_FRACTION || request->kind == GPU_MEMORY) {
        bool possible = fit_gpu_need(pool, request, &task.need);
        CHECK(possible);
        task.asked.gpu_milli = task.need.milli * request->gpu_count;
    }
    return task;
}

/* What is free on a node as the task would get it: all of it, or its idle GPUs, or one GPU. */
static double best_of_look(const struct dotprod *dotprod, const struct node_look *look,
                           const struct request *request)
{
    struct amounts_of_task task = amounts_of(look->pool, request);
    struct amounts free = {look->free_cpu_milli, look->free_gpu_milli};
    bool by_gpu = goes_by_gpu(dotprod, look->pool, request);
    bool idle_only = dotprod->params.gpus == GPUS_SHARE && request->kind == GPU_WHOLE;
    if (!by_gpu && (!idle_only || look->pool->divisible)) {
        return goodness(dotprod, look->pool, task.asked, free);
    }
    double best = -1;
    free.gpu_milli = 0;
    for (uint32_t i = 0; i < look->gpu_count; i++) {
        const struct node_gpu *gpu = &look->gpus[i];
        if (gpu->free_milli == 1000) {
            free.gpu_milli += 1000;
        } else if (by_gpu && gpu->free_milli >= task.need.milli &&
                   gpu->free_memory_mib >= task.need.memory_mib) {
            struct amounts of_gpu = {look->free_cpu_milli, gpu->free_milli};
            best = fmax(best, goodness(dotprod, look->pool, task.asked, of_gpu));
        }
    }
    bool idle_do = task.asked.gpu_milli <= free.gpu_milli;
    return idle_do ? fmax(best, goodness(dotprod, look->pool, task.asked, free)) : best;
}

static int64_t score(void *rule, const struct node_look *look, const struct request *request)
{
    const struct dotprod *dotprod = rule;
    return whole_score(dotprod, best_of_look(dotprod, look, request));
}

/* The first of the GPUs in use that make the best of it; the first idle one when those do. */
static uint32_t best_gpu(const struct dotprod *dotprod, const struct cluster *cluster,
                         uint32_t number, const struct request *request)
{
    const struct node *node = &cluster->nodes.items[number];
    const struct pool *pool = cluster_pool(cluster, number);
    const struct gpu *gpus = &cluster->gpus.items[node->first_gpu];
    struct amounts_of_task task = amounts_of(pool, request);
    uint32_t best = NODE_MOST_GPUS;
    double best_good = -1;
    for (uint32_t i = 0; i < pool->gpu_count; i++) {
        if (gpus[i].tasks > 0 && gpus[i].free_milli >= task.need.milli &&
            gpus[i].free_memory_mib >= task.need.memory_mib) {
            struct amounts of_gpu = {node->free_cpu_milli, gpus[i].free_milli};
            double good = goodness(dotprod, pool, task.asked, of_gpu);
            best = good > best_good ? i : best;
            best_good = fmax(best_good, good);
        }
    }
    struct amounts idle = {node->free_cpu_milli,
                           INT64_C(1000) * __builtin_popcountll(node->idle_gpus)};
    if (node->idle_gpus != 0 && goodness(dotprod, pool, task.asked, idle) > best_good) {
        best = (uint32_t)__builtin_ctzll(node->idle_gpus);
    }
    CHECK(best < NODE_MOST_GPUS);
    return best;
}

/* -- the rule -------------------------------------------------------------------------------- */

static bool init(void *state, const void *values, const struct cluster *cluster, uint64_t seed,
                 struct err *err)
{
    (void)seed; /* nothing is drawn */
    (void)err;  /* nothing can go wrong */
    struct dotprod *dotprod = state;
    dotprod->params = *(const struct dotprod_params *)values;
    dotprod->most = node_most_of(cluster);
    dotprod->states = node_states_new(cluster, score, dotprod);
    return true;
}

static void release(void *state)
{
    node_states_free(((struct dotprod *)state)->states);
}

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    return node_states_best(((struct dotprod *)state)->states, cluster, request, filter);
}

static void choose(void *state, const struct cluster *cluster, uint32_t node,
                   const struct request *request, struct grant *out)
{
    cluster_choose(cluster, node, request, out);
    if (goes_by_gpu(state, cluster_pool(cluster, node), request)) {
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

extern const struct place_ops place_rule_dotprod;
const struct place_ops place_rule_dotprod = {
    .name = "dotprod",
    .help = "by the dot product of what is asked for and what is free, of CPUs and GPUs",
    .source = "Tetris, Grandl et al., SIGCOMM 2014; FGD's simulator (DotProductScore)",
    .state_size = sizeof(struct dotprod),
    .params_size = sizeof(struct dotprod_params),
    .params = params,
    .validated = "FGD's simulator, DotProd, by its figures "
                 "(sign=smallest,norm=max,gpus=share,score=published): results/fgd",
    .init = init,
    .release = release,
    .pick = pick,
    .choose = choose,
    .next_part = next_part,
};
