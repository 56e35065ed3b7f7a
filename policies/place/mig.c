/*
 * mig - where on which GPU an instance of MIG starts: the geometry of slots (sim/cluster/mig.h).
 *
 *     slot=first          the first node, its first GPU, the lowest place where the instance may
 * start slot=best           the GPU on which the fewest memory slices stay free, the highest place
 *     slot=fragmentation  the place that costs the profiles on offer least: every start that is
 * free before and not afterwards counts the memory slices of its profile
 *
 * Of places that cost the same the fuller GPU, then the first node and GPU, then the highest place
 * is taken. Several instances of one task are placed one after the other. Requests that are not for
 * MIG go to the tightest node, as under `best`.
 *
 * Good: fragmentation keeps the few places at which large instances may start. Bad: looks at every
 * GPU that fits, and weighs all profiles alike, wanted or not.
 */
#include "sim/cluster/mig.h"

#include <stddef.h>

#include "policies/lib/parts.h"
#include "sim/base/check.h"
#include "sim/place.h"

/* As many GPUs as a grant can tell slices of. */
enum { MOST_DEVICES = sizeof(((struct grant *)NULL)->mig_slices) };

enum mig_slot { SLOT_FRAGMENTATION, SLOT_BEST, SLOT_FIRST };

struct mig_params {
    int slot; /* enum mig_slot */
};

static const struct param_spec params[] = {
    {.name = "slot",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct mig_params, slot),
     .dflt = "fragmentation",
     .choices = "fragmentation|best|first",
     .help = "what a place costs: starts of other profiles, free slices left, or nothing"},
    {.name = NULL},
};

struct mig {
    enum mig_slot slot;
};

static bool init(void *state, const void *values, const struct cluster *cluster, uint64_t seed,
                 struct err *err)
{
    (void)cluster; /* nothing to prepare, nothing is drawn, nothing can go wrong */
    (void)seed;
    (void)err;
    ((struct mig *)state)->slot = (enum mig_slot)((const struct mig_params *)values)->slot;
    return true;
}

/* -- what a place costs ---------------------------------------------------------------------- */

/* The instances of one profile on the GPUs of one node. */
struct shape {
    const struct pool *pool;
    uint32_t slices;
    uint32_t compute;
};

struct place {
    int64_t cost; /* the least is taken, */
    int free;     /* then the fewest memory slices left */
    uint32_t gpu;
    uint32_t start;
};

static bool may_start(uint8_t taken, uint32_t slices, uint32_t compute, uint32_t start)
{
    return start % slices == 0 && start + compute <= MIG_COMPUTE_SLICES &&
           (taken & mig_slice_mask(slices, start)) == 0;
}

/* Free starts of all profiles on offer, each counted with the slices of its profile. */
static int64_t worth_of(const struct pool *pool, uint8_t taken)
{
    int64_t worth = 0;
    for (uint32_t i = 0; i < pool->mig_profile_count; i++) {
        struct mig_profile profile = pool->mig_profiles[i];
        uint32_t slices = mig_memory_slices(profile, pool->gpu_memory_mib);
        for (uint32_t start = 0; start + slices <= MIG_MEMORY_SLICES; start++) {
            worth += may_start(taken, slices, profile.compute_slices, start) ? slices : 0;
        }
    }
    return worth;
}

static struct place place_at(enum mig_slot slot, const struct shape *shape, uint8_t taken,
                             uint32_t gpu, uint32_t start)
{
    uint8_t after = (uint8_t)(taken | mig_slice_mask(shape->slices, start));
    struct place place = {.gpu = gpu, .start = start};
    place.free = MIG_MEMORY_SLICES - __builtin_popcount(after);
    if (slot == SLOT_FRAGMENTATION) {
        place.cost = worth_of(shape->pool, taken) - worth_of(shape->pool, after);
    }
    return place;
}

/* Of equal ones the first looked at stands. */
static bool is_better(enum mig_slot slot, const struct place *a, const struct place *b)
{
    if (slot == SLOT_FIRST) {
        return false;
    }
    return a->cost != b->cost ? a->cost < b->cost : a->free < b->free;
}

/* -- one task on one node -------------------------------------------------------------------- */

struct deal {
    uint8_t taken[NODE_MOST_GPUS]; /* by others, and by this task so far */
    uint8_t given[NODE_MOST_GPUS];
    uint64_t used;
    struct place last;
    int64_t cost; /* of all instances */
};

/* The best place for one more instance; false: there is none. */
static bool deal_one(struct deal *deal, enum mig_slot slot, const struct shape *shape)
{
    bool only_used = __builtin_popcountll(deal->used) == MOST_DEVICES;
    bool found = false;
    for (uint32_t gpu = 0; gpu < shape->pool->gpu_count; gpu++) {
        if (only_used && (deal->used >> gpu & 1) == 0) {
            continue;
        }
        for (uint32_t i = 0; i + shape->slices <= MIG_MEMORY_SLICES; i++) {
            uint32_t start = slot == SLOT_FIRST ? i : MIG_MEMORY_SLICES - shape->slices - i;
            if (!may_start(deal->taken[gpu], shape->slices, shape->compute, start)) {
                continue;
            }
            struct place place = place_at(slot, shape, deal->taken[gpu], gpu, start);
            if (!found || is_better(slot, &place, &deal->last)) {
                deal->last = place;
                found = true;
            }
        }
    }
    if (found) {
        uint8_t mask = mig_slice_mask(shape->slices, deal->last.start);
        deal->taken[deal->last.gpu] |= mask;
        deal->given[deal->last.gpu] |= mask;
        deal->used |= UINT64_C(1) << deal->last.gpu;
        deal->cost += deal->last.cost;
    }
    return found;
}

/* All instances of the task; false: one after the other they do not fit, though in another order
 * of places they may. */
static bool deal_all(struct deal *deal, enum mig_slot slot, const struct cluster *cluster,
                     uint32_t node, const struct request *request)
{
    const struct pool *pool = cluster_pool(cluster, node);
    const struct shape shape = {
        .pool = pool,
        .slices = mig_memory_slices(request->mig_profile, pool->gpu_memory_mib),
        .compute = request->mig_profile.compute_slices,
    };
    const struct gpu *gpus = cluster->gpus.items + cluster->nodes.items[node].first_gpu;
    *deal = (struct deal){0};
    for (uint32_t i = 0; i < pool->gpu_count; i++) {
        deal->taken[i] = gpus[i].mig_slices;
    }
    for (uint32_t i = 0; i < request->gpu_count; i++) {
        if (!deal_one(deal, slot, &shape)) {
            return false;
        }
    }
    return true;
}

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    enum mig_slot slot = ((const struct mig *)state)->slot;
    if (request->kind != GPU_MIG) {
        return cluster_best_fit(cluster, request, filter);
    }
    uint32_t best = cluster_first_fit(cluster, request, filter, 0);
    if (slot == SLOT_FIRST || best == NODE_NONE) {
        return best;
    }
    bool found = false;
    struct place least = {0};
    for (uint32_t node = best; node != NODE_NONE;
         node = cluster_first_fit(cluster, request, filter, node + 1)) {
        struct deal deal;
        if (!deal_all(&deal, slot, cluster, node, request)) {
            continue;
        }
        struct place place = {.cost = deal.cost, .free = deal.last.free};
        if (!found || is_better(slot, &place, &least)) {
            found = true;
            least = place;
            best = node;
        }
    }
    return best;
}

static void choose(void *state, const struct cluster *cluster, uint32_t node,
                   const struct request *request, struct grant *out)
{
    struct deal deal;
    cluster_choose(cluster, node, request, out);
    if (request->kind != GPU_MIG ||
        !deal_all(&deal, ((const struct mig *)state)->slot, cluster, node, request)) {
        return;
    }
    uint32_t slices =
        mig_memory_slices(request->mig_profile, cluster_pool(cluster, node)->gpu_memory_mib);
    uint32_t position = 0;
    memset(out->mig_slices, 0, sizeof(out->mig_slices));
    memset(out->mig_compute, 0, sizeof(out->mig_compute));
    out->gpus = deal.used;
    for (uint64_t rest = deal.used; rest != 0; rest &= rest - 1) {
        CHECK(position < MOST_DEVICES);
        uint8_t given = deal.given[__builtin_ctzll(rest)];
        uint32_t instances = (uint32_t)__builtin_popcount(given) / slices;
        out->mig_slices[position] = given;
        out->mig_compute[position] = (uint8_t)(instances * request->mig_profile.compute_slices);
        position++;
    }
}

static bool next_part(void *state, const struct cluster *cluster, const struct place_split *split,
                      uint32_t *node, uint32_t *count)
{
    uint32_t left = split->request->gpu_count - split->placed;
    struct part part = part_next(pick, state, cluster, split->request, split->filter, left);
    *node = part.node;
    *count = part.count;
    return part.count > 0;
}

extern const struct place_ops place_rule_mig;
const struct place_ops place_rule_mig = {
    .name = "mig",
    .help = "MIG instances where they cost other profiles least; all else on the tightest node",
    .source = "NVIDIA MIG user guide (slots); lost starts after FGD, Weng et al., ATC'23",
    .state_size = sizeof(struct mig),
    .params_size = sizeof(struct mig_params),
    .params = params,
    .init = init,
    .pick = pick,
    .choose = choose,
    .next_part = next_part,
};
