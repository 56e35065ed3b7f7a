/* cluster.c - making, copying and freeing a cluster; names; see cluster.h. */
#include "sim/cluster/cluster.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>

#include "sim/base/check.h"
#include "sim/base/text.h"
#include "sim/cluster/index.h"
#include "sim/cluster/mig.h"
#include "sim/cluster/topology.h"

/* Far above any real node; keeps every product of an amount and a count within 64 bits. */
#define MOST_AMOUNT INT64_C(1000000000000)

enum { LONGEST_NOTE = 400 };

void cluster_init(struct cluster *cluster, const char *const *levels, uint32_t level_count)
{
    CHECK(level_count <= CLUSTER_MOST_LEVELS);
    *cluster = (struct cluster){.level_count = level_count};
    for (uint32_t i = 0; i < level_count; i++) {
        cluster->levels[i].label = arena_copy_text(&cluster->arena, levels[i], strlen(levels[i]));
    }
}

/* -- adding pools ---------------------------------------------------------------------------- */

static bool amount_is_sound(int64_t amount, bool may_be_unlimited)
{
    return (amount >= 0 && amount <= MOST_AMOUNT) || (may_be_unlimited && amount == UNLIMITED);
}

static bool check_mig(const struct pool *pool, struct err *err)
{
    for (uint32_t i = 0; i < pool->mig_profile_count; i++) {
        struct mig_profile profile = pool->mig_profiles[i];
        if (mig_memory_slices(profile, pool->gpu_memory_mib) == 0) {
            return err_set(err, ERR_FORMAT, 0,
                           "pool \"%.60s\": a GPU of %" PRId64
                           " MiB has no MIG instance %ug.%ugb (they have 1, 2, 4 or 8 eighths of "
                           "its memory, and no more compute slices than that)",
                           pool->name, pool->gpu_memory_mib, (unsigned)profile.compute_slices,
                           (unsigned)profile.memory_gb);
        }
    }
    if (pool->mig_profile_count > 0 && pool->divisible) {
        return err_set(
            err, ERR_FORMAT, 0,
            "pool \"%.60s\": GPUs of a divisible node cannot be split into MIG instances",
            pool->name);
    }
    return true;
}

static bool check_pool(const struct cluster *cluster, const struct pool *pool, struct err *err)
{
    const char *wrong = NULL;
    if (pool->node_count == 0 || pool->node_count > CLUSTER_MOST_NODES - cluster->nodes.count) {
        wrong = "a cluster has 1 to 1048576 nodes in all";
    } else if (pool->gpu_count > NODE_MOST_DIVISIBLE_GPUS) {
        wrong = "a node has at most 1048576 GPUs";
    } else if (!pool->divisible && (size_t)pool->gpu_count * pool->node_count >
                                       CLUSTER_MOST_GPUS - cluster->gpus.count) {
        wrong = "a cluster has at most 16777216 GPUs on nodes that are not divisible";
    } else if (!amount_is_sound(pool->gpu_memory_mib, false)) {
        wrong = "GPU memory must be 0 to 10^12 MiB";
    } else if (!amount_is_sound(pool->cpu_milli, true)) {
        wrong = "CPUs of a node must be 0 to 10^9, or unlimited";
    } else if (!amount_is_sound(pool->memory_mib, true)) {
        wrong = "memory of a node must be 0 to 10^12 MiB, or unlimited";
    } else if (!isfinite(pool->price_per_hour) || pool->price_per_hour < 0) {
        wrong = "a price must be 0 or more";
    }
    if (wrong != NULL) {
        return err_set(err, ERR_FORMAT, 0, "pool \"%.60s\": %s", pool->name, wrong);
    }
    return check_mig(pool, err);
}

/* Gives the next node its name; false when another has it. */
static bool add_node_name(struct cluster *cluster, const struct pool *pool, const char *given,
                          uint32_t i, struct err *err)
{
    struct text name = {0};
    text_add(&name, given != NULL ? given : pool->name);
    if (given == NULL && pool->node_count > 1) {
        text_addf(&name, "-%" PRIu32, i);
    }
    bool is_new = false;
    (void)names_add(&cluster->node_names, (struct view){name.bytes, name.length}, &is_new);
    if (!is_new) {
        (void)err_set(err, ERR_FORMAT, 0, "pool \"%.60s\": there is another node \"%.60s\"",
                      pool->name, name.bytes);
    }
    text_release(&name);
    return is_new;
}

static void copy_labels(struct cluster *cluster, const struct node_draft *node, struct pool *pool)
{
    pool->labels = NULL;
    pool->label_count = (uint32_t)node->label_count;
    if (pool->label_count == 0) {
        return;
    }
    struct label *labels = arena_alloc(&cluster->arena, node->label_count, sizeof(*labels));
    for (uint32_t i = 0; i < pool->label_count; i++) {
        const struct label *from = &node->labels[i];
        labels[i].key = arena_copy_text(&cluster->arena, from->key, strlen(from->key));
        labels[i].value = arena_copy_text(&cluster->arena, from->value, strlen(from->value));
    }
    pool->labels = labels;
}

static void add_node(struct cluster *cluster, const struct pool *pool, uint32_t number)
{
    uint64_t all = pool->gpu_count == 0 ? 0 : UINT64_MAX >> (64 - pool->gpu_count % 64) % 64;
    struct node node = {
        .name = names_get(&cluster->node_names, number),
        .pool = (uint32_t)cluster->pools.count - 1,
        .first_gpu = (uint32_t)cluster->gpus.count,
        .idle_gpus = pool->divisible ? 0 : all,
        .free_gpu_milli = INT64_C(1000) * pool->gpu_count,
        .free_cpu_milli = pool->cpu_milli,
        .free_memory_mib = pool->memory_mib,
    };
    vec_push(&cluster->nodes, node);
    struct gpu idle = {.free_milli = 1000, .free_memory_mib = pool->gpu_memory_mib};
    for (uint32_t i = 0; i < pool->gpu_count && !pool->divisible; i++) {
        vec_push(&cluster->gpus, idle);
    }
    cluster->gpu_milli += node.free_gpu_milli;
    cluster->idle_gpu_count += pool->gpu_count;
}

bool cluster_add_pool(struct cluster *cluster, const struct pool *draft,
                      const struct node_draft *node, struct err *err)
{
    CHECK(cluster->index == NULL);
    CHECK(draft->model == NAMES_NONE || draft->model < names_count(&cluster->models));
    CHECK(draft->mig_profile_count <= POOL_MOST_MIG_PROFILES);
    CHECK(node->name == NULL || draft->node_count == 1);
    struct pool pool = *draft;
    pool.divisible = pool.divisible || pool.gpu_count > NODE_MOST_GPUS;
    if (!check_pool(cluster, &pool, err)) {
        return false;
    }
    pool.name = arena_copy_text(&cluster->arena, draft->name, strlen(draft->name));
    pool.first_node = (uint32_t)cluster->nodes.count;
    pool.supply = pool_supply_copy(draft->supply, &cluster->arena);
    copy_labels(cluster, node, &pool);
    vec_push(&cluster->pools, pool);
    for (uint32_t i = 0; i < pool.node_count; i++) {
        if (!add_node_name(cluster, &pool, node->name, i, err)) {
            return false;
        }
        add_node(cluster, &pool, pool.first_node + i);
    }
    cluster->free_gpu_milli = cluster->gpu_milli;
    return true;
}

void cluster_finish(struct cluster *cluster)
{
    CHECK(cluster->index == NULL);
    CHECK(cluster->nodes.count > 0);
    topology_build(cluster);
    cluster->index = index_new(cluster);
    CHECK_SLOW((cluster_check(cluster), true));
}

void cluster_release_all(struct cluster *cluster)
{
    index_free(cluster->index);
    topology_release(cluster);
    vec_release(&cluster->queues);
    vec_release(&cluster->gpus);
    vec_release(&cluster->nodes);
    vec_release(&cluster->pools);
    names_release(&cluster->node_names);
    names_release(&cluster->notes);
    names_release(&cluster->models);
    arena_release(&cluster->arena);
    *cluster = (struct cluster){0};
}

/* -- copying --------------------------------------------------------------------------------- */

static void copy_queues(struct cluster *copy, const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->queues.count; i++) {
        struct queue_spec queue = cluster->queues.items[i];
        queue.name = arena_copy_text(&copy->arena, queue.name, strlen(queue.name));
        vec_push(&copy->queues, queue);
    }
}

static bool carries(const struct pool *pool, const struct label *label)
{
    for (uint32_t i = 0; i < pool->label_count; i++) {
        if (strcmp(pool->labels[i].key, label->key) == 0) {
            return strcmp(pool->labels[i].value, label->value) == 0;
        }
    }
    return false;
}

static void copy_pool(struct cluster *copy, const struct cluster *cluster, const struct pool *pool)
{
    struct node_draft node = {
        .name = pool->node_count == 1 ? cluster->nodes.items[pool->first_node].name : NULL,
        .label_count = pool->label_count,
        .labels = pool->labels,
    };
    struct err err = {0};
    bool added = cluster_add_pool(copy, pool, &node, &err);
    CHECK(added);
}

/* All pools, or those that carry the label. */
static void copy_empty(struct cluster *copy, const struct cluster *cluster,
                       const struct label *label)
{
    const char *levels[CLUSTER_MOST_LEVELS];
    for (uint32_t i = 0; i < cluster->level_count; i++) {
        levels[i] = cluster->levels[i].label;
    }
    cluster_init(copy, levels, cluster->level_count);
    for (uint32_t i = 0; i < names_count(&cluster->models); i++) {
        (void)names_add(&copy->models, view_of(names_get(&cluster->models, i)), NULL);
    }
    vec_reserve(&copy->nodes, cluster->nodes.count);
    if (cluster->gpus.count > 0) {
        vec_reserve(&copy->gpus, cluster->gpus.count);
    }
    for (size_t i = 0; i < cluster->pools.count; i++) {
        const struct pool *pool = &cluster->pools.items[i];
        if (label == NULL || carries(pool, label)) {
            copy_pool(copy, cluster, pool);
        }
    }
    copy_queues(copy, cluster);
    memcpy(copy->digest, cluster->digest, sizeof(copy->digest));
    cluster_finish(copy);
}

void cluster_init_empty_copy(struct cluster *copy, const struct cluster *cluster)
{
    copy_empty(copy, cluster, NULL);
}

bool cluster_init_empty_part(struct cluster *part, const struct cluster *cluster,
                             const struct label *label)
{
    for (size_t i = 0; i < cluster->pools.count; i++) {
        if (carries(&cluster->pools.items[i], label)) {
            copy_empty(part, cluster, label);
            return true;
        }
    }
    return false;
}

void cluster_note(struct cluster *cluster, const char *fmt, ...)
{
    char note[LONGEST_NOTE];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(note, sizeof(note), fmt, args);
    va_end(args);
    (void)names_add(&cluster->notes, view_of(note), NULL);
}

/* -- names ----------------------------------------------------------------------------------- */

bool cluster_model_mask(const struct cluster *cluster, const char *alternatives, uint64_t *out)
{
    uint64_t mask = 0;
    struct view rest = view_of(alternatives);
    while (rest.at != NULL) {
        struct view name = view_trim(view_cut(rest, '|', &rest));
        uint32_t model = names_find(&cluster->models, name);
        if (model != NAMES_NONE) {
            mask |= UINT64_C(1) << model;
        }
    }
    *out = mask;
    return mask != 0;
}

uint32_t cluster_find_node(const struct cluster *cluster, const char *name)
{
    uint32_t node = names_find(&cluster->node_names, view_of(name));
    return node == NAMES_NONE ? NODE_NONE : node;
}

uint32_t cluster_find_level(const struct cluster *cluster, const char *label)
{
    for (uint32_t i = 0; i < cluster->level_count; i++) {
        if (strcmp(cluster->levels[i].label, label) == 0) {
            return i;
        }
    }
    return CLUSTER_MOST_LEVELS;
}
