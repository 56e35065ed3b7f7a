/*
 * fuzz_engine.c - bytes become a small world, which runs twice with the audit on: the second time
 * it is also asked why jobs wait. Every job is in one place at any time, nobody holds more than
 * there is, time does not go back, none is lost, and both runs decide the same.
 *
 * In a third of the worlds the policy is the rest of the bytes: it starts, stops, moves, resizes
 * and leases whatever they name. What is impossible ends the run with a reason.
 */
#include "fuzz_engine_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* -- the policy of bytes --------------------------------------------------------------------- */

struct tape_params {
    const uint8_t *at;
    size_t left;
};

struct tape_state {
    struct tape tape;
};

static bool tape_init(void *state, const void *params, struct sched_ctx *ctx, struct err *err)
{
    (void)ctx;
    (void)err;
    const struct tape_params *tape = params;
    ((struct tape_state *)state)->tape = (struct tape){tape->at, tape->left};
    return true;
}

static void act_on_running(struct sched_ctx *ctx, uint32_t job, unsigned action, unsigned number)
{
    uint32_t count = 0;
    const struct grant *grants = sched_grants(ctx, job, &count);
    struct sched_job what = sched_job(ctx, job);
    struct sched_spot spot = {.group = number % sched_shape(ctx, job).group_count,
                              .node = count > 0 ? grants[number % count].node : 0};
    switch (action % 9) {
    case 0:
        sched_preempt(ctx, job);
        break;
    case 1:
        (void)sched_resize(ctx, job, what.min_tasks + number % (what.tasks - what.min_tasks + 1));
        break;
    case 2:
        (void)sched_migrate(ctx, job);
        break;
    case 3:
        (void)sched_lease(ctx, job, number * (int64_t)SECOND_US);
        break;
    case 4:
        sched_halt(ctx, job);
        sched_wake_at(ctx, sched_now_us(ctx) + number);
        break;
    case 5:
        (void)sched_grow_at(ctx, job, &spot, 1);
        break;
    case 6:
        sched_shrink_at(ctx, job, &spot, 1);
        break;
    case 7:
        (void)sched_release_ending(ctx, job);
        break;
    default:
        sched_wake_at(ctx, sched_now_us(ctx) + number * (int64_t)SECOND_US);
        break;
    }
}

static void act_on_pending(struct sched_ctx *ctx, uint32_t job, unsigned action, unsigned number)
{
    struct sched_spot spots[3] = {{.group = 0}};
    uint32_t nodes = (uint32_t)sched_cluster(ctx)->nodes.count;
    uint32_t groups = sched_shape(ctx, job).group_count;
    for (uint32_t i = 0; i < 3; i++) {
        spots[i].node = (number / (i + 1)) % (nodes + (number > 250));
        spots[i].group = (i + number) % groups;
        spots[i].part_gpus = number % 5;
    }
    switch (action % 4) {
    case 0:
        (void)sched_start_on(ctx, job, 1 + number % 3);
        break;
    case 1:
        (void)sched_start_at(ctx, job, spots, 1 + number % 3, number);
        break;
    case 2:
        sched_tell_cause(ctx, job, (enum wait_cause)(number % WAIT_CAUSE_COUNT));
        break;
    default:
        (void)(sched_fits(ctx, job) && sched_start(ctx, job));
        break;
    }
}

static void start_all(struct sched_ctx *ctx)
{
    for (uint32_t job = 0; job < sched_job_count(ctx); job++) {
        if (sched_job_state(ctx, job) == SCHED_PENDING) {
            (void)sched_start(ctx, job);
        }
    }
}

/* A few actions a pass; then, and when the bytes are used up, whatever fits is started. */
static void tape_decide(void *state, struct sched_ctx *ctx)
{
    struct tape *tape = &((struct tape_state *)state)->tape;
    for (unsigned left = ask(tape, 6); left > 0; left--) {
        uint32_t job = ask(tape, sched_job_count(ctx));
        unsigned action = ask(tape, 64);
        unsigned number = ask(tape, 256);
        enum sched_state now = sched_job_state(ctx, job);
        if (now == SCHED_RUNNING) {
            act_on_running(ctx, job, action, number);
        } else if (now == SCHED_PENDING) {
            act_on_pending(ctx, job, action, number);
        } else if (action == 63) { /* impossible */
            (void)sched_start(ctx, job);
        }
    }
    if (ask(tape, 4) != 3) {
        start_all(ctx);
    }
}

static const struct sched_ops tape_policy = {
    .name = "tape",
    .help = "what the bytes say",
    .flags = SCHED_PREEMPTS,
    .state_size = sizeof(struct tape_state),
    .params_size = sizeof(struct tape_params),
    .init = tape_init,
    .decide = tape_decide,
};

/* -- who watches ----------------------------------------------------------------------------- */

enum { MOST_RECORDS = 4000 };

enum place { AWAY, PENDING, RUNNING, DONE, REJECTED, PLACES };

struct watcher {
    int64_t now_us;
    int64_t most_milli; /* of the whole cluster */
    int64_t held_milli;
    int64_t held[MOST_JOBS];
    enum place place[MOST_JOBS];
    uint32_t records;
    bool ended;
    volatile sig_atomic_t stop; /* it goes on for too long */
};

static void move(struct watcher *watcher, uint32_t job, enum place from, enum place to,
                 int64_t holds)
{
    CHECK(job < MOST_JOBS && watcher->place[job] == from);
    watcher->place[job] = to;
    watcher->held_milli += holds - watcher->held[job];
    watcher->held[job] = holds;
}

static void see_job(struct watcher *watcher, const struct log_record *record)
{
    uint32_t job = record->job;
    if (record->kind == LOG_SUBMIT) {
        move(watcher, job, AWAY, PENDING, 0);
    } else if (record->kind == LOG_REJECT) {
        move(watcher, job, watcher->place[job] == AWAY ? AWAY : PENDING, REJECTED, 0);
    } else if (record->kind == LOG_START) {
        move(watcher, job, PENDING, RUNNING, record->gpu_milli);
    } else if (record->kind == LOG_FINISH) {
        CHECK(record->gpu_milli == watcher->held[job]);
        move(watcher, job, RUNNING, DONE, 0);
    } else if (record->kind == LOG_PREEMPT || record->kind == LOG_INTERRUPT) {
        CHECK(record->gpu_milli == watcher->held[job]);
        move(watcher, job, RUNNING, PENDING, 0);
    } else if (record->kind == LOG_RESIZE || record->kind == LOG_MIGRATE) {
        CHECK(record->gpu_milli_before == watcher->held[job]);
        move(watcher, job, RUNNING, RUNNING, record->gpu_milli);
    }
}

/* Between two instants nobody holds more than there is. In one, a job that ends at it may have
 * given back its GPUs before the log says so (sched_release_ending). */
static void see(void *self, const struct log_record *record)
{
    struct watcher *watcher = self;
    CHECK(record->time_us >= watcher->now_us && !watcher->ended);
    CHECK(record->time_us == watcher->now_us ||
          (watcher->held_milli >= 0 && watcher->held_milli <= watcher->most_milli));
    watcher->now_us = record->time_us;
    watcher->ended = record->kind == LOG_END;
    if (record->job != LOG_NO_JOB && record->kind != LOG_CAUSE) {
        see_job(watcher, record);
    }
    watcher->stop = ++watcher->records >= MOST_RECORDS;
}

static bool stop_at_once(void *self, const struct engine_progress *progress)
{
    (void)self;
    CHECK(progress->jobs_ended <= progress->jobs_submitted);
    return false;
}

/* -- runs ------------------------------------------------------------------------------------ */

/* None is lost. */
static void conclude(const struct watcher *watcher, const struct world *world,
                     const struct engine_result *result)
{
    uint32_t count[PLACES] = {0};
    for (size_t i = 0; i < world->workload.jobs.count; i++) {
        count[watcher->place[i]]++;
        CHECK(watcher->place[i] == RUNNING || watcher->held[i] == 0);
    }
    CHECK(watcher->ended && watcher->held_milli <= watcher->most_milli);
    CHECK(count[AWAY] == 0 || result->stopped || result->end_us <= world->settings.horizon_us);
    CHECK(count[AWAY] + count[PENDING] + count[RUNNING] + count[DONE] + count[REJECTED] ==
          world->workload.jobs.count);
}

static bool run(const struct world *world, const struct tape *rest, bool asks_why,
                uint64_t *fingerprint)
{
    struct tape_params tape = {rest->at, rest->left};
    struct watcher watcher = {.most_milli = world->cluster.gpu_milli};
    struct log_sink sink = {&watcher, see};
    struct engine_settings settings = world->settings;
    struct engine_result result = {0};
    struct cluster cluster;
    struct err err = {0};
    bool is_tape = world->policy.ops == NULL;
    settings.causes = asks_why;
    cluster_init_empty_copy(&cluster, &world->cluster);
    struct engine_input input = {.settings = &settings,
                                 .workload = &world->workload,
                                 .cluster = &cluster,
                                 .policy = is_tape ? &tape_policy : world->policy.ops,
                                 .policy_params = is_tape ? &tape : world->policy.params,
                                 .place = world->place.ops,
                                 .place_params = world->place.params,
                                 .sinks = &sink,
                                 .sink_count = 1,
                                 .progress = stop_at_once,
                                 .stop = &watcher.stop};
    bool ok = engine_run(&input, &result, &err);
    if (ok) {
        conclude(&watcher, world, &result);
        cluster_check(&cluster);
    } else {
        CHECK(err.msg[0] != '\0' && (is_tape || err.code != ERR_POLICY));
    }
    *fingerprint = watcher.stop || !ok ? 0 : result.fingerprint;
    cluster_release_all(&cluster);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tape tape = {data, size};
    struct world world;
    struct err err = {0};
    uint64_t first = 0;
    uint64_t second = 0;
    if (!world_make(&tape, &world, &err)) {
        CHECK(err.msg[0] != '\0');
    } else {
        bool ok = run(&world, &tape, false, &first);
        CHECK(run(&world, &tape, true, &second) == ok);
        CHECK(first == second || first == 0 || second == 0);
    }
    world_release(&world);
    return 0;
}
