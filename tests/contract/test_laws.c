/*
 * test_laws.c - laws that every policy in the table keeps, on hundreds of small worlds; on many
 * more with BERTH_LAWS=full (make laws). A failing test prints the world and the policy.
 */
#include <criterion/criterion.h>

#include "sim/base/rng.h"
#include "slow.h"
#include "slow_lists.h"
#include "variants.h"
#include "watch.h"

static uint32_t worlds_of(uint32_t few)
{
    const char *laws = getenv("BERTH_LAWS");
    return laws != NULL && strcmp(laws, "full") == 0 ? few * 40 : few;
}

static void assert_law(bool holds, const char *law, const struct replay *replay,
                       const struct world *world)
{
    if (holds) {
        return;
    }
    struct text text = {0};
    world_describe(&text, world);
    text_addf(&text, "\npass %d tie %d estimates %d place %s\n", replay->settings.pass,
              replay->settings.tie, replay->settings.estimates, replay->place);
    replay_add_schedule(&text, replay);
    cr_assert(false, "%s: not so: %s\n%s", replay->policy, law, text.bytes);
}

/* Every setting that does not change what the world is. */
static void draw_settings(struct replay *replay, gsl_rng *random)
{
    struct engine_settings *settings = &replay->settings;
    settings->pass = (enum pass_mode)gsl_rng_uniform_int(random, 3);
    settings->pass_period_us = (int64_t)(1 + gsl_rng_uniform_int(random, 4)) * SECOND_US;
    settings->tie = (enum tie_order)gsl_rng_uniform_int(random, 2);
    settings->estimates = (enum estimates)gsl_rng_uniform_int(random, 4);
    settings->noise_sigma = 1.0;
    settings->checkpoint_us = (int64_t)gsl_rng_uniform_int(random, 3) * SECOND_US;
    settings->restore_us = (int64_t)gsl_rng_uniform_int(random, 2) * SECOND_US;
    settings->start_us = (int64_t)gsl_rng_uniform_int(random, 2) * SECOND_US;
}

static const struct place_ops *draw_place(gsl_rng *random)
{
    uint32_t count = 0;
    while (place_rules[count] != NULL) {
        count++;
    }
    return place_rules[gsl_rng_uniform_int(random, count)];
}

/* Nothing is lost: everybody who was submitted is rejected, has finished, or (where the policy
 * starts nothing) waits. */
static void assert_complete(const struct variant *variant, const struct replay *replay,
                            const struct watch *watch)
{
    const struct world *world = watch->world;
    bool idle = (variant->policy->flags & SCHED_STARTS_NOTHING) != 0;
    uint32_t waiting = watch->submitted - watch->rejected - watch->finished;
    assert_law(watch->submitted == world->count, "all are submitted", replay, world);
    uint32_t may_wait = 0;
    for (uint32_t i = 0; i < world->count && (variant->policy->flags & SCHED_QUOTAS) != 0; i++) {
        may_wait += world->jobs[i].preemptible ? 0 : 1;
    }
    assert_law(idle ? watch->finished == 0 : waiting <= may_wait, "all finish", replay, world);
    for (uint32_t i = 0; i < world->count; i++) {
        const struct replay_job *job = &replay->jobs.items[i];
        if (job->end_us == REPLAY_NEVER) {
            continue;
        }
        int64_t ran_us = job->end_us - job->first_start_us;
        int64_t work_us = world->jobs[i].duration_s * SECOND_US;
        assert_law(job->first_start_us >= job->submit_us, "starts follow submits", replay, world);
        assert_law(job->preemptions > 0 ? ran_us >= work_us
                                        : ran_us == work_us + replay->settings.start_us,
                   "work takes its time", replay, world);
    }
}

static void keep_laws(const struct variant *variant, const struct world *world, gsl_rng *random)
{
    struct replay replay;
    world_replay(world, &replay);
    struct watch watch;
    watch_init(&watch, world);
    replay.policy = variant->spec;
    draw_settings(&replay, random);
    if ((variant->policy->flags & SCHED_QUOTAS) != 0) {
        /* A scheduler that moves jobs to make room can do so in circles, for ever where a restart
         * costs as much work as is done between two cycles. */
        replay.settings.checkpoint_us = 0;
        replay.settings.restore_us = 0;
        replay.settings.start_us = 0;
        replay.settings.horizon_us = 2000 * SECOND_US; /* a circle fails instead of lasting */
    }
    replay.place = draw_place(random)->name;
    replay.settings.audit = true;
    replay.extra = watch_sink(&watch);
    watch.keeps_order = variant_promises(variant, SCHED_LAW_SUBMIT_ORDER);
    watch.conserves_work = variant_promises(variant, SCHED_LAW_NO_IDLE) &&
                           strcmp(replay.place, "count") == 0 &&
                           replay.settings.pass != PASS_PERIOD;
    bool accepted = replay_run(&replay);
    assert_law(accepted, replay.err.msg, &replay, world);
    assert_law(watch.broken == NULL, watch.broken, &replay, world);
    assert_complete(variant, &replay, &watch);
    replay_release(&replay);
}

Test(laws, hold_for_every_policy_placement_and_setting)
{
    struct variants variants;
    variants_init(&variants);
    gsl_rng *random = rng_new(1, "laws", 0);
    for (uint32_t i = 0; i < worlds_of(800); i++) {
        struct world world;
        world_draw(&world, random, WORLD_ANY);
        for (size_t v = 0; v < variants.list.count; v++) {
            keep_laws(&variants.list.items[v], &world, random);
        }
    }
    gsl_rng_free(random);
    variants_release(&variants);
}

/* -- against the slow policies --------------------------------------------------------------- */

struct twin {
    const char *spec;
    enum slow_policy slow;
    enum estimates estimates; /* user unless told */
};

static const struct twin TWINS[] = {
    {"fifo:mode=strict", SLOW_FIFO_STRICT, ESTIMATES_USER},
    {"fifo:mode=skip", SLOW_FIFO_SKIP, ESTIMATES_USER},
    {"sjf:mode=strict", SLOW_SJF_STRICT, ESTIMATES_USER},
    {"sjf:mode=skip", SLOW_SJF_SKIP, ESTIMATES_USER},
    {"easy", SLOW_EASY, ESTIMATES_USER},
    {"easy:ask=if_new_fits", SLOW_EASY, ESTIMATES_USER},
    {"easy:order=shortest", SLOW_EASY_SHORTEST, ESTIMATES_USER},
    {"conservative", SLOW_CONSERVATIVE, ESTIMATES_USER},
    {"srtf", SLOW_SRTF, ESTIMATES_USER},
    {"srtf:key=gpu_remaining", SLOW_SRSF, ESTIMATES_USER},
    {"srsf", SLOW_SRSF, ESTIMATES_ORACLE},
    {"srsf:key=remaining", SLOW_SRTF, ESTIMATES_ORACLE},
    {"smallest", SLOW_SMALLEST, ESTIMATES_USER},
};

/* An estimate is at least a microsecond, so the truth about a job of no duration cannot be told. */
static bool has_no_duration(const struct world *world)
{
    bool found = false;
    for (uint32_t i = 0; i < world->count; i++) {
        found = found || world->jobs[i].duration_s == 0;
    }
    return found;
}

static void compare_with_slow(const struct world *world)
{
    struct replay replay;
    world_replay(world, &replay);
    for (size_t t = 0; t < sizeof(TWINS) / sizeof(*TWINS); t++) {
        if (TWINS[t].estimates == ESTIMATES_ORACLE && has_no_duration(world)) {
            continue;
        }
        struct slow_result slow;
        slow_run(world, TWINS[t].slow, &slow);
        replay.policy = TWINS[t].spec;
        replay.settings.estimates = TWINS[t].estimates;
        bool promises = spec_promises(TWINS[t].spec, SCHED_LAW_KEEPS_PROMISES);
        assert_law(replay_run(&replay), "the run is accepted", &replay, world);
        for (uint32_t i = 0; i < world->count; i++) {
            const struct replay_job *job = &replay.jobs.items[i];
            bool same = job->first_start_us == slow.start_s[i] * SECOND_US &&
                        job->end_us == slow.end_s[i] * SECOND_US;
            assert_law(same, "the slow policy does the same", &replay, world);
            bool kept = !promises || slow.promise_s[i] == UINT32_MAX ||
                        job->first_start_us <= slow.promise_s[i] * SECOND_US;
            assert_law(kept, "promises are kept", &replay, world);
        }
    }
    replay_release(&replay);
}

/* With true estimates nobody's reservation ever moves, so planning anew in submit order at every
 * pass is conservative backfilling. */
Test(laws, backfill_without_limits_is_conservative)
{
    gsl_rng *random = rng_new(6, "laws", 0);
    for (uint32_t i = 0; i < worlds_of(250); i++) {
        struct world world;
        world_draw(&world, random, WORLD_PLAIN);
        for (uint32_t j = 0; j < world.count; j++) {
            struct world_job *job = &world.jobs[j];
            job->duration_s = job->duration_s < 1 ? 1 : job->duration_s;
            job->estimate_s = job->duration_s;
        }
        struct replay replay;
        world_replay(&world, &replay);
        struct slow_result slow;
        slow_run(&world, SLOW_CONSERVATIVE, &slow);
        replay.policy = "backfill:interval=0,resolution=0,window=inf,test=0,depth=0";
        cr_assert(replay_run(&replay));
        for (uint32_t j = 0; j < world.count; j++) {
            assert_law(replay.jobs.items[j].first_start_us == slow.start_s[j] * SECOND_US,
                       "the slow conservative does the same", &replay, &world);
        }
        replay_release(&replay);
    }
    gsl_rng_free(random);
}

Test(laws, policies_do_what_their_slow_twins_do)
{
    gsl_rng *random = rng_new(2, "laws", 0);
    for (uint32_t i = 0; i < worlds_of(250); i++) {
        struct world world;
        world_draw(&world, random, WORLD_PLAIN);
        compare_with_slow(&world);
    }
    gsl_rng_free(random);
}

static const struct {
    const char *spec;
    enum lists_policy slow;
} LISTS[] = {
    {"srtf:tie=previous", LISTS_SHORTEST},
    {"srtf:tie=previous,key=gpu_remaining", LISTS_SHORTEST_GPU},
    {"tiresias:limits=3/8,service=time", LISTS_DLAS},
    {"tiresias:limits=3/8,service=time,demote=code", LISTS_DLAS},
    {"tiresias:limits=3/8,demote=code", LISTS_DLAS_GPU},
};

static void compare_with_lists(struct world *world)
{
    for (uint32_t j = 0; j < world->count; j++) {
        world->jobs[j].duration_s += world->jobs[j].duration_s == 0 ? 1 : 0;
    }
    struct replay replay;
    world_replay(world, &replay);
    for (size_t i = 0; i < sizeof(LISTS) / sizeof(*LISTS); i++) {
        struct slow_result slow;
        slow_lists_run(world, LISTS[i].slow, &slow);
        replay.policy = LISTS[i].spec;
        assert_law(replay_run(&replay), "the run is accepted", &replay, world);
        for (uint32_t j = 0; j < world->count; j++) {
            const struct replay_job *job = &replay.jobs.items[j];
            bool same = job->first_start_us == slow.start_s[j] * SECOND_US &&
                        job->end_us == slow.end_s[j] * SECOND_US;
            assert_law(same, "lists sorted anew do the same", &replay, world);
        }
    }
    replay_release(&replay);
}

Test(laws, policies_do_what_the_lists_of_a_published_simulator_do)
{
    gsl_rng *random = rng_new(7, "laws", 0);
    for (uint32_t i = 0; i < worlds_of(250); i++) {
        struct world world;
        world_draw(&world, random, WORLD_PLAIN);
        compare_with_lists(&world);
    }
    gsl_rng_free(random);
    struct world world;
    for (uint32_t count = 1; count <= 3; count++) {
        uint64_t step = count < 3 ? 1 : 7;
        for (uint64_t number = 0; world_count_out(&world, count, number); number += step) {
            compare_with_lists(&world);
        }
    }
}

Test(laws, policies_do_what_their_slow_twins_do_in_every_tiny_world)
{
    bool full = worlds_of(1) > 1;
    struct world world;
    for (uint32_t count = 1; count <= (full ? 4 : 3); count++) {
        /* A prime step takes a share that repeats no pattern. */
        uint64_t step = count < (full ? 4 : 3) ? 1 : 7;
        for (uint64_t number = 0; world_count_out(&world, count, number); number += step) {
            compare_with_slow(&world);
        }
    }
}

/* -- what must not matter -------------------------------------------------------------------- */

static void assert_same_schedule(const struct replay *a, const struct replay *b, uint32_t ahead,
                                 const struct world *world)
{
    for (uint32_t i = 0; i + ahead < b->jobs.count; i++) {
        const struct replay_job *x = &a->jobs.items[i];
        const struct replay_job *y = &b->jobs.items[i + ahead];
        int64_t shift_us = y->submit_us - x->submit_us;
        bool same = x->rejected == y->rejected && x->preemptions == y->preemptions;
        if (x->end_us == REPLAY_NEVER) {
            same = same && y->end_us == REPLAY_NEVER;
        } else {
            same = same && y->first_start_us - x->first_start_us == shift_us &&
                   y->end_us - x->end_us == shift_us;
        }
        assert_law(same, "the same schedule", b, world);
    }
}

Test(laws, names_of_jobs_do_not_matter)
{
    struct variants variants;
    variants_init(&variants);
    gsl_rng *random = rng_new(3, "laws", 0);
    for (uint32_t i = 0; i < worlds_of(100); i++) {
        struct world world;
        world_draw(&world, random, WORLD_ANY);
        for (size_t v = 0; v < variants.list.count; v++) {
            struct replay replay;
            struct replay renamed;
            world.reversed_names = false;
            world_replay(&world, &replay);
            world.reversed_names = true;
            world_replay(&world, &renamed);
            replay.policy = variants.list.items[v].spec;
            renamed.policy = replay.policy;
            cr_assert(replay_run(&replay) && replay_run(&renamed));
            assert_same_schedule(&replay, &renamed, 0, &world);
            replay_release(&replay);
            replay_release(&renamed);
        }
    }
    gsl_rng_free(random);
    variants_release(&variants);
}

/* A job that asks for nothing and takes no time comes first, everybody else 100 s later. */
Test(laws, idle_time_ahead_does_not_matter)
{
    struct variants variants;
    variants_init(&variants);
    gsl_rng *random = rng_new(4, "laws", 0);
    for (uint32_t i = 0; i < worlds_of(100); i++) {
        struct world world;
        world_draw(&world, random, WORLD_ANY);
        world.count = world.count < WORLD_MOST_JOBS ? world.count : WORLD_MOST_JOBS - 1;
        struct world later = world;
        later.count = world.count + 1;
        later.jobs[0] = (struct world_job){.estimate_s = 1, .preemptible = true};
        for (uint32_t j = 0; j < world.count; j++) {
            later.jobs[j + 1] = world.jobs[j];
            later.jobs[j + 1].submit_s += 100;
        }
        for (size_t v = 0; v < variants.list.count; v++) {
            struct replay replay;
            struct replay shifted;
            world_replay(&world, &replay);
            world_replay(&later, &shifted);
            replay.policy = variants.list.items[v].spec;
            shifted.policy = replay.policy;
            cr_assert(replay_run(&replay) && replay_run(&shifted));
            assert_same_schedule(&replay, &shifted, 1, &later);
            replay_release(&replay);
            replay_release(&shifted);
        }
    }
    gsl_rng_free(random);
    variants_release(&variants);
}

/* With odd units, so that rounding to seconds or minutes would show. */
Test(laws, all_times_scaled_scale_the_schedule_where_promised)
{
    enum { SCALE = 7 };
    struct variants variants;
    variants_init(&variants);
    gsl_rng *random = rng_new(5, "laws", 0);
    for (uint32_t i = 0; i < worlds_of(100); i++) {
        struct world world;
        world_draw(&world, random, WORLD_ANY);
        struct world longer = world;
        for (uint32_t j = 0; j < world.count; j++) {
            longer.jobs[j].submit_s *= SCALE;
            longer.jobs[j].duration_s *= SCALE;
            longer.jobs[j].estimate_s *= SCALE;
        }
        for (size_t v = 0; v < variants.list.count; v++) {
            if (!variant_promises(&variants.list.items[v], SCHED_LAW_TIME_SCALE)) {
                continue;
            }
            struct replay replay;
            struct replay scaled;
            world_replay(&world, &replay);
            world_replay(&longer, &scaled);
            replay.policy = variants.list.items[v].spec;
            scaled.policy = replay.policy;
            cr_assert(replay_run(&replay) && replay_run(&scaled));
            for (uint32_t j = 0; j < world.count; j++) {
                const struct replay_job *job = &replay.jobs.items[j];
                bool ended = job->end_us != REPLAY_NEVER;
                int64_t end_us = ended ? job->end_us * SCALE : REPLAY_NEVER;
                assert_law(scaled.jobs.items[j].end_us == end_us, "times scale", &scaled, &longer);
            }
            replay_release(&replay);
            replay_release(&scaled);
        }
    }
    gsl_rng_free(random);
    variants_release(&variants);
}
