/* kit.c - laws seen in the log of one run; see kit.h. */
#include "kit.h"

#include <assert.h>

#include <criterion/criterion.h>

#include "watch.h"

const struct kit_law KIT_LAWS[] = {
    {"schedule", SCHED_LAW_NONE, kit_schedule},
    {"queue limits", SCHED_LAW_QUEUE_LIMITS, kit_queue_limits},
    {"names", SCHED_LAW_NONE, kit_names},
    {"idle time ahead", SCHED_LAW_NONE, kit_idle_time},
    {"time scale", SCHED_LAW_TIME_SCALE, kit_time_scale},
    {"spare nodes", SCHED_LAW_SPARE_NODES, kit_spare_nodes},
    {"head first", SCHED_LAW_HEAD_FIRST, kit_head_first},
    {"no delay", SCHED_LAW_NO_DELAY, kit_no_delay},
};

static_assert(sizeof(KIT_LAWS) / sizeof(*KIT_LAWS) == KIT_LAW_COUNT, "the header counts them");

bool kit_judges(const struct kit_law *law, const struct variant *variant)
{
    return law->law == SCHED_LAW_NONE || variant_promises(variant, law->law);
}

static const struct place_ops *draw_place(gsl_rng *random)
{
    uint32_t count = 0;
    while (place_rules[count] != NULL) {
        count++;
    }
    return place_rules[gsl_rng_uniform_int(random, count)];
}

void kit_prepare(struct kit_trial *trial, const struct world *world, struct replay *replay)
{
    world_replay(world, replay);
    replay->policy = trial->variant->spec;
    replay->ops = trial->variant->policy;
    if ((trial->variant->policy->flags & SCHED_QUOTAS) != 0) {
        /* A scheduler that moves jobs to make room can do so in circles, for ever where a restart
         * costs as much work as is done between two cycles; such a run fails instead of lasting. */
        const struct world_job *last = &world->jobs[world->count - 1];
        int64_t horizon_s = last->submit_s;
        for (uint32_t i = 0; i < world->count; i++) {
            horizon_s += 2 * (int64_t)world->jobs[i].duration_s + 20;
        }
        replay->settings.horizon_us = horizon_s * SECOND_US;
    }
}

bool kit_check(struct kit_trial *trial, bool holds, const char *law, const struct replay *replay,
               const struct world *world)
{
    if (!holds && trial->complaint.length == 0) {
        text_addf(&trial->complaint, "%s: not so: %s\n", replay->policy, law);
        world_describe(&trial->complaint, world);
        text_addf(&trial->complaint, "\npass %d tie %d estimates %d place %s\n",
                  replay->settings.pass, replay->settings.tie, replay->settings.estimates,
                  replay->place);
        replay_add_schedule(&trial->complaint, replay);
    }
    return holds;
}

/* Every setting that does not change what the world is. */
static void draw_settings(const struct kit_trial *trial, struct replay *replay)
{
    gsl_rng *random = trial->random;
    struct engine_settings *settings = &replay->settings;
    settings->pass = (enum pass_mode)gsl_rng_uniform_int(random, 3);
    settings->pass_period_us = (int64_t)(1 + gsl_rng_uniform_int(random, 4)) * SECOND_US;
    settings->tie = (enum tie_order)gsl_rng_uniform_int(random, 2);
    settings->estimates = (enum estimates)gsl_rng_uniform_int(random, 4);
    settings->noise_sigma = 1.0;
    if ((trial->variant->policy->flags & SCHED_QUOTAS) == 0) {
        settings->checkpoint_us = (int64_t)gsl_rng_uniform_int(random, 3) * SECOND_US;
        settings->restore_us = (int64_t)gsl_rng_uniform_int(random, 2) * SECOND_US;
        settings->start_us = (int64_t)gsl_rng_uniform_int(random, 2) * SECOND_US;
    }
}

bool kit_is_circle(const struct kit_trial *trial, const struct replay *replay)
{
    enum { MANY_STOPS = 100 };
    bool many = false;
    for (size_t i = 0; i < replay->jobs.count; i++) {
        many = many || replay->jobs.items[i].preemptions > MANY_STOPS;
    }
    return many && (trial->variant->policy->flags & SCHED_QUOTAS) != 0;
}

/* Nothing is lost: everybody who was submitted is rejected, has finished, or (where the policy
 * starts nothing, or keeps to limits) waits. */
static bool is_complete(struct kit_trial *trial, const struct replay *replay,
                        const struct watch *watch)
{
    const struct world *world = watch->world;
    unsigned flags = trial->variant->policy->flags;
    bool idle = (flags & SCHED_STARTS_NOTHING) != 0;
    uint32_t waiting = watch->submitted - watch->rejected - watch->finished;
    uint32_t may_wait = 0;
    for (uint32_t i = 0; i < world->count && (flags & SCHED_QUOTAS) != 0; i++) {
        may_wait += world->jobs[i].preemptible && !world->has_queues ? 0 : 1;
    }
    return kit_check(trial, watch->submitted == world->count, "all are submitted", replay, world) &&
           kit_check(trial,
                     idle ? watch->finished == 0
                          : waiting <= may_wait || kit_is_circle(trial, replay),
                     "all finish", replay, world);
}

/* Exactly its work after the latency of a start, unless it is elastic or can be stopped, for then
 * its policy may also let it wait between leases. */
static bool takes_its_time(struct kit_trial *trial, const struct replay *replay,
                           const struct world *world)
{
    bool ok = true;
    bool may_stop = (trial->variant->policy->flags & SCHED_PREEMPTS) != 0;
    for (uint32_t i = 0; i < world->count && ok; i++) {
        const struct replay_job *job = &replay->jobs.items[i];
        if (job->end_us == REPLAY_NEVER) {
            continue;
        }
        int64_t ran_us = job->end_us - job->first_start_us;
        int64_t work_us = world->jobs[i].duration_s * SECOND_US + replay->settings.start_us;
        bool stretched = may_stop || world->jobs[i].min_tasks > 0;
        ok = kit_check(trial, job->first_start_us >= job->submit_us, "starts follow submits",
                       replay, world) &&
             kit_check(trial, stretched ? ran_us >= work_us : ran_us == work_us,
                       "work takes its time", replay, world);
    }
    return ok;
}

/* What is judged record by record: laws about amounts only where nothing but amounts counts. */
static void choose_laws(const struct kit_trial *trial, const struct replay *replay,
                        struct watch *watch)
{
    static const struct {
        enum sched_law law;
        bool by_amount;
        bool needs_plain; /* whole GPUs of free shape, preemptible */
    } SEEN[] = {
        {SCHED_LAW_SUBMIT_ORDER, false, false}, {SCHED_LAW_NO_IDLE, true, false},
        {SCHED_LAW_FAIR_TURNS, true, true},     {SCHED_LAW_LEVELS, true, true},
        {SCHED_LAW_QUEUE_LIMITS, false, false},
    };
    bool amounts = strcmp(replay->place, "count") == 0 && replay->settings.pass != PASS_PERIOD;
    bool plain = world_is_plain(watch->world);
    for (size_t i = 0; i < sizeof(SEEN) / sizeof(*SEEN); i++) {
        bool judged = (amounts || !SEEN[i].by_amount) && (plain || !SEEN[i].needs_plain) &&
                      (SEEN[i].law != SCHED_LAW_QUEUE_LIMITS || watch->world->has_queues) &&
                      variant_promises(trial->variant, SEEN[i].law);
        watch->laws |= judged ? 1U << SEEN[i].law : 0;
    }
}

/* Small limits for policies with levels: their own are hours. */
static char *spec_of(const struct kit_trial *trial, struct watch *watch)
{
    struct text spec = {0};
    text_add(&spec, trial->variant->spec);
    if (variant_promises(trial->variant, SCHED_LAW_LEVELS)) {
        watch->limit_count = 2;
        watch->limits_s[0] = 3;
        watch->limits_s[1] = 8;
        text_addf(&spec, "%climits=3/8", strchr(spec.bytes, ':') == NULL ? ':' : ',');
    }
    char *copy = mem_copy_text(spec.bytes, spec.length);
    text_release(&spec);
    return copy;
}

bool kit_schedule(struct kit_trial *trial)
{
    const struct world *world = trial->world;
    struct replay replay;
    kit_prepare(trial, world, &replay);
    struct watch watch;
    watch_init(&watch, world);
    char *spec = spec_of(trial, &watch);
    replay.policy = spec;
    if (!trial->is_calm) {
        draw_settings(trial, &replay);
    }
    replay.place = trial->place != NULL ? trial->place : draw_place(trial->random)->name;
    replay.settings.audit = true;
    replay.extra = watch_sink(&watch);
    choose_laws(trial, &replay, &watch);
    bool ok = replay_run(&replay);
    ok = kit_check(trial, ok, replay.err.msg, &replay, world) &&
         kit_check(trial, watch.broken == NULL, watch.broken, &replay, world) &&
         is_complete(trial, &replay, &watch) && takes_its_time(trial, &replay, world);
    replay_release(&replay);
    free(spec);
    return ok;
}

/* The world with limits for the queues of its cluster. */
bool kit_queue_limits(struct kit_trial *trial)
{
    const struct world *world = trial->world;
    struct world limited = *world;
    limited.has_queues = true;
    for (uint32_t i = 0; i < WORLD_TENANTS; i++) {
        uint32_t most = world->nodes * world->gpus_a_node;
        limited.limits[i] = (uint32_t)gsl_rng_uniform_int(trial->random, most + 1);
    }
    trial->world = &limited;
    bool ok = kit_schedule(trial);
    trial->world = world;
    return ok;
}
