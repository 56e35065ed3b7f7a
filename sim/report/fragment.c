/* fragment.c - see fragment.h. */
#include "sim/report/fragment.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

/* -- the typical workload -------------------------------------------------------------------- */

static int compare_requests(const void *a, const void *b)
{
    const struct fragment_kind *left = a;
    const struct fragment_kind *right = b;
    int order = memcmp(&left->request, &right->request, sizeof(left->request));
    return order != 0 ? order : (left->first > right->first) - (left->first < right->first);
}

static int compare_tasks(const void *a, const void *b)
{
    const struct fragment_kind *left = a;
    const struct fragment_kind *right = b;
    int order = (left->tasks < right->tasks) - (left->tasks > right->tasks);
    return order != 0 ? order : (left->first > right->first) - (left->first < right->first);
}

/* The kind of a task group. The parts of a free shape are as small as one GPU. */
static struct fragment_kind kind_of(const struct workload *workload, const struct cluster *cluster,
                                    const struct shape *shape, const struct task_group *group)
{
    struct fragment_kind kind = {.request = group->request};
    struct request *request = &kind.request;
    if (shape->is_free && request->gpu_count > 1) {
        request->cpu_milli /= request->gpu_count;
        request->memory_mib /= request->gpu_count;
        request->gpu_count = 1;
    }
    if (shape->models != NAMES_NONE &&
        !cluster_model_mask(cluster, names_get(&workload->models, shape->models),
                            &request->models)) {
        request->models = UINT64_C(1) << 63; /* none that the cluster has */
    }
    return kind;
}

/* One kind for each task group of each shape that jobs have. */
static void collect_kinds(struct fragment *fragment, const struct workload *workload)
{
    int64_t *jobs = mem_alloc(workload->shapes.count, sizeof(*jobs));
    for (size_t i = 0; i < workload->jobs.count; i++) {
        jobs[workload->jobs.items[i].shape]++;
    }
    for (size_t i = 0; i < workload->shapes.count; i++) {
        const struct shape *shape = &workload->shapes.items[i];
        for (uint32_t group = 0; jobs[i] > 0 && group < shape->group_count; group++) {
            const struct task_group *tasks = &workload->groups.items[shape->first_group + group];
            struct fragment_kind kind = kind_of(workload, &fragment->cluster, shape, tasks);
            kind.first = (uint32_t)fragment->kinds.count;
            kind.tasks = jobs[i] * tasks->count;
            fragment->all_tasks += kind.tasks;
            vec_push(&fragment->kinds, kind);
        }
    }
    free(jobs);
}

/* Makes one of equal kinds. */
static void merge_kinds(struct fragment *fragment)
{
    struct fragment_kind *kinds = fragment->kinds.items;
    qsort(kinds, fragment->kinds.count, sizeof(*kinds), compare_requests);
    size_t count = 0;
    for (size_t i = 0; i < fragment->kinds.count; i++) {
        if (count > 0 &&
            memcmp(&kinds[count - 1].request, &kinds[i].request, sizeof(kinds[i].request)) == 0) {
            kinds[count - 1].tasks += kinds[i].tasks;
        } else {
            kinds[count++] = kinds[i];
        }
    }
    fragment->kinds.count = count;
}

static void choose_kinds(struct fragment *fragment, double share)
{
    qsort(fragment->kinds.items, fragment->kinds.count, sizeof(*fragment->kinds.items),
          compare_tasks);
    size_t count = 0;
    while (count < fragment->kinds.count &&
           (count == 0 || (double)fragment->tasks < share * (double)fragment->all_tasks)) {
        fragment->tasks += fragment->kinds.items[count++].tasks;
    }
    fragment->kinds.count = count;
}

/* -- one node -------------------------------------------------------------------------------- */

/* What the kind asks of one GPU of the pool. MIG instances only have room on the node or not. */
static int64_t need_milli(const struct pool *pool, const struct request *request)
{
    switch ((enum gpu_kind)request->kind) {
    case GPU_WHOLE:
        return 1000;
    case GPU_FRACTION:
        return request->gpu_milli;
    case GPU_MEMORY:
        return (request->gpu_memory_mib * 1000 + pool->gpu_memory_mib - 1) / pool->gpu_memory_mib;
    case GPU_MIG:
    case GPU_NONE:
        break;
    }
    return 0;
}

/* Milli-GPUs free on the node that tasks of this kind cannot use. */
static int64_t unusable_milli(const struct cluster *cluster, uint32_t number,
                              const struct request *request)
{
    const struct node *node = &cluster->nodes.items[number];
    const struct pool *pool = cluster_pool(cluster, number);
    if (request->kind == GPU_NONE || !cluster_fits(cluster, number, request)) {
        return node->free_gpu_milli;
    }
    int64_t need = need_milli(pool, request);
    int64_t sum = 0;
    for (uint32_t i = 0; !pool->divisible && i < pool->gpu_count; i++) {
        int64_t free_milli = cluster->gpus.items[node->first_gpu + i].free_milli;
        sum += free_milli < need ? free_milli : 0;
    }
    return sum;
}

static wide measure_node(const struct fragment *fragment, uint32_t node, int64_t *stranded_milli)
{
    wide sum = 0;
    *stranded_milli = fragment->cluster.nodes.items[node].free_gpu_milli;
    for (size_t i = 0; i < fragment->kinds.count; i++) {
        const struct fragment_kind *kind = &fragment->kinds.items[i];
        int64_t milli = unusable_milli(&fragment->cluster, node, &kind->request);
        sum += wide_product(milli, kind->tasks);
        *stranded_milli = milli < *stranded_milli ? milli : *stranded_milli;
    }
    return sum;
}

/* -- nodes that changed ---------------------------------------------------------------------- */

static void touch(struct fragment *fragment, uint32_t node)
{
    if (!bitset_has(&fragment->is_changed, node)) {
        bitset_add(&fragment->is_changed, node);
        vec_push(&fragment->changed, node);
    }
}

static void refresh(struct fragment *fragment)
{
    for (size_t i = 0; i < fragment->changed.count; i++) {
        uint32_t node = fragment->changed.items[i];
        fragment->sum -= fragment->of_node[node];
        fragment->stranded_milli -= fragment->stranded_of_node[node];
        fragment->of_node[node] = measure_node(fragment, node, &fragment->stranded_of_node[node]);
        fragment->sum += fragment->of_node[node];
        fragment->stranded_milli += fragment->stranded_of_node[node];
        bitset_remove(&fragment->is_changed, node);
    }
    vec_clear(&fragment->changed);
}

static void give_back(struct fragment *fragment, uint32_t job)
{
    uint32_t place = fragment->of_job[job];
    while (place != 0) {
        struct fragment_held *held = &fragment->held.items[place - 1];
        uint32_t next = held->next;
        cluster_release(&fragment->cluster, &held->grant);
        touch(fragment, held->grant.node);
        held->next = fragment->unused;
        fragment->unused = place;
        place = next;
    }
    fragment->of_job[job] = 0;
}

static void take(struct fragment *fragment, uint32_t job, const struct grant *grant)
{
    if (fragment->unused == 0) {
        vec_push(&fragment->held, ((struct fragment_held){0}));
        fragment->unused = (uint32_t)fragment->held.count;
    }
    uint32_t place = fragment->unused;
    struct fragment_held *held = &fragment->held.items[place - 1];
    fragment->unused = held->next;
    *held = (struct fragment_held){*grant, fragment->of_job[job]};
    fragment->of_job[job] = place;
    cluster_place(&fragment->cluster, grant);
    touch(fragment, grant->node);
}

/* -- the whole ------------------------------------------------------------------------------- */

void fragment_init(struct fragment *fragment, const struct workload *workload,
                   const struct cluster *cluster, double share)
{
    CHECK(share > 0 && share <= 1);
    size_t nodes = cluster->nodes.count;
    *fragment = (struct fragment){
        .of_job = mem_alloc(workload->jobs.count, sizeof(*fragment->of_job)),
        .of_node = mem_alloc(nodes, sizeof(*fragment->of_node)),
        .stranded_of_node = mem_alloc(nodes, sizeof(*fragment->stranded_of_node)),
    };
    cluster_init_empty_copy(&fragment->cluster, cluster);
    bitset_init(&fragment->is_changed, (uint32_t)nodes);
    collect_kinds(fragment, workload);
    merge_kinds(fragment);
    choose_kinds(fragment, share);
    for (uint32_t i = 0; i < nodes; i++) {
        touch(fragment, i);
    }
}

void fragment_release(struct fragment *fragment)
{
    if (fragment->of_job == NULL) {
        return;
    }
    cluster_release_all(&fragment->cluster);
    vec_release(&fragment->kinds);
    vec_release(&fragment->held);
    vec_release(&fragment->changed);
    bitset_release(&fragment->is_changed);
    free(fragment->of_job);
    free(fragment->of_node);
    free(fragment->stranded_of_node);
    *fragment = (struct fragment){0};
}

static void change_presence(struct fragment *fragment, const struct log_record *record)
{
    struct cluster *cluster = &fragment->cluster;
    const struct log_supply *supply = record->supply;
    bool is_back = record->kind == LOG_BACK;
    if (supply->gpu == LOG_WHOLE_NODE) {
        (is_back ? cluster_bring_back : cluster_take_away)(cluster, supply->node);
    } else {
        (is_back ? cluster_mend_gpu : cluster_break_gpu)(cluster, supply->node, supply->gpu);
    }
    touch(fragment, supply->node);
}

void fragment_add(struct fragment *fragment, const struct log_record *record)
{
    switch (record->kind) {
    case LOG_START:
    case LOG_RESIZE:
    case LOG_MIGRATE:
        give_back(fragment, record->job);
        for (uint32_t i = 0; i < record->grant_count; i++) {
            take(fragment, record->job, &record->grants[i]);
        }
        break;
    case LOG_FINISH:
    case LOG_PREEMPT:
    case LOG_INTERRUPT:
        give_back(fragment, record->job);
        break;
    case LOG_AWAY:
    case LOG_BACK:
        change_presence(fragment, record);
        break;
    case LOG_SUBMIT:
    case LOG_REJECT:
    case LOG_SHARE:
    case LOG_STEP:
    case LOG_CAUSE:
    case LOG_END:
        break;
    }
}

static double mean_milli(const struct fragment *fragment, wide sum)
{
    return fragment->tasks > 0 ? (double)sum / (double)fragment->tasks : 0;
}

double fragment_milli(struct fragment *fragment)
{
    refresh(fragment);
    return mean_milli(fragment, fragment->sum);
}

int64_t fragment_stranded_milli(struct fragment *fragment)
{
    refresh(fragment);
    return fragment->stranded_milli;
}

void fragment_add_time(struct fragment *fragment, int64_t length_us)
{
    double us = (double)length_us;
    fragment->fragmented_us += fragment_milli(fragment) * us;
    fragment->stranded_us += (double)fragment_stranded_milli(fragment) * us;
    fragment->free_us += (double)fragment->cluster.free_gpu_milli * us;
    fragment->time_us += us;
}

struct report_fragmentation fragment_numbers(const struct fragment *fragment)
{
    double milli_us = fragment->time_us > 0 ? 1000 * fragment->time_us : 1;
    double all_tasks = fragment->all_tasks > 0 ? (double)fragment->all_tasks : 1;
    return (struct report_fragmentation){
        .kinds = (uint32_t)fragment->kinds.count,
        .tasks_share = (double)fragment->tasks / all_tasks,
        .gpus = fragment->fragmented_us / milli_us,
        .stranded_gpus = fragment->stranded_us / milli_us,
        .of_free = fragment->free_us > 0 ? fragment->fragmented_us / fragment->free_us : 0,
    };
}

double fragment_recompute_milli(const struct fragment *fragment)
{
    wide sum = 0;
    int64_t stranded_milli = 0;
    for (uint32_t i = 0; i < fragment->cluster.nodes.count; i++) {
        sum += measure_node(fragment, i, &stranded_milli);
    }
    return mean_milli(fragment, sum);
}
