/*
 * test_laws.c - laws that every policy in the table keeps, on hundreds of small worlds; on many
 * more with BERTH_LAWS=full (make laws). A failing test prints the world and the policy.
 */
#include <criterion/criterion.h>

#include "kit.h"
#include "sim/base/rng.h"
#include "slow.h"
#include "slow_lists.h"

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
    text_add_char(&text, '\n');
    replay_add_schedule(&text, replay);
    cr_assert(false, "%s: not so: %s\n%s", replay->policy, law, text.bytes);
}

/* -- every policy, every law ----------------------------------------------------------------- */

static bool is_full(void)
{
    const char *laws = getenv("BERTH_LAWS");
    return laws != NULL && strcmp(laws, "full") == 0;
}

static void assert_keeps(const struct kit_law *law, struct kit_trial *trial)
{
    if (kit_judges(law, trial->variant)) {
        cr_assert(law->judge(trial), "%s\n%s", law->name, trial->complaint.bytes);
    }
}

/* Every other world is plain, which some laws ask for; half of them pass in minutes, because rounds
 * and periods of policies are longer than seconds. Placement rules are drawn; in full, each
 * policy is also judged under each rule, by the laws of a single run, in every tenth world. */
static void judge_random(uint32_t law, uint32_t few)
{
    struct variants variants;
    variants_init(&variants);
    gsl_rng *random = rng_new(1, "laws", law);
    uint32_t count = is_full() ? 10000 : few;
    for (uint32_t i = 0; i < count; i++) {
        struct world world;
        world_draw(&world, random, i % 2 == 0 ? WORLD_ANY : WORLD_PLAIN);
        world_stretch(&world, i % 4 < 2 ? 1 : 61);
        for (size_t v = 0; v < variants.list.count; v++) {
            struct kit_trial trial = {&variants.list.items[v], &world, random, NULL, false, {0}};
            assert_keeps(&KIT_LAWS[law], &trial);
            bool all = is_full() && law == 0 && i % 10 == 0 && trial.variant->is_default;
            for (size_t place = 0; all && place_rules[place] != NULL; place++) {
                trial.place = place_rules[place]->name;
                assert_keeps(&KIT_LAWS[law], &trial);
            }
        }
    }
    gsl_rng_free(random);
    variants_release(&variants);
}

Test(laws, hold_for_every_policy_placement_and_setting)
{
    judge_random(0, 160);
}

Test(laws, limits_of_queues_are_kept_where_promised)
{
    judge_random(1, 60);
}

Test(laws, names_of_jobs_users_and_queues_do_not_matter)
{
    judge_random(2, 20);
}

Test(laws, idle_time_ahead_does_not_matter)
{
    judge_random(3, 20);
}

Test(laws, all_times_scaled_scale_the_schedule_where_promised)
{
    judge_random(4, 50);
}

Test(laws, nodes_that_nobody_may_use_change_nothing_where_promised)
{
    judge_random(5, 50);
}

Test(laws, the_head_is_not_delayed_where_promised)
{
    judge_random(6, 100);
}

Test(laws, later_jobs_delay_nobody_where_promised)
{
    judge_random(7, 100);
}

enum { FULL_SHARE = 101, CHECK_SHARE = 4001 }; /* prime steps repeat no pattern of the worlds */

/* One world after the other goes through the placement rules. Every policy is judged by its log in
 * every world; the laws that compare runs, and its other settings, in a share of them. */
static void judge_world(const struct variants *variants, const struct world *world, uint64_t number,
                        gsl_rng *random)
{
    size_t rules = 0;
    while (place_rules[rules] != NULL) {
        rules++;
    }
    bool in_share = number % FULL_SHARE == 0 || !is_full();
    for (size_t i = 0; i < variants->list.count; i++) {
        const struct variant *variant = &variants->list.items[i];
        for (uint32_t law = 0; law < KIT_LAW_COUNT; law++) {
            struct kit_trial trial = {.variant = variant,
                                      .world = world,
                                      .random = random,
                                      .place = place_rules[number % rules]->name,
                                      .is_calm = true};
            if (in_share || (law == 0 && variant->is_default)) {
                assert_keeps(&KIT_LAWS[law], &trial);
            }
        }
    }
}

static void judge_small(uint32_t nodes)
{
    struct variants variants;
    variants_init(&variants);
    gsl_rng *random = rng_new(2, "laws", nodes);
    uint64_t step = is_full() ? 1 : CHECK_SHARE;
    for (uint32_t gpus_a_node = 1; gpus_a_node <= 4; gpus_a_node++) {
        for (uint32_t count = 1; count <= 4; count++) {
            struct world world = {.nodes = nodes, .gpus_a_node = gpus_a_node};
            for (uint64_t number = 0; world_count_out_on(&world, count, number); number += step) {
                judge_world(&variants, &world, number, random);
            }
        }
    }
    gsl_rng_free(random);
    variants_release(&variants);
}

Test(laws, hold_in_small_worlds_of_one_node)
{
    judge_small(1);
}

Test(laws, hold_in_small_worlds_of_two_nodes)
{
    judge_small(2);
}

Test(laws, hold_in_small_worlds_of_three_nodes)
{
    judge_small(3);
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
        assert_law(replay_run(&replay), "the run is accepted", &replay, world);
        for (uint32_t i = 0; i < world->count; i++) {
            const struct replay_job *job = &replay.jobs.items[i];
            bool same = job->first_start_us == slow.start_s[i] * SECOND_US &&
                        job->end_us == slow.end_s[i] * SECOND_US;
            assert_law(same, "the slow policy does the same", &replay, world);
            bool kept = slow.promise_s[i] == UINT32_MAX ||
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
