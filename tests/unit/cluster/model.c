/* model.c - see model.h. */
#include "model.h"

#include <string.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

void slow_init(struct slow_world *world, const struct cluster *cluster)
{
    world->cluster = cluster;
    world->nodes = mem_alloc(cluster->nodes.count, sizeof(*world->nodes));
    for (uint32_t i = 0; i < cluster->nodes.count; i++) {
        struct slow_node *node = &world->nodes[i];
        node->pool = cluster_pool(cluster, i);
        node->divisible_milli = node->pool->divisible ? 1000 * (int64_t)node->pool->gpu_count : 0;
        node->cpu_milli = node->pool->cpu_milli;
        node->memory_mib = node->pool->memory_mib;
        for (uint32_t g = 0; g < node->pool->gpu_count && !node->pool->divisible; g++) {
            node->gpus[g].milli = 1000;
            node->gpus[g].memory_mib = node->pool->gpu_memory_mib;
        }
    }
}

void slow_release(struct slow_world *world)
{
    free(world->nodes);
}

static uint32_t device_count(const struct slow_node *node)
{
    return node->pool->divisible ? 0 : node->pool->gpu_count;
}

int64_t slow_idle(const struct slow_node *node)
{
    int64_t idle = node->divisible_milli / 1000;
    for (uint32_t g = 0; g < device_count(node); g++) {
        idle += node->gpus[g].tasks == 0 ? 1 : 0;
    }
    return idle;
}

int64_t slow_milli(const struct slow_node *node)
{
    int64_t milli = node->divisible_milli;
    for (uint32_t g = 0; g < device_count(node); g++) {
        milli += node->gpus[g].milli;
    }
    return milli;
}

/* Milli and MiB of each GPU; false when the request is impossible there. */
static bool each_of(const struct pool *pool, const struct request *request, int64_t *milli,
                    int64_t *memory_mib)
{
    if (request->kind == GPU_FRACTION) {
        *milli = request->gpu_milli;
        *memory_mib = request->gpu_milli * pool->gpu_memory_mib / 1000;
        return true;
    }
    if (pool->gpu_memory_mib < request->gpu_memory_mib) {
        return false;
    }
    *memory_mib = request->gpu_memory_mib;
    *milli = 1000 * request->gpu_memory_mib / pool->gpu_memory_mib;
    *milli = *milli == 0 ? 1 : *milli;
    return true;
}

static bool choose_divisible(const struct slow_node *node, const struct request *request,
                             struct slow_hold *out)
{
    int64_t milli = 1000;
    int64_t memory_mib = 0;
    if (request->kind == GPU_MIG ||
        (request->kind != GPU_WHOLE && !each_of(node->pool, request, &milli, &memory_mib))) {
        return false;
    }
    out->divisible_milli = milli * request->gpu_count;
    return out->divisible_milli <= node->divisible_milli;
}

static bool choose_devices(const struct slow_node *node, const struct request *request,
                           struct slow_hold *out)
{
    int64_t milli = 1000;
    int64_t memory_mib = 0;
    if (request->kind != GPU_WHOLE && !each_of(node->pool, request, &milli, &memory_mib)) {
        return false;
    }
    for (uint32_t i = 0; i < request->gpu_count; i++) {
        uint32_t best = 64;
        for (uint32_t g = 0; g < device_count(node); g++) {
            const struct slow_gpu *gpu = &node->gpus[g];
            bool fits = request->kind == GPU_WHOLE
                            ? gpu->tasks == 0
                            : gpu->milli >= milli && gpu->memory_mib >= memory_mib;
            if (fits && !out->used[g] && (best == 64 || gpu->milli < node->gpus[best].milli)) {
                best = g;
            }
        }
        if (best == 64) {
            return false;
        }
        out->used[best] = true;
        out->milli[best] = milli;
        out->memory_mib[best] =
            request->kind == GPU_WHOLE ? node->pool->gpu_memory_mib : memory_mib;
    }
    return true;
}

/* The legal starts on a GPU of 80 GB, as NVIDIA lists them, highest first. */
static const struct {
    struct mig_profile profile;
    int size;
    int starts[8]; /* ends with -1 */
} MIG_TABLE[] = {
    {{1, 10}, 1, {6, 5, 4, 3, 2, 1, 0, -1}},
    {{1, 20}, 2, {6, 4, 2, 0, -1}},
    {{2, 20}, 2, {4, 2, 0, -1}},
    {{3, 40}, 4, {4, 0, -1}},
    {{4, 40}, 4, {0, -1}},
    {{7, 80}, 8, {0, -1}},
};

static int count_free(const bool taken[8], const bool more[8])
{
    int count = 0;
    for (int s = 0; s < 8; s++) {
        count += !taken[s] && !more[s] ? 1 : 0;
    }
    return count;
}

static int find_slot(const bool taken[8], const bool more[8], int size, const int *starts)
{
    for (; *starts >= 0; starts++) {
        bool all_free = true;
        for (int s = *starts; s < *starts + size; s++) {
            all_free = all_free && !taken[s] && !more[s];
        }
        if (all_free) {
            return *starts;
        }
    }
    return -1;
}

static bool choose_instance(const struct slow_node *node, int size, const int *starts,
                            struct slow_hold *out)
{
    int used = 0;
    for (int g = 0; g < 64; g++) {
        used += out->used[g] ? 1 : 0;
    }
    uint32_t best = 64;
    for (uint32_t g = 0; g < device_count(node); g++) {
        if ((used == 8 && !out->used[g]) ||
            find_slot(node->gpus[g].slices, out->slices[g], size, starts) < 0) {
            continue;
        }
        if (best == 64 || count_free(node->gpus[g].slices, out->slices[g]) <
                              count_free(node->gpus[best].slices, out->slices[best])) {
            best = g;
        }
    }
    if (best == 64) {
        return false;
    }
    int start = find_slot(node->gpus[best].slices, out->slices[best], size, starts);
    for (int s = start; s < start + size; s++) {
        out->slices[best][s] = true;
    }
    out->used[best] = true;
    return true;
}

static bool choose_mig(const struct slow_node *node, const struct request *request,
                       struct slow_hold *out)
{
    bool offered = false;
    for (uint32_t i = 0; i < node->pool->mig_profile_count; i++) {
        struct mig_profile profile = node->pool->mig_profiles[i];
        offered = offered || (profile.compute_slices == request->mig_profile.compute_slices &&
                              profile.memory_gb == request->mig_profile.memory_gb);
    }
    size_t row = 0;
    while (offered &&
           (MIG_TABLE[row].profile.compute_slices != request->mig_profile.compute_slices ||
            MIG_TABLE[row].profile.memory_gb != request->mig_profile.memory_gb)) {
        row++;
    }
    for (uint32_t i = 0; offered && i < request->gpu_count; i++) {
        struct slow_hold before = *out;
        if (!choose_instance(node, MIG_TABLE[row].size, MIG_TABLE[row].starts, out)) {
            return false;
        }
        for (int g = 0; g < 64; g++) {
            if (memcmp(before.slices[g], out->slices[g], sizeof(before.slices[g])) != 0) {
                out->milli[g] += 1000 * request->mig_profile.compute_slices / 7;
                out->memory_mib[g] += MIG_TABLE[row].size * (node->pool->gpu_memory_mib / 8);
            }
        }
    }
    return offered;
}

bool slow_choose(const struct slow_world *world, uint32_t number, const struct request *request,
                 struct slow_hold *out)
{
    const struct slow_node *node = &world->nodes[number];
    const struct pool *pool = node->pool;
    *out = (struct slow_hold){
        .node = number,
        .cpu_milli = request->cpu_milli,
        .request_memory_mib = request->memory_mib,
    };
    bool model_fits = request->models == 0;
    for (uint32_t m = 0; m < 64; m++) {
        model_fits = model_fits || (pool->model == m && (request->models >> m & 1) != 0);
    }
    if (!model_fits || request->cpu_milli > node->cpu_milli ||
        request->memory_mib > node->memory_mib) {
        return false;
    }
    if (request->kind == GPU_NONE) {
        return true;
    }
    if (request->kind == GPU_MIG) {
        return choose_mig(node, request, out);
    }
    if (pool->mig_profile_count > 0) {
        return false;
    }
    return pool->divisible ? choose_divisible(node, request, out)
                           : choose_devices(node, request, out);
}

void slow_change(struct slow_world *world, const struct slow_hold *hold, int sign)
{
    struct slow_node *node = &world->nodes[hold->node];
    node->divisible_milli -= sign * hold->divisible_milli;
    if (node->pool->cpu_milli != UNLIMITED) {
        node->cpu_milli -= sign * hold->cpu_milli;
    }
    if (node->pool->memory_mib != UNLIMITED) {
        node->memory_mib -= sign * hold->request_memory_mib;
    }
    for (uint32_t g = 0; g < 64; g++) {
        struct slow_gpu *gpu = &node->gpus[g];
        gpu->milli -= sign * hold->milli[g];
        gpu->memory_mib -= sign * hold->memory_mib[g];
        gpu->tasks += hold->used[g] ? sign : 0;
        for (int s = 0; s < 8; s++) {
            gpu->slices[s] = hold->slices[g][s] ? sign > 0 : gpu->slices[s];
        }
    }
}

static const char *label_of(const struct pool *pool, const char *key)
{
    for (uint32_t i = 0; i < pool->label_count; i++) {
        if (strcmp(pool->labels[i].key, key) == 0) {
            return pool->labels[i].value;
        }
    }
    return NULL;
}

static bool is_like(const struct slow_world *world, uint32_t node, uint32_t level, uint32_t like)
{
    for (uint32_t i = 0; like != NODE_NONE && i <= level; i++) {
        const char *key = world->cluster->levels[i].label;
        const char *a = label_of(world->nodes[node].pool, key);
        const char *b = label_of(world->nodes[like].pool, key);
        if (a == NULL || b == NULL || strcmp(a, b) != 0) {
            return false;
        }
    }
    return true;
}

uint32_t slow_find(const struct slow_world *world, enum slow_rule rule,
                   const struct request *request, uint32_t level, uint32_t like, uint32_t from)
{
    uint32_t best = NODE_NONE;
    int64_t best_idle = 0;
    int64_t best_milli = 0;
    for (uint32_t i = from; i < world->cluster->nodes.count; i++) {
        struct slow_hold hold;
        if (!is_like(world, i, level, like) || !slow_choose(world, i, request, &hold)) {
            continue;
        }
        struct slow_world changed = *world;
        struct slow_node before = world->nodes[i];
        slow_change(&changed, &hold, 1);
        int64_t idle = slow_idle(&world->nodes[i]);
        int64_t milli = slow_milli(&world->nodes[i]);
        world->nodes[i] = before;
        bool more = idle > best_idle || (idle == best_idle && milli > best_milli);
        bool less = idle < best_idle || (idle == best_idle && milli < best_milli);
        if (best == NODE_NONE || (rule == SLOW_BEST && less) || (rule == SLOW_WORST && more)) {
            best = i;
            best_idle = idle;
            best_milli = milli;
        }
    }
    return best;
}

bool slow_agrees(const struct slow_world *world, const struct slow_hold *hold,
                 const struct grant *grant)
{
    const struct slow_node *node = &world->nodes[hold->node];
    int64_t milli = hold->divisible_milli;
    int64_t memory_mib = 0;
    uint64_t gpus = 0;
    uint32_t position = 0;
    bool slices_agree = true;
    bool whole = true;
    for (uint32_t g = 0; g < device_count(node); g++) {
        milli += hold->milli[g];
        memory_mib += hold->memory_mib[g];
        gpus |= (uint64_t)hold->used[g] << g;
        whole = whole && (!hold->used[g] || node->gpus[g].tasks == 0);
        if (hold->used[g] && node->pool->mig_profile_count > 0) {
            for (int s = 0; s < 8; s++) {
                bool granted = (grant->mig_slices[position] >> s & 1) != 0;
                slices_agree = slices_agree && granted == hold->slices[g][s];
            }
            position++;
        }
    }
    /* A grant of whole GPUs does not count their memory. */
    bool memory_agrees =
        grant->gpu_memory_mib == memory_mib ||
        (whole && grant->gpu_memory_mib == 0 && milli == 1000 * __builtin_popcountll(gpus));
    return grant->node == hold->node && grant->gpus == gpus && grant->gpu_milli == milli &&
           memory_agrees && slices_agree && grant->cpu_milli == hold->cpu_milli &&
           grant->memory_mib == hold->request_memory_mib;
}

/* -- random worlds --------------------------------------------------------------------------- */

uint32_t draw(gsl_rng *stream, uint32_t below)
{
    return (uint32_t)gsl_rng_uniform_int(stream, below);
}

static void random_pool(gsl_rng *stream, struct cluster *cluster, struct pool *pool)
{
    static const uint32_t GPUS[] = {0, 1, 2, 4, 8, 8, 8, 16, 64, 65, 300};
    static const int64_t MEMORIES[] = {0, 24576, 40960, 81920, 81920};
    static const struct mig_profile PROFILES[] = {{1, 10}, {1, 20}, {2, 20},
                                                  {3, 40}, {4, 40}, {7, 80}};
    *pool = (struct pool){.node_count = 1 + draw(stream, 5), .model = NAMES_NONE};
    uint32_t model = draw(stream, names_count(&cluster->models) + 1);
    pool->model = model == names_count(&cluster->models) ? NAMES_NONE : model;
    pool->gpu_count = GPUS[draw(stream, sizeof(GPUS) / sizeof(*GPUS))];
    pool->gpu_memory_mib = MEMORIES[draw(stream, sizeof(MEMORIES) / sizeof(*MEMORIES))];
    pool->divisible = pool->gpu_count > 64 || draw(stream, 8) == 0;
    pool->cpu_milli = draw(stream, 2) == 0 ? UNLIMITED : INT64_C(8000) * (1 + draw(stream, 8));
    pool->memory_mib = draw(stream, 2) == 0 ? UNLIMITED : INT64_C(1000) * (1 + draw(stream, 90));
    if (draw(stream, 4) == 0 && pool->gpu_memory_mib == 81920 && !pool->divisible) {
        for (uint32_t i = 0; i < 6; i++) {
            if (draw(stream, 3) > 0) {
                pool->mig_profiles[pool->mig_profile_count++] = PROFILES[i];
            }
        }
    }
}

void random_cluster(gsl_rng *stream, struct cluster *out)
{
    static const char *const LEVELS[] = {"block", "rack"};
    static const char *const VALUES[] = {"a", "b", "c"};
    cluster_init(out, LEVELS, draw(stream, 3));
    (void)names_add(&out->models, view_of("V100"), NULL);
    (void)names_add(&out->models, view_of("A100"), NULL);
    uint32_t pools = 1 + draw(stream, 7);
    for (uint32_t i = 0; i < pools; i++) {
        struct pool pool;
        random_pool(stream, out, &pool);
        char name[2] = {(char)('a' + i), '\0'};
        pool.name = name;
        struct label labels[2] = {{"rack", VALUES[draw(stream, 3)]}, {0}};
        labels[1] = (struct label){"block", VALUES[draw(stream, 2)]};
        struct node_draft node = {.label_count = draw(stream, 6) == 0 ? 1 : 2, .labels = labels};
        struct err err = {0};
        CHECK(cluster_add_pool(out, &pool, &node, &err));
    }
    cluster_finish(out);
}

struct request random_request(gsl_rng *stream, const struct cluster *cluster)
{
    static const struct mig_profile PROFILES[] = {{1, 10}, {1, 20}, {2, 20},
                                                  {3, 40}, {4, 40}, {7, 80}};
    struct request request = {.kind = draw(stream, 5)};
    if (draw(stream, 3) == 0) {
        request.cpu_milli = draw(stream, 9000);
    }
    if (draw(stream, 4) == 0) {
        request.memory_mib = draw(stream, 30000);
    }
    if (draw(stream, 4) == 0) {
        request.models = 1 + draw(stream, (1U << names_count(&cluster->models)) - 1);
    }
    if (request.kind != GPU_NONE) {
        request.gpu_count = 1U << draw(stream, 4);
        request.gpu_count -= request.gpu_count > 2 ? draw(stream, 2) : 0;
    }
    if (request.kind == GPU_FRACTION) {
        request.gpu_milli =
            draw(stream, 2) == 0 ? 250 * (1 + draw(stream, 3)) : 1 + draw(stream, 999);
        request.gpu_count = draw(stream, 3) > 0 ? 1 : request.gpu_count;
    }
    if (request.kind == GPU_MEMORY) {
        request.gpu_memory_mib = 1 + draw(stream, 50000);
        request.gpu_count = draw(stream, 3) > 0 ? 1 : request.gpu_count;
    }
    if (request.kind == GPU_MIG) {
        request.mig_profile = PROFILES[draw(stream, 6)];
        request.gpu_count += draw(stream, 6) == 0 ? 8 : 0; /* more than a grant can name GPUs */
    }
    return request;
}

void plain_cluster(struct cluster *out, uint32_t nodes, uint32_t gpus)
{
    struct pool pool = {
        .name = "n",
        .node_count = nodes,
        .gpu_count = gpus,
        .model = NAMES_NONE,
        .cpu_milli = UNLIMITED,
        .memory_mib = UNLIMITED,
    };
    struct node_draft node = {0};
    struct err err = {0};
    cluster_init(out, NULL, 0);
    CHECK(cluster_add_pool(out, &pool, &node, &err));
    cluster_finish(out);
}
