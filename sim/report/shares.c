/* shares.c - see shares.h. */
#include "sim/report/shares.h"

#include <math.h>

#include "sim/base/check.h"

#define HOUR_US 3.6e9

void shares_release(struct shares *shares)
{
    for (size_t i = 0; i < shares->queues.count; i++) {
        profile_release(&shares->queues.items[i].profile);
    }
    names_release(&shares->names);
    vec_release(&shares->queues);
    *shares = (struct shares){0};
}

void shares_add_time(struct shares *shares, const struct fold *fold, int64_t from_us,
                     int64_t until_us)
{
    int64_t start_us = from_us > fold->warmup_us ? from_us : fold->warmup_us;
    if (fold->state.pending == 0 || until_us <= start_us) {
        return;
    }
    double length_us = (double)(until_us - start_us);
    shares->waiting_us += length_us;
    for (size_t i = 0; i < shares->queues.count; i++) {
        struct shares_queue *queue = &shares->queues.items[i];
        if (queue->queue == NAMES_NONE) {
            continue;
        }
        double held = (double)fold->queues[queue->queue].held_milli / 1000;
        queue->fair_gpu_us += queue->fair_share * length_us;
        queue->held_gpu_us += held * length_us;
        queue->error_gpu_us += fabs(held - queue->fair_share) * length_us;
    }
}

/* Jobs of a trace without queues are in the queue "" there and in "default" with the policy. */
static uint32_t number_of(const struct fold *fold, const char *name)
{
    uint32_t number = names_find(&fold->workload->queues, view_of(name));
    return number == NAMES_NONE && strcmp(name, "default") == 0
               ? names_find(&fold->workload->queues, view_of(""))
               : number;
}

/* What was told last held until now. */
static void settle(struct shares_queue *queue, int64_t now_us)
{
    for (uint32_t i = 0; queue->profile.bucket_count > 0 && i < SHARES_SERIES_COUNT; i++) {
        if (now_us > queue->since_us) {
            profile_add(&queue->profile, i, queue->since_us, now_us, queue->values[i]);
        }
    }
    queue->since_us = now_us;
}

/* Amounts without a limit are drawn as the whole cluster. */
static double within_cluster(const struct fold *fold, double gpus)
{
    double all = (double)fold->cluster->gpu_milli / 1000;
    return gpus < 0 || gpus > all ? all : gpus;
}

static void keep_values(struct shares_queue *queue, const struct fold *fold,
                        const struct log_record *record)
{
    const struct queue_standing *standing = record->standing;
    settle(queue, record->time_us);
    queue->values[SHARES_DESERVED] = within_cluster(fold, standing->deserved);
    queue->values[SHARES_FAIR] = within_cluster(fold, standing->fair_share);
    queue->values[SHARES_USAGE] = standing->usage * (double)fold->cluster->gpu_milli / 1000;
}

void shares_end(struct shares *shares, int64_t end_us)
{
    for (size_t i = 0; i < shares->queues.count; i++) {
        settle(&shares->queues.items[i], end_us);
    }
}

static bool tell(struct shares *shares, const struct fold *fold, const struct log_record *record,
                 const char *path, struct err *err)
{
    const struct queue_standing *standing = record->standing;
    bool is_new = false;
    uint32_t number = names_add(&shares->names, view_of(standing->name), &is_new);
    if (is_new) {
        struct shares_queue queue = {.queue = number_of(fold, standing->name)};
        if (shares->has_profiles && queue.queue != NAMES_NONE && shares->drawn < SHARES_DRAWN) {
            profile_init(&queue.profile, SHARES_BUCKETS, SHARES_SERIES_COUNT);
            shares->drawn++;
        }
        vec_push(&shares->queues, queue);
    }
    keep_values(&shares->queues.items[number], fold, record);
    shares->queues.items[number].fair_share = standing->fair_share;
    if (path == NULL) {
        return true;
    }
    if (!shares->has_file) {
        if (!out_file_open(&shares->file, path, err)) {
            return false;
        }
        shares->has_file = true;
        text_add(&shares->file.text, "time_s,queue,deserved_gpus,fair_share_gpus,allocated_gpus,"
                                     "requested_gpus,usage\n");
    }
    struct text *row = &shares->file.text;
    text_add_seconds(row, record->time_us);
    text_add_char(row, ',');
    text_add_csv(row, standing->name);
    text_addf(row, ",%.15g,%.15g,%.15g,%.15g,%.15g\n", standing->deserved, standing->fair_share,
              standing->allocated, standing->requested, standing->usage);
    out_file_flush_if_large(&shares->file);
    return true;
}

static struct shares_queue *queue_of(struct shares *shares, const struct fold *fold, uint32_t job)
{
    uint32_t number = fold->workload->jobs.items[job].queue;
    for (size_t i = 0; i < shares->queues.count; i++) {
        if (shares->queues.items[i].queue == number) {
            return &shares->queues.items[i];
        }
    }
    return NULL;
}

static void note_eviction(struct shares *shares, const struct fold *fold,
                          const struct log_record *record)
{
    struct shares_queue *victim = queue_of(shares, fold, record->job);
    if (victim == NULL) {
        return;
    }
    double lost_gpu_us = (double)record->lost_us * (double)record->gpu_milli / 1000;
    victim->evictions++;
    victim->lost_gpu_us += lost_gpu_us;
    struct shares_queue *claimant =
        record->for_job > 0 ? queue_of(shares, fold, record->for_job - 1) : NULL;
    if (claimant != NULL && claimant != victim) {
        victim->reclaims++;
        victim->reclaim_lost_gpu_us += lost_gpu_us;
        claimant->claims++;
    }
}

bool shares_add(struct shares *shares, const struct fold *fold, const struct log_record *record,
                const char *path, struct err *err)
{
    if (record->kind == LOG_SHARE) {
        return tell(shares, fold, record, path, err);
    }
    if (record->kind == LOG_PREEMPT) {
        note_eviction(shares, fold, record);
    }
    return true;
}

double shares_error_gpus(const struct shares *shares, const struct shares_queue *queue)
{
    return shares->waiting_us > 0 ? queue->error_gpu_us / shares->waiting_us : 0;
}

uint32_t shares_rank(const struct shares *shares, uint32_t *order)
{
    const struct shares_queue *queues = shares->queues.items;
    uint32_t count = 0;
    for (uint32_t i = 0; i < shares->queues.count; i++) {
        if (queues[i].queue == NAMES_NONE) {
            continue;
        }
        uint32_t place = count++;
        while (place > 0 && queues[order[place - 1]].held_gpu_us < queues[i].held_gpu_us) {
            order[place] = order[place - 1];
            place--;
        }
        order[place] = i;
    }
    return count;
}

void shares_add_sums(struct text *out, const struct shares *shares)
{
    text_add(out, "queue,fair_share_gpu_hours,held_gpu_hours,share_error_gpus,evictions,reclaims,"
                  "lost_gpu_hours,reclaim_lost_gpu_hours,claims\n");
    for (size_t i = 0; i < shares->queues.count; i++) {
        const struct shares_queue *queue = &shares->queues.items[i];
        if (queue->queue == NAMES_NONE) {
            continue;
        }
        text_add_csv(out, names_get(&shares->names, (uint32_t)i));
        text_addf(out, ",%.15g,%.15g,%.15g,%u,%u,%.15g,%.15g,%u\n", queue->fair_gpu_us / HOUR_US,
                  queue->held_gpu_us / HOUR_US, shares_error_gpus(shares, queue), queue->evictions,
                  queue->reclaims, queue->lost_gpu_us / HOUR_US,
                  queue->reclaim_lost_gpu_us / HOUR_US, queue->claims);
    }
}

void shares_print(struct text *out, const struct shares *shares, uint32_t most)
{
    if (shares->queues.count == 0) {
        return;
    }
    text_addf(out, "\n%-22s %11s %11s %11s %9s %9s %9s\n", "while anybody waits", "fair GPUs",
              "held GPUs", "mean error", "evicted", "reclaimed", "lost GPUh");
    uint32_t *order = mem_alloc(shares->queues.count, sizeof(*order));
    uint32_t count = shares_rank(shares, order);
    double time_us = shares->waiting_us > 0 ? shares->waiting_us : 1;
    for (uint32_t i = 0; i < count && i < most; i++) {
        const struct shares_queue *queue = &shares->queues.items[order[i]];
        text_addf(out, "%-22.22s %11.1f %11.1f %11.2f %9u %9u %9.1f\n",
                  names_get(&shares->names, order[i]), queue->fair_gpu_us / time_us,
                  queue->held_gpu_us / time_us, shares_error_gpus(shares, queue), queue->evictions,
                  queue->reclaims, queue->lost_gpu_us / HOUR_US);
    }
    free(order);
}
