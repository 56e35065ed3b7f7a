/*
 * bestfit - the node on which least is left of CPUs and GPUs together.
 *
 * What would be left is weighed half by CPU and half by GPU, each as a part of the largest node of
 * the cluster. score=exact compares that; score=published compares whole per cent of it, rounded
 * down, as the simulator of the FGD study does, so that many nodes are equally good. Of equally
 * good nodes the first is taken. `best` looks at GPUs only.
 *
 * Good: leaves neither CPUs without GPUs nor GPUs without CPUs on small nodes. Bad: blind to sizes
 * of tasks, so what is left may be of no use; the published score hides small differences.
 */
#include "policies/lib/node_states.h"
#include "policies/lib/parts.h"
#include "sim/base/arith.h"
#include "sim/place.h"

enum bestfit_score { SCORE_EXACT, SCORE_PUBLISHED };

struct bestfit_params {
    int score; /* enum bestfit_score */
};

static const struct param_spec params[] = {
    {.name = "score",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct bestfit_params, score),
     .dflt = "exact",
     .choices = "exact|published",
     .help = "compare what is left to nine digits, or whole per cent of it"},
    {.name = NULL},
};

struct bestfit {
    struct node_states *states;
    enum bestfit_score score;
    struct node_most most;
};

/* The order of operations is that of the simulator, which decides what is rounded down. */
static double left_percent(const struct bestfit *bestfit, int64_t cpu_milli, int64_t gpu_milli)
{
    double left = 0;
    if (bestfit->most.cpu_milli > 0) {
        left += (double)cpu_milli / (double)bestfit->most.cpu_milli * 0.5;
    }
    if (bestfit->most.gpu_milli > 0) {
        left += (double)gpu_milli / (double)bestfit->most.gpu_milli * 0.5;
    }
    return (1.0 - left) * 100;
}

/* In parts of a thousand million; 0 when nothing bounds it. */
static int64_t part_of(int64_t left, int64_t most)
{
    return most > 0 ? mul_div_ceil(left, 1000000000, most) : 0;
}

static int64_t score(void *rule, const struct node_look *look, const struct request *request)
{
    const struct bestfit *bestfit = rule;
    bool bounded = look->free_cpu_milli != UNLIMITED;
    int64_t cpu_milli = bounded ? look->free_cpu_milli - request->cpu_milli : 0;
    int64_t gpu_milli = look->free_gpu_milli - request_gpu_milli(request);
    if (bestfit->score == SCORE_PUBLISHED) {
        return (int64_t)left_percent(bestfit, cpu_milli, gpu_milli);
    }
    return -(part_of(cpu_milli, bestfit->most.cpu_milli) +
             part_of(gpu_milli, bestfit->most.gpu_milli));
}

static bool init(void *state, const void *values, const struct cluster *cluster, uint64_t seed,
                 struct err *err)
{
    (void)seed; /* nothing is drawn */
    (void)err;  /* nothing can go wrong */
    struct bestfit *bestfit = state;
    bestfit->score = (enum bestfit_score)((const struct bestfit_params *)values)->score;
    bestfit->most = node_most_of(cluster);
    bestfit->states = node_states_new(cluster, score, bestfit);
    return true;
}

static void release(void *state)
{
    node_states_free(((struct bestfit *)state)->states);
}

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    return node_states_best(((struct bestfit *)state)->states, cluster, request, filter);
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

extern const struct place_ops place_rule_bestfit;
const struct place_ops place_rule_bestfit = {
    .name = "bestfit",
    .help = "the node on which least is left of CPUs and GPUs together",
    .source = "FGD's simulator (BestFitScore), Weng et al., USENIX ATC 2023",
    .state_size = sizeof(struct bestfit),
    .params_size = sizeof(struct bestfit_params),
    .params = params,
    .validated = "FGD's simulator, BestFit, pod by pod (score=published): results/fgd",
    .init = init,
    .release = release,
    .pick = pick,
    .next_part = next_part,
};
