/* node_use.c - see node_use.h. */
#include "sim/report/node_use.h"

#include "sim/base/check.h"

static uint32_t node_gpus(const struct cluster *cluster, uint32_t node)
{
    return cluster->pools.items[cluster->nodes.items[node].pool].gpu_count;
}

static void make_rows(struct node_use *use)
{
    const struct cluster *cluster = use->cluster;
    uint32_t with_gpus = 0;
    for (uint32_t i = 0; i < cluster->nodes.count; i++) {
        with_gpus += node_gpus(cluster, i) > 0;
    }
    use->nodes_a_row = (with_gpus + NODE_USE_ROWS - 1) / NODE_USE_ROWS;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < cluster->nodes.count; i++) {
        uint32_t gpus = node_gpus(cluster, i);
        use->row_of_node[i] = UINT32_MAX;
        if (gpus == 0) {
            continue;
        }
        if (seen++ % use->nodes_a_row == 0) {
            vec_push(&use->rows, ((struct node_use_row){.first_node = i}));
        }
        use->row_of_node[i] = (uint32_t)use->rows.count - 1;
        struct node_use_row *row = &use->rows.items[use->rows.count - 1];
        row->gpu_milli += INT64_C(1000) * gpus;
    }
}

void node_use_init(struct node_use *use, const struct cluster *cluster, size_t job_count)
{
    *use = (struct node_use){
        .cluster = cluster,
        .row_of_node = mem_alloc(cluster->nodes.count, sizeof(*use->row_of_node)),
        .of_job = mem_alloc(job_count, sizeof(*use->of_job)),
    };
    make_rows(use);
    profile_init(&use->profile, NODE_USE_STEPS, (uint32_t)use->rows.count);
}

void node_use_release(struct node_use *use)
{
    free(use->row_of_node);
    free(use->of_job);
    vec_release(&use->rows);
    vec_release(&use->parts);
    profile_release(&use->profile);
}

/* What the row held until now becomes part of its series. */
static void settle(struct node_use *use, uint32_t row, int64_t now_us)
{
    struct node_use_row *own = &use->rows.items[row];
    if (own->since_us < now_us) {
        profile_add(&use->profile, row, own->since_us, now_us, (double)own->held_milli / 1000);
        own->since_us = now_us;
    }
}

static void take_back(struct node_use *use, uint32_t job, int64_t now_us)
{
    uint32_t place = use->of_job[job];
    while (place != 0) {
        struct node_use_part *part = &use->parts.items[place - 1];
        uint32_t next = part->next;
        settle(use, part->row, now_us);
        use->rows.items[part->row].held_milli -= part->milli;
        CHECK(use->rows.items[part->row].held_milli >= 0);
        part->next = use->unused;
        use->unused = place;
        place = next;
    }
    use->of_job[job] = 0;
}

static void give(struct node_use *use, uint32_t job, const struct grant *grant, int64_t now_us)
{
    uint32_t row = use->row_of_node[grant->node];
    if (row == UINT32_MAX || grant->gpu_milli == 0) {
        return;
    }
    settle(use, row, now_us);
    use->rows.items[row].held_milli += grant->gpu_milli;
    uint32_t first = use->of_job[job];
    if (first != 0 && use->parts.items[first - 1].row == row) {
        use->parts.items[first - 1].milli += grant->gpu_milli;
        return;
    }
    if (use->unused == 0) {
        vec_push(&use->parts, ((struct node_use_part){0}));
        use->unused = (uint32_t)use->parts.count;
    }
    uint32_t place = use->unused;
    struct node_use_part *part = &use->parts.items[place - 1];
    use->unused = part->next;
    *part = (struct node_use_part){row, first, grant->gpu_milli};
    use->of_job[job] = place;
}

void node_use_add(struct node_use *use, const struct log_record *record)
{
    switch (record->kind) {
    case LOG_START:
    case LOG_RESIZE:
    case LOG_MIGRATE:
        take_back(use, record->job, record->time_us);
        for (uint32_t i = 0; i < record->grant_count; i++) {
            give(use, record->job, &record->grants[i], record->time_us);
        }
        return;
    case LOG_FINISH:
    case LOG_PREEMPT:
    case LOG_INTERRUPT:
        take_back(use, record->job, record->time_us);
        return;
    case LOG_SUBMIT:
    case LOG_REJECT:
    case LOG_SHARE:
    case LOG_END:
    case LOG_STEP:
    case LOG_CAUSE:
    case LOG_AWAY:
    case LOG_BACK:
        return;
    }
}

void node_use_end(struct node_use *use, int64_t end_us)
{
    for (uint32_t row = 0; row < use->rows.count; row++) {
        settle(use, row, end_us);
    }
}

double node_use_share(const struct node_use *use, uint32_t row, uint32_t step)
{
    CHECK(row < use->rows.count);
    return profile_mean(&use->profile, row, step) * 1000 / (double)use->rows.items[row].gpu_milli;
}
