/* shares.c - see shares.h. */
#include "sim/report/shares.h"

#include <math.h>

#include "sim/base/check.h"

#define HOUR_US 3.6e9

void shares_release(struct shares *shares)
{
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

static bool tell(struct shares *shares, const struct fold *fold, const struct log_record *record,
                 const char *path, struct err *err)
{
    const struct queue_standing *standing = record->standing;
    bool is_new = false;
    uint32_t number = names_add(&shares->names, view_of(standing->name), &is_new);
    if (is_new) {
        struct shares_queue queue = {.queue = number_of(fold, standing->name)};
        vec_push(&shares->queues, queue);
    }
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

static void note_eviction(struct shares *shares, const struct fold *fold,
                          const struct log_record *record)
{
    uint32_t queue = fold->workload->jobs.items[record->job].queue;
    for (size_t i = 0; i < shares->queues.count; i++) {
        struct shares_queue *victim = &shares->queues.items[i];
        if (victim->queue != queue) {
            continue;
        }
        victim->evictions++;
        victim->lost_gpu_us += (double)record->lost_us * (double)record->gpu_milli / 1000;
        if (record->for_job > 0 && fold->workload->jobs.items[record->for_job - 1].queue != queue) {
            victim->reclaims++;
        }
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

static double error_of(const struct shares *shares, const struct shares_queue *queue)
{
    return shares->waiting_us > 0 ? queue->error_gpu_us / shares->waiting_us : 0;
}

void shares_add_sums(struct text *out, const struct shares *shares)
{
    text_add(out, "queue,fair_share_gpu_hours,held_gpu_hours,share_error_gpus,evictions,reclaims,"
                  "lost_gpu_hours\n");
    for (size_t i = 0; i < shares->queues.count; i++) {
        const struct shares_queue *queue = &shares->queues.items[i];
        if (queue->queue == NAMES_NONE) {
            continue;
        }
        text_add_csv(out, names_get(&shares->names, (uint32_t)i));
        text_addf(out, ",%.15g,%.15g,%.15g,%u,%u,%.15g\n", queue->fair_gpu_us / HOUR_US,
                  queue->held_gpu_us / HOUR_US, error_of(shares, queue), queue->evictions,
                  queue->reclaims, queue->lost_gpu_us / HOUR_US);
    }
}

void shares_print(struct text *out, const struct shares *shares, uint32_t most)
{
    if (shares->queues.count == 0) {
        return;
    }
    text_addf(out, "\n%-22s %11s %11s %11s %9s %9s %9s\n", "while anybody waits", "fair GPUs",
              "held GPUs", "mean error", "evicted", "reclaimed", "lost GPUh");
    bool *shown = mem_alloc(shares->queues.count, sizeof(*shown));
    for (uint32_t n = 0; n < most; n++) {
        size_t best = shares->queues.count;
        for (size_t i = 0; i < shares->queues.count; i++) {
            const struct shares_queue *queue = &shares->queues.items[i];
            if (!shown[i] && queue->queue != NAMES_NONE &&
                (best == shares->queues.count ||
                 queue->held_gpu_us > shares->queues.items[best].held_gpu_us)) {
                best = i;
            }
        }
        if (best == shares->queues.count) {
            break;
        }
        shown[best] = true;
        const struct shares_queue *queue = &shares->queues.items[best];
        double time_us = shares->waiting_us > 0 ? shares->waiting_us : 1;
        text_addf(out, "%-22.22s %11.1f %11.1f %11.2f %9u %9u %9.1f\n",
                  names_get(&shares->names, (uint32_t)best), queue->fair_gpu_us / time_us,
                  queue->held_gpu_us / time_us, error_of(shares, queue), queue->evictions,
                  queue->reclaims, queue->lost_gpu_us / HOUR_US);
    }
    free(shown);
}
