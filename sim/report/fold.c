/* fold.c - see fold.h. */
#include "sim/report/fold.h"

#include <stdlib.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

/* Highest first; equal ones are the same. */
static int compare_priorities(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a;
    int32_t y = *(const int32_t *)b;
    return x > y ? -1 : x < y;
}

static uint32_t rank_of(const struct fold *fold, int32_t priority, bool *found)
{
    uint32_t low = 0;
    uint32_t high = (uint32_t)fold->priorities.count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (fold->priorities.items[middle] > priority) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *found = low < fold->priorities.count && fold->priorities.items[low] == priority;
    return low;
}

uint32_t fold_priority_rank(const struct fold *fold, uint32_t job)
{
    bool found = false;
    uint32_t rank = rank_of(fold, fold->workload->jobs.items[job].priority, &found);
    CHECK(found);
    return rank;
}

/* Most traces have one. */
static void list_priorities(struct fold *fold)
{
    const struct job *jobs = fold->workload->jobs.items;
    VEC(int32_t) all = {0};
    for (size_t i = 0; i < fold->workload->jobs.count; i++) {
        if (i == 0 || jobs[i].priority != jobs[i - 1].priority) {
            vec_push(&all, jobs[i].priority);
        }
    }
    if (all.count > 1) {
        qsort(all.items, all.count, sizeof(int32_t), compare_priorities);
    }
    for (size_t i = 0; i < all.count; i++) {
        if (i == 0 || all.items[i] != all.items[i - 1]) {
            vec_push(&fold->priorities, all.items[i]);
        }
    }
    vec_release(&all);
}

void fold_init(struct fold *fold, const struct workload *workload, const struct cluster *cluster,
               int64_t warmup_us)
{
    CHECK(warmup_us >= 0);
    size_t job_count = workload->jobs.count;
    *fold = (struct fold){
        .workload = workload,
        .cluster = cluster,
        .all_gpu_milli = cluster->gpu_milli,
        .warmup_us = warmup_us,
        .jobs = mem_alloc(job_count, sizeof(struct fold_job)),
        .queues = mem_alloc(names_count(&workload->queues), sizeof(struct fold_queue)),
    };
    for (size_t i = 0; i < job_count; i++) {
        fold->jobs[i].start_us = TIME_UNKNOWN;
    }
    list_priorities(fold);
}

void fold_release(struct fold *fold)
{
    free(fold->jobs);
    free(fold->queues);
    names_release(&fold->reasons);
    vec_release(&fold->priorities);
    *fold = (struct fold){0};
}

/* How much of [from, until) lies after the warm-up. */
static int64_t measured_us(const struct fold *fold, int64_t from_us, int64_t until_us)
{
    int64_t start_us = from_us > fold->warmup_us ? from_us : fold->warmup_us;
    return until_us > start_us ? until_us - start_us : 0;
}

/* Accounts for what a queue held until now. */
static void settle_queue(struct fold *fold, uint32_t number)
{
    struct fold_queue *queue = &fold->queues[number];
    if (fold->now_us == queue->since_us) {
        return;
    }
    int64_t length_us = measured_us(fold, queue->since_us, fold->now_us);
    queue->milli_us += wide_product(queue->held_milli, length_us);
    if (fold->queue_profile != NULL) {
        uint32_t last = fold->queue_profile->series_count - 1;
        profile_add(fold->queue_profile, number < last ? number : last, queue->since_us,
                    fold->now_us, (double)queue->held_milli / 1000);
    }
    queue->since_us = fold->now_us;
}

static void hold(struct fold *fold, uint32_t job, int64_t milli)
{
    CHECK(milli >= 0);
    struct fold_job *record = &fold->jobs[job];
    int64_t more_milli = milli - record->held_milli;
    uint32_t number = fold->workload->jobs.items[job].queue;
    settle_queue(fold, number);
    fold->queues[number].held_milli += more_milli;
    fold->state.allocated_milli += more_milli;
    record->held_milli = milli;
}

static void become_pending(struct fold *fold, struct fold_job *job)
{
    job->phase = PHASE_PENDING;
    fold->state.pending++;
    fold->state.pending_milli += job->asked_milli;
}

static void leave_pending(struct fold *fold, const struct fold_job *job)
{
    CHECK(job->phase == PHASE_PENDING);
    fold->state.pending--;
    fold->state.pending_milli -= job->asked_milli;
}

static void stop_running(struct fold *fold, uint32_t number)
{
    struct fold_job *job = &fold->jobs[number];
    CHECK(job->phase == PHASE_RUNNING);
    hold(fold, number, 0);
    fold->state.running--;
    job->ran_us += fold->now_us - job->since_us;
    job->since_us = fold->now_us;
}

static void submit(struct fold *fold, const struct log_record *record)
{
    struct fold_job *job = &fold->jobs[record->job];
    CHECK(job->phase == PHASE_ABSENT);
    job->asked_milli = record->gpu_milli;
    become_pending(fold, job);
}

/* A job may be rejected as it is submitted, without a record of the submit. */
static void reject(struct fold *fold, const struct log_record *record)
{
    struct fold_job *job = &fold->jobs[record->job];
    if (job->phase == PHASE_ABSENT) {
        job->asked_milli = record->gpu_milli;
    } else {
        leave_pending(fold, job);
    }
    const char *reason = record->reason != NULL ? record->reason : "no reason given";
    uint32_t number = names_add(&fold->reasons, view_of(reason), NULL);
    CHECK(number <= UINT16_MAX);
    job->reason = (uint16_t)number;
    job->phase = PHASE_REJECTED;
}

static void note_age(struct fold *fold, uint32_t number)
{
    int64_t age_us = fold->now_us - fold->workload->jobs.items[number].submit_us;
    fold->oldest_us = age_us > fold->oldest_us ? age_us : fold->oldest_us;
}

static void start(struct fold *fold, const struct log_record *record)
{
    struct fold_job *job = &fold->jobs[record->job];
    leave_pending(fold, job);
    note_age(fold, record->job);
    hold(fold, record->job, record->gpu_milli);
    fold->state.running++;
    if (job->start_us == TIME_UNKNOWN) {
        job->start_us = fold->now_us;
    }
    if (job->asked_milli == 0) {
        job->asked_milli = record->gpu_milli;
    }
    job->since_us = fold->now_us;
    job->phase = PHASE_RUNNING;
}

static void lose(struct fold *fold, const struct log_record *record)
{
    struct fold_job *job = &fold->jobs[record->job];
    CHECK(record->lost_us >= 0 && job->phase == PHASE_RUNNING);
    fold->overhead_milli_us += wide_product(job->held_milli, record->overhead_us);
    job->lost_us += record->lost_us;
    fold->lost_milli_us += wide_product(job->held_milli, record->lost_us);
}

static void stop(struct fold *fold, const struct log_record *record)
{
    struct fold_job *job = &fold->jobs[record->job];
    lose(fold, record);
    stop_running(fold, record->job);
    become_pending(fold, job);
}

static void end_run(struct fold *fold)
{
    for (uint32_t i = 0; i < names_count(&fold->workload->queues); i++) {
        settle_queue(fold, i);
    }
    for (uint32_t i = 0; fold->state.pending > 0 && i < fold->workload->jobs.count; i++) {
        if (fold->jobs[i].phase == PHASE_PENDING) {
            note_age(fold, i);
        }
    }
    fold->ended = true;
}

void fold_add(struct fold *fold, const struct log_record *record)
{
    CHECK(record->time_us >= fold->now_us && !fold->ended);
    CHECK(record->kind == LOG_END || record->kind == LOG_SHARE || record->kind == LOG_STEP ||
          record->kind == LOG_CAUSE || record->kind == LOG_AWAY || record->kind == LOG_BACK ||
          record->job < fold->workload->jobs.count);
    int64_t length_us = measured_us(fold, fold->now_us, record->time_us);
    fold->milli_us += wide_product(fold->state.allocated_milli, length_us);
    fold->run_milli_us += wide_product(fold->state.allocated_milli, record->time_us - fold->now_us);
    fold->away_milli_us += wide_product(fold->state.away_milli, length_us);
    fold->run_away_milli_us += wide_product(fold->state.away_milli, record->time_us - fold->now_us);
    fold->now_us = record->time_us;
    switch (record->kind) {
    case LOG_SUBMIT:
        submit(fold, record);
        break;
    case LOG_REJECT:
        reject(fold, record);
        break;
    case LOG_START:
        start(fold, record);
        break;
    case LOG_FINISH:
        fold->overhead_milli_us +=
            wide_product(fold->jobs[record->job].held_milli, record->overhead_us);
        stop_running(fold, record->job);
        fold->jobs[record->job].phase = PHASE_COMPLETED;
        break;
    case LOG_PREEMPT:
        stop(fold, record);
        fold->jobs[record->job].preemptions++;
        fold->preemptions++;
        break;
    case LOG_INTERRUPT:
        stop(fold, record);
        fold->interruptions++;
        break;
    case LOG_RESIZE:
        CHECK(fold->jobs[record->job].phase == PHASE_RUNNING);
        hold(fold, record->job, record->gpu_milli);
        fold->resizes++;
        break;
    case LOG_MIGRATE:
        lose(fold, record);
        hold(fold, record->job, record->gpu_milli);
        fold->migrations++;
        break;
    case LOG_SHARE:
    case LOG_STEP:
    case LOG_CAUSE:
        break;
    case LOG_AWAY:
        fold->state.away_milli += record->supply->gpu_milli;
        break;
    case LOG_BACK:
        fold->state.away_milli -= record->supply->gpu_milli;
        CHECK(fold->state.away_milli >= 0);
        break;
    case LOG_END:
        end_run(fold);
        break;
    }
}

int64_t fold_ran_us(const struct fold *fold, uint32_t job)
{
    const struct fold_job *record = &fold->jobs[job];
    return record->ran_us + (record->phase == PHASE_RUNNING ? fold->now_us - record->since_us : 0);
}

void fold_check(const struct fold *fold)
{
    struct fold_state sum = {0};
    for (size_t i = 0; i < fold->workload->jobs.count; i++) {
        const struct fold_job *job = &fold->jobs[i];
        sum.allocated_milli += job->held_milli;
        sum.running += job->phase == PHASE_RUNNING;
        sum.pending += job->phase == PHASE_PENDING;
        sum.pending_milli += job->phase == PHASE_PENDING ? job->asked_milli : 0;
        CHECK(job->phase == PHASE_RUNNING || job->held_milli == 0);
    }
    CHECK(sum.allocated_milli == fold->state.allocated_milli);
    CHECK(sum.running == fold->state.running);
    CHECK(sum.pending == fold->state.pending);
    CHECK(sum.pending_milli == fold->state.pending_milli);
    int64_t held_milli = 0;
    wide milli_us = 0;
    for (uint32_t i = 0; i < names_count(&fold->workload->queues); i++) {
        held_milli += fold->queues[i].held_milli;
        milli_us += fold->queues[i].milli_us;
    }
    CHECK(held_milli == fold->state.allocated_milli);
    CHECK(!fold->ended || milli_us == fold->milli_us);
}
