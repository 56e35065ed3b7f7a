/* plain_order.c - who goes first: the policies of the reference engine. See plain.h. */
#include "plain.h"

/* A job and where it stands: by rank, then key, then tie, then number. */
struct place {
    uint32_t job;
    int rank;
    int64_t key;
    int tie;
};

typedef VEC(struct place) place_list;

static bool is_before(const struct place *a, const struct place *b)
{
    if (a->rank != b->rank) {
        return a->rank < b->rank;
    }
    if (a->key != b->key) {
        return a->key < b->key;
    }
    return a->tie != b->tie ? a->tie < b->tie : a->job < b->job;
}

static void sort_in(place_list *list, struct place place)
{
    vec_push(list, place);
    for (size_t i = list->count - 1; i > 0 && is_before(&place, &list->items[i - 1]); i--) {
        list->items[i] = list->items[i - 1];
        list->items[i - 1] = place;
    }
}

static int64_t times_gpus(const struct plain *plain, uint32_t job, int64_t key)
{
    return plain->input.by_gpus ? key * plain_asked_milli(plain, job) : key;
}

/* -- fifo, sjf ------------------------------------------------------------------------------- */

static void in_order(struct plain *plain)
{
    place_list list = {0};
    for (uint32_t job = 0; job < plain->input.workload->jobs.count; job++) {
        if (plain->jobs[job].state == PLAIN_PENDING) {
            int64_t key = plain->input.policy == PLAIN_FIFO
                              ? 0
                              : times_gpus(plain, job, plain->jobs[job].estimate_us);
            sort_in(&list, (struct place){.job = job, .key = key});
        }
    }
    for (size_t i = 0; i < list.count; i++) {
        if (!plain_start(plain, list.items[i].job) && !plain->input.skips) {
            break;
        }
    }
    vec_release(&list);
}

/* -- srtf ------------------------------------------------------------------------------------ */

/* All who wait, or run as well. Who cannot be preempted and runs goes before everybody. */
static void by_work_left(const struct plain *plain, bool runs_as_well, place_list *list)
{
    for (uint32_t job = 0; job < plain->input.workload->jobs.count; job++) {
        int64_t left_us = plain_left_us(plain, job);
        bool fixed = !plain->input.workload->jobs.items[job].preemptible;
        if (plain->jobs[job].state == PLAIN_PENDING) {
            sort_in(list, (struct place){job, 1, times_gpus(plain, job, left_us), 1});
        } else if (plain->jobs[job].state == PLAIN_RUNNING && runs_as_well) {
            left_us -= plain->input.hysteresis_us;
            left_us = left_us < 0 ? 0 : left_us;
            sort_in(list, (struct place){job, fixed ? 0 : 1, times_gpus(plain, job, left_us), 0});
        }
    }
}

static void fill(struct plain *plain)
{
    place_list list = {0};
    by_work_left(plain, false, &list);
    for (size_t i = 0; i < list.count; i++) {
        (void)plain_start(plain, list.items[i].job);
    }
    vec_release(&list);
}

static bool someone_waits(const struct plain *plain)
{
    bool waits = false;
    for (uint32_t job = 0; job < plain->input.workload->jobs.count; job++) {
        waits |= plain->jobs[job].state == PLAIN_PENDING;
    }
    return waits;
}

/* Down the list with a quota of all GPUs: who has its part of it shall run. */
static void shortest_first(struct plain *plain)
{
    if (!someone_waits(plain)) {
        return;
    }
    place_list list = {0};
    VEC(uint32_t) chosen = {0};
    VEC(uint32_t) stopped = {0};
    int64_t quota_milli = plain_gpu_milli(plain);
    by_work_left(plain, true, &list);
    for (size_t i = 0; i < list.count; i++) {
        uint32_t job = list.items[i].job;
        bool runs = plain->jobs[job].state == PLAIN_RUNNING;
        int64_t milli = runs ? plain_held_milli(plain, job) : plain_asked_milli(plain, job);
        bool shall = list.items[i].rank == 0 || milli <= quota_milli;
        quota_milli -= shall ? milli : 0;
        if (shall && !runs) {
            vec_push(&chosen, job);
        } else if (!shall && runs) {
            vec_push(&stopped, job);
        }
    }
    for (size_t i = 0; i < stopped.count; i++) {
        plain_stop(plain, stopped.items[i]);
    }
    bool all = true;
    for (size_t i = 0; i < chosen.count; i++) {
        all &= plain_start(plain, chosen.items[i]);
    }
    if (!all && plain->input.fills) {
        fill(plain);
    }
    vec_release(&list);
    vec_release(&chosen);
    vec_release(&stopped);
}

/* -- easy ------------------------------------------------------------------------------------ */

static int64_t need_milli(const struct plain *plain, uint32_t job)
{
    const struct workload *workload = plain->input.workload;
    uint32_t shape = workload->jobs.items[job].shape;
    return plain_asked_milli(plain, job) * workload_shape_min_tasks(workload, shape) /
           workload_shape_tasks(workload, shape);
}

/* Who should have ended by now and did not is expected to run once more as long as it has; who ends
 * at this very instant gives back what it holds before its turn. */
static void settle_expected(struct plain *plain)
{
    for (uint32_t job = 0; job < plain->input.workload->jobs.count; job++) {
        struct plain_job *state = &plain->jobs[job];
        if (state->state != PLAIN_RUNNING || state->gave_back ||
            state->expected_us > plain->now_us) {
            continue;
        }
        if (plain_end_us(plain, job) == plain->now_us) {
            state->gave_back = true;
        } else {
            state->expected_us = plain->now_us + (plain->now_us - state->start_us);
        }
    }
}

static bool start_expected(struct plain *plain, uint32_t job)
{
    plain->jobs[job].expected_us = plain->now_us + plain->jobs[job].estimate_us;
    return plain_start(plain, job);
}

/* The reservation of the first: when it should find room, and what is free then beyond its need. */
static void reserve(const struct plain *plain, int64_t need, int64_t *shadow_us, int64_t *extra)
{
    place_list ends = {0};
    int64_t free_milli = plain_free_milli(plain);
    for (uint32_t job = 0; job < plain->input.workload->jobs.count; job++) {
        const struct plain_job *state = &plain->jobs[job];
        if (state->state == PLAIN_RUNNING && !state->gave_back) {
            sort_in(&ends, (struct place){.job = job, .key = state->expected_us});
        }
    }
    *extra = 0;
    *shadow_us = INT64_MAX;
    bool scattered = need <= free_milli; /* there are enough, but no place */
    for (size_t i = 0; i < ends.count; i++) {
        bool enough = scattered ? i > 0 : free_milli >= need;
        if (enough && ends.items[i].key != *shadow_us) {
            break;
        }
        free_milli += plain_held_milli(plain, ends.items[i].job);
        *shadow_us = ends.items[i].key;
    }
    *extra = scattered || free_milli < need ? 0 : free_milli - need;
    vec_release(&ends);
}

static void backfill(struct plain *plain, uint32_t head)
{
    int64_t shadow_us = 0;
    int64_t extra = 0;
    place_list later = {0};
    reserve(plain, need_milli(plain, head), &shadow_us, &extra);
    for (uint32_t job = head + 1; job < plain->input.workload->jobs.count; job++) {
        if (plain->jobs[job].state == PLAIN_PENDING) {
            int64_t key = plain->input.shortest ? plain->jobs[job].estimate_us : 0;
            sort_in(&later, (struct place){.job = job, .key = key});
        }
    }
    for (size_t i = 0; i < later.count; i++) {
        uint32_t job = later.items[i].job;
        int64_t need = need_milli(plain, job);
        bool in_time =
            shadow_us == INT64_MAX || plain->now_us + plain->jobs[job].estimate_us <= shadow_us;
        if (need <= plain_free_milli(plain) && (in_time || need <= extra) &&
            start_expected(plain, job)) {
            extra -= in_time ? 0 : need;
        }
    }
    vec_release(&later);
}

static void backfilling(struct plain *plain)
{
    settle_expected(plain);
    for (uint32_t job = 0; job < plain->input.workload->jobs.count; job++) {
        if (plain->jobs[job].state != PLAIN_PENDING) {
            continue;
        }
        if (need_milli(plain, job) > plain_free_milli(plain) || !start_expected(plain, job)) {
            backfill(plain, job);
            return;
        }
    }
}

void plain_decide(struct plain *plain)
{
    switch (plain->input.policy) {
    case PLAIN_FIFO:
    case PLAIN_SJF:
        in_order(plain);
        return;
    case PLAIN_SRTF:
        shortest_first(plain);
        return;
    case PLAIN_EASY:
        backfilling(plain);
        return;
    }
}
