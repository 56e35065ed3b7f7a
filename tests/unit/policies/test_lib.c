/* test_lib.c - the queues and the plan that policies share, against slow versions of themselves. */
#include <criterion/criterion.h>
#include <gsl/gsl_rng.h>

#include "policies/lib/backlog.h"
#include "policies/lib/profile.h"
#include "policies/lib/shape_queue.h"
#include "sim/base/rng.h"

enum { JOBS = 300, SHAPES = 5, TIMES = 60 };

static uint32_t draw(gsl_rng *random, uint32_t below)
{
    return (uint32_t)gsl_rng_uniform_int(random, below);
}

/* The first waiting job by (key, tie, number) whose shape is not blocked. */
static uint32_t slow_first(const struct shape_queue_place *places, const bool *waits,
                           const bool *blocked)
{
    uint32_t first = SHAPE_QUEUE_NONE;
    for (uint32_t job = 0; job < JOBS; job++) {
        if (waits[job] && !blocked[job % SHAPES] &&
            (first == SHAPE_QUEUE_NONE || places[job].key < places[first].key ||
             (places[job].key == places[first].key && places[job].tie < places[first].tie))) {
            first = job;
        }
    }
    return first;
}

Test(shape_queue, hands_out_jobs_like_a_sorted_list)
{
    gsl_rng *random = rng_new(1, "shape queue", 0);
    struct shape_queue queue;
    shape_queue_init(&queue, JOBS, SHAPES);
    struct shape_queue_place places[JOBS] = {{0}};
    bool waits[JOBS] = {false};
    bool blocked[SHAPES] = {false};
    for (int step = 0; step < 20000; step++) {
        uint32_t job = draw(random, JOBS);
        uint32_t first = shape_queue_first(&queue);
        cr_assert_eq(first, slow_first(places, waits, blocked), "step %d", step);
        switch (draw(random, 8)) {
        case 0:
            shape_queue_unblock(&queue);
            memset(blocked, 0, sizeof(blocked));
            break;
        case 1:
            if (first != SHAPE_QUEUE_NONE) {
                shape_queue_block(&queue, first);
                blocked[first % SHAPES] = true;
            }
            break;
        case 2:
        case 3:
        case 4:
            if (first != SHAPE_QUEUE_NONE) {
                shape_queue_take(&queue, first);
                waits[first] = false;
            }
            break;
        default:
            if (waits[job]) {
                shape_queue_remove(&queue, job);
            } else {
                places[job].key = draw(random, 20);
                places[job].tie = draw(random, 3);
                shape_queue_add_at(&queue, job, job % SHAPES, places[job]);
            }
            waits[job] = !waits[job];
        }
    }
    shape_queue_release(&queue);
    gsl_rng_free(random);
}

/* The first waiting job from number `from` on that qualifies, by looking at every one. */
static uint32_t slow_next(const struct backlog_job *jobs, const bool *waits, uint32_t count,
                          uint32_t from, const struct backlog_want *want)
{
    for (uint32_t i = from; i < count; i++) {
        if (waits[i] && jobs[i].gpu_milli <= want->free_milli &&
            (jobs[i].estimate_us <= want->limit_us || jobs[i].gpu_milli <= want->extra_milli)) {
            return i;
        }
    }
    return count;
}

Test(backlog, finds_the_next_that_qualifies_like_a_full_scan)
{
    enum { MOST = 4000 };
    gsl_rng *random = rng_new(2, "backlog", 0);
    struct backlog backlog = {0};
    static struct backlog_job jobs[MOST];
    static bool waits[MOST];
    for (uint32_t count = 0; count < MOST; count++) {
        jobs[count].gpu_milli = draw(random, 50);
        jobs[count].estimate_us = draw(random, 50);
        jobs[count].job = count;
        waits[count] = true;
        backlog_add(&backlog, jobs[count]);
        struct backlog_want want = {.free_milli = draw(random, 6)};
        want.limit_us = draw(random, 10);
        want.extra_milli = draw(random, 4);
        size_t first = backlog_first(&backlog);
        size_t at = backlog_next(&backlog, first == BACKLOG_END ? 0 : first, want);
        uint32_t slow = slow_next(jobs, waits, count + 1, 0, &want);
        while (at != BACKLOG_END) {
            cr_assert_eq(backlog.jobs.items[at].job, slow);
            backlog_remove(&backlog, at);
            waits[slow] = false;
            at = backlog_next(&backlog, at + 1, want);
            slow = slow_next(jobs, waits, count + 1, slow + 1, &want);
        }
        cr_assert_eq(slow, count + 1);
    }
    backlog_release(&backlog);
    gsl_rng_free(random);
}

static uint32_t slow_find(const int64_t *free_milli, uint32_t from, uint32_t length, int64_t need)
{
    for (uint32_t start = from;; start++) {
        uint32_t at = start;
        while (at < start + length && free_milli[at < TIMES ? at : TIMES] >= need) {
            at++;
        }
        if (at == start + length) {
            return start;
        }
    }
}

Test(free_profile, plans_like_an_array_of_seconds)
{
    gsl_rng *random = rng_new(3, "profile", 0);
    for (int world = 0; world < 300; world++) {
        struct free_profile profile = {0};
        free_profile_reset(&profile, 0, 8);
        int64_t seconds[TIMES + 1]; /* the last stands for all later ones */
        for (uint32_t t = 0; t <= TIMES; t++) {
            seconds[t] = 8;
        }
        uint32_t now = 0;
        for (int step = 0; step < 30; step++) {
            uint32_t from = now + draw(random, TIMES - now);
            uint32_t length = 1 + draw(random, 12);
            int64_t need = 1 + draw(random, 8);
            int64_t found = free_profile_find(&profile, from, length, need);
            cr_assert_eq(found, slow_find(seconds, from, length, need));
            if (found + length < TIMES) {
                free_profile_add(&profile, found, found + length, -need);
                for (int64_t t = found; t < found + length; t++) {
                    seconds[t] -= need;
                }
            }
            now = now + 2 < TIMES / 2 ? now + draw(random, 2) : now;
            free_profile_forget(&profile, now);
            for (size_t i = 1; i < profile.steps.count; i++) {
                cr_assert_neq(profile.steps.items[i].free_milli,
                              profile.steps.items[i - 1].free_milli, "steps that say nothing");
            }
        }
        free_profile_release(&profile);
    }
    gsl_rng_free(random);
}

Test(free_profile, says_never_where_nothing_becomes_free)
{
    struct free_profile profile = {0};
    free_profile_reset(&profile, 5, 4);
    free_profile_add(&profile, 7, INT64_MAX, -3);
    cr_assert_eq(free_profile_find(&profile, 5, 10, 2), FREE_PROFILE_NEVER);
    cr_assert_eq(free_profile_find(&profile, 5, 2, 4), 5);
    cr_assert_eq(free_profile_find(&profile, 6, INT64_MAX, 1), 6);
    free_profile_release(&profile);
}
