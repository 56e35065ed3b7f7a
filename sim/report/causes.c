/* causes.c - see causes.h. */
#include "sim/report/causes.h"

#include "sim/base/check.h"

#define NO_GROUP UINT32_MAX

static const int64_t hour_us = (int64_t)CAUSES_HOUR_US * 1000000;

void causes_init(struct causes *causes, const struct workload *workload, int64_t gpu_milli)
{
    size_t jobs = workload->jobs.count;
    size_t queues = names_count(&workload->queues);
    CHECK(jobs <= CAUSES_MOST_JOBS);
    *causes = (struct causes){.workload = workload,
                              .top = CAUSES_NOBODY,
                              .oldest = CAUSES_NOBODY,
                              .idle_milli = gpu_milli};
    causes->by_job = mem_alloc(jobs, sizeof(*causes->by_job));
    causes->told_since_us = mem_alloc(jobs, sizeof(*causes->told_since_us));
    causes->told = mem_alloc(jobs, sizeof(*causes->told));
    causes->told_places = mem_alloc(jobs, sizeof(*causes->told_places));
    causes->job_milli = mem_alloc(jobs, sizeof(*causes->job_milli));
    causes->first_group = mem_alloc(workload->shapes.count, sizeof(*causes->first_group));
    causes->shape_cause = mem_alloc(workload->shapes.count, sizeof(*causes->shape_cause));
    causes->held_milli = mem_alloc(queues, sizeof(*causes->held_milli));
    causes->by_queue = mem_alloc(queues, sizeof(*causes->by_queue));
    causes->by_holder = mem_alloc(queues + 1, sizeof(*causes->by_holder));
    memset(causes->told, WAIT_CAUSE_COUNT, jobs);
    memset(causes->first_group, 0xff, workload->shapes.count * sizeof(*causes->first_group));
    memset(causes->shape_cause, WAIT_ORDER, workload->shapes.count);
    causes->leaves = 1;
    while (causes->leaves < queues) {
        causes->leaves *= 2;
    }
    causes->winners = mem_alloc((size_t)2 * causes->leaves, sizeof(*causes->winners));
    for (uint32_t i = 0; i < 2 * causes->leaves; i++) {
        causes->winners[i] = CAUSES_NOBODY;
    }
    bitset_init(&causes->pending, (uint32_t)jobs);
}

void causes_release(struct causes *causes)
{
    free(causes->by_job);
    free(causes->told_since_us);
    free(causes->told);
    free(causes->told_places);
    free(causes->job_milli);
    free(causes->first_group);
    free(causes->shape_cause);
    free(causes->held_milli);
    free(causes->by_queue);
    free(causes->by_holder);
    free(causes->winners);
    vec_release(&causes->groups);
    vec_release(&causes->active);
    vec_release(&causes->told_jobs);
    vec_release(&causes->hours);
    if (causes->workload != NULL) {
        bitset_release(&causes->pending);
    }
}

/* -- charging -------------------------------------------------------------------------------- */

static uint32_t holder_of(const struct causes *causes, enum wait_cause cause, uint32_t queue)
{
    switch (cause) {
    case WAIT_ORDER:
        return causes->oldest;
    case WAIT_LIMIT:
        return queue;
    case WAIT_PERIOD:
    case WAIT_FAILURE:
        return CAUSES_NOBODY;
    case WAIT_SHARE:
    case WAIT_PROTECTED:
    case WAIT_ROOM:
    case WAIT_FRAGMENTED:
    case WAIT_GANG:
    case WAIT_TOPOLOGY:
    case WAIT_MODEL:
        return causes->top;
    case WAIT_CAUSE_COUNT:
        break;
    }
    CHECK_NEVER("a cause of this enum");
}

static void add_sum(struct causes_sum *sum, uint32_t count, int64_t us, int64_t milli)
{
    wide job_us = wide_product(count, us);
    sum->job_us += job_us;
    sum->milli_us += job_us * (wide)(uint64_t)milli;
}

static void charge_hours(struct causes *causes, enum wait_cause cause, uint32_t count,
                         int64_t from_us, int64_t milli)
{
    while (from_us < causes->now_us) {
        int64_t hour = from_us / hour_us;
        int64_t end_us = (hour + 1) * hour_us;
        end_us = end_us < causes->now_us ? end_us : causes->now_us;
        while (causes->hours.count < (size_t)(hour + 1) * WAIT_CAUSE_COUNT) {
            vec_push(&causes->hours, (struct causes_sum){0});
        }
        add_sum(&causes->hours.items[hour * WAIT_CAUSE_COUNT + cause], count, end_us - from_us,
                milli);
        from_us = end_us;
    }
}

/* `count` jobs of a shape and queue have waited for this since `from_us`. */
static void charge(struct causes *causes, const struct causes_group *group, enum wait_cause cause,
                   uint32_t count, int64_t from_us)
{
    int64_t us = causes->now_us - from_us;
    int64_t milli = workload_shape_gpu_milli(causes->workload, group->shape);
    uint32_t holder = holder_of(causes, cause, group->queue);
    uint32_t queues = names_count(&causes->workload->queues);
    if (us == 0 || count == 0) {
        return;
    }
    add_sum(&causes->total[cause], count, us, milli);
    add_sum(&causes->by_queue[group->queue][cause], count, us, milli);
    add_sum(&causes->by_holder[holder == CAUSES_NOBODY ? queues : holder][cause], count, us, milli);
    add_sum(&causes->by_size[size_class_of(milli)][cause], count, us, milli);
    charge_hours(causes, cause, count, from_us, milli);
}

static void settle(struct causes *causes, struct causes_group *group)
{
    charge(causes, group, (enum wait_cause)group->cause, group->count, group->since_us);
    group->us[group->cause] += causes->now_us - group->since_us;
    group->since_us = causes->now_us;
}

/* -- groups ---------------------------------------------------------------------------------- */

static struct causes_group *group_of(struct causes *causes, uint32_t shape, uint32_t queue)
{
    uint32_t number = causes->first_group[shape];
    while (number != NO_GROUP && causes->groups.items[number].queue != queue) {
        number = causes->groups.items[number].next;
    }
    if (number == NO_GROUP) {
        struct causes_group group = {.shape = shape,
                                     .queue = queue,
                                     .next = causes->first_group[shape],
                                     .since_us = causes->now_us,
                                     .cause = causes->shape_cause[shape]};
        number = (uint32_t)causes->groups.count;
        causes->first_group[shape] = number;
        vec_push(&causes->groups, group);
    }
    return &causes->groups.items[number];
}

static struct causes_group *group_of_job(struct causes *causes, uint32_t job)
{
    const struct job *facts = &causes->workload->jobs.items[job];
    return group_of(causes, facts->shape, facts->queue);
}

static void join(struct causes *causes, uint32_t job)
{
    struct causes_group *group = group_of_job(causes, job);
    settle(causes, group);
    if (group->count++ == 0) {
        group->place = (uint32_t)causes->active.count;
        vec_push(&causes->active, (uint32_t)(group - causes->groups.items));
    }
    for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
        causes->by_job[job][i] -= group->us[i];
    }
}

static void leave(struct causes *causes, uint32_t job)
{
    struct causes_group *group = group_of_job(causes, job);
    settle(causes, group);
    CHECK(group->count > 0);
    for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
        causes->by_job[job][i] += group->us[i];
    }
    if (--group->count == 0) {
        uint32_t last = vec_pop(&causes->active);
        if (last != (uint32_t)(group - causes->groups.items)) {
            causes->active.items[group->place] = last;
            causes->groups.items[last].place = group->place;
        }
    }
}

/* -- jobs with a cause of their own ---------------------------------------------------------- */

static void settle_told(struct causes *causes, uint32_t job)
{
    enum wait_cause cause = (enum wait_cause)causes->told[job];
    charge(causes, group_of_job(causes, job), cause, 1, causes->told_since_us[job]);
    causes->by_job[job][cause] += causes->now_us - causes->told_since_us[job];
    causes->told_since_us[job] = causes->now_us;
}

static void begin_told(struct causes *causes, uint32_t job, enum wait_cause cause)
{
    causes->told[job] = (uint8_t)cause;
    causes->told_since_us[job] = causes->now_us;
    causes->told_places[job] = (uint32_t)causes->told_jobs.count;
    vec_push(&causes->told_jobs, job);
}

static void end_told(struct causes *causes, uint32_t job)
{
    settle_told(causes, job);
    causes->told[job] = WAIT_CAUSE_COUNT;
    uint32_t last = vec_pop(&causes->told_jobs);
    if (last != job) {
        causes->told_jobs.items[causes->told_places[job]] = last;
        causes->told_places[last] = causes->told_places[job];
    }
}

static void begin_pending(struct causes *causes, uint32_t job)
{
    bitset_add(&causes->pending, job);
    join(causes, job);
}

static void end_pending(struct causes *causes, uint32_t job)
{
    bitset_remove(&causes->pending, job);
    if (causes->told[job] == WAIT_CAUSE_COUNT) {
        leave(causes, job);
    } else {
        end_told(causes, job);
    }
}

static void note_told(struct causes *causes, uint32_t job, enum wait_cause cause)
{
    bool was_told = causes->told[job] != WAIT_CAUSE_COUNT;
    if (was_told) {
        end_told(causes, job);
    } else {
        leave(causes, job);
    }
    if (cause == WAIT_CAUSE_COUNT) {
        join(causes, job);
    } else {
        begin_told(causes, job, cause);
    }
}

static void change_group(struct causes *causes, uint32_t number, enum wait_cause cause)
{
    struct causes_group *group = &causes->groups.items[number];
    settle(causes, group);
    group->cause = (uint8_t)cause;
}

static void note_cause(struct causes *causes, const struct log_record *record)
{
    const struct log_waits *waits = record->waits;
    if (record->job != LOG_NO_JOB) {
        note_told(causes, record->job, waits->cause);
        return;
    }
    if (waits->queue == LOG_ALL_QUEUES) {
        causes->shape_cause[waits->shape] = (uint8_t)waits->cause;
        for (uint32_t i = causes->first_group[waits->shape]; i != NO_GROUP;
             i = causes->groups.items[i].next) {
            change_group(causes, i, waits->cause);
        }
        return;
    }
    struct causes_group *group = group_of(causes, waits->shape, waits->queue);
    change_group(causes, (uint32_t)(group - causes->groups.items), waits->cause);
}

/* -- holders --------------------------------------------------------------------------------- */

static uint32_t winner(const struct causes *causes, uint32_t a, uint32_t b)
{
    if (a == CAUSES_NOBODY || b == CAUSES_NOBODY) {
        return a == CAUSES_NOBODY ? b : a;
    }
    return causes->held_milli[b] > causes->held_milli[a] ? b : a;
}

static void hold(struct causes *causes, uint32_t job, int64_t milli)
{
    uint32_t queue = causes->workload->jobs.items[job].queue;
    causes->held_milli[queue] += milli - causes->job_milli[job];
    causes->idle_milli -= milli - causes->job_milli[job];
    causes->job_milli[job] = milli;
    uint32_t at = causes->leaves + queue;
    causes->winners[at] = causes->held_milli[queue] > 0 ? queue : CAUSES_NOBODY;
    while (at > 1) {
        at /= 2;
        causes->winners[at] = winner(causes, causes->winners[2 * at], causes->winners[2 * at + 1]);
    }
}

/* Settles all that waits before somebody else becomes a holder. */
static void update_holders(struct causes *causes)
{
    uint32_t top = causes->winners[1];
    uint32_t first = bitset_next(&causes->pending, 0);
    uint32_t oldest =
        first == BITSET_END ? CAUSES_NOBODY : causes->workload->jobs.items[first].queue;
    if (top == causes->top && oldest == causes->oldest) {
        return;
    }
    for (size_t i = 0; i < causes->active.count; i++) {
        settle(causes, &causes->groups.items[causes->active.items[i]]);
    }
    for (size_t i = 0; i < causes->told_jobs.count; i++) {
        settle_told(causes, causes->told_jobs.items[i]);
    }
    causes->top = top;
    causes->oldest = oldest;
}

/* What idle GPUs wait for, in the words of the job that has been pending longest. */
static uint32_t idle_cause(const struct causes *causes)
{
    uint32_t first = bitset_next(&causes->pending, 0);
    if (first == BITSET_END) {
        return WAIT_CAUSE_COUNT;
    }
    if (causes->told[first] != WAIT_CAUSE_COUNT) {
        return causes->told[first];
    }
    const struct job *facts = &causes->workload->jobs.items[first];
    uint32_t number = causes->first_group[facts->shape];
    while (causes->groups.items[number].queue != facts->queue) {
        number = causes->groups.items[number].next;
    }
    return causes->groups.items[number].cause;
}

static void charge_idle(struct causes *causes, int64_t until_us)
{
    causes->idle[idle_cause(causes)] +=
        wide_product(causes->idle_milli, until_us - causes->idle_since_us);
    causes->idle_since_us = until_us;
}

/* -- records --------------------------------------------------------------------------------- */

void causes_add(struct causes *causes, const struct log_record *record)
{
    if (record->time_us > causes->now_us) {
        /* Holders are those of the instant that is over. */
        update_holders(causes);
        charge_idle(causes, record->time_us);
    }
    causes->now_us = record->time_us;
    switch (record->kind) {
    case LOG_SUBMIT:
        begin_pending(causes, record->job);
        return;
    case LOG_START:
        end_pending(causes, record->job);
        hold(causes, record->job, record->gpu_milli);
        return;
    case LOG_PREEMPT:
    case LOG_INTERRUPT:
        begin_pending(causes, record->job);
        hold(causes, record->job, 0);
        return;
    case LOG_FINISH:
        hold(causes, record->job, 0);
        return;
    case LOG_RESIZE:
    case LOG_MIGRATE:
        hold(causes, record->job, record->gpu_milli);
        return;
    case LOG_CAUSE:
        note_cause(causes, record);
        return;
    case LOG_REJECT:
    case LOG_SHARE:
    case LOG_STEP:
    case LOG_END:
        return;
    case LOG_AWAY:
        causes->idle_milli -= record->supply->gpu_milli;
        return;
    case LOG_BACK:
        causes->idle_milli += record->supply->gpu_milli;
        return;
    }
}

void causes_end(struct causes *causes)
{
    update_holders(causes);
    for (uint32_t job = bitset_next(&causes->pending, 0); job != BITSET_END;
         job = bitset_next(&causes->pending, job + 1)) {
        end_pending(causes, job);
    }
}

int64_t causes_of_job_us(const struct causes *causes, uint32_t job)
{
    int64_t sum = 0;
    for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
        sum += causes->by_job[job][i];
    }
    return sum;
}
