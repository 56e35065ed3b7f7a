/* node_list.c - see node_list.h. */
#include "sim/workload/node_list.h"

#include "sim/base/check.h"
#include "sim/cluster/mig.h"

enum { MOST_INSTANCES = NODE_MOST_GPUS * MIG_COMPUTE_SLICES };

void node_entry_init(struct node_entry *entry, struct view name)
{
    *entry = (struct node_entry){
        .name = name,
        .model = {"", 0},
        .cpu_milli = UNLIMITED,
        .memory_mib = UNLIMITED,
    };
}

bool node_entry_add_mig(struct node_entry *entry, struct mig_profile profile, int64_t count)
{
    for (uint32_t i = 0; i < entry->mig_count; i++) {
        if (mig_profile_is(entry->mig[i].profile, profile)) {
            entry->mig[i].count += count;
            return entry->mig[i].count <= MOST_INSTANCES;
        }
    }
    if (entry->mig_count == POOL_MOST_MIG_PROFILES || count > MOST_INSTANCES) {
        return false;
    }
    entry->mig[entry->mig_count++] = (struct mig_instances){profile, count};
    return true;
}

/* -- MIG ------------------------------------------------------------------------------------- */

static bool all_exist(const struct mig_instances *mig, uint32_t count, int64_t gpu_memory_mib)
{
    for (uint32_t i = 0; i < count; i++) {
        if (mig_memory_slices(mig[i].profile, gpu_memory_mib) == 0) {
            return false;
        }
    }
    return true;
}

int64_t node_list_mig_memory(const struct mig_instances *mig, uint32_t count)
{
    /* Memory slices that the profiles of 1 to 7 compute slices usually have: with them, the memory
     * in a profile's name tells that of the GPU. */
    static const int64_t slices[8] = {0, 1, 2, 4, 4, 8, 8, 8};
    int64_t best = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct mig_profile profile = mig[i].profile;
        int64_t usual =
            (int64_t)profile.memory_gb * 1024 * MIG_MEMORY_SLICES / slices[profile.compute_slices];
        /* A GPU of four compute slices (A30): 1g.6gb, 2g.12gb, 4g.24gb. */
        bool is_quarter = profile.memory_gb == profile.compute_slices * 6;
        int64_t guess = is_quarter ? INT64_C(24) * 1024 : usual;
        if (all_exist(mig, count, guess) && (best == 0 || guess < best)) {
            best = guess;
        }
    }
    return best;
}

/* Places one instance on the first GPU that has room; false when 64 have none. */
static bool place_one(uint8_t taken[NODE_MOST_GPUS], struct mig_profile profile,
                      int64_t gpu_memory_mib)
{
    uint32_t slices = mig_memory_slices(profile, gpu_memory_mib);
    for (uint32_t g = 0; g < NODE_MOST_GPUS; g++) {
        uint32_t start = mig_find_start(taken[g], slices, profile.compute_slices);
        if (start != MIG_NO_START) {
            taken[g] |= mig_slice_mask(slices, start);
            return true;
        }
    }
    return false;
}

uint32_t node_list_mig_gpus(const struct mig_instances *mig, uint32_t count, int64_t gpu_memory_mib)
{
    uint8_t taken[NODE_MOST_GPUS] = {0};
    for (uint32_t slices = MIG_MEMORY_SLICES; slices > 0; slices /= 2) {
        for (uint32_t compute = MIG_COMPUTE_SLICES; compute > 0; compute--) {
            for (uint32_t i = 0; i < count; i++) {
                bool now = mig[i].profile.compute_slices == compute &&
                           mig_memory_slices(mig[i].profile, gpu_memory_mib) == slices;
                for (int64_t k = 0; now && k < mig[i].count; k++) {
                    if (!place_one(taken, mig[i].profile, gpu_memory_mib)) {
                        return NODE_MOST_GPUS + 1;
                    }
                }
            }
        }
    }
    uint32_t used = 0;
    while (used < NODE_MOST_GPUS && taken[used] != 0) {
        used++;
    }
    return used;
}

/* -- nodes ----------------------------------------------------------------------------------- */

static bool set_model(struct cluster *cluster, const struct node_entry *entry, struct pool *pool,
                      int64_t line, struct err *err)
{
    pool->model = NAMES_NONE;
    pool->name = pool->gpu_count > 0 ? "gpu" : "cpu";
    if (entry->model.length == 0 || pool->gpu_count == 0) {
        return true;
    }
    if (names_find(&cluster->models, entry->model) == NAMES_NONE &&
        names_count(&cluster->models) == CLUSTER_MOST_MODELS) {
        return err_set(err, ERR_FORMAT, line, "more than %d GPU models", CLUSTER_MOST_MODELS);
    }
    pool->model = names_add(&cluster->models, entry->model, NULL);
    pool->name = names_get(&cluster->models, pool->model);
    return true;
}

static bool add_pool(struct cluster *cluster, const struct node_entry *entry, struct pool *pool,
                     const char *suffix, int64_t line, struct err *err)
{
    struct text name = {0};
    text_add_bytes(&name, entry->name.at, entry->name.length);
    text_add(&name, suffix);
    struct node_draft node = {name.bytes, entry->label_count, entry->labels};
    pool->node_count = 1;
    pool->divisible = pool->gpu_count > NODE_MOST_GPUS;
    bool ok = set_model(cluster, entry, pool, line, err);
    if (ok && !cluster_add_pool(cluster, pool, &node, err)) {
        err->line = line;
        ok = false;
    }
    text_release(&name);
    return ok;
}

/* `part` of `whole` in `amount`, or UNLIMITED of UNLIMITED. */
static int64_t share_of(int64_t amount, int64_t part, int64_t whole)
{
    return amount == UNLIMITED ? UNLIMITED : amount / whole * part + amount % whole * part / whole;
}

/* How many GPUs are split and how much memory each has. */
static bool measure_mig(struct cluster *cluster, const struct node_entry *entry, struct pool *pool,
                        int64_t line, struct err *err)
{
    bool told =
        entry->gpu_memory_mib > 0 && all_exist(entry->mig, entry->mig_count, entry->gpu_memory_mib);
    pool->gpu_memory_mib =
        told ? entry->gpu_memory_mib : node_list_mig_memory(entry->mig, entry->mig_count);
    if (pool->gpu_memory_mib == 0) {
        return err_set(err, ERR_FORMAT, line,
                       "node '%.*s': no GPU has all its MIG profiles, expected those of one model",
                       VIEW_ARG(entry->name));
    }
    if (!told) {
        cluster_note(cluster, "GPU memory of nodes with MIG is guessed from the names of profiles");
    }
    uint32_t needed = node_list_mig_gpus(entry->mig, entry->mig_count, pool->gpu_memory_mib);
    if (needed > NODE_MOST_GPUS) {
        return err_set(err, ERR_FORMAT, line,
                       "node '%.*s': its MIG instances need more than %d GPUs",
                       VIEW_ARG(entry->name), NODE_MOST_GPUS);
    }
    pool->gpu_count = entry->mig_gpus > needed ? (uint32_t)entry->mig_gpus : needed;
    for (uint32_t i = 0; i < entry->mig_count; i++) {
        pool->mig_profiles[i] = entry->mig[i].profile;
    }
    pool->mig_profile_count = entry->mig_count;
    cluster_note(cluster,
                 "MIG layouts are not fixed: a GPU that is split can hold any instances of "
                 "its node's profiles that fit together");
    return true;
}

bool node_list_add(struct cluster *cluster, const struct node_entry *entry, int64_t line,
                   struct err *err)
{
    CHECK(entry->gpus >= 0 && entry->mig_gpus >= 0);
    struct pool whole = {.cpu_milli = entry->cpu_milli, .memory_mib = entry->memory_mib};
    if (entry->name.length == 0) {
        return err_set(err, ERR_FORMAT, line, "a node has no name");
    }
    if (entry->gpus > NODE_MOST_DIVISIBLE_GPUS || entry->mig_gpus > NODE_MOST_GPUS) {
        return err_set(err, ERR_FORMAT, line, "node '%.*s': too many GPUs, expected at most %d",
                       VIEW_ARG(entry->name),
                       entry->mig_gpus > 0 ? NODE_MOST_GPUS : NODE_MOST_DIVISIBLE_GPUS);
    }
    whole.gpu_count = (uint32_t)entry->gpus;
    whole.gpu_memory_mib = entry->gpus > 0 ? entry->gpu_memory_mib : 0;
    if (entry->mig_count == 0) {
        return add_pool(cluster, entry, &whole, "", line, err);
    }
    struct pool split = {.cpu_milli = entry->cpu_milli, .memory_mib = entry->memory_mib};
    if (!measure_mig(cluster, entry, &split, line, err)) {
        return false;
    }
    if (entry->gpus == 0) {
        return add_pool(cluster, entry, &split, "", line, err);
    }
    int64_t gpus = entry->gpus + split.gpu_count;
    split.cpu_milli = share_of(entry->cpu_milli, split.gpu_count, gpus);
    split.memory_mib = share_of(entry->memory_mib, split.gpu_count, gpus);
    whole.cpu_milli = share_of(entry->cpu_milli, entry->gpus, gpus);
    whole.memory_mib = share_of(entry->memory_mib, entry->gpus, gpus);
    cluster_note(cluster, "nodes with whole and split GPUs are two nodes each, the second named "
                          "'-mig', with CPU and memory in proportion");
    return add_pool(cluster, entry, &whole, "", line, err) &&
           add_pool(cluster, entry, &split, "-mig", line, err);
}
