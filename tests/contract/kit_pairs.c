/* kit_pairs.c - laws that compare runs of a world and of one that differs from it; see kit.h. */
#include <criterion/criterion.h>

#include "kit.h"

/* -- what must not matter -------------------------------------------------------------------- */

static bool run_placed(struct kit_trial *trial, const struct world *world, const char *place,
                       struct replay *replay)
{
    kit_prepare(trial, world, replay);
    replay->place = place;
    return kit_check(trial, replay_run(replay), replay->err.msg, replay, world);
}

/* Laws that must hold wherever jobs are placed. */
static bool run(struct kit_trial *trial, const struct world *world, struct replay *replay)
{
    return run_placed(trial, world, trial->place != NULL ? trial->place : "count", replay);
}

/* Laws that are promised where only the number of GPUs counts. */
static bool run_counted(struct kit_trial *trial, const struct world *world, struct replay *replay)
{
    return run_placed(trial, world, "count", replay);
}

/* The jobs of `other` from `ahead` on do what those of the trial's world do, all times `scale`
 * times as long after the shift of the submit times. */
static bool is_same(struct kit_trial *trial, const struct world *world, const struct world *other,
                    uint32_t ahead, int64_t scale)
{
    struct replay a;
    struct replay b;
    bool ok = run(trial, world, &a);
    ok = run(trial, other, &b) && ok;
    bool cut = ok && kit_is_circle(trial, &a) && kit_is_circle(trial, &b); /* at other times */
    for (uint32_t i = 0; ok && !cut && i < world->count; i++) {
        const struct replay_job *x = &a.jobs.items[i];
        const struct replay_job *y = &b.jobs.items[i + ahead];
        int64_t shift_us = y->submit_us - x->submit_us * scale;
        bool same = x->rejected == y->rejected && x->preemptions == y->preemptions;
        if (x->end_us == REPLAY_NEVER) {
            same = same && y->end_us == REPLAY_NEVER;
        } else {
            same = same && y->first_start_us - x->first_start_us * scale == shift_us &&
                   y->end_us - x->end_us * scale == shift_us;
        }
        if (!same) {
            (void)kit_check(trial, false, "the same schedule", &b, other);
            text_add(&trial->complaint, "\nbefore: ");
            replay_add_schedule(&trial->complaint, &a);
            ok = false;
        }
    }
    replay_release(&a);
    replay_release(&b);
    return ok;
}

bool kit_names(struct kit_trial *trial)
{
    struct world renamed = *trial->world;
    renamed.reversed_names = true;
    return is_same(trial, trial->world, &renamed, 0, 1);
}

/* A job that asks for nothing and takes no time comes first, everybody else 100 s later. */
bool kit_idle_time(struct kit_trial *trial)
{
    struct world world = *trial->world;
    world.count = world.count < WORLD_MOST_JOBS ? world.count : WORLD_MOST_JOBS - 1;
    struct world later = world;
    later.count = world.count + 1;
    later.jobs[0] = (struct world_job){.estimate_s = 1, .preemptible = true};
    later.jobs[0].tenant = world.jobs[0].tenant; /* so that tenants are met in the same order */
    for (uint32_t j = 0; j < world.count; j++) {
        later.jobs[j + 1] = world.jobs[j];
        later.jobs[j + 1].submit_s += 100;
    }
    return is_same(trial, &world, &later, 1, 1);
}

/* By an odd factor, so that rounding to seconds or minutes would show. Nobody is elastic, because
 * the ends of such jobs fall between microseconds. */
bool kit_time_scale(struct kit_trial *trial)
{
    enum { SCALE = 7 };
    struct world world = *trial->world;
    for (uint32_t j = 0; j < world.count; j++) {
        world.jobs[j].min_tasks = 0;
    }
    struct world longer = world;
    world_stretch(&longer, SCALE);
    return is_same(trial, &world, &longer, 0, SCALE);
}

bool kit_spare_nodes(struct kit_trial *trial)
{
    struct world before = *trial->world;
    before.names_models = true;
    struct world after = before;
    after.spare_nodes = 3;
    return is_same(trial, &before, &after, 0, 1);
}

/* -- who may delay whom ---------------------------------------------------------------------- */

/* The world with free shapes and true estimates only: what promises about times are made for. */
static struct world told_truly(const struct world *world)
{
    struct world told = *world;
    for (uint32_t i = 0; i < told.count; i++) {
        struct world_job *job = &told.jobs[i];
        job->duration_s = job->duration_s < 1 ? 1 : job->duration_s;
        job->estimate_s = job->duration_s;
        job->tasks = 0;
        job->min_tasks = 0;
        job->is_half = false;
    }
    return told;
}

/* Runs a part of the world; the start of its job `last`. False: the run was refused. */
static bool start_of(struct kit_trial *trial, const struct world *part, uint32_t last,
                     int64_t *start_us)
{
    struct replay replay;
    bool ok = run_counted(trial, part, &replay);
    if (ok) {
        *start_us = replay.jobs.items[last].first_start_us;
    }
    replay_release(&replay);
    return ok;
}

/* Jobs to look at: all of a small world, else some. */
static uint32_t step_of(const struct world *world)
{
    return world->count <= 6 ? 1 : 1 + world->count / 4;
}

bool kit_no_delay(struct kit_trial *trial)
{
    struct world world = told_truly(trial->world);
    struct replay whole;
    bool ok = run_counted(trial, &world, &whole);
    for (uint32_t i = 0; ok && i < world.count; i += step_of(&world)) {
        struct world part = world;
        part.count = i + 1;
        int64_t alone_us = 0;
        ok = start_of(trial, &part, i, &alone_us) &&
             kit_check(trial, whole.jobs.items[i].first_start_us <= alone_us,
                       sched_law_text(SCHED_LAW_NO_DELAY), &whole, &world);
    }
    replay_release(&whole);
    return ok;
}

/* The world without whoever came after the job and had not started when it became the head. */
static struct world without_others(const struct world *world, const struct replay *whole,
                                   uint32_t head, int64_t head_us)
{
    struct world part = *world;
    part.count = head + 1;
    for (uint32_t i = head + 1; i < world->count; i++) {
        const struct replay_job *job = &whole->jobs.items[i];
        if (!job->rejected && job->first_start_us < head_us) {
            part.jobs[part.count++] = world->jobs[i];
        }
    }
    return part;
}

bool kit_head_first(struct kit_trial *trial)
{
    struct world world = told_truly(trial->world);
    struct replay whole;
    bool ok = run_counted(trial, &world, &whole);
    int64_t head_us = 0; /* when everybody before has started */
    for (uint32_t i = 0; ok && i < world.count; i++) {
        const struct replay_job *job = &whole.jobs.items[i];
        if (job->rejected) {
            continue;
        }
        if (job->first_start_us > head_us && job->first_start_us > job->submit_us) {
            int64_t since_us = job->submit_us > head_us ? job->submit_us : head_us;
            struct world part = without_others(&world, &whole, i, since_us);
            int64_t alone_us = 0;
            ok = start_of(trial, &part, i, &alone_us) &&
                 kit_check(trial, job->first_start_us <= alone_us,
                           sched_law_text(SCHED_LAW_HEAD_FIRST), &whole, &world);
        }
        head_us = job->first_start_us > head_us ? job->first_start_us : head_us;
    }
    replay_release(&whole);
    return ok;
}
