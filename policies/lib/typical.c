/* typical.c - see typical.h. */
#include "policies/lib/typical.h"

#include <stdlib.h>

#include "sim/base/check.h"

void typical_release(struct typical *typical)
{
    vec_release(&typical->seen);
    vec_release(&typical->kinds);
    lookup_release(&typical->lookup);
}

/* -- counting -------------------------------------------------------------------------------- */

/* More is larger; 0 for the same kind. */
static int compare_kinds(const struct typical_kind *a, const struct typical_kind *b)
{
    int order = (a->cpu_milli > b->cpu_milli) - (a->cpu_milli < b->cpu_milli);
    order = order != 0 ? order : (a->gpu_milli > b->gpu_milli) - (a->gpu_milli < b->gpu_milli);
    order = order != 0 ? order : (a->gpu_count > b->gpu_count) - (a->gpu_count < b->gpu_count);
    order = order != 0 ? order : (a->models > b->models) - (a->models < b->models);
    return order != 0
               ? order
               : (a->gpu_memory_mib > b->gpu_memory_mib) - (a->gpu_memory_mib < b->gpu_memory_mib);
}

static bool same_kind(const void *owner, uint32_t number, const void *wanted)
{
    const struct typical *typical = owner;
    return compare_kinds(&typical->seen.items[number], wanted) == 0;
}

static uint32_t hash_kind(const struct typical *typical, const struct typical_kind *kind)
{
    const uint64_t words[] = {(uint64_t)kind->cpu_milli, (uint64_t)kind->gpu_memory_mib,
                              kind->models, (uint64_t)kind->gpu_milli << 32 | kind->gpu_count};
    uint64_t hash = typical->salt;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return (uint32_t)(hash >> 16);
}

static bool add_all(struct typical *typical)
{
    lookup_clear(&typical->lookup, (uint32_t)typical->seen.count);
    for (uint32_t i = 0; i < typical->seen.count; i++) {
        if (!lookup_add(&typical->lookup, hash_kind(typical, &typical->seen.items[i]), i)) {
            return false;
        }
    }
    return true;
}

static void add_kind(struct typical *typical, const struct typical_kind *kind)
{
    uint32_t number = (uint32_t)typical->seen.count;
    vec_push(&typical->seen, *kind);
    if (!lookup_add(&typical->lookup, hash_kind(typical, kind), number)) {
        do {
            typical->salt++;
            CHECK(typical->salt < UINT32_MAX);
        } while (!add_all(typical));
    }
}

void typical_see(struct typical *typical, const struct request *request, int64_t tasks)
{
    if (request->kind == GPU_MIG) {
        return;
    }
    struct typical_kind kind = {
        .cpu_milli = request->cpu_milli, .models = request->models, .tasks = tasks};
    kind.gpu_count = request->kind == GPU_NONE ? 0 : request->gpu_count;
    kind.gpu_milli = request->kind == GPU_WHOLE ? 1000 : 0;
    kind.gpu_milli = request->kind == GPU_FRACTION ? request->gpu_milli : kind.gpu_milli;
    kind.gpu_memory_mib = request->kind == GPU_MEMORY ? request->gpu_memory_mib : 0;
    uint32_t number =
        lookup_find(&typical->lookup, hash_kind(typical, &kind), same_kind, typical, &kind);
    if (number == LOOKUP_NONE) {
        add_kind(typical, &kind);
    } else {
        typical->seen.items[number].tasks += tasks;
    }
    typical->tasks += tasks;
    CHECK(typical->tasks < INT64_C(1) << 40); /* times the milli-GPUs of a node: no overflow */
}

void typical_halve(struct typical *typical)
{
    typical->tasks = 0;
    for (size_t i = 0; i < typical->seen.count; i++) {
        typical->seen.items[i].tasks /= 2;
        typical->tasks += typical->seen.items[i].tasks;
    }
}

static int compare_frequency(const void *a, const void *b)
{
    const struct typical_kind *left = a;
    const struct typical_kind *right = b;
    int order = (left->tasks < right->tasks) - (left->tasks > right->tasks);
    return order != 0 ? order : compare_kinds(right, left);
}

void typical_choose(struct typical *typical, int64_t percent)
{
    vec_clear(&typical->kinds);
    for (size_t i = 0; i < typical->seen.count; i++) {
        if (typical->seen.items[i].tasks > 0) {
            vec_push(&typical->kinds, typical->seen.items[i]);
        }
    }
    if (typical->kinds.count == 0) {
        return;
    }
    struct typical_kind *kinds = typical->kinds.items;
    qsort(kinds, typical->kinds.count, sizeof(*kinds), compare_frequency);
    size_t count = 0;
    int64_t tasks = 0;
    while (count < typical->kinds.count && tasks * 100 < percent * typical->tasks) {
        tasks += kinds[count++].tasks;
    }
    double all = (double)typical->tasks;
    for (size_t i = 0; i < count; i++) {
        kinds[i].share = (double)kinds[i].tasks / all;
        kinds[i].share =
            count < typical->kinds.count ? kinds[i].share / ((double)tasks / all) : kinds[i].share;
    }
    typical->kinds.count = count;
}

/* -- loss ------------------------------------------------------------------------------------ */

/* Why a kind loses what it loses, in the order in which the simulator adds up. */
enum loss_reason { LACKS_BOTH, LACKS_GPU, LACKS_CPU, NEEDS_NONE, NEEDS_NONE_LACKS_CPU, NO_ACCESS };
enum { LOSS_REASONS = NO_ACCESS + 1 };

/* What the kind asks of one GPU of the pool; no GPU has as much as one that cannot serve it. */
static int64_t need_milli(const struct pool *pool, const struct typical_kind *kind)
{
    if (pool->mig_profile_count > 0) {
        return INT32_MAX;
    }
    if (kind->gpu_memory_mib == 0) {
        return kind->gpu_milli;
    }
    if (kind->gpu_memory_mib > pool->gpu_memory_mib) {
        return INT32_MAX;
    }
    return (kind->gpu_memory_mib * 1000 + pool->gpu_memory_mib - 1) / pool->gpu_memory_mib;
}

/* Milli-GPUs on GPUs with less than the need; *enough: whether the others suffice. */
static int64_t crumbs(const struct typical_node *node, const struct typical_kind *kind,
                      bool *enough)
{
    int64_t need = need_milli(node->pool, kind);
    if (node->pool->divisible) {
        *enough = need * kind->gpu_count <= node->free_gpu_milli;
        return 0;
    }
    int64_t sum = 0;
    uint32_t i = 0;
    for (; i < node->gpu_count && node->free[i] < need; i++) {
        sum += node->free[i];
    }
    *enough = node->gpu_count - i >= kind->gpu_count;
    return sum;
}

static int64_t lost_milli(const struct typical_node *node, const struct typical_kind *kind,
                          enum loss_reason *reason)
{
    bool cpu = kind->cpu_milli <= node->free_cpu_milli;
    if (kind->gpu_count == 0) {
        *reason = cpu ? NEEDS_NONE : NEEDS_NONE_LACKS_CPU;
        return node->free_gpu_milli;
    }
    if (kind->models != 0 &&
        (node->pool->model == NAMES_NONE || (kind->models >> node->pool->model & 1) == 0)) {
        *reason = NO_ACCESS;
        return node->free_gpu_milli;
    }
    bool gpus = false;
    int64_t sum = crumbs(node, kind, &gpus);
    if (gpus && cpu) {
        *reason = LACKS_GPU;
        return sum;
    }
    *reason = gpus ? LACKS_CPU : cpu ? LACKS_GPU : LACKS_BOTH;
    return node->free_gpu_milli;
}

int64_t typical_loss(const struct typical *typical, const struct typical_node *node)
{
    int64_t sum = 0;
    for (size_t i = 0; i < typical->kinds.count; i++) {
        enum loss_reason ignored;
        sum += lost_milli(node, &typical->kinds.items[i], &ignored) * typical->kinds.items[i].tasks;
    }
    return sum;
}

double typical_loss_published(const struct typical *typical, const struct typical_node *node)
{
    double sums[LOSS_REASONS] = {0};
    for (size_t i = 0; i < typical->kinds.count; i++) {
        enum loss_reason reason;
        int64_t milli = lost_milli(node, &typical->kinds.items[i], &reason);
        sums[reason] += typical->kinds.items[i].share * (double)milli;
    }
    double sum = 0;
    for (size_t i = 0; i < LOSS_REASONS; i++) {
        sum += sums[i];
    }
    return sum;
}
