/* pools.c - see pools.h. */
#include "sim/report/pools.h"

#include <inttypes.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

void pools_init(struct pools *pools, const struct cluster *cluster, size_t job_count)
{
    *pools = (struct pools){
        .cluster = cluster,
        .use_of_pool = mem_alloc(cluster->pools.count, sizeof(uint32_t)),
        .of_job = mem_alloc(job_count, sizeof(uint32_t)),
    };
    struct names names = {0};
    for (size_t i = 0; i < cluster->pools.count; i++) {
        const struct pool *pool = &cluster->pools.items[i];
        bool is_new = false;
        uint32_t number = names_add(&names, view_of(pool->name), &is_new);
        if (is_new) {
            vec_push(&pools->uses, ((struct pool_use){.name = pool->name}));
        }
        struct pool_use *use = &pools->uses.items[number];
        use->node_count += pool->node_count;
        use->nodes_there += pool->node_count;
        use->there_milli += INT64_C(1000) * pool->gpu_count * pool->node_count;
        pools->use_of_pool[i] = number;
    }
    names_release(&names);
}

void pools_release(struct pools *pools)
{
    vec_release(&pools->uses);
    vec_release(&pools->parts);
    free(pools->use_of_pool);
    free(pools->of_job);
    *pools = (struct pools){0};
}

static void settle(struct pool_use *use, int64_t now_us)
{
    int64_t length_us = now_us - use->since_us;
    CHECK(length_us >= 0);
    use->node_us += wide_product(use->nodes_there, length_us);
    use->there_milli_us += wide_product(use->there_milli, length_us);
    use->held_milli_us += wide_product(use->held_milli, length_us);
    use->since_us = now_us;
}

static void hold(struct pools *pools, uint32_t number, int64_t milli, int64_t now_us)
{
    struct pool_use *use = &pools->uses.items[number];
    settle(use, now_us);
    use->held_milli += milli;
    CHECK(use->held_milli >= 0);
}

static void give_back(struct pools *pools, uint32_t job, int64_t now_us)
{
    uint32_t place = pools->of_job[job];
    while (place != 0) {
        struct pools_part *part = &pools->parts.items[place - 1];
        uint32_t next = part->next;
        hold(pools, part->pool, -part->milli, now_us);
        part->next = pools->unused;
        pools->unused = place;
        place = next;
    }
    pools->of_job[job] = 0;
}

static void take(struct pools *pools, uint32_t job, const struct grant *grant, int64_t now_us)
{
    uint32_t number = pools->use_of_pool[pools->cluster->nodes.items[grant->node].pool];
    hold(pools, number, grant->gpu_milli, now_us);
    uint32_t first = pools->of_job[job];
    if (first != 0 && pools->parts.items[first - 1].pool == number) {
        pools->parts.items[first - 1].milli += grant->gpu_milli;
        return;
    }
    if (pools->unused == 0) {
        vec_push(&pools->parts, ((struct pools_part){0}));
        pools->unused = (uint32_t)pools->parts.count;
    }
    uint32_t place = pools->unused;
    pools->unused = pools->parts.items[place - 1].next;
    pools->parts.items[place - 1] = (struct pools_part){first, number, grant->gpu_milli};
    pools->of_job[job] = place;
}

static void change_supply(struct pools *pools, const struct log_record *record)
{
    const struct log_supply *supply = record->supply;
    uint32_t number = pools->use_of_pool[pools->cluster->nodes.items[supply->node].pool];
    struct pool_use *use = &pools->uses.items[number];
    bool is_back = record->kind == LOG_BACK;
    settle(use, record->time_us);
    use->there_milli += is_back ? supply->gpu_milli : -supply->gpu_milli;
    if (supply->gpu == LOG_WHOLE_NODE) {
        use->nodes_there += is_back ? 1 : UINT32_MAX; /* minus 1 */
    }
    use->failures += !is_back && !supply->again && supply->cause == SUPPLY_FAILED ? 1 : 0;
}

void pools_add(struct pools *pools, const struct log_record *record)
{
    switch (record->kind) {
    case LOG_START:
    case LOG_RESIZE:
    case LOG_MIGRATE:
        give_back(pools, record->job, record->time_us);
        for (uint32_t i = 0; i < record->grant_count; i++) {
            take(pools, record->job, &record->grants[i], record->time_us);
        }
        return;
    case LOG_FINISH:
    case LOG_PREEMPT:
    case LOG_INTERRUPT:
        give_back(pools, record->job, record->time_us);
        return;
    case LOG_AWAY:
    case LOG_BACK:
        change_supply(pools, record);
        return;
    case LOG_SUBMIT:
    case LOG_REJECT:
    case LOG_SHARE:
    case LOG_END:
    case LOG_STEP:
    case LOG_CAUSE:
        return;
    }
}

void pools_end(struct pools *pools, int64_t end_us)
{
    for (size_t i = 0; i < pools->uses.count; i++) {
        settle(&pools->uses.items[i], end_us);
    }
}

void pools_add_rows(struct text *out, const struct pools *pools)
{
    text_add(out, "pool,nodes,node_hours_up,gpu_hours_up,gpu_hours_used,failures\n");
    for (size_t i = 0; i < pools->uses.count; i++) {
        const struct pool_use *use = &pools->uses.items[i];
        text_add_csv(out, use->name);
        text_addf(out, ",%" PRIu32 ",%.15g,%.15g,%.15g,%" PRIu64 "\n", use->node_count,
                  pool_use_node_hours(use), wide_gpu_hours(use->there_milli_us),
                  wide_gpu_hours(use->held_milli_us), use->failures);
    }
}
