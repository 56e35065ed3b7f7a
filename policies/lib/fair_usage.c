/* fair_usage.c - see fair_usage.h. */
#include "policies/lib/fair_usage.h"

#include <math.h>

#include "sim/base/check.h"

static double weight_of(const struct sched_ctx *ctx, uint32_t queue)
{
    const struct cluster *cluster = sched_cluster(ctx);
    for (size_t i = 0; i < cluster->queues.count; i++) {
        const struct queue_spec *spec = &cluster->queues.items[i];
        if (strcmp(spec->name, sched_queue_name(ctx, queue)) == 0 && spec->gpu.weight > 0) {
            return spec->gpu.weight;
        }
    }
    return 1;
}

static int compare_leaves(const void *a, const void *b)
{
    const struct fair_leaf *x = a;
    const struct fair_leaf *y = b;
    if (x->queue != y->queue) {
        return x->queue < y->queue ? -1 : 1;
    }
    return x->user < y->user ? -1 : x->user > y->user;
}

/* One leaf for each queue and user that have a job together. */
static void find_leaves(struct fair_usage *usage, const struct sched_ctx *ctx)
{
    uint32_t jobs = sched_job_count(ctx);
    for (uint32_t job = 0; job < jobs; job++) {
        struct sched_job facts = sched_job(ctx, job);
        struct fair_leaf leaf = {.queue = facts.queue, .user = facts.user};
        vec_push(&usage->leaves, leaf);
    }
    struct fair_leaf *leaves = usage->leaves.items;
    if (jobs > 1) {
        qsort(leaves, jobs, sizeof(*leaves), compare_leaves);
    }
    size_t count = 0;
    for (uint32_t i = 0; i < jobs; i++) {
        if (count == 0 || compare_leaves(&leaves[count - 1], &leaves[i]) != 0) {
            leaves[count++] = leaves[i];
            usage->queues[leaves[i].queue].leaf_count++;
        }
    }
    usage->leaves.count = count;
    for (uint32_t job = 0; job < jobs; job++) {
        struct sched_job facts = sched_job(ctx, job);
        struct fair_leaf leaf = {.queue = facts.queue, .user = facts.user};
        const struct fair_leaf *found =
            bsearch(&leaf, leaves, count, sizeof(*leaves), compare_leaves);
        CHECK(found != NULL);
        usage->leaf_of[job] = (uint32_t)(found - leaves);
    }
}

void fair_usage_init(struct fair_usage *usage, const struct sched_ctx *ctx, int64_t half_life_us)
{
    uint32_t jobs = sched_job_count(ctx);
    usage->queue_count = sched_queue_count(ctx);
    usage->queues = mem_alloc(usage->queue_count, sizeof(*usage->queues));
    usage->leaf_of = mem_alloc(jobs, sizeof(*usage->leaf_of));
    usage->held_milli = mem_alloc(jobs, sizeof(*usage->held_milli));
    usage->rate = half_life_us == 0 ? 0 : log(2.0) / (double)half_life_us;
    find_leaves(usage, ctx);
    double sum = 0;
    for (uint32_t i = 0; i < usage->queue_count; i++) {
        usage->queues[i].share = usage->queues[i].leaf_count > 0 ? weight_of(ctx, i) : 0;
        sum += usage->queues[i].share;
    }
    for (uint32_t i = 0; i < usage->queue_count; i++) {
        usage->queues[i].share = sum > 0 ? usage->queues[i].share / sum : 0;
    }
}

void fair_usage_release(struct fair_usage *usage)
{
    vec_release(&usage->leaves);
    free(usage->queues);
    free(usage->leaf_of);
    free(usage->held_milli);
}

/* Brings the usage of a leaf up to now: what it had decays, and so does what it has held since, as
 * the integral of held * exp(-rate * age). */
static void bring_up(const struct fair_usage *usage, struct fair_leaf *leaf, int64_t now_us)
{
    double span_us = (double)(now_us - leaf->at_us);
    CHECK(span_us >= 0);
    double kept = exp(-usage->rate * span_us);
    double fresh_us = usage->rate > 0 ? -expm1(-usage->rate * span_us) / usage->rate : span_us;
    leaf->usage = leaf->usage * kept + (double)leaf->held_milli * fresh_us;
    leaf->at_us = now_us;
}

static void hold(struct fair_usage *usage, const struct sched_ctx *ctx, uint32_t job, int64_t milli)
{
    struct fair_leaf *leaf = &usage->leaves.items[usage->leaf_of[job]];
    bring_up(usage, leaf, sched_now_us(ctx));
    leaf->held_milli += milli - usage->held_milli[job];
    usage->held_milli[job] = milli;
    CHECK(leaf->held_milli >= 0);
}

void fair_usage_start(struct fair_usage *usage, const struct sched_ctx *ctx, uint32_t job)
{
    uint32_t count = 0;
    const struct grant *grants = sched_grants(ctx, job, &count);
    int64_t milli = 0;
    for (uint32_t i = 0; i < count; i++) {
        milli += grants[i].gpu_milli;
    }
    hold(usage, ctx, job, milli);
}

void fair_usage_finish(struct fair_usage *usage, const struct sched_ctx *ctx, uint32_t job)
{
    hold(usage, ctx, job, 0);
}

/* All usage as of now; its sum. */
static double sum_up(struct fair_usage *usage, int64_t now_us)
{
    double sum = 0;
    for (uint32_t i = 0; i < usage->queue_count; i++) {
        usage->queues[i].usage = 0;
    }
    for (size_t i = 0; i < usage->leaves.count; i++) {
        struct fair_leaf *leaf = &usage->leaves.items[i];
        bring_up(usage, leaf, now_us);
        usage->queues[leaf->queue].usage += leaf->usage;
        sum += leaf->usage;
    }
    return sum;
}

void fair_usage_classic(struct fair_usage *usage, int64_t now_us, double dampening)
{
    double sum = sum_up(usage, now_us);
    for (size_t i = 0; i < usage->leaves.count; i++) {
        struct fair_leaf *leaf = &usage->leaves.items[i];
        const struct fair_queue *queue = &usage->queues[leaf->queue];
        double equal = 1 / (double)queue->leaf_count;
        double mine = sum > 0 ? leaf->usage / sum : 0;
        double of_queue = sum > 0 ? queue->usage / sum : 0;
        double effective = mine + (of_queue - mine) * equal;
        leaf->factor = exp2(-(effective / (queue->share * equal)) / dampening);
    }
}

/* -- Fair Tree ------------------------------------------------------------------------------- */

/* Share over usage among siblings; infinite without usage. */
static double level_of(double share, double usage, double siblings_usage)
{
    return usage > 0 ? share / (usage / siblings_usage) : (double)INFINITY;
}

struct ranked {
    double queue_level;
    double level;
    uint32_t leaf;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    if (x->queue_level < y->queue_level || x->queue_level > y->queue_level) {
        return x->queue_level > y->queue_level ? -1 : 1;
    }
    if (x->level < y->level || x->level > y->level) {
        return x->level > y->level ? -1 : 1;
    }
    return x->leaf < y->leaf ? -1 : 1;
}

static bool is_equal(const struct ranked *a, const struct ranked *b)
{
    return !(a->queue_level < b->queue_level) && !(a->queue_level > b->queue_level) &&
           !(a->level < b->level) && !(a->level > b->level);
}

void fair_usage_tree(struct fair_usage *usage, int64_t now_us)
{
    double sum = sum_up(usage, now_us);
    size_t count = usage->leaves.count;
    struct ranked *ranked = mem_alloc(count, sizeof(*ranked));
    for (uint32_t i = 0; i < count; i++) {
        const struct fair_leaf *leaf = &usage->leaves.items[i];
        const struct fair_queue *queue = &usage->queues[leaf->queue];
        double equal = 1 / (double)queue->leaf_count;
        ranked[i].queue_level = level_of(queue->share, queue->usage, sum);
        ranked[i].level = level_of(equal, leaf->usage, queue->usage);
        ranked[i].leaf = i;
    }
    qsort(ranked, count, sizeof(*ranked), compare_ranked);
    size_t place = 0;
    for (size_t i = 0; i < count; i++) {
        place = i > 0 && is_equal(&ranked[i], &ranked[i - 1]) ? place : i;
        usage->leaves.items[ranked[i].leaf].factor = (double)(count - place) / (double)count;
    }
    free(ranked);
}
